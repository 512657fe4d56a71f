//! The pages that refusals become.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;
use tracing_actix_web::RequestId;

use super::failure::Refusal;
use super::pages::{Framing, Pages};
use super::refusal_code::RefusalCode;
use crate::i18n::{Args, Locale};

#[derive(Serialize)]
struct RefusedPage {
    code: RefusalCode,
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
            None => pages.locale_of(&request),
        };
        page(&pages, &refusal, reference, way_back, &locale)
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
    reference: String,
    way_back: Option<String>,
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
        HttpResponse::build(refusal.status)
            .content_type("text/plain; charset=utf-8")
            .body(refusal.code.code())
    })
}
