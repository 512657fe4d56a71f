//! The rules of a room's grades and groups.

use serde::{Deserialize, Serialize};

/// A room's rules; what is not stored has its usual value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomRules {
    /// Minutes in class for the full grade.
    pub target_minutes: u32,
    /// Whether grades are sent.
    #[serde(alias = "marks")]
    pub grades: GradePolicy,
    /// Whether learners who were in class for less than a minute get a 0; otherwise they get no grade.
    pub zeros: bool,
    /// Whether each group of the course has a room of its own.
    pub group_rooms: bool,
}

/// Whether grades go to the gradebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GradePolicy {
    /// Where the platform has a grade column for the activity.
    Auto,
    /// The same; where it has none, the tool makes one.
    Make,
    /// Never.
    Never,
}

impl Default for RoomRules {
    fn default() -> Self {
        Self { target_minutes: 45, grades: GradePolicy::Auto, zeros: false, group_rooms: false }
    }
}

impl RoomRules {
    /// Targets that make sense: from a minute to ten hours.
    pub const TARGETS: std::ops::RangeInclusive<u32> = 1..=600;

    /// The rules in a stored text.
    pub fn parse(stored: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(stored)
    }

    /// The target that somebody entered; `None` when it is no whole number of minutes that makes sense.
    pub fn read_target(input: &str) -> Option<u32> {
        input.trim().parse().ok().filter(|minutes| Self::TARGETS.contains(minutes))
    }
}

impl GradePolicy {
    /// The words in forms.
    pub const WORDS: [&'static str; 3] = ["auto", "make", "never"];

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
        let usual = RoomRules::parse("{}").unwrap();
        assert_eq!((usual.target_minutes, usual.grades, usual.group_rooms), (45, GradePolicy::Auto, false));
        let settings =
            RoomRules { target_minutes: 90, grades: GradePolicy::Never, zeros: true, group_rooms: true };
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(RoomRules::parse(&stored).unwrap(), settings);
        assert!(RoomRules::parse("x").is_err());
    }

    #[test]
    fn targets_are_whole_minutes_that_make_sense() {
        for (input, expected) in [
            ("45", Some(45)),
            (" 1 ", Some(1)),
            ("600", Some(600)),
            ("0", None),
            ("601", None),
            ("4.5", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(RoomRules::read_target(input), expected, "{input}");
        }
    }
}
