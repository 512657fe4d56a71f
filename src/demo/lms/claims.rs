//! The claims of a launch (LTI Core 1.3 §5, OpenID Connect Core §2).

use serde_json::{Map, Value, json};

use super::behaviour::Switches;
use super::dialect::Dialect;
use super::directory::{LmsActivity, LmsCourse, LmsPerson};
use super::tools::Tool;

/// Where every LTI name begins.
pub const LTI: &str = "https://purl.imsglobal.org/spec/";
/// The scope of the grade service that may make, change and delete line items.
pub const SCOPE_LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
/// The scope of the grade service that may read line items.
pub const SCOPE_LINE_ITEM_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
/// The scope of the grade service that may read results.
pub const SCOPE_RESULT: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// The scope of the grade service that may send scores.
pub const SCOPE_SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
/// The scope of the groups service.
pub const SCOPE_GROUPS: &str = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly";
/// The scope of asking for notices.
pub const SCOPE_NOTICES: &str = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers";
/// The scope of the memberships service.
pub const SCOPE_MEMBERSHIPS: &str =
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";

/// Returns the full name of an LTI core claim.
pub fn claim(name: &str) -> String {
    format!("{LTI}lti/claim/{name}")
}

/// Returns the scopes that are open to the tool.
pub(super) fn open_scopes(switches: &Switches, tool: &Tool) -> Vec<&'static str> {
    let mut scopes = offered_scopes(switches);
    scopes.retain(|scope| tool.has_scope(scope));
    scopes
}

/// Returns the scopes this LMS gives to tools.
pub(super) fn offered_scopes(switches: &Switches) -> Vec<&'static str> {
    let mut scopes = Vec::new();
    if switches.offer_grades {
        if switches.line_item_management {
            scopes.push(SCOPE_LINE_ITEM);
        }
        scopes.extend([SCOPE_LINE_ITEM_READ, SCOPE_SCORE]);
        if !switches.without_results {
            scopes.push(SCOPE_RESULT);
        }
    }
    if switches.offer_memberships {
        scopes.push(SCOPE_MEMBERSHIPS);
    }
    if switches.offer_groups {
        scopes.push(SCOPE_GROUPS);
    }
    if switches.offer_notices {
        scopes.push(SCOPE_NOTICES);
    }
    scopes
}

/// What a launch is about.
pub(super) struct LaunchSubject<'a> {
    pub(super) person: &'a LmsPerson,
    pub(super) course: &'a LmsCourse,
    pub(super) message: LaunchMessage<'a>,
    pub(super) custom: Map<String, Value>,
    pub(super) target_link_uri: &'a str,
    pub(super) locale: &'a str,
    pub(super) document_target: &'a str,
    /// `Some("")` is Moodle's empty string for a line item that the tool itself made.
    pub(super) lineitem: Option<String>,
}

/// What a launch is for.
pub(super) enum LaunchMessage<'a> {
    /// To open an activity.
    ResourceLink(&'a LmsActivity),
    /// To choose what comes into the course, with these settings.
    DeepLinking(Value),
    /// To see what a learner did.
    SubmissionReview(&'a LmsActivity, &'a LmsPerson),
}

/// What the LMS is.
pub(super) struct LaunchSender<'a> {
    pub(super) issuer: &'a str,
    pub(super) tool: &'a Tool,
    pub(super) switches: &'a Switches,
    pub(super) now: i64,
}

/// Returns the payload of an id_token.
pub(super) fn payload(platform: &LaunchSender<'_>, subject: &LaunchSubject<'_>, nonce: &str) -> Value {
    let mut claims = Map::new();
    security(&mut claims, platform, nonce);
    if platform.switches.anonymous {
        claims.insert(claim("roles"), json!(subject.person.roles));
    } else {
        person(&mut claims, subject.person, platform.tool);
    }
    message(&mut claims, platform, subject);
    services(&mut claims, platform, subject);
    Value::Object(claims)
}

fn security(claims: &mut Map<String, Value>, platform: &LaunchSender<'_>, nonce: &str) {
    claims.insert("nonce".into(), json!(nonce));
    claims.insert("iat".into(), json!(platform.now));
    claims.insert("exp".into(), json!(platform.now + platform.switches.id_token_seconds));
    claims.insert("iss".into(), json!(platform.issuer));
    claims.insert("aud".into(), json!(platform.tool.client_id));
}

/// Adds who the person is. Trust: of names and address, what the tool asked for when it registered.
fn person(claims: &mut Map<String, Value>, person: &LmsPerson, tool: &Tool) {
    claims.insert("sub".into(), json!(person.id));
    let optional = [
        ("name", &person.name),
        ("given_name", &person.given_name),
        ("family_name", &person.family_name),
        ("email", &person.email),
        ("picture", &person.picture),
    ];
    for (name, value) in optional {
        if let Some(text) = value
            && tool.gets_claim(name)
        {
            claims.insert(name.into(), json!(text));
        }
    }
    claims.insert(claim("roles"), json!(person.roles));
    if !person.observes.is_empty() {
        claims.insert(claim("role_scope_mentor"), json!(person.observes));
    }
}

