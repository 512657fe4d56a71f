//! Layers of settings: what each level decided, what counts, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{CATALOGUE, RoomSettings, Scope, Setting, Value};
use crate::rooms::rules::RoomRules;

/// Who decides, from the widest to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The installation's operators.
    Site,
    /// The operators, for one LMS.
    Platform,
    /// Those who lead a course.
    Course,
    /// Those who lead a class.
    Room,
}

impl Level {
    /// All of them, the widest first.
    pub const ALL: [Self; 4] = [Self::Site, Self::Platform, Self::Course, Self::Room];

    /// Returns its name in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Platform => "platform",
            Self::Course => "course",
            Self::Room => "room",
        }
    }
}

/// What one level decided about one setting.
///
/// Quirk: rooms store the bare value, as they did before there were levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredDecision", into = "StoredDecision")]
pub struct Decision {
    /// The value.
    pub value: Value,
    /// Whether nearer levels cannot decide otherwise.
    pub locked: bool,
    /// Why, in the words of whoever locked it; may be empty.
    pub why: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum StoredDecision {
    Bare(Value),
    Whole {
        value: Value,
        #[serde(default)]
        locked: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
}

impl From<StoredDecision> for Decision {
    fn from(stored: StoredDecision) -> Self {
        match stored {
            StoredDecision::Bare(value) => Self::open(value),
            StoredDecision::Whole { value, locked, why } => Self { value, locked, why },
        }
    }
}

impl From<Decision> for StoredDecision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision { value, locked: false, why } if why.is_empty() => Self::Bare(value),
            Decision { value, locked, why } => Self::Whole { value, locked, why },
        }
    }
}

impl Decision {
    /// A value that nearer levels may change.
    pub fn open(value: Value) -> Self {
        Self { value, locked: false, why: String::new() }
    }
}

/// What one level decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layer(BTreeMap<String, Decision>);

impl Layer {
    /// Returns the layer in a stored text. Settings that this program does not know, and values that they no longer take, are
    /// as if nobody had decided them: another release wrote them.
    pub fn parse(stored: &str) -> Result<Self, serde_json::Error> {
        if stored.is_empty() || stored == "{}" {
            return Ok(Self::default());
        }
        let entries: BTreeMap<String, serde_json::Value> = serde_json::from_str(stored)?;
        let known = entries.into_iter().filter_map(|(key, entry)| {
            let setting = Setting::find(&key)?;
            let decision: Decision = serde_json::from_value(entry).ok()?;
            setting.takes(&decision.value).then_some((key, decision))
        });
        Ok(Self(known.collect()))
    }

    /// Returns what was decided about a setting.
    pub fn get(&self, key: &str) -> Option<&Decision> {
        self.0.get(key)
    }

    /// Decides about a setting, or leaves it to the levels around.
    pub fn set(&mut self, key: &str, decision: Option<Decision>) {
        match decision {
            Some(decision) => self.0.insert(key.to_owned(), decision),
            None => self.0.remove(key),
        };
    }

    /// Returns the decisions, by the names of their settings.
    pub fn each(&self) -> impl Iterator<Item = (&str, &Decision)> {
        self.0.iter().map(|(key, decision)| (key.as_str(), decision))
    }
}

/// What all levels decided about one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// At the site.
    pub site: Layer,
    /// At the platform.
    pub platform: Layer,
    /// In the course.
    pub course: Layer,
    /// For the room.
    pub room: Layer,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The value.
    pub value: &'a Value,
    /// Who decided it; `None` for the usual value.
    pub level: Option<Level>,
    /// The lock that keeps nearer levels from deciding, in the words of whoever locked it.
    pub lock: Option<&'a str>,
}

impl Layers {
    /// Returns what a level decided.
    pub fn at(&self, level: Level) -> &Layer {
        match level {
            Level::Site => &self.site,
            Level::Platform => &self.platform,
            Level::Course => &self.course,
            Level::Room => &self.room,
        }
    }

    /// Returns what a level decided, to be changed.
    pub fn at_mut(&mut self, level: Level) -> &mut Layer {
        match level {
            Level::Site => &mut self.site,
            Level::Platform => &mut self.platform,
            Level::Course => &mut self.course,
            Level::Room => &mut self.room,
        }
    }

    /// Returns what counts for `setting` at `level`, and the levels around it.
    ///
    /// The nearest level that decided counts, unless one farther out locked the setting.
    pub fn resolve<'a>(&'a self, setting: &'a Setting, level: Level) -> Resolved<'a> {
        let mut found = Resolved { value: &setting.default, level: None, lock: None };
        for one in Level::ALL.into_iter().take_while(|one| *one <= level) {
            if setting.scope == Scope::Room && one != Level::Room {
                continue;
            }
            let Some(decision) = self.at(one).get(setting.key) else { continue };
            found.value = &decision.value;
            found.level = Some(one);
            if decision.locked && one != Level::Room && setting.scope == Scope::Everywhere {
                found.lock = Some(&decision.why);
                break;
            }
        }
        found
    }

    /// Returns what would count for `setting` if `level` had not decided it.
    pub fn inherited<'a>(&'a self, setting: &'a Setting, level: Level) -> Resolved<'a> {
        let around = Level::ALL.into_iter().take_while(|one| *one < level).last();
        match around {
            Some(around) => self.resolve(setting, around),
            None => Resolved { value: &setting.default, level: None, lock: None },
        }
    }

