//! The gradebook: columns, grades, and the rules by which a score becomes a grade (AGS 2.0 in the way of Moodle).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use crate::clock::Timestamp;

/// A grade column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineItem {
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
}

/// What one cell of the gradebook holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grade {
    /// The grade on the column's own scale; `None` is an empty cell.
    pub score: Option<f64>,
    /// The moment later scores must lie after. Units: whole seconds since 1970.
    pub stored: Option<i64>,
    /// A teacher's own grade, which hides the tool's.
    pub overridden: Option<f64>,
    /// The last score's `activityProgress`.
    pub activity_progress: String,
    /// The last score's `gradingProgress`.
    pub grading_progress: String,
    /// The last score's comment.
    pub comment: Option<String>,
}

impl Grade {
    /// The grade that people see.
    pub fn shown(&self) -> Option<f64> {
        self.overridden.or(self.score)
    }
}

/// A score as it arrived, accepted or not.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedScore {
    /// When it arrived, by the LMS's clock.
    pub at: Timestamp,
    /// The column.
    pub line_item: String,
    /// What was sent.
    pub body: Value,
    /// The status it was answered with.
    pub status: u16,
}

/// A score that is well formed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Score {
    pub(super) user_id: String,
    timestamp: i64,
    given: Option<(f64, f64)>,
    activity_progress: String,
    grading_progress: String,
    comment: Option<String>,
}

const ACTIVITY: [&str; 5] = ["Initialized", "Started", "InProgress", "Submitted", "Completed"];
const GRADING: [&str; 5] = ["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"];
const MEMBERS: [&str; 9] = [
    "userId",
    "timestamp",
    "scoreGiven",
    "scoreMaximum",
    "activityProgress",
    "gradingProgress",
    "comment",
    "scoringUserId",
    "submission",
];

impl Score {
    /// A score from its JSON, or what is wrong with it.
    ///
    /// Spec: AGS 2.0 §3.4. Unknown members must be named by URLs.
    pub(super) fn parse(body: &Value) -> Result<Self, String> {
        let members = body.as_object().ok_or("the score is not a JSON object")?;
        if let Some(name) =
            members.keys().find(|name| !MEMBERS.contains(&name.as_str()) && !name.contains("://"))
        {
            return Err(format!("unknown member {name}"));
        }
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
        let user_id = text("userId").ok_or("userId is missing")?;
        let written = text("timestamp").ok_or("timestamp is missing")?;
        let timestamp = seconds_of(written).ok_or(format!("timestamp {written} is not ISO 8601"))?;
        Ok(Self {
            user_id: user_id.to_owned(),
            timestamp,
            given: given(body)?,
            activity_progress: one_of(text("activityProgress"), &ACTIVITY, "activityProgress")?,
            grading_progress: one_of(text("gradingProgress"), &GRADING, "gradingProgress")?,
            comment: text("comment").map(str::to_owned),
        })
    }
}

fn one_of(text: Option<&str>, allowed: &[&str], name: &str) -> Result<String, String> {
    let text = text.ok_or_else(|| format!("{name} is missing"))?;
    if allowed.contains(&text) { Ok(text.to_owned()) } else { Err(format!("{name} {text} is not known")) }
}

fn given(body: &Value) -> Result<Option<(f64, f64)>, String> {
    if body["scoreGiven"].is_null() {
        return Ok(None);
    }
    let given = body["scoreGiven"].as_f64().ok_or("scoreGiven is not a number")?;
    let maximum = body["scoreMaximum"].as_f64().ok_or("scoreGiven needs a scoreMaximum")?;
    if given < 0.0 || maximum <= 0.0 {
        return Err("scoreGiven must not be negative, scoreMaximum must be positive".to_owned());
    }
    Ok(Some((given, maximum)))
}

/// The whole second of an ISO 8601 time: with fractions or not, with `Z`, an offset, or (as UTC) no zone.
pub(super) fn seconds_of(text: &str) -> Option<i64> {
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let moment = zoned.map(|moment| moment.timestamp());
    let bare =
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|bare| bare.and_utc().timestamp());
    moment.or_else(|_| bare()).ok()
}

/// The columns and cells.
#[derive(Default)]
pub(super) struct Gradebook {
    items: Vec<LineItem>,
    grades: HashMap<(String, String), Grade>,
    pub(super) received: Vec<ReceivedScore>,
    made: u32,
}

impl Gradebook {
    /// Adds a column and numbers it.
    pub(super) fn add(&mut self, mut item: LineItem) -> LineItem {
        self.made += 1;
        item.id = (self.made + 10).to_string();
        self.items.push(item.clone());
        item
    }

    pub(super) fn items(&self, course: &str) -> Vec<LineItem> {
        self.items.iter().filter(|item| item.course == course).cloned().collect()
    }

    pub(super) fn item(&self, course: &str, id: &str) -> Option<&LineItem> {
        self.items.iter().find(|item| item.course == course && item.id == id)
    }

