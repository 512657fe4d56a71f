//! The families of LMSs, and how each answers scores: one family refuses what another accepts.

use serde_json::{Value, json};

use super::service::{ServiceRefusal, essence};
use crate::clock::Timestamp;

/// The dialect in which an LMS answers scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Moodle's, also for unknown families.
    Moodle,
    /// Canvas's.
    Canvas,
    /// Blackboard Learn's: the specification taken at its word.
    Blackboard,
    /// Brightspace's (D2L).
    Brightspace,
    /// Open edX's.
    OpenEdx,
}

/// A family of LMSs, as forms name it.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(super) struct DialectChoice<'a> {
    /// The `product_family_code`.
    pub(super) code: &'a str,
    /// What people call it.
    pub(super) label: &'a str,
}

/// The families to choose from.
pub(super) const FAMILIES: [DialectChoice<'static>; 5] = [
    DialectChoice { code: "moodle", label: "Moodle" },
    DialectChoice { code: "canvas", label: "Canvas" },
    DialectChoice { code: "BlackboardLearn", label: "Blackboard Learn" },
    DialectChoice { code: "desire2learn", label: "Brightspace (D2L)" },
    DialectChoice { code: "openedx", label: "Open edX" },
];

/// What differs between dialects.
#[derive(Debug)]
pub(super) struct DialectRules {
    /// The status of a score that was accepted.
    pub(super) taken: u16,
    /// The status of a score that comes too late.
    late: u16,
    /// Timestamps are compared in units of this many milliseconds.
    resolution: i64,
    /// A score as old as the stored one is too late as well.
    same_is_late: bool,
    /// The status of a score for somebody who is no student; `None` accepts it.
    not_a_student: Option<u16>,
    /// The status of a body of another media type.
    wrong_type: u16,
    /// Whether a charset after the media type is refused.
    exact_type: bool,
    /// The status of an access token that is missing, unknown or has run out.
    bad_token: u16,
    /// Whether a request without `User-Agent` is refused.
    wants_user_agent: bool,
    /// More points than the maximum count as the maximum.
    pub(super) clips: bool,
    /// The values of `gradingProgress` with which points become a grade.
    pub(super) graded: &'static [&'static str],
    /// Whether points with another `gradingProgress` empty the cell; otherwise it stays as it is.
    pub(super) empties: bool,
}

static MOODLE: DialectRules = DialectRules {
    taken: 200,
    late: 409,
    resolution: 1000,
    same_is_late: true,
    not_a_student: Some(400),
    wrong_type: 400,
    exact_type: false,
    bad_token: 401,
    wants_user_agent: false,
    clips: true,
    graded: &["FullyGraded"],
    empties: true,
};

static CANVAS: DialectRules = DialectRules {
    late: 400,
    resolution: 1,
    same_is_late: false,
    not_a_student: Some(422),
    wants_user_agent: true,
    clips: false,
    graded: &["FullyGraded", "PendingManual"],
    ..MOODLE
};

static BLACKBOARD: DialectRules = DialectRules { resolution: 1, clips: false, empties: false, ..MOODLE };

static BRIGHTSPACE: DialectRules =
    DialectRules { same_is_late: false, not_a_student: Some(422), ..BLACKBOARD };

static OPEN_EDX: DialectRules = DialectRules {
    taken: 201,
    late: 400,
    not_a_student: None,
    wrong_type: 415,
    exact_type: true,
    bad_token: 403,
    ..BLACKBOARD
};

impl Dialect {
    /// Returns the dialect of a `product_family_code`.
    pub fn of(family: &str) -> Self {
        match family {
            "canvas" => Self::Canvas,
            "BlackboardLearn" => Self::Blackboard,
            "desire2learn" => Self::Brightspace,
            "openedx" => Self::OpenEdx,
            _ => Self::Moodle,
        }
    }

