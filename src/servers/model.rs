//! A Jitsi server as this installation knows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::ids::{Random, ServerId};
use crate::jitsi::kinds::{ServerKind, TokenSigner};
use crate::jitsi::token::Participant;
use crate::sealing::{NotSealedHere, Sealer};
use crate::signing::{KeyPurpose, KeyRing, Signer, SigningError};

/// Why a server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Its key or secret cannot sign.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Its secret was sealed by another installation.
    #[error("the server's secret was sealed with another sealing secret: add the server again")]
    OtherSecret(#[from] NotSealedHere),
    /// It needs a secret or key and has none.
    #[error("the server has no secret or key: add the server again with one")]
    NoCredentials,
    /// Another server has this name.
    #[error("a server named {0} exists already")]
    NameTaken(String),
    /// No server has this name.
    #[error("no server is named {0}")]
    Unknown(String),
}

/// Whether a server takes new meetings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::ServerStatus)]
pub enum ServerStatus {
    /// It does.
    Active,
    /// It does not.
    Disabled,
}

stored_as_word!(ServerStatus, columns::ServerStatus);

impl ServerStatus {
    /// The word in lists and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The status that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|status| status.word() == word)
    }
}

/// A Jitsi server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Our identifier.
    pub id: ServerId,
    /// The operator's name for it.
    pub name: String,
    /// Its origin.
    pub url: Url,
    /// How it is entered.
    pub kind: ServerKind,
    /// The sealed secret or private key, where it needs one.
    pub credentials: Option<Credentials>,
    /// Whether it takes new meetings.
    pub status: ServerStatus,
    /// When the record last changed.
    pub updated_at: Timestamp,
}

/// A server to be added.
pub struct NewServer {
    /// The operator's name for it.
    pub name: String,
    /// Its origin.
    pub url: Url,
    /// How it is entered.
    pub kind: ServerKind,
    /// The shared secret or private key, where it needs one.
    pub secret: Option<SecretString>,
    /// Whether rooms without a server of their own use it.
    pub default: bool,
}

/// A secret or private key, sealed with the server's id.
#[derive(Clone, Debug)]
pub struct Credentials(pub String);

impl Credentials {
    /// Seals `secret` for the server `id`.
    pub fn seal(id: ServerId, secret: &SecretString, sealer: &Sealer, random: &Random) -> Self {
        Self(sealer.seal(&purpose(id), secret.expose_secret().as_bytes(), random))
    }

    fn open(&self, id: ServerId, sealer: &Sealer) -> Result<SecretString, NotSealedHere> {
        let plain = sealer.open(&purpose(id), &self.0)?;
        Ok(SecretString::from(String::from_utf8_lossy(&plain).into_owned()))
    }
}

fn purpose(id: ServerId) -> String {
    format!("server:{id}")
}

impl NewServer {
    /// Proves that the secret or key can sign before anything is stored.
    pub fn check(&self) -> Result<(), ServerError> {
        match (self.kind.signer(), &self.secret) {
            (TokenSigner::Nothing | TokenSigner::OurKey, _) => Ok(()),
            (_, None) => Err(ServerError::NoCredentials),
            (TokenSigner::SharedSecret, Some(secret)) => {
                Ok(Signer::shared_secret(secret.expose_secret()).map(drop)?)
            }
            (TokenSigner::ApiKey(kid), Some(pem)) => {
                Ok(Signer::private_key(pem.expose_secret(), kid).map(drop)?)
            }
        }
    }
}

/// Signers by server: reading a key costs three times as much as signing with it.
#[derive(Default)]
pub struct SignerCache(Mutex<HashMap<ServerId, (Timestamp, Arc<Signer>)>>);

impl SignerCache {
    /// A room token for `participant` on `server`; `None` where people enter without one.
    pub fn room_token(
        &self,
        server: &Server,
        participant: &Participant,
        sealer: &Sealer,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Option<String>, ServerError> {
        let Some(claims) = server.kind.claims(participant, now) else { return Ok(None) };
        Ok(Some(self.signer(server, sealer, keys, now)?.sign(&claims)?))
    }

    fn signer(
        &self,
        server: &Server,
        sealer: &Sealer,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Arc<Signer>, ServerError> {
        if server.kind.signer() == TokenSigner::OurKey {
            return keys.signer(KeyPurpose::Rooms, now).ok_or(ServerError::NoCredentials);
        }
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, signer)) = cache.get(&server.id)
            && *at == server.updated_at
        {
            return Ok(Arc::clone(signer));
        }
        let signer = Arc::new(make_signer(server, sealer)?);
        cache.insert(server.id, (server.updated_at, Arc::clone(&signer)));
        Ok(signer)
    }
}

fn make_signer(server: &Server, sealer: &Sealer) -> Result<Signer, ServerError> {
    let secret = server.credentials.as_ref().ok_or(ServerError::NoCredentials)?.open(server.id, sealer)?;
    Ok(match server.kind.signer() {
        TokenSigner::ApiKey(kid) => Signer::private_key(secret.expose_secret(), kid)?,
        TokenSigner::Nothing | TokenSigner::OurKey | TokenSigner::SharedSecret => {
            Signer::shared_secret(secret.expose_secret())?
        }
    })
}
