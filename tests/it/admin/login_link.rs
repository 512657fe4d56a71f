//! The way in, and who stays outside.

use std::time::Duration;

use jitsi_lti::admin::login_link::store::make_link;
use jitsi_lti::db::Tx;

use crate::support::{Backend, Browser, Setup, TestTool, form, on_both};

on_both!(
    a_link_lets_in_once,
    a_link_is_over_after_an_hour,
    a_session_ends,
    nobody_else_sees_anything,
    no_form_works_without_its_grade,
    the_audit_log_is_searched_and_taken_away,
    the_pages_have_a_host_of_their_own,
    nobody_fills_the_audit_log_from_outside,
    a_flood_of_refusals_hides_no_administrators_refusal,
    the_audit_log_forgets_what_is_two_years_old,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const PAGES: [&str; 10] = [
    "/admin",
    "/admin/servers",
    "/admin/jobs",
    "/admin/status",
    "/admin/audit",
    "/admin/sessions",
    "/admin/platforms/00000000000000000000000000000000/people",
    "/admin/platforms/00000000000000000000000000000000/people/00000000000000000000000000000000",
    "/admin/platforms/00000000000000000000000000000000",
    "/admin/platforms/new",
];
type FormCase = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
/// Every form, with the word that the audit log has for it, and its fields beside the CSRF token.
const FORMS: [FormCase; 19] = [
    ("/admin/invitations", "invite", &[("note", "x")]),
    ("/admin/invitations/withdraw", "invitation-withdraw", &[("id", "x")]),
    ("/admin/platforms/00000000000000000000000000000000", "platform-disable", &[("act", "disable")]),
    (
        "/admin/platforms/00000000000000000000000000000000/values",
        "platform-change",
        &[
            ("seen", "1"),
            ("name", "x"),
            ("auth_url", ""),
            ("token_url", ""),
            ("jwks_url", ""),
            ("token_audience", ""),
        ],
    ),
    ("/admin/platforms", "platform-add", &[("lms", "canvas"), ("client_id", "x")]),
    ("/admin/platforms/00000000000000000000000000000000/delete", "platform-delete", &[("name", "x")]),
    (
        "/admin/platforms/00000000000000000000000000000000/roles",
        "platform-roles",
        &[("act", "remove"), ("role", "x:y")],
    ),
    (
        "/admin/platforms/00000000000000000000000000000000/proposal",
        "platform-dismiss",
        &[("act", "dismiss"), ("seen", "1"), ("at", "1")],
    ),
    (
        "/admin/platforms/00000000000000000000000000000000",
        "deployment-admit",
        &[("act", "admit"), ("deployment", "00000000000000000000000000000000")],
    ),
    ("/admin/platforms/00000000000000000000000000000000", "platform-rotate", &[("act", "rotate")]),
    (
        "/admin/platforms/00000000000000000000000000000000",
        "platform-end-sessions",
        &[("act", "end-sessions")],
    ),
    (
        "/admin/platforms/00000000000000000000000000000000/people/00000000000000000000000000000000",
        "person-block",
        &[("act", "block")],
    ),
    ("/admin/sessions", "session-end", &[("id", "x")]),
    ("/admin/status", "keys-rotate", &[]),
    ("/admin/platforms/00000000000000000000000000000000/frames", "platform-frames", &[("frames", "")]),
    ("/admin/servers", "server-add", SERVER),
    ("/admin/servers/00000000000000000000000000000000", "server-drain", &[("act", "drain")]),
    ("/admin/servers/00000000000000000000000000000000/values", "server-change", SERVER),
    ("/admin/jobs", "job-retry", &[]),
];
const SERVER: &[(&str, &str)] = &[
    ("name", "x"),
    ("kind", "public"),
    ("domain", "meet.example.org"),
    ("app_id", ""),
    ("audience", ""),
    ("subject", ""),
    ("key_id", ""),
    ("secret", ""),
    ("key", ""),
];

async fn link(tool: &TestTool) -> String {
    let work = |tx: &mut Tx<'_>| make_link(tx);
    tool.db.write(work).await.unwrap()
}

async fn a_link_lets_in_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let secret = link(&tool).await;
    let admin = tool.browser();
    // Whoever only looks, as scanners of mail do, uses nothing up.
    for _ in 0..2 {
        let door = admin.opens(format!("/admin/enter/{secret}")).await;
        assert_eq!((door.status, door.field("secret")), (200, secret.clone()));
        assert_eq!(door.policy("frame-ancestors"), ["'none'"]);
    }
    let entered = admin.submits("/admin/enter", &form(&[("secret", &secret)])).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/admin"));
    admin.opens("/admin").await.assert_says("Administration");
    let other = tool.browser();
    let again = other.submits("/admin/enter", &form(&[("secret", &secret)])).await;
    again.assert_refused(403, "admin-link-used");
    other.opens("/admin").await.assert_refused(403, "admin-missing");
    let guess = other.submits("/admin/enter", &form(&[("secret", "guess")])).await;
    guess.assert_refused(403, "admin-link-used");
}

