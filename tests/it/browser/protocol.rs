//! What travels between the meeting page and Jitsi's frame: the frame speaks through Jitsi's own end of the protocol.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{Replacement, Stage};
use super::visitor::{Cookies, Visitor};

/// Jitsi takes so long to move somebody to another room.
const SLOW_MOVE: Duration = Duration::from_secs(3);

/// A person in class, in a window of their own.
async fn in_class(stage: &Stage, title: &str, person: &str) -> Visitor {
    let activity = stage.activity(title);
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    visitor.open(&stage.address(&activity, person, "&in=window")).await;
    visitor.click("#join").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    visitor.find("html[data-presence=counting]").await;
    let watch = "window.states = []; new MutationObserver(() => window.states.push(\
                 document.documentElement.dataset.state, document.documentElement.dataset.presence)) \
                 .observe(document.documentElement, { attributes: true })";
    visitor.client().execute(watch, vec![]).await.unwrap();
    visitor
}

/// What Jitsi's page tells.
async fn tell(visitor: &Visitor, name: &str, data: Value) {
    visitor.to_page().await;
    visitor.find("#jitsi iframe").await.enter_frame().await.unwrap();
    visitor.find("#meeting").await;
    let tell = "window.simulation.tell(arguments[0], arguments[1])";
    visitor.client().execute(tell, vec![json!(name), data]).await.unwrap();
    visitor.to_page().await;
}

async fn error(visitor: &Visitor, name: &str, kind: &str, is_fatal: bool) {
    let error = json!({"name": name, "type": kind, "isFatal": is_fatal, "message": "said by the server"});
    tell(visitor, "error-occurred", json!({ "error": error })).await;
}

/// The states that the page went through since the person came.
async fn states(visitor: &Visitor) -> Vec<String> {
    serde_json::from_value(visitor.script("return window.states").await).unwrap()
}

async fn frame_address(visitor: &Visitor) -> String {
    visitor.attribute("#jitsi iframe", "src").await
}

#[tokio::test]
async fn only_jitsis_own_frame_and_origin_are_believed() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class that is lied to", "ana").await;
    let address = frame_address(&visitor).await;
    assert!(!address.split('#').next().unwrap().contains("jwt"), "no token in the query: {address}");
    assert!(address.contains("&jwt=%22ey"), "{address}");
    let lie = "const id = document.querySelector('#jitsi iframe')?.src.match(/api_id=(\\d+)/)?.[1] ?? arguments[0]; \
               const event = { type: 'event', data: { name: 'video-ready-to-close' } }; \
               const lie = JSON.stringify({ postis: true, scope: `jitsi_meet_external_api_${id}`, method: 'message', params: event }); \
               (arguments[1] ? parent : window).postMessage(lie, '*'); return id";
    // The page itself, and whoever could run there.
    let id = visitor.client().execute(lie, vec![json!(null), json!(false)]).await.unwrap();
    // Another frame of the same server.
    let add = "const frame = document.createElement('iframe'); frame.id = 'other'; frame.src = arguments[0]; \
               document.body.append(frame)";
    visitor.client().execute(add, vec![json!(stage.jitsi.settings().origin)]).await.unwrap();
    visitor.find("#other").await.enter_frame().await.unwrap();
    visitor.find("h1").await;
    visitor.client().execute(lie, vec![id, json!(true)]).await.unwrap();
    // The right frame with another scope.
    visitor.to_page().await;
    visitor.find("#jitsi iframe").await.enter_frame().await.unwrap();
    visitor.client().execute(lie, vec![json!("7"), json!(true)]).await.unwrap();
    visitor.to_page().await;
    // What is true is believed, and came after all of them.
    tell(&visitor, "participant-kicked-out", json!({"kicked": {"id": "x", "local": false}})).await;
    tell(&visitor, "error-occurred", json!({"error": {"name": "conference.passwordRequired"}})).await;
    visitor.find("html[data-state=waiting]").await;
    assert!(!states(&visitor).await.contains(&"left".to_owned()));
    tell(&visitor, "video-ready-to-close", json!({})).await;
    visitor.see("[data-card=left]").await;
    assert!(!visitor.sees("#jitsi iframe").await);
}

