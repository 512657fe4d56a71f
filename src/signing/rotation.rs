//! Makes the next key pair, and retires the old one.

use std::time::Duration;

use super::key_ring::{add, make};
use super::store::StoredKey;
use super::succession::{HEAD_START, KeyState, is_due, states};
use super::{KeyPurpose, KeyRing, KeyRingError, store};
use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ids::Random;
use crate::sealing::Sealer;

/// How a key pair takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// Published for more than a day before it signs, so that nobody notices.
    Usual,
    /// At once, and the others are withdrawn: somebody else has them.
    AtOnce,
}

/// Makes the next key pair for `purpose`; answers when it begins to sign. Where one waits already, that one stays.
pub async fn rotate(
    db: &Database,
    sealer: &Sealer,
    purpose: KeyPurpose,
    takeover: Takeover,
    now: Timestamp,
    random: &Random,
) -> Result<Timestamp, KeyRingError> {
    match takeover {
        Takeover::Usual => loop {
            let (last, stored) = db.read(move |connection| store::list_keys(connection, purpose)).await?;
            if let Some(next) = stored.iter().find(|key| key.begins() > now) {
                return Ok(next.begins());
            }
            let begins = now.plus(HEAD_START);
            let next = StoredKey { generation: last + 1, ..make(sealer, now, begins, random).await? };
            if add(db, purpose, next).await? {
                return Ok(begins);
            }
        },
        Takeover::AtOnce => {
            let fresh = make(sealer, now, now, random).await?;
            while !replace_all(db, purpose, fresh.clone()).await? {}
            Ok(now)
        }
    }
}

/// Stores `fresh` and retires all others, both or neither; tells whether it did, or another process was faster.
async fn replace_all(db: &Database, purpose: KeyPurpose, fresh: StoredKey) -> Result<bool, DbError> {
    db.write(move |tx| {
        let generation = store::last_generation(tx.connection, purpose)? + 1;
        let fresh = StoredKey { generation, ..fresh };
        let is_stored = store::insert(tx.connection, purpose, &fresh)?;
        if is_stored {
            store::retire_others(tx.connection, purpose, &fresh.id)?;
        }
        Ok(is_stored)
    })
    .await
}

/// What has to be done now and then: makes the next key pairs when they are due, retires the old ones, and reads all
/// again. `period` is how long a key pair signs; `None` where nobody wants a schedule.
pub async fn rotate_due_keys(
    ring: &KeyRing,
    db: &Database,
    sealer: &Sealer,
    period: Option<Duration>,
    now: Timestamp,
    random: &Random,
) -> Result<(), KeyRingError> {
    for purpose in KeyPurpose::ALL {
        let (last, stored) = db.read(move |connection| store::list_keys(connection, purpose)).await?;
        let begins: Vec<Timestamp> = stored.iter().map(StoredKey::begins).collect();
        if period.is_some_and(|period| is_due(&begins, period, now)) {
            let next = make(sealer, now, now.plus(HEAD_START), random).await?;
            if add(db, purpose, StoredKey { generation: last + 1, ..next }).await? {
                tracing::info!(purpose = purpose.word(), "the next key is published; it signs in 26 hours");
            }
        }
        let over: Vec<String> = stored
            .into_iter()
            .zip(states(&begins, now))
            .filter(|(_, state)| *state == KeyState::Retired)
            .map(|(key, _)| key.id)
            .collect();
        if !over.is_empty() {
            db.write(move |tx| store::retire(tx.connection, &over)).await?;
        }
    }
    ring.reload(db, sealer).await
}
