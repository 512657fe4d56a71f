//! Who did something, in words: sessions and the audit log keep a raw name.

use std::collections::HashMap;

use serde::Serialize;

use super::audit::NOBODY;
use super::audit::TERMINAL;
use super::invitations::WHO as INVITATION;
use crate::clock::Timestamp;

/// Raw names of those who came by a one-time link begin so.
const LINK: &str = "link ";
/// Raw names of administrators of a platform begin so.
const LMS_ADMINISTRATOR: &str = "administrator ";

/// Returns the raw name of whoever came by a link: the end of its identifier, which differs where its beginning tells the
/// time.
pub fn name_of_link(link: &str) -> String {
    format!("{LINK}{}", link.get(24..).unwrap_or(link))
}

/// Returns the raw name of a platform's administrator.
pub fn name_of_lms_administrator(pseudonym: &str) -> String {
    format!("{LMS_ADMINISTRATOR}{pseudonym}")
}

/// When the links were made that people came by, by raw name.
#[derive(Default)]
pub struct Links(HashMap<String, Timestamp>);

impl Links {
    /// The links with these identifiers.
    pub fn new(links: impl IntoIterator<Item = (String, Timestamp)>) -> Self {
        Self(links.into_iter().map(|(id, made)| (name_of_link(&id), made)).collect())
    }

    /// Returns `who` in words.
    pub fn line(&self, who: &str) -> ActorLine {
        let line = |kind, name: &str, made| ActorLine { kind, name: name.to_owned(), made };
        if who.starts_with(LINK) {
            return line("link", "", self.0.get(who).map(|made| made.iso()));
        }
        if let Some(pseudonym) = who.strip_prefix(LMS_ADMINISTRATOR) {
            return line("lms-administrator", pseudonym, None);
        }
        match who {
            TERMINAL => line("terminal", "", None),
            NOBODY => line("nobody", "", None),
            INVITATION => line("invitation", "", None),
            name => line("named", name, None),
        }
    }
}

/// Somebody in words: `actor-KIND`, and a name where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActorLine {
    kind: &'static str,
    name: String,
    /// When the link was made that they came by.
    made: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_names_become_words() {
        let id = "01920a5c-7000-7000-8000-6c370771ab12".to_owned();
        let raw = name_of_link(&id);
        let links = Links::new([(id, Timestamp::from_secs(0))]);
        let words = |who: &str| {
            let ActorLine { kind, name, made } = links.line(who);
            (kind, name, made)
        };
        assert_eq!(words(&raw), ("link", String::new(), Some(Timestamp::from_secs(0).iso())));
        assert_eq!(words("link ffff"), ("link", String::new(), None));
        assert_eq!(words(&name_of_lms_administrator("a1b2")), ("lms-administrator", "a1b2".to_owned(), None));
        assert_eq!(words("terminal"), ("terminal", String::new(), None));
        assert_eq!(words("ana@uni.example"), ("named", "ana@uni.example".to_owned(), None));
    }
}