async fn a_link_is_over_after_an_hour(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (early, late) = (link(&tool).await, link(&tool).await);
    tool.later(HOUR - Duration::from_secs(1));
    let entered = tool.browser().submits("/admin/enter", &form(&[("secret", &early)])).await;
    assert_eq!(entered.status, 303, "{}", entered.body);
    tool.later(Duration::from_secs(1));
    let refused = tool.browser().submits("/admin/enter", &form(&[("secret", &late)])).await;
    refused.assert_refused(403, "admin-link-used");
}

async fn a_session_ends(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let left = admin.submits("/admin/leave", &form(&[])).await;
    assert_eq!(left.status, 303);
    admin.opens("/admin").await.assert_refused(403, "admin-missing");
    let admin = tool.administrator().await;
    tool.later(8 * HOUR);
    assert_eq!(admin.opens("/admin").await.status, 200);
    tool.later(Duration::from_secs(1));
    admin.opens("/admin").await.assert_refused(403, "admin-missing");
}

async fn nobody_else_sees_anything(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let teacher = tool.browser();
    teacher.launches("tessa", "1").await.assert_enters();
    for page in PAGES {
        teacher.opens(page).await.assert_refused(403, "admin-missing");
    }
    for (path, action, fields) in FORMS {
        let input = form(&[&[("csrf", "x")], fields].concat());
        teacher.submits(path, &input).await.assert_refused(403, "admin-missing");
        assert!(tool.counted_refusals(action).await > 0, "{action}");
    }
}

async fn no_form_works_without_its_grade(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (admin, other) = (tool.administrator().await, tool.administrator().await);
    let (csrf, foreign) =
        (admin.opens("/admin").await.field("csrf"), other.opens("/admin").await.field("csrf"));
    assert_ne!(csrf, foreign);
    for (path, action, fields) in FORMS {
        let input = |csrf: &str| form(&[&[("csrf", csrf)], fields].concat());
        admin.submits(path, &input(&foreign)).await.assert_refused(403, "csrf-refused");
        let count = |lines: &[String]| {
            lines.iter().filter(|line| line.ends_with(&format!("{action} refused"))).count()
        };
        assert_eq!(count(&tool.audit().await), 1, "{action}");
        // The browser brings no session along from another site.
        admin.submits_from_elsewhere(path, &input(&csrf)).await.assert_refused(403, "admin-missing");
        assert_eq!(tool.counted_refusals(action).await, 1, "{action}");
    }
    assert_eq!(tool.count("invitation").await, 0);
    assert_eq!(tool.count("server").await, 1);
}

async fn the_audit_log_is_searched_and_taken_away(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let csrf = admin.opens("/admin").await.field("csrf");
    for note in ["North 100%", "South"] {
        let invited = admin.submits("/admin/invitations", &form(&[("csrf", &csrf), ("note", note)])).await;
        assert_eq!(invited.status, 303, "{}", invited.body);
        tool.later(Duration::from_secs(1));
    }
    let all = admin.opens("/admin/audit").await;
    all.assert_says("North 100%").assert_says("South").assert_says("Signed in to the administration");
    let found = admin.opens("/admin/audit?q=invite").await;
    found.assert_says("2 entries");
    admin.opens("/admin/audit?q=inv%25te").await.assert_says("Nothing found");
    let file = admin.opens("/admin/audit?q=invite&format=jsonl").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit.jsonl\"");
    let lines: Vec<serde_json::Value> =
        file.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&str> = lines.iter().map(|line| line["after"].as_str().unwrap()).collect();
    assert_eq!(told, ["South", "North 100%"]);
}

