//! Queries of a launch: what is stored of its course, link, room and person.

use diesel::prelude::*;

use crate::attendance::{gradebook, roster};
use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, lti_user, membership, resource_link, room, room_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};
use crate::lti;
use crate::lti::legacy::LegacyIds;
use crate::lti::message::{Learner, Profile, ResourceLink, VerifiedLaunch};
use crate::lti::platform::Status;
use crate::lti::roles::Rights;
use crate::on_each_backend;
use crate::rooms;
use crate::rooms::copy::store::NewLink;
use crate::rooms::store::WHOLE_COURSE;

use super::notices::store::take_notice_service;

/// Somebody at an activity, as a launch tells it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The launch.
    pub launch: VerifiedLaunch,
    /// The activity.
    pub link: ResourceLink,
    /// The person, by a name of ours where the platform tells none.
    pub sub: String,
}

/// What a launch opened, by our identifiers.
pub struct Opened {
    pub context: String,
    pub room: String,
    pub link: String,
    pub user: String,
    pub status: Status,
    /// Whether each group of the course has a room of its own.
    pub group_rooms: bool,
}

type Known = (
    (String, Option<String>, Option<String>, Option<String>),
    (String, Option<String>, Option<String>, Option<String>),
    (String, String),
    (String, Option<String>, Option<String>, Option<String>, Option<String>, String),
    String,
);

/// What a launch opens, when everything that it tells is stored already: then nothing needs to be written.
pub fn find_unchanged(connection: &mut DbConnection, arrival: &Arrival) -> Result<Option<Opened>, DbError> {
    let Arrival { launch, link: told, sub } = arrival;
    let found: Option<Known> =
        deployment::table
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
            .filter(resource_link::resource_link_id.eq(&told.id))
            .filter(lti_user::sub.eq(sub))
            .select((
                (context::id, context::label, context::title, context::memberships_url),
                (
                    resource_link::id,
                    resource_link::title,
                    resource_link::description,
                    resource_link::grade_service,
                ),
                (room::id, room::settings),
                (
                    lti_user::id,
                    lti_user::name,
                    lti_user::email,
                    lti_user::picture,
                    lti_user::locale,
                    lti_user::status,
                ),
                membership::roles,
            ))
            .get_result(connection)
            .optional()?;
    let Some((course, (link, title, description, grades), (room, settings), person, roles)) = found else {
        return Ok(None);
    };
    let (context, label, name, memberships) = course;
    let (user, profile, status) = {
        let (user, name, email, picture, locale, status) = person;
        (user, (name, email, picture, locale), status)
    };
    let same = (label, name, memberships)
        == (launch.context.label.clone(), launch.context.title.clone(), memberships_url(launch))
        && (&title, &description) == (&told.title, &told.description)
        && grades == grade_service(launch)
        && is_family_known(launch)
        && !is_notice_news(launch)
        && profile == columns(&launch.profile)
        && roles == roles_text(launch);
    if !same {
        return Ok(None);
    }
    let status = parse_status(&user, &status)?;
    let group_rooms = rooms::store::read_settings(&room, &settings)?.group_rooms;
    Ok(Some(Opened { context, room, link, user, status, group_rooms }))
}

/// Stores what a launch tells, in one order for all launches, so that no two wait for each other in a circle.
pub fn take_in(
    connection: &mut DbConnection,
    arrival: &Arrival,
    old: &LegacyIds,
    now: Timestamp,
    random: &Random,
) -> Result<Opened, DbError> {
    let Arrival { launch, link: told, sub } = arrival;
    let (context, is_roster_news) = take_in_course(connection, launch, now, random)?;
    rename_link(connection, (old.link.as_deref(), &told.id), &context)?;
    rename_user(connection, (old.user.as_deref(), sub), &launch.platform.id)?;
    let (link, known_grades) = save_link(connection, told, &context, now, random)?;
    let new = NewLink {
        id: &link,
        context: &context,
        deployment: &launch.deployment.id,
        link: &told.id,
        title: told.title.as_deref(),
        custom: &launch.custom,
        keeps_link_ids: profile_of(launch).keeps_link_ids,
    };
    let room = rooms::store::find_or_make(connection, &new, now, random)?;
    save_grade_service(connection, launch, (&link, known_grades), now, random)?;
    if is_roster_news {
        roster::store::take_offer(connection, &context, now, random)?;
    }
    let (user, status) = save_user(connection, (launch, sub), now, random)?;
    save_membership(connection, launch, (&user, &context), now)?;
    let group_rooms = rooms::store::find_settings(connection, &link)?.group_rooms;
    Ok(Opened { context, room, link, user, status, group_rooms })
}

