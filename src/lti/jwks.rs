//! Platforms' public keys: fetched once, shared, kept while the platform is down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use url::Url;

use super::id_token::PlatformKey;
use super::platform::Platform;
use crate::clock::Timestamp;
use crate::outbound::{Answer, Outbound, OutboundError};

const LARGEST_SET: usize = 256 * 1024;
const MOST_KEYS: usize = 50;
const MOST_PLATFORMS: u64 = 10_000;
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
const USUAL_LIFE: Duration = Duration::from_secs(60 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// An unknown kid may cause one fetch in this time, so that forged tokens cannot make us hammer a platform.
const UNKNOWN_KID_PAUSE: Duration = Duration::from_secs(60);
/// A platform that gave no keys at all is asked again after this time.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// Why no key was found.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// The platform has no key with this kid.
    #[error("the platform publishes no RS256 key with this kid")]
    UnknownKid,
    /// The platform's keys cannot be had, and none are kept.
    #[error("the platform's public keys cannot be fetched: {0}")]
    Unavailable(String),
}

/// The public keys of all platforms.
pub struct JwksCache {
    outbound: Outbound,
    sets: Cache<Url, Arc<Entry>>,
}

#[derive(Default)]
struct Entry {
    set: Mutex<KeySet>,
    /// Held by the one launch that fetches; the others wait for it, or go on with the key that they have.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct KeySet {
    keys: HashMap<String, PlatformKey>,
    fresh_until: Option<Timestamp>,
    asked_at: Option<Timestamp>,
    /// When the keys were asked for.
    fetched_at: Option<Timestamp>,
    failure: Option<String>,
}

impl JwksCache {
    /// An empty cache that fetches through `outbound`.
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, sets: Cache::new(MOST_PLATFORMS) }
    }

    /// The key called `kid` in the platform's set, fetched since the operator last said that older ones do not count.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §6.3 ("Key Set URL").
    /// Errors: [`JwksError::UnknownKid`] after one fetch a minute; [`JwksError::Unavailable`] when the platform does
    /// not answer and the key is not kept from an earlier answer.
    pub async fn key(
        &self,
        platform: &Platform,
        kid: &str,
        now: Timestamp,
    ) -> Result<PlatformKey, JwksError> {
        let url = &platform.jwks_url;
        let entry = self.sets.get_with_by_ref(url, Arc::default);
        entry.set().forget_before(platform.keys_since);
        if !entry.set().needs_fetch(kid, now) {
            return entry.set().find(kid);
        }
        // A platform that is slow to answer must not hold up those whose key is known, only due for a refresh.
        let known = entry.set().find(kid);
        let turn = match (entry.fetching.try_lock(), known) {
            (Ok(turn), _) => turn,
            (Err(_), Ok(key)) => return Ok(key),
            (Err(_), Err(_)) => entry.fetching.lock().await,
        };
        if entry.set().needs_fetch(kid, now) {
            let answer = self.outbound.get(url, platform.reach, LARGEST_SET).await;
            entry.set().take_in(answer.map_err(|error: OutboundError| error.to_string()), now);
        }
        drop(turn);
        entry.set().find(kid)
    }
}

impl Entry {
    fn set(&self) -> MutexGuard<'_, KeySet> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeySet {
    /// Forgets keys that were fetched before: they are not even kept for the time in which the platform is down.
    fn forget_before(&mut self, since: Timestamp) {
        if self.fetched_at.is_some_and(|at| at < since) {
            *self = Self::default();
        }
    }

    fn needs_fetch(&self, kid: &str, now: Timestamp) -> bool {
        let Some(asked_at) = self.asked_at else { return true };
        if self.fresh_until.is_some_and(|until| now < until) && self.keys.contains_key(kid) {
            return false;
        }
        let pause =
            if self.failure.is_some() && self.keys.is_empty() { FAILURE_PAUSE } else { UNKNOWN_KID_PAUSE };
        now.since(asked_at) >= pause
    }

    fn find(&self, kid: &str) -> Result<PlatformKey, JwksError> {
        match (self.keys.get(kid), &self.failure) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(reason)) => Err(JwksError::Unavailable(reason.clone())),
            (None, None) => Err(JwksError::UnknownKid),
        }
    }

    /// Replaces the keys by those in `answer`; an answer that is no key set changes nothing.
    fn take_in(&mut self, answer: Result<Answer, String>, now: Timestamp) {
        self.asked_at = Some(now);
        match answer.and_then(|answer| Ok((parse(&answer)?, life(&answer)))) {
            Ok((keys, life)) => {
                self.keys = keys;
                self.fetched_at = Some(now);
                self.fresh_until = Some(now.plus(life));
                self.failure = None;
            }
            Err(reason) => self.failure = Some(reason),
        }
    }
}

fn parse(answer: &Answer) -> Result<HashMap<String, PlatformKey>, String> {
    if answer.status != 200 {
        return Err(format!("it answered {}", answer.status));
    }
    let set: serde_json::Value =
        serde_json::from_slice(&answer.body).map_err(|error| format!("it answered no JSON ({error})"))?;
    let keys =
        set.get("keys").and_then(serde_json::Value::as_array).ok_or("its answer has no list of keys")?;
    let usable = keys.iter().take(MOST_KEYS).filter_map(PlatformKey::from_jwk);
    Ok(usable.map(|key| (key.kid().to_owned(), key)).collect())
}

/// How long the answer may be believed: its `max-age`, within bounds.
fn life(answer: &Answer) -> Duration {
    let directives = answer.header("cache-control").unwrap_or_default().split(',');
    let max_age =
        directives.filter_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok()).next();
    max_age.map_or(USUAL_LIFE, Duration::from_secs).clamp(SHORTEST_LIFE, LONGEST_LIFE)
}
