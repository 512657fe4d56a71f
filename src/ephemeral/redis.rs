//! The store that several processes share.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool_redis::redis::{self, Script, ScriptInvocation};
use deadpool_redis::{Config, Connection, Pool, Runtime};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Consumed, Ephemeral, EphemeralError, Epoch};
use crate::ids::Random;

/// All keys share one hash tag, so that a script may touch two of them on a cluster.
const PREFIX: &str = "{jitsi-lti}:";
/// How long a login may seal an epoch that was asked for before; a launch always asks anew.
const EPOCH_FRESH_FOR: Duration = Duration::from_secs(1);

/// The epoch is the run of the server and a mark in its memory: a restart changes the one, emptying the other.
const EPOCH: &str = "
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return run .. ':' .. redis.call('GET', KEYS[1])";

const CONSUME: &str = "
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local mark = redis.call('GET', KEYS[1])
if not mark or run .. ':' .. mark ~= ARGV[1] then return -1 end
if redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[2]) then return 1 end
return 0";

const HIT: &str = "
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count";

/// Short-lived state in Redis (6.2 or later).
///
/// Quirk: its `maxmemory-policy` must be `noeviction`: an evicted key would let a launch be replayed.
pub struct RedisEphemeral {
    pool: Pool,
    epoch_script: Script,
    consume_script: Script,
    hit_script: Script,
    random: Random,
    seen_epoch: Mutex<Option<(Instant, Epoch)>>,
}

impl RedisEphemeral {
    /// A store at `url`. Nothing is opened yet. `random` makes the marks of the epochs that this process begins.
    ///
    /// Errors: when `url` is not a Redis URL.
    pub fn new(url: &SecretString, random: Random) -> Result<Self, EphemeralError> {
        let limit = Some(Duration::from_secs(2));
        let pool = Config::from_url(url.expose_secret())
            .builder()
            .map_err(failed)?
            .max_size(16)
            .wait_timeout(limit)
            .create_timeout(limit)
            .recycle_timeout(limit)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(failed)?;
        Ok(Self {
            pool,
            epoch_script: Script::new(EPOCH),
            consume_script: Script::new(CONSUME),
            hit_script: Script::new(HIT),
            random,
            seen_epoch: Mutex::new(None),
        })
    }

    async fn connection(&self) -> Result<Connection, EphemeralError> {
        self.pool.get().await.map_err(failed)
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &mut ScriptInvocation<'_>,
    ) -> Result<T, EphemeralError> {
        script.invoke_async(&mut self.connection().await?).await.map_err(failed)
    }

    fn remember(&self, epoch: Option<Epoch>) {
        *self.seen_epoch.lock().unwrap_or_else(PoisonError::into_inner) =
            epoch.map(|epoch| (Instant::now(), epoch));
    }

    fn remembered(&self) -> Option<Epoch> {
        let seen = self.seen_epoch.lock().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().filter(|(at, _)| at.elapsed() < EPOCH_FRESH_FOR).map(|(_, epoch)| epoch.clone())
    }
}

#[async_trait]
impl Ephemeral for RedisEphemeral {
    fn name(&self) -> &'static str {
        "Redis"
    }

    async fn epoch(&self) -> Result<Epoch, EphemeralError> {
        if let Some(epoch) = self.remembered() {
            return Ok(epoch);
        }
        // Another mark each time: a store that was emptied twice must not come back to an epoch it had before.
        let mark = self.random.letters_and_digits(12);
        let epoch = Epoch(self.run(self.epoch_script.key(key("epoch")).arg(mark)).await?);
        self.remember(Some(epoch.clone()));
        Ok(epoch)
    }

    async fn consume(&self, name: &str, epoch: &Epoch, ttl: Duration) -> Result<Consumed, EphemeralError> {
        let mut script = self.consume_script.key(key("epoch"));
        let answer: i64 = self.run(script.key(key(name)).arg(&epoch.0).arg(millis(ttl))).await?;
        Ok(match answer {
            1 => Consumed::First,
            0 => Consumed::Again,
            _ => {
                self.remember(None);
                Consumed::Forgotten
            }
        })
    }

    async fn put_once(&self, name: &str, value: &[u8], ttl: Duration) -> Result<bool, EphemeralError> {
        let mut command = redis::cmd("SET");
        command.arg(key(name)).arg(value).arg("NX").arg("PX").arg(millis(ttl));
        let answer: Option<String> =
            command.query_async(&mut self.connection().await?).await.map_err(failed)?;
        Ok(answer.is_some())
    }

    async fn take(&self, name: &str) -> Result<Option<Vec<u8>>, EphemeralError> {
        let mut command = redis::cmd("GETDEL");
        command.arg(key(name)).query_async(&mut self.connection().await?).await.map_err(failed)
    }

    async fn hit(&self, name: &str, window: Duration) -> Result<u64, EphemeralError> {
        self.run(self.hit_script.key(key(name)).arg(millis(window))).await
    }
}

fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn failed(error: impl std::fmt::Display) -> EphemeralError {
    EphemeralError(error.to_string())
}
