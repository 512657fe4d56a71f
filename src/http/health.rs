//! Whether the process lives, and whether it can serve: for load balancers and monitors.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::state::AppState;

/// `GET /healthz`: the process lives. For everybody.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: database and short-lived state can be written. For everybody.
pub async fn readyz(app: Data<AppState>) -> HttpResponse {
    let ready = app.readiness.of(&app.db, app.ephemeral.as_ref(), app.clock.as_ref()).await;
    let mut answer = if ready.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(ready)
}
