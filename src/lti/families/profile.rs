//! What platforms do in their own way when they take a score: one table for each, and a strict one for all others.

use serde_json::{Value, json};
use url::Url;

use self::ScoreOutcome::{
    Accepted, AttemptsUsedUp, Broken, Busy, ColumnGone, Down, Locked, NoGradableRole, NotALearner,
    NotAllowed, Older, Rejected, TokenRefused,
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

/// A line of a table: an answer with `status` whose body holds `says`, whatever its case.
struct Line {
    status: u16,
    says: &'static str,
    means: ScoreOutcome,
}

const fn line(status: u16, says: &'static str, means: ScoreOutcome) -> Line {
    Line { status, says, means }
}

/// A member of a score that only one family knows: its name, and what makes its value.
pub type Extension = (&'static str, fn() -> Value);

/// How a family of platforms takes scores.
pub struct FamilyProfile {
    /// Its name.
    pub name: &'static str,
    /// What it adds to every score: the member's name and value.
    pub extension: Option<Extension>,
    /// Whether its frames let a page share the screen.
    pub frame_shares_screen: bool,
    /// Whether the activities of a copied course keep their resource link ids.
    pub keeps_link_ids: bool,
    /// Beginnings of what it calls itself (`product_family_code`), in lower case.
    families: &'static [&'static str],
    /// Parts of the addresses of its services, for those that do not call themselves anything.
    addresses: &'static [&'static str],
    /// Its own answers; the first line that fits counts, and [`COMMON`] after them.
    answers: &'static [Line],
}

/// Quirk: a score for somebody who is no student of the course answers 400 and nothing that says so; a locked grade 500.
static MOODLE: FamilyProfile = FamilyProfile {
    name: "Moodle",
    extension: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    families: &["moodle", "totara", "iomad"],
    addresses: &["/mod/lti/services.php"],
    answers: &[line(400, "", NotALearner), line(500, "", Locked)],
};

/// Quirk: every score is a new submission, and uses up an attempt, unless it says otherwise. Throttles with 403. Its
/// clock is the last change of the grade.
static CANVAS: FamilyProfile = FamilyProfile {
    name: "Canvas",
    extension: Some((
        "https://canvas.instructure.com/lti/submission",
        || json!({ "new_submission": false, "submission_type": "none" }),
    )),
    frame_shares_screen: true,
    keeps_link_ids: false,
    families: &["canvas"],
    addresses: &[".instructure.com/", ".canvaslms.com/", "/api/lti/courses/"],
    answers: &[
        line(400, "before last updated", Older),
        line(403, "rate limit", Busy),
        line(422, "attempt", AttemptsUsedUp),
        line(422, "concluded", Locked),
        line(422, "", NotALearner),
    ],
};

/// Quirk: one issuer for all customers, whose gradebooks are on hosts of their own.
static BLACKBOARD: FamilyProfile = FamilyProfile {
    name: "Blackboard",
    extension: None,
    frame_shares_screen: true,
    keeps_link_ids: false,
    families: &["blackboard"],
    addresses: &[".blackboard.com/", "/learn/api/"],
    answers: &[],
};

/// Quirk: the audience of token requests is not the address that they are sent to (`platform.token_audience`). A score for
/// somebody whose role there is not graded answers 422.
static BRIGHTSPACE: FamilyProfile = FamilyProfile {
    name: "Brightspace",
    extension: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    families: &["desire2learn", "d2l", "brightspace"],
    addresses: &[".brightspace.com/", "/d2l/api/"],
    answers: &[line(422, "", NoGradableRole)],
};

/// Quirk: calls nothing itself in launches; a score as old as the last one answers 400, a bad access token 403.
static OPEN_EDX: FamilyProfile = FamilyProfile {
    name: "Open edX",
    extension: None,
    frame_shares_screen: false,
    keeps_link_ids: true,
    families: &["openedx", "open edx", "edx"],
    addresses: &["/api/lti_consumer/", "/lti_consumer/"],
    answers: &[
        line(400, "", Older),
        line(403, "credentials", TokenRefused),
        line(403, "token", TokenRefused),
    ],
};

