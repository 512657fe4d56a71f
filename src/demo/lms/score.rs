//! A score as the tool sends it (AGS 2.0 §3.4).

use chrono::{DateTime, NaiveDateTime};
use serde_json::Value;

use crate::clock::Timestamp;

/// The member that says to Canvas whether a score is a new attempt.
const CANVAS_SUBMISSION: &str = "https://canvas.instructure.com/lti/submission";

/// A score that is well formed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ParsedScore {
    pub(super) user_id: String,
    pub(super) timestamp: Timestamp,
    /// The grade; none in a score that only tells the progress.
    pub(super) given: Option<GivenScore>,
    pub(super) activity_progress: String,
    pub(super) grading_progress: String,
    pub(super) comment: Option<String>,
    /// What Canvas makes a new attempt of.
    pub(super) is_submission: bool,
}

/// Points, and out of how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GivenScore {
    pub(super) given: f64,
    pub(super) maximum: f64,
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

impl ParsedScore {
    /// Reads a score from its JSON. Errors: what is wrong with it.
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
        let timestamp = moment_of(written).ok_or(format!("timestamp {written} is not ISO 8601"))?;
        Ok(Self {
            user_id: user_id.to_owned(),
            timestamp,
            given: given(body)?,
            activity_progress: one_of(text("activityProgress"), &ACTIVITY, "activityProgress")?,
            grading_progress: one_of(text("gradingProgress"), &GRADING, "gradingProgress")?,
            comment: text("comment").map(str::to_owned),
            is_submission: is_submission(&body[CANVAS_SUBMISSION]),
        })
    }
}

fn one_of(text: Option<&str>, allowed: &[&str], name: &str) -> Result<String, String> {
    let text = text.ok_or_else(|| format!("{name} is missing"))?;
    if allowed.contains(&text) { Ok(text.to_owned()) } else { Err(format!("{name} {text} is not known")) }
}

fn given(body: &Value) -> Result<Option<GivenScore>, String> {
    if body["scoreGiven"].is_null() {
        return Ok(None);
    }
    let given = body["scoreGiven"].as_f64().ok_or("scoreGiven is not a number")?;
    let maximum = body["scoreMaximum"].as_f64().ok_or("scoreGiven needs a scoreMaximum")?;
    if given < 0.0 || maximum <= 0.0 {
        return Err("scoreGiven must not be negative, scoreMaximum must be positive".to_owned());
    }
    Ok(Some(GivenScore { given, maximum }))
}

/// Returns whether a score is a new attempt. Quirk: in Canvas every score is, unless it says otherwise.
fn is_submission(submission: &Value) -> bool {
    submission["new_submission"] != false && submission["submission_type"] != "none"
}

/// Reads an ISO 8601 time: with fractions or not, with `Z`, an offset, or (as UTC) no zone.
fn moment_of(text: &str) -> Option<Timestamp> {
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let moment = zoned.map(|moment| moment.timestamp_millis());
    let bare = || {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .map(|bare| bare.and_utc().timestamp_millis())
    };
    moment.or_else(|_| bare()).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn timestamps_are_read_in_every_iso_form() {
        for (text, millis) in [
            ("2026-01-02T03:04:05Z", 0),
            ("2026-01-02T03:04:05.999Z", 999),
            ("2026-01-02T04:04:05+01:00", 0),
            ("2026-01-02T03:04:05.5+0000", 500),
            ("2026-01-02T03:04:05", 0),
        ] {
            assert_eq!(moment_of(text), Some(Timestamp::from_millis(1_767_323_045_000 + millis)), "{text}");
        }
        for text in ["", "yesterday", "1767323045", "2026-01-02"] {
            assert_eq!(moment_of(text), None, "{text}");
        }
    }

    #[test]
    fn incomplete_scores_are_refused() {
        let good = json!({"userId": "ana", "timestamp": "2026-01-02T03:04:05Z",
            "activityProgress": "Completed", "gradingProgress": "FullyGraded"});
        assert!(ParsedScore::parse(&good).is_ok());
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
            assert!(ParsedScore::parse(&bad).is_err(), "{name}");
        }
    }

    #[test]
    fn a_score_is_a_submission_unless_it_says_otherwise() {
        for (submission, expected) in [
            (json!(null), true),
            (json!({"submission_type": "external_tool"}), true),
            (json!({"new_submission": true}), true),
            (json!({"new_submission": false}), false),
            (json!({"submission_type": "none"}), false),
        ] {
            assert_eq!(is_submission(&submission), expected, "{submission}");
        }
    }
}
