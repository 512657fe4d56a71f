//! Families of platforms: one file for each, with everything that is different about it, and the list of them.
//!
//! A new family is a file, a line in [`ALL`], its texts, its page in `docs/platforms/`, and its dialect in the demo.

mod blackboard;
mod brightspace;
pub mod canvas;
mod endpoints;
mod family;
mod form;
mod moodle;
mod open_edx;
pub mod other;
mod sakai;
mod schoology;

use std::collections::BTreeMap;

use url::Url;

pub use self::endpoints::{EndpointInput, Endpoints, Unusable};
pub use self::family::Family;
pub use self::form::{Entry, ToolValues};
use crate::config::ToolDescription;

/// Lists every family, in the order in which pages offer them.
pub static ALL: [&Family; 8] = [
    &moodle::FAMILY,
    &canvas::FAMILY,
    &blackboard::FAMILY,
    &brightspace::FAMILY,
    &sakai::FAMILY,
    &schoology::FAMILY,
    &open_edx::FAMILY,
    &other::FAMILY,
];

impl Family {
    /// Returns the family of a platform that calls itself `code`, or else of one that has this address: of its
    /// authentication, or of one of its services.
    pub fn of(code: Option<&str>, address: &str) -> &'static Self {
        let (code, address) = (code.unwrap_or_default().trim().to_lowercase(), address.to_lowercase());
        let called = ALL.iter().find(|family| family.is_called(&code));
        let found = called.or_else(|| ALL.iter().find(|family| family.is_at(&address)));
        found.copied().unwrap_or(&other::FAMILY)
    }

    /// Returns the family that `word` means.
    pub fn parse(word: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|family| family.word == word)
    }

    /// Whether it is one of those that are known here.
    pub fn is_known(&self) -> bool {
        *self != other::FAMILY
    }

    /// Returns the custom parameters that its platforms are asked to fill in: by registration, in what is entered by hand,
    /// and in Canvas's JSON alike.
    pub fn custom_parameters(&self, tool: &ToolDescription) -> BTreeMap<String, String> {
        let parameters = tool.custom_parameters.iter().filter(|(_, variable)| self.is_asked_for(variable));
        parameters.map(|(name, variable)| (name.clone(), variable.clone())).collect()
    }

    fn is_asked_for(&self, variable: &str) -> bool {
        let is_special = ALL.iter().any(|family| family.variables.contains(&variable));
        !self.is_known() || !is_special || self.variables.contains(&variable)
    }

    /// Returns the tool's values for its forms.
    pub fn values<'a>(&self, tool: &'a ToolDescription, base_url: &'a Url) -> ToolValues<'a> {
        ToolValues { tool, base_url, custom: self.custom_parameters(tool) }
    }

    /// Returns what goes into which field, in the order of its form.
    pub fn entries(&self, tool: &ToolDescription, base_url: &Url) -> Vec<Entry> {
        (self.form)(&self.values(tool, base_url))
    }
}

/// Whether a platform with this issuer may have an endpoint at `host`, which is not the issuer's.
pub fn is_cloud_host(issuer: &str, host: &str) -> bool {
    ALL.iter().filter_map(|family| family.cloud.as_ref()).any(|cloud| cloud.serves(issuer, host))
}

