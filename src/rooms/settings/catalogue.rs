//! Every setting: its name, its type, its usual value, who makes sure of it, and the levels at which it may be set.
//!
//! A new setting is a row here, its two texts (`setting-NAME` in `settings.ftl` of each language) and the line that reads it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::jitsi::controls::{Audience, Audiences, CONTROLS};
use crate::rooms::rules::{GradePolicy, RoomRules};

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(u32),
    /// A text, or the word of a choice or an audience.
    Text(String),
}

/// Which values a setting takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Switch,
    /// Moderators, participants, both or nobody.
    Audience {
        /// Whether participants can be among them.
        participants: bool,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number in these bounds.
    Number {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// Plain text.
    Text {
        /// How many characters at most.
        max: usize,
        /// Whether it may have several lines.
        lines: bool,
    },
}

/// Who makes sure that a setting counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcer {
    /// This tool: there is no way past it.
    Tool,
    /// The Jitsi server, by the room token; on servers without tokens the page alone.
    Token,
    /// The page alone: what is not shown can be had in another client.
    Page,
}

/// Which levels may decide a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every level, at any time.
    Everywhere,
    /// Every level; rooms take over what counts when they are made, so that no grade changes because a default did.
    NewRooms,
    /// The room alone.
    Room,
}

/// Where a setting stands in forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What the class is called and what it is about.
    About,
    /// Who gets in, and when.
    Entry,
    /// What others learn of a person.
    People,
    /// Grades and groups.
    Rules,
    /// What the meeting offers.
    Meeting,
}

impl Section {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 5] = [Self::About, Self::Entry, Self::People, Self::Rules, Self::Meeting];

    /// Returns the section's name in texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Entry => "entry",
            Self::People => "people",
            Self::Rules => "rules",
            Self::Meeting => "meeting",
        }
    }
}

/// One thing that may be decided.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name in forms, texts and the database.
    pub key: &'static str,
    /// Where it stands in forms.
    pub section: Section,
    /// Which values it takes.
    pub kind: Kind,
    /// Its value where nobody decides.
    pub default: Value,
    /// Who makes sure of it.
    pub enforcer: Enforcer,
    /// Who may decide it.
    pub scope: Scope,
}

/// Declares settings and the struct that holds their values, so that each is read as a field.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty = $default:expr, $kind:expr, $enforcer:ident, $section:ident, $scope:ident;
    )+) => {
        /// What counts for a room, all levels together.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct RoomSettings {
            $( $(#[doc = $doc])+ pub $name: $type, )+
            /// Who may do what in the meeting.
            pub controls: Audiences,
        }

        impl Default for RoomSettings {
            fn default() -> Self {
                Self { $( $name: $default, )+ controls: Audiences::default() }
            }
        }

        impl RoomSettings {
            /// Puts `value` in the place of the setting `key`; values of other types and unknown settings change nothing.
            pub(super) fn set(&mut self, key: &str, value: &Value) {
                match key {
                    $( stringify!($name) => {
                        if let Some(value) = FromValue::from_value(value) {
                            self.$name = value;
                        }
                    } )+
                    control => {
                        if let Some(audience) = FromValue::from_value(value) {
                            self.controls.set(control, audience);
                        }
                    }
                }
            }
        }

        fn fields() -> Vec<Setting> {
            vec![$( Setting {
                key: stringify!($name),
                section: Section::$section,
                kind: $kind,
                default: Value::from($default),
                enforcer: Enforcer::$enforcer,
                scope: Scope::$scope,
            } ),+]
        }
    };
}

settings! {
    /// What the class is called instead of the activity; empty for the activity's own title.
    title: String = String::new(), Kind::Text { max: 255, lines: false }, Tool, About, Room;
    /// What it is about, instead of the activity's description; empty for that one.
    description: String = String::new(), Kind::Text { max: 2000, lines: true }, Tool, About, Room;
    /// Advice for everybody who comes.
    help: String = String::new(), Kind::Text { max: 2000, lines: true }, Tool, About, Everywhere;
    /// Whether the class can be entered at its scheduled time alone.
    only_in_time: bool = true, Kind::Switch, Tool, Entry, Everywhere;
    /// How many minutes earlier those who lead the class may enter it.
    early_entry: u32 = 10, Kind::Number { min: 0, max: 30 }, Tool, Entry, Everywhere;
    /// Whether the others wait until somebody who leads the class is in it.
    wait_for_moderator: bool = false, Kind::Switch, Tool, Entry, Everywhere;
    /// Minutes after which nobody else gets into a class; 0 for never.
    lock_after: u32 = 0, Kind::Number { min: 0, max: 600 }, Tool, Entry, Everywhere;
    /// How many people may be in the class; 0 for as many as come.
    max_people: u32 = 0, Kind::Number { min: 0, max: 2000 }, Tool, Entry, Everywhere;
    /// Whether the person's picture of the LMS goes to the meeting.
    picture: bool = true, Kind::Switch, Tool, People, Everywhere;
    /// How many videos each person gets at once; 0 for as many as the server sends.
    last_n: u32 = 0, Kind::Number { min: 0, max: 100 }, Page, Meeting, Everywhere;
}

