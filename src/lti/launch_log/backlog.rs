//! What waits to be written: bounded in number and in bytes, however much comes; what does not fit is counted.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::record::{LaunchRecord, UnregisteredLaunch};
use crate::clock::Timestamp;
use crate::ids::PlatformId;

/// Launches that platforms signed: a log that cannot keep up loses records rather than launches. Units: bytes.
const MAX_PROVED: usize = 8 * 1024 * 1024;
/// Launches that anybody may have sent. Units: bytes.
const MAX_CLAIMED: usize = 256 * 1024;
/// The same, of one platform: no more are kept of it anyway.
pub(super) const CLAIMED_KEPT: usize = 50;
const MAX_UNREGISTERED: usize = 64;
/// Issuers and client ids that one network may bring in within [`NETWORK_WINDOW`].
const MAX_OF_NETWORK: usize = 5;
const MAX_NETWORKS: usize = 1_000;
const NETWORK_WINDOW: Duration = Duration::from_secs(60 * 60);

/// How often something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: i64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Tally {
    fn add(&mut self, at: Timestamp) {
        self.count = self.count.saturating_add(1);
        self.last = self.last.max(at);
    }

    fn one(at: Timestamp) -> Self {
        Self { count: 0, first: at, last: at }
    }
}

/// Whose refusals of one code are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RefusalKey {
    /// Our identifier of the platform; empty for those of no registration.
    pub(super) platform_id: String,
    pub(super) code: &'static str,
}

/// Who tried to come in without a registration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct UnregisteredKey {
    pub(super) code: &'static str,
    pub(super) issuer: String,
    pub(super) client_id: String,
}

/// What is written at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) launches: Vec<LaunchRecord>,
    pub(super) refusals: Vec<(RefusalKey, Tally)>,
    pub(super) unregistered: Vec<(UnregisteredKey, Tally)>,
    /// Records that found no place.
    pub(super) lost: u64,
    /// Whether something is left for the next time.
    pub(super) has_more: bool,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.launches.is_empty() && self.refusals.is_empty() && self.unregistered.is_empty() && self.lost == 0
    }
}

#[derive(Default)]
pub(super) struct Backlog {
    launches: VecDeque<LaunchRecord>,
    proved_bytes: usize,
    claimed_bytes: usize,
    claimed: HashMap<PlatformId, usize>,
    refusals: HashMap<RefusalKey, Tally>,
    unregistered: HashMap<UnregisteredKey, Tally>,
    networks: Networks,
    lost: u64,
}

/// What each network brought in lately.
#[derive(Default)]
struct Networks {
    seen: HashMap<String, HashSet<u64>>,
    since: Option<Timestamp>,
    hasher: RandomState,
}

impl Networks {
    fn admits(&mut self, network: &str, key: &UnregisteredKey, at: Timestamp) -> bool {
        if self.since.is_none_or(|since| at.since(since) >= NETWORK_WINDOW) {
            self.seen.clear();
            self.since = Some(at);
        }
        let key = self.hasher.hash_one(key);
        let Some(seen) = self.seen.get_mut(network) else {
            let is_free = self.seen.len() < MAX_NETWORKS;
            if is_free {
                self.seen.insert(network.to_owned(), HashSet::from([key]));
            }
            return is_free;
        };
        seen.contains(&key) || (seen.len() < MAX_OF_NETWORK && seen.insert(key))
    }
}

impl Backlog {
    /// Takes a launch. Of those that nobody proved, a few of each platform; all of them are counted.
    pub(super) fn push(&mut self, record: LaunchRecord) {
        let size = record.size();
        if record.is_proved() {
            if self.proved_bytes + size > MAX_PROVED {
                self.lost += 1;
                return;
            }
            self.proved_bytes += size;
        } else {
            self.count(&record.platform_id.to_string(), record.outcome.code, record.at);
            let waiting = self.claimed.entry(record.platform_id).or_default();
            if *waiting >= CLAIMED_KEPT || self.claimed_bytes + size > MAX_CLAIMED {
                return;
            }
            *waiting += 1;
            self.claimed_bytes += size;
        }
        self.launches.push_back(record);
    }

    /// Counts a refusal that gets no record of its own.
    pub(super) fn count(&mut self, platform_id: &str, code: &'static str, at: Timestamp) {
        let key = RefusalKey { platform_id: platform_id.to_owned(), code };
        self.refusals.entry(key).or_insert(Tally::one(at)).add(at);
    }

    /// Takes a launch without a registration: once for each issuer and client id, and few of each network.
    pub(super) fn push_unregistered(&mut self, launch: UnregisteredLaunch) {
        let UnregisteredLaunch { code, issuer, client_id, network, at } = launch.cut();
        self.count("", code, at);
        let key = UnregisteredKey { code, issuer, client_id };
        if !self.networks.admits(&network, &key, at) {
            return;
        }
        if self.unregistered.len() < MAX_UNREGISTERED || self.unregistered.contains_key(&key) {
            self.unregistered.entry(key).or_insert(Tally::one(at)).add(at);
        }
    }