/// Returns where a cloud shows its courses, as sources of a policy: neither issuer nor endpoints name these hosts.
pub fn cloud_frames(auth_url: &Url) -> &'static [&'static str] {
    let host = auth_url.host_str().unwrap_or_default();
    let clouds = ALL.iter().filter_map(|family| family.cloud.as_ref());
    clouds.filter(|cloud| cloud.authenticates_at(host)).map(|cloud| cloud.frames).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::endpoints::EndpointField;
    use super::*;

    fn tool() -> (ToolDescription, Url) {
        (ToolDescription::load(None).unwrap(), "https://class.example:8443/".parse().unwrap())
    }

    fn known() -> impl Iterator<Item = &'static Family> {
        ALL.into_iter().filter(|family| family.is_known())
    }

    fn read(path: &str) -> String {
        std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// The page of documentation of a family.
    fn page(family: &Family) -> String {
        read(&format!("docs/platforms/{}.md", family.word))
    }

    /// The keys of a language's texts about families.
    fn keys(language: &str) -> Vec<String> {
        let text = read(&format!("src/i18n/locales/{language}/families.ftl"));
        text.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key.to_owned()).collect()
    }

    /// The languages that come with the tool.
    fn languages() -> Vec<String> {
        let folders = std::fs::read_dir(format!("{}/src/i18n/locales", env!("CARGO_MANIFEST_DIR"))).unwrap();
        folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn every_family_on_the_list_is_complete() {
        for (at, family) in ALL.into_iter().enumerate() {
            assert_eq!(Family::parse(family.word), Some(family));
            assert!(ALL[..at].iter().all(|other| other.word != family.word), "{family:?} stands twice");
            assert_eq!(Family::of(family.code, ""), family);
            assert!(family.asks.contains(&EndpointField::ClientId), "{family:?}");
        }
        assert_eq!(Family::parse("moodle 2"), None);
        for language in languages() {
            let keys = keys(&language);
            for family in ALL {
                let mut needed =
                    vec!["by-hand-where", "config-where", "config-tick", "nameless-how", "register-next"];
                needed.extend(family.has_invitation_guide.then_some("admin-invited-where"));
                for text in needed {
                    let key = format!("{text}-{}", family.word);
                    assert!(keys.contains(&key), "{language} lacks {key}");
                }
            }
        }
        for family in known() {
            assert!(page(family).starts_with("# "), "docs/platforms/{}.md has no title", family.word);
        }
    }

    #[test]
    fn a_family_is_known_by_its_name_or_its_address() {
        for (code, address, expected) in [
            (Some("moodle"), "https://lms.example/x", "moodle"),
            (Some("canvas"), "https://lms.example/x", "canvas"),
            (Some("BlackboardLearn"), "https://lms.example/x", "blackboard"),
            (Some("desire2learn"), "https://lms.example/x", "brightspace"),
            (Some("sakai"), "https://lms.example/mod/lti/auth.php", "sakai"),
            (None, "https://lms.example/mod/lti/auth.php", "moodle"),
            (None, "https://lms.example/mod/lti/services.php/2/lineitems?type_id=1", "moodle"),
            (None, "https://sso.canvaslms.com/api/lti/authorize_redirect", "canvas"),
            (None, "https://uni.instructure.com/api/lti/courses/1/line_items", "canvas"),
            (None, "https://uni.example/d2l/lti/authenticate", "brightspace"),
            (None, "https://courses.example/api/lti_consumer/v1/lti/5/lti-ags", "open-edx"),
            (Some("canvas"), "https://courses.example/api/lti_consumer/v1/lti/5/lti-ags", "canvas"),
            (Some("ims"), "https://lms.example/auth", "other"),
            (None, "https://lms.example/x", "other"),
        ] {
            assert_eq!(Family::of(code, address).word, expected, "{code:?} {address}");
        }
    }

    #[test]
    fn what_is_asked_is_needed() {
        let all = EndpointInput {
            site: "https://lms.example",
            environment: "production",
            issuer: "https://lms.example",
            client_id: "c",
            auth_url: "https://lms.example/a",
            token_url: "https://lms.example/t",
            jwks_url: "https://lms.example/k",
            audience: "",
        };
        for family in ALL {
            assert!(family.endpoints(&all).is_ok(), "{family:?}");
            for field in family.asks.iter().filter(|field| **field != EndpointField::Audience) {
                let mut less = all;
                match field {
                    EndpointField::Site => less.site = " ",
                    EndpointField::Environment => less.environment = "other",
                    EndpointField::Issuer => less.issuer = "",
                    EndpointField::ClientId => less.client_id = "",
                    EndpointField::AuthUrl => less.auth_url = "x",
                    EndpointField::TokenUrl => less.token_url = "",
                    EndpointField::JwksUrl => less.jwks_url = "",
                    EndpointField::Audience => {}
                }
                assert_eq!(family.endpoints(&less), Err(Unusable(*field)), "{family:?}");
            }
        }
    }

    #[test]
    fn every_platform_gets_our_three_addresses() {
        let (tool, base_url) = tool();
        for family in ALL {
            let entries = family.entries(&tool, &base_url);
            let values: Vec<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
            for path in ["login", "launch", "jwks"] {
                let address = format!("https://class.example:8443/lti/{path}");
                assert!(values.iter().any(|value| value.contains(&address)), "{family:?} lacks {path}");
            }
        }
    }

    #[test]
    fn documents_name_the_parameters_that_the_pages_and_the_registration_name() {
        let (tool, base_url) = tool();
        for family in known() {
            let (asked, text) = (family.custom_parameters(&tool), page(family));
            let shown = family.entries(&tool, &base_url);
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
        let (tool, base_url) = (tool().0, "https://class.example.org/".parse().unwrap());
        let text = page(&moodle::FAMILY);
        for Entry { field, value } in moodle::FAMILY.entries(&tool, &base_url) {
            let row = text.lines().find(|line| line.trim_start().starts_with(&format!("| {field} |")));
            let row = row.unwrap_or_else(|| panic!("no row for {field}"));
            for line in value.lines() {
                assert!(row.contains(&format!("`{line}`")), "{field}: {line} is not in {row}");
            }
        }
    }

    #[test]
    fn families_that_know_no_others_variables_are_asked_for_their_own() {
        let (tool, _) = tool();
        let asked = |word: &str| {
            Family::parse(word).unwrap().custom_parameters(&tool).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(asked("moodle"), ["context_id_history", "moodle_groups"]);
        assert_eq!(asked("open-edx"), ["context_id_history"]);
        assert_eq!(asked("sakai"), ["context_id_history", "course_group", "link_id_history"]);
        assert_eq!(asked("other").len(), tool.custom_parameters.len());
    }

    #[test]
    fn clouds_show_their_courses_on_hosts_of_their_own() {
        for (auth_url, expected) in [
            ("https://sso.canvaslms.com/api/lti/authorize_redirect", "https://*.instructure.com"),
            ("https://developer.anthology.com/api/v1/gateway/oidcauth", "https://*.blackboard.com"),
            ("https://learn.blackboard.com/x", ""),
            ("https://lti-service.svc.schoology.com/x", "https://*.schoology.com"),
            ("https://uni.brightspace.com/d2l/lti/authenticate", "https://*.brightspace.com"),
            ("https://evilinstructure.com/x", ""),
            ("https://lms.example/mod/lti/auth.php", ""),
        ] {
            let frames = cloud_frames(&auth_url.parse().unwrap());
            assert_eq!(frames.first().copied().unwrap_or_default(), expected, "{auth_url}");
        }
    }

    #[test]
    fn clouds_have_endpoints_on_hosts_of_their_own() {
        let canvas = "https://canvas.instructure.com";
        for (issuer, host, expected) in [
            (canvas, "sso.canvaslms.com", true),
            (canvas, "uni.instructure.com", true),
            (canvas, "evilcanvaslms.com", false),
            ("https://blackboard.com", "developer.blackboard.com", true),
            ("https://blackboard.com", "learn.blackboard.com", false),
            ("https://uni.brightspace.com", "auth.brightspace.com", true),
            ("https://uni.brightspace.com", "other.brightspace.com", false),
            ("https://lms.example", "sso.canvaslms.com", false),
        ] {
            assert_eq!(is_cloud_host(issuer, host), expected, "{issuer} {host}");
        }
    }

    #[test]
    fn only_one_family_has_a_member_of_its_own_in_scores() {
        let extended: Vec<_> = ALL.into_iter().filter(|family| family.extension.is_some()).collect();
        assert_eq!(extended, [&canvas::FAMILY]);
    }
}