fn message(claims: &mut Map<String, Value>, platform: &LaunchSender<'_>, subject: &LaunchSubject<'_>) {
    let course = subject.course;
    let parts = [
        ("version", json!("1.3.0")),
        ("deployment_id", json!(platform.tool.deployment_id)),
        ("target_link_uri", json!(subject.target_link_uri)),
        (
            "context",
            json!({"id": course.id, "label": course.label, "title": course.title, "type": course.types}),
        ),
        ("custom", Value::Object(subject.custom.clone())),
    ];
    claims.extend(parts.into_iter().map(|(name, value)| (claim(name), value)));
    let mut lis = json!({"course_section_sourcedid": course.label});
    if !platform.switches.anonymous {
        lis["person_sourcedid"] = json!(subject.person.sourced_id.as_deref().unwrap_or_default());
    }
    claims.insert(claim("lis"), lis);
    let (kind, activity) = match &subject.message {
        LaunchMessage::ResourceLink(activity) => ("LtiResourceLinkRequest", Some(activity)),
        LaunchMessage::DeepLinking(settings) => {
            claims.insert(format!("{LTI}lti-dl/claim/deep_linking_settings"), settings.clone());
            ("LtiDeepLinkingRequest", None)
        }
        LaunchMessage::SubmissionReview(activity, learner) => {
            claims.insert(claim("for_user"), for_user(learner, platform.tool));
            ("LtiSubmissionReviewRequest", Some(activity))
        }
    };
    claims.insert(claim("message_type"), json!(kind));
    // Quirk: as in Moodle, deep linking has the language only.
    let mut presentation = json!({"locale": subject.locale});
    if let Some(activity) = activity {
        let link = json!({
            "id": activity.link(), "title": activity.title, "description": activity.description,
        });
        claims.insert(claim("resource_link"), link);
        presentation["document_target"] = json!(subject.document_target);
        presentation["return_url"] =
            json!(format!("{}/courses/{}/activities/{}/return", platform.issuer, course.id, activity.id));
    }
    claims.insert(claim("launch_presentation"), presentation);
    // Quirk: Open edX sends no tool_platform.
    if Dialect::of(&platform.switches.family) != Dialect::OpenEdx {
        claims.insert(claim("tool_platform"), about(platform));
    }
}

/// Returns the claim about the learner under review. Spec: LTI Submission Review 1.0 §4.1.
fn for_user(learner: &LmsPerson, tool: &Tool) -> Value {
    let mut claims = Map::new();
    person(&mut claims, learner, tool);
    let roles = claims.remove(&claim("roles"));
    let id = claims.remove("sub");
    claims.retain(|name, _| !name.starts_with("http") && name != "picture");
    claims.insert("user_id".into(), id.unwrap_or_default());
    claims.insert("roles".into(), roles.unwrap_or_default());
    Value::Object(claims)
}

fn about(platform: &LaunchSender<'_>) -> Value {
    json!({
        "guid": "riverside-demo", "name": "Riverside University", "url": platform.issuer,
        "product_family_code": platform.switches.family, "version": env!("CARGO_PKG_VERSION"),
        "description": "The built-in demo LMS",
    })
}

fn services(claims: &mut Map<String, Value>, platform: &LaunchSender<'_>, subject: &LaunchSubject<'_>) {
    let (issuer, course) = (platform.issuer, &subject.course.id);
    let deployment = platform.tool.deployment_id.as_str();
    let open = open_scopes(platform.switches, platform.tool);
    let grades: Vec<_> = open.iter().filter(|scope| scope.contains("lti-ags")).collect();
    if !grades.is_empty() {
        let mut endpoint = json!({"scope": grades, "lineitems": line_items_url(issuer, course, deployment)});
        if let Some(lineitem) = &subject.lineitem {
            endpoint["lineitem"] = json!(lineitem);
        }
        claims.insert(format!("{LTI}lti-ags/claim/endpoint"), endpoint);
    }
    if open.contains(&SCOPE_MEMBERSHIPS) {
        let url = memberships_url(issuer, subject.course, deployment);
        let memberships = json!({"context_memberships_url": url, "service_versions": ["1.0", "2.0"]});
        claims.insert(format!("{LTI}lti-nrps/claim/namesroleservice"), memberships);
    }
    if open.contains(&SCOPE_GROUPS) {
        let groups = json!({
            "scope": [SCOPE_GROUPS], "service_versions": ["1.0"],
            "context_groups_url": format!("{issuer}/services/{course}/groups?type_id={deployment}"),
            "context_group_sets_url": format!("{issuer}/services/{course}/group-sets?type_id={deployment}"),
        });
        claims.insert(format!("{LTI}lti-gs/claim/groupsservice"), groups);
    }
    if open.contains(&SCOPE_NOTICES) {
        let notices = json!({
            "scope": [SCOPE_NOTICES], "service_versions": ["1.0"],
            "platform_notification_service_url": format!("{issuer}/services/notice-handlers/{deployment}"),
            "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
        });
        claims.insert(claim("platformnotificationservice"), notices);
    }
}

/// Returns the URL of a course's line items.
pub(super) fn line_items_url(issuer: &str, course: &str, deployment: &str) -> String {
    format!("{issuer}/services/{course}/lineitems?type_id={deployment}")
}

/// Returns the URL of one line item.
///
/// Quirk: as in Moodle it has a query, so `/scores` has to be put before the question mark.
pub(super) fn line_item_url(issuer: &str, course: &str, item: &str, deployment: &str) -> String {
    format!("{issuer}/services/{course}/lineitems/{item}/lineitem?type_id={deployment}")
}

/// Returns the URL of a course's memberships.
pub(super) fn memberships_url(issuer: &str, course: &LmsCourse, deployment: &str) -> String {
    let url = format!("{issuer}/services/CourseSection/{}/bindings/{deployment}/memberships", course.id);
    match course.memberships_revision {
        0 => url,
        revision => format!("{url}?revision={revision}"),
    }
}
