//! What all services share: bearer tokens, refusals, responses, the message log.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, HttpDate, LINK, USER_AGENT,
    WWW_AUTHENTICATE,
};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::message_log::{LoggedMessage, TO_LMS};
use super::tools::Tool;
use super::{Lms, ags, groups, lock, notices, nrps, token};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    token::routes(config);
    let services = web::scope("/services").wrap(from_fn(dated));
    config.service(
        services
            .configure(ags::routes)
            .configure(nrps::routes)
            .configure(groups::routes)
            .configure(notices::routes),
    );
}

/// Sets the `Date` of every response to the LMS's own time.
///
/// Spec: RFC 9110 §6.6.1. The server keeps a `Date` that stands there already.
pub(super) async fn dated(
    lms: web::Data<Lms>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answer = next.call(request).await?;
    let shown =
        lms.local_time().millis().saturating_add(lms.0.behaviour.get().date_offset.saturating_mul(1000));
    let millis = u64::try_from(shown).unwrap_or(0);
    let date = HttpDate::from(UNIX_EPOCH + Duration::from_millis(millis)).to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(DATE, date);
    }
    Ok(answer)
}

/// Why a service does not do what it was asked.
#[derive(Debug)]
pub(super) struct ServiceRefusal {
    status: u16,
    reason: String,
    body: Option<Value>,
    phrase: Option<&'static str>,
}

impl ServiceRefusal {
    pub(super) fn new(status: u16, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), body: None, phrase: None }
    }

    /// Gives it a body in the family's own shape.
    pub(super) fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Gives it a reason phrase of its own.
    pub(super) fn with_phrase(mut self, phrase: &'static str) -> Self {
        self.phrase = Some(phrase);
        self
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn body(&self) -> Value {
        self.body.clone().unwrap_or_else(|| json!({"status": self.status, "reason": self.reason}))
    }

    pub(super) fn answer(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        if let Some(phrase) = self.phrase {
            answer.reason(phrase);
        }
        if self.status == 401 {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        answer.json(self.body())
    }
}

/// A good answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    pub(super) body: Option<Value>,
    pub(super) next: Option<String>,
}

impl Reply {
    pub(super) fn new(status: u16, media_type: &'static str, body: Value) -> Self {
        Self { status, media_type, body: Some(body), next: None }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, media_type: "application/json", body: None, next: None }
    }
}

pub(super) type ServiceResult = Result<Reply, ServiceRefusal>;

/// A request to a service, as the message log shows it.
pub(super) struct Call {
    request: String,
    sentence: &'static str,
    body: String,
}

impl Call {
    pub(super) fn new(request: &HttpRequest, body: &[u8], sentence: &'static str) -> Self {
        let text = String::from_utf8_lossy(body);
        let pretty = serde_json::from_str(&text).map(|value: Value| format!("{value:#}"));
        Self {
            request: format!("{} {}", request.method(), request.uri()),
            sentence,
            body: pretty.unwrap_or_else(|_| text.into_owned()),
        }
    }
}

impl Lms {
    /// Waits and refuses as the LMS behaves now.
    pub(super) async fn gate(&self, request: &HttpRequest) -> Result<(), ServiceRefusal> {
        let switches = self.0.behaviour.get();
        wait(switches.delay).await;
        if switches.services_down {
            return Err(ServiceRefusal::new(503, "the LMS is down for maintenance"));
        }
        Dialect::of(&switches.family).check_user_agent(header(request, USER_AGENT))
    }

    /// Returns how the LMS answers scores now.
    pub(super) fn dialect(&self) -> Dialect {
        Dialect::of(&self.0.behaviour.get().family)
    }

    /// Returns the tool whose bearer token the request carries, if it has one of the scopes.
    pub(super) fn bearer(&self, request: &HttpRequest, scopes: &[&str]) -> Result<Arc<Tool>, ServiceRefusal> {
        let dialect = self.dialect();
        let token = bearer_of(request).ok_or_else(|| dialect.bad_token("an access token is missing"))?;
        let now = self.now();
        let granted = lock(&self.0.tokens).grant_of(token, now);
        let granted =
            granted.ok_or_else(|| dialect.bad_token("the access token is unknown or has run out"))?;
        let tool = self.tool(&granted.client_id);
        let tool = tool.ok_or_else(|| dialect.bad_token("the access token's tool is gone"))?;
        let fits = |scope: &String| scopes.contains(&scope.as_str());
        if !granted.scopes.iter().any(fits) {
            return Err(ServiceRefusal::new(
                403,
                format!("the access token lacks the scope {}", scopes.join(" or ")),
            ));
        }
        if self.0.behaviour.get().pedantic && !granted.scopes.iter().all(fits) {
            return Err(ServiceRefusal::new(403, "the access token may more than this needs"));
        }
        Ok(tool)
    }

