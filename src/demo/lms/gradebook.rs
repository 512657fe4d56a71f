//! The gradebook: columns, grades, and the rules by which a score becomes a grade.

use std::collections::HashMap;

use serde_json::Value;

use super::dialect::Dialect;
use super::score::{GivenScore, ParsedScore};
use crate::clock::Timestamp;

/// A line item: a column of the gradebook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LmsLineItem {
    /// Its number in the LMS.
    pub id: String,
    /// The course it belongs to.
    pub course: String,
    /// The heading.
    pub label: String,
    /// The best possible grade.
    pub maximum: f64,
    /// The tool's own id for it.
    pub resource_id: Option<String>,
    /// The tool's own word for it.
    pub tag: Option<String>,
    /// The activity it is coupled to.
    pub resource_link_id: Option<String>,
    /// Whether the tool made it; otherwise it is the activity's own.
    pub made_by_tool: bool,
    /// The client id of the tool that made it; an activity's own line item belongs to the tool that the activity opens.
    pub tool: Option<String>,
}

/// What one cell of the gradebook holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grade {
    /// The grade on the line item's own scale; `None` is an empty cell.
    pub score: Option<f64>,
    /// The moment later scores must lie after.
    pub stored: Option<Timestamp>,
    /// A teacher's own grade, which hides the tool's.
    pub overridden: Option<f64>,
    /// A teacher locked the cell: no score changes it.
    pub locked: bool,
    /// How many attempts the scores amount to; counted in Canvas's dialect alone.
    pub attempts: u32,
    /// The last score's `activityProgress`.
    pub activity_progress: String,
    /// The last score's `gradingProgress`.
    pub grading_progress: String,
    /// The last score's comment.
    pub comment: Option<String>,
}

impl Grade {
    /// Returns the grade that people see.
    pub fn shown(&self) -> Option<f64> {
        self.overridden.or(self.score)
    }

    /// Quirk: in Moodle the activity's own column remembers the LMS's clock, a column of the tool's making the
    /// score's timestamp (and only when the grade changes); an emptied cell remembers nothing.
    fn memory_of_moodle(
        &self,
        item: &LmsLineItem,
        graded: Option<f64>,
        sent: Timestamp,
        now: Timestamp,
    ) -> Option<Timestamp> {
        match graded {
            None => self.overridden.and(self.stored),
            Some(_) if !item.made_by_tool => Some(now),
            Some(_) if graded == self.score => self.stored,
            Some(_) => Some(sent),
        }
    }
}

/// A score as it arrived, accepted or not.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedScore {
    /// When it arrived, by the LMS's clock.
    pub at: Timestamp,
    /// The line item.
    pub line_item: String,
    /// What was sent.
    pub body: Value,
    /// The status it was answered with.
    pub status: u16,
}

/// The line items and cells.
#[derive(Default)]
pub(super) struct GradeTable {
    items: Vec<LmsLineItem>,
    grades: HashMap<(String, String), Grade>,
    pub(super) received: Vec<ReceivedScore>,
    made: u32,
}

impl GradeTable {
    /// Adds a line item and numbers it.
    pub(super) fn add(&mut self, mut item: LmsLineItem) -> LmsLineItem {
        self.made += 1;
        item.id = (self.made + 10).to_string();
        self.items.push(item.clone());
        item
    }

    pub(super) fn items(&self, course: &str) -> Vec<LmsLineItem> {
        self.items.iter().filter(|item| item.course == course).cloned().collect()
    }

    pub(super) fn item(&self, course: &str, id: &str) -> Option<&LmsLineItem> {
        self.items.iter().find(|item| item.course == course && item.id == id)
    }

