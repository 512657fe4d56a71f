//! Whether the process lives, and whether it can serve: for load balancers and monitors.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::app::App;

/// `GET /healthz`: the process lives. For everybody.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: database and short-lived state answer. For everybody.
pub async fn readyz(app: Data<App>) -> HttpResponse {
    let (database, ephemeral) = futures::join!(app.db.is_reachable(), app.ephemeral.epoch());
    let ready = database && ephemeral.is_ok();
    let mut answer = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(json!({ "ready": ready, "database": database, "ephemeral": ephemeral.is_ok() }))
}
