//! The tool's own key pairs: those that sign for platforms, and those that sign room tokens.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::store::StoredKey;
use super::succession::{KeyState, signing, states};
use super::{Signer, SigningError, generate_key_pair, public_jwk, store};
use crate::clock::Timestamp;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::db::{Database, DbError};
use crate::ids::{Random, row_id};
use crate::sealing::{NotSealedHere, Sealer};

/// What a key pair is for. One pair never serves both, so that no message of one kind can pass for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::KeyPurpose)]
pub enum KeyPurpose {
    /// Messages to platforms.
    Platforms,
    /// Room tokens for Jitsi servers that fetch our public key.
    Rooms,
}

stored_as_word!(KeyPurpose, columns::KeyPurpose);

impl KeyPurpose {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Platforms, Self::Rooms];

    /// The purpose that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Platforms => "platforms",
            Self::Rooms => "rooms",
        }
    }
}

/// Why the key pairs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A key cannot be made or read.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The sealing secret is not the one that sealed the keys.
    #[error(
        "the tool's keys in the database were sealed with another secret: start with the secret of this installation"
    )]
    OtherSecret(#[from] NotSealedHere),
    /// A file in the keys folder holds no key that can sign.
    #[error("{} cannot be used as a key: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// A public key that others verify with.
#[derive(Clone, Debug)]
pub struct PublishedKey {
    /// Its name in token headers.
    pub kid: String,
    /// As PEM (SubjectPublicKeyInfo).
    pub pem: String,
    /// As JWK.
    pub jwk: Value,
}

#[derive(Clone)]
struct Key {
    purpose: KeyPurpose,
    published: PublishedKey,
    signer: Arc<Signer>,
    made: Timestamp,
    begins: Timestamp,
}

/// A key pair in lists.
#[derive(Clone, Debug)]
pub struct KeyLine {
    /// Its name in token headers.
    pub kid: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// What it does now.
    pub state: KeyState,
    /// Since when it is published.
    pub made: Timestamp,
    /// When it begins to sign.
    pub begins: Timestamp,
}

/// The key pairs in use. Which of them signs, the dates tell: so all processes change over at the same moment.
pub struct KeyRing {
    keys: RwLock<Arc<Vec<Key>>>,
}

impl KeyRing {
    /// Loads the key pairs, and makes those that do not exist yet.
    pub async fn load(
        db: &Database,
        sealer: &Sealer,
        now: Timestamp,
        random: &Random,
    ) -> Result<Self, KeyRingError> {
        for purpose in KeyPurpose::ALL {
            let (last, list_keys) = db.read(move |connection| store::list_keys(connection, purpose)).await?;
            if list_keys.is_empty() {
                let first = StoredKey { generation: last + 1, ..make(sealer, now, now, random).await? };
                add(db, purpose, first).await?;
            }
        }
        let ring = Self { keys: RwLock::default() };
        ring.reload(db, sealer).await?;
        Ok(ring)
    }

    /// Reads the key pairs again: another process may have made one, or withdrawn one.
    pub async fn reload(&self, db: &Database, sealer: &Sealer) -> Result<(), KeyRingError> {
        let mut fresh = Vec::new();
        for purpose in KeyPurpose::ALL {
            let stored: Vec<StoredKey> = db.read(move |connection| store::list(connection, purpose)).await?;
            for one in stored {
                let known = self.all().iter().find(|key| key.published.kid == one.kid).cloned();
                fresh.push(match known {
                    Some(known) => known,
                    None => open(purpose, &one, sealer)?,
                });
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(())
    }

    fn all(&self) -> Arc<Vec<Key>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key pairs for `purpose`, each with what it does at `now`.
    fn of(&self, purpose: KeyPurpose, now: Timestamp) -> Vec<(Key, KeyState)> {
        let keys: Vec<Key> = self.all().iter().filter(|key| key.purpose == purpose).cloned().collect();
        let begins: Vec<Timestamp> = keys.iter().map(|key| key.begins).collect();
        let states = states(&begins, now);
        keys.into_iter().zip(states).filter(|(_, state)| *state != KeyState::Retired).collect()
    }

    /// The signer for `purpose`.
    pub fn signer(&self, purpose: KeyPurpose, now: Timestamp) -> Option<Arc<Signer>> {
        let keys = self.all();
        let keys: Vec<&Key> = keys.iter().filter(|key| key.purpose == purpose).collect();
        let begins: Vec<Timestamp> = keys.iter().map(|key| key.begins).collect();
        Some(Arc::clone(&keys.get(signing(&begins, now)?)?.signer))
    }

    /// The public keys for `purpose` as a JWK set.
    pub fn jwk_set(&self, purpose: KeyPurpose, now: Timestamp) -> Value {
        let keys: Vec<Value> = self.of(purpose, now).into_iter().map(|(key, _)| key.published.jwk).collect();
        json!({ "keys": keys })
    }

    /// The public room key whose kid has this SHA-256, in lower-case hex: what Prosody asks for.
    pub fn room_key_pem(&self, kid_sha256: &str, now: Timestamp) -> Option<String> {
        let mut rooms = self.of(KeyPurpose::Rooms, now).into_iter().map(|(key, _)| key.published);
        rooms.find(|key| sha256_hex(&key.kid) == kid_sha256).map(|key| key.pem)
    }

    /// Every key pair that is published, and what it does.
    pub fn list(&self, now: Timestamp) -> Vec<KeyLine> {
        let line = |(key, state): (Key, KeyState)| KeyLine {
            kid: key.published.kid,
            purpose: key.purpose,
            state,
            made: key.made,
            begins: key.begins,
        };
        KeyPurpose::ALL.into_iter().flat_map(|purpose| self.of(purpose, now)).map(line).collect()
    }
}

/// Lower-case hex of the SHA-256 of `text`.
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn open(purpose: KeyPurpose, stored: &StoredKey, sealer: &Sealer) -> Result<Key, KeyRingError> {
    let pem =
        String::from_utf8_lossy(&sealer.open(&seal_purpose(&stored.id), &stored.private_key)?).into_owned();
    let published = PublishedKey {
        kid: stored.kid.clone(),
        pem: stored.public_key.clone(),
        jwk: public_jwk(&pem, &stored.kid)?,
    };
    Ok(Key {
        purpose,
        signer: Arc::new(Signer::private_key(&pem, &stored.kid)?),
        published,
        made: stored.created_at,
        begins: stored.begins(),
    })
}

/// A fresh key pair, published from `made` on, that signs from `begins` on; its generation is to be set.
pub(super) async fn make(
    sealer: &Sealer,
    made: Timestamp,
    begins: Timestamp,
    random: &Random,
) -> Result<StoredKey, KeyRingError> {
    // A tenth of a second of pure arithmetic: not in the thread that answers requests.
    let pair = tokio::task::spawn_blocking(generate_key_pair).await;
    let pair = pair.map_err(|_: tokio::task::JoinError| DbError::Interrupted)??;
    Ok(seal(&pair.private, pair.public, random.letters_and_digits(20), sealer, made, begins, random))
}

/// Stores a key pair for `purpose` unless its generation was taken since it was looked up; tells whether it did.
pub(super) async fn add(db: &Database, purpose: KeyPurpose, fresh: StoredKey) -> Result<bool, DbError> {
    db.write(move |tx| store::insert(tx.connection, purpose, &fresh)).await
}

/// A key pair as it is stored; its generation is to be set.
pub(super) fn seal(
    private_pem: &str,
    public_key: String,
    kid: String,
    sealer: &Sealer,
    made: Timestamp,
    begins: Timestamp,
    random: &Random,
) -> StoredKey {
    let id = row_id(made, random);
    let private_key = sealer.seal(&seal_purpose(&id), private_pem.as_bytes(), random);
    StoredKey { id, kid, private_key, public_key, created_at: made, signs_from: begins, generation: 0 }
}

fn seal_purpose(row: &str) -> String {
    format!("tool_key:{row}")
}
