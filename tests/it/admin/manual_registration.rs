//! Registering by hand: our values in the platform's words, and the platform's values here.

use serde_json::Value;

use crate::support::{Backend, CLIENT_ID, DEPLOYMENT, Page, TestTool, on_both};

on_both!(
    each_platform_finds_our_values_in_its_own_words,
    a_platform_is_registered_by_hand_and_launches,
    each_platform_is_asked_only_for_what_it_shows,
    what_could_never_launch_is_not_stored,
    a_registration_is_never_overwritten,
);

const NEW: &str = "/admin/platforms/new";

/// The form's fields, as a browser sends them.
fn input<'a>(lms: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("lms", lms)], fields].concat()
}

async fn adds(tool: &TestTool, fields: &[(&str, &str)]) -> Page {
    tool.administrator().await.presses(NEW, "/admin/platforms", fields).await
}

async fn each_platform_finds_our_values_in_its_own_words(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = format!("{}/lti/launch", tool.origin);
    for (lms, field) in [
        ("moodle", "Initiate login URL"),
        ("canvas", "OpenID Connect Initiation URL"),
        ("blackboard", "Login Initiation URL"),
        ("brightspace", "OpenID Connect Login URL"),
        ("sakai", "LTI 1.3 Tool Keyset URL"),
        ("schoology", "OIDC Login Init URL"),
        ("open-edx", "Tool Initiate Login URL"),
        ("other", "Redirect URI"),
        ("no such platform", "Tool URL"),
    ] {
        let page = browser.opens(format!("/lti/config?lms={lms}")).await;
        assert_eq!(page.status, 200);
        page.assert_says(field).assert_says(&launch);
        // Open edX has no variables for them.
        assert_eq!(page.text().contains("$Context.id.history"), lms != "open-edx", "{lms}");
        assert_eq!(page.policy("frame-ancestors"), ["'none'"]);
    }
    let json = browser.opens("/lti/config.json").await;
    assert_eq!(json.header("content-type"), "application/json");
    let json: Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["target_link_uri"], launch.as_str());
    assert_eq!(json["extensions"][0]["domain"], tool.origin.trim_start_matches("http://"));
}

async fn a_platform_is_registered_by_hand_and_launches(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // The platform knows the tool, and the tool does not know it.
    tool.sql("DELETE FROM deployment").await;
    tool.sql("DELETE FROM platform").await;
    let (issuer, auth) = (tool.lms.settings().issuer.clone(), tool.lms.auth_url());
    let (token, jwks) = (tool.lms.token_url(), tool.lms.jwks_url());
    let values = [
        ("issuer", issuer.as_str()),
        ("client_id", CLIENT_ID),
        ("deployment_id", DEPLOYMENT),
        ("auth_url", auth.as_str()),
        ("token_url", token.as_str()),
        ("jwks_url", jwks.as_str()),
        ("token_audience", ""),
        ("name", "Riverside"),
        ("lms", "other"),
    ];
    let added = adds(&tool, &values).await;
    let place = added.header("location").to_owned();
    assert_eq!((added.status, place.ends_with("?notice=added")), (303, true), "{}", added.body);
    tool.administrator().await.opens(&place).await.assert_says("Test the connection now");
    tool.browser().launches("tessa", "1").await.assert_enters();
    let audit = tool.audit().await;
    assert!(audit.iter().any(|line| line.ends_with("platform-add done")), "{audit:?}");
}

