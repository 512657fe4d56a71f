//! One browser that opens many activities: its cookies stay far below what proxies take.

use std::time::Duration;

use jitsi_lti::demo::lms::{LmsActivity, Visit};

use crate::support::{Backend, Browser, TestTool, on_both};

on_both!(
    sixty_activities_in_one_browser_keep_a_small_cookie_header,
    sixty_activities_of_a_partition_keep_a_small_cookie_header,
    logins_that_never_came_back_do_not_push_rooms_out,
    a_launch_keeps_the_cookie_that_its_login_proved,
);

/// Apache takes 8190 bytes, nginx 8 KiB; other cookies of the site come beside ours.
const MAX_HEADER: usize = 4_096;
const ACTIVITIES: usize = 60;
/// So many rooms are open at once, whatever the browser.
const OPEN: usize = 8;

fn header(browser: &Browser) -> usize {
    let cookies = browser.cookies();
    cookies.iter().map(|(name, value)| name.len() + value.len() + 3).sum::<usize>() + "Cookie: ".len()
}

/// Opens all activities, one after the other; gives the addresses of their rooms.
async fn opens_all(tool: &TestTool, browser: &Browser) -> Vec<String> {
    let mut places = Vec::new();
    for number in 0..ACTIVITIES {
        let id = format!("many{number}");
        let activity = LmsActivity { id: id.clone(), ..LmsActivity::new("101", &format!("Class {number}")) };
        tool.lms.add_activity(activity).unwrap();
        tool.later(Duration::from_secs(1));
        let launched = browser.launches("tessa", &id).await;
        launched.assert_enters();
        places.push(launched.header("location").to_owned());
        assert!(header(browser) < MAX_HEADER, "{number}: {}", header(browser));
    }
    places
}

async fn sixty_activities_in_one_browser_keep_a_small_cookie_header(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let places = opens_all(&tool, &browser).await;
    for place in &places[ACTIVITIES - OPEN..] {
        browser.opens(place).await.assert_says("Tessa Marlow");
    }
    // The first ones are told to come in through the course, and do.
    browser.opens(&places[0]).await.assert_refused(401, "session-missing");
    browser.launches("tessa", "many0").await.assert_enters();
    browser.opens(&places[0]).await.assert_says("Class 0");
    assert!(header(&browser) < MAX_HEADER);
}

async fn sixty_activities_of_a_partition_keep_a_small_cookie_header(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().of_a_partition();
    let places = opens_all(&tool, &browser).await;
    assert!(browser.cookies().keys().all(|name| name.ends_with("-p")));
    for place in &places[ACTIVITIES - OPEN..] {
        browser.opens(place).await.assert_says("Tessa Marlow");
    }
}

async fn logins_that_never_came_back_do_not_push_rooms_out(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await;
    room.assert_enters();
    for _ in 0..ACTIVITIES {
        browser.prepares("tessa", "2").await;
        assert!(header(&browser) < MAX_HEADER, "{}", header(&browser));
    }
    browser.opens(room.header("location")).await.assert_says("Tessa Marlow");
    let waiting = browser.cookies().keys().filter(|name| name.starts_with("__Host-login-")).count();
    assert_eq!(waiting, 16, "as many as a course page may show at once");
    browser.launches("tessa", "2").await.assert_enters();
}

async fn a_launch_keeps_the_cookie_that_its_login_proved(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (browser, partitioned) in [(tool.browser(), false), (tool.browser().of_a_partition(), true)] {
        let page = browser.launches("ana", "1").await;
        let cookies = page.set_cookies();
        let kept: Vec<&String> = cookies.iter().filter(|line| !line.contains("Max-Age=0")).collect();
        assert_eq!(kept.len(), 1, "{cookies:?}");
        assert_eq!(kept[0].ends_with("; Partitioned"), partitioned);
        // The login of the next launch sets the right one at once.
        let login = browser.logs_in(&tool.lms.login_initiation(&Visit::new("ana", "2")).unwrap()).await;
        assert_eq!(login.set_cookies().len(), 1);
        assert_eq!(login.set_cookies()[0].ends_with("; Partitioned"), partitioned);
    }
}
