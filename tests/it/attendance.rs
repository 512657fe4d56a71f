//! Attendance: minutes counted from heartbeats, and nobody's but one's own.

use jitsi_lti::lti::registration::platform::Status;
use serde_json::json;

use crate::support::{
    Backend, Browser, Dom, MINUTE, OpenPage, Page, Room, SECOND, TestTool, on_both, send_presence,
};

on_both!(
    a_teacher_sees_who_was_there_and_for_how_long,
    two_tabs_and_a_reload_count_once,
    a_silence_longer_than_the_grace_is_absence,
    a_meeting_ends_after_ten_minutes_of_silence,
    learners_see_their_own_minutes_alone,
    a_page_from_before_an_upgrade_goes_on_counting,
    heartbeats_that_prove_nothing_never_count,
    heartbeats_faster_than_one_a_second_are_refused,
    a_good_bye_alone_begins_nothing,
    a_page_that_said_good_bye_is_over,
);

/// The lines of the newest meeting: name, minutes, whether the person is there.
async fn list(teacher: &Browser, room: &Room) -> Vec<(String, String, bool)> {
    let page = teacher.opens(format!("{}/attendance", room.path())).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let dom = Dom::of(&page);
    let newest = dom.all("details").into_iter().take(1);
    let rows = newest.flat_map(|meeting| meeting.all("[data-person]"));
    rows.map(|row| (row.attr("data-person"), row.attr("data-minutes"), row.attr("data-here") == "yes"))
        .collect()
}

fn line(name: &str, minutes: u32, here: bool) -> (String, String, bool) {
    (name.to_owned(), minutes.to_string(), here)
}

async fn a_teacher_sees_who_was_there_and_for_how_long(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let at_first = tessa.opens(format!("{}/attendance", room.path())).await;
    assert_eq!((at_first.status, list(&tessa, &room).await.len()), (200, 0));
    let (class, desk) = (OpenPage::open(&ana, &room).await, OpenPage::open(&tessa, &room).await);
    assert_eq!(desk.says("beat").await, 204);
    class.stays(&tool, 12).await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 12, true), line("Tessa Marlow", 0, false)]);
    assert_eq!(class.says("leave").await, 204);
    tool.later(2 * MINUTE);
    desk.stays(&tool, 1).await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 12, false), line("Tessa Marlow", 1, true)]);
}

async fn two_tabs_and_a_reload_count_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let (first, second) = (OpenPage::open(&ana, &room).await, OpenPage::open(&ana, &room).await);
    for _ in 0..10 {
        assert_eq!((first.says("beat").await, second.says("beat").await), (204, 204));
        tool.later(30 * SECOND);
    }
    assert_eq!(first.says("leave").await, 204);
    tool.later(MINUTE);
    let reloaded = OpenPage::open(&ana, &room).await;
    reloaded.stays(&tool, 4).await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 10, true)]);
}

async fn a_silence_longer_than_the_grace_is_absence(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 3).await;
    tool.later(5 * MINUTE);
    page.stays(&tool, 2).await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 5, true)]);
    assert_eq!(tool.count("meeting").await, 1);
}

async fn a_meeting_ends_after_ten_minutes_of_silence(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 3).await;
    tool.later(11 * MINUTE);
    tool.written().await;
    assert_eq!(
        tool.number("SELECT COUNT(*) AS value FROM meeting WHERE ended = last_seen".to_owned()).await,
        1
    );
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 3, false)]);
    page.stays(&tool, 1).await;
    assert_eq!(tool.count("meeting").await, 2);
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 1, true)]);
    let own = ana.opens(format!("{}/attendance", room.path())).await;
    assert!(own.body.contains("data-minutes=\"4\""), "{}", own.body);
}

async fn learners_see_their_own_minutes_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, layla, olga) = (tool.browser(), tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    layla.launches("layla", "1").await.assert_enters();
    olga.launches("olga", "1").await.assert_enters();
    OpenPage::open(&ana, &room).await.stays(&tool, 7).await;
    for (browser, minutes) in [(&ana, "7"), (&layla, "0"), (&olga, "0")] {
        let page = browser.opens(format!("{}/attendance", room.path())).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(&format!("data-minutes=\"{minutes}\"")), "{}", page.body);
        assert!(!page.body.contains("data-person"), "{}", page.body);
    }
    olga.opens(format!("{}/attendance", room.path())).await.assert_says("as an observer");
}

