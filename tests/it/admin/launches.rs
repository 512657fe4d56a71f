//! The page with all launches of a platform, or of a deployment.

use std::time::Duration;

use jitsi_lti::demo::lms::Tamper;

use super::deployment::looks_after;
use super::platforms::{all_launches, launch_of};
use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    launches_are_shown_page_by_page,
    launches_are_found_by_person_deployment_and_code,
    administrators_of_a_platform_see_launches_of_their_deployment_alone,
);

fn shown(page: &Page) -> usize {
    page.body.matches("data-outcome=").count()
}

async fn launches_are_shown_page_by_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for _ in 0..60 {
        tool.browser().launches("ana", "1").await.assert_enters();
    }
    tool.later(Duration::from_secs(1));
    tool.lms.behaviour().tamper_next(Tamper::Expired);
    tool.browser().launches("layla", "1").await.assert_refused(401, "token-expired");
    tool.launch_log(61).await;
    let admin = tool.administrator().await;
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    let home = admin.opens(&platform).await;
    assert_eq!(shown(&home), 10);
    let place = home.attr("#all-launches", "href");
    let first = admin.opens(&place).await;
    assert_eq!((first.status, shown(&first)), (200, 50));
    assert!(!first.body.contains("id=\"newest\""));
    // A launch that comes meanwhile moves nothing to another page.
    let older = first.attr("#older", "href");
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.launch_log(62).await;
    let second = admin.opens(&older).await;
    assert_eq!(shown(&second), 11);
    assert!(!second.body.contains("id=\"older\""));
    assert_eq!(admin.opens(second.attr("#newest", "href")).await.status, 200);
    assert_eq!(all_launches(&admin, &place).await.matches("data-outcome=").count(), 62);
    let refused = admin.opens(format!("{place}?show=refused")).await;
    assert_eq!(shown(&refused), 1);
    // What names no place in the log begins at its top.
    for nonsense in ["x", "1-2", "-", "99999999999999999999-0123456789abcdef0123456789abcdef", "%00"] {
        let page = admin.opens(format!("{place}?before={nonsense}")).await;
        assert_eq!((page.status, shown(&page)), (200, 50), "{nonsense}");
    }
    tool.browser().opens(&place).await.assert_refused(403, "admin-missing");
    admin.opens("/admin/platforms/nobody/launches").await.assert_refused(404, "page-unknown");
}

async fn launches_are_found_by_person_deployment_and_code(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.browser().launches("layla", "1").await.assert_enters();
    launch_of(&tool, "100%_arts").await.assert_refused(403, "deployment-unknown");
    tool.launch_log(3).await;
    let admin = tool.administrator().await;
    let place = format!("/admin/platforms/{}/launches", tool.platform_id().await);
    let persons =
        tool.texts("SELECT DISTINCT pseudonym AS value FROM launch_log WHERE outcome = 'entered'").await;
    let mut found = Vec::new();
    for person in &persons {
        found.push(shown(&admin.opens(format!("{place}?q={person}")).await));
    }
    found.sort_unstable();
    assert_eq!(found, [1, 2], "Ana was refused once more");
    for (wanted, expected) in [
        ("deployment-unknown", 1),
        ("entered", 2),
        ("100%25_arts", 1),
        ("%25", 1),
        ("_", 1),
        ("%5C", 0),
        ("nothing like it", 0),
        ("%00entered", 2),
    ] {
        let page = admin.opens(format!("{place}?q={wanted}")).await;
        assert_eq!(shown(&page), expected, "{wanted}");
    }
    admin.opens(format!("{place}?q=nothing")).await.assert_says("None yet.");
    let searching = admin.opens(format!("{place}?q=entered&show=refused")).await;
    let input = searching.attr("[type=search]", "value");
    assert_eq!((shown(&searching), input.as_str()), (0, "entered"));
}

async fn administrators_of_a_platform_see_launches_of_their_deployment_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "faculty of arts").await.assert_refused(403, "deployment-unknown");
    let (root, _) = looks_after(&tool).await;
    tool.launch_log(2).await;
    let page = root.opens("/admin/deployment/launches").await;
    assert_eq!((page.status, shown(&page)), (200, 1));
    assert!(!page.body.contains("faculty of arts"));
    let place = format!("/admin/platforms/{}/launches", tool.platform_id().await);
    root.opens(place).await.assert_refused(403, "admin-missing");
    tool.browser().opens("/admin/deployment/launches").await.assert_refused(403, "deployment-admin-missing");
}