/// Gives an activity that is known by its identifier of LTI 1.1 its present one, unless another one has that already.
fn rename_link(
    connection: &mut DbConnection,
    (old, new): (Option<&str>, &str),
    context: &str,
) -> Result<(), DbError> {
    let Some(old) = old.filter(|old| *old != new) else { return Ok(()) };
    let called = |id: &str| {
        resource_link::context_id
            .eq(context.to_owned())
            .and(resource_link::resource_link_id.eq(id.to_owned()))
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
    (old, new): (Option<&str>, &str),
    platform: &str,
) -> Result<(), DbError> {
    let Some(old) = old.filter(|old| *old != new) else { return Ok(()) };
    let called =
        |sub: &str| lti_user::platform_id.eq(platform.to_owned()).and(lti_user::sub.eq(sub.to_owned()));
    let known: i64 = lti_user::table.filter(called(new)).count().get_result(connection)?;
    if known == 0 {
        diesel::update(lti_user::table.filter(called(old))).set(lti_user::sub.eq(new)).execute(connection)?;
    }
    Ok(())
}

/// Stores what a launch without an activity tells: our identifiers of course and person, and whether the person is
/// blocked.
pub fn take_in_person(
    connection: &mut DbConnection,
    (launch, sub): (&VerifiedLaunch, &str),
    now: Timestamp,
    random: &Random,
) -> Result<(String, String, Status), DbError> {
    let (context, is_roster_news) = take_in_course(connection, launch, now, random)?;
    if is_roster_news {
        roster::store::take_offer(connection, &context, now, random)?;
    }
    let (user, status) = save_user(connection, (launch, sub), now, random)?;
    save_membership(connection, launch, (&user, &context), now)?;
    Ok((context, user, status))
}

/// Our identifier of the course, and whether its list of participants is offered otherwise than before.
fn take_in_course(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
    now: Timestamp,
    random: &Random,
) -> Result<(String, bool), DbError> {
    if let Some(family) = launch.family.as_deref().filter(|_| !is_family_known(launch)) {
        lti::store::save_family(connection, &launch.platform.id, family)?;
    }
    if is_notice_news(launch) {
        take_notice_service(connection, launch, now, random)?;
    }
    save_context(connection, launch, now, random)
}

/// Our identifier of a learner whom a launch is about, and who may never have launched.
pub fn find_or_make_learner(
    connection: &mut DbConnection,
    (launch, context): (&VerifiedLaunch, &str),
    learner: &Learner,
    now: Timestamp,
    random: &Random,
) -> Result<String, DbError> {
    let known = lti_user::platform_id.eq(&launch.platform.id).and(lti_user::sub.eq(&learner.sub));
    let name = learner.name.as_deref();
    let row = (
        lti_user::id.eq(row_id(now, random)),
        lti_user::platform_id.eq(&launch.platform.id),
        lti_user::sub.eq(&learner.sub),
        lti_user::pseudonym.eq(random.letters_and_digits(26)),
        lti_user::name.eq(name),
        lti_user::name_key.eq(name.map(str::to_lowercase).unwrap_or_default()),
        lti_user::status.eq(Status::Active.word()),
        lti_user::created_at.eq(now.millis()),
        lti_user::updated_at.eq(now.millis()),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(lti_user::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    let user: String = lti_user::table.filter(known).select(lti_user::id).get_result(connection)?;
    // Whoever is reviewed here is of this course; what the person's own launches tell of roles stays.
    let seat = (
        membership::user_id.eq(&user),
        membership::context_id.eq(context),
        membership::roles.eq("[]"),
        membership::updated_at.eq(now.millis()),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(membership::table)
        .values(seat)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(user)
}

/// The two texts that a platform tells of a course or a link.
type Told = (Option<String>, Option<String>);

/// Our identifier of the course, and whether its list of participants is offered otherwise than before.
fn save_context(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
    now: Timestamp,
    random: &Random,
) -> Result<(String, bool), DbError> {
    let told = (launch.context.label.clone(), launch.context.title.clone());
    let offered = memberships_url(launch);
    let found: Option<(String, Told, Option<String>)> = context::table
        .filter(
            context::deployment_id.eq(&launch.deployment.id).and(context::context_id.eq(&launch.context.id)),
        )
        .select((context::id, (context::label, context::title), context::memberships_url))
        .get_result(connection)
        .optional()?;
    let is_roster_news = found.as_ref().and_then(|(_, _, known)| known.as_ref()) != offered.as_ref();
    match found {
        Some((id, stored, _)) if stored == told && !is_roster_news => return Ok((id, false)),
        _ => {}
    }
    let changing = (
        context::label.eq(told.0),
        context::title.eq(told.1),
        context::memberships_url.eq(offered),
        context::updated_at.eq(now.millis()),
    );
    let lasting = (
        context::id.eq(row_id(now, random)),
        context::deployment_id.eq(&launch.deployment.id),
        context::context_id.eq(&launch.context.id),
    );
    let id: String = on_each_backend!(connection, |inner| diesel::insert_into(context::table)
        .values((lasting, changing.clone()))
        .on_conflict((context::deployment_id, context::context_id))
        .do_update()
        .set(changing)
        .returning(context::id)
        .get_result(inner))?;
    Ok((id, is_roster_news))
}

/// Our identifier of the link, and what was known of its gradebook before.
fn save_link(
    connection: &mut DbConnection,
    link: &ResourceLink,
    context_id: &str,
    now: Timestamp,
    random: &Random,
) -> Result<(String, Option<String>), DbError> {
    let told = (link.title.clone(), link.description.clone());
    let found: Option<((String, Option<String>), Told)> = resource_link::table
        .filter(resource_link::context_id.eq(context_id).and(resource_link::resource_link_id.eq(&link.id)))
        .select((
            (resource_link::id, resource_link::grade_service),
            (resource_link::title, resource_link::description),
        ))
        .get_result(connection)
        .optional()?;
    match found {
        Some((link, stored)) if stored == told => return Ok(link),
        _ => {}
    }
    let changing = (
        resource_link::title.eq(told.0),
        resource_link::description.eq(told.1),
        resource_link::updated_at.eq(now.millis()),
    );
    let lasting = (
        resource_link::id.eq(row_id(now, random)),
        resource_link::context_id.eq(context_id),
        resource_link::resource_link_id.eq(&link.id),
    );
    Ok(on_each_backend!(connection, |inner| diesel::insert_into(resource_link::table)
        .values((lasting, changing.clone()))
        .on_conflict((resource_link::context_id, resource_link::resource_link_id))
        .do_update()
        .set(changing)
        .returning((resource_link::id, resource_link::grade_service))
        .get_result(inner))?)
}

/// Stores what the platform offers of its gradebook, where it offers something else than before.
fn save_grade_service(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
    (link, before): (&str, Option<String>),
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let offered = grade_service(launch);
    if before == offered {
        return Ok(());
    }
    let row = resource_link::table.find(link);
    diesel::update(row).set(resource_link::grade_service.eq(offered)).execute(connection)?;
    gradebook::store::take_offer(connection, (link, before.as_deref()), now, random)
}

fn grade_service(launch: &VerifiedLaunch) -> Option<String> {
    serde_json::to_string(launch.grade_service.as_ref()?).ok()
}

fn memberships_url(launch: &VerifiedLaunch) -> Option<String> {
    launch.roster_service.as_ref().map(|service| service.memberships.to_string())
}

fn profile_of(launch: &VerifiedLaunch) -> &'static lti::profile::Profile {
    let service = launch.grade_service.as_ref().and_then(|service| service.lineitems.as_ref());
    let family = launch.family.as_deref().or(launch.platform.family.as_deref());
    lti::profile::Profile::of(family, service.unwrap_or(&launch.platform.auth_url))
}

fn is_notice_news(launch: &VerifiedLaunch) -> bool {
    // Not every launch offers it; once asked for, notices come.
    let offered = launch.notice_service.as_ref().map(|service| service.handlers.as_str());
    offered.is_some() && offered != launch.deployment.notice_service.as_deref()
}

fn is_family_known(launch: &VerifiedLaunch) -> bool {
    launch.family.is_none() || launch.family == launch.platform.family
}

fn save_user(
    connection: &mut DbConnection,
    (launch, sub): (&VerifiedLaunch, &str),
    now: Timestamp,
    random: &Random,
) -> Result<(String, Status), DbError> {
    let (name, email, picture, locale) = columns(&launch.profile);
    let changing = (
        lti_user::name_key.eq(name.as_deref().map(str::to_lowercase).unwrap_or_default()),
        lti_user::name.eq(name),
        lti_user::email.eq(email),
        lti_user::picture.eq(picture),
        lti_user::locale.eq(locale),
        lti_user::updated_at.eq(now.millis()),
    );
    let lasting = (
        lti_user::id.eq(row_id(now, random)),
        lti_user::platform_id.eq(&launch.platform.id),
        lti_user::sub.eq(sub),
        lti_user::pseudonym.eq(random.letters_and_digits(26)),
        lti_user::status.eq(Status::Active.word()),
        lti_user::created_at.eq(now.millis()),
    );
    let (id, status): (String, String) =
        on_each_backend!(connection, |inner| diesel::insert_into(lti_user::table)
            .values((lasting, changing.clone()))
            .on_conflict((lti_user::platform_id, lti_user::sub))
            .do_update()
            .set(changing)
            .returning((lti_user::id, lti_user::status))
            .get_result(inner))?;
    let status = parse_status(&id, &status)?;
    Ok((id, status))
}

/// Stores the person's roles in the course. Sessions that began with greater rights end: the platform took those back, or
/// the person looks at the course as a learner does.
fn save_membership(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
    (user, context): (&str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    let roles = roles_text(launch);
    let known: Option<String> = membership::table
        .find((user, context))
        .select(membership::roles)
        .get_result(connection)
        .optional()?;
    if known.is_some_and(|known| is_lessened(&known, launch)) {
        diesel::update(membership::table.find((user, context)))
            .set(membership::sessions_from.eq(now.millis()))
            .execute(connection)?;
    }
    let changing = (membership::roles.eq(&roles), membership::updated_at.eq(now.millis()));
    let lasting = (membership::user_id.eq(user), membership::context_id.eq(context));
    on_each_backend!(connection, |inner| diesel::insert_into(membership::table)
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
    let before = Rights::from_roles(&known, &launch.platform.role_rules);
    let now = launch.rights();
    (before.moderates() && !now.moderates()) || (before.administers && !now.administers)
}

type ProfileColumns = (Option<String>, Option<String>, Option<String>, Option<String>);

fn columns(profile: &Profile) -> ProfileColumns {
    let picture = profile.picture.as_ref().map(ToString::to_string);
    (profile.name.clone(), profile.email.clone(), picture, profile.locale.clone())
}

fn roles_text(launch: &VerifiedLaunch) -> String {
    serde_json::to_string(&launch.roles).unwrap_or_default()
}

fn parse_status(user: &str, word: &str) -> Result<Status, DbError> {
    let impossible =
        || DbError::Inconsistent { table: "lti_user", row: user.to_owned(), what: word.to_owned() };
    Status::parse(word).ok_or_else(impossible)
}
