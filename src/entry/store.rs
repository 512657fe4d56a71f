//! Queries of a launch: what is stored of its course, link, room and person.

use diesel::prelude::*;

use crate::attendance::{gradebook, roster};
use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, lti_user, membership, resource_link, room_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};
use crate::lti;
use crate::lti::message::{Profile, VerifiedLaunch};
use crate::lti::platform::Status;
use crate::on_each_backend;
use crate::rooms;

/// What a launch opened, by our identifiers.
pub struct Opened {
    pub room: String,
    pub link: String,
    pub user: String,
    pub status: Status,
}

type Known = (
    (Option<String>, Option<String>, Option<String>),
    (String, Option<String>, Option<String>, Option<String>),
    String,
    (String, Option<String>, Option<String>, Option<String>, Option<String>, String),
    String,
);

/// What a launch opens, when everything that it tells is stored already: then nothing needs to be written.
pub fn find_unchanged(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
) -> Result<Option<Opened>, DbError> {
    let found: Option<Known> = deployment::table
        .inner_join(context::table)
        .inner_join(resource_link::table.on(resource_link::context_id.eq(context::id)))
        .inner_join(
            room_link::table
                .on(room_link::resource_link_id.eq(resource_link::id).and(room_link::group_key.eq(""))),
        )
        .inner_join(lti_user::table.on(lti_user::platform_id.eq(deployment::platform_id)))
        .inner_join(
            membership::table
                .on(membership::user_id.eq(lti_user::id).and(membership::context_id.eq(context::id))),
        )
        .filter(deployment::id.eq(&launch.deployment.id))
        .filter(context::context_id.eq(&launch.context.id))
        .filter(resource_link::resource_link_id.eq(&launch.resource_link.id))
        .filter(lti_user::sub.eq(&launch.sub))
        .select((
            (context::label, context::title, context::memberships_url),
            (
                resource_link::id,
                resource_link::title,
                resource_link::description,
                resource_link::grade_service,
            ),
            room_link::room_id,
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
    let Some((course, (link, title, description, grades), room, person, roles)) = found else {
        return Ok(None);
    };
    let (user, name, email, picture, locale, status) = person;
    let profile = (name, email, picture, locale);
    let same = course
        == (launch.context.label.clone(), launch.context.title.clone(), memberships_url(launch))
        && (&title, &description) == (&launch.resource_link.title, &launch.resource_link.description)
        && grades == grade_service(launch)
        && is_family_known(launch)
        && profile == columns(&launch.profile)
        && roles == roles_text(launch);
    let status = parse_status(&user, &status)?;
    Ok(same.then_some(Opened { room, link, user, status }))
}

/// Stores what a launch tells, in one order for all launches, so that no two wait for each other in a circle.
pub fn take_in(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
    now: Timestamp,
    random: &Random,
) -> Result<Opened, DbError> {
    if let Some(family) = launch.family.as_deref().filter(|_| !is_family_known(launch)) {
        lti::store::save_family(connection, &launch.platform.id, family)?;
    }
    let (context, is_roster_news) = save_context(connection, launch, now, random)?;
    let (link, known_grades) = save_link(connection, launch, &context, now, random)?;
    let room = rooms::store::find_or_make(connection, &link, now, random)?;
    save_grade_service(connection, launch, (&link, known_grades), now, random)?;
    if is_roster_news {
        roster::store::take_offer(connection, &context, now, random)?;
    }
    let (user, status) = save_user(connection, launch, now, random)?;
    save_membership(connection, (&user, &context), &roles_text(launch), now)?;
    Ok(Opened { room, link, user, status })
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
    launch: &VerifiedLaunch,
    context_id: &str,
    now: Timestamp,
    random: &Random,
) -> Result<(String, Option<String>), DbError> {
    let told = (launch.resource_link.title.clone(), launch.resource_link.description.clone());
    let found: Option<((String, Option<String>), Told)> = resource_link::table
        .filter(
            resource_link::context_id
                .eq(context_id)
                .and(resource_link::resource_link_id.eq(&launch.resource_link.id)),
        )
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
        resource_link::resource_link_id.eq(&launch.resource_link.id),
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

fn is_family_known(launch: &VerifiedLaunch) -> bool {
    launch.family.is_none() || launch.family == launch.platform.family
}

fn save_user(
    connection: &mut DbConnection,
    launch: &VerifiedLaunch,
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
        lti_user::sub.eq(&launch.sub),
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

fn save_membership(
    connection: &mut DbConnection,
    (user, context): (&str, &str),
    roles: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let changing = (membership::roles.eq(roles), membership::updated_at.eq(now.millis()));
    let lasting = (membership::user_id.eq(user), membership::context_id.eq(context));
    on_each_backend!(connection, |inner| diesel::insert_into(membership::table)
        .values((lasting, changing))
        .on_conflict((membership::user_id, membership::context_id))
        .do_update()
        .set(changing)
        .execute(inner))?;
    Ok(())
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
