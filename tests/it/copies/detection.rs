//! How a copy is known for what it is, at each kind of platform.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse};

use crate::support::{Backend, TestTool, on_both};

on_both!(
    courses_of_the_past_tell_which_activity_was_copied,
    links_of_the_past_tell_it_too,
    re_runs_of_open_edx_are_told_apart_by_their_course,
    a_platform_that_tells_nothing_makes_new_activities,
    a_room_that_somebody_typed_gives_no_rights,
    nothing_crosses_a_deployment,
);

async fn courses_of_the_past_tell_which_activity_was_copied(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", "1").await.assert_enters();
    let copies = tool.copies_course("101", "201");
    let copy = copies.iter().find(|one| one.title == "Live class").unwrap();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    assert_ne!(fresh, origin);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), Some(true));
    // A copy of the copy is asked about the copy.
    tessa.answers_copy(&fresh, "own").await;
    let again = tool.copies_course("201", "301");
    let again = again.iter().find(|one| one.title == "Live class").unwrap();
    let third = tessa.launches("tessa", &again.id).await.assert_enters();
    assert_eq!(tessa.answers_copy(&third, "shared").await.leads_to(), fresh);
}

async fn links_of_the_past_tell_it_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.link_history, now.context_history) = (true, false));
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", "2").await.assert_enters();
    let copies = tool.copies_course("101", "201");
    let copy = copies.iter().find(|one| one.title == "Office hours").unwrap();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), Some(true));
    assert_eq!(tessa.answers_copy(&fresh, "shared").await.leads_to(), origin);
}

async fn re_runs_of_open_edx_are_told_apart_by_their_course(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| {
        now.family = "openedx".to_owned();
        (now.link_history, now.context_history) = (false, false);
    });
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", "1").await.assert_enters();
    let copies = tool.copies_course("101", "201");
    let rerun = copies.iter().find(|one| one.title == "Live class").unwrap();
    assert_eq!(rerun.link_id.as_deref(), Some("1"), "the identifier is the same there");
    let fresh = tool.browser().launches("ana", &rerun.id).await.assert_enters();
    assert_ne!(fresh, origin);
    assert_eq!(tool.browser().launches("ana", "1").await.assert_enters(), origin);
}

async fn a_platform_that_tells_nothing_makes_new_activities(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.link_history, now.context_history) = (false, false));
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", "1").await.assert_enters();
    let copies = tool.copies_course("101", "201");
    let copy = copies.iter().find(|one| one.title == "Live class").unwrap();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    assert_ne!(fresh, origin);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), None);
}

async fn a_room_that_somebody_typed_gives_no_rights(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let secret = tool.browser().launches("tessa", "1").await.assert_enters();
    tool.lms.add_course(LmsCourse::new("102", "GEO", "Geometry"));
    for input in [secret.id(), "../x", "", "0123456789abcdef0123456789abcdef", "$room"] {
        let custom = vec![("room".to_owned(), input.to_owned())];
        let forged = LmsActivity { custom, ..LmsActivity::new("102", "Typed") };
        let forged = tool.lms.add_activity(forged).unwrap();
        for person in ["ana", "tobias"] {
            let room = tool.browser().launches(person, &forged.id).await.assert_enters();
            assert_ne!(room, secret, "{input}");
        }
    }
}

async fn nothing_crosses_a_deployment(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let origin = tool.places_class("tessa", "101", "Lecture").await;
    let room = tool.browser().launches("tessa", &origin.id).await.assert_enters();
    let other = tool.adds_platform().await;
    let custom = vec![("room".to_owned(), room.id().to_owned())];
    let there = LmsActivity { custom, ..LmsActivity::new("101", "Lecture") };
    let there = other.lms.add_activity(there).unwrap();
    let tessa = other.browser(&tool);
    let fresh = tessa.launches("tessa", &there.id).await.assert_enters();
    assert_ne!(fresh, room);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), None);
}