async fn each_platform_is_asked_only_for_what_it_shows(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    for (lms, asked) in [
        ("moodle", &["site", "client_id"][..]),
        ("canvas", &["environment", "client_id"]),
        ("blackboard", &["client_id"]),
        ("brightspace", &["site", "client_id"]),
        ("sakai", &["issuer", "client_id", "auth_url", "token_url", "jwks_url"]),
        ("schoology", &["client_id"]),
        ("open-edx", &["issuer", "client_id", "auth_url", "token_url", "jwks_url"]),
        ("other", &["issuer", "client_id", "auth_url", "token_url", "jwks_url", "token_audience"]),
    ] {
        let page = admin.opens(format!("{NEW}?lms={lms}")).await;
        let names: Vec<&str> =
            page.body.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut names: Vec<&str> = names
            .into_iter()
            .filter(|name| {
                !["viewport", "color-scheme", "csrf", "lms", "deployment_id", "name"].contains(name)
            })
            .collect();
        names.dedup();
        assert_eq!(names, asked, "{lms}");
    }
    const HAND: [(&str, &str); 4] = [
        ("issuer", "https://own.example"),
        ("auth_url", "https://own.example/a"),
        ("token_url", "https://own.example/t"),
        ("jwks_url", "https://own.example/k"),
    ];
    for (lms, fields, stored) in [
        ("moodle", &[("site", "https://moodle.example/my/")][..], "https://moodle.example moodle"),
        ("canvas", &[("environment", "test")], "https://canvas.test.instructure.com canvas"),
        ("blackboard", &[], "https://blackboard.com BlackboardLearn"),
        ("brightspace", &[("site", "d2l.example/d2l/home")], "https://d2l.example desire2learn"),
        ("sakai", &HAND, "https://own.example sakai"),
        ("schoology", &[], "https://schoology.schoology.com schoology"),
        ("open-edx", &HAND, "https://own.example openedx"),
        ("other", &HAND, "https://own.example "),
    ] {
        let fields = [fields, &[("client_id", lms), ("deployment_id", "7")]].concat();
        let added = adds(&tool, &input(lms, &fields)).await;
        assert_eq!(added.status, 303, "{lms}: {}", added.body);
        let found = tool
            .texts("SELECT client_id || ' ' || issuer || ' ' || COALESCE(family, '') AS value FROM platform")
            .await;
        assert!(found.contains(&format!("{lms} {stored}")), "{lms}: {found:?}");
        let id = added.header("location").trim_start_matches("/admin/platforms/").split('?').next().unwrap();
        let active = format!(
            "SELECT COUNT(*) AS value FROM deployment WHERE platform_id = '{id}' AND status = 'active'"
        );
        assert_eq!(tool.number(active).await, 1, "{lms}");
    }
}

async fn what_could_never_launch_is_not_stored(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let good = [
        ("issuer", "https://lms.example"),
        ("client_id", "c"),
        ("auth_url", "https://lms.example/a"),
        ("token_url", "https://lms.example/t"),
        ("jwks_url", "https://lms.example/k"),
        ("token_audience", ""),
    ];
    let long = "x".repeat(300);
    for (name, value, problem) in [
        ("issuer", "", "issuer"),
        ("issuer", "lms", "issuer"),
        ("client_id", " ", "client_id"),
        ("client_id", long.as_str(), "length"),
        ("client_id", "a\0b", "length"),
        ("auth_url", "lms.example/a", "auth_url"),
        ("token_url", "http://lms.example/t", "url"),
        ("jwks_url", "", "jwks_url"),
        ("token_audience", "a\0b", "length"),
    ] {
        let fields = good.map(|field| if field.0 == name { (name, value) } else { field });
        let refused = adds(&tool, &input("other", &fields)).await;
        assert_eq!(refused.status, 422, "{name} {value}");
        assert!(
            refused.body.contains(&format!("data-problem=\"{problem}\"")),
            "{name} {value}: {}",
            refused.body
        );
        assert!(
            name == "token_url" || refused.text().contains("https://lms.example/t"),
            "what was input stays"
        );
    }
    assert_eq!(tool.count("platform").await, 1);
}

async fn a_registration_is_never_overwritten(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let issuer = tool.lms.settings().issuer.clone();
    let fields = [
        ("issuer", issuer.as_str()),
        ("client_id", CLIENT_ID),
        ("auth_url", "https://evil.example/a"),
        ("token_url", "https://evil.example/t"),
        ("jwks_url", "https://evil.example/k"),
    ];
    let refused = adds(&tool, &input("other", &fields)).await;
    assert_eq!(refused.status, 409);
    refused.assert_says("already registered").assert_says(&tool.platform_id().await);
    tool.browser().launches("tessa", "1").await.assert_enters();
}