#[tokio::test]
async fn no_script_of_jitsi_runs_in_the_page() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class without foreign scripts", "tessa").await;
    let loaded = "return performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'script' || \
                  one.name.endsWith('.js')).map((one) => new URL(one.name).origin)";
    let origins: Vec<String> = serde_json::from_value(visitor.script(loaded).await).unwrap();
    let tool = stage.lms.tools()[0].origin.clone();
    assert!(!origins.is_empty() && origins.iter().all(|origin| *origin == tool), "{origins:?}");
    assert_eq!(visitor.script("return typeof window.JitsiMeetExternalAPI").await, "undefined");
    assert_eq!(visitor.complaints().await, [""; 0]);
    let ask = "const done = arguments[arguments.length - 1]; \
               const { frame } = JSON.parse(document.getElementById('meeting-config').textContent).modules; \
               import(frame).then(async ({ JitsiFrame }) => { \
                 const config = JSON.parse(document.getElementById('meeting-config').textContent); \
                 const parent = document.createElement('div'); document.body.append(parent); \
                 const heard = []; \
                 const on = { joined: () => heard.push('joined') }; \
                 const frame = new JitsiFrame(config, { parent, title: 'second', on }); \
                 const rooms = await frame.ask('rooms-info'); \
                 const refused = await frame.ask('nothing').catch((error) => error.message); \
                 frame.dispose(); \
                 done([rooms.rooms.length, refused, parent.children.length]); \
               }).catch((error) => done(String(error)))";
    let answered = visitor.client().execute_async(ask, vec![]).await.unwrap();
    assert_eq!(
        answered,
        json!([1, "unknown request nothing", 0]),
        "requests are answered through the same messages"
    );
}

#[tokio::test]
async fn a_server_that_reads_the_query_alone_gets_the_token_there_after_it_refused() {
    let stage = Stage::own();
    let activity = stage.activity("Class on a server of 2023");
    let port = stage.stop_jitsi().await;
    let _old = Replacement::start(&stage.jitsi_of_2023(), port);
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    visitor.open(&stage.address(&activity, "tessa", "&in=window")).await;
    visitor.click("#join").await;
    visitor.in_meeting().await;
    assert_eq!(visitor.attribute("#meeting", "data-role").await, "moderator");
    visitor.to_page().await;
    assert!(frame_address(&visitor).await.contains("&jwt=ey"), "{}", frame_address(&visitor).await);
}

#[tokio::test]
async fn moving_to_a_breakout_room_and_a_reload_inside_the_frame_are_no_leave() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class with breakout rooms", "ana").await;
    for breakout in [true, false] {
        tell(&visitor, "video-conference-left", json!({"roomName": "x"})).await;
        tokio::time::sleep(SLOW_MOVE).await;
        let joined = json!({"roomName": "y", "id": "feedbeef", "breakoutRoom": breakout});
        tell(&visitor, "video-conference-joined", joined).await;
    }
    visitor.find("#jitsi iframe").await.enter_frame().await.unwrap();
    visitor.reloads().await;
    visitor.to_page().await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    assert_eq!(visitor.attribute("html", "data-state").await, "joined");
    assert_eq!(visitor.attribute("html", "data-presence").await, "counting");
    let states = states(&visitor).await;
    assert!(!states.iter().any(|state| state == "left" || state == "off"), "{states:?}");
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
}

#[tokio::test]
async fn a_refused_resume_in_mid_class_brings_a_fresh_token_a_few_times() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class of changing networks", "ana").await;
    for _ in 0..3 {
        let before = frame_address(&visitor).await;
        error(&visitor, "connection.passwordRequired", "CONNECTION", false).await;
        let renewed = async |me: &Visitor| {
            let now = me.client().find(fantoccini::Locator::Css("#jitsi iframe")).await.ok()?;
            (now.attr("src").await.ok()?? != before).then_some(())
        };
        visitor.until("another frame", renewed).await;
        visitor.in_meeting().await;
        visitor.to_page().await;
    }
    let seen = states(&visitor).await;
    // The same person goes on being counted, without a pause.
    assert!(!seen.iter().any(|state| ["left", "error", "off"].contains(&state.as_str())), "{seen:?}");
    error(&visitor, "connection.passwordRequired", "CONNECTION", false).await;
    visitor.see("[data-card=jitsi-refused-token]").await;
    visitor.click("[data-card=jitsi-refused-token] [data-do=again]").await;
    visitor.in_meeting().await;
}

#[tokio::test]
async fn the_badge_follows_the_role_both_ways() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class of changing roles", "tessa").await;
    // Roles are told before the join that they belong to.
    tell(&visitor, "participant-role-changed", json!({"id": "feedbeef", "role": "participant"})).await;
    assert_eq!(visitor.read("#role-label").await, "Moderator");
    tell(&visitor, "video-conference-joined", json!({"id": "feedbeef"})).await;
    visitor.see("#role.role--participant").await;
    assert_eq!(visitor.read("#role-label").await, "Participant");
    tell(&visitor, "participant-role-changed", json!({"id": "feedbeef", "role": "moderator"})).await;
    visitor.see("#role.role--moderator").await;
    assert_eq!(visitor.read("#role-label").await, "Moderator");
}

