//! What administrators who register by hand have to enter in their platform, in its own words.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use crate::config::ToolDescription;
use crate::lti::families::Family;

/// The scopes of tools that Canvas knows, as far as they are of use here.
const CANVAS_SCOPES: [&str; 6] = [
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
];

/// A field of a platform's form, and what goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The field's name, as the platform writes it.
    pub field: &'static str,
    /// What goes into it.
    pub value: String,
}

/// Variables that some families alone fill in; where one is not at home it comes back as it was sent. Those that stand
/// nowhere here are asked of every platform.
const AT_HOME: [(&str, &[Family]); 4] = [
    (
        "$ResourceLink.id.history",
        &[Family::Canvas, Family::Blackboard, Family::Brightspace, Family::Sakai, Family::Other],
    ),
    ("$Moodle.Person.userGroupIds", &[Family::Moodle, Family::Other]),
    ("$Canvas.group.contextIds", &[Family::Canvas, Family::Other]),
    ("$CourseGroup.id", &[Family::Blackboard, Family::Sakai, Family::Other]),
];

/// Returns the custom parameters that a platform of this family is asked to fill in: by registration, in what is entered by
/// hand, and in Canvas's JSON alike.
pub fn custom_parameters(tool: &ToolDescription, family: Family) -> BTreeMap<String, String> {
    let is_at_home = |variable: &str| {
        AT_HOME.iter().all(|(known, families)| *known != variable || families.contains(&family))
    };
    let fitting = tool.custom_parameters.iter().filter(|(_, value)| is_at_home(value));
    fitting.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What goes into which field, in the order of the platform's form.
pub fn entries(family: Family, tool: &ToolDescription, base_url: &Url) -> Vec<Entry> {
    let at = |path: &str| base_url.join(path).map(String::from).unwrap_or_default();
    let (login, launch, keys) = (at("lti/login"), at("lti/launch"), at("lti/jwks"));
    let custom: Vec<String> =
        custom_parameters(tool, family).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let custom = custom.join("\n");
    let title = tool.title.clone();
    let origin = base_url.as_str().trim_end_matches('/').to_owned();
    let rows: Vec<(&'static str, String)> = match family {
        Family::Moodle => vec![
            ("Tool name", title),
            ("Tool URL", launch.clone()),
            ("Public keyset", keys),
            ("Initiate login URL", login),
            ("Redirection URI(s)", launch.clone()),
            ("Custom parameters", custom),
            ("Content Selection URL", launch),
        ],
        Family::Canvas => vec![
            ("JSON URL", at("lti/config.json")),
            ("Redirect URIs", launch.clone()),
            ("Target Link URI", launch),
            ("OpenID Connect Initiation URL", login),
            ("Public JWK URL", keys),
            ("Custom Fields", custom),
        ],
        Family::Blackboard => vec![
            ("Application Name", title),
            ("Domain(s)", base_url.host_str().unwrap_or_default().to_owned()),
            ("Login Initiation URL", login),
            ("Tool Redirect URL(s)", launch.clone()),
            ("Tool JWKS URL", keys),
            ("Custom parameters", custom),
            ("Target Link URI", launch),
        ],
        Family::Brightspace => vec![
            ("Name", title),
            ("Domain", origin),
            ("Redirect URLs", launch.clone()),
            ("OpenID Connect Login URL", login),
            ("Target Link URI", launch),
            ("Keyset URL", keys),
            ("Substitution Parameters", custom),
        ],
        Family::Sakai => vec![
            ("Tool Title", title),
            ("Launch URL", launch.clone()),
            ("Custom Parameters", custom),
            ("LTI 1.3 Tool Keyset URL", keys),
            ("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", login),
            ("LTI 1.3 Tool Redirect Endpoint(s)", launch),
        ],
        Family::Schoology => vec![
            ("Name", title),
            ("Domain/URL", launch.clone()),
            ("OIDC Login Init URL", login),
            ("Redirect URLs", launch),
            ("JWKS URL", keys),
            ("Custom Parameters", custom),
        ],
        Family::OpenEdx => vec![
            ("Display Name", title),
            ("Tool Launch URL", launch.clone()),
            ("Registered Redirect URIs", format!("[\"{launch}\"]")),
            ("Tool Initiate Login URL", login),
            ("Tool Keyset URL", keys),
            ("Deep Linking Launch URL", launch),
        ],
        Family::Other => vec![
            ("Initiate login URL", login),
            ("Redirect URI", launch.clone()),
            ("Target link URI", launch),
            ("Public keyset URL", keys),
            ("Custom parameters", custom),
        ],
    };
    rows.into_iter().map(|(field, value)| Entry { field, value }).collect()
}

/// What Canvas reads from one address.
///
/// Spec: Canvas, "Configuring LTI Advantage Tools", JSON of a developer key. Quirk: a placement that a message type does
/// not fit, and a scope that Canvas does not know, make it refuse the whole.
pub fn canvas(tool: &ToolDescription, base_url: &Url) -> Value {
    let at = |path: &str| base_url.join(path).map(String::from).unwrap_or_default();
    let launch = at("lti/launch");
    let placements: Vec<Value> = tool
        .placements
        .iter()
        .flat_map(|(message, places)| places.iter().map(move |place| (message, place)))
        // What other platforms call places begins with a capital letter.
        .filter(|(_, place)| place.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .map(|(message, place)| {
            let mut entry = json!({
                "placement": place,
                "message_type": message,
                "target_link_uri": launch,
                "text": tool.title,
                "enabled": true,
            });
            if place == "course_navigation" {
                entry["default"] = json!("disabled");
                entry["windowTarget"] = json!("_blank");
            }
            entry
        })
        .collect();
    let host = base_url.host_str().unwrap_or_default();
    let is_known = |scope: &&String| {
        scope.starts_with("https://canvas.instructure.com/") || CANVAS_SCOPES.contains(&scope.as_str())
    };
    let scopes: Vec<&String> = tool.scopes.iter().filter(is_known).collect();
    let domain = base_url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    json!({
        "title": tool.title,
        "description": tool.description,
        "oidc_initiation_url": at("lti/login"),
        "target_link_uri": launch,
        "public_jwk_url": at("lti/jwks"),
        "scopes": scopes,
        "custom_fields": custom_parameters(tool, Family::Canvas),
        "extensions": [{
            "platform": "canvas.instructure.com",
            "domain": domain,
            "tool_id": "jitsi-lti",
            "privacy_level": "name_only",
            "settings": {
                "text": tool.title,
                "selection_width": 720,
                "selection_height": 640,
                "placements": placements,
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool() -> (ToolDescription, Url) {
        (ToolDescription::load(None).unwrap(), "https://class.example:8443/".parse().unwrap())
    }

    #[test]
    fn every_platform_gets_our_three_addresses() {
        let (tool, base) = tool();
        for family in Family::ALL {
            let entries = entries(family, &tool, &base);
            let values: Vec<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
            for path in ["login", "launch", "jwks"] {
                let address = format!("https://class.example:8443/lti/{path}");
                assert!(values.iter().any(|value| value.contains(&address)), "{family:?} lacks {path}");
            }
        }
    }

    /// The pages of documentation, each with its family.
    fn pages() -> Vec<(Family, String)> {
        let families = Family::ALL.into_iter().filter(|family| *family != Family::Other);
        let read = |family: Family| {
            let path = format!("{}/docs/platforms/{}.md", env!("CARGO_MANIFEST_DIR"), family.word());
            (family, std::fs::read_to_string(path).unwrap())
        };
        families.map(read).collect()
    }

    #[test]
    fn documents_name_the_parameters_that_the_pages_and_the_registration_name() {
        let (tool, base) = tool();
        for (family, text) in pages() {
            let asked = custom_parameters(&tool, family);
            let shown = entries(family, &tool, &base);
            let is_custom = |entry: &&Entry| entry.value.contains("context_id_history=");
            let Some(shown) = shown.iter().find(is_custom) else { continue };
            for (name, variable) in &tool.custom_parameters {
                let line = format!("{name}={variable}");
                let wanted = asked.contains_key(name);
                assert_eq!(shown.value.contains(&line), wanted, "/lti/config, {family:?}: {line}");
                assert_eq!(text.contains(&line), wanted, "docs/platforms, {family:?}: {line}");
            }
        }
    }

    #[test]
    fn documents_name_the_fields_and_addresses_of_moodle() {
        let (tool, _) = tool();
        let base: Url = "https://class.example.org/".parse().unwrap();
        let (_, text) = pages().into_iter().find(|(family, _)| *family == Family::Moodle).unwrap();
        for Entry { field, value } in entries(Family::Moodle, &tool, &base) {
            let row = text.lines().find(|line| line.trim_start().starts_with(&format!("| {field} |")));
            let row = row.unwrap_or_else(|| panic!("no row for {field}"));
            for line in value.lines() {
                assert!(row.contains(&format!("`{line}`")), "{field}: {line} is not in {row}");
            }
        }
    }

    #[test]
    fn canvas_reads_its_own_places_alone() {
        let (tool, base) = tool();
        let json = canvas(&tool, &base);
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
        assert_eq!(json["scopes"], json!(CANVAS_SCOPES));
        assert_eq!(of("course_navigation")["default"], "disabled");
    }
}
