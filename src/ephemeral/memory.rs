//! The store of one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{Consumed, Ephemeral, EphemeralError, Epoch};
use crate::clock::{Clock, Timestamp};
use crate::db::SoleInstance;
use crate::ids::Random;

/// Entries are swept when their number has doubled since the last sweep, so a sweep costs O(1) an entry.
const SWEEP_FROM: usize = 1024;

/// Short-lived state in memory. Nothing that is alive is ever thrown out; what is over is swept.
///
/// Its size is bounded by what verified launches put in: about 200 bytes each for a quarter of an hour.
pub struct MemoryEphemeral {
    clock: Arc<dyn Clock>,
    epoch: Epoch,
    sole: Option<SoleInstance>,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    entries: HashMap<String, Entry>,
    sweep_at: usize,
}

struct Entry {
    value: Vec<u8>,
    count: u64,
    until: Timestamp,
}

impl MemoryEphemeral {
    /// An empty store with an epoch of its own. `sole` is the proof that no other process serves beside this one.
    pub fn new(clock: Arc<dyn Clock>, random: &Random, sole: Option<SoleInstance>) -> Self {
        let entries = Mutex::new(Entries { entries: HashMap::new(), sweep_at: SWEEP_FROM });
        Self { clock, epoch: Epoch(random.letters_and_digits(12)), sole, entries }
    }

    fn entries(&self) -> Result<(MutexGuard<'_, Entries>, Timestamp), EphemeralError> {
        if self.sole.as_ref().is_some_and(|sole| !sole.is_held()) {
            return Err(EphemeralError(
                "the lock of the only process was lost with its database connection".to_owned(),
            ));
        }
        Ok((self.entries.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now()))
    }
}

impl Entries {
    fn live(&mut self, key: &str, now: Timestamp) -> Option<&mut Entry> {
        self.entries.get_mut(key).filter(|entry| entry.until > now)
    }

    fn put(&mut self, key: &str, value: &[u8], until: Timestamp, now: Timestamp) {
        if self.entries.len() >= self.sweep_at {
            self.entries.retain(|_, entry| entry.until > now);
            self.sweep_at = SWEEP_FROM.max(self.entries.len() * 2);
        }
        self.entries.insert(key.to_owned(), Entry { value: value.to_vec(), count: 1, until });
    }
}

#[async_trait]
impl Ephemeral for MemoryEphemeral {
    fn name(&self) -> &'static str {
        "in this process"
    }

    async fn epoch(&self) -> Result<Epoch, EphemeralError> {
        self.entries().map(|_| self.epoch.clone())
    }

    async fn consume(&self, key: &str, epoch: &Epoch, ttl: Duration) -> Result<Consumed, EphemeralError> {
        if *epoch != self.epoch {
            return Ok(Consumed::Forgotten);
        }
        Ok(if self.put_once(key, &[], ttl).await? { Consumed::First } else { Consumed::Again })
    }

    async fn put_once(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool, EphemeralError> {
        let (mut entries, now) = self.entries()?;
        let free = entries.live(key, now).is_none();
        if free {
            entries.put(key, value, now.plus(ttl), now);
        }
        Ok(free)
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeralError> {
        let (mut entries, now) = self.entries()?;
        Ok(entries.entries.remove(key).filter(|entry| entry.until > now).map(|entry| entry.value))
    }

    async fn hit(&self, key: &str, window: Duration) -> Result<u64, EphemeralError> {
        let (mut entries, now) = self.entries()?;
        if let Some(entry) = entries.live(key, now) {
            entry.count += 1;
            return Ok(entry.count);
        }
        entries.put(key, &[], now.plus(window), now);
        Ok(1)
    }
}