    /// Returns what counts for the room.
    pub fn settings(&self) -> RoomSettings {
        let mut settings = RoomSettings::default();
        for setting in CATALOGUE.iter().filter(|setting| self.decides(setting.key)) {
            settings.set(setting.key, self.resolve(setting, Level::Room).value);
        }
        settings
    }

    /// Returns the rules that a room takes over which is made now.
    pub fn rules_of_new_room(&self) -> RoomRules {
        let mut rules = RoomRules::default();
        for setting in CATALOGUE.iter().filter(|setting| setting.scope == Scope::NewRooms) {
            rules.set(setting.key, self.resolve(setting, Level::Course).value);
        }
        rules
    }

    fn decides(&self, key: &str) -> bool {
        Level::ALL.into_iter().any(|level| self.at(level).get(key).is_some())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jitsi::controls::Audience;

    fn decided(key: &str, value: impl Into<Value>, locked: bool) -> Layer {
        let mut layer = Layer::default();
        layer.set(
            key,
            Some(Decision { value: value.into(), locked, why: "rules of the exam office".to_owned() }),
        );
        layer
    }

    #[test]
    fn the_nearest_level_counts_unless_one_farther_out_locked_it() {
        let chat = Setting::find("chat").unwrap();
        let mut layers =
            Layers { platform: decided("chat", Audience::Moderators, false), ..Layers::default() };
        let found = layers.resolve(chat, Level::Room);
        assert_eq!((found.value, found.level), (&Value::from(Audience::Moderators), Some(Level::Platform)));
        layers.room = decided("chat", Audience::Nobody, false);
        assert_eq!(layers.resolve(chat, Level::Room).level, Some(Level::Room));
        assert_eq!(layers.inherited(chat, Level::Room).value, &Value::from(Audience::Moderators));
        layers.site = decided("chat", Audience::Everybody, true);
        let found = layers.resolve(chat, Level::Room);
        assert_eq!((found.value, found.level), (&Value::from(Audience::Everybody), Some(Level::Site)));
        assert_eq!(found.lock, Some("rules of the exam office"));
        assert!(layers.settings().controls.of(false).has("chat"));
    }

    #[test]
    fn rooms_take_rules_over_when_they_are_made_and_no_lock_changes_them_later() {
        let layers = Layers { course: decided("target_minutes", 60, true), ..Layers::default() };
        assert_eq!(layers.rules_of_new_room().target_minutes, 60);
        let target = Setting::find("target_minutes").unwrap();
        assert_eq!(layers.resolve(target, Level::Course).lock, None);
    }

    #[test]
    fn a_title_is_the_room_s_alone() {
        let layers = Layers { site: decided("title", String::from("Everywhere"), true), ..Layers::default() };
        assert_eq!(layers.settings().title, "");
    }

    #[test]
    fn what_another_release_stored_is_as_if_nobody_had_decided_it() {
        let text = r#"{"chat":{"value":"nobody","locked":true},"picture":"yes","invented":7,"last_n":4000,
            "target_minutes":45,"begins":null,"help":{"value":"Be kind.","why":"x"}}"#;
        let layer = Layer::parse(text).unwrap();
        let keys: Vec<&str> = layer.each().map(|(key, _)| key).collect();
        assert_eq!(keys, ["chat", "help", "target_minutes"]);
        assert!(layer.get("chat").unwrap().locked);
        assert!(Layer::parse("x").is_err() && Layer::parse("[]").is_err());
        let stored = serde_json::to_string(&layer).unwrap();
        assert_eq!(Layer::parse(&stored).unwrap(), layer);
        assert!(stored.contains(r#""target_minutes":45"#), "{stored}");
    }

    /// What one level says of the model's three settings: nothing, a value, or a value that is locked.
    fn layers_of_a_level() -> impl Strategy<Value = Vec<Option<(bool, bool)>>> {
        proptest::collection::vec(proptest::option::of((any::<bool>(), any::<bool>())), 3)
    }

    proptest! {
        /// The model: walk from the widest level to the nearest and stop at the first lock.
        #[test]
        fn random_layers_do_what_a_simple_model_does(levels in proptest::collection::vec(layers_of_a_level(), 4)) {
            let keys = ["chat", "reactions", "captions"];
            let layer = |decisions: &[Option<(bool, bool)>]| {
                let mut layer = Layer::default();
                for (key, decision) in keys.iter().zip(decisions) {
                    layer.set(key, decision.map(|(on, locked)| Decision {
                        value: if on { Audience::Everybody } else { Audience::Nobody }.into(),
                        locked,
                        why: String::new(),
                    }));
                }
                layer
            };
            let layers = Layers {
                site: layer(&levels[0]), platform: layer(&levels[1]), course: layer(&levels[2]), room: layer(&levels[3]),
            };
            let settings = layers.settings();
            for (index, key) in keys.iter().enumerate() {
                let mut expected = true;
                for level in &levels {
                    if let Some((on, locked)) = level[index] {
                        expected = on;
                        if locked { break; }
                    }
                }
                prop_assert_eq!(settings.controls.of(false).has(key), expected);
                let stored = serde_json::to_string(&layers.site).unwrap();
                prop_assert_eq!(&Layer::parse(&stored).unwrap(), &layers.site);
            }
        }
    }
}
