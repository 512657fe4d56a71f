//! What the platform's gradebook shows for each learner: a teacher may have changed it there.

pub mod jobs;
pub mod store;

use std::time::Duration;

use super::score::ScoreValue;
use crate::lti::services::ags::CurrentResult;

/// Jobs that read what a line item shows; about a resource link.
pub const RESULTS: &str = "results";
/// A class that ends sends many scores: they are read together, so long after the last.
pub const AFTER_SENDING: Duration = Duration::from_secs(30);
/// Grades are the same when they differ by less than gradebooks show.
const SAME_WITHIN: f64 = 0.011;

/// Whether a gradebook shows the score that was sent, on whatever scale.
pub fn is_as_sent(shown: CurrentResult, sent: ScoreValue) -> bool {
    (shown.score / shown.maximum).mul_add(100.0, -sent.given()).abs() < SAME_WITHIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_compared_on_any_scale() {
        let sent = ScoreValue::new(37, 45);
        for (score, maximum, expected) in [
            (82.22, 100.0, true),
            (41.11, 50.0, true),
            (0.8222, 1.0, true),
            (82.0, 100.0, false),
            (91.0, 100.0, false),
            (0.0, 100.0, false),
        ] {
            assert_eq!(is_as_sent(CurrentResult { score, maximum }, sent), expected, "{score} of {maximum}");
        }
    }
}
