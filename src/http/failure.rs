//! What a request answers when it cannot succeed: a code, and a page that says what to do.

use std::fmt;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::json;
use tracing_actix_web::RequestId;

use super::pages::{Framing, Pages};
use crate::db::DbError;
use crate::ephemeral::EphemeralError;
use crate::i18n::{Args, Locale};

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub enum Failure {
    /// The visitor's doing, or a state of things that they can understand.
    Refused(Refusal),
    /// Ours: the log has the cause, the visitor a reference to it.
    Internal(anyhow::Error),
}

/// A refusal in the words of its code.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// The code that page and log share; its texts are `error-CODE-title`, `-meaning` and `-action`.
    pub code: &'static str,
    /// The cause in the log's words.
    pub detail: Option<String>,
    /// What an administrator needs to see on the page, as message keys and values.
    pub facts: Vec<(&'static str, String)>,
    /// Where the visitor may go on, as message keys and addresses of ours.
    pub links: Vec<(&'static str, &'static str)>,
    /// The visitor's language, where the launch told it.
    pub locale: Option<String>,
}

impl Failure {
    /// A refusal with `status` and `code`.
    pub fn refused(status: StatusCode, code: &'static str) -> Self {
        Self::Refused(Refusal {
            status,
            code,
            detail: None,
            facts: Vec::new(),
            links: Vec::new(),
            locale: None,
        })
    }

    /// The same with the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        if let Self::Refused(refusal) = &mut self {
            // Strangers write parts of it, and every refusal stands in the server's log.
            refusal.detail = Some(cut(&cause.to_string()));
        }
        self
    }

    /// The same with a fact for the page: a message key and a value.
    #[must_use]
    pub fn with_fact(mut self, label: &'static str, value: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            // A hostile value must not fill the page.
            refusal.facts.push((label, cut(&value.into())));
        }
        self
    }

    /// The same with a way on: a message key and an address of ours.
    #[must_use]
    pub fn with_link(mut self, label: &'static str, address: &'static str) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.links.push((label, address));
        }
        self
    }

    /// The same in the visitor's language.
    #[must_use]
    pub fn in_locale(mut self, locale: Option<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.locale = locale;
        }
        self
    }

    /// The cause in the log's words.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.detail.clone(),
            Self::Internal(error) => Some(error.to_string()),
        }
    }

    /// The code that page and log share.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::Internal(_) => "internal",
        }
    }
}

/// As much of a stranger's text as a page or a line of the log has room for.
fn cut(text: &str) -> String {
    text.chars().take(300).collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => {
                write!(out, "{}: {}", refusal.code, refusal.detail.as_deref().unwrap_or("refused"))
            }
            Self::Internal(error) => write!(out, "internal: {error:#}"),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Leaves a note for [`render_failures`], which knows the request and so the visitor's language.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let note = match self {
            Self::Refused(refusal) => {
                tracing::info!(code = refusal.code, detail = refusal.detail.as_deref(), "refused");
                refusal.clone()
            }
            Self::Internal(error) => {
                tracing::error!(code = "internal", error = format!("{error:#}"), "failed");
                Refusal {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    code: "internal",
                    detail: None,
                    facts: Vec::new(),
                    links: Vec::new(),
                    locale: None,
                }
            }
        };
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(note);
        response
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Interrupted => unavailable().because(error),
            DbError::Query(_) | DbError::Inconsistent { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<EphemeralError> for Failure {
    fn from(error: EphemeralError) -> Self {
        unavailable().because(error)
    }
}

fn unavailable() -> Failure {
    Failure::refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
}

#[derive(Serialize)]
struct RefusedPage {
    code: &'static str,
    title: String,
    meaning: String,
    action: String,
    facts: Vec<Fact>,
    links: Vec<Link>,
    reference: String,
}

#[derive(Serialize)]
struct Fact {
    label: String,
    value: String,
}

#[derive(Serialize)]
struct Link {
    href: String,
    label: String,
}

/// Where the person of a request came from.
struct WayBack(String);

/// Notes the way back to the course of the person who sends this request, for the page that a refusal becomes.
///
/// Trust: an address of the person's own launch, or of the session that it began.
pub fn note_way_back(request: &HttpRequest, way_back: Option<&str>) {
    if let Some(way_back) = way_back {
        request.extensions_mut().insert(WayBack(way_back.to_owned()));
    }
}

/// Turns the notes of refused requests into pages, or JSON for scripts.
pub async fn render_failures<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let pages = request.app_data::<Data<Pages>>().cloned();
    let reference = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let response = next.call(request).await?.map_into_boxed_body();
    let note = response.response().extensions().get::<Refusal>().cloned();
    let (Some(refusal), Some(pages)) = (note, pages) else { return Ok(response) };
    let (request, _) = response.into_parts();
    let way_back = request.extensions().get::<WayBack>().map(|WayBack(url)| url.clone());
    let wants_json =
        header(&request, ACCEPT.as_str()).is_some_and(|accept| accept.starts_with("application/json"));
    let mut answer = if wants_json {
        let body = json!({ "code": refusal.code, "reference": reference });
        HttpResponse::build(refusal.status)
            .insert_header((CONTENT_TYPE, "application/json"))
            .body(body.to_string())
    } else {
        let locale = match &refusal.locale {
            Some(locale) => pages.texts().locale(locale),
            None => pages.texts().negotiate(header(&request, "accept-language").unwrap_or_default()),
        };
        page(&pages, &refusal, (reference, way_back), &locale)
    };
    if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if refusal.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // Spec: RFC 9110 §15.5.16: what would have been accepted.
        answer.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    Ok(ServiceResponse::new(request, answer))
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn page(
    pages: &Pages,
    refusal: &Refusal,
    (reference, way_back): (String, Option<String>),
    locale: &Locale,
) -> HttpResponse {
    let text =
        |part: &str| pages.texts().get(locale, &format!("error-{}-{part}", refusal.code), &Args::new());
    let fact = |(label, value): &(&str, String)| Fact {
        label: pages.texts().get(locale, label, &Args::new()),
        value: value.clone(),
    };
    let link = |(label, address): &(&str, &str)| Link {
        label: pages.texts().get(locale, label, &Args::new()),
        href: (*address).to_owned(),
    };
    let page = RefusedPage {
        code: refusal.code,
        title: text("title"),
        meaning: text("meaning"),
        action: text("action"),
        facts: refusal.facts.iter().map(fact).collect(),
        links: refusal.links.iter().map(link).collect(),
        reference,
    };
    // Pages without actions may be framed by all: a refusal must be seen inside every LMS.
    let framing = Framing::anywhere().leading_back(way_back);
    pages.respond(refusal.status, "errors/refused.html", &page, locale, &framing).unwrap_or_else(|error| {
        tracing::error!(%error, "the error page cannot be rendered");
        HttpResponse::build(refusal.status).content_type("text/plain; charset=utf-8").body(refusal.code)
    })
}
