//! The picker's form: what was entered, and the classes that it means.

use std::time::Duration;

use chrono_tz::Tz;

use crate::clock::Timestamp;
use crate::ids::RoomId;
use crate::rooms::rules::RoomRules;
use crate::rooms::schedule::fields::{NotATime, read_moment};
use crate::rooms::schedule::plan::{MINUTES, Plan, Schedule, local};

const MAX_TITLE: usize = 200;
const MAX_TEXT: usize = 2_000;
/// New classes that one form may hold.
pub const MAX_CLASSES: usize = 12;

/// A new class as entered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ClassDraft {
    /// The title.
    pub title: String,
    /// The description.
    pub text: String,
    /// Begin and end as the browser's field writes them: local time, without a zone.
    pub begins: String,
    /// The same for the end.
    pub ends: String,
    /// The same moments in UTC, where a script could tell the zone.
    pub begins_at: String,
    /// The same for the end.
    pub ends_at: String,
    /// Whether it is graded.
    pub graded: bool,
    /// Minutes for the full grade.
    pub target: String,
}

impl ClassDraft {
    /// A class that nobody has entered anything about, with the course's usual minutes for the full grade.
    pub fn blank(graded: bool, target: String) -> Self {
        Self {
            title: String::new(),
            text: String::new(),
            begins: String::new(),
            ends: String::new(),
            begins_at: String::new(),
            ends_at: String::new(),
            graded,
            target,
        }
    }

    fn is_blank(&self) -> bool {
        [&self.title, &self.text, &self.begins, &self.ends].into_iter().all(|input| input.trim().is_empty())
    }
}

/// The whole form as entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// New classes.
    pub classes: Vec<ClassDraft>,
    /// Our identifiers of rooms of the course that were chosen.
    pub existing: Vec<RoomId>,
    /// The zone of the browser, where a script told it.
    pub zone: Option<Tz>,
}

impl Draft {
    /// The form in the fields that a browser sent: `title-0`, `text-0` …, `existing`.
    pub fn read(fields: &[(String, String)]) -> Self {
        let get = |name: &str, index: usize| {
            let wanted = format!("{name}-{index}");
            fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
        };
        let class = |index: usize| {
            Some(ClassDraft {
                title: get("title", index)?,
                text: get("text", index).unwrap_or_default(),
                begins: get("begins", index).unwrap_or_default(),
                ends: get("ends", index).unwrap_or_default(),
                begins_at: get("begins-at", index).unwrap_or_default(),
                ends_at: get("ends-at", index).unwrap_or_default(),
                graded: get("graded", index).is_some(),
                target: get("target", index).unwrap_or_default(),
            })
        };
        let chosen = fields.iter().filter(|(name, value)| name == "existing" && !value.is_empty());
        Self {
            classes: (0..MAX_CLASSES).filter_map(class).collect(),
            existing: chosen.map(|(_, value)| value.parse().unwrap_or(RoomId::NONE)).collect(),
            zone: fields.iter().find(|(name, _)| name == "zone").and_then(|(_, value)| value.parse().ok()),
        }
    }

    /// The new classes that were entered: those left blank do not count beside anything that was chosen.
    ///
    /// Errors: every value that is not right.
    pub fn classes(&self) -> Result<Vec<Class>, Vec<DraftProblem>> {
        let is_alone = self.classes.len() == 1 && self.existing.is_empty();
        let input = self.classes.iter().enumerate().filter(|(_, one)| is_alone || !one.is_blank());
        let (mut classes, mut problems) = (Vec::new(), Vec::new());
        for (index, one) in input {
            match one.read() {
                Ok(class) => classes.push(class),
                Err(fields) => problems.extend(fields.into_iter().map(|field| DraftProblem { index, field })),
            }
        }
        if problems.is_empty() { Ok(classes) } else { Err(problems) }
    }
}

/// A new class that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The title.
    pub title: String,
    /// The description.
    pub text: Option<String>,
    /// When it takes place.
    pub session: Option<PlannedSession>,
    /// Whether it is graded.
    pub graded: bool,
    /// Minutes for the full grade; `None` for the course's usual ones.
    pub target_minutes: Option<u32>,
}

/// From when to when a class takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedSession {
    /// When it begins.
    pub begins: Timestamp,
    /// How long it lasts.
    pub minutes: u32,
}

impl PlannedSession {
    /// Returns the session between two moments; `None` where no class has such a length.
    fn between(begins: Timestamp, ends: Timestamp) -> Option<Self> {
        let minutes = u32::try_from(ends.since(begins).as_secs() / 60).ok()?;
        MINUTES.contains(&minutes).then_some(Self { begins, minutes })
    }

    /// Returns when it ends.
    pub fn ends(self) -> Timestamp {
        self.begins.plus(Duration::from_secs(u64::from(self.minutes) * 60))
    }

