//! What the LMS keeps for tools whose browsers refuse cookies: a script of its pages that answers their messages.
//!
//! Spec: LTI Client Side postMessages 0.1; LTI OIDC Login with LTI Client Side postMessages 0.1; LTI postMessage Storage 0.1.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::Lms;
use super::behaviour::Switches;
use super::service::query;
use super::tools::Tool;
use crate::demo::pages::asset;

/// Quirk: Canvas answers from a frame of this name.
const CANVAS_FRAME: &str = "post_message_forwarding";
const PARENT: &str = "_parent";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/platform-storage", web::get().to(frame_page))
        .route("/assets/platform_storage.js", web::get().to(script));
}

/// Returns the frame that tools should ask; `None` if the LMS stores nothing for them.
pub(super) fn frame(switches: &Switches) -> Option<&'static str> {
    let name = if switches.family == "canvas" { CANVAS_FRAME } else { PARENT };
    switches.platform_storage.then_some(name)
}

impl Lms {
    /// Returns what the activity's page needs to answer tools; null if the LMS stores nothing for them.
    pub(super) fn storage_values(&self, tool: &Tool) -> Value {
        let Some(frame) = frame(&self.0.behaviour.get()) else { return Value::Null };
        json!({"tool": tool.origin, "client": tool.client_id, "frame": frame, "forwards": frame != PARENT})
    }
}

async fn frame_page(lms: Data<Lms>, request: HttpRequest) -> HttpResponse {
    let tool = query(&request, "tool").and_then(|client_id| lms.tool(&client_id));
    let Some(tool) = tool else { return lms.not_there("such tool") };
    let values = json!({"tool": tool.origin});
    lms.page(StatusCode::OK, "demo/platform_storage.html", &values)
}

async fn script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../../assets/demo/platform_storage.js"))
}
