//! Canvas in Instructure's cloud. A Canvas on a school's own host is registered as another platform, and known again by
//! what it calls itself.

use serde_json::{Value, json};

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, address};
use super::family::{Cloud, Family, ScoreExtension};
use super::form::{Entry, ToolValues};
use crate::lti::services::outcome::{AnswerRule, ScoreOutcome};

const HOSTS: [&str; 2] = ["*.instructure.com", "*.canvaslms.com"];

/// Quirk: every score is a new submission, and uses up an attempt, unless it says otherwise. Throttles with 403. Its
/// clock is the last change of the grade.
pub static FAMILY: Family = Family {
    word: "canvas",
    name: "Canvas",
    code: Some("canvas"),
    codes: &["canvas"],
    addresses: &[".instructure.com/", ".canvaslms.com/", "/api/lti/authorize", "/api/lti/courses/"],
    asks: &[EndpointField::Environment, EndpointField::ClientId],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: true,
    variables: &["$ResourceLink.id.history", "$Canvas.group.contextIds"],
    cloud: Some(Cloud {
        issuers: &[
            "https://canvas.instructure.com",
            "https://canvas.beta.instructure.com",
            "https://canvas.test.instructure.com",
        ],
        endpoint_hosts: &HOSTS,
        auth_hosts: &HOSTS,
        frames: &["https://*.instructure.com", "https://*.canvaslms.com"],
    }),
    frame_shares_screen: true,
    keeps_link_ids: false,
    extension: Some(ScoreExtension {
        name: "https://canvas.instructure.com/lti/submission",
        value: || json!({ "new_submission": false, "submission_type": "none" }),
    }),
    answers: &[
        AnswerRule::new(400, "before last updated", ScoreOutcome::Older),
        AnswerRule::new(403, "rate limit", ScoreOutcome::Busy),
        AnswerRule::new(422, "attempt", ScoreOutcome::AttemptsUsedUp),
        AnswerRule::new(422, "concluded", ScoreOutcome::Locked),
        AnswerRule::new(422, "", ScoreOutcome::NotALearner),
    ],
};

/// The scopes of tools that Canvas knows, as far as they are of use here.
const SCOPES: [&str; 6] = [
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
];

/// Returns the endpoints of one of the cloud's three copies.
fn endpoints(input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let part = match input.environment {
        "production" => "",
        "beta" => ".beta",
        "test" => ".test",
        _ => return Err(Unusable(EndpointField::Environment)),
    };
    let at = |path| address(&format!("https://sso{part}.canvaslms.com/{path}"), EndpointField::Environment);
    Ok(Endpoints {
        issuer: format!("https://canvas{part}.instructure.com"),
        auth_url: at("api/lti/authorize_redirect")?,
        token_url: at("login/oauth2/token")?,
        jwks_url: at("api/lti/security/jwks")?,
        token_audience: None,
    })
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("JSON URL", tool.at("lti/config.json")),
        Entry::new("Redirect URIs", tool.launch()),
        Entry::new("Target Link URI", tool.launch()),
        Entry::new("OpenID Connect Initiation URL", tool.login()),
        Entry::new("Public JWK URL", tool.keys()),
        Entry::new("Custom Fields", tool.custom_lines()),
    ]
}

/// Returns what Canvas reads from one address.
///
/// Spec: Canvas, "Configuring LTI Advantage Tools", JSON of a developer key. Quirk: a placement that a message type does
/// not fit, and a scope that Canvas does not know, make it refuse the whole.
pub fn config(values: &ToolValues<'_>) -> Value {
    let (tool, launch) = (values.tool, values.launch());
    let is_known = |scope: &&String| {
        scope.starts_with("https://canvas.instructure.com/") || SCOPES.contains(&scope.as_str())
    };
    let scopes: Vec<&String> = tool.scopes.iter().filter(is_known).collect();
    json!({
        "title": tool.title,
        "description": tool.description,
        "oidc_initiation_url": values.login(),
        "target_link_uri": launch,
        "public_jwk_url": values.keys(),
        "scopes": scopes,
        "custom_fields": values.custom,
        "extensions": [{
            "platform": "canvas.instructure.com",
            "domain": values.domain(),
            "tool_id": "jitsi-lti",
            "privacy_level": "name_only",
            "settings": {
                "text": tool.title,
                "selection_width": 720,
                "selection_height": 640,
                "placements": placements(values),
            },
        }],
    })
}

