//! The certification suite's rows about the gradebook: media type, token and scope of each request are checked by a strict
//! platform, which answers with an empty list first.

use jitsi_lti::demo::lms::{LoggedMessage, SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE};
use serde_json::Value;

use crate::support::{Backend, Lesson, SECOND, TestTool, on_both};

on_both!(each_request_to_the_gradebook_is_as_the_suite_wants);

/// The statuses of the requests that begin so, oldest first.
fn statuses(wire: &[LoggedMessage], method: &str, part: &str) -> Vec<u16> {
    let fits = |entry: &&LoggedMessage| entry.title.starts_with(method) && entry.title.contains(part);
    wire.iter().rev().filter(fits).filter_map(|entry| entry.status).collect()
}

async fn each_request_to_the_gradebook_is_as_the_suite_wants(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.leaves_jobs();
    tool.lms.behaviour().set(|now| now.offer_memberships = false);
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.stands("not-graded", "").await;
    lesson.sets("45", "make").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    // Somebody else's newer grade makes the tool look at the result.
    let column = tool.lms.line_items("101").into_iter().find(|item| item.made_by_tool).unwrap();
    tool.lms.behaviour().set(|now| now.clock_offset = 7200);
    tool.lms.override_grade(&column.id, "ana", Some(70.0));
    tool.lms.behaviour().set(|now| now.clock_offset = 0);
    let before = tool.lms.message_log();
    lesson.attends("ana", 9).await;
    for _ in 0..3 {
        tool.jobs_rest().await;
        tool.later(2 * SECOND);
    }
    lesson.shows("Ana Silva", "refused", "superseded", "20").await;
    assert_eq!(statuses(&tool.lms.message_log(), "GET", "user_id="), [200]);
    let wire = before;
    let lists = wire.iter().rev().find(|entry| entry.title.contains("/lineitems?")).unwrap();
    let empty: Value = serde_json::from_str(&lists.parts.last().unwrap().1).unwrap();
    assert_eq!(empty, Value::Array(vec![]), "an empty list is an answer");
    for (method, part) in [("GET", "/lineitems?"), ("POST", "/lineitems?"), ("POST", "/scores?")] {
        let found = statuses(&wire, method, part);
        let right = if part == "/lineitems?" && method == "POST" { 201 } else { 200 };
        assert!(
            !found.is_empty() && found.iter().all(|status| *status == right),
            "{method} {part}: {found:?}"
        );
    }
    // Tokens were asked for with the scopes that the launch offered, and no others.
    let asked: Vec<&String> = wire
        .iter()
        .filter(|entry| entry.title.contains("/lti/token"))
        .flat_map(|entry| entry.parts.iter().filter(|(name, _)| name == "request").map(|(_, text)| text))
        .collect();
    let offered = [SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE];
    for text in &asked {
        let line = text.lines().find_map(|line| line.strip_prefix("scope = ")).unwrap();
        assert!(line.split(' ').all(|scope| offered.contains(&scope)), "{line}");
    }
    assert_eq!(asked.len(), 3, "one token for what each kind of step needs: columns, scores, results");
}
