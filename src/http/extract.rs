//! What handlers take from a request by naming it among their arguments.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::failure::Failure;
use super::pages::Pages;
use crate::i18n::Locale;

/// What an argument becomes when the request allows it.
pub type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, actix_web::Error>>>>;

/// Returns what all handlers share of this type.
///
/// Errors: an internal one when startup did not put it there.
pub fn shared<T: 'static>(request: &HttpRequest) -> Result<Data<T>, Failure> {
    let found = request.app_data::<Data<T>>().cloned();
    found.ok_or_else(|| Failure::Internal(anyhow::anyhow!("{} is not shared", std::any::type_name::<T>())))
}

/// The language that the browser asks for, as an argument of a handler.
pub struct Lang(pub Locale);

impl FromRequest for Lang {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(shared::<Pages>(request).map(|pages| Self(pages.locale_of(request))))
    }
}
