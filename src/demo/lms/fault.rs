//! Faulty responses, as some LMSs send them: for tests, and for the "Break it" page.

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
use super::behaviour::Switches;
use super::message_log::{LoggedMessage, TO_LMS};
use super::service::wait;

/// What an endpoint answers instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
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
    /// An access token without a lifetime; at the token endpoint only.
    NoExpiry,
    /// An access token whose lifetime is text; at the token endpoint only.
    ExpiryAsText,
}

/// Where the fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultAt {
    /// The token endpoint.
    Token,
    /// Where scores are posted.
    Scores,
    /// The list of line items, and each line item.
    LineItems,
    /// The results of a line item.
    Results,
    /// The memberships.
    Memberships,
    /// The list of groups.
    Groups,
    /// Where tools ask for notices.
    Notices,
    /// The OpenID configuration.
    Description,
    /// Where tools register.
    Registration,
}

/// A value to choose from in a form.
pub(super) struct Choice<T> {
    pub(super) value: T,
    pub(super) name: &'static str,
    pub(super) label: &'static str,
}

/// The faults to choose from.
pub(super) const FAULTS: [Choice<Fault>; 10] = [
    Choice { value: Fault::Html, name: "html", label: "A page about maintenance, with status 200" },
    Choice { value: Fault::Garbage, name: "garbage", label: "JSON that breaks off" },
    Choice { value: Fault::TenMegabytes, name: "ten-megabytes", label: "Ten megabytes of spaces" },
    Choice { value: Fault::Hangup, name: "hangup", label: "Nothing: the connection closes" },
    Choice { value: Fault::Never, name: "never", label: "Nothing: the connection stays open" },
    Choice { value: Fault::ServerError, name: "server-error", label: "500, an error of its own" },
    Choice {
        value: Fault::TooManyRequests,
        name: "too-many-requests",
        label: "429, come back in two minutes",
    },
    Choice { value: Fault::RateLimited, name: "rate-limited", label: "403, too fast, as Canvas says it" },
    Choice { value: Fault::NoExpiry, name: "no-expiry", label: "An access token without its lifetime" },
    Choice {
        value: Fault::ExpiryAsText,
        name: "expiry-as-text",
        label: "An access token with its lifetime as text",
    },
];

/// The places to choose from.
pub(super) const PLACES: [Choice<FaultAt>; 9] = [
    Choice { value: FaultAt::Token, name: "token", label: "Access tokens" },
    Choice { value: FaultAt::Scores, name: "scores", label: "Scores" },
    Choice { value: FaultAt::LineItems, name: "line-items", label: "Line items" },
    Choice { value: FaultAt::Results, name: "results", label: "Results" },
    Choice { value: FaultAt::Memberships, name: "memberships", label: "Course memberships" },
    Choice { value: FaultAt::Groups, name: "groups", label: "The list of groups" },
    Choice { value: FaultAt::Notices, name: "notices", label: "Notices" },
    Choice { value: FaultAt::Description, name: "description", label: "OpenID configuration" },
    Choice { value: FaultAt::Registration, name: "registration", label: "Registrations of tools" },
];

const HANG_TIME: Duration = Duration::from_secs(60);
const PIECE: usize = 64 * 1024;
const PIECES: usize = 160;

impl Fault {
    /// Returns the faulty response; `None` if the right one is spoiled instead.
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
                tokio::time::sleep(HANG_TIME).await;
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

/// Returns a body that breaks before its first byte: the server closes the connection and sends nothing.
fn hangup() -> HttpResponse {
    let broken: Result<Bytes, io::Error> = Err(io::Error::other("a hang-up was asked for"));
    HttpResponse::Ok().streaming(stream::iter([broken]))
}

/// Spoils an access token's lifetime.
pub(super) fn spoil_token(answer: &mut Value, switches: &Switches) {
    let fault = switches.fault.filter(|_| switches.fault_at == FaultAt::Token);
    match (fault, answer.as_object_mut()) {
        (Some(Fault::NoExpiry), Some(members)) => {
            members.remove("expires_in");
        }
        (Some(Fault::ExpiryAsText), Some(members)) => {
            members.insert("expires_in".to_owned(), json!(switches.token_seconds.to_string()));
        }
        _ => {}
    }
}

/// Puts the fault before the token endpoint.
pub(super) async fn at_token(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Token, &lms, request, next).await
}

/// Puts the fault before the scores.
pub(super) async fn at_scores(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Scores, &lms, request, next).await
}

/// Puts the fault before the line items.
pub(super) async fn at_line_items(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::LineItems, &lms, request, next).await
}

/// Puts the fault before the results.
pub(super) async fn at_results(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Results, &lms, request, next).await
}

/// Puts the fault before the notice handlers.
pub(super) async fn at_notices(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Notices, &lms, request, next).await
}

/// Puts the fault before the memberships.
pub(super) async fn at_memberships(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Memberships, &lms, request, next).await
}

/// Puts the fault before the list of groups.
pub(super) async fn at_groups(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Groups, &lms, request, next).await
}

/// Puts the fault before the OpenID configuration.
pub(super) async fn at_description(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Description, &lms, request, next).await
}

/// Puts the fault before registrations.
pub(super) async fn at_registration(
    lms: Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    before(FaultAt::Registration, &lms, request, next).await
}

async fn before<B: MessageBody>(
    at: FaultAt,
    lms: &Lms,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let switches = lms.0.behaviour.get();
    let answer = match switches.fault.filter(|_| switches.fault_at == at) {
        Some(fault) => fault.answer(switches.delay).await,
        None => None,
    };
    let Some(answer) = answer else { return Ok(next.call(request).await?.map_into_left_body()) };
    lms.0.message_log.note(LoggedMessage {
        at: lms.moment(),
        direction: TO_LMS,
        title: format!("{} {}", request.method(), request.uri()),
        sentence: "The LMS is faulty and does not answer as it should.",
        status: Some(answer.status().as_u16()),
        parts: Vec::new(),
    });
    Ok(request.into_response(answer).map_into_right_body())
}
