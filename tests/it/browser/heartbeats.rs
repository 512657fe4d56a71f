//! The Worker that says that somebody is in class, in a real browser: what fails is told later.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, ServiceConfig};
use serde_json::Value;

use super::visitor::{Cookies, Visitor};
use crate::support::Site;

/// What a service answers one after the other, and what it heard.
type Service = Arc<Mutex<(VecDeque<u16>, Vec<Value>)>>;

async fn hear(service: Data<Service>, heard: web::Json<Value>) -> HttpResponse {
    let mut service = service.lock().unwrap();
    service.1.push(heard.into_inner());
    let status = service.0.pop_front().unwrap_or(401);
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
}

async fn worker() -> HttpResponse {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/js/presence_worker.js");
    HttpResponse::Ok().content_type("text/javascript").body(std::fs::read_to_string(path).unwrap())
}

async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>Class</title>")
}

#[tokio::test]
async fn a_heartbeat_that_fails_or_is_only_kept_is_told_again_until_it_is_stored() {
    let answers = [204, 503, 502, 202, 202, 204, 204, 401];
    let service: Service = Arc::new(Mutex::new((answers.into(), Vec::new())));
    let state = Arc::clone(&service);
    let routes = move |config: &mut ServiceConfig| {
        config.app_data(Data::new(state.clone()));
        config.route("/", web::get().to(page));
        config.route("/worker.js", web::get().to(worker));
        config.route("/beat", web::post().to(hear));
    };
    let site = Site::serve(Site::place().0, routes);
    let visitor = Visitor::new(Cookies::Allowed, 700).await;
    visitor.open(&site.origin).await;
    visitor
        .script(
            "window.messages = [];
             const worker = new Worker('/worker.js');
             worker.onmessage = ({ data }) => window.messages.push(data);
             worker.postMessage({ url: new URL('/beat', location.origin).href, token: 'p', seconds: 0.3, tellsMissed: true });",
        )
        .await;
    let messages = visitor
        .until("the service refuses at last", async |visitor| {
            let messages = visitor.script("return window.messages").await;
            messages.as_array().unwrap().contains(&"refused".into()).then_some(messages)
        })
        .await;
    let heard = service.lock().unwrap().1.clone();
    let missed: Vec<usize> = heard.iter().map(|one| one["missed"].as_array().unwrap().len()).collect();
    assert_eq!(missed, [0, 0, 1, 2, 3, 4, 0, 0]);
    let ages: Vec<u64> =
        heard[5]["missed"].as_array().unwrap().iter().map(|age| age.as_u64().unwrap()).collect();
    assert!(ages.is_sorted_by(|earlier, later| earlier > later) && ages[3] >= 200, "{ages:?}");
    assert!(heard.iter().all(|one| one["event"] == "beat" && one["presence_token"] == "p"));
    let counted = messages.as_array().unwrap().iter().filter(|one| **one == "counted").count();
    assert_eq!(counted, 5, "kept in memory is counted too: {messages}");
    // The page knows what a last word would have to tell.
    let told = messages.as_array().unwrap().iter().filter_map(|one| one["missed"].as_array()).map(Vec::len);
    assert_eq!(told.max(), Some(5), "{messages}");
}

/// A service that takes the heartbeat and never answers.
async fn hold() -> HttpResponse {
    std::future::pending().await
}

#[tokio::test]
async fn a_service_that_stands_still_is_noticed_before_the_next_heartbeat() {
    let routes = |config: &mut ServiceConfig| {
        config.route("/", web::get().to(page));
        config.route("/worker.js", web::get().to(worker));
        config.route("/beat", web::post().to(hold));
    };
    let site = Site::serve(Site::place().0, routes);
    let visitor = Visitor::new(Cookies::Allowed, 700).await;
    visitor.open(&site.origin).await;
    visitor
        .script(
            "window.messages = [];
             const worker = new Worker('/worker.js');
             worker.onmessage = ({ data }) => { if (typeof data === 'string') window.messages.push(data); };
             worker.postMessage({ url: new URL('/beat', location.origin).href, token: 'p', seconds: 30 });",
        )
        .await;
    let messages = visitor
        .until("word of a service that stands still, before the next heartbeat is due", async |visitor| {
            visitor.script("return window.messages[0] ?? null").await.as_str().map(str::to_owned)
        })
        .await;
    assert_eq!(messages, "unreachable");
}
