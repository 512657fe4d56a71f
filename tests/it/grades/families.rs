//! Every family of platforms takes scores in its own way: each gets its grades, and says why it does not.

use jitsi_lti::demo::lms::LmsPerson;

use crate::support::{Backend, Lesson, SECOND, Setup, TestTool, on_both};

on_both!(
    every_family_gets_its_grades,
    canvas_loses_no_attempt,
    brightspace_has_an_audience_of_its_own,
    each_family_says_in_its_own_way_who_is_no_learner,
    each_call_names_its_own_media_types_and_needs_no_more_than_its_scope,
    open_edx_says_in_its_own_way_that_a_token_is_old,
);

const FAMILIES: [&str; 6] = ["moodle", "canvas", "BlackboardLearn", "desire2learn", "openedx", "sakai"];

async fn in_family(backend: Backend, family: &'static str) -> TestTool {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.family = family.to_owned());
    if family == "openedx" {
        // It does not call itself anything in launches; its addresses tell, which are of another shape here.
        tool.sql("UPDATE platform SET family = 'openedx'").await;
    }
    tool
}

async fn every_family_gets_its_grades(backend: Backend) {
    for family in FAMILIES {
        let tool = in_family(backend, family).await;
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "20").await;
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "40").await;
        assert_eq!(tool.lms.grade("11", "ana").unwrap().shown(), Some(40.0), "{family}");
        let refused = tool.lms.received_scores().iter().filter(|score| score.status >= 300).count();
        assert_eq!(refused, 0, "{family}");
        let ungraded = Lesson::begin(&tool, "2").await;
        ungraded.sets("45", "make").await;
        ungraded.attends("layla", 9).await;
        ungraded.shows("ليلى الحسيني", "sent", "", "20").await;
        assert_eq!(tool.lms.line_items("101").len(), 2, "{family}");
    }
}

async fn canvas_loses_no_attempt(backend: Backend) {
    let tool = in_family(backend, "canvas").await;
    let lesson = Lesson::begin(&tool, "1").await;
    for minutes in 1..4 {
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", &(20 * minutes).to_string()).await;
    }
    assert_eq!(tool.lms.attempts("11", "ana"), 0);
}

async fn brightspace_has_an_audience_of_its_own(backend: Backend) {
    const AUDIENCE: &str = "https://api.brightspace.com/auth/token";
    let tool = Setup::new(backend).token_audience(AUDIENCE).start().await;
    tool.lms.behaviour().set(|now| {
        now.family = "desire2learn".to_owned();
        now.token_audience = Some(AUDIENCE.to_owned());
    });
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn each_family_says_in_its_own_way_who_is_no_learner(backend: Backend) {
    for (family, reason) in
        [("moodle", "not-a-learner"), ("canvas", "not-a-learner"), ("desire2learn", "no-gradable-role")]
    {
        let tool = in_family(backend, family).await;
        tool.leaves_jobs();
        tool.lms.add_person(LmsPerson::new("gus", "Guest", "Gus", "Weber", &[]));
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.attends("gus", 9).await;
        lesson.shows("Gus Weber", "refused", reason, "").await;
    }
}

async fn each_call_names_its_own_media_types_and_needs_no_more_than_its_scope(backend: Backend) {
    for family in FAMILIES {
        let tool = in_family(backend, family).await;
        tool.lms.behaviour().set(|now| {
            now.pedantic = true;
            now.offer_groups = true;
            now.offer_notices = true;
        });
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "20").await;
        tool.later(31 * SECOND);
        tool.eventually("the gradebook is read", async || lesson.shown_of("Ana Silva").await == "20").await;
        lesson.lists("known", "", 4).await;
        let ungraded = Lesson::begin(&tool, "2").await;
        ungraded.sets("45", "make").await;
        ungraded.attends("layla", 9).await;
        ungraded.shows("ليلى الحسيني", "sent", "", "20").await;
        assert_eq!(tool.lms.line_items("101").len(), 2, "{family}");
        tool.eventually("notices are asked for", async || tool.lms.notice_handler().is_some()).await;
    }
}

async fn open_edx_says_in_its_own_way_that_a_token_is_old(backend: Backend) {
    let tool = in_family(backend, "openedx").await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.lms.revoke_tokens();
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    tool.jobs_rest().await;
}