/// What the specification says, for platforms that are not known.
static STRICT: FamilyProfile = FamilyProfile {
    name: "strict",
    extension: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    families: &[],
    addresses: &[],
    answers: &[],
};

static ALL: [&FamilyProfile; 5] = [&MOODLE, &CANVAS, &BLACKBOARD, &BRIGHTSPACE, &OPEN_EDX];

/// What every platform's answers mean unless its own table says otherwise.
static COMMON: [Line; 18] = [
    line(401, "", TokenRefused),
    line(403, "invalid_token", TokenRefused),
    line(403, "token expired", TokenRefused),
    line(403, "token has expired", TokenRefused),
    line(403, "rate limit", Busy),
    line(403, "too many requests", Busy),
    line(403, "", NotAllowed),
    line(404, "", ColumnGone),
    line(408, "", Busy),
    line(409, "", Older),
    line(410, "", ColumnGone),
    line(412, "", Locked),
    line(423, "", Locked),
    line(425, "", Busy),
    line(429, "", Busy),
    line(502, "", Down),
    line(503, "", Down),
    line(504, "", Down),
];

impl FamilyProfile {
    /// The profile of a platform that calls itself `family` and has its gradebook at `service`.
    pub fn of(family: Option<&str>, service: &Url) -> &'static Self {
        let family = family.unwrap_or_default().trim().to_lowercase();
        let address = service.as_str().to_lowercase();
        let called = |profile: &&&Self| profile.families.iter().any(|name| family.starts_with(name));
        let placed = |profile: &&&Self| profile.addresses.iter().any(|part| address.contains(part));
        let found = ALL.iter().find(called).or_else(|| ALL.iter().find(placed));
        found.copied().unwrap_or(&STRICT)
    }

    /// What an answer means: of a score all of it; of anything else whether an access token, a pause or an error of the
    /// platform's own is all that is wrong.
    ///
    /// Spec: RFC 6750 §3.1 (`invalid_token`). Quirk: Canvas tells with a header, too, that somebody asked too fast.
    pub fn outcome(&self, answer: &Response) -> ScoreOutcome {
        // A good answer may be long.
        if answer.status < 300 {
            return self.reads(answer.status, "");
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
            status => self.reads(status, &answer.text()),
        }
    }

    /// What an answer with such a body means to a score.
    pub fn reads(&self, status: u16, body: &str) -> ScoreOutcome {
        let body = body.to_lowercase();
        let fits = |line: &&Line| line.status == status && body.contains(line.says);
        let found = self.answers.iter().find(fits).or_else(|| COMMON.iter().find(fits));
        match (found, status) {
            (Some(line), _) => line.means,
            (None, 200..=299) => Accepted,
            (None, 400..=499) => Rejected,
            (None, _) => Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::families::Family;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn platforms_are_known_by_their_name_or_their_addresses() {
        for (family, address, expected) in [
            (Some("moodle"), "https://lms.example/x", "Moodle"),
            (Some("canvas"), "https://lms.example/x", "Canvas"),
            (Some("BlackboardLearn"), "https://lms.example/x", "Blackboard"),
            (Some("desire2learn"), "https://lms.example/x", "Brightspace"),
            (Some("sakai"), "https://lms.example/x", "strict"),
            (None, "https://lms.example/x", "strict"),
            (None, "https://lms.example/mod/lti/services.php/2/lineitems?type_id=1", "Moodle"),
            (None, "https://uni.instructure.com/api/lti/courses/1/line_items", "Canvas"),
            (None, "https://courses.example/api/lti_consumer/v1/lti/5/lti-ags", "Open edX"),
            (Some("canvas"), "https://courses.example/api/lti_consumer/v1/lti/5/lti-ags", "Canvas"),
        ] {
            assert_eq!(FamilyProfile::of(family, &url(address)).name, expected, "{family:?} {address}");
        }
    }

    #[test]
    fn those_that_are_registered_by_hand_are_known_by_their_family() {
        for (family, expected) in [
            (Family::Moodle, "Moodle"),
            (Family::Canvas, "Canvas"),
            (Family::Blackboard, "Blackboard"),
            (Family::Brightspace, "Brightspace"),
            (Family::Sakai, "strict"),
            (Family::Schoology, "strict"),
            (Family::OpenEdx, "Open edX"),
            (Family::Other, "strict"),
        ] {
            assert_eq!(FamilyProfile::of(family.code(), &url("https://lms.example/x")).name, expected);
        }
    }

    #[test]
    fn answers_mean_what_each_platform_means_by_them() {
        let canvas_old =
            "{\"errors\":{\"message\":\"Provided timestamp of … before last updated timestamp of …\"}}";
        for (profile, status, body, expected) in [
            (&STRICT, 200, "", Accepted),
            (&STRICT, 201, "", Accepted),
            (&STRICT, 204, "", Accepted),
            (&STRICT, 302, "", Broken),
            (&STRICT, 400, "", Rejected),
            (&STRICT, 401, "", TokenRefused),
            (&STRICT, 403, "", NotAllowed),
            (&STRICT, 404, "", ColumnGone),
            (&STRICT, 409, "", Older),
            (&STRICT, 422, "", Rejected),
            (&STRICT, 423, "", Locked),
            (&STRICT, 429, "", Busy),
            (&STRICT, 500, "", Broken),
            (&STRICT, 503, "", Down),
            (&STRICT, 403, "{\"error\":\"invalid_token\"}", TokenRefused),
            (&STRICT, 403, "The access token expired", TokenRefused),
            (&STRICT, 403, "This course has expired", NotAllowed),
            (&STRICT, 403, "Too Many Requests", Busy),
            (&STRICT, 425, "", Busy),
            (&MOODLE, 400, "[]", NotALearner),
            (&MOODLE, 409, "[]", Older),
            (&MOODLE, 500, "", Locked),
            (&MOODLE, 503, "", Down),
            (&CANVAS, 400, canvas_old, Older),
            (&CANVAS, 400, "", Rejected),
            (&CANVAS, 403, "403 Forbidden (Rate Limit Exceeded)", Busy),
            (&CANVAS, 403, "", NotAllowed),
            (&CANVAS, 422, "not an active student", NotALearner),
            (&CANVAS, 422, "The maximum number of allowed attempts has been reached", AttemptsUsedUp),
            (&BLACKBOARD, 409, "", Older),
            (&CANVAS, 422, "This course has concluded", Locked),
            (&BLACKBOARD, 404, "", ColumnGone),
            (&BRIGHTSPACE, 400, "", Rejected),
            (&BRIGHTSPACE, 409, "", Older),
            (&BRIGHTSPACE, 422, "", NoGradableRole),
            (&OPEN_EDX, 201, "", Accepted),
            (&OPEN_EDX, 400, "", Older),
            (&OPEN_EDX, 403, "{\"detail\":\"Authentication credentials were not provided.\"}", TokenRefused),
            (&OPEN_EDX, 403, "", NotAllowed),
        ] {
            assert_eq!(profile.reads(status, body), expected, "{} {status} {body}", profile.name);
        }
    }

    #[test]
    fn header_fields_tell_what_a_body_does_not() {
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
            assert_eq!(STRICT.outcome(&answer), expected, "{status} {name}: {value}");
        }
    }

    #[test]
    fn only_canvas_is_told_that_a_score_is_no_submission() {
        let extended: Vec<_> = ALL.iter().filter(|profile| profile.extension.is_some()).collect();
        assert_eq!(extended.len(), 1);
        let (name, value) = CANVAS.extension.unwrap();
        assert_eq!(name, "https://canvas.instructure.com/lti/submission");
        assert_eq!(value()["new_submission"], false);
    }
}
