//! An activity that is duplicated inside its course, and another way into a room on purpose.

use futures::future::join_all;

use crate::support::{Backend, Lesson, SECOND, TestTool, form, on_both};

on_both!(
    a_duplicate_inside_its_course_gets_a_room_of_its_own_and_asks_once,
    a_duplicate_may_share_the_room_when_its_teacher_says_so,
    another_way_into_a_room_is_chosen_on_purpose_and_its_duplicate_asks,
    of_duplicates_that_are_opened_at_once_one_has_the_room,
    a_room_typed_in_its_own_course_is_a_copy_too,
);

async fn a_duplicate_inside_its_course_gets_a_room_of_its_own_and_asks_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let placed = tool.places_class("tessa", "101", "Lecture").await;
    let tessa = tool.browser();
    let room = tessa.launches("tessa", &placed.id).await.assert_enters();
    Lesson::begin(&tool, &placed.id).await.attends("ana", 3).await;
    let twin = tool.lms.duplicate_activity(&placed.id).unwrap();
    let fresh = tool.browser().launches("layla", &twin.id).await.assert_enters();
    assert_ne!(fresh, room);
    let lesson = Lesson::begin(&tool, &twin.id).await;
    assert_eq!(lesson.room, fresh);
    let page = lesson.page().await;
    assert!(!page.text().contains("Ana Silva"), "{}", page.body);

    tessa.launches("tessa", &twin.id).await.assert_enters();
    let page = tessa.opens(fresh.path()).await;
    assert_eq!(page.copy_question(), Some(true));
    page.assert_says("It was duplicated in this course").assert_says("Share the other activity’s room");
    // Settings go their own ways from the values that were copied.
    let path = format!("{}/settings", fresh.path());
    let settings = tessa.opens(&path).await;
    assert!(settings.body.contains("value=\"33\""), "{}", settings.body);
    let change = form(&[("csrf", &settings.field("csrf")), ("target", "60"), ("send", "auto")]);
    assert_eq!(tessa.submits(&path, &change).await.status, 303);
    let other = tessa.opens(format!("{}/settings", room.path())).await;
    assert!(other.body.contains("value=\"33\""), "{}", other.body);

    assert_eq!(tessa.answers_copy(&fresh, "own").await.leads_to(), fresh);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), None, "once");
    assert_eq!(tessa.launches("tessa", &twin.id).await.assert_enters(), fresh);
    assert_eq!(tessa.launches("tessa", &placed.id).await.assert_enters(), room);
    assert_eq!(tessa.opens(room.path()).await.copy_question(), None, "the first is no copy");
}

async fn a_duplicate_may_share_the_room_when_its_teacher_says_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let placed = tool.places_class("tessa", "101", "Lecture").await;
    let tessa = tool.browser();
    let room = tessa.launches("tessa", &placed.id).await.assert_enters();
    tool.later(SECOND);
    let twin = tool.lms.duplicate_activity(&placed.id).unwrap();
    let fresh = tessa.launches("tessa", &twin.id).await.assert_enters();
    assert_eq!(tessa.answers_copy(&fresh, "shared").await.leads_to(), room);
    assert_eq!(tool.browser().launches("ana", &twin.id).await.assert_enters(), room);
    tessa
        .opens(format!("{}/settings", room.path()))
        .await
        .assert_says("It shares the room of the activity it was duplicated from.");
    // Another duplicate, of either, is asked about anew.
    for one in [&placed.id, &twin.id] {
        let again = tool.lms.duplicate_activity(one).unwrap();
        let third = tessa.launches("tessa", &again.id).await.assert_enters();
        assert_ne!(third, room);
        assert_eq!(tessa.opens(third.path()).await.copy_question(), Some(true));
    }
}

async fn another_way_into_a_room_is_chosen_on_purpose_and_its_duplicate_asks(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let placed = tool.places_class("tessa", "101", "Lecture").await;
    let tessa = tool.browser();
    let room = tessa.launches("tessa", &placed.id).await.assert_enters();
    let picker = tessa.picks("tessa", "101").await;
    let existing = [("title-0", ""), ("existing", room.id()), ("action", "add")];
    // Sent twice, it is one item.
    let first = tessa.chooses(&picker, &existing).await.items()[0]["custom"]["item"].clone();
    let picked = tessa.chooses(&picker, &existing).await;
    assert_eq!(picked.items()[0]["custom"]["item"], first);
    let again = tessa.returns(&picked).await.unwrap().activities.remove(0);
    let twin = tool.lms.duplicate_activity(&again.id).unwrap();
    assert_eq!(tessa.launches("tessa", &again.id).await.assert_enters(), room);
    assert_eq!(tessa.opens(room.path()).await.copy_question(), None, "it was chosen");
    let fresh = tessa.launches("tessa", &twin.id).await.assert_enters();
    assert_ne!(fresh, room);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), Some(true));
    // A third way, chosen later, is another item.
    let picker = tessa.picks("tessa", "101").await;
    let picked = tessa.chooses(&picker, &existing).await;
    assert_ne!(picked.items()[0]["custom"]["item"], first);
    let third = tessa.returns(&picked).await.unwrap().activities.remove(0);
    assert_eq!(tessa.launches("tessa", &third.id).await.assert_enters(), room);
}

async fn of_duplicates_that_are_opened_at_once_one_has_the_room(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let placed = tool.places_class("tessa", "101", "Lecture").await;
    let mut activities = vec![placed.id.clone()];
    for _ in 0..5 {
        activities.push(tool.lms.duplicate_activity(&placed.id).unwrap().id);
    }
    let browsers: Vec<_> = (0..24).map(|_| tool.browser()).collect();
    let launches = browsers.iter().enumerate().map(|(number, browser)| {
        let activity = activities[number % activities.len()].clone();
        async move { (activity.clone(), browser.launches("ana", &activity).await.assert_enters()) }
    });
    let mut opened = join_all(launches).await;
    opened.sort_by(|left, right| left.0.cmp(&right.0));
    opened.dedup();
    assert_eq!(opened.len(), activities.len(), "each activity has one room: {opened:?}");
    let mut rooms: Vec<_> = opened.iter().map(|(_, room)| room.path().to_owned()).collect();
    rooms.sort();
    rooms.dedup();
    assert_eq!(rooms.len(), activities.len(), "and no two the same");
    assert_eq!(tool.count("link_copy").await, 5);
}

async fn a_room_typed_in_its_own_course_is_a_copy_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let room = tool.browser().launches("tessa", "1").await.assert_enters();
    let custom = vec![("room".to_owned(), room.id().to_owned()), ("item".to_owned(), "7".to_owned())];
    let input = jitsi_lti::demo::lms::LmsActivity {
        custom,
        ..jitsi_lti::demo::lms::LmsActivity::new("101", "Typed")
    };
    let input = tool.lms.add_activity(input).unwrap();
    let tessa = tool.browser();
    let fresh = tessa.launches("tessa", &input.id).await.assert_enters();
    assert_ne!(fresh, room);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), Some(true));
}
