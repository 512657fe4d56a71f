//! A room for each group of a course: where a launch leads. The decision, from values alone.

pub mod jobs;
pub mod store;
pub mod web;

use std::time::Duration;

/// Jobs that read the groups of a course; about a context.
pub const GROUPS: &str = "groups";
/// Groups that a platform told less than this ago are not asked for again.
pub const FRESH: Duration = Duration::from_secs(5 * 60);

/// A group of a course, as it is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseGroup {
    /// The platform's identifier.
    pub key: String,
    /// Its name, where the platform tells one.
    pub name: Option<String>,
    /// Its neutral name: the first that became known is 1.
    pub number: i64,
}

/// Where somebody goes whose activity has a room for each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRoomChoice {
    /// Into the room of the only group.
    Into(String),
    /// To the page where one chooses.
    Choose,
    /// Into the room of the whole course: the person is in no group that is known.
    WholeCourse,
}

/// The way of a person with these groups. Who leads the class chooses among all.
pub fn way(moderates: bool, own: &[CourseGroup]) -> GroupRoomChoice {
    match own {
        _ if moderates => GroupRoomChoice::Choose,
        [] => GroupRoomChoice::WholeCourse,
        [only] => GroupRoomChoice::Into(only.key.clone()),
        _ => GroupRoomChoice::Choose,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learner_goes_to_the_own_group_and_a_teacher_chooses() {
        let group = |key: &str| CourseGroup { key: key.into(), name: None, number: 1 };
        assert_eq!(way(false, &[]), GroupRoomChoice::WholeCourse);
        assert_eq!(way(false, &[group("a")]), GroupRoomChoice::Into("a".into()));
        assert_eq!(way(false, &[group("a"), group("b")]), GroupRoomChoice::Choose);
        assert_eq!(way(true, &[]), GroupRoomChoice::Choose);
        assert_eq!(way(true, &[group("a")]), GroupRoomChoice::Choose);
    }
}
