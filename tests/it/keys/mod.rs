//! The tool's own keys: they change, and nobody who verifies notices.

use std::fs;
use std::time::Duration;

use futures::future::join_all;
use jitsi_lti::clock::Clock as _;
use jitsi_lti::db::Database;
use jitsi_lti::ids::Random;
use jitsi_lti::signing::{KeyPurpose, KeyRing, KeyState, Takeover, rotate, rotate_due_keys};
use jitsi_lti::startup::sealer;
use josekit::jwk::Jwk;
use josekit::jws::{RS256, deserialize_compact};
use serde_json::Value;

use crate::support::{Backend, Browser, Setup, Shell, TestTool, form, on_both};

on_both!(
    whoever_keeps_our_keys_for_a_day_notices_nothing,
    keys_change_by_themselves_and_once,
    a_key_is_made_from_the_page_of_the_status,
    a_key_that_leaked_is_withdrawn_at_once,
    a_key_that_an_operator_brings_takes_over,
    processes_that_tend_at_once_make_one_key,
    processes_that_begin_at_once_sign_with_one_key,
    operators_who_withdraw_at_once_leave_one_key,
    keys_that_are_brought_together_take_turns,
    whoever_asked_a_process_that_did_not_know_yet_notices_nothing,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a key is published before it signs.
const HEAD_START: Duration = Duration::from_secs(26 * 60 * 60);

/// A platform that fetches our keys when it must.
struct Verifier {
    keys: Value,
    /// When it last fetched them, in hours.
    fetched: u32,
    /// Whether a name that it does not know makes it fetch again.
    asks_again: bool,
}

async fn keys(browser: &Browser) -> Value {
    let answer = browser.opens("/lti/jwks").await;
    let kept_for = answer.header("cache-control").rsplit('=').next().unwrap().parse::<u64>().unwrap();
    assert!(kept_for <= 6 * 60 * 60);
    serde_json::from_str(&answer.body).unwrap()
}

fn kids(keys: &Value) -> Vec<String> {
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

impl Verifier {
    async fn new(browser: &Browser, asks_again: bool) -> Self {
        Self { keys: keys(browser).await, fetched: 0, asks_again }
    }

    /// Whether the message holds, at `hour`.
    async fn believes(&mut self, browser: &Browser, jwt: &str, hour: u32) -> bool {
        // Kept for as long as anybody keeps them.
        if hour - self.fetched >= 24 {
            (self.keys, self.fetched) = (keys(browser).await, hour);
        }
        if self.verify(jwt) {
            return true;
        }
        if self.asks_again {
            (self.keys, self.fetched) = (keys(browser).await, hour);
        }
        self.verify(jwt)
    }

    fn verify(&self, jwt: &str) -> bool {
        let kid = kid_of(jwt);
        self.keys["keys"].as_array().unwrap().iter().any(|key| {
            let jwk = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
            let verifier = RS256.verifier_from_jwk(&jwk).unwrap();
            key["kid"] == kid.as_str() && deserialize_compact(jwt, &verifier).is_ok()
        })
    }
}

fn kid_of(jwt: &str) -> String {
    use base64::Engine as _;
    let header =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

/// A message to the platform, signed now: a teacher adds a class to a course.
async fn message(tool: &TestTool) -> String {
    let teacher = tool.browser();
    let picker = teacher.picks("tessa", "101").await;
    let picked = teacher.chooses(&picker, &[("action", "cancel")]).await;
    picked.field("JWT")
}

/// An operator rotates the keys, at the story's time.
async fn rotates(tool: &TestTool, takeover: Takeover) {
    let sealer = sealer(&tool.config, &tool.db, &Random::System).await.unwrap();
    for purpose in KeyPurpose::ALL {
        rotate(&tool.db, &sealer, purpose, takeover, tool.clock.now(), &Random::System).await.unwrap();
    }
}

/// Waits until the tool has looked at its keys after the clock moved.
async fn publishes(tool: &TestTool, count: usize) {
    let browser = tool.browser();
    tool.eventually("the keys are read again", async || kids(&keys(&browser).await).len() == count).await;
}

async fn whoever_keeps_our_keys_for_a_day_notices_nothing(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let mut platforms = [Verifier::new(&browser, false).await, Verifier::new(&browser, true).await];
    let mut signed_by = Vec::new();
    for hour in (0..=80).step_by(2) {
        if hour == 10 {
            rotates(&tool, Takeover::Usual).await;
        }
        if hour == 20 {
            tool.restarts().await;
        }
        let jwt = message(&tool).await;
        signed_by.push(kid_of(&jwt));
        for platform in &mut platforms {
            assert!(platform.believes(&browser, &jwt, hour).await, "hour {hour}");
        }
        tool.later(2 * HOUR);
        tool.keys_are_kept().await;
    }
    signed_by.dedup();
    assert_eq!(signed_by.len(), 2, "the next key took over");
    publishes(&tool, 1).await;
    assert_eq!(
        tool.texts("SELECT private_key AS value FROM tool_key WHERE status = 'retired'").await,
        ["", ""]
    );
}

async fn keys_change_by_themselves_and_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let before = kid_of(&message(&tool).await);
    tool.later(88 * DAY);
    tool.keys_are_kept().await;
    assert_eq!(kids(&keys(&tool.browser()).await), std::slice::from_ref(&before));
    tool.later(DAY);
    publishes(&tool, 2).await;
    assert_eq!(kid_of(&message(&tool).await), before);
    tool.later(HEAD_START);
    let after = kid_of(&message(&tool).await);
    assert_ne!(after, before);
    tool.later(DAY);
    publishes(&tool, 1).await;
    assert_eq!(kids(&keys(&tool.browser()).await), [after]);
    assert_eq!(tool.count("tool_key").await, 4, "two for platforms, two for rooms");
    // Processes that rotate at the same moment make one key.
    let sealer = sealer(&tool.config, &tool.db, &Random::System).await.unwrap();
    let now = tool.clock.now();
    let make = || rotate(&tool.db, &sealer, KeyPurpose::Platforms, Takeover::Usual, now, &Random::System);
    let (one, two) = tokio::join!(make(), make());
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(made_for_platforms(&tool).await, 3);
    assert_eq!(make().await.unwrap(), now.plus(HEAD_START), "the one that waits stays");
}

async fn a_key_is_made_from_the_page_of_the_status(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (admin, browser) = (tool.administrator().await, tool.browser());
    let before = kid_of(&message(&tool).await);
    let rotate = admin.opens("/admin/status").await.field("csrf");
    let rotate = form(&[("csrf", &rotate)]);
    for _ in 0..2 {
        let done = admin.submits("/admin/status", &rotate).await;
        assert_eq!((done.status, done.header("location")), (303, "/admin/status?notice=rotated"));
        // At once, and no more than one waits.
        assert_eq!(kids(&keys(&browser).await).len(), 2);
    }
    let page = admin.opens("/admin/status").await;
    page.assert_says("The next keys are already published");
    assert!(!page.body.contains("id=\"rotate\""));
    assert_eq!(kid_of(&message(&tool).await), before);
    tool.later(HEAD_START);
    assert_ne!(kid_of(&message(&tool).await), before);
}

async fn a_key_that_leaked_is_withdrawn_at_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let leaked = kid_of(&message(&tool).await);
    rotates(&tool, Takeover::AtOnce).await;
    tool.later(Duration::from_secs(61));
    let browser = tool.browser();
    tool.eventually("the leaked key is gone", async || {
        kids(&keys(&browser).await) != std::slice::from_ref(&leaked)
    })
    .await;
    let fresh = message(&tool).await;
    assert_eq!(kids(&keys(&browser).await), [kid_of(&fresh)]);
    assert_ne!(kid_of(&fresh), leaked);
}

async fn a_key_that_an_operator_brings_takes_over(backend: Backend) {
    let mut tool = Setup::new(backend).start().await;
    let before = kid_of(&message(&tool).await);
    let pem = openssl::rsa::Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
    fs::create_dir_all(&tool.config.keys.folder).unwrap();
    let file = tool.config.keys.folder.join("campus.pem");
    fs::write(&file, &pem).unwrap();
    tool.restarts().await;
    tool.restarts().await;
    let published = kids(&keys(&tool.browser()).await);
    assert_eq!((published.len(), &published[0]), (2, &before), "published once, and a day ahead");
    tool.later(DAY);
    assert_eq!(kid_of(&message(&tool).await), before);
    tool.later(HEAD_START - DAY);
    assert_eq!(kid_of(&message(&tool).await), published[1]);
    let stored = tool.texts("SELECT private_key AS value FROM tool_key").await;
    assert!(stored.iter().all(|key| !key.contains("PRIVATE")), "sealed at rest");
}

async fn made_for_platforms(tool: &TestTool) -> i64 {
    tool.number("SELECT COUNT(*) AS value FROM tool_key WHERE purpose = 'platforms'".to_owned()).await
}

/// How many key pairs sign for platforms.
async fn signing(tool: &TestTool) -> usize {
    let (sealer, now) = (sealer(&tool.config, &tool.db, &Random::System).await.unwrap(), tool.clock.now());
    let ring = KeyRing::load(&tool.db, &sealer, now, &Random::System).await.unwrap();
    let lines = ring.list(now).into_iter().filter(|key| key.purpose == KeyPurpose::Platforms);
    lines.filter(|key| key.state == KeyState::Signs).count()
}

async fn processes_that_tend_at_once_make_one_key(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let now = tool.clock.now().plus(89 * DAY);
    join_all((0..4).map(|_| async {
        let (db, sealer) = (
            Database::new(&tool.config.data.database, tool.clock.clone(), Random::System).unwrap(),
            sealer(&tool.config, &tool.db, &Random::System).await.unwrap(),
        );
        let ring = KeyRing::load(&db, &sealer, now, &Random::System).await.unwrap();
        rotate_due_keys(&ring, &db, &sealer, tool.config.keys.rotation, now, &Random::System).await.unwrap();
        assert_eq!(ring.list(now).len(), 4, "the one that signs and the next one, for each purpose");
    }))
    .await;
    assert_eq!(made_for_platforms(&tool).await, 2);
}

async fn processes_that_begin_at_once_sign_with_one_key(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // The first start of an installation, by several processes.
    tool.sql("DELETE FROM tool_key").await;
    let kids: Vec<Value> = join_all((0..4).map(|_| async {
        let (db, sealer) = (
            Database::new(&tool.config.data.database, tool.clock.clone(), Random::System).unwrap(),
            sealer(&tool.config, &tool.db, &Random::System).await.unwrap(),
        );
        let now = tool.clock.now();
        let ring = KeyRing::load(&db, &sealer, now, &Random::System).await.unwrap();
        ring.jwk_set(KeyPurpose::Platforms, now)
    }))
    .await;
    assert_eq!(made_for_platforms(&tool).await, 1);
    assert!(kids.iter().all(|keys| *keys == kids[0]));
}

async fn operators_who_withdraw_at_once_leave_one_key(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let sealer = sealer(&tool.config, &tool.db, &Random::System).await.unwrap();
    let now = tool.clock.now();
    let withdraw =
        || rotate(&tool.db, &sealer, KeyPurpose::Platforms, Takeover::AtOnce, now, &Random::System);
    for done in join_all((0..4).map(|_| withdraw())).await {
        done.unwrap();
    }
    assert_eq!(signing(&tool).await, 1);
    let kept = "SELECT COUNT(*) AS value FROM tool_key WHERE purpose = 'platforms' AND private_key <> ''";
    assert_eq!(tool.number(kept.to_owned()).await, 1, "all others are withdrawn");
}

async fn keys_that_are_brought_together_take_turns(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    fs::create_dir_all(&tool.config.keys.folder).unwrap();
    for name in ["one.pem", "two.pem"] {
        let pem = openssl::rsa::Rsa::generate(2048).unwrap().private_key_to_pem().unwrap();
        fs::write(tool.config.keys.folder.join(name), pem).unwrap();
    }
    tool.restarts().await;
    assert_eq!(kids(&keys(&tool.browser()).await).len(), 3);
    tool.later(2 * DAY);
    assert_eq!(signing(&tool).await, 1);
}

async fn whoever_asked_a_process_that_did_not_know_yet_notices_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (sealer, made) = (sealer(&tool.config, &tool.db, &Random::System).await.unwrap(), tool.clock.now());
    let ring = KeyRing::load(&tool.db, &sealer, made, &Random::System).await.unwrap();
    rotates(&tool, Takeover::Usual).await;
    // Another process reads its keys a minute later, a cache on the way keeps its answer for an hour more, and the
    // platform keeps that one for a day.
    let until = made.plus(Duration::from_secs(59) + HOUR + DAY);
    let kept = kids(&ring.jwk_set(KeyPurpose::Platforms, made.plus(Duration::from_secs(59))));
    ring.reload(&tool.db, &sealer).await.unwrap();
    let signer = ring.signer(KeyPurpose::Platforms, until).unwrap();
    assert_eq!(kept, [kid_of(&signer.sign(&serde_json::json!({})).unwrap())]);
}

