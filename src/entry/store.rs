//! Queries of a launch: what is stored of its course, link, room and person.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, lti_user, membership, resource_link, room, room_link};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, LinkId, PlatformId, RoomId, UserId};
use crate::lti;
use crate::lti::launch::legacy::LegacyIds;
use crate::lti::launch::message::{Learner, ResourceLink, VerifiedLaunch};
use crate::lti::registration::platform::Status;
use crate::lti::services::groups::ListedGroup;
use crate::memberships;
use crate::on_each_backend;
use crate::rooms;
use crate::rooms::copy::store::NewLink;
use crate::rooms::groups::store::{take_groups, take_membership};
use crate::rooms::model::WHOLE_COURSE;
use crate::rooms::numbers::store::give_numbers;

use super::facts::store::{
    CourseAtLaunch, Hearing, StoredCourse, StoredLink, StoredPerson, save_course, save_link, save_person,
};
use super::notices::store::take_notice_service;

/// Somebody at an activity, as a launch tells it.
#[derive(Clone, Debug)]
pub struct LinkArrival {
    /// The launch.
    pub launch: VerifiedLaunch,
    /// The activity.
    pub link: ResourceLink,
    /// The person, by a name of ours where the platform tells none.
    pub sub: String,
}

/// What a launch opened, by our identifiers.
pub struct StoredEntry {
    pub context: ContextId,
    pub room: RoomId,
    pub link: LinkId,
    pub user: UserId,
    pub status: Status,
    /// Whether each group of the course has a room of its own.
    pub group_rooms: bool,
    /// The course's groups service, as far as launches offered it.
    pub groups_url: Option<String>,
}

/// A room, and its settings as they are stored.
#[derive(Queryable)]
struct StoredRoom {
    id: RoomId,
    settings: String,
}

/// What is stored of everything that a launch names.
#[derive(Queryable)]
struct KnownEntry {
    course: StoredCourse,
    link: StoredLink,
    room: StoredRoom,
    person: StoredPerson,
    visit: StoredVisit,
}

/// What is stored of a person's place in a course.
#[derive(Queryable, Selectable)]
#[diesel(table_name = membership)]
struct StoredVisit {
    roles: String,
    launched_groups: Option<String>,
}

/// What a launch opens, when everything that it tells is stored already: then nothing needs to be written.
pub fn find_unchanged(
    connection: &mut DbConnection,
    arrival: &LinkArrival,
    now: Timestamp,
) -> Result<Option<StoredEntry>, DbError> {
    let LinkArrival { launch, link: received, sub } = arrival;
    let found: Option<KnownEntry> =
        on_each_backend!(connection, |inner| deployment::table
            .inner_join(context::table)
            .inner_join(resource_link::table.on(resource_link::context_id.eq(context::id)))
            .inner_join(room_link::table.on(
                room_link::resource_link_id.eq(resource_link::id).and(room_link::group_key.eq(WHOLE_COURSE)),
            ))
            .inner_join(room::table.on(room::id.eq(room_link::room_id)))
            .inner_join(lti_user::table.on(lti_user::platform_id.eq(deployment::platform_id)))
            .inner_join(
                membership::table
                    .on(membership::user_id.eq(lti_user::id).and(membership::context_id.eq(context::id))),
            )
            .filter(deployment::id.eq(&launch.deployment.id))
            .filter(context::context_id.eq(&launch.context.id))
            .filter(resource_link::resource_link_id.eq(&received.id))
            .filter(lti_user::sub.eq(sub))
            .select((
                StoredCourse::as_select(),
                StoredLink::as_select(),
                (room::id, room::settings),
                StoredPerson::as_select(),
                StoredVisit::as_select(),
            ))
            .get_result(inner)
            .optional())?;
    let Some(KnownEntry { course, link, room, person, visit }) = found else { return Ok(None) };
    let hearing = Hearing { launch, now };
    let same = course.after(hearing) == course
        && link.after(received, hearing) == link
        && person.after(hearing) == person
        && is_family_known(launch)
        && !is_notice_news(launch)
        && visit.roles == roles_text(launch)
        && !launched_groups(launch, &course)
            .is_some_and(|groups| is_news(&groups, visit.launched_groups.as_deref()));
    if !same {
        return Ok(None);
    }
    let status = person.status;
    let group_rooms = rooms::store::read_rules(room.id, &room.settings)?.group_rooms;
    let groups_url = course.groups_url;
    Ok(Some(StoredEntry {
        context: course.id,
        room: room.id,
        link: link.id,
        user: person.id,
        status,
        group_rooms,
        groups_url,
    }))
}

