//! Randomness as an argument, and the identifiers made from it.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _, TryRng as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::clock::Timestamp;

/// A source of random bytes: the operating system's, or a seeded one for tests.
#[derive(Clone, Default)]
pub enum Random {
    /// The operating system's generator.
    #[default]
    System,
    /// A generator that repeats itself.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Random {
    /// A source that gives the same bytes for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    ///
    /// Quirk: a machine whose generator fails cannot make a secret; the process ends rather than go on with a
    /// guessable one.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => {
                if SysRng.try_fill_bytes(&mut bytes).is_err() {
                    std::process::abort();
                }
            }
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A secret of 256 bits as text: [A-Za-z0-9_-], 43 characters.
    pub fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// `length` characters of [a-z0-9], about 5.2 bits each.
    pub fn letters_and_digits(&self, length: usize) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // Bytes from 252 on are thrown away: 252 is the largest multiple of 36, so each character is as likely.
            let fresh = self.bytes::<32>().into_iter().filter(|byte| *byte < 252);
            text.extend(
                fresh.take(length - text.len()).map(|byte| char::from(ALPHABET[usize::from(byte % 36)])),
            );
        }
        text
    }
}

/// An identifier of a database row: a UUID that sorts by the time of its making.
pub fn row_id(now: Timestamp, random: &Random) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid().simple().to_string()
}

/// The identifier of the row number `index` among those that belong to `seed`: the same each time.
pub fn derived_row_id(seed: &str, index: usize) -> String {
    let digest = Sha256::digest(format!("{seed}\n{index}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().simple().to_string()
}

/// A room's name on the Jitsi server: one letter and 23 of [a-z0-9], 124 bits.
///
/// Quirk: Jitsi folds names to lower case and percent-encodes the rest, so only these characters arrive as sent.
pub fn jitsi_room(random: &Random) -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
    let first = char::from(LETTERS[usize::from(random.bytes::<1>()[0] % 26)]);
    format!("{first}{}", random.letters_and_digits(23))
}

/// Whether `text` can be a row's identifier: anything else in a URL names nothing.
pub fn is_row_id(text: &str) -> bool {
    text.len() == 32 && Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jitsi_room_is_a_letter_and_23_letters_or_digits() {
        let random = Random::seeded(7);
        for _ in 0..200 {
            let name = jitsi_room(&random);
            assert_eq!(name.len(), 24);
            assert!(name.starts_with(|c: char| c.is_ascii_lowercase()));
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        }
    }

    #[test]
    fn row_ids_sort_by_time() {
        let random = Random::System;
        let early = row_id(Timestamp::from_millis(1_000), &random);
        let late = row_id(Timestamp::from_millis(2_000), &random);
        assert!(early < late);
        assert!(is_row_id(&early));
        assert!(!is_row_id("../etc/passwd"));
    }
}
