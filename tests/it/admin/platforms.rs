//! Platforms: approving deployments, switching off, changing, testing, and the log that explains refusals.

use std::sync::Arc;

use jitsi_lti::demo::lms::{CASES, Edit, Fault, FaultAt, Tamper, Visit, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Browser, Page, SECOND, TestTool, on_both, with};

on_both!(
    a_deployment_waits_until_it_is_approved,
    a_platform_is_switched_off_and_on,
    of_two_who_change_a_platform_the_second_sees_both,
    values_that_no_launch_could_match_are_not_stored,
    a_test_says_what_is_wrong_and_what_to_do,
    a_test_tries_what_launches_offered,
    keys_that_were_forgotten_are_not_believed,
    every_refusal_is_explained_in_a_sentence,
    roles_are_tried_out,
    more_sites_may_show_the_tool,
    the_log_keeps_the_last_launches_of_each_deployment,
);

/// Launches through another deployment than usual.
pub async fn launch_of(tool: &TestTool, deployment: &str) -> Page {
    let name = deployment.to_owned();
    let edit: Edit =
        Arc::new(move |_: &mut Value, payload: &mut Value| payload[claim("deployment_id")] = json!(name));
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    let browser = tool.browser();
    let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    login.fields = with(login.fields, "lti_deployment_id", None);
    let launch = browser.asks_platform(&browser.logs_in(&login).await);
    browser.brings(&launch).await
}

async fn act(tool: &TestTool, admin: &Browser, fields: &[(&str, &str)]) -> Page {
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    admin.presses(&page, &page, fields).await
}

async fn a_deployment_waits_until_it_is_approved(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "faculty of arts").await.assert_refused(403, "deployment-unknown");
    let admin = tool.administrator().await;
    let home = admin.opens("/admin").await;
    home.assert_says("Awaiting your approval").assert_says("faculty of arts");
    let deployment = home.field("deployment");
    let approve = [("act", "approve"), ("deployment", deployment.as_str())];
    let done = act(&tool, &admin, &approve).await;
    assert_eq!((done.status, done.header("location").ends_with("?notice=approved")), (303, true));
    admin.opens(done.header("location")).await.assert_says("The deployment is approved");
    launch_of(&tool, "faculty of arts").await.assert_enters();
    let refuse = [("act", "refuse"), ("deployment", deployment.as_str())];
    assert_eq!(act(&tool, &admin, &refuse).await.status, 303);
    launch_of(&tool, "faculty of arts").await.assert_refused(403, "deployment-disabled");
    let audit = tool.audit().await;
    assert!(audit.iter().any(|line| line.ends_with("deployment-approve done")), "{audit:?}");
    let elsewhere = [("act", "approve"), ("deployment", "no such deployment")];
    act(&tool, &admin, &elsewhere).await.assert_refused(404, "page-unknown");
}

async fn a_platform_is_switched_off_and_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    assert_eq!(act(&tool, &admin, &[("act", "disable")]).await.status, 303);
    let refused = tool.browser().logs_in(&tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap()).await;
    refused.assert_refused(403, "platform-disabled");
    assert_eq!(act(&tool, &admin, &[("act", "enable")]).await.status, 303);
    tool.browser().launches("ana", "1").await.assert_enters();
}

fn values<'a>(name: &'a str, jwks_url: &'a str, seen: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("seen", seen),
        ("name", name),
        ("auth_url", "https://lms.example/auth"),
        ("token_url", "https://lms.example/token"),
        ("jwks_url", jwks_url),
        ("token_audience", ""),
    ]
}

async fn of_two_who_change_a_platform_the_second_sees_both(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let (first, second) = (tool.administrator().await, tool.administrator().await);
    let seen = first.opens(&place).await.field("seen");
    assert_eq!(second.opens(&place).await.field("seen"), seen);
    let change = format!("{place}/values");
    let done =
        first.presses(&place, &change, &values("Riverside, new", "https://lms.example/keys", &seen)).await;
    assert_eq!(done.header("location"), format!("{place}?notice=saved"), "{}", done.body);
    let late =
        second.presses(&place, &change, &values("Riverside, other", "https://lms.example/jwks", &seen)).await;
    assert_eq!(late.status, 409);
    late.assert_says("Somebody else changed this")
        .assert_says("Riverside, other")
        .assert_says("Riverside, new");
    let stored = tool.texts("SELECT name || ' ' || jwks_url AS value FROM platform").await;
    assert_eq!(stored, ["Riverside, new https://lms.example/keys"]);
    let seen = late.field("seen");
    let done =
        second.presses(&place, &change, &values("Riverside, other", "https://lms.example/jwks", &seen)).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let log = first.opens("/admin/audit?q=platform-change").await;
    log.assert_says("2 entries").assert_says("Riverside, new");
}

