//! People of a platform: found, blocked, let in again.

use std::time::Duration;

use crate::support::{Backend, Browser, Page, TestTool, form, on_both};

on_both!(
    a_blocked_person_is_out_at_once_until_unblocked,
    people_are_found_by_name_and_identifier,
    a_platforms_administrator_blocks_people_of_their_deployment_alone,
);

const SECOND: Duration = Duration::from_secs(1);
const DEPLOYMENT_PEOPLE: &str = "/admin/deployment/people";

/// The page of the person whose identifier at the platform is `sub`.
async fn page_of(admin: &Browser, people: &str, sub: &str) -> (String, Page) {
    let list = admin.opens(format!("{people}?q={sub}")).await;
    assert_eq!(list.status, 200, "{}", list.body);
    let place = list.attr(&format!("[data-person='{sub}'] a"), "href");
    assert!(place.starts_with(people), "{place}");
    let page = admin.opens(&place).await;
    (place, page)
}

async fn operators_people(tool: &TestTool) -> String {
    format!("/admin/platforms/{}/people", tool.platform_id().await)
}

async fn a_blocked_person_is_out_at_once_until_unblocked(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, admin) = (tool.browser(), tool.administrator().await);
    let room = ana.launches("ana", "1").await.assert_enters();
    let people = operators_people(&tool).await;
    let (place, page) = page_of(&admin, &people, "ana").await;
    page.assert_says("What is stored").assert_says("Algebra");
    tool.later(SECOND);
    let blocked = admin.presses(&place, &place, &[("act", "block")]).await;
    assert_eq!(blocked.status, 303, "{}", blocked.body);
    ana.opens(room.path()).await.assert_refused(403, "user-blocked");
    ana.launches("ana", "1").await.assert_refused(403, "user-blocked");
    admin.opens(&place).await.assert_says("blocked");
    tool.later(SECOND);
    assert_eq!(admin.presses(&place, &place, &[("act", "unblock")]).await.status, 303);
    // The session from before the block stays over.
    ana.opens(room.path()).await.assert_refused(401, "session-ended");
    ana.launches("ana", "1").await.assert_enters();
    tool.later(SECOND);
    assert_eq!(admin.presses(&place, &place, &[("act", "end-sessions")]).await.status, 303);
    ana.opens(room.path()).await.assert_refused(401, "session-ended");
    let log = admin.opens("/admin/audit").await;
    log.assert_says("Blocked a person")
        .assert_says("Unblocked a person")
        .assert_says("Ended a person’s sessions");
    assert!(!log.body.contains("Ana"), "the log names nobody");
}

async fn people_are_found_by_name_and_identifier(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.browser().launches("tessa", "1").await.assert_enters();
    let (people, admin) = (operators_people(&tool).await, tool.administrator().await);
    for (wanted, found) in [("", 2), ("ana", 1), ("ANA", 1), ("%25", 0), ("nobody", 0)] {
        let page = admin.opens(format!("{people}?q={wanted}")).await;
        assert_eq!(page.body.matches("data-person=").count(), found, "{wanted}");
        let words = if found == 1 { "1 person".to_owned() } else { format!("{found} people") };
        page.assert_says(if found == 0 { "Nobody found." } else { &words });
    }
    admin
        .opens(format!("{people}/0123456789abcdef0123456789abcdef"))
        .await
        .assert_refused(404, "page-unknown");
}

async fn a_platforms_administrator_blocks_people_of_their_deployment_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, layla) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    layla.launches("layla", "1").await.assert_enters();
    let (root, _) = super::deployment::looks_after(&tool).await;
    let (place, page) = page_of(&root, DEPLOYMENT_PEOPLE, "ana").await;
    page.assert_says("data-control=\"full\"");
    tool.later(SECOND);
    assert_eq!(root.presses(&place, &place, &[("act", "block")]).await.status, 303);
    ana.opens(room.path()).await.assert_refused(403, "user-blocked");
    // Layla belongs to another deployment too, and the administrator is nobody to block.
    tool.adds_deployment("2").await;
    tool.sql(
        "INSERT INTO context (id, deployment_id, context_id, updated_at) \
         SELECT '0000000000000000000000000000000e', id, '999', 1 FROM deployment WHERE deployment_id = '2'",
    )
    .await;
    tool.sql(
        "INSERT INTO membership (user_id, context_id, roles, updated_at) \
         SELECT id, '0000000000000000000000000000000e', '[]', 1 FROM lti_user WHERE sub = 'layla'",
    )
    .await;
    for (person, control) in [("layla", "shared"), ("tessa", "own")] {
        let (place, page) = page_of(&root, DEPLOYMENT_PEOPLE, person).await;
        page.assert_says(&format!("data-control=\"{control}\""));
        let input = form(&[("csrf", &root.opens("/admin/deployment").await.field("csrf")), ("act", "block")]);
        root.submits(&place, &input).await.assert_refused(403, "person-not-yours");
    }
    // Somebody of another deployment alone does not exist here.
    tool.sql("DELETE FROM membership WHERE context_id <> 'elsewhere' AND user_id IN (SELECT id FROM lti_user WHERE sub = 'layla')")
        .await;
    let gone = root.opens(format!("{DEPLOYMENT_PEOPLE}?q=layla")).await;
    assert!(!gone.body.contains("data-person=\"layla\""));
    // Whoever is blocked administers nothing.
    tool.sql("UPDATE lti_user SET sessions_from = 9999999999999 WHERE sub = 'tessa'").await;
    root.opens(DEPLOYMENT_PEOPLE).await.assert_refused(403, "deployment-admin-missing");
}