    pub(super) fn replace(&mut self, item: LmsLineItem) {
        if let Some(old) = self.items.iter_mut().find(|old| old.id == item.id) {
            *old = item;
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.items.retain(|item| item.id != id);
        self.grades.retain(|(item, _), _| item != id);
    }

    pub(super) fn grade(&self, item: &str, user: &str) -> Option<&Grade> {
        self.grades.get(&(item.to_owned(), user.to_owned()))
    }

    pub(super) fn override_with(&mut self, item: &str, user: &str, grade: Option<f64>, now: Timestamp) {
        let cell = self.grades.entry((item.to_owned(), user.to_owned())).or_default();
        cell.overridden = grade;
        cell.stored = Some(now);
    }

    pub(super) fn empty(&mut self, item: &str, user: &str) {
        self.grades.remove(&(item.to_owned(), user.to_owned()));
    }

    pub(super) fn lock(&mut self, item: &str, user: &str, locked: bool) {
        self.grades.entry((item.to_owned(), user.to_owned())).or_default().locked = locked;
    }

    /// Applies a score in the family's dialect.
    ///
    /// Errors: the moment that the cell remembers, when the score does not lie after it.
    pub(super) fn record(
        &mut self,
        item: &LmsLineItem,
        score: ParsedScore,
        now: Timestamp,
        dialect: Dialect,
    ) -> Result<(), Timestamp> {
        let cell = self.grades.entry((item.id.clone(), score.user_id)).or_default();
        if let Some(stored) = cell.stored.filter(|stored| dialect.is_late(score.timestamp, *stored)) {
            return Err(stored);
        }
        let rules = dialect.rules();
        let scaled = |GivenScore { given, maximum }: GivenScore| {
            let share = given / maximum;
            (if rules.clips { share.min(1.0) } else { share }) * item.maximum
        };
        let is_graded = rules.graded.contains(&score.grading_progress.as_str());
        let graded = match score.given {
            Some(given) if is_graded => Some(scaled(given)),
            Some(_) if !rules.empties => cell.score,
            _ => None,
        };
        cell.stored = match dialect {
            Dialect::Moodle => cell.memory_of_moodle(item, graded, score.timestamp, now),
            _ => Some(score.timestamp),
        };
        if dialect == Dialect::Canvas && is_graded && score.is_submission {
            cell.attempts += 1;
        }
        cell.score = graded;
        cell.activity_progress = score.activity_progress;
        cell.grading_progress = score.grading_progress;
        cell.comment = score.comment;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn score(timestamp: &str, given: f64) -> ParsedScore {
        ParsedScore::parse(&json!({
            "userId": "ana", "timestamp": timestamp, "scoreGiven": given, "scoreMaximum": 10,
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        }))
        .unwrap()
    }

    const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);

    fn seconds_later(seconds: u64) -> Timestamp {
        NOW.plus(std::time::Duration::from_secs(seconds))
    }

    impl GradeTable {
        fn takes(
            &mut self,
            item: &LmsLineItem,
            score: ParsedScore,
            now: Timestamp,
            dialect: Dialect,
        ) -> bool {
            self.record(item, score, now, dialect).is_ok()
        }
    }

    fn column(made_by_tool: bool) -> (GradeTable, LmsLineItem) {
        let mut book = GradeTable::default();
        let item = book.add(LmsLineItem {
            course: "101".into(),
            maximum: 50.0,
            made_by_tool,
            ..LmsLineItem::default()
        });
        (book, item)
    }

    #[test]
    fn a_score_in_the_same_second_is_superseded() {
        let (mut book, item) = column(true);
        assert!(book.takes(&item, score("2026-01-02T03:04:05.100Z", 8.0), NOW, Dialect::Moodle));
        assert_eq!(book.grade(&item.id, "ana").unwrap().score, Some(40.0));
        assert!(!book.takes(&item, score("2026-01-02T03:04:05.900Z", 9.0), NOW, Dialect::Moodle));
        assert!(book.takes(&item, score("2026-01-02T03:04:06.000Z", 9.0), NOW, Dialect::Moodle));
    }

    #[test]
    fn the_activity_s_own_column_remembers_the_lms_clock() {
        let (mut book, item) = column(false);
        assert!(book.takes(&item, score("2026-01-02T03:04:35Z", 5.0), NOW, Dialect::Moodle));
        assert!(book.takes(&item, score("2026-01-02T03:04:20Z", 6.0), seconds_later(1), Dialect::Moodle));
        assert!(!book.takes(&item, score("2026-01-02T03:04:05Z", 7.0), seconds_later(2), Dialect::Moodle));
    }

    #[test]
    fn what_is_not_fully_graded_empties_the_cell() {
        let (mut book, item) = column(false);
        assert!(book.takes(&item, score("2026-01-02T03:04:05Z", 5.0), NOW, Dialect::Moodle));
        let pending =
            ParsedScore { grading_progress: "Pending".into(), ..score("2026-01-02T03:04:09Z", 5.0) };
        assert!(book.takes(&item, pending, NOW, Dialect::Moodle));
        assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), None);
    }

    #[test]
    fn an_override_stays_above_the_tool_s_score() {
        let (mut book, item) = column(false);
        book.override_with(&item.id, "ana", Some(33.0), NOW);
        assert!(!book.takes(&item, score("2026-01-02T03:04:05Z", 5.0), seconds_later(1), Dialect::Moodle));
        assert!(book.takes(&item, score("2026-01-02T03:04:06Z", 5.0), seconds_later(1), Dialect::Moodle));
        assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), Some(33.0));
    }

    #[test]
    fn other_families_keep_the_cell_that_moodle_empties() {
        for (dialect, given, expected) in [
            (Dialect::Moodle, Some(6.0), None),
            (Dialect::Canvas, Some(6.0), None),
            (Dialect::Blackboard, Some(6.0), Some(25.0)),
            (Dialect::Brightspace, Some(6.0), Some(25.0)),
            (Dialect::OpenEdx, Some(6.0), Some(25.0)),
            (Dialect::Blackboard, None, None),
        ] {
            let (mut book, item) = column(false);
            assert!(book.takes(&item, score("2026-01-02T03:04:05Z", 5.0), NOW, dialect));
            let given = given.map(|given| GivenScore { given, maximum: 10.0 });
            let pending = ParsedScore {
                grading_progress: "Pending".into(),
                given,
                ..score("2026-01-02T03:04:09Z", 0.0)
            };
            assert!(book.takes(&item, pending, NOW, dialect));
            assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), expected, "{dialect:?}");
        }
    }

    #[test]
    fn canvas_counts_attempts_unless_it_is_told_not_to() {
        let (mut book, item) = column(false);
        let mut at = 0;
        let mut attempts = |dialect, grading: &str, is_submission| {
            at += 1;
            let timestamp = seconds_later(at);
            let score = score("2026-01-02T03:04:05Z", 5.0);
            let score = ParsedScore { timestamp, grading_progress: grading.into(), is_submission, ..score };
            assert!(book.takes(&item, score, timestamp, dialect));
            book.grade(&item.id, "ana").unwrap().attempts
        };
        assert_eq!(attempts(Dialect::Canvas, "FullyGraded", true), 1);
        assert_eq!(attempts(Dialect::Canvas, "FullyGraded", false), 1);
        assert_eq!(attempts(Dialect::Canvas, "Pending", true), 1);
        assert_eq!(attempts(Dialect::Canvas, "PendingManual", true), 2);
        assert_eq!(attempts(Dialect::Blackboard, "FullyGraded", true), 2);
    }

    #[test]
    fn moodle_clips_points_beyond_the_maximum() {
        for (dialect, expected) in [(Dialect::Moodle, 50.0), (Dialect::Canvas, 60.0)] {
            let (mut book, item) = column(false);
            assert!(book.takes(&item, score("2026-01-02T03:04:05Z", 12.0), NOW, dialect));
            assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), Some(expected), "{dialect:?}");
        }
    }
}
