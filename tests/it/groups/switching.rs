//! Rooms for groups that are switched on in the middle of a term.

use crate::support::{Backend, Lesson, TestTool, on_both};

on_both!(
    groups_that_variables_told_are_known_when_they_get_rooms,
    groups_and_their_members_are_asked_for_when_they_get_rooms,
    a_group_s_list_speaks_of_the_group,
    groups_offered_to_teachers_only_serve_learners_too,
);

async fn groups_that_variables_told_are_known_when_they_get_rooms(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let whole = ana.launches("ana", "1").await.assert_enters();
    tool.browser().launches("layla", "1").await.assert_enters();
    tool.gives_groups_rooms("1").await;
    let tessa = tool.browser();
    tessa.launches("tessa", "1").await.assert_enters();
    let choice = tessa.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(choice.groups(), ["Group 1", "Group 2"]);
    // Whoever has the page open goes to the group from there.
    let theirs = ana.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(theirs.groups(), ["Group 1"]);
}

async fn groups_and_their_members_are_asked_for_when_they_get_rooms(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.family, now.offer_groups) = ("desire2learn".to_owned(), true));
    let ana = tool.browser();
    let whole = ana.launches("ana", "1").await.assert_enters();
    tool.gives_groups_rooms("1").await;
    tool.jobs_rest().await;
    let theirs = ana.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(theirs.groups(), ["Red"]);
    let tessa = tool.browser();
    tessa.launches("tessa", "1").await.assert_enters();
    assert_eq!(tessa.opens(format!("{}/groups", whole.path())).await.groups(), ["Blue", "Red"]);
}

async fn a_group_s_list_speaks_of_the_group(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let (red, _) = tool.browser().lands("ana", "1").await;
    let tessa = tool.browser();
    let (whole, _) = tessa.lands("tessa", "1").await;
    tessa.chooses_group(&whole, "g-red").await;
    let mut lesson = Lesson::begin_at(&tool, "1").await;
    (lesson.room, lesson.teacher) = (red, tessa);
    lesson.lists("known", "", 1).await;
    let page = lesson.page().await;
    page.assert_says("1 learner of this group is known so far");
    assert!(!page.text().contains("The course has 1 learner"), "{}", page.body);
}

async fn groups_offered_to_teachers_only_serve_learners_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.family, now.offer_groups) = ("desire2learn".to_owned(), true));
    tool.gives_groups_rooms("1").await;
    tool.jobs_rest().await;
    // The learner's launch says nothing about groups; the scope is still the tool's.
    let visit = jitsi_lti::demo::lms::Visit::new("ana", "1");
    tool.lms.behaviour().tamper_next(jitsi_lti::demo::lms::Tamper::Edit(std::sync::Arc::new(
        |_, payload| {
            let claim = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice";
            payload.as_object_mut().unwrap().remove(claim).expect("the launch offers groups");
        },
    )));
    let ana = tool.browser();
    let answer = ana.launches_as(&visit).await;
    let room = answer.assert_enters();
    ana.opens(room.path()).await.assert_says("Red");
}
