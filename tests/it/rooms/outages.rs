//! Database or Redis away: a page that says so, and everything as before when they are back.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Redis, Room, SECOND, Setup, TestTool, on_both};

on_both!(a_healthy_tool_says_so, while_nothing_can_be_written_readiness_and_launches_say_try_again);

async fn ready(browser: &Browser) -> (u16, Value) {
    let page = browser.opens("/readyz").await;
    (page.status, serde_json::from_str(&page.body).unwrap())
}

async fn a_healthy_tool_says_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    assert_eq!(browser.opens("/healthz").await.body, "ok\n");
    assert_eq!(ready(&browser).await, (200, json!({"ready": true, "database": true, "ephemeral": true})));
}

async fn while_nothing_can_be_written_readiness_and_launches_say_try_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, room) = entered(&tool).await;
    tool.jobs_rest().await;
    let layla = tool.browser();
    let begun = layla.prepares("layla", "1").await;
    let stop = tool.storage.stops_writes();
    let away = json!({"ready": false, "database": false, "ephemeral": true});
    tool.later(SECOND);
    assert_eq!(ready(&ana).await, (503, away.clone()));
    let refused = layla.brings(&begun).await;
    refused.assert_refused(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    // What only reads goes on.
    tool.eventually("pages are read", async || ana.opens(room.path()).await.status == 200).await;
    assert_eq!(ana.opens("/healthz").await.status, 200);
    drop(stop);
    assert_eq!(ready(&ana).await, (503, away), "nobody makes the database work by asking");
    tool.eventually("it can be written again", async || {
        tool.later(SECOND);
        ready(&ana).await.0 == 200
    })
    .await;
    assert_eq!(layla.launches("layla", "1").await.assert_enters(), room);
}

async fn entered(tool: &TestTool) -> (Browser, Room) {
    let browser = tool.browser();
    let room = browser.launches("ana", "1").await.assert_enters();
    (browser, room)
}

#[tokio::test]
async fn without_its_database_the_tool_says_try_again_and_recovers() {
    let tool = TestTool::start(Backend::Postgres).await;
    let (ana, room) = entered(&tool).await;
    tool.jobs_rest().await;
    let begun = ana.prepares("ana", "1").await;
    tool.storage.goes_down();
    ana.opens(room.path()).await.assert_refused(503, "unavailable");
    let refused = ana.brings(&begun).await;
    refused.assert_refused(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    let login = tool.lms.login_initiation(&jitsi_lti::demo::lms::Visit::new("ana", "1")).unwrap();
    ana.logs_in(&login).await.assert_refused(503, "unavailable");
    assert_eq!(ready(&ana).await, (503, json!({"ready": false, "database": false, "ephemeral": true})));
    assert_eq!(ana.opens("/healthz").await.status, 200);
    assert_eq!(ana.opens("/lti/jwks").await.status, 200);
    tool.storage.comes_back();
    tool.eventually("it is back", async || {
        tool.later(SECOND);
        ready(&ana).await.0 == 200
    })
    .await;
    ana.opens(room.path()).await.assert_says("Ana Silva");
    // The launch that was turned away had not been used up.
    assert_eq!(ana.brings(&begun).await.assert_enters(), room);
}

#[tokio::test]
async fn without_redis_the_tool_says_try_again_and_recovers() {
    let mut redis = Redis::start().await;
    let tool = Setup::new(Backend::Postgres).redis_at(&redis.url()).start().await;
    let (ana, room) = entered(&tool).await;
    let begun = ana.prepares("ana", "1").await;
    redis.goes_down();
    ana.brings(&begun).await.assert_refused(503, "unavailable");
    assert_eq!(tool.count("lti_user").await, 1);
    ana.opens(room.path()).await.assert_says("Ana Silva");
    ana.joins(&room).await.assert_says("Ana Silva");
    redis.comes_up().await;
    assert_eq!(ready(&ana).await, (200, json!({"ready": true, "database": true, "ephemeral": true})));
    ana.brings(&begun).await.assert_refused(400, "state-forgotten");
    assert_eq!(ana.launches("ana", "1").await.assert_enters(), room);
}

#[tokio::test]
async fn readiness_tells_that_redis_is_away() {
    let mut redis = Redis::start().await;
    let tool = Setup::new(Backend::Postgres).redis_at(&redis.url()).start().await;
    redis.goes_down();
    let browser = tool.browser();
    assert_eq!(ready(&browser).await, (503, json!({"ready": false, "database": true, "ephemeral": false})));
    let login = tool.lms.login_initiation(&jitsi_lti::demo::lms::Visit::new("ana", "1")).unwrap();
    // A login may go by what was asked a second before.
    tool.eventually("a login is refused", async || browser.logs_in(&login).await.status == 503).await;
    browser.logs_in(&login).await.assert_refused(503, "unavailable");
    redis.comes_up().await;
    tool.later(SECOND);
    assert_eq!(ready(&browser).await.0, 200);
    browser.launches("ana", "1").await.assert_enters();
}
