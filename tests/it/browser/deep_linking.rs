//! Classes for a course, rooms for groups, and copied courses: in the LMS's frame, whatever the browser does with cookies.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse};

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

/// A stage whose LMS keeps things for tools where the browser keeps nothing.
fn stage(cookies: Cookies) -> Stage {
    let stage = Stage::own();
    stage.lms.behaviour().set(|now| now.platform_storage = cookies == Cookies::AllBlocked);
    stage
}

async fn types(visitor: &Visitor, css: &str, text: &str) {
    let field = visitor.find(css).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

#[tokio::test]
async fn three_classes_at_once() {
    choose_three(Cookies::Allowed).await;
}

#[tokio::test]
async fn three_classes_at_once_where_third_party_cookies_are_blocked() {
    choose_three(Cookies::ThirdPartyBlocked).await;
}

#[tokio::test]
async fn three_classes_at_once_without_any_cookie() {
    choose_three(Cookies::AllBlocked).await;
}

async fn choose_three(cookies: Cookies) {
    let stage = stage(cookies);
    let teacher = Visitor::new(cookies, 780).await;
    teacher.open(&stage.lms.picking_url("101", "tessa")).await;
    teacher.in_tool("#picker #title-0").await;
    types(&teacher, "#title-0", "Lecture").await;
    teacher.click("#more").await;
    teacher.in_tool("#picker #title-1").await;
    // What is to be filled in next has the focus.
    assert_eq!(teacher.script("return document.activeElement.id").await, "title-1");
    types(&teacher, "#title-1", "Exercises").await;
    teacher.click("#more").await;
    teacher.in_tool("#picker #title-2").await;
    // A class without a title, but with a text, is a slip.
    types(&teacher, "#text-2", "For all questions").await;
    teacher.click("#graded-2").await;
    teacher.click("#add").await;
    teacher.in_tool("#problem[data-problem=values]").await;
    assert_eq!(teacher.script("return document.activeElement.id").await, "title-2");
    assert!(!teacher.sees("#target-2").await, "no minutes where there is no grade");
    types(&teacher, "#title-2", "Office hours").await;
    assert_eq!(teacher.overhang().await, 0);
    assert_eq!(teacher.violations().await, [""; 0]);
    teacher.click("#add").await;
    teacher.in_tool("#added").await;
    assert_eq!(teacher.read("#picked-message").await, "3 classes were added.");
    let added: Vec<LmsActivity> = stage.lms.activities().into_iter().skip(3).collect();
    let titles: Vec<&str> = added.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Lecture", "Exercises", "Office hours"]);
    assert_eq!(added.iter().filter(|one| one.maximum.is_some()).count(), 2);
    for activity in &added {
        teacher.to_page().await;
        teacher.open(&stage.address(activity, "ana", "")).await;
        teacher.in_tool("#join").await;
        assert_eq!(teacher.read("h1").await, activity.title);
    }
    if cookies == Cookies::AllBlocked {
        assert_eq!(teacher.cookies().await, []);
    }
}

/// Opens a page of the LMS without scripts, where each of its forms waits for its button.
async fn walks(visitor: &Visitor, address: &str, to: &str) {
    visitor.to_page().await;
    visitor.open(address).await;
    let arrived = async |me: &Visitor| {
        me.to_page().await;
        me.find("#tool-frame").await.enter_frame().await.ok()?;
        if me.sees("#send button").await {
            me.click("#send button").await;
        }
        me.sees(to).await.then_some(())
    };
    visitor.until(to, arrived).await;
}

#[tokio::test]
async fn groups_and_copies_without_javascript() {
    let stage = Stage::own();
    let teacher = Visitor::without_javascript().await;
    let first = stage.lms.activities().remove(0);
    walks(&teacher, &stage.address(&first, "tessa", ""), "#join").await;
    let copy = stage.lms.copy_course("101", LmsCourse::new("201", "ALG1b", "Algebra 201")).unwrap().remove(0);
    walks(&teacher, &stage.address(&copy, "tessa", ""), "#copy").await;
    teacher.click("#copy-shared").await;
    teacher.in_tool("#decided").await;
    walks(&teacher, &stage.address(&first, "tessa", ""), "#settings-link").await;
    teacher.click("#settings-link").await;
    teacher.in_tool("#group-rooms").await.click().await.unwrap();
    teacher.click("#save").await;
    teacher.in_tool("#saved").await;
    walks(&teacher, &stage.address(&first, "ana", ""), "#group").await;
    walks(&teacher, &stage.address(&first, "tessa", ""), "#groups [data-group='g-red']").await;
    teacher.click("#groups [data-group='g-red']").await;
    teacher.in_tool("#group").await;
}

#[tokio::test]
async fn classes_are_chosen_without_javascript() {
    let stage = Stage::own();
    let teacher = Visitor::without_javascript().await;
    walks(&teacher, &stage.lms.picking_url("101", "tessa"), "#picker #title-0").await;
    types(&teacher, "#title-0", "Plain").await;
    types(&teacher, "#begins-0", "12012026\u{e004}1000AM").await;
    teacher.click("#more").await;
    teacher.in_tool("#picker #title-1").await;
    types(&teacher, "#title-1", "Simple").await;
    teacher.click("#less-0").await;
    teacher.in_tool("#picker:not(:has(#title-1)) #title-0").await;
    teacher.click("#add").await;
    teacher.in_tool("#picked #send").await.click().await.unwrap();
    teacher.in_tool("#added [data-added]").await;
    assert_eq!(stage.lms.activities().last().unwrap().title, "Simple");
}

#[tokio::test]
async fn groups_meet_in_rooms_of_their_own_where_third_party_cookies_are_blocked() {
    meet_in_groups(Cookies::ThirdPartyBlocked).await;
}

#[tokio::test]
async fn groups_meet_in_rooms_of_their_own_without_any_cookie() {
    meet_in_groups(Cookies::AllBlocked).await;
}

async fn meet_in_groups(cookies: Cookies) {
    let stage = stage(cookies);
    stage.lms.behaviour().set(|now| now.offer_groups = true);
    let activity = stage.activity("Group work");
    let (teacher, ana) = futures::join!(Visitor::new(cookies, 780), Visitor::new(cookies, 360));
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#settings-link").await.click().await.unwrap();
    teacher.in_tool("#group-rooms").await.click().await.unwrap();
    teacher.click("#save").await;
    teacher.in_tool("#saved").await;

    ana.open(&stage.address(&activity, "ana", "")).await;
    ana.in_tool("#join").await;
    assert_eq!(ana.read("#group").await, "Red");
    assert!(!ana.sees("#other-groups").await);
    assert_eq!(ana.overhang().await, 0);
    ana.click("#join").await;
    ana.to_window(2).await;
    ana.in_meeting().await;
    ana.to_page().await;
    ana.find("html[data-presence=counting]").await;

    teacher.to_page().await;
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#groups [data-group='g-blue']").await;
    assert_eq!(teacher.overhang().await, 0);
    teacher.click("#groups [data-group='g-red']").await;
    teacher.in_tool("#join").await;
    assert_eq!(teacher.read("#group").await, "Red");
    stage.written().await;
    teacher.in_tool("[data-live=yes] [data-person='Ana Silva'][data-here=yes]").await;
    teacher.click("#other-groups").await;
    teacher.in_tool("#groups #whole-course").await.click().await.unwrap();
    teacher.in_tool("#join").await;
    assert!(!teacher.sees("#group").await);
    assert_eq!(teacher.violations().await, [""; 0]);
    assert_eq!(ana.violations().await, [""; 0]);
}

#[tokio::test]
async fn a_copied_course_asks_where_third_party_cookies_are_blocked() {
    answer_copies(Cookies::ThirdPartyBlocked).await;
}

#[tokio::test]
async fn a_copied_course_asks_without_any_cookie() {
    answer_copies(Cookies::AllBlocked).await;
}

async fn answer_copies(cookies: Cookies) {
    let stage = stage(cookies);
    let teacher = Visitor::new(cookies, 700).await;
    let first = stage.lms.activities().remove(0);
    teacher.open(&stage.address(&first, "tessa", "")).await;
    teacher.in_tool("#join").await;
    assert!(!teacher.sees("#copy").await);
    let copy = |id: &str| {
        let course = LmsCourse::new(id, "ALG1b", &format!("Algebra {id}"));
        stage.lms.copy_course("101", course).unwrap().remove(0)
    };
    let (own, shared) = (copy("201"), copy("202"));

    // Before the teacher decides, a learner has a room and no question.
    teacher.to_page().await;
    teacher.open(&stage.address(&own, "ana", "")).await;
    teacher.in_tool("#join").await;
    assert!(!teacher.sees("#copy").await);

    teacher.to_page().await;
    teacher.open(&stage.address(&own, "tessa", "")).await;
    teacher.in_tool("#copy[data-answer=open]").await;
    assert!(teacher.read("#copy").await.contains("copied from “Algebra 1”"));
    assert_eq!(teacher.overhang().await, 0);
    teacher.click("#copy-own").await;
    teacher.in_tool("#decided").await;
    assert!(!teacher.sees("#copy").await, "it asks once");

    teacher.to_page().await;
    teacher.open(&stage.address(&shared, "tessa", "")).await;
    teacher.in_tool("#copy-shared").await.click().await.unwrap();
    teacher.in_tool("#decided").await;
    teacher.click("#settings-link").await;
    teacher.in_tool("#settings").await;
    assert!(teacher.read("#copy").await.contains("the room of “Algebra 1”"));
    teacher.click("#copy-own").await;
    teacher.in_tool("#decided").await;
    assert_eq!(teacher.violations().await, [""; 0]);
}

#[tokio::test]
async fn the_gradebook_opens_what_a_learner_did() {
    let stage = Stage::own();
    let activity = stage.activity("Reviewed");
    let teacher = Visitor::new(Cookies::ThirdPartyBlocked, 780).await;
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#join").await;
    teacher.to_page().await;
    teacher.open(&format!("{}/courses/101/gradebook", stage.lms.settings().issuer)).await;
    let item = stage.lms.line_items("101").into_iter().find(|item| item.label == "Reviewed").unwrap();
    teacher.click(&format!("[data-review='{}-layla']", item.id)).await;
    teacher.in_tool("#learner").await;
    assert!(teacher.read("#learner").await.contains("ليلى الحسيني"));
    teacher.see("#learner-none").await;
    teacher.click("#everybody").await;
    teacher.in_tool("#attendance").await;
    assert_eq!(teacher.violations().await, [""; 0]);
}