#[tokio::test]
async fn each_error_of_jitsi_leads_to_a_card_with_cause_and_remedy() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class of many errors", "tessa").await;
    let card = |card: &str| json!({"then": "card", "card": card});
    let lost = |card: &str| json!({"then": "lost", "card": card});
    let nothing = json!({"then": "nothing"});
    let rows = [
        (
            "connection.passwordRequired",
            "CONNECTION",
            false,
            json!({"then": "renew"}),
            json!({"then": "renew"}),
        ),
        ("connection.droppedError", "CONNECTION", true, card("connection-lost"), lost("connection-lost")),
        ("connection.otherError", "CONNECTION", true, card("server-trouble"), lost("connection-lost")),
        ("connection.serverError", "CONNECTION", true, card("server-trouble"), lost("connection-lost")),
        (
            "connection.shardChangedError",
            "CONNECTION",
            true,
            card("connection-lost"),
            lost("connection-lost"),
        ),
        (
            "connection.conferenceRequestFailed",
            "CONNECTION",
            false,
            card("server-trouble"),
            card("server-trouble"),
        ),
        ("connection.notLiveError", "CONNECTION", false, card("not-live"), card("not-live")),
        ("conference.connectionError", "CONFERENCE", false, card("server-trouble"), lost("connection-lost")),
        ("conference.focusDisconnected", "CONFERENCE", true, card("server-trouble"), lost("server-trouble")),
        ("conference.focusLeft", "CONFERENCE", true, card("server-trouble"), lost("server-trouble")),
        (
            "conference.videobridgeNotAvailable",
            "CONFERENCE",
            true,
            card("server-trouble"),
            lost("server-trouble"),
        ),
        ("conference.gracefulShutdown", "CONFERENCE", false, card("server-closing"), card("server-closing")),
        ("conference.reservationError", "CONFERENCE", false, card("not-reserved"), card("not-reserved")),
        ("conference.max_users", "CONFERENCE", false, card("room-full"), card("room-full")),
        (
            "conference.connectionError.notAllowed",
            "CONFERENCE",
            false,
            card("entry-denied"),
            card("entry-denied"),
        ),
        (
            "conference.connectionError.accessDenied",
            "CONFERENCE",
            false,
            card("entry-denied"),
            card("entry-denied"),
        ),
        ("conference.iceFailed", "CONFERENCE", true, card("media-blocked"), lost("media-blocked")),
        ("conference.chatError", "CONFERENCE", false, nothing.clone(), nothing.clone()),
        ("config.error", "CONFIG", true, card("server-settings"), card("server-settings")),
        ("__proto__", "CONFERENCE", false, nothing.clone(), nothing.clone()),
        ("of.tomorrow", "CONFERENCE", true, card("server-trouble"), lost("connection-lost")),
        ("of.tomorrow", "CONFERENCE", false, nothing.clone(), nothing.clone()),
    ];
    let ask = "const [rows, done] = arguments; import('/assets/js/jitsi_problems.js').then(({ meaningOf }) => \
               done(rows.map(([name, type, isFatal]) => [false, true].map((isInClass) => \
               meaningOf({ name, type, isFatal }, isInClass)))))";
    let asked: Vec<Value> = rows.iter().map(|(name, kind, fatal, ..)| json!([name, kind, fatal])).collect();
    let found = visitor.client().execute_async(ask, vec![json!(asked)]).await.unwrap();
    for (index, (name, kind, fatal, before, during)) in rows.iter().enumerate() {
        assert_eq!(found[index], json!([before, during]), "{name} {kind} {fatal}");
        for meaning in [before, during] {
            if let Some(card) = meaning["card"].as_str() {
                visitor.find(&format!("[data-card={card}] [data-do=back]")).await;
            }
        }
    }
    for (name, code, retry) in [
        ("conference.gracefulShutdown", "server-closing", "retry"),
        ("conference.reservationError", "not-reserved", "retry"),
        ("connection.conferenceRequestFailed", "server-trouble", "retry"),
    ] {
        error(&visitor, name, "CONFERENCE", false).await;
        visitor.see(&format!("[data-card={code}]")).await;
        assert_eq!(visitor.attribute("html", "data-presence").await, "off");
        let words = visitor.read(&format!("[data-card={code}]")).await;
        assert!(words.contains(name) && words.contains("said by the server"), "{words}");
        visitor.click(&format!("[data-card={code}] [data-do={retry}]")).await;
        visitor.in_meeting().await;
        visitor.to_page().await;
        visitor.find("html[data-presence=counting]").await;
    }
}

