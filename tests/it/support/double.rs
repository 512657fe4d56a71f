//! An HTTP double that answers every GET as told, and counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, ServiceConfig};

use super::Site;

/// What the double answers.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub cache_control: Option<&'static str>,
    pub body: String,
    /// How slow it is.
    pub after: Duration,
}

impl Reply {
    /// JSON, at once.
    pub fn json(body: impl Into<String>) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            cache_control: None,
            body: body.into(),
            after: Duration::ZERO,
        }
    }
}

/// The double.
pub struct Double {
    site: Site,
    reply: Arc<Mutex<Reply>>,
    asked: Arc<AtomicUsize>,
}

impl Double {
    pub fn answering(reply: Reply) -> Self {
        let (reply, asked) = (Arc::new(Mutex::new(reply)), Arc::new(AtomicUsize::new(0)));
        let state = (Arc::clone(&reply), Arc::clone(&asked));
        let routes = move |config: &mut ServiceConfig| {
            config.app_data(Data::new(state.clone())).default_service(web::to(answer));
        };
        Self { site: Site::serve(Site::place().0, routes), reply, asked }
    }

    /// An address of the double.
    pub fn url(&self) -> String {
        format!("{}/keys", self.site.origin)
    }

    /// Answers this from now on.
    pub fn answers(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(state: Data<(Arc<Mutex<Reply>>, Arc<AtomicUsize>)>) -> HttpResponse {
    state.1.fetch_add(1, Ordering::SeqCst);
    let reply = state.0.lock().unwrap().clone();
    tokio::time::sleep(reply.after).await;
    let mut response = HttpResponse::build(StatusCode::from_u16(reply.status).unwrap());
    if let Some(value) = reply.cache_control {
        response.insert_header(("cache-control", value));
    }
    response.content_type(reply.content_type).body(reply.body)
}
