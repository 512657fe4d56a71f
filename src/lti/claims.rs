//! The claims of a launch as platforms write them: every optional one optional, nulls and foreign shapes survive.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use url::Url;

use super::identifier::{ClaimError, Identifier};

const CORE: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const GRADE_SERVICE: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
const ROSTER_SERVICE: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
const GROUP_SERVICE: &str = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice";
const DEEP_LINKING: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";
const MAX_TEXT: usize = 2_000;

/// A launch's payload: JSON in which no key stands twice.
///
/// Quirk: with a doubled key two readers of one token could believe different things, so such a token is refused.
#[derive(Clone, Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a payload. `None` when it is no JSON object, or a key stands twice.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        match serde_json::from_slice::<Strict>(payload).ok()?.0 {
            Value::Object(claims) => Some(Self(claims)),
            _ => None,
        }
    }

    /// A claim by its whole name; null counts as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether there is a claim of this name, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A claim of LTI Core by its short name; null counts as absent.
    pub fn core(&self, name: &str) -> Option<&Value> {
        self.get(&format!("{CORE}{name}"))
    }

    /// Reads a claim that is an identifier.
    ///
    /// Errors: it is there and no identifier.
    pub fn identifier(&self, name: &'static str) -> Result<Option<String>, ClaimError> {
        let read = Identifier::read(self.get(name)).map_err(|error| error.of(name))?;
        Ok(read.map(Identifier::into_text))
    }

    /// Reads a claim of LTI Core that is an identifier.
    ///
    /// Errors: it is there and no identifier.
    pub fn core_identifier(&self, name: &'static str) -> Result<Option<String>, ClaimError> {
        let read = Identifier::read(self.core(name)).map_err(|error| error.of(name))?;
        Ok(read.map(Identifier::into_text))
    }

    /// Reads an identifier inside a claim of LTI Core that is an object; `path` is both, with a dot between.
    ///
    /// Errors: the claim is there and no object, or the member is there and no identifier.
    pub fn identifier_at(&self, path: &'static str) -> Result<Option<String>, ClaimError> {
        let (claim, member) = path.split_once('.').unwrap_or((path, ""));
        let Some(object) = self.core_object(claim)? else { return Ok(None) };
        let read = Identifier::read(object.get(member)).map_err(|error| error.of(path))?;
        Ok(read.map(Identifier::into_text))
    }

    /// A claim of LTI Core that is an object.
    ///
    /// Quirk: PHP writes an empty object as an empty list, or as an empty text.
    /// Errors: it is there and something else.
    pub fn core_object(&self, name: &'static str) -> Result<Option<&Map<String, Value>>, ClaimError> {
        match self.core(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(Value::Array(list)) if list.is_empty() => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(_) => Err(ClaimError::wrong_type(name)),
        }
    }

    /// A claim of LTI Core that is a text.
    pub fn core_text(&self, name: &str) -> Option<&str> {
        self.core(name)?.as_str()
    }

    /// A text inside a claim of LTI Core that is an object.
    pub fn core_member(&self, name: &str, member: &str) -> Option<&str> {
        self.core(name)?.get(member)?.as_str()
    }

    /// A claim that is a text with something in it; cut where no honest platform goes.
    pub fn text(&self, name: &str) -> Option<String> {
        tidy(self.get(name)?.as_str()?)
    }

    /// A text with something in it inside a claim of LTI Core.
    pub fn member_text(&self, name: &str, member: &str) -> Option<String> {
        tidy(self.core_member(name, member)?)
    }

    /// A member of the claim that offers the grade service.
    ///
    /// Spec: AGS 2.0 §3.1.
    pub fn grade_service(&self, member: &str) -> Option<&Value> {
        self.member(GRADE_SERVICE, member)
    }

    /// A member of the claim that offers the participants.
    ///
    /// Spec: NRPS 2.0 §3.6.1.1.
    pub fn membership_service(&self, member: &str) -> Option<&Value> {
        self.member(ROSTER_SERVICE, member)
    }

    /// A member of the claim that offers the course's groups.
    ///
    /// Spec: Course Groups Service 1.0 §3.1.
    pub fn group_service(&self, member: &str) -> Option<&Value> {
        self.member(GROUP_SERVICE, member)
    }

    /// A member of the claim that says how content may be chosen.
    ///
    /// Spec: Deep Linking 2.0 §4.4.1.
    pub fn deep_linking(&self, member: &str) -> Option<&Value> {
        self.member(DEEP_LINKING, member)
    }

    fn member(&self, claim: &str, member: &str) -> Option<&Value> {
        self.get(claim)?.get(member).filter(|value| !value.is_null())
    }

    /// A claim that is an https address of usual length.
    pub fn https(&self, name: &str) -> Option<Url> {
        let url = Url::parse(&self.text(name)?).ok()?;
        (url.scheme() == "https").then_some(url)
    }

    /// The roles, where the claim is there and a list; elements that are no text are left out.
    pub fn roles(&self) -> Option<Vec<String>> {
        let roles = self.core("roles")?.as_array()?;
        Some(roles.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// A text without spaces around it, of bounded length, without characters that steer terminals or pages.
pub(super) fn tidy(text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_TEXT).collect();
    (!kept.is_empty()).then_some(kept)
}

/// A JSON value in which no object has a key twice, at any depth.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("JSON without doubled keys")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_key_is_refused_at_any_depth() {
        assert!(Claims::parse(br#"{"a":1,"b":{"c":1}}"#).is_some());
        for text in [
            &br#"{"a":1,"a":2}"#[..],
            br#"{"a":{"b":1,"b":2}}"#,
            br#"{"a":[{"b":1,"b":1}]}"#,
            b"[]",
            b"x",
            b"",
        ] {
            assert!(Claims::parse(text).is_none());
        }
    }

    #[test]
    fn nulls_and_foreign_shapes_count_as_absent() {
        let claims = Claims::parse(
            br#"{"name":null,"email":5,"picture":"javascript:alert(1)","locale":["x"],
            "https://purl.imsglobal.org/spec/lti/claim/roles":["a",7,null],
            "https://purl.imsglobal.org/spec/lti/claim/context":"odd"}"#,
        )
        .unwrap();
        assert_eq!((claims.text("name"), claims.text("email"), claims.text("locale")), (None, None, None));
        assert_eq!(claims.https("picture"), None);
        assert_eq!(claims.roles(), Some(vec!["a".to_owned()]));
        assert_eq!(claims.core_member("context", "id"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_payload_makes_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            if let Some(claims) = Claims::parse(&bytes) {
                let _ = (claims.roles(), claims.text("name"));
            }
        }
    }
}
