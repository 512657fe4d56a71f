//! The course's list of participants, and how old it is. The decisions, from values alone.

pub(crate) mod jobs;
pub(crate) mod store;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::LinkId;

/// Jobs that read the list of a course; about a context.
pub const MEMBERSHIPS: &str = "memberships";
/// A list older than this is read anew when a moderator looks at it.
pub const FRESH: Duration = Duration::from_secs(60 * 60);
/// However often anybody looks, a platform is not asked more often than this.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// What is known of a course's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// When the platform was last asked.
    pub asked_at: Option<Timestamp>,
    /// When the list that counts was read.
    pub fetched_at: Option<Timestamp>,
    /// The resource link that it was narrowed to.
    pub narrowed_to: Option<LinkId>,
    /// Whether it was longer than what was read of it.
    pub is_cut: bool,
    /// The code of the last failure.
    pub trouble: Option<String>,
    /// Since when it fails.
    pub failing_since: Option<Timestamp>,
}

impl ListState {
    /// When the list was read that speaks for `link`; `None` when it was narrowed to another activity of the course.
    pub fn read_for(&self, link: LinkId) -> Option<Timestamp> {
        let fits = self.narrowed_to.is_none_or(|narrowed| narrowed == link);
        self.fetched_at.filter(|_| fits)
    }

    /// When the platform should be asked, now that a moderator looks at `link`; `None` while the list is fresh.
    pub fn ask_at(&self, link: LinkId, now: Timestamp) -> Option<Timestamp> {
        let is_fresh = self.read_for(link).is_some_and(|read| now.since(read) < FRESH);
        // Once a course has several activities its list is read as a whole, so this happens once.
        let is_of_another =
            self.fetched_at.is_some() && self.read_for(link).is_none() && self.trouble.is_none();
        (!is_fresh).then(|| if is_of_another { now } else { self.soonest(now) })
    }

    /// The next moment at which the platform may be asked.
    pub fn soonest(&self, now: Timestamp) -> Timestamp {
        self.asked_at.map_or(now, |asked| now.max(asked.plus(MIN_REFRESH_INTERVAL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_asked_when_the_list_is_old_and_seldom() {
        let now = Timestamp::from_secs(100_000);
        let ago = |secs: i64| Some(Timestamp::from_secs(100_000 - secs));
        let known = |asked, fetched, narrowed: Option<&str>| ListState {
            asked_at: asked,
            fetched_at: fetched,
            narrowed_to: narrowed.map(|name| LinkId::derived(name, 0)),
            ..ListState::default()
        };
        for (known, expected) in [
            (known(None, None, None), Some(100_000)),
            (known(ago(60), ago(60), None), None),
            (known(ago(3_599), ago(3_599), Some("l")), None),
            (known(ago(3_600), ago(3_600), None), Some(100_000)),
            (known(ago(60), None, None), Some(100_240)),
            (known(ago(60), ago(9_000), None), Some(100_240)),
            (known(ago(400), ago(9_000), None), Some(100_000)),
            (known(ago(60), ago(60), Some("other")), Some(100_000)),
        ] {
            assert_eq!(
                known.ask_at(LinkId::derived("l", 0), now),
                expected.map(Timestamp::from_secs),
                "{known:?}"
            );
        }
    }
}
