//! Identifiers as platforms write them: text, or a whole number, which is read as its text.

use serde_json::Value;

/// Platforms may use so many characters.
const MAX_IDENTIFIER: usize = 255;

/// A platform's name of a person, a course, a link, a group or a deployment: bounded, not empty, and fit to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// Why a value is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// It is neither text nor a whole number.
    #[error("of the wrong JSON type")]
    WrongType,
    /// It is too long, or holds a null character.
    #[error("longer than {MAX_IDENTIFIER} characters, or with a null character")]
    Unstorable,
}

impl Identifier {
    /// Reads an identifier; `None` if it is missing, null or empty.
    ///
    /// Quirk: some platforms write numbers. One that JSON readers would round is refused rather than guessed.
    /// Errors: a value of another type never counts as missing: two people, courses or rooms would become one.
    pub fn read(value: Option<&Value>) -> Result<Option<Self>, IdentifierError> {
        let text = match value {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
            Some(_) => return Err(IdentifierError::WrongType),
        };
        match text.as_str() {
            "" => Ok(None),
            text if is_storable(text) => Ok(Some(Self(text.to_owned()))),
            _ => Err(IdentifierError::Unstorable),
        }
    }

    /// Reads the identifiers of a list; null and empty ones, and ones that nobody could have stored, are left out.
    ///
    /// Errors: an element of another type.
    pub fn read_list(values: &[Value]) -> Result<Vec<Self>, IdentifierError> {
        let read = |value: &Value| match Self::read(Some(value)) {
            Err(IdentifierError::Unstorable) => Ok(None),
            read => read,
        };
        values.iter().filter_map(|value| read(value).transpose()).collect()
    }

    /// Whether `value` is this identifier, written as text or as a number.
    pub fn is_in(text: &str, value: &Value) -> bool {
        Self::read(Some(value)).is_ok_and(|found| found.is_some_and(|found| found.0 == text))
    }

    /// Returns its text.
    pub fn into_text(self) -> String {
        self.0
    }
}

impl IdentifierError {
    /// Names the claim that is no identifier.
    pub fn of(self, claim: &'static str) -> ClaimError {
        ClaimError { claim, error: self }
    }
}

/// A claim that tells people, courses or rooms apart, and cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{claim} is {error}")]
pub struct ClaimError {
    /// The claim's name, and its member's after a dot.
    pub claim: &'static str,
    /// What is wrong.
    pub error: IdentifierError,
}

impl ClaimError {
    /// A claim of the wrong JSON type.
    pub fn wrong_type(claim: &'static str) -> Self {
        IdentifierError::WrongType.of(claim)
    }
}

/// Whether an identifier has a length that platforms may use, and no null character, which PostgreSQL refuses.
pub fn is_storable(text: &str) -> bool {
    text.len() <= MAX_IDENTIFIER && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_and_whole_numbers_are_identifiers() {
        let read = |value: Value| Identifier::read(Some(&value)).map(|read| read.map(Identifier::into_text));
        for (value, expected) in [
            (json!("77"), Some("77")),
            (json!(77), Some("77")),
            (json!(-1), Some("-1")),
            (json!(0), Some("0")),
            (json!(18_446_744_073_709_551_615_u64), Some("18446744073709551615")),
            (json!(" a "), Some(" a ")),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(read(value.clone()), Ok(expected.map(str::to_owned)), "{value}");
        }
        assert_eq!(Identifier::read(None), Ok(None));
        let huge: Value = serde_json::from_str("18446744073709551616").unwrap();
        for value in [json!(true), json!(7.0), json!(7.5), json!([7]), json!({}), json!([]), huge] {
            assert_eq!(read(value.clone()), Err(IdentifierError::WrongType), "{value}");
        }
        for value in [json!("x".repeat(256)), json!("a\0b")] {
            assert_eq!(read(value), Err(IdentifierError::Unstorable));
        }
    }

    #[test]
    fn lists_leave_out_what_is_missing_and_refuse_what_is_another_type() {
        let list = |value: Value| Identifier::read_list(value.as_array().unwrap());
        let texts: Vec<String> =
            list(json!(["a", 7, null, "", "a\0b"])).unwrap().into_iter().map(Identifier::into_text).collect();
        assert_eq!(texts, ["a", "7"]);
        assert!(list(json!(["a", true])).is_err() && list(json!([["a"]])).is_err());
        assert!(Identifier::is_in("7", &json!(7)) && Identifier::is_in("7", &json!("7")));
        assert!(!Identifier::is_in("7", &json!(7.0)) && !Identifier::is_in("true", &json!(true)));
    }
}