    pub(super) fn replace(&mut self, item: LineItem) {
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

    pub(super) fn override_with(&mut self, item: &str, user: &str, grade: Option<f64>, now: i64) {
        let cell = self.grades.entry((item.to_owned(), user.to_owned())).or_default();
        cell.overridden = grade;
        cell.stored = Some(now);
    }

    /// Applies a score; `false` means that the cell already holds something as new (409).
    ///
    /// Quirk: as in Moodle, the activity's own column remembers the LMS's clock, a column of the tool's making
    /// the score's timestamp (and only when the grade changes); whatever is not FullyGraded empties the cell.
    pub(super) fn record(&mut self, item: &LineItem, score: Score, now: i64) -> bool {
        let cell = self.grades.entry((item.id.clone(), score.user_id)).or_default();
        if cell.stored.is_some_and(|stored| score.timestamp <= stored) {
            return false;
        }
        let scaled = |(given, maximum): (f64, f64)| (given / maximum).min(1.0) * item.maximum;
        let graded = score.given.filter(|_| score.grading_progress == "FullyGraded").map(scaled);
        cell.stored = match graded {
            None => cell.overridden.and(cell.stored),
            Some(_) if !item.made_by_tool => Some(now),
            Some(_) if graded == cell.score => cell.stored,
            Some(_) => Some(score.timestamp),
        };
        cell.score = graded;
        cell.activity_progress = score.activity_progress;
        cell.grading_progress = score.grading_progress;
        cell.comment = score.comment;
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn score(timestamp: &str, given: f64) -> Score {
        Score::parse(&json!({
            "userId": "ana", "timestamp": timestamp, "scoreGiven": given, "scoreMaximum": 10,
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        }))
        .unwrap()
    }

    fn column(made_by_tool: bool) -> (Gradebook, LineItem) {
        let mut book = Gradebook::default();
        let item =
            book.add(LineItem { course: "101".into(), maximum: 50.0, made_by_tool, ..LineItem::default() });
        (book, item)
    }

    #[test]
    fn timestamps_are_read_in_every_iso_form() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.999Z",
            "2026-01-02T04:04:05+01:00",
            "2026-01-02T03:04:05.5+0000",
            "2026-01-02T03:04:05",
        ] {
            assert_eq!(seconds_of(text), Some(1_767_323_045), "{text}");
        }
        for text in ["", "yesterday", "1767323045", "2026-01-02"] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_score_in_the_same_second_is_superseded() {
        let (mut book, item) = column(true);
        assert!(book.record(&item, score("2026-01-02T03:04:05.100Z", 8.0), 0));
        assert_eq!(book.grade(&item.id, "ana").unwrap().score, Some(40.0));
        assert!(!book.record(&item, score("2026-01-02T03:04:05.900Z", 9.0), 0));
        assert!(book.record(&item, score("2026-01-02T03:04:06.000Z", 9.0), 0));
    }

    #[test]
    fn the_activity_s_own_column_remembers_the_lms_clock() {
        let (mut book, item) = column(false);
        let now = 1_767_323_045;
        assert!(book.record(&item, score("2026-01-02T03:04:35Z", 5.0), now));
        assert!(book.record(&item, score("2026-01-02T03:04:20Z", 6.0), now + 1));
        assert!(!book.record(&item, score("2026-01-02T03:04:05Z", 7.0), now + 2));
    }

    #[test]
    fn what_is_not_fully_graded_empties_the_cell() {
        let (mut book, item) = column(false);
        assert!(book.record(&item, score("2026-01-02T03:04:05Z", 5.0), 0));
        let pending = Score { grading_progress: "Pending".into(), ..score("2026-01-02T03:04:09Z", 5.0) };
        assert!(book.record(&item, pending, 0));
        assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), None);
    }

    #[test]
    fn an_override_stays_above_the_tool_s_score() {
        let (mut book, item) = column(false);
        book.override_with(&item.id, "ana", Some(33.0), 1_767_323_045);
        assert!(!book.record(&item, score("2026-01-02T03:04:05Z", 5.0), 1_767_323_046));
        assert!(book.record(&item, score("2026-01-02T03:04:06Z", 5.0), 1_767_323_046));
        assert_eq!(book.grade(&item.id, "ana").unwrap().shown(), Some(33.0));
    }

    #[test]
    fn incomplete_scores_are_refused() {
        let good = json!({"userId": "ana", "timestamp": "2026-01-02T03:04:05Z",
            "activityProgress": "Completed", "gradingProgress": "FullyGraded"});
        assert!(Score::parse(&good).is_ok());
        for (name, value) in [
            ("userId", json!(5)),
            ("timestamp", json!("now")),
            ("activityProgress", json!("Dreaming")),
            ("gradingProgress", json!(null)),
            ("scoreGiven", json!(5)),
            ("grade", json!(5)),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(Score::parse(&bad).is_err(), "{name}");
        }
    }
}