fn placements(values: &ToolValues<'_>) -> Vec<Value> {
    let by_message = values.tool.placements.iter();
    by_message
        .flat_map(|(message, places)| places.iter().map(move |place| (message, place)))
        // What other platforms call places begins with a capital letter.
        .filter(|(_, place)| place.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .map(|(message, place)| {
            let mut entry = json!({
                "placement": place,
                "message_type": message,
                "target_link_uri": values.launch(),
                "text": values.tool.title,
                "enabled": true,
            });
            if place == "course_navigation" {
                entry["default"] = json!("disabled");
                entry["windowTarget"] = json!("_blank");
            }
            entry
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ToolDescription;

    #[test]
    fn all_endpoints_follow_from_the_copy_of_the_cloud() {
        let input =
            EndpointInput { environment: "beta", client_id: "10000000000001", ..EndpointInput::default() };
        let found = FAMILY.endpoints(&input).unwrap();
        assert_eq!(found.issuer, "https://canvas.beta.instructure.com");
        assert_eq!(found.auth_url.as_str(), "https://sso.beta.canvaslms.com/api/lti/authorize_redirect");
        assert_eq!(found.token_url.as_str(), "https://sso.beta.canvaslms.com/login/oauth2/token");
        assert_eq!(found.jwks_url.as_str(), "https://sso.beta.canvaslms.com/api/lti/security/jwks");
        assert_eq!(found.token_audience, None);
    }

    #[test]
    fn answers_mean_what_canvas_means_by_them() {
        let old = "{\"errors\":{\"message\":\"Provided timestamp of … before last updated timestamp of …\"}}";
        for (status, body, expected) in [
            (400, old, ScoreOutcome::Older),
            (400, "", ScoreOutcome::Rejected),
            (403, "403 Forbidden (Rate Limit Exceeded)", ScoreOutcome::Busy),
            (403, "", ScoreOutcome::NotAllowed),
            (422, "not an active student", ScoreOutcome::NotALearner),
            (422, "The maximum number of allowed attempts has been reached", ScoreOutcome::AttemptsUsedUp),
            (422, "This course has concluded", ScoreOutcome::Locked),
        ] {
            assert_eq!(ScoreOutcome::of_body(status, body, FAMILY.answers), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_score_is_no_submission() {
        let extension = FAMILY.extension.unwrap();
        assert_eq!(extension.name, "https://canvas.instructure.com/lti/submission");
        assert_eq!((extension.value)()["new_submission"], false);
    }

    #[test]
    fn canvas_reads_its_own_places_alone() {
        let (tool, base_url) =
            (ToolDescription::load(None).unwrap(), "https://class.example:8443/".parse().unwrap());
        let json = config(&FAMILY.values(&tool, &base_url));
        for (pointer, expected) in [
            ("/oidc_initiation_url", "https://class.example:8443/lti/login"),
            ("/target_link_uri", "https://class.example:8443/lti/launch"),
            ("/public_jwk_url", "https://class.example:8443/lti/jwks"),
            ("/extensions/0/platform", "canvas.instructure.com"),
            ("/extensions/0/domain", "class.example:8443"),
            ("/custom_fields/canvas_groups", "$Canvas.group.contextIds"),
        ] {
            assert_eq!(json.pointer(pointer), Some(&json!(expected)), "{pointer}");
        }
        let placements = json.pointer("/extensions/0/settings/placements").unwrap().as_array().unwrap();
        let of = |name: &str| placements.iter().find(|one| one["placement"] == name).unwrap();
        for (place, message) in [
            ("course_navigation", "LtiResourceLinkRequest"),
            ("link_selection", "LtiDeepLinkingRequest"),
            ("assignment_selection", "LtiDeepLinkingRequest"),
            ("editor_button", "LtiDeepLinkingRequest"),
            ("module_index_menu_modal", "LtiDeepLinkingRequest"),
        ] {
            assert_eq!(of(place)["message_type"], message, "{place}");
        }
        assert!(placements.iter().all(|one| one["placement"] != "ContentArea"));
        // The groups service is not Canvas's.
        assert_eq!(json["scopes"], json!(SCOPES));
        assert_eq!(of("course_navigation")["default"], "disabled");
    }
}
