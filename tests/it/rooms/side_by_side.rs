//! Two people in one browser: each page, and each request of it, belongs to the person it was made for.

use std::time::Duration;

use jitsi_lti::demo::lms::LmsPerson;

use crate::support::{BY_SCRIPT, Backend, Browser, Page, TestTool, form, on_both};

on_both!(
    two_people_of_one_room_live_side_by_side_in_both_orders,
    a_page_of_another_role_never_shows_the_present_one,
    attendance_stays_with_the_person_whose_window_it_is,
    pages_of_somebody_whom_the_browser_no_longer_knows_say_so,
    an_address_that_names_nobody_opens_for_the_only_person_and_for_none_of_two,
    the_same_person_who_comes_again_goes_on_in_the_open_pages,
    one_person_at_two_activities_of_one_room_has_two_sessions,
);

const MINUTE: Duration = Duration::from_secs(60);

/// What a page shows of its person.
async fn who(browser: &Browser, address: &str) -> String {
    let page = browser.opens(address).await;
    assert_eq!(page.status, 200, "{address}: {}", page.body);
    let name = page.body.split("class=\"person__name\"").nth(1).unwrap();
    name.split("<bdi>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

async fn joins(browser: &Browser, entered: &Page) -> Page {
    let room = browser.opens(entered.header("location")).await;
    let action = room.attr("#join-form", "action");
    let join = form(&[("csrf", &room.field("csrf")), ("session_token", &room.field("session_token"))]);
    let answer = browser.submits(&action, &join).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer
}

async fn two_people_of_one_room_live_side_by_side_in_both_orders(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for order in [["tessa", "ana"], ["ana", "tessa"]] {
        let browser = tool.browser();
        let first = browser.launches(order[0], "1").await;
        let second = browser.launches(order[1], "1").await;
        let (teacher, student) = if order[0] == "tessa" { (&first, &second) } else { (&second, &first) };
        assert_eq!(teacher.assert_enters(), student.assert_enters(), "one room");
        // Reloaded as often as anybody likes, in whatever order.
        for _ in 0..2 {
            assert_eq!(who(&browser, teacher.header("location")).await, "Tessa Marlow");
            assert_eq!(who(&browser, student.header("location")).await, "Ana Silva");
        }
        // Her minutes are hers, and the list is the teacher's.
        let mine = browser.opens(student.in_the_same_name("/attendance")).await;
        mine.assert_says("data-minutes=\"0\"");
        assert!(!mine.body.contains("id=\"grades\""));
        let list = browser.opens(teacher.in_the_same_name("/attendance")).await;
        list.assert_says("id=\"attendance-title\"");
        let polled = browser.asks_for(&list.attr("[data-url]", "data-url")).await;
        polled.assert_says("id=\"attendance-title\"");
        // Settings are open to the teacher alone, and every way on stays hers.
        browser.opens(student.in_the_same_name("/settings")).await.assert_refused(403, "not-allowed");
        let settings = browser.opens(teacher.in_the_same_name("/settings")).await;
        let action = settings.attr("#settings", "action");
        let save = form(&[("csrf", &settings.field("csrf")), ("target", "30"), ("send", "auto")]);
        let saved = browser.submits(&action, &save).await;
        browser.opens(saved.header("location")).await.assert_says("id=\"saved\"");
        // The meeting windows, opened one after the other and reloaded in the other order.
        let windows = [joins(&browser, &first).await, joins(&browser, &second).await];
        for window in windows.iter().rev().chain(&windows) {
            let page = browser.opens(window.header("location")).await;
            let name = page.meeting_config()["userInfo"]["displayName"].clone();
            let is_teacher =
                window.header("location").contains(teacher.header("location").split("v=").nth(1).unwrap());
            assert_eq!(name, if is_teacher { "Tessa Marlow" } else { "Ana Silva" });
            assert_eq!(page.body.contains("role--moderator\" id=\"role\""), is_teacher);
        }
    }
}

async fn a_page_of_another_role_never_shows_the_present_one(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let teacher = browser.launches("tessa", "1").await;
    teacher.assert_enters();
    // Moodle's "switch role to": the same person, with other roles.
    let tessa = tool.lms.person("tessa").unwrap();
    let teacher_roles = tessa.roles.clone();
    tool.later(MINUTE);
    tool.lms.add_person(LmsPerson { roles: LmsPerson::student("x", "X", "Y").roles, ..tessa });
    let preview = browser.launches("tessa", "1").await;
    preview.assert_enters();
    assert_ne!(teacher.header("location"), preview.header("location"));
    let page = browser.opens(preview.header("location")).await;
    assert!(!page.body.contains("id=\"settings-link\""));
    browser.opens(preview.in_the_same_name("/settings")).await.assert_refused(403, "not-allowed");
    // The teacher's page says that it is over, and shows nothing of the student's.
    browser.opens(teacher.header("location")).await.assert_refused(401, "session-ended");
    browser.opens(teacher.in_the_same_name("/settings")).await.assert_refused(401, "session-ended");
    tool.later(MINUTE);
    let tessa = tool.lms.person("tessa").unwrap();
    tool.lms.add_person(LmsPerson { roles: teacher_roles, ..tessa });
    let again = browser.launches("tessa", "1").await;
    assert_eq!(again.header("location"), teacher.header("location"));
    browser.opens(again.header("location")).await.assert_says("id=\"settings-link\"");
}

async fn attendance_stays_with_the_person_whose_window_it_is(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let ana = browser.launches("ana", "1").await;
    let window = browser.opens(joins(&browser, &ana).await.header("location")).await;
    let presence = window.meeting_config()["presence"].clone();
    let layla = browser.launches("layla", "1").await;
    joins(&browser, &layla).await;
    for event in ["beat", "beat", "beat", "leave"] {
        tool.later(MINUTE / 2);
        let told = serde_json::json!({ "presence_token": presence["token"], "event": event });
        let url = presence["url"].as_str().unwrap();
        let request = browser.raw("POST", url).header("origin", &tool.origin).json(&told);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }
    tool.written().await;
    browser.opens(ana.in_the_same_name("/attendance")).await.assert_says("data-minutes=\"1\"");
    browser.opens(layla.in_the_same_name("/attendance")).await.assert_says("data-minutes=\"0\"");
    let counted =
        tool.texts("SELECT DISTINCT sub AS value FROM presence JOIN lti_user ON lti_user.id = user_id").await;
    assert_eq!(counted, ["ana"]);
}

async fn pages_of_somebody_whom_the_browser_no_longer_knows_say_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let teacher = tool.browser().launches("tessa", "1").await;
    teacher.assert_enters();
    browser.launches("ana", "1").await.assert_enters();
    for path in ["", "/meeting", "/attendance", "/settings", "/groups"] {
        let page = browser.opens(teacher.in_the_same_name(path)).await;
        page.assert_refused(403, "session-replaced");
        assert!(!page.text().contains("Tessa"), "{path}");
        let fetched = browser.sends("GET", &teacher.in_the_same_name(path), None, BY_SCRIPT).await;
        fetched.assert_refused(401, "session-missing");
    }
    let save = form(&[("csrf", "guess"), ("target", "30"), ("send", "auto")]);
    browser
        .submits(&teacher.in_the_same_name("/settings"), &save)
        .await
        .assert_refused(403, "session-replaced");
    // Nobody is known any more, once the session is over.
    tool.later(5 * 60 * MINUTE);
    browser.opens(teacher.in_the_same_name("")).await.assert_refused(401, "session-missing");
}

async fn an_address_that_names_nobody_opens_for_the_only_person_and_for_none_of_two(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let ana = browser.launches("ana", "1").await;
    let room = ana.assert_enters();
    let named = browser.asks_for(&format!("{}/attendance?learner=x", room.path())).await;
    assert_eq!(named.status, 303);
    assert_eq!(named.leads(), format!("{}/attendance?learner=x", room.path()));
    assert!(named.header("location").contains(ana.header("location").split('?').nth(1).unwrap()));
    browser.opens(room.path()).await.assert_says("Ana Silva");
    let teacher = browser.launches("tessa", "1").await;
    for path in [room.path().to_owned(), room.meeting(), format!("{}/settings", room.path())] {
        let page = browser.opens(&path).await;
        page.assert_refused(409, "session-unclear");
        assert!(!page.text().contains("Tessa") && !page.text().contains("Silva"));
    }
    let settings = browser.opens(teacher.in_the_same_name("/settings")).await;
    let save = form(&[("csrf", &settings.field("csrf")), ("target", "30"), ("send", "auto")]);
    browser.submits(&format!("{}/settings", room.path()), &save).await.assert_refused(409, "session-unclear");
    for name in ["", "x", "AAAAAAAAAAAA", &"A".repeat(5_000)] {
        browser.opens(format!("{}?v={name}", room.path())).await.assert_refused(403, "session-replaced");
    }
}

async fn the_same_person_who_comes_again_goes_on_in_the_open_pages(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let first = browser.launches("tessa", "1").await;
    let settings = browser.opens(first.in_the_same_name("/settings")).await;
    tool.later(MINUTE);
    let again = browser.launches("tessa", "1").await;
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(browser.cookies().len(), 1);
    let save = form(&[("csrf", &settings.field("csrf")), ("target", "30"), ("send", "auto")]);
    assert_eq!(browser.submits(&first.in_the_same_name("/settings"), &save).await.status, 303);
}

async fn one_person_at_two_activities_of_one_room_has_two_sessions(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    browser.launches("ana", "1").await.assert_enters();
    browser.launches("ana", "2").await.assert_enters();
    tool.sql("UPDATE room_link SET room_id = (SELECT MIN(room_id) FROM room_link)").await;
    let first = browser.launches("ana", "1").await;
    let second = browser.launches("ana", "2").await;
    assert_eq!(first.assert_enters(), second.assert_enters(), "one room, two activities");
    let title = async |entered: &Page| browser.opens(entered.header("location")).await.text_of("h1 bdi");
    let (one, other) = (title(&first).await, title(&second).await);
    assert_ne!(one, other);
    assert_eq!((title(&first).await, title(&second).await), (one, other));
}
