//! What a verified launch says: a pure reading of its claims.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::custom::Custom;
use super::legacy::LegacyClaim;
use super::login::LoginState;
use super::roles::Rights;
use crate::lti::claims::Claims;
use crate::lti::deep_linking::DeepLinkingRequest;
use crate::lti::error::LaunchError;
use crate::lti::families::Family;
use crate::lti::identifier::ClaimError;
use crate::lti::person::{PersonProfile, person_name};
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::lti::services::ags::GradeService;
use crate::lti::services::groups::GroupService;
use crate::lti::services::memberships::MembershipService;
use crate::lti::services::notices::NoticeService;
use crate::outbound::{NetworkPolicy, check_url};

const VERSION: &str = "1.3.0";
const RESOURCE_LINK: &str = "LtiResourceLinkRequest";
const DEEP_LINKING: &str = "LtiDeepLinkingRequest";
const SUBMISSION_REVIEW: &str = "LtiSubmissionReviewRequest";
const LAUNCH_PATH: &str = "lti/launch";

/// A launch in which everything is proved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifiedLaunch {
    /// The registration.
    pub platform: Platform,
    /// The deployment.
    pub deployment: Deployment,
    /// The person, unique within the platform; `None` where the platform keeps it to itself.
    pub sub: Option<String>,
    /// What the platform tells of the person.
    pub profile: PersonProfile,
    /// The role URIs.
    pub roles: Vec<String>,
    /// The course.
    pub context: Context,
    /// What the person wants.
    pub message: Message,
    /// The platform's address of the course, to go back to.
    pub return_url: Option<Url>,
    /// What the platform calls itself.
    pub family: Option<String>,
    /// The gradebook, where the platform offers it.
    pub grade_service: Option<GradeService>,
    /// The list of the course's participants, where the platform offers it.
    pub membership_service: Option<MembershipService>,
    /// The course's groups, where the platform offers them.
    pub group_service: Option<GroupService>,
    /// Where the platform is asked for notices of copied courses, where it sends them.
    pub notice_service: Option<NoticeService>,
    /// The custom parameters.
    pub custom: Custom,
    /// How the platform called person and activity in LTI 1.1, where it tells that.
    pub legacy: Option<LegacyClaim>,
}

/// What a launch is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Message {
    /// To open an activity.
    ResourceLink(ResourceLink),
    /// To choose what comes into a course.
    DeepLinking(Box<DeepLinkingRequest>),
    /// To see what a learner did in an activity.
    SubmissionReview {
        /// The activity.
        link: ResourceLink,
        /// The learner.
        learner: Learner,
    },
}

/// A learner whom a launch is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learner {
    /// As `sub` of the learner's own launches.
    pub sub: String,
    /// The name, where the platform tells it.
    pub name: Option<String>,
}

/// The course of a launch; `id` is empty where none is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The platform's identifier.
    pub id: String,
    /// Short name.
    pub label: Option<String>,
    /// Full name.
    pub title: Option<String>,
}

/// The activity of a launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLink {
    /// The platform's identifier, unique within the context.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its description; empty where the platform says that there is none, `None` where it does not speak of it.
    pub description: Option<String>,
}

impl VerifiedLaunch {
    /// Returns the family of the platform.
    pub fn platform_family(&self) -> &'static Family {
        let code = self.family.as_deref().or(self.platform.family.as_deref());
        let gradebook = self.grade_service.as_ref().and_then(|service| service.lineitems.as_ref());
        Family::of(code, gradebook.unwrap_or(&self.platform.auth_url).as_str())
    }

    /// Returns what the person may do, and why. Whom the platform does not name leads nothing, whatever the roles.
    pub fn rights(&self) -> Rights {
        match self.sub {
            Some(_) => self.platform.role_rules.rights(&self.roles),
            None => Rights::anonymous(),
        }
    }
}

