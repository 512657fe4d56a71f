//! A computer that two people share: the teacher in one tab, a student in another, with their meeting windows. Each page
//! stays with the person it was made for, reloaded in whatever order.

use fantoccini::wd::WindowHandle;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn teacher_and_student_share_a_browser() {
    share_a_browser(Cookies::Allowed, ["tessa", "ana"]).await;
}

#[tokio::test]
async fn student_and_teacher_share_a_browser() {
    share_a_browser(Cookies::Allowed, ["ana", "tessa"]).await;
}

#[tokio::test]
async fn they_share_it_where_third_party_cookies_are_blocked() {
    share_a_browser(Cookies::ThirdPartyBlocked, ["tessa", "ana"]).await;
}

/// Somebody's window.
struct Tab {
    person: &'static str,
    window: WindowHandle,
}

impl Tab {
    fn name(&self) -> &'static str {
        if self.person == "tessa" { "Tessa Marlow" } else { "Ana Silva" }
    }

    fn leads(&self) -> bool {
        self.person == "tessa"
    }

    async fn show(&self, visitor: &Visitor) {
        visitor.client().switch_to_window(self.window.clone()).await.unwrap();
    }
}

async fn share_a_browser(cookies: Cookies, order: [&'static str; 2]) {
    let stage = Stage::own();
    let activity = stage.activity("Shared computer");
    let visitor = Visitor::new(cookies, 900).await;
    let mut tabs = Vec::new();
    for person in order {
        if !tabs.is_empty() {
            visitor.client().new_window(true).await.unwrap();
            visitor.to_window(2).await;
        }
        visitor.open(&stage.address(&activity, person, "")).await;
        visitor.in_tool("#join").await;
        tabs.push(Tab { person, window: visitor.client().window().await.unwrap() });
    }
    // Both are open: reloaded, the earlier one first and then the other way round.
    for tab in tabs.iter().chain(tabs.iter().rev()) {
        tab.show(&visitor).await;
        visitor.in_tool("#join").await;
        visitor.reloads().await;
        check_room(&visitor, tab).await;
    }
    let mut windows = Vec::new();
    for tab in &tabs {
        tab.show(&visitor).await;
        visitor.in_tool("#join").await;
        visitor.click("#join").await;
        visitor.to_window(3 + windows.len()).await;
        visitor.in_meeting().await;
        windows.push(Tab { person: tab.person, window: visitor.client().window().await.unwrap() });
    }
    for tab in windows.iter().chain(windows.iter().rev()) {
        tab.show(&visitor).await;
        visitor.client().refresh().await.unwrap();
        check_meeting(&visitor, tab).await;
    }
    stage.written().await;
    for tab in tabs.iter().rev() {
        tab.show(&visitor).await;
        check_room(&visitor, tab).await;
        if tab.leads() {
            visitor.in_tool("[data-live=yes] [data-person='Ana Silva'][data-here=yes]").await;
            visitor.in_tool("[data-live=yes] [data-person='Tessa Marlow'][data-here=yes]").await;
        }
        assert_eq!(visitor.violations().await, [""; 0]);
    }
}

/// The room's page: the name, the own list or the own minutes, and Settings for the teacher alone.
async fn check_room(visitor: &Visitor, tab: &Tab) {
    visitor.in_tool("#join").await;
    assert_eq!(visitor.read(".person__name bdi").await, tab.name());
    assert_eq!(visitor.sees("#settings-link").await, tab.leads());
    if !tab.leads() {
        visitor.in_tool("#attendance.mine[data-minutes]").await;
        return;
    }
    visitor.in_tool("#attendance #grades").await;
    visitor.click("#settings-link").await;
    visitor.in_tool("#settings #back").await;
    visitor.click("#back").await;
    visitor.in_tool("#join").await;
}

async fn check_meeting(visitor: &Visitor, tab: &Tab) {
    visitor.in_meeting().await;
    assert_eq!(visitor.read("[data-self=true] bdi").await, tab.name());
    let role = if tab.leads() { "moderator" } else { "participant" };
    assert_eq!(visitor.attribute("#meeting", "data-role").await, role);
    visitor.to_page().await;
    visitor.find("html[data-presence=counting]").await;
}
