//! Platforms' public keys: fetched once, shared, kept for a while when the platform is down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use url::Url;

use super::error::LaunchError;
use super::launch::id_token::PlatformKey;
use super::registration::platform::Platform;
use crate::clock::Timestamp;
use crate::outbound::{Outbound, OutboundError, Response};

const MAX_SET: usize = 256 * 1024;
const MAX_KEYS: usize = 50;
const MAX_PLATFORMS: u64 = 10_000;
/// No platform calls a key by a longer name.
const MAX_KID: usize = 512;
const MIN_TTL: Duration = Duration::from_secs(60);
const DEFAULT_TTL: Duration = Duration::from_secs(60 * 60);
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// Keys that were due for a refresh this long ago count no more: the platform may have withdrawn them long since.
const MAX_STALENESS: Duration = Duration::from_secs(24 * 60 * 60);
/// Keys that are due for a refresh are asked for again after this time, while they still count.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(60);
/// A platform without any key that counts is asked again after this time.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// A kid that the platform does not publish causes no second fetch in this time.
const ABSENT_TTL: Duration = Duration::from_secs(60);
const MAX_ABSENT: usize = 64;

/// Who asks for a key. Each has fetches of its own for kids that nobody has seen yet, so that strangers, who may post
/// notices, do not use up those of launches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// A launch with a state of ours.
    Launch,
    /// A notice: anybody may post one.
    Notice,
}

impl KeyUse {
    /// Fetches at once, and the time in which one more is granted.
    fn budget(self) -> (u32, Duration) {
        match self {
            Self::Launch => (3, Duration::from_secs(10)),
            Self::Notice => (1, Duration::from_secs(60)),
        }
    }
}

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

impl From<JwksError> for LaunchError {
    fn from(error: JwksError) -> Self {
        match error {
            JwksError::UnknownKid => Self::TokenKeyUnknown,
            JwksError::Unavailable(reason) => Self::PlatformKeysUnreachable(reason),
        }
    }
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
    /// Kids that the last answers did not hold.
    absent: HashMap<String, Timestamp>,
    launches: FetchBudget,
    notices: FetchBudget,
}

/// A token bucket: fetches for kids that nobody has seen yet.
#[derive(Default)]
struct FetchBudget {
    /// Fetches since `since`, less those that were granted anew.
    used: u32,
    since: Option<Timestamp>,
}

impl FetchBudget {
    /// Fetches that were used and not yet granted anew; and since when the next one is being earned.
    fn state(&self, every: Duration, now: Timestamp) -> (u32, Timestamp) {
        let since = self.since.filter(|since| *since <= now).unwrap_or(now);
        let earned = now.since(since).as_millis() / every.as_millis().max(1);
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        match self.used.saturating_sub(earned) {
            0 => (0, now),
            used => (used, since.plus(every * earned)),
        }
    }

    fn is_left(&self, key_use: KeyUse, now: Timestamp) -> bool {
        let (burst, every) = key_use.budget();
        self.state(every, now).0 < burst
    }

    fn take(&mut self, key_use: KeyUse, now: Timestamp) {
        let (used, since) = self.state(key_use.budget().1, now);
        *self = Self { used: used + 1, since: Some(since) };
    }
}

