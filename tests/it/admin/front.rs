//! What answers beside the pages of platforms and servers: the address itself, the guides, and who did what in words.

use crate::support::{Backend, Dom, Page, Setup, TestTool, on_both};

on_both!(
    the_address_alone_says_what_it_is_and_leads_on,
    a_host_of_the_administrators_own_stays_untold,
    signed_in_administrators_find_the_guides_and_the_way_back,
    who_did_something_is_said_in_words,
    what_people_compare_is_a_table,
);

async fn the_address_alone_says_what_it_is_and_leads_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let front = tool.browser().opens("/").await;
    assert_eq!(front.status, 200);
    front.assert_says("Open the class from your course").assert_says("href=\"/admin\"");
    front.assert_says("href=\"/lti/config\"");
    assert_eq!(front.policy("frame-ancestors"), ["'none'"]);
    for secret in ["Riverside", "meet.campus.example", &tool.lms.settings().issuer, env!("CARGO_PKG_VERSION")]
    {
        assert!(!front.body.contains(secret), "{secret} in {}", front.body);
    }
    let spanish = tool.browser().in_language("es").opens("/").await;
    spanish.assert_says("Abre la clase desde tu curso");
}

async fn a_host_of_the_administrators_own_stays_untold(backend: Backend) {
    let tool = Setup::new(backend).with_admin_host().start().await;
    let there = format!("http://127.0.0.1:{}", tool.config.addresses.listen.port());
    let front = tool.browser().opens("/").await;
    assert!(!front.body.contains("/admin") && !front.body.contains("127.0.0.1"), "{}", front.body);
    let theirs = tool.browser().opens_at(&there, "/").await;
    theirs.assert_says("href=\"/admin\"");
    assert!(!theirs.body.contains("/lti/") && !theirs.body.contains("localhost"), "{}", theirs.body);
}

async fn signed_in_administrators_find_the_guides_and_the_way_back(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let stranger = tool.browser();
    stranger.opens("/admin/docs").await.assert_refused(403, "admin-missing");
    stranger.opens("/admin/docs/operations.md").await.assert_refused(403, "admin-missing");
    assert!(!stranger.opens("/lti/config").await.body.contains("/admin"));
    let admin = tool.administrator().await;
    admin.opens("/admin").await.assert_says("href=\"/admin/docs\"").assert_says("jitsi-lti");
    let docs = admin.opens("/admin/docs").await;
    docs.assert_says("Operations").assert_says("/admin/docs/platforms/moodle.md");
    let guide = admin.opens("/admin/docs/operations.md").await;
    assert!(guide.header("content-type").starts_with("text/plain"));
    assert!(guide.body.starts_with("# Operations"));
    admin.opens("/admin/docs/../Cargo.toml").await.assert_refused(404, "page-unknown");
    admin.opens("/lti/config?lms=canvas").await.assert_says("href=\"/admin\"");
}

/// What people read: without marks for scripts.
fn is_shown(page: &Page, words: &str) -> bool {
    page.text().contains(words)
}

async fn who_did_something_is_said_in_words(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (admin, other) = (tool.administrator().await, tool.administrator().await);
    for page in ["/admin/sessions", "/admin/audit"] {
        let page = admin.opens(page).await;
        assert!(is_shown(&page, "One-time link created on"), "{}", page.text());
    }
    let sessions = admin.opens("/admin/sessions").await;
    let id = sessions.attr("#others [name='id']", "value");
    admin.presses("/admin/sessions", "/admin/sessions", &[("id", &id)]).await;
    other.opens("/admin").await.assert_refused(403, "admin-missing");
    let log = admin.opens("/admin/audit").await;
    let ended = log.text_of("[data-action='session-end']");
    assert_eq!(ended.matches("One-time link created on").count(), 2, "{ended}");
    // The file keeps the raw names, which no moment makes ambiguous.
    assert!(admin.opens("/admin/audit?format=jsonl&q=").await.body.contains("\"who\":\"link "));
}

async fn what_people_compare_is_a_table(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("tessa", "1").await.assert_enters();
    tool.launch_log(1).await;
    let admin = tool.administrator().await;
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    for (page, heading) in [
        ("/admin", "Learning platforms"),
        ("/admin/servers", "Jitsi servers"),
        ("/admin/sessions", "Your sessions"),
        (&platform, "Launches"),
    ] {
        let page = admin.opens(page).await;
        assert_eq!(page.text_of("table caption.sr-only"), heading);
        assert!(page.has("table th[scope='col']"), "{}", page.body);
    }
    let home = admin.opens("/admin").await;
    let cells: Vec<String> = Dom::of(&home).all("table td").into_iter().map(|cell| cell.text()).collect();
    assert!(cells.contains(&"Moodle".to_owned()), "{cells:?}");
}