/// Every setting, in the order of forms.
pub static CATALOGUE: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let controls = CONTROLS.iter().map(|control| Setting {
        key: control.key,
        section: Section::Meeting,
        kind: Kind::Audience { participants: control.is_for_participants },
        default: Value::from(control.default),
        enforcer: if control.is_in_tokens() { Enforcer::Token } else { Enforcer::Page },
        scope: Scope::Everywhere,
    });
    fields().into_iter().chain(rules()).chain(controls).collect()
});

/// The rules of grades and groups, which a room takes over when it is made.
fn rules() -> [Setting; 4] {
    let usual = RoomRules::default();
    let targets = Kind::Number { min: *RoomRules::TARGETS.start(), max: *RoomRules::TARGETS.end() };
    let rule = |key, kind, default| Setting {
        key,
        section: Section::Rules,
        kind,
        default,
        enforcer: Enforcer::Tool,
        scope: Scope::NewRooms,
    };
    [
        rule("target_minutes", targets, Value::Number(usual.target_minutes)),
        rule("grades", Kind::Choice(&GradePolicy::WORDS), Value::from(usual.grades)),
        rule("zeros", Kind::Switch, Value::Switch(usual.zeros)),
        rule("group_rooms", Kind::Switch, Value::Switch(usual.group_rooms)),
    ]
}

impl RoomRules {
    /// Returns the rules by the names of their settings.
    pub(super) fn values(&self) -> [(&'static str, Value); 4] {
        [
            ("target_minutes", Value::Number(self.target_minutes)),
            ("grades", Value::from(self.grades)),
            ("zeros", Value::Switch(self.zeros)),
            ("group_rooms", Value::Switch(self.group_rooms)),
        ]
    }

    /// Puts `value` in the place of the rule `key`.
    pub(super) fn set(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("target_minutes", Value::Number(minutes)) => self.target_minutes = *minutes,
            ("grades", Value::Text(word)) => self.grades = GradePolicy::parse(word).unwrap_or(self.grades),
            ("zeros", Value::Switch(on)) => self.zeros = *on,
            ("group_rooms", Value::Switch(on)) => self.group_rooms = *on,
            _ => {}
        }
    }
}

impl Setting {
    /// Returns the setting of this name.
    pub fn find(key: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|setting| setting.key == key)
    }

    /// Returns whether this is one of its values.
    pub fn takes(&self, value: &Value) -> bool {
        match (&self.kind, value) {
            (Kind::Switch, Value::Switch(_)) => true,
            (Kind::Number { min, max }, Value::Number(number)) => (min..=max).contains(&number),
            (Kind::Text { max, lines }, Value::Text(text)) => {
                text.chars().count() <= *max && (*lines || !text.contains('\n'))
            }
            (Kind::Choice(words), Value::Text(word)) => words.contains(&word.as_str()),
            (Kind::Audience { participants }, Value::Text(word)) => {
                Audience::parse(word).is_some_and(|audience| *participants || !audience.includes(false))
            }
            _ => false,
        }
    }
}

/// Reads a field of [`RoomSettings`] from a value.
trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Switch(on) = value { Some(*on) } else { None }
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Number(number) = value { Some(*number) } else { None }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

impl FromValue for Audience {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(word) = value { Self::parse(word) } else { None }
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Audience> for Value {
    fn from(audience: Audience) -> Self {
        Self::Text(audience.word().to_owned())
    }
}

impl From<GradePolicy> for Value {
    fn from(policy: GradePolicy) -> Self {
        Self::Text(policy.word().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_name_of_its_own_and_takes_its_usual_value() {
        for setting in CATALOGUE.iter() {
            let same = CATALOGUE.iter().filter(|one| one.key == setting.key);
            assert_eq!(same.count(), 1, "{}", setting.key);
            assert!(setting.takes(&setting.default), "{}", setting.key);
            let key = setting.key;
            assert!(
                key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit()),
                "{key}"
            );
        }
    }

    #[test]
    fn values_of_other_types_and_out_of_bounds_are_not_taken() {
        let takes = |key: &str, value: Value| Setting::find(key).unwrap().takes(&value);
        let text = |text: &str| Value::Text(text.to_owned());
        for (key, value, expected) in [
            ("picture", Value::Switch(false), true),
            ("picture", text("false"), false),
            ("last_n", Value::Number(100), true),
            ("last_n", Value::Number(101), false),
            ("target_minutes", Value::Number(0), false),
            ("title", text("Algebra’s 🎉 اَلْجَبْر"), true),
            ("title", text("two\nlines"), false),
            ("title", text(&"a".repeat(256)), false),
            ("help", text("two\nlines"), true),
            ("grades", text("never"), true),
            ("grades", text("sometimes"), false),
            ("chat", text("participants"), true),
            ("chat", text("all"), false),
            ("recording", text("moderators"), true),
            ("recording", text("everybody"), false),
        ] {
            assert_eq!(takes(key, value.clone()), expected, "{key} {value:?}");
        }
    }
}
