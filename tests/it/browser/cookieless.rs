//! A browser that refuses every cookie, and its own storage with them: the class works all the same where the LMS keeps
//! one thing for the tool.

use super::settings::waits_for_a_teacher;
use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

/// A stage whose LMS keeps things for tools, in the manner of this family.
fn stage(family: &str) -> Stage {
    let stage = Stage::own();
    stage.lms.behaviour().set(|now| {
        now.platform_storage = true;
        now.family = family.to_owned();
    });
    stage
}

/// The browser holds not one cookie.
async fn has_no_cookie(visitor: &Visitor) {
    assert_eq!(visitor.cookies().await, []);
}

#[tokio::test]
async fn a_class_without_any_cookie() {
    let stage = stage("moodle");
    let activity = stage.activity("Class without cookies");
    let (teacher, ana) =
        futures::join!(Visitor::new(Cookies::AllBlocked, 900), Visitor::new(Cookies::AllBlocked, 900));
    ana.open(&stage.address(&activity, "ana", "")).await;
    ana.in_tool("#join").await;
    ana.see("#attendance.mine[data-minutes='0']").await;
    assert_eq!(ana.violations().await, [""; 0]);
    ana.click("#join").await;
    ana.see("#join-opened").await;
    ana.to_window(2).await;
    ana.in_meeting().await;
    ana.to_page().await;
    ana.find("html[data-presence=counting]").await;
    let address = ana.client().current_url().await.unwrap();
    let token = ana.attribute("#carried [name=session_token]", "value").await;
    assert!(token.len() > 100 && !address.as_str().contains(&token[..40]), "{address}");
    // The class once more: the browser kept beside the page's place what opens it.
    ana.reloads().await;
    ana.in_meeting().await;
    ana.to_page().await;
    ana.find("html[data-presence=counting]").await;
    has_no_cookie(&ana).await;
    stage.written().await;

    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("[data-live=yes] [data-person='Ana Silva'][data-here=yes]").await;
    ana.click("#leave").await;
    ana.see("[data-card=left]").await;
    teacher.find("[data-live=no] [data-person='Ana Silva'][data-here=no]").await;
    assert_eq!(teacher.violations().await, [""; 0]);
    has_no_cookie(&teacher).await;
}

#[tokio::test]
async fn settings_and_grades_without_any_cookie() {
    let stage = stage("canvas");
    let activity = stage.activity("Settings without cookies");
    let teacher = Visitor::new(Cookies::AllBlocked, 900).await;
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#settings-link").await.click().await.unwrap();
    teacher.in_tool("#settings #target").await.clear().await.unwrap();
    teacher.click("#save").await;
    teacher.in_tool("#settings #problem").await;
    teacher.find("#target").await.send_keys("33").await.unwrap();
    teacher.click("#save").await;
    teacher.in_tool("#saved").await;
    assert_eq!(teacher.attribute("#target", "value").await, "33");
    assert_eq!(teacher.violations().await, [""; 0]);
    // Reloaded, the page is the same, and says nothing of saving.
    teacher.client().execute("location.reload()", vec![]).await.unwrap();
    teacher.in_tool("#settings:not(:has(#saved)) #target").await;
    teacher.click("#back").await;
    teacher.in_tool("#grades[data-target='33']").await;
    teacher.client().execute("history.back()", vec![]).await.unwrap();
    teacher.in_tool("#settings").await;
    has_no_cookie(&teacher).await;
}

#[tokio::test]
async fn a_learner_who_waits_without_any_cookie_is_let_in_too() {
    let stage = stage("canvas");
    let activity = stage.activity("Waiting without cookies");
    waits_for_a_teacher(&stage, &activity, Cookies::AllBlocked).await;
}

#[tokio::test]
async fn the_class_itself_opens_in_a_frame_without_any_cookie() {
    let stage = stage("moodle");
    let activity = stage.activity("Embedded class without cookies");
    let visitor = Visitor::new(Cookies::AllBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "tessa", "&capture=1")).await;
    visitor.in_tool("#join").await;
    visitor.click("#join").await;
    visitor.in_tool("html[data-state=joined] #bar").await;
    visitor.in_meeting().await;
    assert_eq!(visitor.client().windows().await.unwrap().len(), 1);
    visitor.in_tool("#leave").await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    visitor.click("[data-card=left] [data-do=back]").await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.violations().await, [""; 0]);
    has_no_cookie(&visitor).await;
}

/// As in Safari before 18.4: the frame keeps storage and no cookie, a window of its own keeps cookies.
#[tokio::test]
async fn a_frame_without_cookies_remembers_by_its_own_storage() {
    let stage = Stage::own();
    let activity = stage.activity("Class by storage");
    let visitor = Visitor::new(Cookies::NoneInFrames, 900).await;
    visitor.open(&stage.address(&activity, "tessa", "")).await;
    visitor.in_tool("#join").await;
    let place = visitor.script("return location.search").await;
    assert!(place.as_str().unwrap().starts_with("?v="), "{place}");
    // A while later the page renews the session in every form of it, and beside its place in the history.
    let token = "return document.querySelector('#carried [name=session_token]').value";
    let before = visitor.script(token).await;
    let age = "const real = Date.now; Date.now = () => real() + 1_200_000; \
               document.dispatchEvent(new Event('visibilitychange'))";
    visitor.client().execute(age, vec![]).await.unwrap();
    let renewed = async |me: &Visitor| (me.script(token).await != before).then_some(());
    visitor.until("a renewed session", renewed).await;
    let same = "const all = [...document.querySelectorAll('[name=session_token]')].map((field) => field.value); \
                return all.every((one) => one === history.state.sessionToken)";
    assert_eq!(visitor.script(same).await, true);
    assert_eq!(visitor.script("return location.search").await, place);
    // Reloaded, and come back to by the browser's history, the page is there.
    visitor.reloads().await;
    visitor.in_tool("#settings-link").await;
    visitor.in_tool("#settings-link").await.click().await.unwrap();
    visitor.in_tool("#settings #back").await.click().await.unwrap();
    visitor.in_tool("#join").await;
    visitor.click("#join").await;
    visitor.to_window(2).await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    let address = visitor.client().current_url().await.unwrap();
    assert!(address.path().ends_with("/meeting"), "{address}");
    let query = address.query().unwrap_or_default();
    assert!(query.starts_with("v=") && query.len() < 20, "{address}");
    visitor.client().refresh().await.unwrap();
    visitor.in_meeting().await;
}

/// The address of the frame, taken out of it: it opens nothing in a window, nor in a frame of another page.
#[tokio::test]
async fn what_somebody_copies_out_of_the_frame_opens_nothing() {
    let stage = stage("moodle");
    let activity = stage.activity("Class that is passed on");
    let visitor = Visitor::new(Cookies::AllBlocked, 900).await;
    visitor.open(&stage.address(&activity, "tessa", "")).await;
    visitor.in_tool("#join").await;
    let address = visitor.script("return location.href").await.as_str().unwrap().to_owned();
    assert!(address.contains("?v="), "{address}");
    visitor.to_page().await;
    let show = "document.getElementById('tool-frame').src = arguments[0]";
    visitor.client().execute(show, vec![address.clone().into()]).await.unwrap();
    visitor.in_tool("#refused[data-code=session-missing]").await;
    visitor.to_page().await;
    visitor.open(&address).await;
    visitor.see("#refused[data-code=session-missing]").await;
}
