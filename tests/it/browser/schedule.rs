//! When a class is, and its door, in a real browser.

use fantoccini::key::Key;

use super::axe::examine;
use super::settings::has_class_wait;
use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn a_learner_who_waits_on_the_activitys_page_is_let_in_without_a_touch() {
    let stage = Stage::shared();
    let activity = stage.activity("Class with a door");
    let teacher = has_class_wait(&stage, &activity, Cookies::Allowed).await;
    let learner = Visitor::new(Cookies::Allowed, 700).await;
    learner.open(&stage.address(&activity, "ana", "")).await;
    learner.find("iframe").await;
    let alone = learner.attribute("iframe", "src").await;
    learner.open(&alone).await;
    learner.see("#door[data-state=no-moderator]").await;
    examine(&learner, "the door of a class that waits").await;
    teacher.click("#back").await;
    teacher.in_tool("#join").await.click().await.unwrap();
    teacher.to_window(2).await;
    teacher.in_meeting().await;
    learner.see("html[data-state=joined]").await;
    learner.in_meeting().await;
    assert_eq!(learner.violations().await, [""; 0]);
}

#[tokio::test]
async fn a_series_is_planned_and_a_date_of_it_cancelled_on_a_phone_too() {
    let stage = Stage::shared();
    for width in [320, 1280] {
        let activity = stage.activity("Planned class");
        let teacher = Visitor::new(Cookies::Allowed, width).await;
        teacher.open(&stage.address(&activity, "tessa", "")).await;
        teacher.find("iframe").await;
        let alone = teacher.attribute("iframe", "src").await;
        teacher.open(&alone).await;
        teacher.click("#plan-series").await;
        teacher.find("#plan").await;
        assert_ne!(teacher.script("return document.getElementById('zone').value").await, "", "the browser's");
        assert!(!teacher.sees("#until-count").await, "what is not needed is not there");
        teacher.click("#kind-series").await;
        // Years ahead, whenever this runs.
        let next_year = "const year = new Date().getFullYear() + 1; const field = document.getElementById('begins'); \
                         field.value = `${year}-03-22T10:00`; field.dispatchEvent(new Event('change')); \
                         return document.getElementById('ends').value.endsWith('T11:00')";
        assert_eq!(teacher.script(next_year).await, true, "the end follows the beginning");
        examine(&teacher, "plan").await;
        let count = teacher.find("#count").await;
        count.clear().await.unwrap();
        count.send_keys("3").await.unwrap();
        count.send_keys(&String::from(char::from(Key::Enter))).await.unwrap();
        teacher.find("#preview").await;
        assert_eq!(teacher.script("return document.activeElement.id").await, "preview");
        examine(&teacher, "dates before they are saved").await;
        teacher.click("#confirm").await;
        teacher.find("#saved").await;
        teacher.click("#to-come .date a").await;
        teacher.find("#date").await;
        examine(&teacher, "date").await;
        teacher.click("#cancelled").await;
        teacher.click("#save").await;
        teacher.find("#saved").await;
        teacher.find(".date[data-state=cancelled]").await;
        examine(&teacher, "dates").await;
        teacher.click("#back").await;
        teacher.see("#door[data-state=before]").await;
        teacher.see("#countdown").await;
        assert!(!teacher.sees("#join").await);
        examine(&teacher, "the door of a class that has not begun").await;
        assert_eq!(teacher.violations().await, [""; 0]);
    }
}
