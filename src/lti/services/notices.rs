//! The service by which platforms are asked for notices (Platform Notification Service 1.0).

use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::access::Access;
use super::client::Services;
use super::failure::ServiceFailure;
use crate::lti::claims::Claims;
use crate::outbound::Request;

/// The scope of asking for notices.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers";
/// The notice that a course is a copy.
pub const CONTEXT_COPY: &str = "LtiContextCopyNotice";
const MAX_RESPONSE: usize = 64 * 1024;
const MAX_URL: usize = 2_000;

/// Where a platform is asked for notices.
///
/// Spec: Platform Notification Service 1.0 §3. Trust: from a verified launch; asked through the guarded client alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeService {
    /// The list of handlers.
    pub handlers: Url,
}

impl NoticeService {
    /// The service that a launch offers; `None` when it does not tell of copied courses.
    pub fn read(claims: &Claims, may_ask: impl Fn(&Url) -> bool) -> Option<Self> {
        let offered = claims.core("platformnotificationservice")?;
        let kinds = offered.get("notice_types_supported")?.as_array()?;
        let text = offered.get("platform_notification_service_url")?.as_str()?;
        let handlers = Url::parse(text).ok().filter(|url| url.as_str().len() <= MAX_URL)?;
        let usable = kinds.iter().any(|kind| kind == CONTEXT_COPY) && may_ask(&handlers);
        usable.then_some(Self { handlers })
    }
}

/// Asks a platform to send its notices of copied courses to `handler`.
///
/// Errors: no answer, no access token, or a refusal.
pub async fn ask_for_notices(
    services: &Services,
    access: &Access,
    handlers: &Url,
    handler: &Url,
) -> Result<(), ServiceFailure> {
    let body = json!({ "notice_type": CONTEXT_COPY, "handler": handler.as_str() });
    let request = Request::put(handlers, "application/json", body.to_string()).accepting("application/json");
    services.call(access, request, MAX_RESPONSE).await.map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::outbound::{NetworkPolicy, check_url};

    #[test]
    fn a_service_that_tells_of_no_copies_is_none() {
        let offer = |kinds: Value, url: &str| {
            let service =
                json!({ "notice_types_supported": kinds, "platform_notification_service_url": url });
            let payload =
                json!({ "https://purl.imsglobal.org/spec/lti/claim/platformnotificationservice": service });
            let claims = Claims::parse(payload.to_string().as_bytes()).unwrap();
            NoticeService::read(&claims, |url| check_url(url, NetworkPolicy::Public).is_ok())
        };
        assert!(offer(json!([7, CONTEXT_COPY]), "https://lms.example/n").is_some());
        assert!(offer(json!(["LtiHelloWorldNotice"]), "https://lms.example/n").is_none());
        assert!(offer(json!(CONTEXT_COPY), "https://lms.example/n").is_none());
        assert!(offer(json!([CONTEXT_COPY]), "http://lms.example/n").is_none());
        assert!(offer(json!([CONTEXT_COPY]), "https://127.0.0.1/n").is_none());
    }
}
