//! Seals what leaves the process and must come back unread and unchanged: login states, sessions, secrets at rest.
//!
//! One secret, with versions: the newest seals, all open, so that it can be exchanged without losing anything.

pub mod packing;
pub mod sealed;

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::ids::Random;
use crate::private_files::own_folder;

const NONCE_LENGTH: usize = 24;

/// The file of the secret in the folder of keys.
const FILE: &str = "secret";

/// Why the sealing secret cannot be used: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or made.
    #[error("the sealing secret {} cannot be read or made: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("the sealing secret {} can be read by others (mode {mode:o}): run chmod 600 on it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is not `VERSION:KEY` with 32-byte keys.
    #[error(
        "the sealing secret must be VERSION:KEY, each key 32 bytes as base64url or 64 hex digits, separated by commas or lines"
    )]
    Format,
}

/// Why something sealed does not open: it was changed, is not ours, or its secret is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not sealed by this installation")]
pub struct NotSealedHere;

struct Key {
    version: u8,
    cipher: XChaCha20Poly1305,
    mac: Hmac<Sha256>,
}

/// Seals and opens with the installation's secret.
pub struct Sealer {
    /// Newest first.
    keys: Vec<Key>,
}

impl Sealer {
    /// A sealer with the keys in `secret`.
    ///
    /// Errors: [`SecretError::Format`].
    pub fn parse(secret: &SecretString) -> Result<Self, SecretError> {
        let entries =
            secret.expose_secret().split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        let mut keys = entries.map(parse_key).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.version));
        let distinct = keys.windows(2).all(|pair| pair[0].version != pair[1].version);
        if keys.is_empty() || !distinct { Err(SecretError::Format) } else { Ok(Self { keys }) }
    }

    /// Whether there is a secret in `keys_dir`.
    pub fn is_in_folder(keys_dir: &Path) -> bool {
        keys_dir.join(FILE).exists()
    }

    /// The secret in `keys_dir/secret`; made there, readable by its owner alone, when it does not exist.
    pub fn from_folder(keys_dir: &Path, random: &Random) -> Result<Self, SecretError> {
        let path = keys_dir.join(FILE);
        let failed = |source| SecretError::File { path: path.clone(), source };
        own_folder(keys_dir, None).map_err(failed)?;
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                writeln!(file, "1:{}", random.secret()).and_then(|()| file.sync_all()).map_err(failed)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let mode = std::fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed { path, mode });
        }
        Self::parse(&SecretString::from(std::fs::read_to_string(&path).map_err(failed)?))
    }

    /// Seals `plain` for `purpose`: only [`Sealer::open`] with the same purpose gives it back.
    ///
    /// The answer is base64url without padding.
    pub fn seal(&self, purpose: &str, plain: &[u8], random: &Random) -> String {
        let key = &self.keys[0];
        let nonce = random.bytes::<NONCE_LENGTH>();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        // Fails only beyond 256 GiB; an empty body then opens nowhere.
        let body = key.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&[key.version][..], &nonce, &body].concat())
    }

    /// Opens what [`Sealer::seal`] made for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, NotSealedHere> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_: base64::DecodeError| NotSealedHere)?;
        let (version, rest) = bytes.split_first().ok_or(NotSealedHere)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(NotSealedHere)?;
        let key = self.keys.iter().find(|key| key.version == *version).ok_or(NotSealedHere)?;
        let payload = Payload { msg: body, aad: purpose.as_bytes() };
        key.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_: chacha20poly1305::aead::Error| NotSealedHere)
    }

    /// A mac of `value` that only this installation can make, for `purpose`: 43 characters.
    pub fn mac(&self, purpose: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.keys[0].marker(purpose, value).finalize().into_bytes())
    }

    /// Whether `mac` is the [`Sealer::mac`] of `value`, made with any of the keys.
    pub fn is_mac(&self, purpose: &str, value: &str, mac: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(mac) else { return false };
        self.keys.iter().any(|key| key.marker(purpose, value).verify_slice(&bytes).is_ok())
    }
}

impl Key {
    fn marker(&self, purpose: &str, value: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac
    }
}

fn parse_key(entry: &str) -> Result<Key, SecretError> {
    let (version, text) = entry.split_once(':').unwrap_or(("1", entry));
    let version = version.parse::<u8>().map_err(|_: std::num::ParseIntError| SecretError::Format)?;
    let bytes =
        URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32).or_else(|| from_hex(text));
    let bytes =
        <[u8; 32]>::try_from(bytes.ok_or(SecretError::Format)?).map_err(|_: Vec<u8>| SecretError::Format)?;
    // Two uses, two keys: what is sealed says nothing about what is marked.
    let mut derive = marker_with(&bytes)?;
    derive.update(b"jitsi-lti marks");
    let mac = marker_with(&derive.finalize().into_bytes())?;
    Ok(Key { version, cipher: XChaCha20Poly1305::new(&bytes.into()), mac })
}

fn marker_with(key: &[u8]) -> Result<Hmac<Sha256>, SecretError> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .map_err(|_: hmac::digest::InvalidLength| SecretError::Format)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(version: u8) -> String {
        format!("{version}:{}", Random::seeded(u64::from(version)).secret())
    }

    #[test]
    fn opens_only_what_was_sealed_for_the_same_purpose() {
        let sealer = Sealer::parse(&secret(1).into()).unwrap();
        let sealed = sealer.seal("state", b"hello", &Random::System);
        assert_eq!(sealer.open("state", &sealed).unwrap(), b"hello");
        assert_eq!(sealer.open("session", &sealed), Err(NotSealedHere));
        assert_eq!(sealer.open("state", &sealed[..sealed.len() - 2]), Err(NotSealedHere));
        assert_eq!(sealer.open("state", ""), Err(NotSealedHere));
    }

    #[test]
    fn an_older_secret_still_opens_after_a_newer_one_came() {
        let old = Sealer::parse(&secret(1).into()).unwrap();
        let both = Sealer::parse(&format!("{},{}", secret(1), secret(2)).into()).unwrap();
        let sealed = old.seal("state", b"hello", &Random::System);
        assert_eq!(both.open("state", &sealed).unwrap(), b"hello");
        assert_eq!(old.open("state", &both.seal("state", b"new", &Random::System)), Err(NotSealedHere));
        assert!(both.is_mac("csrf", "a", &old.mac("csrf", "a")));
        assert!(!both.is_mac("csrf", "b", &old.mac("csrf", "a")));
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Sealer::from_folder(folder.path(), &Random::System).unwrap();
        let file = folder.path().join("secret");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = Sealer::from_folder(folder.path(), &Random::System).err().unwrap();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn malformed_secrets_are_refused() {
        for text in ["", "1:short", "x:AAAA", "300:AAAA"] {
            assert!(Sealer::parse(&text.to_owned().into()).is_err(), "{text}");
        }
    }
}
