//! Values that browsers keep for us: sealed for one purpose, and good for a limited time.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::packing::{Pack, Packer, Unpacker};
use super::{NotSealedHere, Sealer};
use crate::clock::Timestamp;
use crate::ids::Random;

/// Why a sealed value is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// It was not sealed here for this purpose, or it was changed.
    #[error(transparent)]
    Unreadable(#[from] NotSealedHere),
    /// Its time is over.
    #[error("sealed too long ago")]
    Expired,
}

/// A value that leaves the process sealed, comes back unchanged, and expires.
pub trait Sealed: Sized {
    /// How the value is written before it is sealed.
    type Format: Format<Self>;
    /// What the value is sealed for: it opens as nothing else.
    const PURPOSE: &'static str;
    /// How long the value is good.
    const TTL: Duration;

    /// Returns when the time of the value began.
    fn issued(&self) -> Timestamp;

    /// Returns whether the time of the value is over.
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.issued()) > Self::TTL
    }

    /// Seals the value: base64url, unreadable and unchangeable outside.
    fn seal(&self, sealer: &Sealer, random: &Random) -> String {
        sealer.seal(Self::PURPOSE, &Self::Format::write(self), random)
    }

    /// Opens a value that was sealed here and is not over.
    fn open(sealed: &str, sealer: &Sealer, now: Timestamp) -> Result<Self, SealedError> {
        let value = Self::open_at_any_age(sealed, sealer)?;
        if value.is_over(now) { Err(SealedError::Expired) } else { Ok(value) }
    }

    /// Opens a value that was sealed here, whether or not it is over: for callers that look at its age later.
    fn open_at_any_age(sealed: &str, sealer: &Sealer) -> Result<Self, NotSealedHere> {
        Self::Format::read(&sealer.open(Self::PURPOSE, sealed)?).ok_or(NotSealedHere)
    }
}

/// Writes a value as bytes, and reads it again.
pub trait Format<T> {
    /// Writes the value.
    fn write(value: &T) -> Vec<u8>;

    /// Reads a value; `None` for anything else.
    fn read(bytes: &[u8]) -> Option<T>;
}

/// Values as JSON: the usual format.
pub enum Json {}

impl<T: Serialize + DeserializeOwned> Format<T> for Json {
    #[expect(
        clippy::expect_used,
        reason = "sealed values are plain structs: no map with other keys than texts"
    )]
    fn write(value: &T) -> Vec<u8> {
        serde_json::to_vec(value).expect("a plain struct can be written as JSON")
    }

    fn read(bytes: &[u8]) -> Option<T> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Values in few bytes, for what comes with every request.
pub enum Packed {}

impl<T: Pack> Format<T> for Packed {
    fn write(value: &T) -> Vec<u8> {
        let mut out = Packer::default();
        value.pack(&mut out);
        out.finish()
    }

    fn read(bytes: &[u8]) -> Option<T> {
        let mut from = Unpacker::new(bytes);
        let value = T::unpack(&mut from)?;
        from.is_at_end().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Ticket {
        seat: u8,
        at: Timestamp,
    }

    impl Sealed for Ticket {
        type Format = Json;
        const PURPOSE: &'static str = "ticket";
        const TTL: Duration = Duration::from_secs(60);

        fn issued(&self) -> Timestamp {
            self.at
        }
    }

    #[test]
    fn a_sealed_value_opens_until_its_time_is_over() {
        let sealer = Sealer::parse(&SecretString::from("ab".repeat(32))).unwrap();
        let at = Timestamp::from_millis(1_795_341_697_000);
        let ticket = Ticket { seat: 7, at };
        let sealed = ticket.seal(&sealer, &Random::System);
        assert_eq!(Ticket::open(&sealed, &sealer, at.plus(Ticket::TTL)), Ok(Ticket { seat: 7, at }));
        let late = at.plus(Ticket::TTL + Duration::from_millis(1));
        assert_eq!(Ticket::open(&sealed, &sealer, late), Err(SealedError::Expired));
        assert_eq!(Ticket::open_at_any_age(&sealed, &sealer), Ok(ticket));
    }

    #[test]
    fn what_is_no_such_value_is_unreadable() {
        let sealer = Sealer::parse(&SecretString::from("ab".repeat(32))).unwrap();
        let at = Timestamp::from_millis(1_795_341_697_000);
        for sealed in [
            sealer.seal("ticket", b"{}", &Random::System),
            sealer.seal("other", br#"{"seat":7,"at":1795341697000}"#, &Random::System),
            "".to_owned(),
        ] {
            assert_eq!(Ticket::open(&sealed, &sealer, at), Err(SealedError::Unreadable(NotSealedHere)));
        }
    }
}
