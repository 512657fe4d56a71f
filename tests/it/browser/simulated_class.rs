//! Real visitors in a simulated class: its time is theirs as well, and no page is confused by it afterwards.

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn visitors_get_the_time_of_a_simulated_class() {
    attend(Cookies::Allowed).await;
}

#[tokio::test]
async fn visitors_get_the_time_of_a_simulated_class_where_third_party_cookies_are_blocked() {
    attend(Cookies::ThirdPartyBlocked).await;
}

async fn attend(cookies: Cookies) {
    let stage = Stage::own();
    let activity = stage.activity("Class of fourteen");
    let line_item =
        stage.lms.line_items("101").into_iter().find(|item| item.label == activity.title).unwrap().id;
    let (teacher, ana) = futures::join!(Visitor::new(cookies, 1000), Visitor::new(cookies, 700));
    for (visitor, person) in [(&teacher, "tessa"), (&ana, "ana")] {
        visitor.open(&stage.address(&activity, person, "")).await;
        visitor.in_tool("#join").await;
        visitor.click("#join").await;
        visitor.to_window(2).await;
        visitor.in_meeting().await;
    }
    teacher.click("#simulate").await;
    teacher.see("#class[data-phase=running]").await;
    for minute in [15, 30, 45] {
        let at_minute = format!("#class-bar[value='{minute}'], #class[data-phase=over]");
        teacher.find(&at_minute).await;
        for visitor in [&teacher, &ana] {
            let state = "return parent.document.documentElement.dataset.presence";
            visitor.to_page().await;
            assert_eq!(visitor.attribute("html", "data-presence").await, "counting", "{state}");
            visitor.in_meeting().await;
        }
    }
    teacher.see("#class[data-phase=over]").await;
    // Both are still there; a learner's grade is sent when they leave.
    ana.to_page().await;
    ana.click("#leave").await;
    ana.see("[data-card=left]").await;

    let desk = ana;
    desk.open(&stage.address(&activity, "tessa", "")).await;
    desk.in_tool("[data-person='Ana Silva'][data-here=no]").await;
    for (person, here) in [("Ana Silva", "no"), ("Tessa Marlow", "yes")] {
        let row = format!("[data-person='{person}'][data-here={here}]");
        let minutes: u64 = desk.attribute(&row, "data-minutes").await.parse().unwrap();
        assert!((45..=46).contains(&minutes), "{person} was there for {minutes} minutes");
    }
    desk.find("#grades [data-learner='Ana Silva'][data-state=sent]").await;
    assert_eq!(desk.attribute("[data-learner='Ana Silva']", "data-sent-grade").await, "100");
    assert_eq!(stage.lms.grade(&line_item, "ana").unwrap().shown(), Some(100.0));
    // The class took a moment, and so the list of participants is as new as it looks.
    assert_eq!(desk.attribute("#participants", "data-learners").await, "16");
    assert_eq!(desk.read("#participants [data-age]").await, "just now");
    for visitor in [&teacher, &desk] {
        assert_eq!(visitor.complaints().await, [""; 0]);
    }
    no_false_alarms(&stage, &desk).await;
}

/// The administrator's pages know of nothing that is wrong.
async fn no_false_alarms(stage: &Stage, visitor: &Visitor) {
    visitor.to_page().await;
    visitor.open(stage.admin_url.as_str()).await;
    visitor.click("#enter").await;
    visitor.see("#checks[data-ready=yes]").await;
    assert_eq!(visitor.read("#checks-title").await, "Everything is ready for classes");
    assert!(!visitor.sees("#checks .badge--warn, #trouble").await);
    visitor.click("#platforms tbody a").await;
    visitor.see("#launches").await;
    assert!(!visitor.sees(".badge--warn, .notice--warn, .notice--bad").await);
    let page = visitor.client().current_url().await.unwrap();
    visitor.open(page.as_str()).await;
    visitor.click("#test").await;
    visitor.see("#findings").await;
    assert!(!visitor.sees("#findings .badge--bad").await);
}