/// Reads the LTI claims, each checked, in the order of the specification.
///
/// Spec: LTI 1.3 Core §5.3 ("Resource link launch request message"); Deep Linking 2.0 §4.4; Submission Review 1.0 §4.
/// Trust: the token that brought `claims` has been verified.
pub fn read(
    claims: &Claims,
    state: &LoginState,
    platform: Platform,
    deployment: Option<Deployment>,
    base_url: &Url,
) -> Result<VerifiedLaunch, LaunchError> {
    let kind = check_message(claims)?;
    let deployment = check_deployment(claims, state, &platform, deployment)?;
    let target = check_target(claims, &kind, state, base_url)?;
    let roles = claims.roles().ok_or(LaunchError::RolesMissing)?;
    let message = match kind {
        Kind::ResourceLink => Message::ResourceLink(resource_link(claims)?),
        Kind::DeepLinking => {
            check_query(&target)?;
            Message::DeepLinking(Box::new(DeepLinkingRequest::read(claims, platform.policy)?))
        }
        Kind::SubmissionReview => {
            Message::SubmissionReview { link: resource_link(claims)?, learner: learner(claims)? }
        }
    };
    let sub = claims.identifier("sub")?;
    if sub.is_none() && !(platform.allows_anonymous && matches!(message, Message::ResourceLink(_))) {
        return Err(LaunchError::UserMissing);
    }
    let context = claims.identifier_at("context.id")?;
    let may_ask = |url: &Url| platform.may_serve_at(url);
    Ok(VerifiedLaunch {
        grade_service: GradeService::read(claims, may_ask),
        membership_service: MembershipService::read(claims, may_ask),
        group_service: GroupService::read(claims, may_ask),
        notice_service: NoticeService::read(claims, may_ask),
        custom: Custom::read(claims)?,
        legacy: LegacyClaim::read(claims)?,
        family: claims.member_text("tool_platform", "product_family_code"),
        platform,
        deployment,
        sub,
        profile: profile(claims),
        roles,
        context: Context {
            id: context.unwrap_or_default(),
            label: claims.member_text("context", "label"),
            title: claims.member_text("context", "title"),
        },
        message,
        return_url: claims
            .core_member("launch_presentation", "return_url")
            .and_then(|text| Url::parse(text).ok())
            .filter(|url| check_url(url, NetworkPolicy::Private).is_ok()),
    })
}

fn resource_link(claims: &Claims) -> Result<ResourceLink, LaunchError> {
    let id = claims.identifier_at("resource_link.id")?;
    Ok(ResourceLink {
        id: id.ok_or(LaunchError::ResourceLinkMissing)?,
        title: claims.member_text("resource_link", "title"),
        description: description(claims),
    })
}

/// Quirk: Canvas sends null, Moodle an empty text, where there is none.
fn description(claims: &Claims) -> Option<String> {
    match claims.core("resource_link")?.get("description")? {
        Value::Null => Some(String::new()),
        Value::String(_) => Some(claims.member_text("resource_link", "description").unwrap_or_default()),
        _ => None,
    }
}

/// Spec: LTI Submission Review 1.0 §4.1 (`for_user`).
fn learner(claims: &Claims) -> Result<Learner, LaunchError> {
    let sub = claims.identifier_at("for_user.user_id")?;
    let text = |member: &str| claims.member_text("for_user", member);
    Ok(Learner {
        sub: sub.ok_or(LaunchError::LearnerMissing)?,
        name: person_name(text("name"), [text("given_name"), text("family_name")]),
    })
}

/// Nobody else than the signed settings says where the answer goes: an address that tries to is refused as a whole.
fn check_query(target: &Url) -> Result<(), LaunchError> {
    let names_it = |name: &str| ["deep_link_return_url", "return_url", "data"].contains(&name);
    if target.query_pairs().any(|(name, _)| names_it(&name)) {
        return Err(LaunchError::ReturnUrlInQuery);
    }
    Ok(())
}

/// The target of a launch: an address of ours, the same that the login named.
///
/// Spec: LTI 1.3 Core §5.3.4 (a resource link launch names it); Deep Linking 2.0 §4.4 does not ask for it.
/// Quirk: ILIAS leaves it out of deep linking requests; then what the login named counts, or our own address.
fn check_target(
    claims: &Claims,
    kind: &Kind,
    state: &LoginState,
    base_url: &Url,
) -> Result<Url, LaunchError> {
    let named = match claims.core("target_link_uri") {
        None => None,
        Some(Value::String(text)) => Some(text.as_str()).filter(|text| !text.is_empty()),
        Some(_) => return Err(ClaimError::wrong_type("target_link_uri").into()),
    };
    let at_login = state.target.as_deref();
    match (named, kind) {
        (Some(named), _) if at_login.is_some_and(|at_login| !is_same_target(at_login, named, base_url)) => {
            Err(LaunchError::TargetMismatch)
        }
        (Some(named), _) => own_target(named, base_url).ok_or_else(|| foreign(named, base_url)),
        (None, Kind::DeepLinking) => {
            let target = at_login.unwrap_or(base_url.as_str());
            own_target(target, base_url).ok_or_else(|| foreign(target, base_url))
        }
        (None, Kind::ResourceLink | Kind::SubmissionReview) => Err(LaunchError::TargetMissing),
    }
}

