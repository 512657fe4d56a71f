//! A class at platforms that others wrote.
//!
//! Open edX's own consumer has keys without `alg`, launches without a family, and a gradebook that is strict about media
//! types and times. The library `lti1p3platform` checks access tokens and scopes for each call of its services.

use diesel::connection::SimpleConnection as _;
use jitsi_lti::clock::{Clock as _, SystemClock};
use jitsi_lti::config::DatabaseUrl;
use jitsi_lti::db::open;
use jitsi_lti::demo::lms::Lms;
use jitsi_lti::ids::Random;
use serde_json::{Value, json};
use std::sync::Arc;

use super::python::Peer;
use crate::support::{
    Backend, Browser, Page, Room, Shell, Storage, eventually, form, free_port, lms_settings,
};

#[tokio::test]
async fn a_class_on_open_edx_s_own_consumer() {
    hold_a_class("openedx.py", "Tessa Edwards", None).await;
}

#[tokio::test]
async fn a_class_on_lti1p3platform() {
    hold_a_class("lti1p3.py", "Tessa Peer", Some("Ben Peer")).await;
}

/// `absent` is on the platform's list of participants, and never comes.
async fn hold_a_class(script: &str, teacher_s_name: &str, absent: Option<&str>) {
    let storage = Storage::empty(Backend::Sqlite);
    let port = free_port();
    let origin = format!("http://localhost:{port}");
    let peer = Peer::start(script, &origin);
    let shell = Shell::at(&storage.url());
    register(&shell, &peer);
    let _serving = shell.serves(port, &origin).await;

    let (teacher, ana) = (browser(&peer, &origin), browser(&peer, &origin));
    let room = launch(&peer, &teacher, "tessa", "staff").await;
    assert_eq!(launch(&peer, &ana, "ana", "student").await, room);
    teacher.opens(room.path()).await.assert_says(teacher_s_name);
    // The gradebook is offered; the activity has no column yet, and the teacher asks for one.
    let settings = format!("{}/settings", room.path());
    let csrf = teacher.opens(&settings).await.field("csrf");
    let make = form(&[("csrf", &csrf), ("target", "45"), ("send", "make")]);
    assert_eq!(teacher.submits(&settings, &make).await.status, 303);
    eventually("there is a column", async || peer.asks("/scores").await["columns"] == 1).await;

    was_in_class(&storage, 9);
    eventually_scored(&peer, json!([{ "user": "ana", "given": 20.0, "comment": "9 of 45 minutes" }])).await;
    was_in_class(&storage, 27);
    eventually_scored(&peer, json!([{ "user": "ana", "given": 60.0, "comment": "27 of 45 minutes" }])).await;
    assert_eq!(peer.asks("/scores").await["columns"], 1);
    place_another_class(&peer, (&teacher, &ana), &room).await;
    if let Some(name) = absent {
        let attendance = format!("{}/attendance", room.path());
        eventually("who is absent shows", async || teacher.opens(&attendance).await.text().contains(name))
            .await;
    }
}

/// The teacher places two classes by deep linking, and opens the first.
async fn place_another_class(peer: &Peer, (teacher, ana): (&Browser, &Browser), room: &Room) {
    let picker = opens(peer, teacher, ("tessa", "staff"), "pick").await;
    picker.assert_says("Add classes to the course").assert_says("Live class");
    let fields = [
        ("title-0", "Office hours"),
        ("title-1", "Exercises"),
        ("graded-1", "yes"),
        ("target-1", "30"),
        ("begins-1", "2027-01-11T10:00"),
        ("ends-1", "2027-01-11T11:00"),
        ("action", "add"),
    ];
    let answer = teacher.chooses(&picker, &fields).await;
    let place = answer.attr("form[method=post]", "action");
    assert_eq!(place, format!("{}/picked", peer.origin));
    let taken = peer.takes("/picked", &form(&[("JWT", &answer.field("JWT"))])).await;
    let titles: Vec<&str> =
        taken["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Office hours", "Exercises"]);
    let placed = opens(peer, ana, ("ana", "student"), "picked").await.assert_enters();
    assert_ne!(placed, *room);
    ana.opens(placed.path()).await.assert_says("Office hours");
    assert_eq!(opens(peer, teacher, ("tessa", "staff"), "picked").await.assert_enters(), placed);
}

fn register(shell: &Shell, peer: &Peer) {
    #[rustfmt::skip]
    shell.does(&[
        "platform", "add", "--issuer", peer.setting("issuer"), "--client-id", peer.setting("clientId"),
        "--auth-url", peer.setting("auth"), "--token-url", peer.setting("token"), "--jwks-url", peer.setting("keys"),
        "--deployment", peer.setting("deployment"), "--allow-private-network",
    ]);
}

fn browser(peer: &Peer, tool: &str) -> Browser {
    // The browser only needs to know whose page it comes from.
    let lms = Lms::new(lms_settings(peer.setting("issuer"), tool), Arc::new(SystemClock), Random::System);
    Browser::new(tool, lms.unwrap())
}

/// Opens the activity: login, the platform's answer, launch.
async fn launch(peer: &Peer, browser: &Browser, person: &str, role: &str) -> Room {
    opens(peer, browser, (person, role), "live").await.assert_enters()
}

/// The same for whatever is asked for.
async fn opens(peer: &Peer, browser: &Browser, (person, role): (&str, &str), what: &str) -> Page {
    let start = peer.asks(&format!("/start?user={person}&role={role}&what={what}")).await;
    let login = browser.visits(start["login"].as_str().unwrap()).await;
    let asked = destination(&login);
    let (_, question) = asked.split_once('?').unwrap();
    let answer: Value = peer.asks(&format!("/auth?{question}")).await;
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    browser.brings(&form(&[("state", &text("state")), ("id_token", &text("id_token"))])).await
}

/// Where a login leads: at once, or by the page that asks what the browser keeps.
fn destination(login: &Page) -> String {
    match login.status {
        302 => login.header("location").to_owned(),
        _ => login.attr("#lti-continue", "href"),
    }
}

/// An hour ago Ana was in class for so many minutes.
fn was_in_class(storage: &Storage, minutes: i64) {
    let joined = SystemClock.now().millis() - 3_600_000;
    let left = joined + minutes * 60_000;
    let sql = format!(
        "INSERT OR IGNORE INTO meeting SELECT '00000000000000000000000000000001', id, {joined}, {left}, {left} FROM room;
         INSERT INTO presence SELECT 'p{minutes}', '00000000000000000000000000000001', r.room_id, r.resource_link_id, u.id, 'participant', 'heartbeat', 'p{minutes}',
             {joined}, {left}, TRUE, FALSE FROM lti_user u JOIN room_link r ON TRUE WHERE u.sub = 'ana'"
    );
    let url: DatabaseUrl = storage.database();
    open(&url).unwrap().batch_execute(&sql).unwrap();
}

async fn eventually_scored(peer: &Peer, expected: Value) {
    let is_there = async || peer.asks("/scores").await["scores"] == expected;
    eventually(&format!("the scores are {expected}"), is_there).await;
}
