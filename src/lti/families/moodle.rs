//! Moodle, and what is made of it.

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, address};
use super::family::Family;
use super::form::{Entry, ToolValues};
use crate::lti::services::outcome::{AnswerRule, ScoreOutcome};

/// Quirk: a score for somebody who is no student of the course answers 400 and nothing that says so; a locked grade 500.
/// Frames keep the screen.
pub(super) static FAMILY: Family = Family {
    word: "moodle",
    name: "Moodle",
    code: Some("moodle"),
    codes: &["moodle", "totara", "iomad"],
    addresses: &["/mod/lti/"],
    asks: &[EndpointField::Site, EndpointField::ClientId],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: true,
    variables: &["$Moodle.Person.userGroupIds"],
    cloud: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    extension: None,
    answers: &[
        AnswerRule::new(400, "", ScoreOutcome::NotALearner),
        AnswerRule::new(500, "", ScoreOutcome::Locked),
    ],
};

/// The folders whose pages an administrator may have open.
const FOLDERS: [&str; 7] = ["admin", "course", "grade", "login", "mod", "my", "user"];

/// Returns the endpoints, which all follow from `wwwroot`.
///
/// Spec: the page of the tool's configuration details.
fn endpoints(input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let url = input.site()?;
    let site = format!("{}{}", url.origin().ascii_serialization(), root(url.path()));
    let at = |page: &str| address(&format!("{site}/mod/lti/{page}.php"), EndpointField::Site);
    Ok(Endpoints {
        auth_url: at("auth")?,
        token_url: at("token")?,
        jwks_url: at("certs")?,
        token_audience: None,
        issuer: site,
    })
}

/// Returns the path below which a Moodle lives, without a slash at its end, where `path` may be that of a page.
///
/// Quirk: only what must be a page is cut. A Moodle may live in a folder that is called like one of its own.
fn root(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.last().is_some_and(|last| last.ends_with(".php") || *last == "my") {
        let is_inside = |part: &&str| FOLDERS.contains(part) || part.ends_with(".php");
        let depth = parts.iter().position(is_inside).unwrap_or(parts.len());
        parts.truncate(depth);
    }
    parts.into_iter().map(|part| format!("/{part}")).collect()
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Tool name", tool.title()),
        Entry::new("Tool URL", tool.launch()),
        Entry::new("Public keyset", tool.keys()),
        Entry::new("Initiate login URL", tool.login()),
        Entry::new("Redirection URI(s)", tool.launch()),
        Entry::new("Custom parameters", tool.custom_lines()),
        Entry::new("Content Selection URL", tool.launch()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(site: &str) -> Result<Endpoints, Unusable> {
        FAMILY.endpoints(&EndpointInput { site, client_id: "x", ..EndpointInput::default() })
    }

    #[test]
    fn all_endpoints_follow_from_the_site() {
        let found = entered("https://school.example/moodle/").unwrap();
        assert_eq!(found.issuer, "https://school.example/moodle");
        assert_eq!(found.auth_url.as_str(), "https://school.example/moodle/mod/lti/auth.php");
        assert_eq!(found.token_url.as_str(), "https://school.example/moodle/mod/lti/token.php");
        assert_eq!(found.jwks_url.as_str(), "https://school.example/moodle/mod/lti/certs.php");
        assert_eq!(found.token_audience, None);
    }

    #[test]
    fn the_page_that_was_open_is_no_part_of_the_site() {
        for (pasted, issuer) in [
            ("https://school.example/course/view.php?id=3", "https://school.example"),
            ("https://school.example/moodle/mod/lti/toolconfigure.php", "https://school.example/moodle"),
            ("https://school.example/moodle/index.php", "https://school.example/moodle"),
            ("school.example/my/", "https://school.example"),
            ("https://school.example/course/", "https://school.example/course"),
            (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(entered(pasted).unwrap().issuer, issuer, "{pasted}");
        }
        for pasted in ["mailto://", "https://a:b@school.example", "https://:b@school.example", "a b"] {
            assert_eq!(entered(pasted), Err(Unusable(EndpointField::Site)), "{pasted}");
        }
    }

    #[test]
    fn answers_mean_what_moodle_means_by_them() {
        for (status, body, expected) in [
            (400, "[]", ScoreOutcome::NotALearner),
            (409, "[]", ScoreOutcome::Older),
            (500, "", ScoreOutcome::Locked),
            (503, "", ScoreOutcome::Down),
        ] {
            assert_eq!(ScoreOutcome::of_body(status, body, FAMILY.answers), expected, "{status} {body}");
        }
    }
}
