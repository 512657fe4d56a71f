//! What a platform's answer to a score means: what is common to all, over which each family has rules of its own.

use self::ScoreOutcome::{
    Accepted, Broken, Busy, ColumnGone, Down, Locked, NotAllowed, Older, Rejected, TokenRefused,
};
use crate::outbound::Response;

/// What an answer to a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreOutcome {
    /// The gradebook has the score.
    Accepted,
    /// The access token is not good, or not any more.
    TokenRefused,
    /// The gradebook holds something as new.
    Older,
    /// The gradebook knows no such learner.
    NotALearner,
    /// The person's role in the course is none that gets grades.
    NoGradableRole,
    /// The grade or the gradebook is locked.
    Locked,
    /// There is no such column any more.
    ColumnGone,
    /// The tool may not write here.
    NotAllowed,
    /// Every score counts as an attempt there, and none is left.
    AttemptsUsedUp,
    /// The platform does not want this score, and does not say why.
    Rejected,
    /// The platform asks for a pause.
    Busy,
    /// The platform is away.
    Down,
    /// The platform failed over this score.
    Broken,
}

/// A rule for answers with `status` whose body holds `says`, whatever its case.
#[derive(Clone, Copy, Debug)]
pub struct AnswerRule {
    status: u16,
    says: &'static str,
    outcome: ScoreOutcome,
}

impl AnswerRule {
    /// Makes a rule; `says` is in lower case, and empty where any body fits.
    pub const fn new(status: u16, says: &'static str, outcome: ScoreOutcome) -> Self {
        Self { status, says, outcome }
    }
}

/// What every platform's answers mean unless its family has a rule of its own. The first that fits counts.
static COMMON: [AnswerRule; 18] = [
    AnswerRule::new(401, "", TokenRefused),
    AnswerRule::new(403, "invalid_token", TokenRefused),
    AnswerRule::new(403, "token expired", TokenRefused),
    AnswerRule::new(403, "token has expired", TokenRefused),
    AnswerRule::new(403, "rate limit", Busy),
    AnswerRule::new(403, "too many requests", Busy),
    AnswerRule::new(403, "", NotAllowed),
    AnswerRule::new(404, "", ColumnGone),
    AnswerRule::new(408, "", Busy),
    AnswerRule::new(409, "", Older),
    AnswerRule::new(410, "", ColumnGone),
    AnswerRule::new(412, "", Locked),
    AnswerRule::new(423, "", Locked),
    AnswerRule::new(425, "", Busy),
    AnswerRule::new(429, "", Busy),
    AnswerRule::new(502, "", Down),
    AnswerRule::new(503, "", Down),
    AnswerRule::new(504, "", Down),
];

impl ScoreOutcome {
    /// Returns what an answer means: of a score all of it; of anything else whether an access token, a pause or an error
    /// of the platform's own is all that is wrong.
    ///
    /// Spec: RFC 6750 §3.1 (`invalid_token`). Quirk: Canvas says with a header, too, that somebody asked too fast.
    pub fn of(answer: &Response, own: &[AnswerRule]) -> Self {
        // A good answer may be long.
        if answer.status < 300 {
            return Self::of_body(answer.status, "", own);
        }
        let says = |name: &str, text: &str| {
            answer.header(name).is_some_and(|value| value.to_lowercase().contains(text))
        };
        let is_exhausted = || {
            let left =
                answer.header("x-rate-limit-remaining").and_then(|left| left.trim().parse::<f64>().ok());
            answer.retry_after().is_some() || left.is_some_and(|left| left <= 0.0)
        };
        match answer.status {
            400 | 403 if says("www-authenticate", "invalid_token") => TokenRefused,
            403 if is_exhausted() => Busy,
            status => Self::of_body(status, &answer.text(), own),
        }
    }

    /// Returns what an answer with this status and body means to a score.
    pub fn of_body(status: u16, body: &str, own: &[AnswerRule]) -> Self {
        let body = body.to_lowercase();
        let fits = |rule: &&AnswerRule| rule.status == status && body.contains(rule.says);
        let found = own.iter().find(fits).or_else(|| COMMON.iter().find(fits));
        match (found, status) {
            (Some(rule), _) => rule.outcome,
            (None, 200..=299) => Accepted,
            (None, 400..=499) => Rejected,
            (None, _) => Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_the_specification_means_by_them() {
        for (status, body, expected) in [
            (200, "", Accepted),
            (201, "", Accepted),
            (204, "", Accepted),
            (302, "", Broken),
            (400, "", Rejected),
            (401, "", TokenRefused),
            (403, "", NotAllowed),
            (404, "", ColumnGone),
            (409, "", Older),
            (422, "", Rejected),
            (423, "", Locked),
            (425, "", Busy),
            (429, "", Busy),
            (500, "", Broken),
            (503, "", Down),
            (403, "{\"error\":\"invalid_token\"}", TokenRefused),
            (403, "The access token expired", TokenRefused),
            (403, "This course has expired", NotAllowed),
            (403, "Too Many Requests", Busy),
        ] {
            assert_eq!(ScoreOutcome::of_body(status, body, &[]), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_rule_of_the_family_goes_before_what_is_common() {
        let own = [AnswerRule::new(409, "locked", Locked)];
        assert_eq!(ScoreOutcome::of_body(409, "Locked by an instructor", &own), Locked);
        assert_eq!(ScoreOutcome::of_body(409, "", &own), Older);
    }

    #[test]
    fn header_fields_say_what_a_body_does_not() {
        for (status, name, value, expected) in [
            (403, "x-rate-limit-remaining", "0.0", Busy),
            (403, "x-rate-limit-remaining", "612.5", NotAllowed),
            (403, "retry-after", "30", Busy),
            (403, "www-authenticate", "Bearer error=\"insufficient_scope\"", NotAllowed),
            (403, "www-authenticate", "Bearer error=\"invalid_token\"", TokenRefused),
            (400, "www-authenticate", "Bearer error=\"invalid_token\"", TokenRefused),
            (200, "x-rate-limit-remaining", "0", Accepted),
        ] {
            let answer = Response::of(status, "").with_header(name, value);
            assert_eq!(ScoreOutcome::of(&answer, &[]), expected, "{status} {name}: {value}");
        }
    }
}
