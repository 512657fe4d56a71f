//! What a platform tells of a person, and what counts as somebody's name: where it insists on one, people type a dash or a
//! dot.

use serde::{Deserialize, Serialize};
use url::Url;

/// What a platform tells of a person; all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonProfile {
    /// Full name.
    pub name: Option<String>,
    /// Picture, https alone.
    pub picture: Option<Url>,
    /// Language, as the platform writes it.
    pub locale: Option<String>,
}

/// Returns a person's name: the full one, else what its parts that are names make together.
pub(super) fn person_name(full: Option<String>, parts: [Option<String>; 2]) -> Option<String> {
    full.filter(|name| is_name(name)).or_else(|| {
        let named: Vec<String> = parts.into_iter().flatten().filter(|part| is_name(part)).collect();
        (!named.is_empty()).then(|| named.join(" "))
    })
}

/// Returns whether a text names somebody: it has a letter or a digit that can be seen.
///
/// Quirk: Unicode counts fillers of Hangul and two vowels of Khmer, which nothing shows, among the letters.
fn is_name(text: &str) -> bool {
    let is_blank =
        |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}');
    text.chars().any(|c| c.is_alphanumeric() && !is_blank(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_dots_and_what_nobody_sees_are_no_names() {
        for text in [
            "-",
            ".",
            "--",
            "- -",
            "…",
            "_",
            "?",
            "\u{200b}",
            "\u{feff}\u{2060}",
            "\u{3164}",
            "\u{2800}",
            "( )",
        ] {
            assert!(!is_name(text), "{text:?}");
        }
        for text in ["A", "李", "ليلى", "О'Ни́л", "7", "x.", "प्रिया", "- Ana"] {
            assert!(is_name(text), "{text:?}");
        }
    }

    #[test]
    fn parts_that_are_no_names_are_left_out() {
        let text = |text: &str| Some(text.to_owned());
        for (full, given, family, expected) in [
            (text("Ana Silva"), text("Ana"), text("Silva"), text("Ana Silva")),
            (text("-"), text("Ana"), text("."), text("Ana")),
            (text(". ."), text("."), text("."), None),
            (None, text("Ana"), text("Silva"), text("Ana Silva")),
            (None, text("-"), text("Silva"), text("Silva")),
            (None, None, None, None),
        ] {
            assert_eq!(person_name(full.clone(), [given, family]), expected, "{full:?}");
        }
    }
}
