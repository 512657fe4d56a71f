//! Who was not in class, as the teacher sees it: a list that opens, and that follows the class without a reload.

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn the_teacher_sees_who_is_missing() {
    miss_somebody(Cookies::Allowed).await;
}

#[tokio::test]
async fn the_teacher_sees_who_is_missing_where_third_party_cookies_are_blocked() {
    miss_somebody(Cookies::ThirdPartyBlocked).await;
}

#[tokio::test]
async fn the_teacher_sees_who_is_missing_without_any_cookie() {
    miss_somebody(Cookies::AllBlocked).await;
}

async fn miss_somebody(cookies: Cookies) {
    let stage = Stage::own();
    stage.lms.behaviour().set(|now| now.platform_storage = cookies == Cookies::AllBlocked);
    let activity = stage.activity("Live class");
    let address = |person: &str| stage.address(&activity, person, "");
    let (teacher, ana, layla) =
        futures::join!(Visitor::new(cookies, 700), Visitor::new(cookies, 700), Visitor::new(cookies, 700));
    teacher.open(&address("tessa")).await;
    teacher.in_tool("#participants[data-state=known][data-learners='4']").await;
    join(&ana, &address("ana")).await;
    stage.written().await;

    teacher.to_page().await;
    teacher.open(&address("tessa")).await;
    teacher.in_tool("#absent[data-count='3']").await;
    assert_eq!(teacher.read("#absent-summary").await, "3 not here yet");
    assert!(!teacher.sees("[data-absent='Tobias Brandt']").await, "names take no room until they are wanted");
    teacher.click("#absent-summary").await;
    teacher.see("[data-absent='Tobias Brandt']").await;
    assert!(teacher.read("#participants").await.contains("The course has 4 learners."));

    join(&layla, &address("layla")).await;
    stage.written().await;
    // The list finds out by itself, and stays as it was opened.
    teacher.find("#absent[data-count='2'][open]").await;
    assert!(!teacher.sees("[data-absent='ليلى الحسيني']").await);
    assert_eq!(teacher.overhang().await, 0);
    assert_eq!(teacher.violations().await, [""; 0]);
    assert_eq!(ana.complaints().await, [""; 0]);
}

/// Joins, and is counted.
async fn join(visitor: &Visitor, address: &str) {
    visitor.open(address).await;
    visitor.in_tool("#join").await;
    visitor.click("#join").await;
    visitor.to_window(2).await;
    visitor.find("html[data-presence=counting]").await;
}