#[test]
fn an_operator_rotates_and_lists_keys() {
    let shell = Shell::new();
    let list = shell.does(&["keys", "list"]);
    assert_eq!((list.lines().count(), list.matches(" signs ").count()), (2, 4), "{list}");
    let output = shell.does(&["keys", "rotate"]);
    assert!(output.contains("platforms: the new key signs from") && output.contains(" next "), "{output}");
    assert_eq!(shell.does(&["keys", "rotate"]), output, "the one that waits stays");
    let output = shell.does(&["keys", "rotate", "--now"]);
    assert!(!output.contains(" next ") && !output.contains(" old "), "{output}");
    assert!(list.lines().all(|line| !output.contains(line.split_whitespace().nth(2).unwrap())), "{output}");
}

#[test]
fn a_file_that_is_no_key_is_named() {
    use openssl::{pkey::PKey, rsa::Rsa, symm::Cipher};
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let rsa = Rsa::generate(2048).unwrap();
    let public = text(rsa.public_key_to_pem().unwrap());
    let short = text(Rsa::generate(1024).unwrap().private_key_to_pem().unwrap());
    let key = PKey::from_rsa(rsa).unwrap();
    let sealed = text(key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_128_cbc(), b"secret").unwrap());
    let shell = Shell::new();
    shell.does(&["keys", "list"]);
    for (name, pem, reason) in [
        ("broken.pem", "no key", "holds no private key"),
        ("public.pem", &public, "holds no private key"),
        ("short.pem", &short, "cannot be used"),
        ("sealed.pem", &sealed, "protected by a password"),
    ] {
        let file = shell.file(&format!("keys/{name}"), pem);
        let output = shell.fails(&["keys", "list"], reason);
        assert!(output.err.contains(name), "{}", output.err);
        fs::remove_file(file).unwrap();
    }
    fs::create_dir(shell.folder().join("keys/folder.pem")).unwrap();
    assert!(shell.fails(&["keys", "list"], "cannot be used as a key").err.contains("folder.pem"));
}