    /// Returns the dialect's rules.
    pub(super) fn rules(self) -> &'static DialectRules {
        match self {
            Self::Moodle => &MOODLE,
            Self::Canvas => &CANVAS,
            Self::Blackboard => &BLACKBOARD,
            Self::Brightspace => &BRIGHTSPACE,
            Self::OpenEdx => &OPEN_EDX,
        }
    }

    /// Returns whether a score with this timestamp comes too late for a cell that remembers `stored`.
    pub(super) fn is_late(self, sent: Timestamp, stored: Timestamp) -> bool {
        let rules = self.rules();
        let (sent, stored) =
            (sent.millis().div_euclid(rules.resolution), stored.millis().div_euclid(rules.resolution));
        sent < stored || (rules.same_is_late && sent == stored)
    }

    /// Returns the refusal of a score that comes too late.
    pub(super) fn late(self, sent: Timestamp, stored: Timestamp) -> ServiceRefusal {
        let status = self.rules().late;
        match self {
            Self::Canvas => {
                let (sent, stored) = (iso(sent), iso(stored));
                let text = format!("Provided timestamp of {sent} before last updated timestamp of {stored}");
                canvas(status, "bad_request", &text)
            }
            Self::OpenEdx => {
                let text = if sent == stored {
                    "Score already exists for the provided timestamp"
                } else {
                    "Score timestamp can only be updated to a later point in time"
                };
                ServiceRefusal::new(status, text).with_body(json!({"timestamp": [text]}))
            }
            _ => ServiceRefusal::new(status, "the gradebook holds a score as new as this one"),
        }
    }

    /// Returns the refusal of a score for somebody who is no student of the course; `None` accepts it.
    pub(super) fn not_a_student(self) -> Option<ServiceRefusal> {
        let status = self.rules().not_a_student?;
        Some(match self {
            Self::Canvas => {
                canvas(status, "unprocessable_entity", "User not found in course or is not a student")
            }
            // Quirk: Moodle says why in the reason phrase alone, which HTTP/2 does not have.
            Self::Moodle => ServiceRefusal::new(status, "Incorrect score received: userId is not a student")
                .with_body(json!([]))
                .with_phrase("Incorrect score received"),
            _ => ServiceRefusal::new(status, "userId is not a student of the course"),
        })
    }

    /// Checks what this family requires of a score beyond the specification.
    pub(super) fn check_score(self, score: &Value) -> Option<ServiceRefusal> {
        let given = score["scoreGiven"].as_f64();
        let maximum = &score["scoreMaximum"];
        match self {
            Self::Canvas if given.is_some() && maximum.is_null() => {
                let text = "ScoreMaximum not supplied when ScoreGiven present.";
                Some(canvas(422, "unprocessable_entity", text))
            }
            Self::Brightspace if given > maximum.as_f64() && !maximum.is_null() => {
                Some(ServiceRefusal::new(400, "scoreGiven is more than scoreMaximum"))
            }
            Self::OpenEdx if !maximum.is_null() => whole(maximum).err(),
            _ => None,
        }
    }

    /// Checks what this family requires of a new line item beyond the specification.
    pub(super) fn check_item(self, item: &Value) -> Option<ServiceRefusal> {
        if self != Self::OpenEdx {
            return None;
        }
        if item["resourceId"].is_null() && item["resourceLinkId"].is_null() {
            let body = json!({"resourceId": ["This field is required."]});
            return Some(ServiceRefusal::new(400, "resourceId is missing").with_body(body));
        }
        whole(&item["scoreMaximum"]).err()
    }

    /// Returns the refusal of an access token.
    pub(super) fn bad_token(self, reason: &str) -> ServiceRefusal {
        let refusal = ServiceRefusal::new(self.rules().bad_token, reason);
        match self {
            Self::OpenEdx => {
                refusal.with_body(json!({"detail": "Authentication credentials were not provided."}))
            }
            _ => refusal,
        }
    }

    /// Checks that a body with this `Content-Type` has the media type.
    pub(super) fn check_type(self, sent: &str, media_type: &str) -> Result<(), ServiceRefusal> {
        let rules = self.rules();
        let named = if rules.exact_type { sent } else { essence(sent) };
        if named == media_type {
            return Ok(());
        }
        let refusal = ServiceRefusal::new(rules.wrong_type, format!("Content-Type must be {media_type}"));
        Err(match self {
            Self::OpenEdx => {
                let text = format!("Unsupported media type \"{sent}\" in request.");
                refusal.with_body(json!({"detail": text}))
            }
            _ => refusal,
        })
    }

    /// Checks whether the LMS answers a request with this `User-Agent`.
    pub(super) fn check_user_agent(self, user_agent: &str) -> Result<(), ServiceRefusal> {
        if self.rules().wants_user_agent && user_agent.is_empty() {
            return Err(ServiceRefusal::new(403, "User-Agent is missing"));
        }
        Ok(())
    }
}

fn canvas(status: u16, kind: &str, text: &str) -> ServiceRefusal {
    ServiceRefusal::new(status, text).with_body(json!({"errors": {"type": kind, "message": text}}))
}

fn whole(maximum: &Value) -> Result<(), ServiceRefusal> {
    if maximum.is_i64() || maximum.is_u64() {
        return Ok(());
    }
    let text = "A valid integer is required.";
    Err(ServiceRefusal::new(400, "scoreMaximum is not an integer").with_body(json!({"scoreMaximum": [text]})))
}

fn iso(moment: Timestamp) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(moment.millis()).unwrap_or_default();
    moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Dialect; 5] =
        [Dialect::Moodle, Dialect::Canvas, Dialect::Blackboard, Dialect::Brightspace, Dialect::OpenEdx];

    #[test]
    fn each_family_has_its_dialect_and_unknown_ones_have_moodle_s() {
        let found: Vec<_> = FAMILIES.iter().map(|family| Dialect::of(family.code)).collect();
        assert_eq!(found, ALL);
        assert_eq!(Dialect::of("sakai"), Dialect::Moodle);
        assert_eq!(Dialect::of("blackboardlearn"), Dialect::Moodle);
    }

    #[test]
    fn what_is_late_depends_on_the_family() {
        let at = Timestamp::from_millis;
        // Sent, stored, and for whom that is too late.
        for (sent, stored, late) in [
            (5_000, 5_000, [true, false, true, false, true]),
            (5_900, 5_100, [true, false, false, false, false]),
            (5_100, 5_900, [true, true, true, true, true]),
            (6_000, 5_900, [false, false, false, false, false]),
        ] {
            let found = ALL.map(|dialect| dialect.is_late(at(sent), at(stored)));
            assert_eq!(found, late, "{sent} after {stored}");
        }
    }

    #[test]
    fn some_refuse_what_the_specification_allows() {
        for (score, expected) in [
            (json!({"scoreGiven": 5, "scoreMaximum": 10}), [None; 5]),
            (json!({"scoreGiven": 11, "scoreMaximum": 10}), [None, None, None, Some(400), None]),
            (json!({"scoreGiven": 5, "scoreMaximum": 10.5}), [None, None, None, None, Some(400)]),
            (json!({"scoreGiven": 5}), [None, Some(422), None, None, None]),
            (json!({}), [None; 5]),
        ] {
            let found = ALL.map(|dialect| dialect.check_score(&score).map(|refusal| refusal.status()));
            assert_eq!(found, expected, "{score}");
        }
    }
}
