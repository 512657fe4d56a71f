//! The meeting's page: the token, and the one foreign origin.

use std::time::Duration;

use jitsi_lti::clock::Clock as _;
use jitsi_lti::jitsi::kinds::{JaasAccount, ServerKind, TokenSigning};
use jitsi_lti::servers::NewServer;
use jitsi_lti::signing::generate_key_pair;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, MINUTE, Page, Room, SECOND, TestTool, at_jitsi, on_both};

const HOUR: Duration = Duration::from_secs(60 * 60);

on_both!(
    the_token_is_on_the_meetings_page_alone,
    the_page_frames_exactly_the_server_and_runs_no_script_of_it,
    a_room_token_lives_as_long_as_the_class_may,
    a_meeting_page_gets_a_fresh_token_for_the_same_person,
    a_fresh_token_is_for_the_pages_own_script_person_and_room_alone,
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
    assert_eq!(meeting.meeting_config()["backUrl"], launch.header("location"), "the page in the same name");
    for private in ["ana@riverside.example", "\"ana\""] {
        assert!(!meeting.text().contains(private), "{private} in {}", meeting.body);
    }
}

async fn the_page_frames_exactly_the_server_and_runs_no_script_of_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let app_id = "vpaas-magic-cookie-0123456789abcdef0123456789abcdef".to_owned();
    let private = generate_key_pair().unwrap().private;
    let jaas = NewServer {
        name: "jaas".to_owned(),
        url: "https://8x8.vc".parse().unwrap(),
        kind: ServerKind::Jaas(JaasAccount { kid: format!("{app_id}/abc123"), app_id }),
        secret: Some(SecretString::from(private)),
        default: true,
    };
    let servers = [
        (None, "https://meet.campus.example"),
        (Some(at_jitsi(TokenSigning::PublicKey, None)), "https://meet.campus.example"),
        (Some(open_server()), "https://meet.example.org:8443"),
        (Some(jaas), "https://8x8.vc"),
    ];
    for (added, origin) in servers {
        if let Some(server) = added {
            tool.adds_server(server).await;
            // A class that takes place elsewhere stays there.
            tool.later(24 * 60 * MINUTE);
        }
        let ana = tool.browser();
        let room = ana.launches("ana", "1").await.assert_enters();
        let page = ana.joins(&room).await;
        assert_eq!(page.policy("frame-src"), [origin]);
        let scripts = page.policy("script-src");
        assert_eq!((scripts.len(), scripts[0].as_str()), (2, "'self'"), "{scripts:?}");
        assert!(scripts[1].starts_with("'nonce-"), "{scripts:?}");
        for directive in ["style-src", "connect-src", "font-src", "form-action", "worker-src"] {
            assert_eq!(page.policy(directive), ["'self'"], "{directive}");
        }
        assert_eq!(page.policy("default-src"), ["'none'"]);
        assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer]);
        assert_eq!(page.meeting_config()["serverOrigin"], origin);
        // Every script of the page is ours and carries the page's nonce.
        let nonce = scripts[1].trim_start_matches("'nonce-").trim_end_matches('\'');
        let (all, with_nonce) = ("<script", format!("nonce=\"{nonce}\""));
        for tag in page.body.split(all).skip(1).map(|rest| rest.split('>').next().unwrap()) {
            assert!(tag.contains(&with_nonce), "{tag}");
            assert!(
                !tag.contains("src=")
                    || tag.contains("src=\"&#x2f;assets&#x2f;")
                    || tag.contains("src=\"/assets/")
            );
        }
    }
}

