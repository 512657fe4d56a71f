//! The tool's own key pairs: one that signs for platforms, one that signs room tokens.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Signer, SigningError, generate_key_pair, public_jwk, store};
use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ids::{Random, row_id};
use crate::sealing::{NotSealedHere, Sealer};

/// What a key pair is for. One pair never serves both, so that no message of one kind can pass for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Messages to platforms.
    Platforms,
    /// Room tokens for Jitsi servers that fetch our public key.
    Rooms,
}

impl KeyPurpose {
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

struct Key {
    purpose: KeyPurpose,
    published: PublishedKey,
    signer: Arc<Signer>,
}

/// The key pairs in use.
pub struct KeyRing {
    keys: Vec<Key>,
}

impl KeyRing {
    /// Loads the key pairs, and makes those that do not exist yet.
    pub async fn load(
        db: &Database,
        sealer: &Sealer,
        now: Timestamp,
        random: &Random,
    ) -> Result<Self, KeyRingError> {
        let ensure = |purpose| ensure(db, sealer, purpose, now, random);
        let (platforms, rooms) =
            futures::try_join!(ensure(KeyPurpose::Platforms), ensure(KeyPurpose::Rooms))?;
        Ok(Self { keys: vec![platforms, rooms] })
    }

    /// The signer for `purpose`.
    pub fn signer(&self, purpose: KeyPurpose) -> Option<Arc<Signer>> {
        self.keys.iter().find(|key| key.purpose == purpose).map(|key| Arc::clone(&key.signer))
    }

    /// The public keys for `purpose` as a JWK set.
    pub fn jwk_set(&self, purpose: KeyPurpose) -> Value {
        let keys: Vec<&Value> =
            self.keys.iter().filter(|key| key.purpose == purpose).map(|key| &key.published.jwk).collect();
        json!({ "keys": keys })
    }

    /// The public room key whose kid has this SHA-256, in lower-case hex: what Prosody asks for.
    pub fn room_key_pem(&self, kid_sha256: &str) -> Option<&str> {
        let rooms = self.keys.iter().filter(|key| key.purpose == KeyPurpose::Rooms);
        rooms
            .map(|key| &key.published)
            .find(|key| sha256_hex(&key.kid) == kid_sha256)
            .map(|key| key.pem.as_str())
    }
}

/// Lower-case hex of the SHA-256 of `text`.
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn open(purpose: KeyPurpose, stored: &store::StoredKey, sealer: &Sealer) -> Result<Key, KeyRingError> {
    let pem =
        String::from_utf8_lossy(&sealer.open(&seal_purpose(&stored.id), &stored.private_key)?).into_owned();
    let published = PublishedKey {
        kid: stored.kid.clone(),
        pem: stored.public_key.clone(),
        jwk: public_jwk(&pem, &stored.kid)?,
    };
    Ok(Key { purpose, signer: Arc::new(Signer::private_key(&pem, &stored.kid)?), published })
}

/// The key pair for `purpose`, made when there is none.
async fn ensure(
    db: &Database,
    sealer: &Sealer,
    purpose: KeyPurpose,
    now: Timestamp,
    random: &Random,
) -> Result<Key, KeyRingError> {
    if let Some(stored) = db.read(move |connection| store::active(connection, purpose)).await? {
        return open(purpose, &stored, sealer);
    }
    // A tenth of a second of pure arithmetic: beside the other key's, not before it.
    let made = tokio::task::spawn_blocking(generate_key_pair).await;
    let (private_pem, public_key) = made.map_err(|_: tokio::task::JoinError| DbError::Interrupted)??;
    let id = row_id(now, random);
    let private_key = sealer.seal(&seal_purpose(&id), private_pem.as_bytes(), random);
    let fresh = store::StoredKey { id, kid: random.letters_and_digits(20), private_key, public_key };
    let counts = db.write(move |connection| store::insert_or_find(connection, purpose, fresh, now)).await?;
    open(purpose, &counts, sealer)
}

fn seal_purpose(row: &str) -> String {
    format!("tool_key:{row}")
}
