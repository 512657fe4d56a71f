//! Sessions: one a room, sealed, sliding with use, and worth nothing elsewhere.

use std::time::Duration;

use jitsi_lti::lti::registration::platform::Status;

use crate::support::{Backend, Browser, Room, TestTool, on_both};

on_both!(
    a_session_of_one_room_is_none_in_another,
    a_session_ends_four_hours_after_its_last_use,
    a_session_in_use_lives_twelve_hours_and_no_longer,
    a_session_is_renewed_at_most_every_five_minutes,
    changed_or_foreign_cookies_are_no_session,
    one_cookie_of_the_pair_is_enough,
    who_is_switched_off_is_out_at_the_next_request,
    a_blocked_person_cannot_launch_again,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

async fn entered(tool: &TestTool) -> (Browser, Room) {
    let browser = tool.browser();
    let room = browser.launches("ana", "1").await.assert_enters();
    (browser, room)
}

/// Opens a page with these cookies alone, which name their session.
async fn with_cookies(tool: &TestTool, room: &Room, cookies: &str) -> String {
    let name = cookies.split("__Host-room-").nth(1).and_then(|rest| rest.split('=').next()).unwrap();
    let place = format!("{}?v={}", room.path(), &name[..12]);
    let request = tool.browser().raw("GET", &place).header("cookie", cookies);
    crate::support::Page::read(request.send().await.unwrap()).await.outcome()
}

async fn a_session_of_one_room_is_none_in_another(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, first) = entered(&tool).await;
    let tessa = tool.browser();
    let second = tessa.launches("tessa", "2").await.assert_enters();
    ana.opens(second.path()).await.assert_refused(401, "session-missing");
    ana.opens(second.meeting()).await.assert_refused(401, "session-missing");
    tessa.opens(first.path()).await.assert_refused(401, "session-missing");
    // Nor does a cookie under another room's name help.
    let (name, value) = ana.cookies().into_iter().next().unwrap();
    assert_eq!(with_cookies(&tool, &second, &format!("{name}={value}")).await, "401 session-missing");
    let (theirs, _) = tessa.cookies().into_iter().next().unwrap();
    assert_eq!(with_cookies(&tool, &second, &format!("{theirs}={value}")).await, "401 session-missing");
    let page = tessa.opens(second.path()).await;
    let form = crate::support::form(&[
        ("csrf", &page.field("csrf")),
        ("session_token", &page.field("session_token")),
    ]);
    tessa.submits(&first.meeting(), &form).await.assert_refused(401, "session-missing");
}

async fn a_session_ends_four_hours_after_its_last_use(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    tool.later(4 * HOUR);
    ana.opens(room.path()).await.assert_says("Ana Silva");
    tool.later(4 * HOUR + MINUTE);
    for path in [room.path(), &room.meeting()] {
        ana.opens(path).await.assert_refused(401, "session-expired");
    }
    assert_eq!(ana.launches("ana", "1").await.assert_enters(), room);
    ana.opens(room.path()).await.assert_says("Ana Silva");
}

async fn a_session_in_use_lives_twelve_hours_and_no_longer(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    for _ in 0..4 {
        tool.later(3 * HOUR);
        assert_eq!(ana.opens(room.path()).await.status, 200);
    }
    tool.later(MINUTE);
    ana.opens(room.path()).await.assert_refused(401, "session-expired");
}

async fn a_session_is_renewed_at_most_every_five_minutes(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    for (wait, renewed) in [(1, 0), (3, 0), (1, 1), (4, 0), (1, 1)] {
        tool.later(wait * MINUTE);
        assert_eq!(ana.opens(room.path()).await.set_cookies().len(), renewed);
    }
}

async fn changed_or_foreign_cookies_are_no_session(backend: Backend) {
    let (tool, other) = (TestTool::start(backend).await, TestTool::start(backend).await);
    let (ana, room) = entered(&tool).await;
    let (name, value) = ana.cookies().into_iter().next().unwrap();
    let mut turned = value.clone();
    turned.replace_range(40..41, if &value[40..41] == "A" { "B" } else { "A" });
    for bad in ["", "x", &turned, &value[..value.len() - 3], &format!("{value}AAAA")] {
        assert_eq!(
            with_cookies(&tool, &room, &format!("{name}={bad}")).await,
            "401 session-missing",
            "{bad}"
        );
    }
    // A login's state is sealed by the same installation, for another purpose.
    let launch = ana.prepares("ana", "1").await;
    let state = &launch.iter().find(|(name, _)| name == "state").unwrap().1;
    assert_eq!(with_cookies(&tool, &room, &format!("{name}={state}")).await, "401 session-missing");
    // Beside a good one a bad one does no harm: cookies of a parent domain may come along.
    assert_eq!(with_cookies(&tool, &room, &format!("{name}=x; {name}={value}")).await, "200 ");
    // The same secret at another installation's database opens no room there.
    assert_eq!(with_cookies(&other, &room, &format!("{name}={value}")).await, "404 room-unknown");
}

async fn one_cookie_of_the_pair_is_enough(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    let cookies = ana.cookies();
    assert_eq!(cookies.len(), 1, "the login proved which one of the pair comes back");
    for (name, value) in cookies {
        for name in [name.clone(), format!("{name}-p")] {
            assert_eq!(with_cookies(&tool, &room, &format!("a=b; {name}={value};  c=d")).await, "200 ");
        }
    }
}

async fn who_is_switched_off_is_out_at_the_next_request(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    let join = ana.opens(room.path()).await;
    let form = crate::support::form(&[
        ("csrf", &join.field("csrf")),
        ("session_token", &join.field("session_token")),
    ]);
    let refused = async |code| {
        ana.opens(room.path()).await.assert_refused(403, code);
        ana.submits(&room.meeting(), &form).await;
        let meeting = ana.opens(room.meeting()).await;
        meeting.assert_refused(403, code);
    };
    tool.sets_platform(Status::Disabled).await;
    refused("platform-disabled").await;
    tool.sets_platform(Status::Active).await;
    tool.sql("UPDATE deployment SET status = 'disabled'").await;
    refused("deployment-disabled").await;
    tool.sql("UPDATE deployment SET status = 'active'").await;
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    refused("user-blocked").await;
    tool.sql("UPDATE lti_user SET status = 'active'").await;
    ana.opens(room.path()).await.assert_says("Ana Silva");
}

async fn a_blocked_person_cannot_launch_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (_, room) = entered(&tool).await;
    tool.sql("UPDATE lti_user SET status = 'disabled' WHERE sub = 'ana'").await;
    let page = tool.browser().launches("ana", "1").await;
    page.assert_refused(403, "user-blocked");
    assert!(page.set_cookies().is_empty());
    // A new name does not lift the block.
    let mut person = tool.lms.person("ana").unwrap();
    person.name = Some("Somebody Else".to_owned());
    tool.lms.add_person(person);
    tool.browser().launches("ana", "1").await.assert_refused(403, "user-blocked");
    assert_eq!(tool.browser().launches("tessa", "1").await.assert_enters(), room);
}
