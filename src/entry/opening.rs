//! Opens the room of a verified launch.

use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ids::Random;
use crate::lti::message::VerifiedLaunch;
use crate::lti::platform::{Platform, Status, frame_source};
use crate::rooms::model::Seat;

use super::store;

/// Why a verified launch opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The person is blocked here.
    #[error("the person is blocked")]
    UserBlocked,
}

/// The room of the launch, and the person's seat in it. Course, link, room and person are stored when they are new,
/// and changed when the platform tells something else of them than before.
pub async fn open(
    db: &Database,
    launch: VerifiedLaunch,
    now: Timestamp,
    random: &Random,
) -> Result<(String, Seat), EntryError> {
    let (rights, locale, ancestors) = (launch.rights(), launch.profile.locale.clone(), ancestors(&launch));
    let opened = match find_unchanged(db, &launch).await? {
        Some(opened) => opened,
        None => {
            let random = random.clone();
            db.write(move |connection| store::take_in(connection, &launch, now, &random)).await?
        }
    };
    match opened.status {
        Status::Disabled => Err(EntryError::UserBlocked),
        Status::Active => {
            Ok((opened.room, Seat { link: opened.link, user: opened.user, rights, locale, ancestors }))
        }
    }
}

async fn find_unchanged(db: &Database, launch: &VerifiedLaunch) -> Result<Option<store::Opened>, DbError> {
    let launch = launch.clone();
    db.look_up(move |connection| store::find_unchanged(connection, &launch)).await
}

/// The origins that may frame the pages of this launch: the platform's own, and where it says the course is.
fn ancestors(launch: &VerifiedLaunch) -> Vec<String> {
    let Platform { issuer, auth_url, .. } = &launch.platform;
    let issuer = url::Url::parse(issuer).ok();
    let urls = [issuer.as_ref(), Some(auth_url), launch.return_url.as_ref()];
    let mut origins: Vec<String> = urls.into_iter().flatten().filter_map(frame_source).collect();
    origins.extend(family_patterns(auth_url).iter().map(|pattern| (*pattern).to_owned()));
    origins.sort();
    origins.dedup();
    origins
}

/// Cloud platforms show their courses on hosts that neither issuer nor endpoints name.
fn family_patterns(auth_url: &url::Url) -> &'static [&'static str] {
    match auth_url.host_str() {
        Some(host) if host.ends_with(".instructure.com") || host.ends_with(".canvaslms.com") => {
            &["https://*.instructure.com", "https://*.canvaslms.com"]
        }
        Some("developer.blackboard.com" | "developer.anthology.com") => &["https://*.blackboard.com"],
        Some(host) if host.ends_with(".schoology.com") => &["https://*.schoology.com"],
        Some(host) if host.ends_with(".brightspace.com") => &["https://*.brightspace.com"],
        _ => &[],
    }
}