async fn values_that_no_launch_could_match_are_not_stored(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let admin = tool.administrator().await;
    let seen = admin.opens(&place).await.field("seen");
    tool.sql("UPDATE platform SET allow_private_network = FALSE").await;
    for (name, url, problem) in [
        ("", "https://lms.example/keys", "length"),
        ("Riverside", "keys", "unreadable"),
        ("Riverside", "http://lms.example/keys", "url"),
        ("Riverside", "https://10.0.0.1/keys", "url"),
        ("Riverside", "https://167772161/keys", "url"),
        ("Riverside", "https://[::ffff:10.0.0.1]/keys", "url"),
    ] {
        let refused = admin.presses(&place, &format!("{place}/values"), &values(name, url, &seen)).await;
        assert_eq!(refused.status, 422, "{name} {url}");
        assert!(
            refused.body.contains(&format!("data-problem=\"{problem}\"")),
            "{name} {url}: {}",
            refused.body
        );
        assert_eq!(refused.field("seen"), seen);
    }
}

async fn a_test_says_what_is_wrong_and_what_to_do(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let findings = async || {
        let page = act(&tool, &admin, &[("act", "test")]).await;
        let bad = page.body.split("data-finding=\"").skip(1);
        let bad = bad.filter(|line| line.split('>').next().unwrap().contains("data-good=\"no\""));
        bad.map(|line| line.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(findings().await, [""; 0]);
    tool.lms.behaviour().set(|now| now.clock_offset = 600);
    assert_eq!(findings().await, ["clock"]);
    tool.lms.behaviour().reset();
    tool.lms.behaviour().set(|now| now.keys_down = true);
    assert_eq!(findings().await.first().map(String::as_str), Some("keys"));
    tool.lms.behaviour().reset();
    tool.lms.behaviour().set(|now| now.token_refused = true);
    assert_eq!(findings().await, ["token"]);
    act(&tool, &admin, &[("act", "test")]).await.assert_says("no grades and no participant lists");
}

async fn a_test_tries_what_launches_offered(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let verdicts = async || {
        let page = act(&tool, &admin, &[("act", "test")]).await;
        let of = |subject| page.attr(&format!("[data-finding='{subject}']"), "data-good");
        (of("gradebook"), of("participants"), page)
    };
    let is = |found: &(String, String, Page), gradebook: &str, participants: &str| {
        assert_eq!((found.0.as_str(), found.1.as_str()), (gradebook, participants), "{}", found.2.body);
    };
    let found = verdicts().await;
    is(&found, "unknown", "unknown");
    found.2.assert_says("Open an activity, then test again");
    tool.browser().launches("tessa", "1").await.assert_enters();
    let found = verdicts().await;
    is(&found, "yes", "yes");
    found.2.assert_says("result.readonly, score").assert_says("on its first page");
    tool.lms
        .behaviour()
        .set(|now| (now.fault, now.fault_at) = (Some(Fault::ServerError), FaultAt::Memberships));
    is(&verdicts().await, "yes", "no");
    tool.lms.behaviour().reset();
    tool.lms.behaviour().set(|now| now.services_down = true);
    is(&verdicts().await, "no", "no");
    tool.lms.behaviour().reset();
    // Without the scope of scores no grade ever arrives.
    let only = "UPDATE resource_link SET grade_service = \
                REPLACE(grade_service, 'lti-ags/scope/score', 'lti-ags/scope/lineitem.readonly')";
    tool.sql(only).await;
    is(&verdicts().await, "no", "yes");
}

async fn keys_that_were_forgotten_are_not_believed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.lms.behaviour().set(|now| now.keys_down = true);
    tool.later(SECOND);
    tool.browser().launches("ana", "1").await.assert_enters();
    let admin = tool.administrator().await;
    let done = act(&tool, &admin, &[("act", "rotate")]).await;
    assert!(done.header("location").ends_with("?notice=rotated"), "{}", done.body);
    tool.browser().launches("ana", "1").await.assert_refused(503, "platform-keys-unreachable");
    tool.lms.behaviour().reset();
    tool.later(6 * SECOND);
    tool.browser().launches("ana", "1").await.assert_enters();
    assert!(tool.audit().await.iter().any(|line| line.ends_with("platform-rotate done")));
}

/// All pages of a list of launches, from the newest to the oldest.
pub(super) async fn all_launches(admin: &Browser, place: &str) -> String {
    let (mut list, mut next) = (String::new(), Some(place.to_owned()));
    while let Some(address) = next {
        let page = admin.opens(address).await;
        let has_older = page.body.contains("id=\"older\"");
        next = has_older.then(|| page.attr("#older", "href"));
        list.push_str(&page.body);
    }
    list
}

async fn every_refusal_is_explained_in_a_sentence(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut outcomes = Vec::new();
    for case in CASES {
        tool.lms.behaviour().tamper_next(Tamper::named(case.name).unwrap());
        let answer = tool.browser().launches("ana", "1").await;
        outcomes.push(answer.code().unwrap_or_else(|| "entered".to_owned()));
    }
    // A body that is too large is refused before anybody reads which launch it is.
    let logged = outcomes.iter().filter(|code| *code != "body-too-large").count();
    tool.launch_log(logged).await;
    let admin = tool.administrator().await;
    let list = all_launches(&admin, &format!("/admin/platforms/{}/launches", tool.platform_id().await)).await;
    for code in outcomes
        .iter()
        .filter(|code| !["entered", "body-too-large", "platform-login-required"].contains(&code.as_str()))
    {
        assert!(list.contains(&format!("data-outcome=\"{code}\"")), "{code} is not in the log");
    }
    let lines: Vec<&str> = list.split("data-outcome=\"").skip(1).collect();
    assert!(lines.len() > 40, "{}", lines.len());
    for line in lines {
        let (code, rest) = line.split_once('"').unwrap();
        // Launches that went well, or wait for cookies, need no sentence.
        let Some(sentence) = rest.split("<strong>").nth(1) else { continue };
        let sentence = sentence.split("</").next().unwrap();
        assert!(sentence.split(' ').count() > 2 && !sentence.contains("error-"), "{code}: {sentence}");
    }
    let only = admin.opens(format!("/admin/platforms/{}?show=refused", tool.platform_id().await)).await;
    assert!(!only.body.contains("data-outcome=\"entered\""));
}

async fn more_sites_may_show_the_tool(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let sets =
        async |sites: &str| admin.presses(&place, &format!("{place}/frames"), &[("frames", sites)]).await;
    let refused = sets("https://apps.lms.example\nlms.example").await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.text_of("#bad-frame").matches("lms.example").count(), 1);
    assert_eq!(sets("https://apps.lms.example\r\nhttps://*.lms.example").await.status, 303);
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    let framed = browser.opens(room.path()).await.policy("frame-ancestors");
    for site in ["https://apps.lms.example", "https://*.lms.example", tool.lms.settings().issuer.as_str()] {
        assert!(framed.contains(&site.to_owned()), "{framed:?}");
    }
}

