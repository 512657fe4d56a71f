//! Opens what a verified launch asks for.

use secrecy::ExposeSecret as _;

use crate::db::DbError;
use crate::ids::{LinkId, RoomId, UserId, row_id};
use crate::lti;
use crate::lti::deep_linking::DeepLinkingRequest;
use crate::lti::launch::legacy::LegacyIds;
use crate::lti::launch::message::{Learner, Message, ResourceLink, VerifiedLaunch};
use crate::lti::launch::roles::Rights;
use crate::lti::registration::platform::{Platform, Status, frame_ancestors, frame_source, may_frame};
use crate::rooms::access::{RoomError, require};
use crate::rooms::deep_linking::DeepLinkingSession;
use crate::rooms::model::{RoomClaims, way_back};
use crate::rooms::permissions::Action;

use super::LaunchOpener;
use super::grouping::{self, GroupEntry};
use super::store;
use super::store::{LinkArrival, StoredVisitor};

/// Why a verified launch opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The person is blocked here.
    #[error("the person is blocked")]
    UserBlocked,
    /// The person's status does not allow it.
    #[error(transparent)]
    Room(#[from] RoomError),
}

/// What a launch opened.
#[derive(Debug)]
pub enum Opened {
    /// A room.
    Room(Box<OpenRoom>),
    /// The page where a teacher chooses classes for the course.
    Picker(Box<DeepLinkingSession>),
}

/// A room that somebody may enter.
#[derive(Debug)]
pub struct OpenRoom {
    /// Our identifier.
    pub room: RoomId,
    /// The person's claims in it.
    pub claims: RoomClaims,
    /// The page that opens: what follows the room's own address.
    pub path: String,
}

/// What the launch asks for. Course, link, room and person are stored when they are new, and changed when the platform
/// tells something else of them than before.
pub async fn open(opener: &LaunchOpener<'_>, launch: VerifiedLaunch) -> Result<Opened, EntryError> {
    match launch.message.clone() {
        Message::ResourceLink(link) => open_room(opener, launch, link).await,
        Message::SubmissionReview { link, learner } => open_review(opener, launch, link, learner).await,
        Message::DeepLinking(request) => open_picker(opener, launch, *request).await,
    }
}

async fn open_room(
    opener: &LaunchOpener<'_>,
    launch: VerifiedLaunch,
    link: ResourceLink,
) -> Result<Opened, EntryError> {
    let arrival = arrival(opener, launch, link);
    let opened = enter(opener, &arrival).await?;
    let GroupEntry { room, path } = if opened.group_rooms {
        grouping::way_in(opener, &arrival, &opened).await?
    } else {
        GroupEntry { room: opened.room, path: "" }
    };
    let claims = claims(&arrival.launch, opened.link, opened.user);
    Ok(Opened::Room(Box::new(OpenRoom { room, claims, path: path.to_owned() })))
}

/// Quirk: a platform lets learners review their own work too.
async fn open_review(
    opener: &LaunchOpener<'_>,
    launch: VerifiedLaunch,
    link: ResourceLink,
    learner: Learner,
) -> Result<Opened, EntryError> {
    if launch.sub.as_ref() != Some(&learner.sub) {
        require(launch.rights().role, Action::SeeAttendance)?;
    }
    let arrival = arrival(opener, launch, link);
    let opened = enter(opener, &arrival).await?;
    let launch = arrival.launch.clone();
    let context = opened.context;
    let learner =
        opener.db.write(move |tx| store::find_or_make_learner(tx, &launch, context, &learner)).await;
    let path = format!("/attendance?learner={}", learner?);
    let claims = claims(&arrival.launch, opened.link, opened.user);
    Ok(Opened::Room(Box::new(OpenRoom { room: opened.room, claims, path })))
}

