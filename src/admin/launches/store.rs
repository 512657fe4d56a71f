//! Queries on `launch_log` for administrators.

use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::launch_log;
use crate::db::{DbConnection, DbError};
use crate::ids::{PlatformId, is_row_id};
use crate::lti::launch_log::LaunchAnswer;

/// Outcomes of launches that are nobody's fault: the class opened, or the browser went on in a window.
pub const FINE: [&str; 2] = [LaunchAnswer::Entered.code(), LaunchAnswer::CookiesBlocked.code()];

/// A line of the launch log.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = launch_log)]
pub struct Launch {
    /// Our identifier.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The deployment, where the platform proved it.
    pub deployment_id: Option<String>,
    /// The deployment that somebody claimed.
    pub claimed_deployment: Option<String>,
    /// Stands for the person.
    pub pseudonym: Option<String>,
    /// `entered`, or the code of the refusal.
    pub outcome: String,
    /// The checks that passed, separated by spaces.
    pub passed: String,
    /// The failing check in words.
    pub detail: Option<String>,
}

/// A place in the log: launches before it are older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: Timestamp,
    id: String,
}

impl Cursor {
    /// Returns the place of a launch.
    pub fn of(launch: &Launch) -> Self {
        Self { at: launch.at, id: launch.id.clone() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.at.millis(), self.id)
    }
}

/// A cursor in an address that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no place in the launch log")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (at, id) = text.split_once('-').ok_or(NoCursor)?;
        let at = at.parse().map_err(|_: std::num::ParseIntError| NoCursor)?;
        if !is_row_id(id) {
            return Err(NoCursor);
        }
        Ok(Self { at: Timestamp::from_millis(at), id: id.to_owned() })
    }
}

/// Which launches are looked for.
#[derive(Clone, Debug)]
pub struct LaunchFilter {
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// The platform's identifier of a deployment, where only that one's count.
    pub deployment: Option<String>,
    /// Whether launches that went well are left out.
    pub only_refused: bool,
    /// What person, deployment or code hold; empty for all.
    pub search: String,
    /// Only launches that are older.
    pub before: Option<Cursor>,
}

impl LaunchFilter {
    /// Returns the filter that lets all launches of a platform through.
    pub fn of(platform: PlatformId) -> Self {
        Self { platform, deployment: None, only_refused: false, search: String::new(), before: None }
    }
}

/// The last launches that a filter lets through, newest first, so many at most.
pub fn list_launches(
    connection: &mut DbConnection,
    filter: &LaunchFilter,
    most: i64,
) -> Result<Vec<Launch>, DbError> {
    let mut query = launch_log::table
        .filter(launch_log::platform_id.eq(&filter.platform))
        .select(Launch::as_select())
        .into_boxed();
    if let Some(deployment) = &filter.deployment {
        query = query.filter(launch_log::deployment_id.eq(deployment));
    }
    if filter.only_refused {
        query = query.filter(launch_log::outcome.ne_all(FINE));
    }
    if !filter.search.is_empty() {
        let escaped = filter.search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        let holds = launch_log::outcome
            .like(pattern.clone())
            .escape('\\')
            .nullable()
            .or(launch_log::pseudonym.like(pattern.clone()).escape('\\'))
            .or(launch_log::deployment_id.like(pattern.clone()).escape('\\'))
            .or(launch_log::claimed_deployment.like(pattern).escape('\\'));
        query = query.filter(holds);
    }
    if let Some(Cursor { at, id }) = &filter.before {
        query = query
            .filter(launch_log::at.le(*at).and(launch_log::at.lt(*at).or(launch_log::id.lt(id.clone()))));
    }
    Ok(query.order((launch_log::at.desc(), launch_log::id.desc())).limit(most).load(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id = "0123456789abcdef0123456789abcdef".to_owned();
        let cursor = Cursor { at: Timestamp::from_millis(1_700_000_000_123), id };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1", "1-", "x-0123456789abcdef0123456789abcdef", "1-'; DROP TABLE", "-1--"] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
