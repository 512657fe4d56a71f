//! Answers that no LMS should give, and that some do: for tests, and for the "Break it" page.

use std::io;
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpResponse};
use futures::stream;
use serde_json::{Value, json};

use super::Lms;
use super::knobs::Behaviour;
use super::service::wait;
use super::wire::{TO_LMS, WireEntry};

/// What an endpoint answers instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 200 with a page.
    Html,
    /// 200 with JSON that breaks off.
    Garbage,
    /// 200 with ten megabytes of spaces.
    TenMegabytes,
    /// The connection closes without an answer.
    Hangup,
    /// No answer for a minute; then the connection closes.
    Never,
    /// 500.
    ServerError,
    /// 429 that asks for two minutes.
    TooManyRequests,
    /// 403, as Canvas slows clients down.
    RateLimited,
    /// An access token that does not say how long it lives; at the token endpoint alone.
    NoExpiry,
    /// An access token that says in text how long it lives; at the token endpoint alone.
    ExpiryAsText,
}

/// Where the trouble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleAt {
    /// The token endpoint.
    Token,
    /// Where scores are posted.
    Scores,
    /// The list of grade columns, and each column.
    LineItems,
    /// What a grade column shows.
    Results,
    /// The roster.
    Roster,
    /// The list of groups.
    Groups,
    /// Where tools ask for notices.
    Notices,
    /// What the LMS says of itself.
    Description,
    /// Where tools register.
    Registration,
}

/// The names in forms, and what to call them.
pub(super) const TROUBLES: [(Trouble, &str, &str); 10] = [
    (Trouble::Html, "html", "A page about maintenance, with status 200"),
    (Trouble::Garbage, "garbage", "JSON that breaks off"),
    (Trouble::TenMegabytes, "ten-megabytes", "Ten megabytes of spaces"),
    (Trouble::Hangup, "hangup", "Nothing: the connection closes"),
    (Trouble::Never, "never", "Nothing: the connection stays open"),
    (Trouble::ServerError, "server-error", "500, an error of its own"),
    (Trouble::TooManyRequests, "too-many-requests", "429, come back in two minutes"),
    (Trouble::RateLimited, "rate-limited", "403, too fast, as Canvas says it"),
    (Trouble::NoExpiry, "no-expiry", "An access token without its lifetime"),
    (Trouble::ExpiryAsText, "expiry-as-text", "An access token with its lifetime as text"),
];

/// The names in forms, and what to call them.
pub(super) const PLACES: [(TroubleAt, &str, &str); 9] = [
    (TroubleAt::Token, "token", "Access tokens"),
    (TroubleAt::Scores, "scores", "Scores"),
    (TroubleAt::LineItems, "line-items", "Grade columns"),
    (TroubleAt::Results, "results", "What the gradebook shows"),
    (TroubleAt::Roster, "roster", "The roster"),
    (TroubleAt::Groups, "groups", "The list of groups"),
    (TroubleAt::Notices, "notices", "Notices"),
    (TroubleAt::Description, "description", "What the LMS tells tools of itself"),
    (TroubleAt::Registration, "registration", "Registrations of tools"),
];

const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const PIECE: usize = 64 * 1024;
const PIECES: usize = 160;

impl Trouble {
    /// The answer; `None` when the right one is spoiled instead.
    async fn answer(self, delay: Duration) -> Option<HttpResponse> {
        if matches!(self, Self::NoExpiry | Self::ExpiryAsText) {
            return None;
        }
        wait(delay).await;
        let mut good = HttpResponse::Ok();
        Some(match self {
            Self::Html => good.content_type("text/html").body("<html>Maintenance</html>"),
            Self::Garbage => good.content_type("application/json").body(r#"{"access_tok"#),
            Self::TenMegabytes => good.content_type("application/json").streaming(spaces()),
            Self::Hangup => hangup(),
            Self::Never => {
                tokio::time::sleep(LONGEST_SILENCE).await;
                hangup()
            }
            Self::ServerError => {
                HttpResponse::InternalServerError().content_type("text/html").body("<html>Error</html>")
            }
            Self::TooManyRequests => {
                HttpResponse::TooManyRequests().insert_header((RETRY_AFTER, "120")).finish()
            }
            Self::RateLimited => HttpResponse::Forbidden()
                .insert_header((HeaderName::from_static("x-rate-limit-remaining"), "0.0"))
                .content_type("text/html")
                .body("403 Forbidden (Rate Limit Exceeded)\n"),
            Self::NoExpiry | Self::ExpiryAsText => return None,
        })
    }
}

fn spaces() -> impl stream::Stream<Item = Result<Bytes, io::Error>> {
    let piece = Bytes::from(vec![b' '; PIECE]);
    stream::iter((0..PIECES).map(move |_| Ok(piece.clone())))
}

/// A body that breaks before its first byte: the server closes the connection and sends nothing of the answer.
fn hangup() -> HttpResponse {
    let broken: Result<Bytes, io::Error> = Err(io::Error::other("a hang-up was asked for"));
    HttpResponse::Ok().streaming(stream::iter([broken]))
}

/// Spoils an access token's lifetime.
pub(super) fn spoil_token(answer: &mut Value, now: &Behaviour) {
    let trouble = now.trouble.filter(|_| now.trouble_at == TroubleAt::Token);
    match (trouble, answer.as_object_mut()) {
        (Some(Trouble::NoExpiry), Some(members)) => {
            members.remove("expires_in");
        }
        (Some(Trouble::ExpiryAsText), Some(members)) => {
            members.insert("expires_in".to_owned(), json!(now.token_seconds.to_string()));
        }
        _ => {}
    }
}

/// Puts the trouble before the token endpoint.
pub(super) async fn at_token(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Token, &lms, request, next).await
}

/// Puts the trouble before the scores.
pub(super) async fn at_scores(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Scores, &lms, request, next).await
}

/// Puts the trouble before the grade columns.
pub(super) async fn at_line_items(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::LineItems, &lms, request, next).await
}

/// Puts the trouble before what columns show.
pub(super) async fn at_results(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Results, &lms, request, next).await
}

/// Puts the trouble before the asking for notices.
pub(super) async fn at_notices(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Notices, &lms, request, next).await
}

/// Puts the trouble before the roster.
pub(super) async fn at_roster(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Roster, &lms, request, next).await
}

/// Puts the trouble before the list of groups.
pub(super) async fn at_groups(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Groups, &lms, request, next).await
}

/// Puts the trouble before what the LMS says of itself.
pub(super) async fn at_description(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Description, &lms, request, next).await
}

/// Puts the trouble before registrations.
pub(super) async fn at_registration(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(TroubleAt::Registration, &lms, request, next).await
}

async fn before<B: MessageBody>(
    at: TroubleAt,
    lms: &Lms,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let now = lms.0.knobs.get();
    let answer = match now.trouble.filter(|_| now.trouble_at == at) {
        Some(trouble) => trouble.answer(now.delay).await,
        None => None,
    };
    let Some(answer) = answer else { return Ok(next.call(request).await?.map_into_left_body()) };
    lms.0.wire.note(WireEntry {
        at: lms.moment(),
        way: TO_LMS,
        title: format!("{} {}", request.method(), request.uri()),
        sentence: "The LMS is in trouble and does not answer as it should.",
        status: Some(answer.status().as_u16()),
        parts: Vec::new(),
    });
    Ok(request.into_response(answer).map_into_right_body())
}