    /// Returns the schedule that has it alone.
    pub fn schedule(self, zone: Tz) -> Schedule {
        let plan = Plan { begins: local(self.begins, zone), minutes: self.minutes, repeat: None };
        Schedule { zone, plan: Some(plan), edition: 0 }
    }
}

/// A value that is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DraftProblem {
    /// The class, from 0.
    pub index: usize,
    /// `title`, `begins`, `ends` or `target`.
    pub field: &'static str,
}

impl ClassDraft {
    fn read(&self) -> Result<Class, Vec<&'static str>> {
        let mut problems = Vec::new();
        let title: String = self.title.trim().chars().filter(|c| !c.is_control()).collect();
        if title.is_empty() || title.chars().count() > MAX_TITLE {
            problems.push("title");
        }
        let begins = read_moment(&self.begins, &self.begins_at);
        let ends = read_moment(&self.ends, &self.ends_at);
        if begins.is_err() {
            problems.push("begins");
        }
        let session = match (begins, ends) {
            (_, Err(NotATime)) => Err("ends"),
            (Ok(Some(begins)), Ok(Some(ends))) => {
                PlannedSession::between(begins, ends).map(Some).ok_or("ends")
            }
            (Ok(Some(_)), Ok(None)) => Err("ends"),
            (Ok(None), Ok(Some(_))) => Err("begins"),
            (Ok(None), Ok(None)) | (Err(NotATime), Ok(_)) => Ok(None),
        };
        problems.extend(session.err());
        let target = if self.graded { RoomRules::read_target(&self.target) } else { None };
        if self.graded && target.is_none() {
            problems.push("target");
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let text: String =
            self.text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_TEXT).collect();
        Ok(Class {
            title,
            text: Some(text).filter(|text| !text.is_empty()),
            session: session.unwrap_or_default(),
            graded: self.graded,
            target_minutes: target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_becomes_classes() {
        let draft = Draft::read(&fields(&[
            ("title-0", " Algebra\u{7} "),
            ("text-0", "Bring\nquestions. "),
            ("begins-0", "2026-12-01T10:00"),
            ("begins-at-0", "2026-12-01T09:00:00.000Z"),
            ("ends-0", "2026-12-01T11:30"),
            ("graded-0", "on"),
            ("target-0", "60"),
            ("title-1", ""),
            ("title-3", "Office"),
            ("existing", ""),
            ("existing", "r1"),
        ]));
        assert_eq!(draft.existing, [RoomId::NONE], "what is no identifier names no room");
        let classes = draft.classes().unwrap();
        assert_eq!(classes.len(), 2, "the blank one does not count");
        assert_eq!(
            (classes[0].title.as_str(), classes[0].text.as_deref()),
            ("Algebra", Some("Bring\nquestions."))
        );
        let session = classes[0].session.unwrap();
        assert_eq!(session.begins.iso(), "2026-12-01T09:00:00Z");
        assert_eq!(session.ends().iso(), "2026-12-01T11:30:00Z", "without a zone it is UTC");
        assert_eq!((classes[0].graded, classes[0].target_minutes), (true, Some(60)));
        assert_eq!((classes[1].graded, classes[1].target_minutes), (false, None));
    }

    #[test]
    fn every_wrong_value_is_named() {
        for (pairs, expected) in [
            (&[("title-0", "  ")][..], &[(0, "title")][..]),
            (&[("title-0", "a"), ("begins-0", "soon")], &[(0, "begins")]),
            (&[("title-0", "a"), ("begins-0", "0026-12-01T10:00")], &[(0, "begins")]),
            (
                &[("title-0", "a"), ("begins-0", "2026-12-01T10:00"), ("ends-0", "2026-12-01T10:00")],
                &[(0, "ends")],
            ),
            (&[("title-0", "a"), ("graded-0", "on"), ("target-0", "0")], &[(0, "target")]),
            (&[("title-0", "a"), ("begins-0", "2026-12-01T10:00")], &[(0, "ends")]),
            (&[("title-0", "a"), ("ends-0", "2026-12-01T10:00")], &[(0, "begins")]),
            (
                &[("title-0", "a"), ("begins-0", "2026-12-01T10:00"), ("ends-0", "2026-12-02T10:01")],
                &[(0, "ends")],
            ),
            (&[("title-0", "a"), ("target-0", "0")], &[]),
            (&[("title-0", "a"), ("title-1", ""), ("text-1", "x")], &[(1, "title")]),
            (&[("title-0", ""), ("existing", "r")], &[]),
        ] {
            let found = Draft::read(&fields(pairs)).classes().err().unwrap_or_default();
            let found: Vec<(usize, &str)> = found.iter().map(|one| (one.index, one.field)).collect();
            assert_eq!(found, expected, "{pairs:?}");
        }
        let long = "x".repeat(MAX_TITLE + 1);
        assert!(Draft::read(&fields(&[("title-0", &long)])).classes().is_err());
    }
}
