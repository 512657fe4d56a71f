//! What teachers decide for a room.

use serde::{Deserialize, Serialize};

/// A room's settings; what is not stored has its usual value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomSettings {
    /// Minutes in class for the full mark.
    pub target_minutes: u32,
    /// Whether marks are sent.
    pub marks: MarksPolicy,
}

/// Whether marks go to the gradebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarksPolicy {
    /// Where the platform has a grade column for the activity.
    Auto,
    /// The same; where it has none, the tool makes one.
    Make,
    /// Never.
    Never,
}

impl Default for RoomSettings {
    fn default() -> Self {
        Self { target_minutes: 45, marks: MarksPolicy::Auto }
    }
}

impl RoomSettings {
    /// Targets that make sense: from a minute to ten hours.
    pub const TARGETS: std::ops::RangeInclusive<u32> = 1..=600;

    /// The settings in a stored text.
    pub fn parse(stored: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(stored)
    }

    /// The settings as text to store.
    pub fn to_json(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// The target that somebody typed; `None` when it is no whole number of minutes that makes sense.
    pub fn read_target(typed: &str) -> Option<u32> {
        typed.trim().parse().ok().filter(|minutes| Self::TARGETS.contains(minutes))
    }
}

impl MarksPolicy {
    /// The word in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Make => "make",
            Self::Never => "never",
        }
    }

    /// The policy that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Auto, Self::Make, Self::Never].into_iter().find(|policy| policy.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stored_has_its_usual_value() {
        assert_eq!(
            RoomSettings::parse("{}").unwrap(),
            RoomSettings { target_minutes: 45, marks: MarksPolicy::Auto }
        );
        let settings = RoomSettings { target_minutes: 90, marks: MarksPolicy::Never };
        assert_eq!(RoomSettings::parse(&settings.to_json()).unwrap(), settings);
        assert!(RoomSettings::parse("x").is_err());
    }

    #[test]
    fn targets_are_whole_minutes_that_make_sense() {
        for (typed, expected) in [
            ("45", Some(45)),
            (" 1 ", Some(1)),
            ("600", Some(600)),
            ("0", None),
            ("601", None),
            ("4.5", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(RoomSettings::read_target(typed), expected, "{typed}");
        }
    }
}