async fn the_log_keeps_the_last_launches_of_each_deployment(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.launch_log(1).await;
    // As many as it keeps, and some more; and one of another deployment, older than all.
    tool.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 505) \
         INSERT INTO launch_log (id, at, platform_id, deployment_id, pseudonym, outcome, passed, detail, request_id) \
         SELECT 'old ' || i, i, platform_id, CASE i WHEN 1 THEN 'other' ELSE deployment_id END, NULL, 'entered', '', NULL, 'r' \
         FROM n, (SELECT platform_id, deployment_id FROM launch_log) known",
    )
    .await;
    tool.later(std::time::Duration::from_secs(1));
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.eventually("the old ones are gone", async || tool.count("launch_log").await == 501).await;
    assert_eq!(
        tool.number("SELECT MIN(at) AS value FROM launch_log WHERE deployment_id <> 'other'".to_owned())
            .await,
        8
    );
    assert_eq!(
        tool.number("SELECT COUNT(*) AS value FROM launch_log WHERE deployment_id = 'other'".to_owned())
            .await,
        1
    );
}

async fn roles_are_tried_out(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let course = "http://purl.imsglobal.org/vocab/lis/v2/membership%23";
    let institution = "http://purl.imsglobal.org/vocab/lis/v2/institution/person%23";
    for (roles, kind) in [
        (format!("{course}Instructor"), "moderator"),
        (format!("%5B%22{course}Learner%22,%22{institution}Instructor%22%5D"), "participant"),
        (format!("{institution}Administrator"), "participant"),
        (format!("{course}Mentor"), "observer"),
        ("nonsense".to_owned(), "participant"),
    ] {
        let page = admin.opens(format!("{place}?roles={roles}")).await;
        assert_eq!(page.attr("#role", "data-role"), kind, "{roles}");
        page.assert_says("because");
    }
}