/// Messages as servers of 2023 to 2026 and JaaS send them, and addresses as their own script makes them.
#[tokio::test]
async fn recorded_messages_of_real_servers_are_read_and_all_others_are_not() {
    let stage = Stage::shared();
    let visitor = in_class(&stage, "Class of recorded messages", "ana").await;
    let scope = "jitsi_meet_external_api_42";
    let recorded = [
        (json!({"name": "ready"}), json!(["loaded", {}])),
        (
            json!({"name": "video-conference-joined", "roomName": "kx3abc", "id": "1c86c387", "displayName": "Ana",
                "formattedDisplayName": "Ana (me)", "breakoutRoom": false, "visitor": false}),
            json!(["joined", {"id": "1c86c387"}]),
        ),
        (json!({"name": "video-conference-left", "roomName": "kx3abc"}), json!(["left", {}])),
        (json!({"name": "video-ready-to-close"}), json!(["closed", {}])),
        (
            json!({"name": "participant-role-changed", "id": "1c86c387", "role": "moderator"}),
            json!(["role", {"id": "1c86c387", "role": "moderator"}]),
        ),
        (
            json!({"name": "participant-kicked-out", "kicked": {"id": "1c86c387", "local": true}, "kicker": {"id": "a"}}),
            json!(["kicked", {"isMe": true}]),
        ),
        (
            json!({"name": "error-occurred", "error": {"name": "connection.passwordRequired", "isFatal": false,
                "type": "CONNECTION", "details": {}}}),
            json!(["failed", {"name": "connection.passwordRequired", "type": "CONNECTION", "message": "", "isFatal": false}]),
        ),
        (
            json!({"name": "error-occurred", "error": {"name": "conference.destroyed", "message": 7, "type": "CONFERENCE"}}),
            json!(["failed", {"name": "conference.destroyed", "type": "CONFERENCE", "message": "", "isFatal": false}]),
        ),
        (json!({"name": "prejoin-screen-loaded"}), json!(["asking", {}])),
        (json!({"name": "local-storage-changed", "localStorageContent": "{}"}), json!(null)),
        (json!({"name": "constructor"}), json!(null)),
        (json!({"name": ["ready"]}), json!(null)),
        (json!(null), json!(null)),
    ];
    let wire = |scope: &str, params: &Value| {
        json!({"postis": true, "scope": scope, "method": "message", "params": params}).to_string()
    };
    let texts: Vec<String> =
        recorded.iter().map(|(data, _)| wire(scope, &json!({"type": "event", "data": data}))).collect();
    let strange = [
        wire("jitsi_meet_external_api_4", &json!({})),
        json!({"postis": "true", "scope": scope, "method": "message"}).to_string(),
        "{".to_owned(),
        "null".to_owned(),
        wire(scope, &json!("x".repeat(500_001))),
    ];
    let ask = "const [texts, strange, scope, meeting, done] = arguments; import('/assets/js/jitsi_frame.js').then((module) => { \
               const { readMessage, readEvent, frameAddress } = module; \
               done([texts.map((one) => readEvent(readMessage(one, scope).params.data)), \
               strange.map((one) => readMessage(one, scope)), readMessage({ postis: true, scope }, scope), \
               frameAddress(meeting, 42), frameAddress(meeting, 42, true)]); })";
    let meeting = json!({
        "serverOrigin": "https://8x8.vc", "roomName": "vpaas-magic-cookie-1/kabc", "jwt": "a.b-c_d", "lang": "es",
        "configOverwrite": {"localSubject": "Álgebra & co", "prejoinConfig": {"enabled": false}},
        "interfaceConfigOverwrite": {"SHOW_CHROME_EXTENSION_BANNER": false}, "userInfo": {"displayName": "Ana \"A\""},
    });
    let arguments = vec![json!(texts), json!(strange), json!(scope), meeting];
    let found = visitor.client().execute_async(ask, arguments).await.unwrap();
    for (index, (data, expected)) in recorded.iter().enumerate() {
        assert_eq!(found[0][index], *expected, "{data}");
    }
    assert_eq!(found[1], json!([null, null, null, null, null]));
    assert_eq!(found[2], json!(null), "objects are no messages");
    let fragment = "#jitsi_meet_external_api_id=42&jwt=%22a.b-c_d%22&config.localSubject=%22%C3%81lgebra%20%26%20co%22\
                    &config.prejoinConfig=%7B%22enabled%22%3Afalse%7D&interfaceConfig.SHOW_CHROME_EXTENSION_BANNER=false\
                    &userInfo.displayName=%22Ana%20%5C%22A%5C%22%22";
    let room = "https://8x8.vc/vpaas-magic-cookie-1/kabc?lang=es";
    assert_eq!(found[3], format!("{room}{fragment}"));
    assert_eq!(found[4], format!("{room}&jwt=a.b-c_d{fragment}"));
}