    /// Checks that the request's body has exactly this media type.
    pub(super) fn carries(&self, request: &HttpRequest, media_type: &str) -> Result<(), ServiceRefusal> {
        self.dialect().check_type(header(request, CONTENT_TYPE), media_type)
    }

    /// Sends the response and logs both.
    pub(super) fn answer(&self, call: Call, result: ServiceResult) -> HttpResponse {
        let (status, shown) = match &result {
            Ok(reply) => (reply.status, reply.body.as_ref().map(|body| format!("{body:#}"))),
            Err(refusal) => (refusal.status, Some(format!("{:#}", refusal.body()))),
        };
        let mut parts = Vec::new();
        if !call.body.is_empty() {
            parts.push(("request".to_owned(), call.body));
        }
        parts.extend(shown.map(|body| ("answer".to_owned(), body)));
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_LMS,
            title: call.request,
            sentence: call.sentence,
            status: Some(status),
            parts,
        });
        match result {
            Ok(reply) => self.write(reply),
            Err(refusal) => refusal.answer(),
        }
    }

    fn write(&self, reply: Reply) -> HttpResponse {
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
        let mut answer = HttpResponse::build(status);
        if let Some(next) = &reply.next {
            answer.insert_header((LINK, link_header(next, self.0.behaviour.get().broken_link_header)));
        }
        match reply.body {
            Some(body) => answer.insert_header((CONTENT_TYPE, reply.media_type)).body(body.to_string()),
            None => answer.finish(),
        }
    }
}

/// Returns a Link header. Quirk: Moodle writes the quotes typographically and the ampersands as in HTML.
fn link_header(next: &str, broken: bool) -> HeaderValue {
    let text = if broken {
        format!("<{}>; rel=“next”", next.replace('&', "&amp;"))
    } else {
        format!("<{next}>; rel=\"next\"")
    };
    HeaderValue::from_bytes(text.as_bytes()).unwrap_or(HeaderValue::from_static(""))
}

/// Waits as a slow LMS does; a healthy one doesn't even touch the timer.
pub(super) async fn wait(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

/// Returns the request's bearer token.
pub(super) fn bearer_of(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = header(request, AUTHORIZATION).split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns a header's text; empty when it is missing.
pub(super) fn header(request: &HttpRequest, name: HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Checks that the request accepts exactly this media type: neither `*/*` nor `application/json` will do.
pub(super) fn accepts(request: &HttpRequest, media_type: &str) -> Result<(), ServiceRefusal> {
    let listed = header(request, ACCEPT).split(',').any(|one| essence(one) == media_type);
    if listed { Ok(()) } else { Err(ServiceRefusal::new(400, format!("Accept must be {media_type}"))) }
}

/// Returns a media type without what follows it.
pub(super) fn essence(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// Returns a parameter of the query.
pub(super) fn query(request: &HttpRequest, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(one, _)| one == name).map(|(_, value)| value.into_owned())
}

/// Returns one page of a list, and the URL of the next one if there is more.
pub(super) fn paged<T>(
    request: &HttpRequest,
    issuer: &str,
    forced: Option<usize>,
    mut list: Vec<T>,
) -> (Vec<T>, Option<String>) {
    let number = |name: &str| query(request, name).and_then(|text| text.parse::<usize>().ok());
    let from = number("from").unwrap_or(0).min(list.len());
    let asked = number("limit").filter(|limit| *limit > 0);
    let Some(limit) = asked.into_iter().chain(forced).min() else { return (list, None) };
    let mut page = list.split_off(from);
    if page.len() <= limit {
        return (page, None);
    }
    page.truncate(limit);
    let mut next = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        if name != "from" && name != "limit" {
            next.append_pair(&name, &value);
        }
    }
    next.append_pair("limit", &limit.to_string()).append_pair("from", &(from + limit).to_string());
    (page, Some(format!("{issuer}{}?{}", request.path(), next.finish())))
}
