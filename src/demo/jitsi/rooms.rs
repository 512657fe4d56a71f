//! Who is in which room.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;

/// How long a silent page still counts as present: Prosody's time to notice a broken connection. Real time, because
/// the demo's clock may skip while pages ask as often as ever.
const SILENCE: Duration = Duration::from_secs(60);

/// Somebody in a room.
#[derive(Clone, Debug, Serialize)]
pub struct Occupant {
    /// The id others see: eight hexadecimal digits, new at each join.
    pub id: String,
    /// The person's id from the token.
    pub user_id: Option<String>,
    /// The name shown.
    pub name: String,
    /// The picture's URL.
    pub avatar: Option<String>,
    /// Whether the person is a moderator.
    pub moderator: bool,
    /// What the person may do.
    pub features: BTreeMap<String, bool>,
    /// When the person came.
    pub joined: Timestamp,
    /// The settings the page asked for and got.
    pub config: Value,
    /// Settings the page asked for that no Jitsi takes.
    pub ignored_config: Vec<String>,
    /// The permissions the page found delegated to it (`camera`, `microphone`, `display-capture`).
    pub delegated: Vec<String>,
    #[serde(skip)]
    pub(super) last_seen: Instant,
}

/// What happened to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomEvent {
    /// They came in.
    Joined,
    /// They left of their own accord.
    Left,
    /// Their connection broke.
    Vanished,
    /// They were not let in.
    Refused,
}

/// A line of the server's log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// The room, with its tenant before a slash if it has one.
    pub room: String,
    /// What happened.
    pub event: RoomEvent,
    /// The person's id, from the token.
    pub user_id: Option<String>,
    /// The person's name, or why they were refused.
    pub text: String,
}

struct Seat {
    room: String,
    occupant: Occupant,
}

/// All rooms. Seats are found by a key that only the page of that person knows.
#[derive(Default)]
pub(super) struct Rooms {
    seats: HashMap<String, Seat>,
    pub(super) log: Vec<LogEntry>,
}

impl Rooms {
    pub(super) fn occupants(&self, room: &str) -> Vec<Occupant> {
        let mut found: Vec<_> =
            self.seats.values().filter(|seat| seat.room == room).map(|seat| seat.occupant.clone()).collect();
        found.sort_by(|a, b| (a.joined, &a.id).cmp(&(b.joined, &b.id)));
        found
    }

    pub(super) fn join(&mut self, key: String, room: &str, occupant: Occupant) {
        self.note(occupant.joined, room, RoomEvent::Joined, &occupant);
        self.seats.insert(key, Seat { room: room.to_owned(), occupant });
    }

    /// Records that the page is still there; returns the room and the person's id in it.
    pub(super) fn seen(&mut self, key: &str, now: Timestamp) -> Option<(String, String)> {
        self.sweep(now);
        let seat = self.seats.get_mut(key)?;
        seat.occupant.last_seen = Instant::now();
        Some((seat.room.clone(), seat.occupant.id.clone()))
    }

    /// Returns the room of an occupant.
    pub(super) fn room_of(&self, key: &str) -> Option<String> {
        self.seats.get(key).map(|seat| seat.room.clone())
    }

    pub(super) fn leave(&mut self, key: &str, now: Timestamp) {
        if let Some(seat) = self.seats.remove(key) {
            self.note(now, &seat.room, RoomEvent::Left, &seat.occupant);
        }
    }

    /// Removes those who have been silent for too long.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        let silent = |seat: &Seat| seat.occupant.last_seen.elapsed() > SILENCE;
        let gone: Vec<_> =
            self.seats.iter().filter(|(_, seat)| silent(seat)).map(|(key, _)| key.clone()).collect();
        for key in gone {
            if let Some(seat) = self.seats.remove(&key) {
                self.note(now, &seat.room, RoomEvent::Vanished, &seat.occupant);
            }
        }
    }

    /// Makes the first one moderator if nobody is: what a server without tokens does.
    pub(super) fn elect(&mut self, room: &str) {
        let present = self.occupants(room);
        if present.iter().any(|one| one.moderator) {
            return;
        }
        let Some(first) = present.first() else { return };
        let chosen = self.seats.values_mut().find(|seat| seat.room == room && seat.occupant.id == first.id);
        if let Some(seat) = chosen {
            seat.occupant.moderator = true;
            seat.occupant.features = super::rules::features(&Value::Null, true);
        }
    }

    pub(super) fn refused(&mut self, at: Timestamp, room: &str, text: String) {
        self.log.push(LogEntry { at, room: room.to_owned(), event: RoomEvent::Refused, user_id: None, text });
    }

    fn note(&mut self, at: Timestamp, room: &str, event: RoomEvent, who: &Occupant) {
        let (user_id, text) = (who.user_id.clone(), who.name.clone());
        self.log.push(LogEntry { at, room: room.to_owned(), event, user_id, text });
    }
}
