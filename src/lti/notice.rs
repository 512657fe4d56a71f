//! Notices: what a platform says outside of any launch (Platform Notification Service 1.0).

use std::time::Duration;

use serde_json::Value;

use super::claims::Claims;
use super::error::LaunchError;
use super::identifier::{ClaimError, Identifier};
use super::jwks::KeyUse;
use super::launch::id_token::{TokenParties, UnverifiedToken};
use super::launch::message::Context;
use super::launch::verify::Verification;
use super::registration::platform::{Deployment, Platform, Status};
use super::services::notices::CONTEXT_COPY;
use super::store;
use crate::ephemeral::EphemeralError;

const MAX_ORIGINS: usize = 50;
/// Longer than any notice is believed.
const REMEMBERED: Duration = Duration::from_secs(30 * 60);

/// Why a notice is refused.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// One of the checks that every signed message passes.
    #[error(transparent)]
    Message(#[from] LaunchError),
    /// An identifier in it is none.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Nobody registered its issuer and audience.
    #[error("no registration for the notice's issuer and audience")]
    PlatformUnknown,
    /// It came before.
    #[error("the notice was delivered before")]
    Used,
    /// It names no course, or no kind.
    #[error("the notice names no kind or no course")]
    Malformed,
}

impl From<EphemeralError> for NoticeError {
    fn from(error: EphemeralError) -> Self {
        Self::Message(error.into())
    }
}

/// What a verified notice says.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A course is a copy of others.
    ContextCopy(Box<ContextCopy>),
    /// Something that this tool did not ask for.
    Other,
}

/// A course that was copied.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextCopy {
    /// The deployment.
    pub deployment: Deployment,
    /// The new course.
    pub context: Context,
    /// The courses that it was copied from, newest first.
    pub origins: Vec<String>,
}

impl Verification<'_> {
    /// Returns what a notice says, once everything in it is proved.
    ///
    /// Spec: Platform Notification Service 1.0 §4 (notices are messages of the platform: Security Framework 1.0 §5.1).
    /// Trust: anybody can post to the address; before the signature is proved, the claims are look-up keys.
    pub async fn notice(&self, jwt: &str) -> Result<Notice, NoticeError> {
        let token = UnverifiedToken::parse(jwt)?;
        let TokenParties { issuer, client_id } = token.parties().ok_or(LaunchError::TokenIssuer)?;
        let platform: Option<Platform> = self
            .db
            .look_up(move |connection| store::find(connection, &issuer, &client_id))
            .await
            .map_err(LaunchError::Db)?;
        let platform = platform.ok_or(NoticeError::PlatformUnknown)?;
        if platform.status != Status::Active {
            return Err(LaunchError::PlatformDisabled.into());
        }
        let key = self.jwks.key(&platform, token.kid(), KeyUse::Notice, self.now).await;
        let key = key.map_err(LaunchError::from)?;
        let nonce = token.nonce().unwrap_or_default().to_owned();
        let claims = token.verify(&platform, &key, &nonce, self.now)?;
        let once = format!("notice:{}:{nonce}", platform.id);
        if nonce.is_empty() || !self.ephemeral.put_once(&once, b"1", REMEMBERED).await? {
            return Err(NoticeError::Used);
        }
        if claims.core_text("version") != Some("1.3.0") {
            return Err(LaunchError::MessageVersion.into());
        }
        let deployment = self.deployment_of(&platform, &claims).await?;
        read(&claims, deployment)
    }

    async fn deployment_of(&self, platform: &Platform, claims: &Claims) -> Result<Deployment, LaunchError> {
        let named = claims.core_identifier("deployment_id")?.ok_or(LaunchError::DeploymentMissing)?;
        let (id, name) = (platform.id, named.clone());
        let found: Option<_> =
            self.db.look_up(move |connection| store::find_for_launch(connection, id, &name)).await?;
        match found.and_then(|(_, deployment)| deployment) {
            Some(deployment) if deployment.status == Status::Active => Ok(deployment),
            Some(deployment) if deployment.status == Status::Disabled => Err(LaunchError::DeploymentDisabled),
            _ => Err(LaunchError::DeploymentUnknown {
                deployment: named,
                issuer: platform.issuer.clone(),
                client_id: platform.client_id.clone(),
            }),
        }
    }
}

fn read(claims: &Claims, deployment: Deployment) -> Result<Notice, NoticeError> {
    let kind = claims.core_member("notice", "type").filter(|kind| !kind.is_empty());
    if kind.ok_or(NoticeError::Malformed)? != CONTEXT_COPY {
        return Ok(Notice::Other);
    }
    let id = claims.identifier_at("context.id")?;
    let listed = match claims.core("origin_contexts") {
        None => &[][..],
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(ClaimError::wrong_type("origin_contexts").into()),
    };
    let origins = Identifier::read_list(listed).map_err(|error| error.of("origin_contexts"))?;
    Ok(Notice::ContextCopy(Box::new(ContextCopy {
        deployment,
        context: Context {
            id: id.ok_or(NoticeError::Malformed)?,
            label: claims.member_text("context", "label"),
            title: claims.member_text("context", "title"),
        },
        origins: origins.into_iter().take(MAX_ORIGINS).map(Identifier::into_text).collect(),
    })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::DeploymentId;

    fn claims(members: &Value) -> Claims {
        let prefix = "https://purl.imsglobal.org/spec/lti/claim/";
        let members = members.as_object().unwrap();
        let claims: serde_json::Map<String, Value> =
            members.iter().map(|(name, value)| (format!("{prefix}{name}"), value.clone())).collect();
        Claims::parse(Value::Object(claims).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_copy_names_its_courses() {
        let deployment = Deployment {
            id: DeploymentId::NONE,
            deployment_id: "1".into(),
            status: Status::Active,
            notice_service: None,
            admits_administrators: false,
        };
        let of = |members: Value| read(&claims(&members), deployment.clone());
        let notice = json!({ "type": CONTEXT_COPY });
        let copy =
            of(json!({ "notice": notice, "context": { "id": 2 }, "origin_contexts": ["1", 7, "", "a\0b"] }));
        let Notice::ContextCopy(copy) = copy.unwrap() else { panic!("no copy") };
        assert_eq!((copy.context.id.as_str(), copy.origins), ("2", vec!["1".to_owned(), "7".to_owned()]));
        assert_eq!(of(json!({ "notice": { "type": "LtiHelloWorldNotice" } })).unwrap(), Notice::Other);
        for (odd, claim) in [
            (json!({ "notice": notice, "context": { "id": true } }), "context.id"),
            (json!({ "notice": notice, "context": "2" }), "context"),
            (
                json!({ "notice": notice, "context": { "id": "2" }, "origin_contexts": [true] }),
                "origin_contexts",
            ),
            (
                json!({ "notice": notice, "context": { "id": "2" }, "origin_contexts": "1" }),
                "origin_contexts",
            ),
        ] {
            let refused = of(odd.clone());
            let named = |name| matches!(&refused, Err(NoticeError::Claim(ClaimError { claim, .. })) if *claim == name);
            assert!(named(claim), "{odd} {refused:?}");
        }
        for odd in
            [json!({}), json!({ "notice": notice }), json!({ "notice": "x", "context": { "id": "2" } })]
        {
            assert!(matches!(of(odd), Err(NoticeError::Malformed)));
        }
    }
}
