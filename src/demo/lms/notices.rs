//! Notices of copied courses (Platform Notification Service 1.0), as Canvas sends them.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::{SCOPE_NOTICES, claim};
use super::id_token::IdTokenDraft;
use super::message_log::{LoggedMessage, TO_TOOL};
use super::service::{Call, Reply, ServiceRefusal, ServiceResult};
use super::tools::Tool;
use super::{Lms, fault, lock};
use crate::demo::DemoError;

const COPY: &str = "LtiContextCopyNotice";
const KINDS: [&str; 2] = [COPY, "LtiHelloWorldNotice"];
const TTL_SECS: i64 = 3600;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/notice-handlers/{deployment}")
            .wrap(from_fn(fault::at_notices))
            .route(web::get().to(list))
            .route(web::put().to(put)),
    );
}

impl Lms {
    async fn admit_to_notices(
        &self,
        request: &HttpRequest,
        deployment: &str,
    ) -> Result<Arc<Tool>, ServiceRefusal> {
        self.gate(request).await?;
        let tool = self.bearer(request, &[SCOPE_NOTICES])?;
        let its_own = deployment == tool.deployment_id;
        if its_own { Ok(tool) } else { Err(ServiceRefusal::new(404, "the deployment is not the tool's")) }
    }

    fn store_handler(&self, tool: &Tool, body: &[u8]) -> ServiceResult {
        let bad = |reason: &str| ServiceRefusal::new(400, reason);
        let body: Value = serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))?;
        let kind = body["notice_type"].as_str().filter(|kind| KINDS.contains(kind));
        let kind = kind.ok_or(bad("notice_type is none of this LMS's"))?;
        let handler = body["handler"].as_str().ok_or(bad("handler is missing"))?;
        let origin = url::Url::parse(handler).map(|url| url.origin().ascii_serialization());
        if !handler.is_empty() && origin.as_deref() != Ok(tool.origin.as_str()) {
            return Err(bad("handler must be an address of the tool"));
        }
        lock(&self.0.handlers).insert((tool.client_id.clone(), kind.to_owned()), handler.to_owned());
        Ok(Reply::new(200, "application/json", json!({"notice_type": kind, "handler": handler})))
    }

    /// Returns the first tool's handler for notices of copied courses; `None` if it has none.
    pub fn notice_handler(&self) -> Option<String> {
        self.handler_of(&*self.tool_or_first(None)?, COPY)
    }

    fn handler_of(&self, tool: &Tool, kind: &str) -> Option<String> {
        let key = (tool.client_id.clone(), kind.to_owned());
        lock(&self.0.handlers).get(&key).filter(|handler| !handler.is_empty()).cloned()
    }

    /// Returns a signed notice that a course is a copy, for the first tool.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when there is no such course, or no tool.
    pub fn context_copy_notice(&self, course: &str) -> Result<String, DemoError> {
        let tool = self.tool_or_first(None).ok_or(DemoError::Unknown("tool".to_owned()))?;
        self.copy_notice_for(&tool, course)
    }

    fn copy_notice_for(&self, tool: &Tool, course: &str) -> Result<String, DemoError> {
        let course = lock(&self.0.directory).course(course).cloned();
        let course = course.ok_or(DemoError::Unknown("course of the notice".to_owned()))?;
        let now = self.now();
        let origins: Vec<&String> = course.history.iter().take(1).collect();
        let moment = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
        let payload = json!({
            "iss": self.0.settings.issuer, "aud": tool.client_id, "azp": tool.client_id,
            "iat": now, "exp": now + TTL_SECS, "nonce": self.0.random.secret(),
            claim("version"): "1.3.0", claim("deployment_id"): tool.deployment_id,
            claim("notice"): {
                "id": self.0.random.secret(), "timestamp": moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                "type": COPY,
            },
            claim("context"): {
                "id": course.id, "label": course.label, "title": course.title, "type": course.types,
            },
            claim("origin_contexts"): origins,
        });
        let key = lock(&self.0.keys).current.clone();
        Ok(IdTokenDraft::new(&key, payload).sign(&key)?)
    }

    /// Sends the notice of a copied course to the tools that want it. As in Canvas, nobody tries again.
    pub(super) async fn send_copy_notice(&self, course: &str) {
        for tool in self.tools() {
            let (handler, jwt) = (self.handler_of(&tool, COPY), self.copy_notice_for(&tool, course));
            if let (Some(handler), Ok(jwt)) = (handler, jwt) {
                self.send_notice(&handler, &jwt).await;
            }
        }
    }

    async fn send_notice(&self, handler: &str, jwt: &str) {
        let body = json!({"notices": [{"jwt": jwt}]});
        let client = self.0.tool_keys.client().post(handler);
        let answer = client.json(&body).send().await;
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_TOOL,
            title: format!("Notice (POST {handler})"),
            sentence: "The LMS notifies the tool that a course was copied, and from which one.",
            status,
            parts: vec![("notice".to_owned(), crate::demo::jws::readable(jwt).unwrap_or_default())],
        });
    }
}

async fn list(lms: Data<Lms>, deployment: Path<String>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool reads which notices it gets.");
    let result = async {
        let tool = lms.admit_to_notices(&request, &deployment).await?;
        let listed = KINDS.map(
            |kind| json!({"notice_type": kind, "handler": lms.handler_of(&tool, kind).unwrap_or_default()}),
        );
        let body = json!({
            "client_id": tool.client_id, "deployment_id": tool.deployment_id, "notice_handlers": listed,
        });
        Ok(Reply::new(200, "application/json", body))
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn put(
    lms: Data<Lms>,
    deployment: Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let call = Call::new(&request, &body, "The tool asks for notices.");
    let result = async {
        let tool = lms.admit_to_notices(&request, &deployment).await?;
        lms.carries(&request, "application/json")?;
        lms.store_handler(&tool, &body)
    };
    let result = result.await;
    lms.answer(call, result)
}
