//! Whether somebody may enter a meeting now, by what was decided about the room and who is in it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::lti::launch::roles::MeetingRole;
use crate::rooms::schedule::agenda::Agenda;
use crate::rooms::settings::catalogue::RoomSettings;

/// Who is in a room's meeting, as somebody at its door finds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// When the meeting began; `None` while none is running.
    pub began: Option<Timestamp>,
    /// How many people are in it, or were just let in.
    pub people: i64,
    /// How many of them lead it.
    pub moderators: i64,
    /// Whether the person is one of them: a second page, a reload, a connection that broke.
    pub is_inside: bool,
    /// Whether the person was in this meeting before.
    pub was_inside: bool,
}

/// What the door says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Come in.
    Open,
    /// Its time has not come.
    Before,
    /// Its time is over.
    Over,
    /// Nobody who leads the class is there yet.
    WaitsForModerator,
    /// The class began too long ago.
    Locked,
    /// As many people are in it as may be.
    Full,
}

impl Entry {
    /// Returns the word in pages and texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Before => "before",
            Self::Over => "over",
            Self::WaitsForModerator => "no-moderator",
            Self::Locked => "locked",
            Self::Full => "full",
        }
    }
}

/// Decides whether it is time for a person of this role: those who lead the class may come a little earlier, and nobody comes
/// in when it is over; who is inside then may finish.
pub fn decide_time(
    role: MeetingRole,
    settings: &RoomSettings,
    agenda: Option<&Agenda>,
    now: Timestamp,
) -> Entry {
    let early = match role {
        MeetingRole::Moderator => Duration::from_secs(u64::from(settings.early_entry) * 60),
        MeetingRole::Participant | MeetingRole::Observer => Duration::ZERO,
    };
    let Some(agenda) = agenda.filter(|_| settings.only_in_time) else { return Entry::Open };
    match &agenda.next {
        None => Entry::Over,
        Some(next) if now < next.begins.minus(early) => Entry::Before,
        Some(_) => Entry::Open,
    }
}

/// Returns whether the door has to know who is inside.
pub fn asks(role: MeetingRole, settings: &RoomSettings) -> bool {
    let decided = settings.wait_for_moderator || settings.lock_after > 0 || settings.max_people > 0;
    decided && role != MeetingRole::Moderator
}

/// Decides whether a person of this role may enter now.
///
/// Those who lead the class always may: a class without them is worse than one person too many. Who is inside may come
/// back, and who was there before the class was locked too.
pub fn decide(role: MeetingRole, settings: &RoomSettings, inside: &Occupancy, now: Timestamp) -> Entry {
    if !asks(role, settings) || inside.is_inside {
        return Entry::Open;
    }
    let lock_after = Duration::from_secs(u64::from(settings.lock_after) * 60);
    let is_late = inside.began.is_some_and(|began| now >= began.plus(lock_after));
    if settings.wait_for_moderator && inside.moderators == 0 {
        Entry::WaitsForModerator
    } else if settings.lock_after > 0 && is_late && !inside.was_inside {
        Entry::Locked
    } else if settings.max_people > 0 && inside.people >= i64::from(settings.max_people) {
        Entry::Full
    } else {
        Entry::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OccurrenceId;
    use crate::rooms::schedule::occurrence::{Occurrence, OccurrenceState};

    #[test]
    fn the_scheduled_time_is_kept_to_the_second() {
        let (begins, ends) = (Timestamp::from_secs(100_000), Timestamp::from_secs(103_600));
        let date = Occurrence {
            id: OccurrenceId::NONE,
            planned: begins,
            begins,
            ends,
            state: OccurrenceState::Planned,
            note: String::new(),
            sequence: 0,
        };
        let kept = RoomSettings { only_in_time: true, early_entry: 5, ..RoomSettings::default() };
        let second = Duration::from_secs(1);
        let early = begins.minus(Duration::from_secs(300));
        for (now, leads, others) in [
            (early.minus(second), Entry::Before, Entry::Before),
            (early, Entry::Open, Entry::Before),
            (begins.minus(second), Entry::Open, Entry::Before),
            (begins, Entry::Open, Entry::Open),
            (ends.minus(second), Entry::Open, Entry::Open),
            (ends, Entry::Over, Entry::Over),
        ] {
            let to_come = Some(date.clone()).filter(|date| !date.is_over(now)).into_iter().collect();
            let agenda = Agenda::new(chrono_tz::Tz::UTC, to_come);
            let decide = |role, settings, agenda| decide_time(role, settings, agenda, now);
            assert_eq!(decide(MeetingRole::Moderator, &kept, Some(&agenda)), leads, "{now:?}");
            assert_eq!(decide(MeetingRole::Participant, &kept, Some(&agenda)), others, "{now:?}");
            let open = RoomSettings { only_in_time: false, ..kept.clone() };
            assert_eq!(decide(MeetingRole::Participant, &open, Some(&agenda)), Entry::Open);
            assert_eq!(decide(MeetingRole::Participant, &kept, None), Entry::Open);
        }
    }

    #[test]
    fn the_door_does_what_was_decided() {
        let now = Timestamp::from_secs(100_000);
        let began = |minutes: u64| Some(now.minus(Duration::from_secs(minutes * 60)));
        let wait = RoomSettings { wait_for_moderator: true, ..RoomSettings::default() };
        let lock = RoomSettings { lock_after: 10, ..RoomSettings::default() };
        let few = RoomSettings { max_people: 3, ..RoomSettings::default() };
        let nobody = Occupancy::default();
        let class = Occupancy { began: began(5), people: 3, moderators: 1, ..nobody };
        let late = Occupancy { began: began(10), ..class };
        for (settings, inside, expected) in [
            (&RoomSettings::default(), nobody, Entry::Open),
            (&wait, nobody, Entry::WaitsForModerator),
            (&wait, Occupancy { moderators: 0, ..class }, Entry::WaitsForModerator),
            (&wait, Occupancy { moderators: 0, is_inside: true, ..class }, Entry::Open),
            (&wait, class, Entry::Open),
            (&lock, nobody, Entry::Open),
            (&lock, class, Entry::Open),
            (&lock, late, Entry::Locked),
            (&lock, Occupancy { was_inside: true, ..late }, Entry::Open),
            (&few, Occupancy { people: 2, ..class }, Entry::Open),
            (&few, class, Entry::Full),
            (&few, Occupancy { is_inside: true, ..class }, Entry::Open),
        ] {
            assert_eq!(decide(MeetingRole::Participant, settings, &inside, now), expected, "{inside:?}");
            assert_eq!(decide(MeetingRole::Moderator, settings, &inside, now), Entry::Open);
        }
    }
}
