//! What teachers decide, in a real browser.

use fantoccini::key::Key;
use jitsi_lti::demo::lms::LmsActivity;

use super::axe::examine;
use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn what_is_decided_with_the_keyboard_alone_reaches_the_class() {
    let stage = Stage::shared();
    let activity = stage.activity("Decided class");
    let teacher = Visitor::new(Cookies::ThirdPartyBlocked, 700).await;
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#settings-link").await.click().await.unwrap();
    let preset = teacher.in_tool("#settings [name=preset][value=exam]").await;
    preset.send_keys(&String::from(char::from(Key::Enter))).await.unwrap();
    teacher.in_tool("#filled-in[data-preset=exam]").await;
    assert_eq!(teacher.script("return document.activeElement.id").await, "filled-in");
    assert!(teacher.sees("#unsaved").await, "nothing is saved yet");
    // Enter in a field saves, and fills in nothing.
    let title = teacher.find("#title").await;
    title.send_keys("Prüfung – الامتحان").await.unwrap();
    title.send_keys(&String::from(char::from(Key::Enter))).await.unwrap();
    teacher.in_tool("#saved").await;
    assert_eq!(teacher.script("return document.activeElement.id").await, "saved");
    assert_eq!(teacher.overhang().await, 0);
    teacher.click("#back").await;
    teacher.in_tool("#join").await;
    assert_eq!(teacher.read("h1").await, "Prüfung – الامتحان");
    teacher.click("#join").await;
    teacher.to_window(2).await;
    teacher.in_meeting().await;
    assert_eq!(teacher.attribute("#meeting", "data-ignored-config").await, "", "Jitsi takes every setting");
    teacher.find("body[data-tiles=true]").await;
}

#[tokio::test]
async fn a_learner_who_waits_is_let_in_without_a_touch() {
    let stage = Stage::shared();
    let activity = stage.activity("Class that waits");
    waits_for_a_teacher(&stage, &activity, Cookies::ThirdPartyBlocked).await;
}

/// A teacher decides that learners wait, and stays at the settings.
pub async fn has_class_wait(stage: &Stage, activity: &LmsActivity, cookies: Cookies) -> Visitor {
    let teacher = Visitor::new(cookies, 900).await;
    teacher.open(&stage.address(activity, "tessa", "")).await;
    teacher.in_tool("#settings-link").await.click().await.unwrap();
    teacher.in_tool("#wait_for_moderator").await.click().await.unwrap();
    teacher.click("#save").await;
    teacher.in_tool("#saved").await;
    teacher
}

/// A learner opens a class that waits for its teacher, who comes later.
pub async fn waits_for_a_teacher(stage: &Stage, activity: &LmsActivity, cookies: Cookies) {
    let teacher = has_class_wait(stage, activity, cookies).await;
    let learner = Visitor::new(cookies, 700).await;
    learner.open(&stage.address(activity, "ana", "")).await;
    learner.in_tool("#join").await.click().await.unwrap();
    learner.to_window(2).await;
    learner.see("#waiting[data-state=no-moderator]").await;
    examine(&learner, "waiting").await;
    teacher.click("#back").await;
    teacher.in_tool("#join").await.click().await.unwrap();
    teacher.to_window(2).await;
    teacher.in_meeting().await;
    learner.see("html[data-state=joined]").await;
    learner.in_meeting().await;
    assert_eq!(learner.violations().await, [""; 0]);
}

#[tokio::test]
async fn every_width_and_scheme_shows_the_settings() {
    let stage = Stage::shared();
    let activity = stage.activity("Shown settings");
    for width in [320, 700, 1280] {
        let teacher = Visitor::new(Cookies::Allowed, width).await;
        teacher.open(&stage.address(&activity, "tessa", "")).await;
        teacher.in_tool("#settings-link").await.click().await.unwrap();
        teacher.in_tool("#settings").await;
        // The page itself, without the LMS around it.
        let address = teacher.script("return location.href").await.as_str().unwrap().to_owned();
        teacher.open(&address).await;
        examine(&teacher, "settings").await;
        teacher.find("#last_n").await.clear().await.unwrap();
        teacher.click("#save").await;
        teacher.find("[data-problem=setting]").await;
        examine(&teacher, "settings that cannot be saved").await;
        teacher.open(&address).await;
        teacher.click("#course-settings").await;
        teacher.find("form[action*='/settings/course']").await;
        examine(&teacher, "defaults of a course").await;
    }
}
