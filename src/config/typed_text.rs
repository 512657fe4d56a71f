//! Values that an operator typed or pasted, at the terminal, in a form or in a file: one way of reading them all.

use std::fmt;

use serde::{Deserialize, Deserializer};
use url::Url;

/// A character that nobody sees, in a value that somebody pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenCharacter {
    /// Which character of the value it is, counted from 1.
    pub position: usize,
    /// Which one it is.
    pub letter: char,
}

impl HiddenCharacter {
    fn name(&self) -> &'static str {
        match self.letter {
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
            '\t' => "a tab",
            '\u{a0}' | '\u{202f}' => "a no-break space",
            '\u{feff}' => "a byte order mark",
            '\u{200b}'..='\u{200d}' | '\u{2060}' => "a zero-width character",
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                "a mark of the writing direction"
            }
            '\u{ad}' => "a soft hyphen",
            letter if letter.is_control() => "a control character",
            _ => "an invisible character",
        }
    }
}

impl fmt::Display for HiddenCharacter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (position, code) = (self.position, u32::from(self.letter));
        write!(
            out,
            "character {position} is {} (U+{code:04X}), which nobody sees: type the value",
            self.name()
        )
    }
}

impl std::error::Error for HiddenCharacter {}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedUrlError {
    /// A character that nobody sees.
    #[error(transparent)]
    Hidden(#[from] HiddenCharacter),
    /// Anything else.
    #[error("not an address: it must begin with https://")]
    NoAddress,
}

/// Reads an identifier, an address or a secret: without spaces around it, and without anything that nobody sees.
///
/// Quirk: browsers and programs take `id` and `id` with a zero-width space for two values that look the same.
pub fn identifier(text: &str) -> Result<String, HiddenCharacter> {
    read(text, |letter| is_hidden(letter) || is_joiner(letter))
}

/// Reads a name for people. Persian, Hindi and emoji need joiners, which nobody sees either.
pub fn name(text: &str) -> Result<String, HiddenCharacter> {
    read(text, is_hidden)
}

/// Reads an address.
pub fn address(text: &str) -> Result<Url, TypedUrlError> {
    Url::parse(&identifier(text)?).map_err(|_: url::ParseError| TypedUrlError::NoAddress)
}

fn read(text: &str, refuses: impl Fn(char) -> bool) -> Result<String, HiddenCharacter> {
    let trimmed = text.trim();
    let before = text.len() - text.trim_start().len();
    let counted = text.chars().count() - text[before..].chars().count();
    match trimmed.chars().enumerate().find(|(_, letter)| refuses(*letter)) {
        Some((at, letter)) => Err(HiddenCharacter { position: counted + at + 1, letter }),
        None => Ok(trimmed.to_owned()),
    }
}

/// Spec: Unicode 15, general categories Cc and Cf, and the spaces and fillers that look like none or like another.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || (letter.is_whitespace() && letter != ' ')
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}')
}

/// Reads an identifier of a file.
pub(super) fn identifier_of_file<'de, D: Deserializer<'de>>(file: D) -> Result<String, D::Error> {
    identifier(&String::deserialize(file)?).map_err(serde::de::Error::custom)
}

/// Reads an address of a file.
pub(super) fn address_of_file<'de, D: Deserializer<'de>>(file: D) -> Result<Url, D::Error> {
    address(&String::deserialize(file)?).map_err(serde::de::Error::custom)
}

/// Reads an identifier of a file that may be left out.
pub(super) fn optional_identifier_of_file<'de, D: Deserializer<'de>>(
    file: D,
) -> Result<Option<String>, D::Error> {
    let told = Option::<String>::deserialize(file)?;
    told.map(|text| identifier(&text)).transpose().map_err(serde::de::Error::custom)
}

/// Reads a name of a file that may be left out.
pub(super) fn optional_name_of_file<'de, D: Deserializer<'de>>(file: D) -> Result<Option<String>, D::Error> {
    let told = Option::<String>::deserialize(file)?;
    told.map(|text| name(&text)).transpose().map_err(serde::de::Error::custom)
}

/// Reads identifiers of a file.
pub(super) fn identifiers_of_file<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<String>, D::Error> {
    let told = Vec::<String>::deserialize(file)?;
    told.iter().map(|text| identifier(text)).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_around_a_value_are_dropped() {
        for text in ["id", " id", "id\n", "\tid \r\n", "\u{a0}id\u{3000}"] {
            assert_eq!(identifier(text).as_deref(), Ok("id"), "{text:?}");
        }
        assert_eq!(identifier("an id of two words").as_deref(), Ok("an id of two words"));
        assert_eq!(identifier("").as_deref(), Ok(""));
        assert_eq!(identifier("ñandú-школа-学校").as_deref(), Ok("ñandú-школа-学校"));
    }

    #[test]
    fn what_nobody_sees_is_refused_by_name_and_place() {
        for (text, position, words) in [
            ("ab\u{200b}c", 3, "a zero-width character (U+200B)"),
            ("ab\u{200d}c", 3, "a zero-width character (U+200D)"),
            ("\u{feff}abc", 1, "a byte order mark (U+FEFF)"),
            ("abc\u{feff}", 4, "a byte order mark (U+FEFF)"),
            ("a\u{a0}b", 2, "a no-break space (U+00A0)"),
            ("  a\nb", 4, "a line break (U+000A)"),
            ("a\tb", 2, "a tab (U+0009)"),
            ("a\0b", 2, "a control character (U+0000)"),
            ("a\u{202e}b", 2, "a mark of the writing direction (U+202E)"),
            ("é\u{2066}b", 2, "a mark of the writing direction (U+2066)"),
            ("a\u{ad}b", 2, "a soft hyphen (U+00AD)"),
            ("a\u{3164}b", 2, "an invisible character (U+3164)"),
            ("a\u{e0041}b", 2, "an invisible character (U+E0041)"),
            ("a\u{fe0f}b", 2, "an invisible character (U+FE0F)"),
            ("a\u{2028}b", 2, "a line break (U+2028)"),
        ] {
            let error = identifier(text).unwrap_err();
            assert_eq!(error.position, position, "{text:?}");
            let told = error.to_string();
            assert!(told.contains(words) && told.starts_with(&format!("character {position} ")), "{told}");
        }
    }

    #[test]
    fn names_may_need_joiners_and_nothing_else_that_is_hidden() {
        for text in ["می\u{200c}خواهم", "क्\u{200d}ष", "Campus ❤\u{fe0f}"] {
            assert_eq!(name(text).as_deref(), Ok(text));
            assert!(identifier(text).is_err());
        }
        assert!(name("a\u{202e}b").is_err() && name("a\nb").is_err() && name("a\u{200b}b").is_err());
    }

    #[test]
    fn addresses_are_read_the_same_way() {
        assert_eq!(
            address(" https://lms.example/a \n").map(String::from),
            Ok("https://lms.example/a".into())
        );
        // The usual way of reading addresses drops these, or writes them in another way.
        for text in ["https://lms.example/a\nb", "https://lms.example/a\u{200b}", "https://\u{ad}lms.example"]
        {
            assert!(matches!(address(text), Err(TypedUrlError::Hidden(_))), "{text:?}");
        }
        assert_eq!(address("lms.example"), Err(TypedUrlError::NoAddress));
    }
}
