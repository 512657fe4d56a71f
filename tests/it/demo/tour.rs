//! The guided tour ticks what really happened, and the LMS lets people in who are not in the course.

use jitsi_lti::demo::lms::{TourStep, Visit};

use crate::support::{Backend, TestTool, on_both};

on_both!(people_outside_the_course_come_in_with_the_rights_they_have, steps_are_ticked_once_they_happened);

async fn people_outside_the_course_come_in_with_the_rights_they_have(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let room = tool.browser().launches("tessa", "1").await.assert_enters();
    for (person, name, says) in [
        ("amina", "Amina Rahman", "Moderator, because you’re an administrator of the whole LMS"),
        ("pavel", "Pavel Novák", "Participant, because your roles outside this course don’t count here"),
    ] {
        let browser = tool.browser();
        assert_eq!(browser.launches(person, "1").await.assert_enters(), room);
        browser.opens(room.path()).await.assert_says(name).assert_says(says);
    }
    // They are no members: neither memberships nor gradebook know them.
    let lms = &tool.lms;
    assert!(lms.people().iter().filter(|person| person.is_guest).all(|person| !person.is_in("101")));
}

async fn steps_are_ticked_once_they_happened(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lms = &tool.lms;
    let page = format!("{}/tour", lms.settings().issuer);
    let read = async |url: &str| reqwest::get(url).await.unwrap().text().await.unwrap();
    assert_eq!(lms.steps_done(), []);
    assert!(read(&page).await.contains("0 of 12 steps done"));
    tool.browser().launches("tessa", "1").await.assert_enters();
    assert_eq!(lms.steps_done(), [TourStep::Teacher]);
    // Nobody real is behind this one.
    tool.browser().launches_as(&Visit::new("ana", "1").simulated()).await.assert_enters();
    assert_eq!(lms.steps_done(), [TourStep::Teacher]);
    for person in ["ana", "olga", "amina", "pavel"] {
        tool.browser().launches(person, "1").await.assert_enters();
    }
    let spanish = Visit { locale: "es".to_owned(), ..Visit::new("tessa", "1") };
    tool.browser().launches_as(&spanish).await.assert_enters();
    assert!(read(&format!("{}/messages", lms.settings().issuer)).await.contains("Launch"));
    let expected = [
        TourStep::Teacher,
        TourStep::Learner,
        TourStep::Observer,
        TourStep::Administrator,
        TourStep::Stranger,
        TourStep::Language,
        TourStep::MessageLog,
    ];
    assert_eq!(lms.steps_done(), expected);
    let ticked = read(&page).await;
    for words in [
        "7 of 12 steps done",
        "data-step=\"teacher\" data-done=\"yes\"",
        "data-step=\"copy\" data-done=\"no\"",
    ] {
        assert!(ticked.contains(words), "{words}: {ticked}");
    }
}