    /// Hands over what is to be written, so many launches at most.
    pub(super) fn take(&mut self, most: usize) -> Batch {
        let taken: Vec<LaunchRecord> = self.launches.drain(..most.min(self.launches.len())).collect();
        for record in &taken {
            if record.is_proved() {
                self.proved_bytes = self.proved_bytes.saturating_sub(record.size());
            } else {
                self.claimed_bytes = self.claimed_bytes.saturating_sub(record.size());
                if let Some(waiting) = self.claimed.get_mut(&record.platform_id) {
                    *waiting = waiting.saturating_sub(1);
                }
            }
        }
        self.claimed.retain(|_, waiting| *waiting > 0);
        // In one order for all processes, so that no two wait for each other in a circle.
        let mut refusals: Vec<_> = self.refusals.drain().collect();
        refusals.sort_by(|one, other| one.0.cmp(&other.0));
        let mut unregistered: Vec<_> = self.unregistered.drain().collect();
        unregistered.sort_by(|one, other| one.0.cmp(&other.0));
        Batch {
            launches: taken,
            refusals,
            unregistered,
            lost: std::mem::take(&mut self.lost),
            has_more: !self.launches.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::LaunchOutcome;
    use super::*;
    use crate::ids::Random;
    use crate::lti::launch::trace::Trace;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    fn launch(platform: usize, is_proved: bool, detail: &str) -> LaunchRecord {
        let named = Some("x".repeat(255));
        let trace = Trace {
            deployment_id: named.clone().filter(|_| is_proved),
            claimed_deployment: named,
            ..Trace::default()
        };
        let code = if is_proved { "entered" } else { "token-signature" };
        let outcome = LaunchOutcome { code, detail: Some(detail.to_owned()) };
        LaunchRecord::new(
            PlatformId::derived("platform", platform),
            trace,
            outcome,
            "r".into(),
            at(0),
            &Random::System,
        )
    }

    #[test]
    fn forged_launches_are_counted_and_few_are_kept() {
        let mut backlog = Backlog::default();
        for _ in 0..20_000 {
            backlog.push(launch(0, false, &"é".repeat(100_000)));
        }
        backlog.push(launch(0, true, ""));
        backlog.push(launch(1, false, ""));
        let batch = backlog.take(2_000);
        assert_eq!(batch.launches.len(), CLAIMED_KEPT + 2);
        assert!(batch.launches.iter().all(|record| record.size() < 4_096));
        let mut counts: Vec<_> = batch.refusals.iter().map(|(_, tally)| tally.count).collect();
        counts.sort_unstable();
        assert_eq!((counts, batch.lost), (vec![1, 20_000], 0));
        assert!(backlog.take(2_000).is_empty());
        assert_eq!((backlog.claimed_bytes, backlog.proved_bytes, backlog.claimed.len()), (0, 0, 0));
    }

    #[test]
    fn forged_launches_of_many_platforms_are_bounded_in_bytes() {
        let mut backlog = Backlog::default();
        for n in 0..100_000 {
            backlog.push(launch(n % 5_000, false, &"x".repeat(300)));
        }
        let bytes: usize = backlog.launches.iter().map(LaunchRecord::size).sum();
        assert!(bytes <= MAX_CLAIMED, "{bytes}");
        assert_eq!(backlog.take(10_000).refusals.iter().map(|(_, tally)| tally.count).sum::<i64>(), 100_000);
    }

    #[test]
    fn honest_launches_that_cannot_be_written_are_lost_before_memory_is() {
        let mut backlog = Backlog::default();
        for _ in 0..50_000 {
            backlog.push(launch(0, true, ""));
        }
        let (mut kept, mut lost) = (0, 0);
        loop {
            let batch = backlog.take(2_000);
            assert!(batch.launches.len() <= 2_000);
            (kept, lost) = (kept + batch.launches.len(), lost + batch.lost);
            if !batch.has_more {
                break;
            }
        }
        assert!(kept > 5_000 && lost > 0 && kept as u64 + lost == 50_000, "{kept} {lost}");
    }

    fn unregistered(issuer: &str, network: &str, second: i64) -> UnregisteredLaunch {
        UnregisteredLaunch {
            code: "platform-unknown",
            issuer: issuer.to_owned(),
            client_id: "c".to_owned(),
            network: network.to_owned(),
            at: at(second),
        }
    }

    #[test]
    fn one_network_brings_in_few_issuers_and_everything_is_counted() {
        let mut backlog = Backlog::default();
        for n in 0..1_000 {
            backlog.push_unregistered(unregistered(&format!("https://{n}.example"), "198.51.100.7", 0));
        }
        for _ in 0..30 {
            backlog.push_unregistered(unregistered("https://honest.example", "203.0.113.5", 1));
        }
        let batch = backlog.take(1);
        assert_eq!(batch.unregistered.len(), MAX_OF_NETWORK + 1);
        let honest = batch.unregistered.iter().find(|(key, _)| key.issuer == "https://honest.example");
        assert_eq!(honest.unwrap().1.count, 30);
        assert_eq!(batch.refusals[0].1.count, 1_030);
        // What came before may come again, also after it was written.
        backlog.push_unregistered(unregistered("https://1.example", "198.51.100.7", 2));
        backlog.push_unregistered(unregistered("https://another.example", "198.51.100.7", 2));
        assert_eq!(backlog.take(1).unregistered.len(), 1);
        backlog.push_unregistered(unregistered("https://another.example", "198.51.100.7", 3_601));
        assert_eq!(backlog.take(1).unregistered.len(), 1, "an hour later it may bring in others");
        for n in 0..5_000 {
            backlog.push_unregistered(unregistered(&format!("https://{n}.example"), &n.to_string(), 3_602));
        }
        assert!(backlog.networks.seen.len() <= MAX_NETWORKS);
        assert_eq!(backlog.take(1).unregistered.len(), MAX_UNREGISTERED);
    }
}
