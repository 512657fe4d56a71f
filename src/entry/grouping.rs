//! Which of an activity's rooms a launch leads to, where each group of the course has one.

use std::time::Duration;

use crate::db::{DbError, Tx};
use crate::ids::{ContextId, RoomId, UserId};
use crate::lti::jobs::in_time;
use crate::lti::services::access::Access;
use crate::lti::services::failure::ServiceFailure;
use crate::lti::services::groups::{GroupService, ListedGroup, SCOPE, list_groups};
use crate::rooms::groups::store::{
    find_grouped_at, find_reading, list_groups_of, note_reading, take_groups, take_membership,
};
use crate::rooms::groups::{CourseGroup, FRESH, GroupRoomChoice, way};
use crate::rooms::store::find_or_make_for_group;

use super::LaunchOpener;
use super::store::{LinkArrival, StoredEntry};

/// Somebody waits at the door: what the platform does not tell by then is not known.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Where a person comes to who enters an activity with rooms for groups.
pub(super) struct GroupEntry {
    /// The room.
    pub(super) room: RoomId,
    /// The page: what follows the room's own address.
    pub(super) path: &'static str,
}

/// Returns the room and the page that the person comes to.
pub(super) async fn way_in(
    opener: &LaunchOpener<'_>,
    arrival: &LinkArrival,
    opened: &StoredEntry,
) -> Result<GroupEntry, DbError> {
    let moderates = arrival.launch.rights().moderates();
    learn(opener, arrival, opened, moderates).await?;
    let (context, link, user) = (opened.context, opened.link, opened.user);
    let own: Vec<CourseGroup> =
        opener.db.read(move |connection| list_groups_of(connection, context, user)).await?;
    match way(moderates, &own) {
        GroupRoomChoice::Choose => Ok(GroupEntry { room: opened.room, path: "/groups" }),
        GroupRoomChoice::WholeCourse => Ok(GroupEntry { room: opened.room, path: "" }),
        GroupRoomChoice::Into(group) => {
            let room = opener.db.write(move |tx| find_or_make_for_group(tx, link, context, &group)).await?;
            Ok(GroupEntry { room, path: "" })
        }
    }
}

/// Takes in the person's groups: from the platform's service where there is one, for who leads the class all of the
/// course; else, or where it fails, as the launch tells them.
async fn learn(
    opener: &LaunchOpener<'_>,
    arrival: &LinkArrival,
    opened: &StoredEntry,
    moderates: bool,
) -> Result<(), DbError> {
    // What this launch leaves out, others of the course have told.
    let told_before = || opened.groups_url.as_deref().and_then(GroupService::stored);
    let service = arrival.launch.group_service.clone().or_else(told_before);
    if let Some(service) = service.as_ref().filter(|_| arrival.launch.sub.is_some()) {
        if is_fresh(opener, opened, moderates).await? {
            return Ok(());
        }
        let person = (!moderates).then_some(arrival.sub.as_str());
        match ask(opener, arrival, service, person).await {
            Ok(groups) if moderates => return remember_all(opener, opened, groups).await,
            Ok(groups) => return remember(opener, opened, groups).await,
            Err(failure) => note_trouble(opener, opened, &failure).await?,
        }
    }
    match &arrival.launch.custom.groups {
        Some(received) => {
            let received = received.iter().map(|id| ListedGroup { id: id.clone(), name: None }).collect();
            remember(opener, opened, received).await
        }
        None => Ok(()),
    }
}

async fn note_trouble(
    opener: &LaunchOpener<'_>,
    opened: &StoredEntry,
    failure: &ServiceFailure,
) -> Result<(), DbError> {
    tracing::warn!(%failure, context = %opened.context, "a course's groups cannot be read");
    let code = failure.error.code();
    write(opener, opened, move |tx, context, _| note_reading(tx, context, Some(code))).await
}

async fn ask(
    opener: &LaunchOpener<'_>,
    arrival: &LinkArrival,
    service: &GroupService,
    person: Option<&str>,
) -> Result<Vec<ListedGroup>, ServiceFailure> {
    let access = Access {
        platform: arrival.launch.platform.clone(),
        deployment: arrival.launch.deployment.clone(),
        // Alone: a platform that grants no scope of the gradebook may still grant this one.
        scopes: vec![SCOPE.to_owned()],
    };
    in_time(TIMEOUT, list_groups(opener.services, &access, service, person)).await
}

async fn is_fresh(opener: &LaunchOpener<'_>, opened: &StoredEntry, moderates: bool) -> Result<bool, DbError> {
    let (context, user) = (opened.context, opened.user);
    let received = opener
        .db
        .read(move |connection| {
            if moderates {
                let reading = find_reading(connection, context)?;
                return Ok::<_, DbError>(reading.filter(|one| one.trouble.is_none()).map(|one| one.asked));
            }
            find_grouped_at(connection, context, user)
        })
        .await?;
    Ok(received.is_some_and(|received| opener.now.since(received) < FRESH))
}

async fn remember(
    opener: &LaunchOpener<'_>,
    opened: &StoredEntry,
    received: Vec<ListedGroup>,
) -> Result<(), DbError> {
    let (context, user) = (opened.context, opened.user);
    let known: Vec<CourseGroup> =
        opener.db.read(move |connection| list_groups_of(connection, context, user)).await?;
    let is_known = |group: &ListedGroup| {
        known.iter().any(|one| one.key == group.id && (group.name.is_none() || one.name == group.name))
    };
    // Nothing is written at a launch that tells nothing new, but when it was told.
    let is_news = known.len() != received.len() || !received.iter().all(is_known);
    let is_due = !is_fresh(opener, opened, false).await?;
    if !is_news && !is_due {
        return Ok(());
    }
    write(opener, opened, move |tx, context, user| take_membership(tx, context, user, &received)).await
}

async fn remember_all(
    opener: &LaunchOpener<'_>,
    opened: &StoredEntry,
    received: Vec<ListedGroup>,
) -> Result<(), DbError> {
    write(opener, opened, move |tx, context, _| {
        take_groups(tx.connection, context, &received, true)?;
        note_reading(tx, context, None)
    })
    .await
}

async fn write(
    opener: &LaunchOpener<'_>,
    opened: &StoredEntry,
    work: impl Fn(&mut Tx<'_>, ContextId, UserId) -> Result<(), DbError> + Send + 'static,
) -> Result<(), DbError> {
    let (context, user) = (opened.context, opened.user);
    opener.db.write(move |tx| work(tx, context, user)).await
}