async fn open_picker(
    opener: &LaunchOpener<'_>,
    launch: VerifiedLaunch,
    request: DeepLinkingRequest,
) -> Result<Opened, EntryError> {
    require(launch.rights().role, Action::AddClasses)?;
    let (received, sub) = (launch.clone(), launch.sub.clone().unwrap_or_default());
    let stored = opener.db.write(move |tx| store::store_person(tx, &received, &sub)).await?;
    let StoredVisitor { context, user, status } = stored;
    require_active(status)?;
    let mut claims = claims(&launch, LinkId::NONE, user);
    // Where the answer goes the page is shown: the host of a customer of a cloud platform may be named nowhere else.
    claims.ancestors.extend(platform_ancestors(&launch.platform));
    claims.ancestors.extend(frame_source(&request.return_url));
    Ok(Opened::Picker(Box::new(DeepLinkingSession {
        id: row_id(opener.now, opener.random),
        deployment: launch.deployment.id,
        context,
        course: launch.context.title.clone().or_else(|| launch.context.label.clone()),
        claims,
        frame_shares_screen: launch.platform_family().frame_shares_screen,
        platform_name: launch.platform.name,
        request,
        begun: opener.now,
    })))
}

/// Quirk: somebody whom the platform does not name is another person at each launch, whom no later one can pass for.
fn arrival(opener: &LaunchOpener<'_>, launch: VerifiedLaunch, link: ResourceLink) -> LinkArrival {
    let nobody = || format!("anonymous:{}", opener.random.letters_and_digits(26));
    LinkArrival { sub: launch.sub.clone().unwrap_or_else(nobody), launch, link }
}

async fn enter(opener: &LaunchOpener<'_>, arrival: &LinkArrival) -> Result<store::StoredEntry, EntryError> {
    let (known, now) = (arrival.clone(), opener.now);
    let found = opener.db.look_up(move |connection| store::find_unchanged(connection, &known, now)).await?;
    let opened = match found {
        Some(opened) => opened,
        None => {
            let old = old_ids(opener, &arrival.launch).await?;
            let received = arrival.clone();
            opener.db.write(move |tx| store::store_entry(tx, &received, &old)).await?
        }
    };
    require_active(opened.status)?;
    Ok(opened)
}

/// How the platform called person and activity in LTI 1.1: where its migration is switched on, and it proved it.
async fn old_ids(opener: &LaunchOpener<'_>, launch: &VerifiedLaunch) -> Result<LegacyIds, DbError> {
    let Some(claim) = launch.legacy.clone() else { return Ok(LegacyIds::default()) };
    let platform = launch.platform.id;
    let known = opener.db.look_up(move |connection| lti::store::find_legacy(connection, platform)).await;
    let Some(known) = known? else { return Ok(LegacyIds::default()) };
    if known.key == claim.key && claim.is_signed_with(known.open(opener.sealer)?.expose_secret()) {
        return Ok(claim.ids());
    }
    tracing::warn!(platform = %launch.platform.id, "identifiers of LTI 1.1 are not proved, and do not count");
    Ok(LegacyIds::default())
}

fn require_active(status: Status) -> Result<(), EntryError> {
    match status {
        Status::Disabled | Status::Pending => Err(EntryError::UserBlocked),
        Status::Active => Ok(()),
    }
}

fn claims(launch: &VerifiedLaunch, link: LinkId, user: UserId) -> RoomClaims {
    let rights = launch.rights();
    let administers = rights.administers && launch.deployment.admits_administrators;
    RoomClaims {
        link,
        user,
        rights: Rights { administers, ..rights },
        locale: launch.profile.locale.clone(),
        ancestors: ancestors(launch),
        return_url: way_back(launch.return_url.as_ref()),
    }
}

/// The origins that may frame the pages of this launch beside the platform's own: where the launch says the course is.
fn ancestors(launch: &VerifiedLaunch) -> Vec<String> {
    let known = platform_ancestors(&launch.platform);
    let course = launch.return_url.as_ref().and_then(frame_source);
    course.filter(|origin| !may_frame(&known, origin)).into_iter().collect()
}

fn platform_ancestors(platform: &Platform) -> Vec<String> {
    frame_ancestors(&platform.issuer, &platform.auth_url, platform.frames.iter().cloned())
}
