//! The administrator's log of launches.

use std::time::Duration;

use jitsi_lti::demo::lms::Tamper;

use crate::support::{Backend, DEPLOYMENT, NOW, TestTool, form, on_both};

on_both!(
    each_launch_is_logged_with_the_checks_that_it_passed,
    the_log_holds_no_name_no_address_and_no_token,
    the_log_is_written_before_the_process_ends,
);

const ALL: &str = "state form platform key token single-use claims browser cookie";

async fn each_launch_is_logged_with_the_checks_that_it_passed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows = [
        (None, "entered", ALL),
        (Some(Tamper::NoKid), "token-key-missing", "state"),
        (Some(Tamper::NotJson), "token-malformed", "state"),
        (Some(Tamper::WrongKid), "token-key-unknown", "state form platform"),
        (Some(Tamper::Expired), "token-expired", "state form platform key"),
        (Some(Tamper::StrangerKey), "token-signature", "state form platform key"),
        (Some(Tamper::MissingRoles), "roles-missing", "state form platform key token single-use"),
        (Some(Tamper::LoginRequired), "platform-login-required", ""),
    ];
    for (tamper, _, _) in &rows {
        if let Some(tamper) = tamper {
            tool.lms.knobs().tamper_next(tamper.clone());
        }
        tool.browser().launches("ana", "1").await;
        tool.later(Duration::from_secs(1));
    }
    tool.browser().without_cookies().launches("ana", "1").await;
    tool.later(Duration::from_secs(1));
    tool.browser().brings(&form(&[("state", "guess"), ("id_token", "x")])).await;
    let log = tool.launch_log(rows.len() + 2).await;
    for ((record, (_, outcome, passed)), second) in log.iter().zip(&rows).zip(NOW..) {
        assert_eq!((record.outcome.as_str(), record.passed.as_str()), (*outcome, *passed));
        assert_eq!(record.at, second * 1000);
        assert_eq!(record.platform_id.is_some(), passed.contains("state"), "{outcome}");
        let deployment = passed.contains("form").then(|| DEPLOYMENT.to_owned());
        assert_eq!(record.deployment_id, deployment, "{outcome}");
        assert_eq!(record.detail.is_none(), *outcome == "entered", "{outcome}");
    }
    let rest: Vec<(&str, &str)> =
        log[rows.len()..].iter().map(|one| (one.outcome.as_str(), one.passed.as_str())).collect();
    assert_eq!(
        rest,
        [("cookies-blocked", &ALL[..ALL.len() - " browser cookie".len()]), ("state-unreadable", "")]
    );
}

async fn the_log_holds_no_name_no_address_and_no_token(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.lms.knobs().tamper_next(Tamper::MissingRoles);
    tool.browser().launches("ana", "1").await;
    tool.launch_log(2).await;
    let lines = tool
        .texts(
            "SELECT COALESCE(pseudonym,'') || ' ' || outcome || ' ' || passed || ' ' || COALESCE(detail,'') || ' ' \
             || request_id AS value FROM launch_log ORDER BY at, id",
        )
        .await;
    for line in &lines {
        for private in ["ana", "Ana", "Silva", "riverside.example", "eyJhbGci"] {
            assert!(!line.contains(private), "{private} in {line}");
        }
    }
    let pseudonyms: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(pseudonyms[0].len(), 12, "{lines:?}");
    assert_eq!(pseudonyms[0], pseudonyms[1], "the same person has the same mark");
}

async fn the_log_is_written_before_the_process_ends(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.restarts().await;
    assert_eq!(tool.count("launch_log").await, 1);
}
