//! A platform goes, and takes nothing of another along.

use crate::support::{Backend, Lesson, TestTool, jobs_rest, on_both};

on_both!(a_platform_goes_with_all_that_came_with_it, nobody_deletes_by_a_slip);

async fn id_of(tool: &TestTool, issuer: &str) -> String {
    let known = tool.texts("SELECT issuer || ' ' || id AS value FROM platform").await;
    known.iter().find_map(|line| line.strip_prefix(&format!("{issuer} "))).unwrap().to_owned()
}

async fn a_platform_goes_with_all_that_came_with_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let other = tool.adds_platform().await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    jobs_rest(&tool).await;
    let learner = tool.browser();
    let left = learner.launches("layla", "1").await.assert_enters();
    let kept = other.browser(&tool).launches("tessa", "1").await.assert_enters();
    tool.launch_log(4).await;
    let admin = tool.administrator().await;
    let issuer = tool.lms.settings().issuer.clone();
    let place = format!("/admin/platforms/{}", id_of(&tool, &issuer).await);
    assert!(admin.opens(&place).await.body.contains(&format!("{place}/delete")));
    let asked = admin.opens(format!("{place}/delete")).await;
    for (what, count) in [("deployments", 1), ("courses", 1), ("activities", 1), ("people", 3), ("marks", 1)]
    {
        asked.assert_says(&format!("data-count=\"{what}\">{count}<"));
    }
    let page = format!("{place}/delete");
    let done = admin.presses(&page, &page, &[("name", "Riverside University")]).await;
    assert_eq!(done.header("location"), "/admin#platforms", "{}", done.body);
    for (table, count) in [
        ("platform", 1),
        ("deployment", 1),
        ("context", 1),
        ("resource_link", 1),
        ("room", 1),
        ("lti_user", 1),
        ("presence", 0),
        ("score", 0),
        ("job", 0),
        ("launch_log", 1),
    ] {
        assert_eq!(tool.count(table).await, count, "{table}");
    }
    assert_eq!(other.browser(&tool).launches("tessa", "1").await.assert_enters(), kept);
    let login = tool.lms.login_initiation(&jitsi_lti::demo::lms::Visit::new("ana", "1")).unwrap();
    tool.browser().logs_in(&login).await.assert_refused(404, "platform-unknown");
    // Who was inside is told so, whatever page they have open.
    let page = learner.opens(left.path()).await;
    assert!((400..500).contains(&page.status), "{} {}", page.status, page.body);
    let log = admin.opens("/admin/audit?q=platform-delete").await;
    log.assert_says("Deleted a platform").assert_says("people: 3");
}

async fn nobody_deletes_by_a_slip(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let page = format!("/admin/platforms/{}/delete", tool.platform_id().await);
    let refused = admin.presses(&page, &page, &[("name", "Riverside")]).await;
    assert_eq!(refused.status, 422);
    refused.assert_says("That is not its name");
    tool.browser().launches("tessa", "1").await.assert_enters();
}
