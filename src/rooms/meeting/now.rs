//! What goes on in a room, as all who wait at its door find it.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher as _};

use super::entry::Occupancy;
use crate::clock::Timestamp;
use crate::ids::UserId;

/// Who is in a room's meeting, and by what was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomNow {
    /// When the meeting began; `None` while none is running.
    pub began: Option<Timestamp>,
    /// Who is in it, and whether they lead it.
    pub inside: HashMap<UserId, bool>,
    /// Who was just let in, and not heard of yet.
    pub let_in: HashSet<UserId>,
    /// Who was in this meeting at any time.
    pub been: HashSet<UserId>,
    /// Names what was decided about the room: another one where somebody decided otherwise.
    pub version: u64,
}

impl RoomNow {
    /// Names what is stored about a room.
    pub fn version_of(decided: &impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        decided.hash(&mut hasher);
        hasher.finish()
    }

    /// Returns how many people are inside, or on their way in.
    pub fn people(&self) -> usize {
        let on_their_way = self.let_in.iter().filter(|user| !self.inside.contains_key(user));
        self.inside.len() + on_their_way.count()
    }

    /// Returns whether somebody who leads the class is inside.
    pub fn is_led(&self) -> bool {
        self.inside.values().any(|leads| *leads)
    }

    /// Returns the same as one person at the door finds it.
    pub fn occupancy(&self, user: UserId) -> Occupancy {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Occupancy {
            began: self.began,
            people: count(self.people()),
            moderators: count(self.inside.values().filter(|leads| **leads).count()),
            is_inside: self.inside.contains_key(&user) || self.let_in.contains(&user),
            was_inside: self.been.contains(&user),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_at_the_door_sees_themselves() {
        let user = |index| UserId::derived("user", index);
        let now = RoomNow {
            began: Some(Timestamp::from_secs(1)),
            inside: HashMap::from([(user(0), true), (user(1), false)]),
            let_in: HashSet::from([user(1), user(2)]),
            been: HashSet::from([user(0), user(1), user(3)]),
            version: 0,
        };
        assert_eq!((now.people(), now.is_led()), (3, true));
        for (index, is_inside, was_inside) in
            [(0, true, true), (1, true, true), (2, true, false), (3, false, true), (4, false, false)]
        {
            let seen = now.occupancy(user(index));
            assert_eq!((seen.is_inside, seen.was_inside), (is_inside, was_inside), "{index}");
            assert_eq!((seen.people, seen.moderators), (3, 1));
        }
    }
}
