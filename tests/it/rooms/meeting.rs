//! The meeting's page: the token, and the one foreign origin.

use jitsi_lti::servers::NewServer;

use crate::support::{Backend, TestTool, on_both};

on_both!(
    the_token_is_on_the_meetings_page_alone,
    the_page_lets_in_exactly_the_servers_origin,
    each_visit_gets_a_token_of_its_own,
    an_open_server_gets_the_name_and_no_token,
);

async fn the_token_is_on_the_meetings_page_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let launch = ana.launches("ana", "1").await;
    let room = launch.assert_enters();
    let page = ana.opens(room.path()).await;
    let meeting = ana.joins(&room).await;
    let token = meeting.meeting_config()["jwt"].as_str().unwrap().to_owned();
    assert!(token.starts_with("eyJ"));
    assert!(!page.body.contains("eyJhbGci") && !page.body.contains("meeting-config"), "{}", page.body);
    assert_eq!(meeting.body.matches(&token).count(), 1);
    assert!(meeting.set_cookies().iter().chain(&launch.set_cookies()).all(|cookie| !cookie.contains(&token)));
    assert_eq!(meeting.header("cache-control"), "no-store");
    assert_eq!(meeting.meeting_config()["backUrl"], room.path());
    for private in ["ana@riverside.example", "\"ana\""] {
        assert!(!meeting.text().contains(private), "{private} in {}", meeting.body);
    }
}

async fn the_page_lets_in_exactly_the_servers_origin(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = ana.joins(&room).await;
    let server = "https://meet.campus.example";
    assert_eq!(page.policy("frame-src"), [server]);
    let scripts = page.policy("script-src");
    assert_eq!(
        (scripts.len(), scripts[0].as_str(), scripts[2].as_str()),
        (3, "'self'", server),
        "{scripts:?}"
    );
    assert!(scripts[1].starts_with("'nonce-"));
    for directive in ["style-src", "connect-src", "font-src", "form-action"] {
        assert_eq!(page.policy(directive), ["'self'"], "{directive}");
    }
    assert_eq!(page.policy("default-src"), ["'none'"]);
    assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer]);
    let config = page.meeting_config();
    assert_eq!(config["scriptUrl"], format!("{server}/external_api.js"));
    assert_eq!((&config["domain"], &config["serverOrigin"]), (&"meet.campus.example".into(), &server.into()));
    // Every script of the page carries the page's nonce.
    let nonce = scripts[1].trim_start_matches("'nonce-").trim_end_matches('\'');
    assert_eq!(
        page.body.matches("<script").count(),
        page.body.matches(&format!("nonce=\"{nonce}\"")).count()
    );
}

async fn each_visit_gets_a_token_of_its_own(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let first = ana.joins(&room).await.meeting_config()["jwt"].clone();
    tool.later(std::time::Duration::from_secs(11 * 60));
    let name = tool.texts("SELECT jitsi_room AS value FROM room").await.remove(0);
    let refusal = tool.jitsi.verify(first.as_str(), &name).await.unwrap_err();
    assert!(refusal.to_string().starts_with("Not acceptable by exp"), "{refusal}");
    let again = ana.opens(room.meeting()).await;
    tool.token_of(&again).await;
}

async fn an_open_server_gets_the_name_and_no_token(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_server(NewServer {
        name: "open".to_owned(),
        url: "https://meet.example.org:8443".parse().unwrap(),
        kind: jitsi_lti::jitsi::server_kind::ServerKind::Public,
        secret: None,
        default: true,
    })
    .await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = ana.joins(&room).await;
    let config = page.meeting_config();
    assert_eq!(
        (&config["jwt"], &config["userInfo"]["displayName"]),
        (&serde_json::Value::Null, &"Ana Silva".into())
    );
    assert_eq!(config["domain"], "meet.example.org:8443");
    assert_eq!(page.policy("frame-src"), ["https://meet.example.org:8443"]);
}
