//! What each page says of devices, windows and other sites.

use crate::support::{Backend, TestTool, on_both};

on_both!(devices_windows_and_other_sites_are_told_apart_by_page);

async fn devices_windows_and_other_sites_are_told_apart_by_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let meeting = ana.joins(&room).await;
    let lent = meeting.header("permissions-policy").to_owned();
    for device in ["camera", "display-capture", "microphone"] {
        let expected = format!("{device}=(self \"https://meet.campus.example\")");
        assert!(lent.contains(&expected), "{lent}");
    }
    assert!(lent.contains("geolocation=()"), "{lent}");
    // Whoever opened the meeting's window from a frame keeps hold of it.
    assert_eq!(meeting.header("cross-origin-opener-policy"), "unsafe-none");
    // The activity's page lends nothing, and has to see what the platform's frame leaves to it.
    let activity = ana.opens(room.path()).await.header("permissions-policy").to_owned();
    for device in ["camera=(self)", "display-capture=(self)", "microphone=(self)", "geolocation=()"] {
        assert!(activity.contains(device), "{activity}");
    }
    for path in ["/nowhere", "/lti/jwks", "/healthz", "/admin", "/lti/config", "/assets/css/app.css"] {
        let page = ana.opens(path).await;
        let policy = page.header("permissions-policy");
        for device in ["camera=()", "display-capture=()", "microphone=()", "geolocation=()"] {
            assert!(policy.contains(device), "{path}: {policy}");
        }
    }
    for (path, site) in [
        (room.path(), "same-origin"),
        ("/nowhere", "same-origin"),
        ("/admin", "same-origin"),
        ("/assets/css/app.css", "same-origin"),
        ("/assets/js/room.js", "same-origin"),
        ("/assets/icons/icon.svg", "cross-origin"),
        ("/lti/jwks", "cross-origin"),
        ("/jitsi/jwks", "cross-origin"),
        ("/lti/config.json", "cross-origin"),
    ] {
        assert_eq!(ana.opens(path).await.header("cross-origin-resource-policy"), site, "{path}");
    }
    assert_eq!(ana.opens("/lti/config").await.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(ana.opens(room.path()).await.header("cross-origin-opener-policy"), "unsafe-none");
}
