//! What browsers carry with every request is written in few bytes before it is sealed.

use crate::clock::Timestamp;

/// What can be written in few bytes and read again.
pub trait Pack: Sized {
    /// Writes the value.
    fn pack(&self, out: &mut Packer);

    /// Reads a value that was written so; `None` for anything else.
    fn unpack(from: &mut Unpacker<'_>) -> Option<Self>;
}

/// Writes values one after the other.
#[derive(Default)]
pub struct Packer(Vec<u8>);

impl Packer {
    /// Writes a number below 256.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Writes the bytes of a row's identifier.
    pub fn id(&mut self, id: &[u8; 16]) {
        self.0.extend(id);
    }

    /// Writes a moment to the millisecond, in 48 bits.
    pub fn moment(&mut self, moment: Timestamp) {
        let bytes = u64::try_from(moment.millis()).unwrap_or_default().to_be_bytes();
        self.0.extend(&bytes[2..]);
    }

    /// Writes a text of at most `max` bytes; what is longer is cut.
    pub fn text(&mut self, text: &str, max: u8) {
        let mut end = text.len().min(usize::from(max));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // A cut text is never longer than `max`.
        self.byte(u8::try_from(end).unwrap_or(max));
        self.0.extend(&text.as_bytes()[..end]);
    }

    /// Writes a text of at most 65,535 bytes; a longer one is left out.
    pub fn long_text(&mut self, text: &str) {
        let text = if text.len() > usize::from(u16::MAX) { "" } else { text };
        self.0.extend(u16::try_from(text.len()).unwrap_or_default().to_be_bytes());
        self.0.extend(text.as_bytes());
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads values in the order in which they were written; each is `None` when the bytes are not right.
pub struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    /// Reads from the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Reads a number below 256.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Reads the bytes of a row's identifier.
    pub fn id(&mut self) -> Option<[u8; 16]> {
        let (bytes, rest) = self.0.split_first_chunk::<16>()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// Reads a moment.
    pub fn moment(&mut self) -> Option<Timestamp> {
        let (bytes, rest) = self.0.split_first_chunk::<6>()?;
        self.0 = rest;
        let mut wide = [0; 8];
        wide[2..].copy_from_slice(bytes);
        i64::try_from(u64::from_be_bytes(wide)).ok().map(Timestamp::from_millis)
    }

    /// Reads a text.
    pub fn text(&mut self) -> Option<String> {
        let length = usize::from(self.byte()?);
        self.letters(length)
    }

    /// Reads a long text.
    pub fn long_text(&mut self) -> Option<String> {
        let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
        self.letters(usize::from(length))
    }

    fn letters(&mut self, length: usize) -> Option<String> {
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    /// Whether everything was read.
    pub fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let id = *b"a room of 16 or.";
        let mut out = Packer::default();
        out.id(&id);
        out.moment(Timestamp::from_millis(1_795_341_697_123));
        out.text("élan", 200);
        out.text("élan", 1);
        out.long_text("ñandú");
        out.byte(7);
        let bytes = out.finish();
        let mut from = Unpacker::new(&bytes);
        assert_eq!(from.id().unwrap(), id);
        assert_eq!(from.moment().unwrap().millis(), 1_795_341_697_123);
        assert_eq!(from.text().unwrap(), "élan");
        assert_eq!(from.text().unwrap(), "", "no half of a letter");
        assert_eq!(from.long_text().unwrap(), "ñandú");
        assert_eq!(from.byte(), Some(7));
        assert!(from.is_at_end());
    }

    #[test]
    fn bytes_that_are_too_few_or_no_text_are_nothing() {
        assert_eq!(Unpacker::new(&[3, b'a']).text(), None);
        assert_eq!(Unpacker::new(&[1, 0xff]).text(), None);
        assert_eq!(Unpacker::new(&[1; 15]).id(), None);
        assert!(Unpacker::new(&[1; 5]).moment().is_none());
        assert_eq!(Unpacker::new(&[]).byte(), None);
    }
}