async fn the_pages_have_a_host_of_their_own(backend: Backend) {
    let tool = Setup::new(backend).with_admin_host().start().await;
    let secret = form(&[("secret", &link(&tool).await)]);
    let here = tool.browser();
    here.opens("/admin").await.assert_refused(404, "page-unknown");
    here.submits("/admin/enter", &secret).await.assert_refused(404, "page-unknown");
    let admin =
        Browser::new(tool.config.addresses.admin_url.as_str().trim_end_matches('/'), tool.lms.clone());
    assert_eq!(admin.submits("/admin/enter", &secret).await.status, 303);
    admin.opens("/admin").await.assert_says("You reached it at its own address");
    let invited = admin.presses("/admin", "/admin/invitations", &[("note", "")]).await;
    let invited = admin.opens(invited.header("location")).await;
    let address = invited.text_of("#address");
    assert!(address.starts_with(&format!("{}/lti/register?", tool.origin)), "{address}");
    for path in ["/lti/jwks", "/lti/config", "/lti/register", "/rooms/x"] {
        admin.opens(path).await.assert_refused(404, "page-unknown");
    }
    here.launches("tessa", "1").await.assert_enters();
}

async fn nobody_fills_the_audit_log_from_outside(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let stranger = tool.browser();
    // As much as a form takes.
    let endless = "x".repeat(60_000);
    for number in 0..70 {
        let guess = form(&[("secret", &format!("guess {number}"))]);
        stranger.submits("/admin/enter", &guess).await.assert_refused(403, "admin-link-used");
        let input = form(&[("csrf", "x"), ("id", &endless)]);
        stranger.submits("/admin/invitations/withdraw", &input).await.assert_refused(403, "admin-missing");
    }
    assert_eq!(tool.count("audit_event").await, 0);
    let longest = "SELECT CAST(MAX(LENGTH(last_subject)) AS BIGINT) AS value FROM audit_refusal";
    assert_eq!((tool.count("audit_refusal").await, tool.number(longest.to_owned()).await), (2, 200));
    assert!((35..=70).contains(&tool.counted_refusals("enter").await));
    let log = tool.administrator().await.opens("/admin/audit").await;
    log.assert_says("Refused without sign-in").assert_says("Signed in to the administration");
}

async fn a_flood_of_refusals_hides_no_administrators_refusal(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (admin, stranger) = (tool.administrator().await, tool.browser());
    for _ in 0..100 {
        let input = form(&[("csrf", "x"), ("id", "x")]);
        stranger.submits("/admin/invitations/withdraw", &input).await.assert_refused(403, "admin-missing");
    }
    let input = form(&[("csrf", "x"), ("id", "the one")]);
    admin.submits("/admin/invitations/withdraw", &input).await.assert_refused(403, "csrf-refused");
    let log = tool.audit().await;
    let refused = |line: &String| line.starts_with("link ") && line.ends_with("invitation-withdraw refused");
    assert!(log.iter().any(refused), "{log:?}");
}

async fn the_audit_log_forgets_what_is_two_years_old(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.administrator().await;
    tool.browser().submits("/admin/jobs", &form(&[("csrf", "x")])).await.assert_refused(403, "admin-missing");
    tool.later(HOUR * 24 * 729);
    tool.administrator().await;
    assert_eq!(tool.count("audit_event").await, 2);
    tool.later(HOUR * 24 * 2);
    tool.administrator().await;
    tool.browser().submits("/admin/jobs", &form(&[("csrf", "x")])).await.assert_refused(403, "admin-missing");
    assert_eq!((tool.count("audit_event").await, tool.count("audit_refusal").await), (2, 1));
}
