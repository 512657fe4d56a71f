//! The contract of short-lived state, kept by memory and by Redis alike.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jitsi_lti::clock::{FakeClock, Timestamp};
use jitsi_lti::ephemeral::{Consumed, Ephemeral, Epoch, MemoryEphemeral, RedisEphemeral};
use jitsi_lti::ids::Random;
use secrecy::SecretString;

use crate::support::{Backend, NOW, Redis, on_both, redis_url};

on_both!(
    of_sixty_four_uses_one_is_the_first,
    an_epoch_lasts_and_another_is_forgotten,
    what_is_put_once_stays_until_it_is_taken,
    of_sixty_four_takers_one_gets_it,
    what_is_over_is_gone,
    events_are_counted_until_the_window_ends,
    nothing_alive_is_thrown_out,
);

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(80);

/// A store, and what lets its time pass.
struct Store {
    store: Arc<dyn Ephemeral>,
    clock: Option<Arc<FakeClock>>,
    /// Keys are of one story: Redis is shared.
    prefix: String,
}

impl Store {
    fn new(backend: Backend) -> Self {
        let prefix = Random::System.letters_and_digits(12);
        match backend {
            Backend::Sqlite => {
                let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
                let store = Arc::new(MemoryEphemeral::new(clock.clone(), &Random::System, None));
                Self { store, clock: Some(clock), prefix }
            }
            Backend::Postgres => Self { store: redis(&redis_url()), clock: None, prefix },
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    async fn passes(&self, span: Duration) {
        match &self.clock {
            Some(clock) => clock.advance(span),
            None => tokio::time::sleep(span).await,
        }
    }
}

fn redis(url: &str) -> Arc<RedisEphemeral> {
    Arc::new(RedisEphemeral::new(&SecretString::from(url), Random::System).unwrap())
}

/// Runs `work` sixty-four times at once, on all cores.
async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(work: impl Fn() -> F) -> Vec<T> {
    let tasks: Vec<_> = (0..64).map(|_| tokio::spawn(work())).collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

async fn of_sixty_four_uses_one_is_the_first(backend: Backend) {
    let here = Store::new(backend);
    let epoch = here.store.epoch().await.unwrap();
    for round in 0..4 {
        let key = here.key(&round.to_string());
        let answers = race(|| {
            let (store, key, epoch) = (Arc::clone(&here.store), key.clone(), epoch.clone());
            async move { store.consume(&key, &epoch, LONG).await.unwrap() }
        })
        .await;
        let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
        assert_eq!((count(Consumed::First), count(Consumed::Again)), (1, 63));
    }
}

async fn an_epoch_lasts_and_another_is_forgotten(backend: Backend) {
    let here = Store::new(backend);
    let epoch = here.store.epoch().await.unwrap();
    assert_eq!(here.store.epoch().await.unwrap(), epoch);
    let key = here.key("a");
    for other in [String::new(), "x".to_owned(), format!("{}x", epoch.0)] {
        assert_eq!(here.store.consume(&key, &Epoch(other), LONG).await.unwrap(), Consumed::Forgotten);
    }
    assert_eq!(here.store.consume(&key, &epoch, LONG).await.unwrap(), Consumed::First);
    assert_eq!(here.store.consume(&key, &epoch, LONG).await.unwrap(), Consumed::Again);
}

async fn what_is_put_once_stays_until_it_is_taken(backend: Backend) {
    let here = Store::new(backend);
    let key = here.key("code");
    let value: &[u8] = &[0, 255, 10, 13, b'x'];
    assert_eq!(here.store.take(&key).await.unwrap(), None);
    assert!(here.store.put_once(&key, value, LONG).await.unwrap());
    assert!(!here.store.put_once(&key, b"other", LONG).await.unwrap());
    assert_eq!(here.store.take(&key).await.unwrap().as_deref(), Some(value));
    assert_eq!(here.store.take(&key).await.unwrap(), None);
    assert!(here.store.put_once(&key, b"again", LONG).await.unwrap());
    assert!(here.store.put_once(&here.key("another"), b"", LONG).await.unwrap());
}

async fn of_sixty_four_takers_one_gets_it(backend: Backend) {
    let here = Store::new(backend);
    let key = here.key("code");
    let kept = race(|| {
        let (store, key) = (Arc::clone(&here.store), key.clone());
        async move { store.put_once(&key, b"x", LONG).await.unwrap() }
    })
    .await;
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
    let taken = race(|| {
        let (store, key) = (Arc::clone(&here.store), key.clone());
        async move { store.take(&key).await.unwrap() }
    })
    .await;
    assert_eq!(taken.iter().flatten().count(), 1);
}

async fn what_is_over_is_gone(backend: Backend) {
    let here = Store::new(backend);
    let (code, used) = (here.key("code"), here.key("used"));
    let epoch = here.store.epoch().await.unwrap();
    assert!(here.store.put_once(&code, b"x", SHORT).await.unwrap());
    assert_eq!(here.store.consume(&used, &epoch, SHORT).await.unwrap(), Consumed::First);
    here.passes(SHORT * 2).await;
    assert_eq!(here.store.take(&code).await.unwrap(), None);
    assert!(here.store.put_once(&code, b"y", LONG).await.unwrap());
    assert_eq!(here.store.consume(&used, &epoch, LONG).await.unwrap(), Consumed::First);
    assert_eq!(here.store.consume(&used, &epoch, LONG).await.unwrap(), Consumed::Again);
}

async fn events_are_counted_until_the_window_ends(backend: Backend) {
    let here = Store::new(backend);
    let key = here.key("hits");
    let mut counts = race(|| {
        let (store, key) = (Arc::clone(&here.store), key.clone());
        async move { store.hit(&key, LONG).await.unwrap() }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=64).collect::<Vec<u64>>());
    let brief = here.key("brief");
    assert_eq!(here.store.hit(&brief, SHORT).await.unwrap(), 1);
    here.passes(SHORT * 2).await;
    assert_eq!(here.store.hit(&brief, SHORT).await.unwrap(), 1, "the window runs from its first event");
}

async fn nothing_alive_is_thrown_out(backend: Backend) {
    let here = Store::new(backend);
    let epoch = here.store.epoch().await.unwrap();
    let keys: Vec<String> = (0..3000).map(|number| here.key(&number.to_string())).collect();
    for (number, key) in keys.iter().enumerate() {
        let life = if number % 2 == 0 { LONG } else { LONG * 2 };
        assert_eq!(here.store.consume(key, &epoch, life).await.unwrap(), Consumed::First);
    }
    for key in &keys {
        assert_eq!(here.store.consume(key, &epoch, LONG).await.unwrap(), Consumed::Again);
    }
}

#[tokio::test]
async fn a_new_process_begins_a_new_epoch_in_memory() {
    let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
    let before = MemoryEphemeral::new(clock.clone(), &Random::System, None);
    let epoch = before.epoch().await.unwrap();
    let after = MemoryEphemeral::new(clock, &Random::System, None);
    assert_eq!(after.consume("a", &epoch, LONG).await.unwrap(), Consumed::Forgotten);
}

#[tokio::test]
async fn redis_forgets_the_epoch_with_its_memory() {
    let mut server = Redis::start().await;
    let (one, two) = (redis(&server.url()), redis(&server.url()));
    let epoch = one.epoch().await.unwrap();
    assert_eq!(two.epoch().await.unwrap(), epoch, "processes share an epoch");
    assert_eq!(one.consume("a", &epoch, LONG).await.unwrap(), Consumed::First);
    assert_eq!(two.consume("a", &epoch, LONG).await.unwrap(), Consumed::Again);
    server.command("FLUSHALL").await.unwrap();
    for store in [&one, &two] {
        assert_eq!(store.consume("a", &epoch, LONG).await.unwrap(), Consumed::Forgotten);
    }
    let second = one.epoch().await.unwrap();
    assert_ne!(second, epoch);
    assert_eq!(two.consume("a", &second, LONG).await.unwrap(), Consumed::First);
    server.goes_down();
    assert!(one.consume("b", &second, LONG).await.is_err());
    assert!(one.put_once("b", b"", LONG).await.is_err());
    server.comes_up().await;
    assert_eq!(one.consume("b", &second, LONG).await.unwrap(), Consumed::Forgotten);
    assert_ne!(one.epoch().await.unwrap(), second);
}
