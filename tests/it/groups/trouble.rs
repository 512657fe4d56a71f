//! Lists of groups that no platform should send, and platforms that send none.

use jitsi_lti::demo::lms::{Fault, FaultAt, MembershipPages};

use crate::support::{Backend, MINUTE, TestTool, on_both};

on_both!(
    a_platform_in_trouble_keeps_nobody_out,
    hostile_lists_are_bounded_and_named,
    a_long_list_is_read_page_by_page,
);

async fn service(backend: Backend) -> TestTool {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.family, now.offer_groups) = ("desire2learn".to_owned(), true));
    tool.gives_groups_rooms("1").await;
    tool
}

async fn a_platform_in_trouble_keeps_nobody_out(backend: Backend) {
    let tool = service(backend).await;
    let tessa = tool.browser();
    let (whole, _) = tessa.lands("tessa", "1").await;
    tool.later(6 * MINUTE);
    let troubles = [
        (Fault::ServerError, "error"),
        (Fault::Html, "garbled"),
        (Fault::Garbage, "garbled"),
        (Fault::TenMegabytes, "garbled"),
        (Fault::TooManyRequests, "busy"),
        (Fault::Hangup, "unreachable"),
    ];
    for (trouble, code) in troubles {
        tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), FaultAt::Groups));
        let ana = tool.browser();
        assert_eq!(ana.lands("ana", "1").await, (whole.clone(), String::new()), "{code}");
        tessa.lands("tessa", "1").await;
        let page = tessa.opens(format!("{}/groups", whole.path())).await;
        assert_eq!(page.attr("#groups-trouble", "data-code"), code);
        // What was known before is still there.
        assert_eq!(page.groups(), ["Blue", "Red"], "{code}");
    }
    tool.lms.behaviour().set(|now| now.fault = None);
    let (red, _) = tool.browser().lands("ana", "1").await;
    assert_ne!(red, whole);
    tessa.lands("tessa", "1").await;
    assert!(!tessa.opens(format!("{}/groups", whole.path())).await.body.contains("groups-trouble"));
}

async fn hostile_lists_are_bounded_and_named(backend: Backend) {
    let tool = service(backend).await;
    let tessa = tool.browser();
    for pages in [MembershipPages::ToThemselves, MembershipPages::Elsewhere] {
        tool.later(6 * MINUTE);
        tool.lms.behaviour().set(|now| now.membership_pages = pages);
        let (whole, _) = tessa.lands("tessa", "1").await;
        let page = tessa.opens(format!("{}/groups", whole.path())).await;
        assert_eq!(page.attr("#groups-trouble", "data-code"), "garbled", "{pages:?}");
    }
    tool.later(6 * MINUTE);
    tool.lms.behaviour().set(|now| {
        (now.membership_pages, now.group_crowd, now.page_size) = (MembershipPages::Endless, 5_000, Some(400));
    });
    tessa.lands("tessa", "1").await;
    let known = tool.count("course_group").await;
    assert!((100..=502).contains(&known), "{known}");
}

async fn a_long_list_is_read_page_by_page(backend: Backend) {
    let tool = service(backend).await;
    tool.later(6 * MINUTE);
    tool.lms.behaviour().set(|now| {
        (now.group_crowd, now.page_size, now.broken_link_header) = (40, Some(7), true);
    });
    let tessa = tool.browser();
    let (whole, _) = tessa.lands("tessa", "1").await;
    let page = tessa.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(page.groups().len(), 42);
}