/// Stores what a launch tells, in one order for all launches, so that no two wait for each other in a circle.
pub fn store_entry(tx: &mut Tx<'_>, arrival: &LinkArrival, old: &LegacyIds) -> Result<StoredEntry, DbError> {
    let LinkArrival { launch, link: received, sub } = arrival;
    let hearing = Hearing { launch, now: tx.now };
    let CourseAtLaunch { course, are_memberships_news } = store_course(tx, hearing, sub)?;
    rename_link(tx.connection, old.link.as_deref(), &received.id, course.id)?;
    rename_user(tx.connection, old.user.as_deref(), sub, launch.platform.id)?;
    let link = save_link(tx, received, course.id, hearing)?;
    let new = NewLink {
        id: link.id,
        context: course.id,
        deployment: launch.deployment.id,
        link: &received.id,
        title: received.title.as_deref(),
        custom: &launch.custom,
        keeps_link_ids: launch.platform_family().keeps_link_ids,
    };
    let room = rooms::store::find_or_make(tx, &new)?;
    link.follow_grades(tx)?;
    if are_memberships_news {
        memberships::store::update_membership_service(tx, course.id)?;
    }
    let StoredPersonState { user, status } = store_visit(tx, hearing, sub, &course)?;
    let group_rooms = rooms::store::find_stored(tx.connection, link.id)?.rules.group_rooms;
    let groups_url = course.groups_url;
    Ok(StoredEntry { context: course.id, room, link: link.id, user, status, group_rooms, groups_url })
}

/// Gives an activity that is known by its identifier of LTI 1.1 its present one, unless another one has that already.
fn rename_link(
    connection: &mut DbConnection,
    old: Option<&str>,
    new: &str,
    context: ContextId,
) -> Result<(), DbError> {
    let Some(old) = old.filter(|old| *old != new) else { return Ok(()) };
    let called = |id: &str| {
        resource_link::context_id.eq(context).and(resource_link::resource_link_id.eq(id.to_owned()))
    };
    let known: i64 = resource_link::table.filter(called(new)).count().get_result(connection)?;
    if known == 0 {
        diesel::update(resource_link::table.filter(called(old)))
            .set(resource_link::resource_link_id.eq(new))
            .execute(connection)?;
    }
    Ok(())
}

/// The same for a person.
fn rename_user(
    connection: &mut DbConnection,
    old: Option<&str>,
    new: &str,
    platform: PlatformId,
) -> Result<(), DbError> {
    let Some(old) = old.filter(|old| *old != new) else { return Ok(()) };
    let called = |sub: &str| lti_user::platform_id.eq(platform).and(lti_user::sub.eq(sub.to_owned()));
    let known: i64 = lti_user::table.filter(called(new)).count().get_result(connection)?;
    if known == 0 {
        diesel::update(lti_user::table.filter(called(old))).set(lti_user::sub.eq(new)).execute(connection)?;
    }
    Ok(())
}

/// Who launched without an activity.
pub struct StoredVisitor {
    /// Our identifier of the course.
    pub context: ContextId,
    /// Our identifier of the person.
    pub user: UserId,
    /// Whether the person is blocked.
    pub status: Status,
}

/// Stores what a launch without an activity tells.
pub fn store_person(tx: &mut Tx<'_>, launch: &VerifiedLaunch, sub: &str) -> Result<StoredVisitor, DbError> {
    let hearing = Hearing { launch, now: tx.now };
    let CourseAtLaunch { course, are_memberships_news } = store_course(tx, hearing, sub)?;
    if are_memberships_news {
        memberships::store::update_membership_service(tx, course.id)?;
    }
    let StoredPersonState { user, status } = store_visit(tx, hearing, sub, &course)?;
    Ok(StoredVisitor { context: course.id, user, status })
}

/// Stores the course, and what the launch tells of its platform. Numbers of people and groups are given here: whoever
/// gives them has the course to themselves, and must not hold anything else that another launch waits for.
fn store_course(tx: &mut Tx<'_>, hearing: Hearing<'_>, sub: &str) -> Result<CourseAtLaunch, DbError> {
    let Hearing { launch, now: _ } = hearing;
    if let Some(family) = launch.family.as_deref().filter(|_| !is_family_known(launch)) {
        lti::store::save_family(tx.connection, launch.platform.id, family)?;
    }
    if is_notice_news(launch) {
        take_notice_service(tx, launch)?;
    }
    let at_launch = save_course(tx, hearing)?;
    let course = &at_launch.course;
    if launch.sub.is_some() {
        if launch.profile.name.is_none() {
            give_numbers(tx.connection, course.id, &[sub])?;
        }
        if let Some(groups) = launched_groups(launch, course) {
            take_groups(tx.connection, course.id, &groups, false)?;
        }
    }
    Ok(at_launch)
}

/// A person who is stored, and whether they may enter.
struct StoredPersonState {
    user: UserId,
    status: Status,
}

