//! Randomness as an argument, and the identifiers made from it.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _, TryRng as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::columns::stored_as_text;

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

/// Declares the types of row identifiers. Each is a UUID that sorts by the time of its making, and no other's:
///
/// ```compile_fail
/// use jitsi_lti::ids::{RoomId, UserId};
/// fn enter(room: RoomId, user: UserId) {}
/// enter(UserId::NONE, RoomId::NONE);
/// ```
macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident,)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "String")]
        #[diesel(sql_type = crate::db::columns::$name)]
        pub struct $name(Uuid);

        impl $name {
            /// Names no row.
            pub const NONE: Self = Self(Uuid::nil());

            /// Makes the identifier of a new row.
            pub fn new(now: Timestamp, random: &Random) -> Self {
                Self(fresh_uuid(now, random))
            }

            /// Makes the identifier of the row number `index` among those that belong to `seed`: the same each time.
            pub fn derived(seed: &str, index: usize) -> Self {
                Self(derived_uuid(seed, index))
            }

            /// Returns the identifier's 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads what [`Self::as_bytes`] wrote.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.simple().fmt(f)
            }
        }

        stored_as_text!($name, crate::db::columns::$name);

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotARowId;

            fn try_from(text: String) -> Result<Self, NotARowId> {
                text.parse()
            }
        }

        impl FromStr for $name {
            type Err = NotARowId;

            fn from_str(text: &str) -> Result<Self, NotARowId> {
                parse_uuid(text).map(Self)
            }
        }
    )* };
}

row_ids! {
    /// Names a platform's registration.
    PlatformId,
    /// Names a deployment: our row, not the text that the platform calls it by.
    DeploymentId,
    /// Names a context: our row, not the text that the platform calls it by.
    ContextId,
    /// Names a resource link: our row, not the text that the platform calls it by.
    LinkId,
    /// Names a room.
    RoomId,
    /// Names a person of a platform: our row, not their `sub`.
    UserId,
    /// Names a Jitsi server.
    ServerId,
    /// Names a meeting.
    MeetingId,
    /// Names a date on which a class takes place.
    OccurrenceId,
}

/// The text is no row's identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row's identifier has 32 hexadecimal digits")]
pub struct NotARowId;

/// Makes an identifier for a row of a table whose identifiers have no type of their own.
pub fn row_id(now: Timestamp, random: &Random) -> String {
    fresh_uuid(now, random).simple().to_string()
}

/// Makes the identifier of the row number `index` among those that belong to `seed`: the same each time.
pub fn derived_row_id(seed: &str, index: usize) -> String {
    derived_uuid(seed, index).simple().to_string()
}

fn fresh_uuid(now: Timestamp, random: &Random) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
}

fn derived_uuid(seed: &str, index: usize) -> Uuid {
    let digest = Sha256::digest(format!("{seed}\n{index}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Reads exactly 32 hexadecimal digits in lower case: one row has one name in URLs and columns.
fn parse_uuid(text: &str) -> Result<Uuid, NotARowId> {
    let is_plain = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_plain { Uuid::try_parse(text).map_err(|_| NotARowId) } else { Err(NotARowId) }
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
    parse_uuid(text).is_ok()
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

    #[test]
    fn a_row_has_one_name() {
        let id = RoomId::new(Timestamp::from_millis(1_000), &Random::System);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(RoomId::from_bytes(*id.as_bytes()), id);
        for other in [
            text.to_uppercase(),
            format!("{{{text}}}"),
            format!("{text}0"),
            text[..31].to_owned(),
            String::new(),
        ] {
            assert_eq!(other.parse::<RoomId>(), Err(NotARowId), "{other}");
        }
    }
}