async fn a_room_token_lives_as_long_as_the_class_may(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let token = ana.joins(&room).await.meeting_config()["jwt"].clone();
    let name = tool.texts("SELECT jitsi_room AS value FROM room").await.remove(0);
    // A change of network in the fourth hour logs in again with the token of the first minute.
    tool.later(4 * HOUR - SECOND);
    tool.jitsi.verify(token.as_str(), &name).await.unwrap();
    tool.later(SECOND);
    let refusal = tool.jitsi.verify(token.as_str(), &name).await.unwrap_err();
    assert!(refusal.to_string().starts_with("Not acceptable by exp"), "{refusal}");
    // A planned end shortens that: by then the class is over.
    let ends = tool.clock.now().plus(HOUR).millis();
    tool.sql(r#"UPDATE room SET schedule = '{"zone":"UTC"}'"#).await;
    let date = format!(
        "INSERT INTO occurrence (id, room_id, planned, begins, ends, state, note, sequence) \
         SELECT id, id, 1, 1, {ends}, 'planned', '', 0 FROM room"
    );
    tool.sql(date.leak()).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = ana.joins(&room).await;
    let exp = tool.token_of(&page).await.claims["exp"].as_i64().unwrap();
    assert_eq!(exp - tool.clock.now().secs(), 2 * 60 * 60);
}

async fn a_meeting_page_gets_a_fresh_token_for_the_same_person(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = ana.joins(&room).await;
    let (config, first) = (page.meeting_config(), tool.token_of(&page).await);
    tool.later(5 * HOUR);
    let answer = rejoin(&ana, &room, &config["presence"]["token"]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let fresh: Value = serde_json::from_str(&answer.body).unwrap();
    let again = tool.jitsi.verify(fresh["jwt"].as_str(), fresh["roomName"].as_str().unwrap()).await.unwrap();
    assert_eq!((again.user_id, again.name, again.moderator), (first.user_id, first.name, first.moderator));
    assert_eq!(fresh["roomName"], config["roomName"]);
    assert_ne!(fresh["presence"]["token"], config["presence"]["token"]);
    // Tokens that follow one another do not live for ever.
    tool.later(7 * HOUR + SECOND);
    let late = rejoin(&ana, &room, &fresh["presence"]["token"]).await;
    late.assert_refused(401, "session-expired");
}

async fn a_fresh_token_is_for_the_pages_own_script_person_and_room_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let other = ana.launches("ana", "2").await.assert_enters();
    let token = ana.joins(&room).await.meeting_config()["presence"]["token"].clone();
    for (token, room, status, code) in [
        (&token, &other, 401, "session-expired"),
        (&json!("nonsense"), &room, 401, "session-expired"),
        (&json!(7), &room, 400, "form-unreadable"),
    ] {
        rejoin(&ana, room, token).await.assert_refused(status, code);
    }
    let address = format!("{}/rejoin", room.meeting());
    let body = json!({"presence_token": token, "lang": "en"}).to_string();
    let bare = ana.raw("POST", &address).header("content-type", "application/json");
    Page::read(bare.body(body).send().await.unwrap()).await.assert_refused(403, "csrf-refused");
    // Whoever is blocked gets none, however long the page was open.
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    rejoin(&ana, &room, &token).await.assert_refused(403, "user-blocked");
}

/// A meeting page's own script asks for a fresh token.
pub(super) async fn rejoin(browser: &Browser, room: &Room, token: &Value) -> Page {
    let request = browser
        .raw("POST", &format!("{}/rejoin", room.meeting()))
        .header("content-type", "application/json")
        .header("origin", browser.origin())
        .header("sec-fetch-site", "same-origin")
        .header("x-jitsi-lti", "1");
    Page::read(request.body(json!({"presence_token": token, "lang": "en"}).to_string()).send().await.unwrap())
        .await
}

fn open_server() -> NewServer {
    NewServer {
        name: "open".to_owned(),
        url: "https://meet.example.org:8443".parse().unwrap(),
        kind: ServerKind::Public,
        secret: None,
        default: true,
    }
}

async fn an_open_server_gets_the_name_and_no_token(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_server(open_server()).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = ana.joins(&room).await;
    let config = page.meeting_config();
    assert_eq!(
        (&config["jwt"], &config["userInfo"]["displayName"]),
        (&serde_json::Value::Null, &"Ana Silva".into())
    );
    assert_eq!(
        (&config["serverOrigin"], &config["tokenFallback"]),
        (&"https://meet.example.org:8443".into(), &false.into())
    );
    assert_eq!(page.policy("frame-src"), ["https://meet.example.org:8443"]);
}