impl JwksCache {
    /// An empty cache that fetches through `outbound`.
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, sets: Cache::new(MAX_PLATFORMS) }
    }

    /// The key called `kid` in the platform's set, fetched since the operator last said that older ones do not count.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §6.3 ("Key Set URL").
    /// Errors: [`JwksError::UnknownKid`] after one fetch a minute for this kid, and a few for all kids;
    /// [`JwksError::Unavailable`] when the platform does not answer and no key is kept that still counts.
    pub async fn key(
        &self,
        platform: &Platform,
        kid: &str,
        key_use: KeyUse,
        now: Timestamp,
    ) -> Result<PlatformKey, JwksError> {
        if kid.len() > MAX_KID {
            return Err(JwksError::UnknownKid);
        }
        let url = &platform.jwks_url;
        let entry = self.sets.get_with_by_ref(url, Arc::default);
        entry.set().forget_before(platform.keys_since);
        if !entry.set().needs_fetch(kid, key_use, now) {
            return entry.set().find(kid, now);
        }
        // A platform that is slow to answer must not hold up those whose key is known, only due for a refresh.
        let known = entry.set().find(kid, now);
        let turn = match (entry.fetching.try_lock(), known) {
            (Ok(turn), _) => turn,
            (Err(_), Ok(key)) => return Ok(key),
            (Err(_), Err(_)) => entry.fetching.lock().await,
        };
        if entry.set().needs_fetch(kid, key_use, now) {
            entry.set().begin_fetch(kid, key_use, now);
            let answer = self.outbound.get(url, platform.policy, MAX_SET).await;
            entry.set().store_entry(answer.map_err(|error: OutboundError| error.to_string()), now);
            entry.set().note_absent(kid, now);
        }
        drop(turn);
        entry.set().find(kid, now)
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

    fn needs_fetch(&self, kid: &str, key_use: KeyUse, now: Timestamp) -> bool {
        let Some(asked_at) = self.asked_at else { return true };
        let pause = now.since(asked_at);
        if !self.counts(now) {
            return pause >= RETRY_INTERVAL;
        }
        if self.keys.contains_key(kid) {
            return !self.is_fresh(now) && pause >= MIN_REFRESH_INTERVAL;
        }
        let is_absent = self.absent.get(kid).is_some_and(|at| now.since(*at) < ABSENT_TTL);
        !is_absent && self.budget(key_use).is_left(key_use, now)
    }

    fn begin_fetch(&mut self, kid: &str, key_use: KeyUse, now: Timestamp) {
        if self.counts(now) && !self.keys.contains_key(kid) {
            match key_use {
                KeyUse::Launch => self.launches.take(key_use, now),
                KeyUse::Notice => self.notices.take(key_use, now),
            }
        }
    }

    fn budget(&self, key_use: KeyUse) -> &FetchBudget {
        match key_use {
            KeyUse::Launch => &self.launches,
            KeyUse::Notice => &self.notices,
        }
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.fresh_until.is_some_and(|until| now < until)
    }

    /// Whether what is kept says which keys the platform has.
    fn counts(&self, now: Timestamp) -> bool {
        self.fresh_until.is_some_and(|until| now < until.plus(MAX_STALENESS))
    }

    fn find(&self, kid: &str, now: Timestamp) -> Result<PlatformKey, JwksError> {
        match (self.keys.get(kid).filter(|_| self.counts(now)), &self.failure) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(reason)) => Err(JwksError::Unavailable(reason.clone())),
            (None, None) => Err(JwksError::UnknownKid),
        }
    }

    /// Remembers that an answer of this moment did not hold `kid`.
    fn note_absent(&mut self, kid: &str, now: Timestamp) {
        if self.fetched_at != Some(now) || self.keys.contains_key(kid) {
            return;
        }
        self.absent.retain(|_, at| now.since(*at) < ABSENT_TTL);
        if self.absent.len() < MAX_ABSENT {
            self.absent.insert(kid.to_owned(), now);
        }
    }

    /// Replaces the keys by those in `answer`; an answer that is no key set changes nothing.
    fn store_entry(&mut self, answer: Result<Response, String>, now: Timestamp) {
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

fn parse(answer: &Response) -> Result<HashMap<String, PlatformKey>, String> {
    if answer.status != 200 {
        return Err(format!("it answered {}", answer.status));
    }
    let set: serde_json::Value =
        serde_json::from_slice(&answer.body).map_err(|error| format!("it answered no JSON ({error})"))?;
    let keys =
        set.get("keys").and_then(serde_json::Value::as_array).ok_or("its answer has no list of keys")?;
    let usable = keys.iter().take(MAX_KEYS).filter_map(PlatformKey::from_jwk);
    Ok(usable.map(|key| (key.kid().to_owned(), key)).collect())
}

/// How long the answer may be believed: its `max-age`, within bounds.
fn life(answer: &Response) -> Duration {
    let directives = answer.header("cache-control").unwrap_or_default().split(',');
    let max_age =
        directives.filter_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok()).next();
    max_age.map_or(DEFAULT_TTL, Duration::from_secs).clamp(MIN_TTL, MAX_TTL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    fn set(fetched: i64) -> KeySet {
        let mut set = KeySet::default();
        set.store_entry(Ok(Response::of(200, "{\"keys\":[]}")), at(fetched));
        set
    }

    /// Whether a fetch is granted; takes it.
    fn fetches(set: &mut KeySet, kid: &str, key_use: KeyUse, now: Timestamp) -> bool {
        let granted = set.needs_fetch(kid, key_use, now);
        if granted {
            set.begin_fetch(kid, key_use, now);
            set.store_entry(Ok(Response::of(200, "{\"keys\":[]}")), now);
            set.note_absent(kid, now);
        }
        granted
    }

    #[test]
    fn forged_kids_leave_a_fetch_for_an_honest_one() {
        let mut set = set(0);
        assert!(fetches(&mut set, "forged", KeyUse::Launch, at(1)));
        assert!(!fetches(&mut set, "forged", KeyUse::Launch, at(2)), "one kid is asked for once a minute");
        assert!(fetches(&mut set, "honest", KeyUse::Launch, at(2)), "another one at once");
        let many =
            (0..1_000).filter(|n| fetches(&mut set, &format!("forged {n}"), KeyUse::Launch, at(3))).count();
        assert_eq!(many, 1, "no platform is hammered");
        assert!(!fetches(&mut set, "late", KeyUse::Launch, at(10)));
        assert!(fetches(&mut set, "late", KeyUse::Launch, at(11)), "nobody waits longer than ten seconds");
        assert!(fetches(&mut set, "forged", KeyUse::Launch, at(61)));
        let hour =
            (61..3_661).filter(|n| fetches(&mut set, &format!("kid {n}"), KeyUse::Launch, at(*n))).count();
        assert!(hour <= 362, "{hour}");
        assert!(set.absent.len() <= MAX_ABSENT);
    }

    #[test]
    fn notices_of_strangers_use_up_no_fetch_of_launches() {
        let mut set = set(0);
        let many =
            (0..1_000).filter(|n| fetches(&mut set, &format!("forged {n}"), KeyUse::Notice, at(1))).count();
        assert_eq!(many, 1);
        assert!(fetches(&mut set, "honest", KeyUse::Launch, at(1)));
    }
}
