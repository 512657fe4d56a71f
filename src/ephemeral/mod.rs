//! Short-lived shared facts: what may happen once, what is handed over once, what is counted, who leads.
//!
//! Two stores keep the same contract: one in the process's memory, one in Redis for several processes.

mod memory;
mod redis;

use std::time::Duration;

use async_trait::async_trait;

pub use self::memory::MemoryEphemeral;
pub use self::redis::RedisEphemeral;

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
#[error("the store of short-lived state cannot be reached: {0}")]
pub struct EphemeralError(pub String);

/// An interval of time in which the store forgot nothing.
///
/// A new epoch begins when the process or Redis starts anew or is emptied: what was issued before it can no longer
/// be told from a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch(pub String);

/// What became of a thing that may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// This call was the first.
    First,
    /// It was used before.
    Again,
    /// It was issued in an earlier epoch, so nobody knows.
    Forgotten,
}

/// The store of short-lived state.
#[async_trait]
pub trait Ephemeral: Send + Sync {
    /// What it is, in an operator's words.
    fn name(&self) -> &'static str;

    /// The present epoch: seal it into whatever must be used once.
    async fn epoch(&self) -> Result<Epoch, EphemeralError>;

    /// Marks `key`, issued in `epoch`, as used for at least `ttl`. Of any number of calls one hears `First`.
    async fn consume(&self, key: &str, epoch: &Epoch, ttl: Duration) -> Result<Consumed, EphemeralError>;

    /// Keeps `value` under `key` for `ttl`, unless something is kept there; tells whether it was kept.
    async fn put_once(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool, EphemeralError>;

    /// Hands over what is kept under `key`, and forgets it.
    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeralError>;

    /// Counts one more event under `key`; the count starts anew `window` after its first event.
    async fn hit(&self, key: &str, window: Duration) -> Result<u64, EphemeralError>;
}
