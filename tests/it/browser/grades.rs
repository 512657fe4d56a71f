//! The whole story, as it is seen: a class with latecomers and reloads, grades that arrive while the LMS is down and comes
//! back, and one grade that is locked.

use std::collections::BTreeMap;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn a_class_becomes_grades() {
    hold_a_class(Cookies::Allowed).await;
}

#[tokio::test]
async fn a_class_becomes_grades_where_third_party_cookies_are_blocked() {
    hold_a_class(Cookies::ThirdPartyBlocked).await;
}

async fn hold_a_class(cookies: Cookies) {
    let stage = Stage::own();
    let activity = stage.activity("Class of twelve");
    let column =
        stage.lms.line_items("101").into_iter().find(|item| item.label == activity.title).unwrap().id;
    let (teacher, desk) = futures::join!(Visitor::new(cookies, 1000), Visitor::new(cookies, 700));
    desk.open(&stage.address(&activity, "tessa", "")).await;
    desk.in_tool("#grades[data-grades-state=ready] #grades-none").await;

    stage.lms.behaviour().set(|now| now.services_down = true);
    stage.lms.lock_grade(&column, "class-03", true);
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#join").await;
    teacher.click("#join").await;
    teacher.to_window(2).await;
    teacher.in_meeting().await;
    teacher.click("#simulate").await;
    teacher.see("#class[data-phase=running]").await;
    // The list asks seldom while nobody is there; from then on it follows class and grades without a reload.
    stage.has_in_class(1).await;
    desk.to_page().await;
    desk.open(&stage.address(&activity, "tessa", "")).await;
    desk.in_tool("#grades [data-state=in-class]").await;
    teacher.see("#class[data-phase=over]").await;

    desk.find("#grades[data-trouble=error] #grades-trouble").await;
    desk.until("all twelve wait", async |desk: &Visitor| (count(desk, "waiting").await == 12).then_some(()))
        .await;
    assert_eq!(stage.lms.received_scores().len(), 0);
    stage.lms.behaviour().set(|now| now.services_down = false);
    desk.click("#send-all").await;
    desk.find("#grades[data-trouble=''] [data-state=refused][data-reason=grade-locked]").await;
    desk.until("eleven are sent", async |desk: &Visitor| (count(desk, "sent").await == 11).then_some(()))
        .await;
    stage.lms.lock_grade(&column, "class-03", false);
    desk.click(".grades__note button[name=user]").await;
    desk.until("all are sent", async |desk: &Visitor| (count(desk, "sent").await == 12).then_some(())).await;
    assert_eq!(desk.overhang().await, 0);
    assert_eq!(desk.violations().await, [""; 0]);

    let counted = grades_on(&desk).await;
    let minutes: BTreeMap<i64, usize> = counted.values().fold(BTreeMap::new(), |mut sums, (minutes, _)| {
        *sums.entry(*minutes).or_default() += 1;
        sums
    });
    assert_eq!(minutes, BTreeMap::from([(30, 1), (33, 1), (40, 1), (45, 9)]), "{counted:?}");
    for person in stage.lms.people().iter().filter(|person| person.id.starts_with("class-")) {
        let (_, grade) = &counted[person.shown_name()];
        let shown = stage.lms.grade(&column, &person.id).unwrap().shown().unwrap();
        assert_eq!(*grade, shown.to_string(), "{}", person.id);
    }
    desk.to_page().await;
    desk.open(&format!("{}/courses/101/gradebook", stage.lms.settings().issuer)).await;
    let cell = format!("td[data-item='{column}'][data-person=class-01] b");
    assert_eq!(desk.read(&cell).await, "100");
    assert_eq!(teacher.complaints().await, [""; 0]);
}

/// How many learners' grades are in this state.
async fn count(desk: &Visitor, state: &str) -> u64 {
    let script =
        format!("return document.querySelectorAll('#grades [data-learner][data-state={state}]').length");
    desk.script(&script).await.as_u64().unwrap()
}

/// By name: minutes, and the grade in the gradebook.
async fn grades_on(desk: &Visitor) -> BTreeMap<String, (i64, String)> {
    let rows = desk
        .script(
            "return [...document.querySelectorAll('#grades [data-learner]')].map((row) => \
             [row.dataset.learner, row.querySelector('td').textContent.trim(), row.dataset.sentGrade])",
        )
        .await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let line = |row: &serde_json::Value| (text(&row[0]), (text(&row[1]).parse().unwrap(), text(&row[2])));
    rows.as_array().unwrap().iter().map(line).collect()
}