/// Stores the person and their place in the course: roles and groups.
fn store_visit(
    tx: &mut Tx<'_>,
    hearing: Hearing<'_>,
    sub: &str,
    course: &StoredCourse,
) -> Result<StoredPersonState, DbError> {
    let Hearing { launch, now: _ } = hearing;
    let person = save_person(tx, sub, hearing)?;
    let known: Option<StoredVisit> = on_each_backend!(tx.connection, |inner| membership::table
        .find((person.id, course.id))
        .select(StoredVisit::as_select())
        .get_result(inner)
        .optional())?;
    save_membership(tx, launch, person.id, course.id, known.as_ref())?;
    let known = known.and_then(|claims| claims.launched_groups);
    if let Some(groups) = launched_groups(launch, course).filter(|groups| is_news(groups, known.as_deref())) {
        take_membership(tx, course.id, person.id, &groups)?;
        diesel::update(membership::table.find((person.id, course.id)))
            .set(membership::launched_groups.eq(groups_text(&groups)))
            .execute(tx.connection)?;
    }
    let status = person.status;
    Ok(StoredPersonState { user: person.id, status })
}

/// Our identifier of a learner whom a launch is about, and who may never have launched.
pub fn find_or_make_learner(
    tx: &mut Tx<'_>,
    launch: &VerifiedLaunch,
    context: ContextId,
    learner: &Learner,
) -> Result<UserId, DbError> {
    if learner.name.is_none() {
        give_numbers(tx.connection, context, &[&learner.sub])?;
    }
    let known = lti_user::platform_id.eq(&launch.platform.id).and(lti_user::sub.eq(&learner.sub));
    let name = learner.name.as_deref();
    let row = (
        lti_user::id.eq(UserId::new(tx.now, tx.random)),
        lti_user::platform_id.eq(&launch.platform.id),
        lti_user::sub.eq(&learner.sub),
        lti_user::pseudonym.eq(tx.random.letters_and_digits(26)),
        lti_user::name.eq(name),
        lti_user::name_key.eq(name.map(str::to_lowercase).unwrap_or_default()),
        lti_user::status.eq(Status::Active),
        lti_user::created_at.eq(tx.now),
        lti_user::updated_at.eq(tx.now),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(lti_user::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    let user: UserId = lti_user::table.filter(known).select(lti_user::id).get_result(tx.connection)?;
    // Whoever is reviewed here is of this course; what the person's own launches tell of roles stays.
    let claims = (
        membership::user_id.eq(user),
        membership::context_id.eq(context),
        membership::roles.eq("[]"),
        membership::updated_at.eq(tx.now),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(membership::table)
        .values(claims)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(user)
}

fn is_notice_news(launch: &VerifiedLaunch) -> bool {
    // Not every launch offers it; once asked for, notices come.
    let offered = launch.notice_service.as_ref().map(|service| service.handlers.as_str());
    offered.is_some() && offered != launch.deployment.notice_service.as_deref()
}

fn is_family_known(launch: &VerifiedLaunch) -> bool {
    launch.family.is_none() || launch.family == launch.platform.family
}

/// Returns the groups of its person that a launch names.
///
/// Quirk: where the platform has a groups service, that one tells, under identifiers of its own.
fn launched_groups(launch: &VerifiedLaunch, course: &StoredCourse) -> Option<Vec<ListedGroup>> {
    let received =
        launch.custom.groups.as_ref().filter(|_| launch.sub.is_some() && course.groups_url.is_none())?;
    Some(received.iter().map(|id| ListedGroup { id: id.clone(), name: None }).collect())
}

/// Returns whether these are other groups than the last launch that named any did.
fn is_news(groups: &[ListedGroup], known: Option<&str>) -> bool {
    known != Some(groups_text(groups).as_str())
}

fn groups_text(groups: &[ListedGroup]) -> String {
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    serde_json::Value::from(ids).to_string()
}

/// Stores the person's roles in the course. Sessions that began with greater rights end: the platform took those back, or
/// the person looks at the course as a learner does.
fn save_membership(
    tx: &mut Tx<'_>,
    launch: &VerifiedLaunch,
    user: UserId,
    context: ContextId,
    known: Option<&StoredVisit>,
) -> Result<(), DbError> {
    let roles = roles_text(launch);
    if known.is_some_and(|known| is_lessened(&known.roles, launch)) {
        diesel::update(membership::table.find((user, context)))
            .set(membership::sessions_from.eq(tx.now))
            .execute(tx.connection)?;
    }
    let changing = (membership::roles.eq(&roles), membership::updated_at.eq(tx.now));
    let lasting = (membership::user_id.eq(user), membership::context_id.eq(context));
    on_each_backend!(tx.connection, |inner| diesel::insert_into(membership::table)
        .values((lasting, changing))
        .on_conflict((membership::user_id, membership::context_id))
        .do_update()
        .set(changing)
        .execute(inner))?;
    Ok(())
}

/// Whether the launch gives less than the stored roles did.
fn is_lessened(known: &str, launch: &VerifiedLaunch) -> bool {
    let known: Vec<String> = serde_json::from_str(known).unwrap_or_default();
    let before = launch.platform.role_rules.rights(&known);
    let now = launch.rights();
    (before.moderates() && !now.moderates()) || (before.administers && !now.administers)
}

fn roles_text(launch: &VerifiedLaunch) -> String {
    serde_json::to_string(&launch.roles).unwrap_or_default()
}
