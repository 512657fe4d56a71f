//! `POST /lti/notices`: what platforms tell outside of launches.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::json;

use super::store::take_copy;
use crate::entry::web::verification;
use crate::http::failure::Failure;
use crate::http::refusal_code::RefusalCode;
use crate::lti::error::LaunchError;
use crate::lti::notice::{Notice, NoticeError};
use crate::state::AppState;

const MAX_NOTICES: usize = 100;

/// A delivery of notices.
#[derive(Deserialize)]
pub struct Delivery {
    notices: Vec<Signed>,
}

#[derive(Deserialize)]
struct Signed {
    jwt: String,
}

/// `POST /lti/notices`: a platform tells that courses were copied. For everybody: each notice is signed.
///
/// Spec: Platform Notification Service 1.0 §4.
/// Errors: the first notice that is not right; those before it count.
pub async fn receive(delivery: Json<Delivery>, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let mut received = 0;
    for signed in delivery.notices.iter().take(MAX_NOTICES) {
        if let Notice::ContextCopy(copy) = verification(&app, now).notice(&signed.jwt).await? {
            app.db.write(move |tx| take_copy(tx, &copy)).await?;
        }
        received += 1;
    }
    Ok(HttpResponse::Ok().json(json!({ "received": received })))
}

impl From<NoticeError> for Failure {
    fn from(error: NoticeError) -> Self {
        let cause = error.to_string();
        match error {
            NoticeError::Message(error) => error.into(),
            NoticeError::Claim(error) => LaunchError::from(error).into(),
            NoticeError::PlatformUnknown => {
                Self::refused(StatusCode::FORBIDDEN, RefusalCode::PlatformUnknown).because(cause)
            }
            NoticeError::Used => {
                Self::refused(StatusCode::BAD_REQUEST, RefusalCode::NoticeUsed).because(cause)
            }
            NoticeError::Malformed => {
                Self::refused(StatusCode::BAD_REQUEST, RefusalCode::NoticeMalformed).because(cause)
            }
        }
    }
}
