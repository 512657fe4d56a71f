//! Meeting pages that visitors have open. Their heartbeats come by here on the way to the tool, so that a simulated class
//! can send them as often as its clock skips: a page itself sends one in 30 real seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpResponse};
use futures::future::join_all;
use futures::stream;
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde::Deserialize;
use serde_json::json;

use crate::clock::{Clock, Timestamp};

/// Marks the demo's own requests: simulated students follow a script.
pub(super) const SIMULATED: &str = "x-demo-simulated";

/// A page that sends nothing for this long is gone. Real time, because pages go by no other.
const SILENCE: Duration = Duration::from_secs(90);
/// The tool accepts one heartbeat of a page in this time.
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Statuses after which a page sends no more heartbeats.
const REFUSALS: [u16; 3] = [401, 403, 409];

/// The open meeting pages. Clones share everything.
#[derive(Clone)]
pub struct OpenPages(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    /// By the presence token of each.
    pages: Mutex<HashMap<String, OpenPage>>,
}

struct OpenPage {
    /// Where it sends its heartbeats.
    path: String,
    heard: Instant,
    /// When a heartbeat was last sent in its place.
    sent: Option<Timestamp>,
}

/// What a page sends.
#[derive(Deserialize)]
struct PresenceBody {
    #[serde(alias = "pass")]
    presence_token: String,
    event: String,
}

/// Sends a page's heartbeat (`beat`), or its `leave`.
pub(super) async fn send_presence(
    http: &reqwest::Client,
    origin: &str,
    path: &str,
    token: &str,
    event: &str,
) -> reqwest::Result<reqwest::Response> {
    let body = json!({"presence_token": token, "event": event}).to_string();
    let request = http.post(format!("{origin}{path}")).header(CONTENT_TYPE, "application/json").body(body);
    request.header("sec-fetch-site", "same-origin").header(ORIGIN, origin).send().await
}

impl OpenPages {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, pages: Mutex::default() }))
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<String, OpenPage>> {
        self.0.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a heartbeat in the place of every open page.
    pub(super) async fn send_heartbeats(&self, http: &reqwest::Client, origin: &str) {
        let open: Vec<(String, String)> = {
            let mut pages = self.pages();
            pages.retain(|_, page| page.heard.elapsed() < SILENCE);
            pages.iter().map(|(token, page)| (token.clone(), page.path.clone())).collect()
        };
        join_all(open.into_iter().map(|(token, path)| async move {
            match send_presence(http, origin, &path, &token, "beat").await {
                Ok(response) => self.note_sent(&token, response.status().as_u16()),
                Err(error) => tracing::warn!(%error, "an open page's heartbeat could not be sent"),
            }
        }))
        .await;
    }

    fn note_sent(&self, token: &str, status: u16) {
        let mut pages = self.pages();
        if REFUSALS.contains(&status) {
            pages.remove(token);
        } else if let Some(page) = pages.get_mut(token) {
            page.sent = Some(self.0.clock.now());
        }
    }

    /// Returns whether a heartbeat was sent in the page's place just now: the tool would refuse another one as too early.
    fn was_just_sent(&self, token: &str) -> bool {
        let now = self.0.clock.now();
        let mut pages = self.pages();
        let Some(page) = pages.get_mut(token) else { return false };
        page.heard = Instant::now();
        page.sent.is_some_and(|sent| now.since(sent) < MIN_PAUSE)
    }

    fn note_heard(&self, path: String, body: PresenceBody, status: u16) {
        let mut pages = self.pages();
        if body.event != "beat" || REFUSALS.contains(&status) {
            pages.remove(&body.presence_token);
        } else if let Some(page) = pages.get_mut(&body.presence_token) {
            page.heard = Instant::now();
        } else {
            pages.insert(body.presence_token, OpenPage { path, heard: Instant::now(), sent: None });
        }
    }
}

/// Remembers which pages send heartbeats, before the tool sees them.
pub async fn watch_pages(
    pages: Data<OpenPages>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let is_presence = request.method() == Method::POST && request.path().ends_with("/presence");
    if !is_presence || request.headers().contains_key(SIMULATED) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let bytes = request.extract::<Bytes>().await?;
    request.set_payload(payload(bytes.clone()));
    let Ok(body) = serde_json::from_slice::<PresenceBody>(&bytes) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    if body.event == "beat" && pages.was_just_sent(&body.presence_token) {
        return Ok(request.into_response(HttpResponse::NoContent().finish()).map_into_right_body());
    }
    let path = request.path().to_owned();
    let response = next.call(request).await?;
    pages.note_heard(path, body, response.status().as_u16());
    Ok(response.map_into_left_body())
}

/// Returns a body that was read, to be read again.
fn payload(bytes: Bytes) -> Payload {
    Payload::Stream { payload: Box::pin(stream::iter([Ok(bytes)])) }
}