/// Such a page calls the presence token `pass`.
async fn a_page_from_before_an_upgrade_goes_on_counting(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let presence = ana.joins(&room).await.meeting_config()["presence"].clone();
    for _ in 0..=4 {
        let heartbeat = json!({ "pass": presence["pass"], "event": "beat" }).to_string();
        assert_eq!(send_presence(&ana, &room, heartbeat).await.status, 204);
        tool.later(30 * SECOND);
    }
    tool.written().await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 2, true)]);
}

async fn heartbeats_that_prove_nothing_never_count(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    let other = tessa.launches("tessa", "2").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    let beat = |token: &str| json!({ "presence_token": token, "event": "beat" }).to_string();
    let session = ana.opens(room.path()).await.field("session_token");
    let rows = [
        (&room, beat(""), 401, "session-missing"),
        (&room, beat("AAAA"), 401, "session-missing"),
        (&room, beat(&page.token[..page.token.len() - 3]), 401, "session-missing"),
        (&room, beat(&session), 401, "session-missing"),
        (&other, beat(&page.token), 409, "presence-other-room"),
        (
            &room,
            json!({ "presence_token": page.token, "event": "dance" }).to_string(),
            400,
            "form-unreadable",
        ),
        (&room, "not json".to_owned(), 400, "form-unreadable"),
        (&room, beat(&"x".repeat(10_000)), 413, "body-too-large"),
    ];
    for (room, body, status, code) in rows {
        send_presence(&ana, room, body).await.assert_refused(status, code);
    }
    let elsewhere =
        ana.raw("POST", &format!("{}/presence", room.path())).header("origin", "https://evil.example");
    let elsewhere =
        elsewhere.header("content-type", "application/json").body(beat(&page.token)).send().await.unwrap();
    Page::read(elsewhere).await.assert_refused(403, "csrf-refused");
    tool.sets_platform(Status::Disabled).await;
    send_presence(&ana, &room, beat(&page.token)).await.assert_refused(403, "platform-disabled");
    tool.sets_platform(Status::Active).await;
    tool.jobs_rest().await;
    tool.later(13 * 60 * MINUTE);
    send_presence(&ana, &room, beat(&page.token)).await.assert_refused(401, "session-missing");
    tool.written().await;
    assert_eq!((tool.count("presence").await, tool.count("meeting").await), (0, 0));
}

async fn heartbeats_faster_than_one_a_second_are_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    assert_eq!(page.says("beat").await, 204);
    assert_eq!(page.says("beat").await, 429);
    tool.later(SECOND);
    assert_eq!((page.says("beat").await, page.says("leave").await), (204, 204));
}

/// On PostgreSQL alone: a file is away only together with the machine.
#[tokio::test]
async fn a_database_that_was_away_loses_no_minute() {
    let tool = TestTool::start(Backend::Postgres).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 2).await;
    tool.later(30 * SECOND);
    assert_eq!(page.says("beat").await, 204);
    tool.storage.goes_down();
    tool.later(30 * SECOND);
    assert_eq!(page.says("beat").await, 202, "the token counts without the database");
    tool.written().await;
    tool.storage.comes_back();
    tool.later(30 * SECOND);
    // Not `/readyz`: its answer is good for a second, and the clock stands still.
    tool.eventually("the database is back", async || ana.opens(room.path()).await.status == 200).await;
    tool.written().await;
    page.stays(&tool, 1).await;
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 4, true)]);
}

async fn a_good_bye_alone_begins_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let (never, late) = (OpenPage::open(&ana, &room).await, OpenPage::open(&ana, &room).await);
    assert_eq!(never.says("leave").await, 204);
    late.stays(&tool, 1).await;
    tool.later(20 * MINUTE);
    assert_eq!(late.says("leave").await, 204);
    tool.written().await;
    assert_eq!((tool.count("presence").await, tool.count("meeting").await), (1, 1));
    let own = ana.opens(format!("{}/attendance", room.path())).await;
    assert!(own.body.contains("data-minutes=\"1\""), "{}", own.body);
}

async fn a_page_that_said_good_bye_is_over(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 2).await;
    assert_eq!(page.says("leave").await, 204);
    // A beat that was on its way when the page went, both before and after the good-bye is written.
    for _ in 0..2 {
        tool.later(SECOND);
        assert_eq!(page.says("beat").await, 204);
        tool.written().await;
    }
    assert_eq!(list(&tessa, &room).await, [line("Ana Silva", 2, false)]);
}