/// Our launch address, with the query of `target`, if that is an address of ours which people paste: the launch address
/// itself, also with a slash at its end, or the tool's bare host.
fn own_target(target: &str, base_url: &Url) -> Option<Url> {
    let named = Url::parse(target.trim()).ok()?;
    let is_ours = named.origin() == base_url.origin()
        && matches!(named.path(), "/lti/launch" | "/lti/launch/" | "/" | "");
    let mut own = base_url.join(LAUNCH_PATH).ok().filter(|_| is_ours)?;
    own.set_query(named.query());
    Some(own)
}

fn is_same_target(at_login: &str, named: &str, base_url: &Url) -> bool {
    let own = |target| own_target(target, base_url);
    at_login == named || own(at_login).is_some_and(|at_login| own(named) == Some(at_login))
}

fn foreign(named: &str, base_url: &Url) -> LaunchError {
    let ours = base_url.join(LAUNCH_PATH).map(String::from).unwrap_or_default();
    LaunchError::TargetForeign { named: named.to_owned(), ours }
}

enum Kind {
    ResourceLink,
    DeepLinking,
    SubmissionReview,
}

fn check_message(claims: &Claims) -> Result<Kind, LaunchError> {
    if claims.core_text("version") != Some(VERSION) {
        return Err(LaunchError::MessageVersion);
    }
    match claims.core_text("message_type") {
        Some(RESOURCE_LINK) => Ok(Kind::ResourceLink),
        Some(DEEP_LINKING) => Ok(Kind::DeepLinking),
        Some(SUBMISSION_REVIEW) => Ok(Kind::SubmissionReview),
        Some(kind) if !kind.is_empty() => Err(LaunchError::MessageUnsupported),
        _ => Err(LaunchError::MessageTypeMissing),
    }
}

fn check_deployment(
    claims: &Claims,
    state: &LoginState,
    platform: &Platform,
    known: Option<Deployment>,
) -> Result<Deployment, LaunchError> {
    let named = claims.core_identifier("deployment_id")?.ok_or(LaunchError::DeploymentMissing)?;
    if state.deployment_id.as_deref().is_some_and(|at_login| at_login != named) {
        return Err(LaunchError::DeploymentMismatch);
    }
    match known {
        Some(deployment) if deployment.status == Status::Active => Ok(deployment),
        Some(deployment) if deployment.status == Status::Disabled => Err(LaunchError::DeploymentDisabled),
        // Known or not: it waits until somebody approves it.
        _ => Err(LaunchError::DeploymentUnknown {
            deployment: named,
            issuer: platform.issuer.clone(),
            client_id: platform.client_id.clone(),
        }),
    }
}

fn profile(claims: &Claims) -> PersonProfile {
    let locale = claims.member_text("launch_presentation", "locale").or_else(|| claims.text("locale"));
    PersonProfile {
        name: person_name(claims.text("name"), [claims.text("given_name"), claims.text("family_name")]),
        picture: claims.https("picture"),
        locale: locale.filter(|locale| locale.len() <= 35),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_paste_are_ours() {
        let base = Url::parse("https://class.example/").unwrap();
        let own = "https://class.example/lti/launch";
        for (target, expected) in [
            (own, Some(own)),
            ("https://class.example/lti/launch/", Some(own)),
            ("https://class.example", Some(own)),
            ("https://class.example/", Some(own)),
            ("https://CLASS.Example:443/lti/launch", Some(own)),
            (" https://class.example/lti/launch ", Some(own)),
            ("https://class.example/lti/launch?a=b", Some("https://class.example/lti/launch?a=b")),
            ("https://class.example/?a=b", Some("https://class.example/lti/launch?a=b")),
            ("http://class.example/lti/launch", None),
            ("https://class.example:8443/lti/launch", None),
            ("https://class.example.evil.example/lti/launch", None),
            ("https://evil.example/https://class.example/lti/launch", None),
            ("https://class.example/lti/login", None),
            ("https://class.example/lti/launch/x", None),
            ("https://class.example//lti/launch", None),
            ("/lti/launch", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            assert_eq!(own_target(target, &base).as_ref().map(Url::as_str), expected, "{target}");
        }
        for (at_login, named, expected) in [
            (own, "https://class.example", true),
            ("https://class.example/?a=b", "https://class.example/lti/launch?a=b", true),
            (own, "https://class.example/lti/launch?a=b", false),
            ("https://evil.example/", "https://evil.example/", true),
            ("https://evil.example/", "https://evil.example", false),
            ("https://evil.example/", own, false),
        ] {
            assert_eq!(is_same_target(at_login, named, &base), expected, "{at_login} {named}");
        }
    }
}
