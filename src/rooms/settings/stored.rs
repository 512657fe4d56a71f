//! The text in which a room's own rules and settings are stored.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::layers::{Decision, Layer};
use crate::rooms::rules::RoomRules;

/// What is stored of a room's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSettings {
    /// The rules of its grades and groups.
    pub rules: RoomRules,
    /// What was decided for the room.
    pub layer: Layer,
}

impl StoredSettings {
    /// Returns a room's rules and what was decided for it, with the rules among the decisions.
    pub fn new(rules: RoomRules, mut layer: Layer) -> Self {
        for (key, value) in rules.values() {
            layer.set(key, Some(Decision::open(value)));
        }
        Self { rules, layer }
    }

    /// Returns the settings in a stored text.
    pub fn parse(stored: &str) -> Result<Self, serde_json::Error> {
        Ok(Self { rules: RoomRules::parse(stored)?, layer: Layer::parse(stored)? })
    }

    /// Returns the text to store.
    ///
    /// Errors: none of the values can be written otherwise than as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut all = match serde_json::to_value(self.rules)? {
            Value::Object(rules) => rules,
            _ => Map::new(),
        };
        for (key, decision) in self.layer.each() {
            if !all.contains_key(key) {
                all.insert(key.to_owned(), serde_json::to_value(decision)?);
            }
        }
        serde_json::to_string(&all)
    }

    /// Names what is stored, whatever the order of its text.
    pub fn version(&self) -> Result<SettingsVersion, serde_json::Error> {
        self.to_json().map(|text| SettingsVersion::of(&text))
    }
}

/// Names the settings that a form was made from, so that it is told when somebody saved others meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsVersion(String);

impl SettingsVersion {
    /// Returns the version of what is stored.
    pub fn of(stored: &str) -> Self {
        let digest = Sha256::digest(stored);
        Self(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the version that a form names.
    pub fn received(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text in forms.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jitsi::controls::Audience;
    use crate::rooms::rules::GradePolicy;

    #[test]
    fn rules_and_layer_are_stored_side_by_side() {
        let mut stored = StoredSettings {
            rules: RoomRules { target_minutes: 90, grades: GradePolicy::Never, ..RoomRules::default() },
            ..StoredSettings::default()
        };
        stored.layer.set("chat", Some(Decision::open(Audience::Moderators.into())));
        let text = stored.to_json().unwrap();
        let read = StoredSettings::parse(&text).unwrap();
        assert_eq!(read.rules, stored.rules);
        assert_eq!(read.layer.get("chat"), stored.layer.get("chat"));
        assert_eq!(read.to_json().unwrap(), text);
        assert_ne!(SettingsVersion::of(&text), SettingsVersion::of("{}"));
    }

    #[test]
    fn a_room_of_before_keeps_its_rules_and_has_decided_nothing_else() {
        let text =
            r#"{"target_minutes":30,"marks":"never","zeros":true,"group_rooms":true,"begins":1,"ends":2}"#;
        let read = StoredSettings::parse(text).unwrap();
        assert_eq!((read.rules.target_minutes, read.rules.grades), (30, GradePolicy::Never));
        assert_eq!((read.rules.zeros, read.rules.group_rooms), (true, true));
        assert!(read.layer.get("chat").is_none());
    }
}
