//! The certification suite's rows about the list of participants: the request's media type, token and scope are checked
//! by a strict platform, and what it answers is taken in.

use jitsi_lti::demo::lms::{LoggedMessage, SCOPE_MEMBERSHIPS};

use crate::support::{Backend, Lesson, MINUTE, TestTool, on_both};

on_both!(the_list_is_asked_for_as_the_suite_wants);

fn of<'a>(wire: &'a [LoggedMessage], part: &str) -> Vec<&'a LoggedMessage> {
    wire.iter().rev().filter(|entry| entry.title.contains(part)).collect()
}

async fn the_list_is_asked_for_as_the_suite_wants(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_grades = false);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    let wire = tool.lms.message_log();
    let tokens = of(&wire, "/lti/token");
    let asked_for: Vec<bool> = tokens
        .iter()
        .map(|entry| entry.parts.iter().any(|(_, text)| text.contains(SCOPE_MEMBERSHIPS)))
        .collect();
    assert_eq!(asked_for, [true], "one token, for the list's scope");
    // Another `Accept`, no token or another scope would have been refused.
    let statuses: Vec<_> = of(&wire, "/memberships").iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(200)]);
    // A token that the platform took back is renewed once.
    tool.lms.revoke_tokens();
    tool.later(61 * MINUTE);
    lesson.page().await;
    tool.eventually("the list is read again", async || {
        let wire = tool.lms.message_log();
        let statuses: Vec<_> = of(&wire, "/memberships").iter().map(|entry| entry.status).collect();
        statuses.last() == Some(&Some(200)) && statuses.len() > 1
    })
    .await;
    tool.jobs_rest().await;
    let everybody =
        tool.count("listed_member WHERE sub IN ('tessa', 'tobias', 'ana', 'layla', 'maximiliane', 'olga')");
    assert_eq!(everybody.await, 6, "everybody on the list is taken in");
}
