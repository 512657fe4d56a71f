//! A class: everybody comes in through the LMS, each with the rights of their role.

use fantoccini::Locator;
use jitsi_lti::demo::lms::LmsActivity;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

struct Part {
    person: &'static str,
    name: &'static str,
    role: &'static str,
    moderates: bool,
}

const TEACHER: Part = Part {
    person: "tessa",
    name: "Tessa Marlow",
    role: "Moderator, because your role in this course is Instructor",
    moderates: true,
};
const OTHERS: [Part; 3] = [
    Part {
        person: "ana",
        name: "Ana Silva",
        role: "Participant, because your role in this course is Learner",
        moderates: false,
    },
    Part {
        person: "tobias",
        name: "Tobias Brandt",
        role: "Moderator, because your role in this course is Teaching assistant",
        moderates: true,
    },
    Part {
        person: "olga",
        name: "Olga Silva",
        role: "Observer, because your role in this course is Mentor",
        moderates: false,
    },
];

#[tokio::test]
async fn everybody_joins_with_the_rights_of_their_role() {
    hold_a_class(Cookies::Allowed).await;
}

#[tokio::test]
async fn everybody_joins_where_third_party_cookies_are_blocked() {
    hold_a_class(Cookies::ThirdPartyBlocked).await;
}

async fn hold_a_class(cookies: Cookies) {
    let stage = Stage::shared();
    let activity = stage.activity("Live class");
    let (teacher, visitor) = futures::join!(Visitor::new(cookies, 1000), Visitor::new(cookies, 1000));
    join(&stage, &teacher, &activity, &TEACHER, cookies).await;
    for part in &OTHERS {
        join(&stage, &visitor, &activity, part, cookies).await;
        let tile = format!("//li[contains(@class, 'tile')][.//bdi = '{}']", part.name);
        let seen = async |teacher: &Visitor| teacher.client().find(Locator::XPath(&tile)).await.ok();
        teacher.until(&format!("tile of {} at the teacher's", part.name), seen).await;
        leave(&visitor).await;
    }
    assert_eq!(teacher.complaints().await, [""; 0]);
    assert_eq!(visitor.complaints().await, [""; 0]);
}

/// Opens the activity in the LMS, presses Join, and looks around in the meeting.
async fn join(stage: &Stage, visitor: &Visitor, activity: &LmsActivity, part: &Part, cookies: Cookies) {
    visitor.open(&stage.address(activity, part.person, "")).await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.read(".person__name bdi").await, part.name);
    assert_eq!(visitor.read("#role").await, part.role);
    if part.person == "tessa" {
        check_cookies(visitor, cookies).await;
    }
    // The LMS does not allow screen sharing in its frame: one sentence says so.
    assert_eq!(visitor.read("#join-hint").await, "Opens in a new window so you can share your screen.");
    visitor.click("#join").await;
    visitor.see("#join-opened").await;
    assert_eq!(visitor.violations().await, [""; 0]);

    visitor.to_window(2).await;
    visitor.in_meeting().await;
    let role = if part.moderates { "moderator" } else { "participant" };
    assert_eq!(visitor.attribute("#meeting", "data-role").await, role, "{}", part.name);
    assert_eq!(visitor.attribute("#meeting", "data-ignored-config").await, "", "Jitsi takes every setting");
    assert_eq!(visitor.attribute("#meeting", "data-complaints").await, "", "the token is as Jitsi wants it");
    assert_eq!(visitor.attribute("#meeting", "data-delegated").await, "camera microphone display-capture");
    assert_eq!(visitor.attribute("[data-self=true]", "data-moderator").await, part.moderates.to_string());
    for (feature, on) in
        [("recording", part.moderates), ("livestreaming", part.moderates), ("screen-sharing", true)]
    {
        let shown = visitor.attribute(&format!("[data-feature={feature}]"), "data-on").await;
        assert_eq!(shown, on.to_string(), "{feature} of {}", part.name);
    }
}

/// Leaves the meeting and goes back to the LMS's window.
async fn leave(visitor: &Visitor) {
    visitor.to_page().await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    assert_eq!(visitor.attribute("html", "data-state").await, "left");
    assert!(!visitor.sees("#jitsi iframe").await, "the meeting is gone");
    // A window that was opened for the class alone closes.
    visitor.click("[data-card=left] [data-do=back]").await;
    visitor.to_window(1).await;
}

/// The login showed which cookie of a pair comes back, and that one alone carries the visit: the partitioned one in a frame
/// that gets no cookies of its own.
async fn check_cookies(visitor: &Visitor, cookies: Cookies) {
    let kept: Vec<_> =
        visitor.cookies().await.into_iter().filter(|(name, _)| name.starts_with("__Host-room-")).collect();
    let [(name, is_partitioned)] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!(*is_partitioned, cookies != Cookies::Allowed, "{kept:?}");
    assert_eq!(name.ends_with("-p"), *is_partitioned, "{kept:?}");
}
