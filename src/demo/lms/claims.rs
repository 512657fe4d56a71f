//! The claims of a launch (LTI Core 1.3 §5, OpenID Connect Core §2).

use serde_json::{Map, Value, json};

use super::knobs::Behaviour;
use super::manners::Manners;
use super::school::{Activity, Course, Person};

/// Where every LTI name begins.
pub const LTI: &str = "https://purl.imsglobal.org/spec/";
/// The scope of the grade service that may make, change and delete columns.
pub const SCOPE_LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
/// The scope of the grade service that may read columns.
pub const SCOPE_LINE_ITEM_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
/// The scope of the grade service that may read results.
pub const SCOPE_RESULT: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// The scope of the grade service that may send scores.
pub const SCOPE_SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
/// The scope of the roster service.
pub const SCOPE_ROSTER: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";

/// The full name of an LTI core claim.
pub fn claim(name: &str) -> String {
    format!("{LTI}lti/claim/{name}")
}

/// The scopes this LMS gives to the tool.
pub(super) fn offered_scopes(now: &Behaviour) -> Vec<&'static str> {
    let mut scopes = Vec::new();
    if now.offer_grades {
        if now.column_management {
            scopes.push(SCOPE_LINE_ITEM);
        }
        scopes.extend([SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE]);
    }
    if now.offer_roster {
        scopes.push(SCOPE_ROSTER);
    }
    scopes
}

/// What a launch is about.
pub(super) struct Subject<'a> {
    pub(super) person: &'a Person,
    pub(super) course: &'a Course,
    pub(super) activity: &'a Activity,
    pub(super) target_link_uri: &'a str,
    pub(super) locale: &'a str,
    pub(super) document_target: &'a str,
    /// `Some("")` is Moodle's empty string for a column that the tool itself made.
    pub(super) lineitem: Option<String>,
}

/// What the LMS is.
pub(super) struct Platform<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) deployment_id: &'a str,
    pub(super) behaviour: &'a Behaviour,
    pub(super) now: i64,
}

/// The payload of an id_token.
pub(super) fn payload(platform: &Platform<'_>, subject: &Subject<'_>, nonce: &str) -> Value {
    let mut claims = Map::new();
    security(&mut claims, platform, nonce);
    person(&mut claims, subject.person);
    message(&mut claims, platform, subject);
    services(&mut claims, platform, subject);
    Value::Object(claims)
}

fn security(claims: &mut Map<String, Value>, platform: &Platform<'_>, nonce: &str) {
    claims.insert("nonce".into(), json!(nonce));
    claims.insert("iat".into(), json!(platform.now));
    claims.insert("exp".into(), json!(platform.now + platform.behaviour.id_token_seconds));
    claims.insert("iss".into(), json!(platform.issuer));
    claims.insert("aud".into(), json!(platform.client_id));
}

fn person(claims: &mut Map<String, Value>, person: &Person) {
    claims.insert("sub".into(), json!(person.id));
    let optional = [
        ("name", &person.name),
        ("given_name", &person.given_name),
        ("family_name", &person.family_name),
        ("email", &person.email),
        ("picture", &person.picture),
    ];
    for (name, value) in optional {
        if let Some(text) = value {
            claims.insert(name.into(), json!(text));
        }
    }
    claims.insert(claim("roles"), json!(person.roles));
    if !person.observes.is_empty() {
        claims.insert(claim("role_scope_mentor"), json!(person.observes));
    }
}

fn message(claims: &mut Map<String, Value>, platform: &Platform<'_>, subject: &Subject<'_>) {
    let Subject { course, activity, .. } = subject;
    let return_url = format!("{}/courses/{}/activities/{}/return", platform.issuer, course.id, activity.id);
    let custom: Map<String, Value> =
        activity.custom.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let lis = json!({
        "person_sourcedid": subject.person.sourced_id.as_deref().unwrap_or_default(),
        "course_section_sourcedid": course.label,
    });
    let parts = [
        ("message_type", json!("LtiResourceLinkRequest")),
        ("version", json!("1.3.0")),
        ("deployment_id", json!(platform.deployment_id)),
        ("target_link_uri", json!(subject.target_link_uri)),
        (
            "resource_link",
            json!({"id": activity.id, "title": activity.title, "description": activity.description}),
        ),
        (
            "context",
            json!({"id": course.id, "label": course.label, "title": course.title, "type": course.types}),
        ),
        ("lis", lis),
        ("custom", Value::Object(custom)),
        (
            "launch_presentation",
            json!({
                "locale": subject.locale, "document_target": subject.document_target,
                "return_url": return_url,
            }),
        ),
    ];
    claims.extend(parts.into_iter().map(|(name, value)| (claim(name), value)));
    // Quirk: Open edX does not say what it is.
    if Manners::of(&platform.behaviour.family) != Manners::OpenEdx {
        claims.insert(claim("tool_platform"), about(platform));
    }
}

fn about(platform: &Platform<'_>) -> Value {
    json!({
        "guid": "riverside-demo", "name": "Riverside University", "url": platform.issuer,
        "product_family_code": platform.behaviour.family, "version": env!("CARGO_PKG_VERSION"),
        "description": "The built-in demo LMS",
    })
}

fn services(claims: &mut Map<String, Value>, platform: &Platform<'_>, subject: &Subject<'_>) {
    let course = &subject.course.id;
    if platform.behaviour.offer_grades {
        let scopes: Vec<_> = offered_scopes(platform.behaviour)
            .into_iter()
            .filter(|scope| scope.contains("lti-ags"))
            .collect();
        let mut endpoint = json!({
            "scope": scopes,
            "lineitems": line_items_url(platform.issuer, course, platform.deployment_id),
        });
        if let Some(lineitem) = &subject.lineitem {
            endpoint["lineitem"] = json!(lineitem);
        }
        claims.insert(format!("{LTI}lti-ags/claim/endpoint"), endpoint);
    }
    if platform.behaviour.offer_roster {
        let url = memberships_url(platform.issuer, course, platform.deployment_id);
        let roster = json!({"context_memberships_url": url, "service_versions": ["1.0", "2.0"]});
        claims.insert(format!("{LTI}lti-nrps/claim/namesroleservice"), roster);
    }
}

/// The URL of a course's grade columns.
pub(super) fn line_items_url(issuer: &str, course: &str, deployment: &str) -> String {
    format!("{issuer}/services/{course}/lineitems?type_id={deployment}")
}

/// The URL of one grade column.
///
/// Quirk: as in Moodle it has a query, so `/scores` has to be put before the question mark.
pub(super) fn line_item_url(issuer: &str, course: &str, item: &str, deployment: &str) -> String {
    format!("{issuer}/services/{course}/lineitems/{item}/lineitem?type_id={deployment}")
}

/// The URL of a course's roster.
pub(super) fn memberships_url(issuer: &str, course: &str, deployment: &str) -> String {
    format!("{issuer}/services/CourseSection/{course}/bindings/{deployment}/memberships")
}
