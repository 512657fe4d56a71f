//! One id_token opens one session, whatever happens.

use futures::future::join_all;

use crate::support::{Backend, Redis, Setup, TestTool, on_both};

on_both!(
    of_eight_posts_at_once_one_enters,
    a_launch_works_once,
    a_replay_after_a_restart_is_refused,
    a_launch_begun_before_a_restart_says_open_it_again,
    a_bad_token_does_not_use_up_the_login,
);

async fn of_eight_posts_at_once_one_enters(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for _ in 0..3 {
        let browser = tool.browser();
        let launch = browser.prepares("ana", "1").await;
        let answers = join_all((0..8).map(|_| browser.brings(&launch))).await;
        let mut outcomes: Vec<String> = answers.iter().map(|answer| answer.outcome()).collect();
        outcomes.sort();
        // A state may be tried five times, whoever comes first.
        let mut expected = vec!["400 state-used"; 4];
        expected.extend(["429 state-tried-too-often"; 3]);
        expected.push("enters");
        assert_eq!(outcomes, expected);
    }
}

async fn a_launch_works_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    browser.brings(&launch).await.assert_enters();
    browser.brings(&launch).await.assert_refused(400, "state-used");
    tool.browser().brings(&launch).await.assert_refused(400, "state-used");
    browser.launches("ana", "1").await.assert_enters();
}

async fn a_replay_after_a_restart_is_refused(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    let room = browser.brings(&launch).await.assert_enters();
    tool.restarts().await;
    // Memory forgot that the state was used; Redis did not.
    let code = if backend == Backend::Sqlite { "state-forgotten" } else { "state-used" };
    browser.brings(&launch).await.assert_refused(400, code);
    browser.opens(room.path()).await.assert_says("Ana Silva");
    assert_eq!(browser.launches("ana", "1").await.assert_enters(), room);
}

async fn a_launch_begun_before_a_restart_says_open_it_again(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    tool.restarts().await;
    let expected = if backend == Backend::Sqlite { "400 state-forgotten" } else { "enters" };
    assert_eq!(browser.brings(&launch).await.outcome(), expected);
}

async fn a_bad_token_does_not_use_up_the_login(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    let spoiled = crate::support::with(launch.clone(), "id_token", Some("e30.e30.e30"));
    browser.brings(&spoiled).await;
    browser.brings(&launch).await.assert_enters();
}

#[tokio::test]
async fn a_replay_after_redis_was_emptied_is_refused() {
    let mut redis = Redis::start().await;
    let tool = Setup::new(Backend::Postgres).redis_at(&redis.url()).start().await;
    let browser = tool.browser();
    let (used, begun) = (browser.prepares("ana", "1").await, browser.prepares("ana", "1").await);
    browser.brings(&used).await.assert_enters();
    redis.command("FLUSHALL").await.unwrap();
    browser.brings(&used).await.assert_refused(400, "state-forgotten");
    let after = browser.prepares("ana", "1").await;
    // Not even now that the store began anew.
    browser.brings(&used).await.assert_refused(400, "state-forgotten");
    redis.goes_down();
    redis.comes_up().await;
    for launch in [&used, &begun, &after] {
        browser.brings(launch).await.assert_refused(400, "state-forgotten");
    }
    browser.launches("ana", "1").await.assert_enters();
}
