//! The page where one chooses a group's room, and the way into it.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::CourseGroup;
use super::store::{GroupMember, find_reading, list_group_members, list_groups, list_groups_of};
use crate::db::{DbConnection, DbError};
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::i18n::Locale;
use crate::ids::{ContextId, RoomId};
use crate::rooms::access::RoomError;
use crate::rooms::model::WHOLE_COURSE;
use crate::rooms::model::{RoomClaims, RoomView};
use crate::rooms::permissions::{Action, allows};
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomSession, RoomVisitor, action, address, carried, enter_other_room, framing_of,
    settings_url,
};
use crate::rooms::store::{find_or_make_for_group, find_room};
use crate::rooms::web::{RoomLine, locale_of, named_group};
use crate::state::AppState;

/// Members of a group whose names the page says.
const MAX_NAMED: usize = 4;

#[derive(Serialize)]
struct GroupsPage {
    room: RoomLine,
    groups: Vec<GroupLine>,
    /// Whether the person comes from the room of the whole course.
    is_whole: bool,
    leads: bool,
    trouble: Option<String>,
    action: String,
    csrf: String,
    session_token: Option<String>,
    settings_url: Option<String>,
    carried: Option<CarriedLine>,
}

#[derive(Serialize)]
struct GroupLine {
    key: String,
    name: String,
    /// Whether it is the room that the person comes from.
    is_here: bool,
    /// Whose room it is, for those who lead the class: the first names, how many people more, and how many there are.
    members: String,
    more: usize,
    count: usize,
}

struct FoundGroups {
    groups: Vec<CourseGroup>,
    members: Vec<GroupMember>,
    trouble: Option<String>,
}

/// `GET /rooms/{room}/groups`: who leads the class chooses among all groups, a learner among the own ones. For whoever
/// launched the room.
pub async fn groups(
    request: HttpRequest,
    visitor: RoomVisitor,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, .. } = visitor;
    let locale = locale_of(&session, &request, &pages);
    let (context, claims) = (view.context, session.claims.clone());
    let found = app
        .db
        .read(move |connection| {
            let reading = find_reading(connection, context)?;
            let members = match claims.rights.moderates() {
                true => list_group_members(connection, context)?,
                false => Vec::new(),
            };
            let groups = open_to(connection, context, &claims)?;
            Ok(FoundGroups { groups, members, trouble: reading.and_then(|reading| reading.trouble) })
        })
        .await?;
    let FoundGroups { groups, members, trouble } = found;
    if !view.rules.group_rooms {
        return Err(RoomError::NoGroups.into());
    }
    let leads = allows(session.role(), Action::ChangeSettings);
    let here = view.group.as_ref().map(|group| group.key.clone());
    let page = GroupsPage {
        room: RoomLine::new(&view, &pages, &locale),
        groups: groups
            .iter()
            .map(|group| GroupLine::new(group, here.as_deref(), &pages, &locale).with(&members))
            .collect(),
        is_whole: here.is_none(),
        leads,
        trouble: trouble.filter(|_| leads),
        action: action(&session, "/groups"),
        csrf: session.csrf(&app.sealer),
        session_token: session.form_token(&app.sealer, &app.random),
        settings_url: settings_url(&session),
        carried: carried(&app, &session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/groups.html", &page, &locale, &framing_of(&session, &view))
}

/// The groups whose rooms a person may enter.
fn open_to(
    connection: &mut DbConnection,
    context: ContextId,
    claims: &RoomClaims,
) -> Result<Vec<CourseGroup>, DbError> {
    if claims.rights.moderates() {
        list_groups(connection, context)
    } else {
        list_groups_of(connection, context, claims.user)
    }
}

impl GroupLine {
    fn new(group: &CourseGroup, here: Option<&str>, pages: &Pages, locale: &Locale) -> Self {
        Self {
            key: group.key.clone(),
            name: named_group(group.name.as_deref(), group.number, pages, locale),
            is_here: here == Some(group.key.as_str()),
            members: String::new(),
            more: 0,
            count: 0,
        }
    }

    /// The same with those of `members` who are in the group.
    fn with(self, members: &[GroupMember]) -> Self {
        let own: Vec<&GroupMember> = members.iter().filter(|one| one.group == self.key).collect();
        let named: Vec<&str> = own.iter().filter_map(|one| one.name.as_deref()).take(MAX_NAMED).collect();
        Self { count: own.len(), more: own.len() - named.len(), members: named.join(", "), ..self }
    }
}

/// Where the other groups' rooms are, for those who may go there.
pub async fn groups_url(
    app: &AppState,
    session: &RoomSession,
    view: &RoomView,
) -> Result<Option<String>, DbError> {
    let (context, claims) = (view.context, session.claims.clone());
    if !view.rules.group_rooms {
        return Ok(None);
    }
    let others = usize::from(view.group.is_some());
    let leads = claims.rights.moderates();
    let found =
        app.db.look_up(move |connection| Ok(open_to(connection, context, &claims)?.len() > others)).await?;
    Ok((leads || found).then(|| address(session, "/groups")))
}

/// What a choice sends.
#[derive(Deserialize)]
pub struct GroupForm {
    /// The group's key; empty for the whole course.
    group: String,
}

/// `POST /rooms/{room}/groups`: goes to the room of a group, or of the whole course. For whoever launched the room; the
/// room of a group for its members and for those who lead the class.
pub async fn choose(
    request: HttpRequest,
    form: RoomForm<GroupForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let RoomVisitor { session, view, .. } = form.visitor;
    let (claims, wanted) = (session.claims.clone(), form.input.group);
    let opened: Result<RoomId, RoomError> = app
        .db
        .try_write(move |tx| {
            if wanted == WHOLE_COURSE {
                return find_room(tx.connection, claims.link, WHOLE_COURSE)?.ok_or(RoomError::Unknown);
            }
            let open = open_to(tx.connection, view.context, &claims)?;
            if !view.rules.group_rooms || !open.iter().any(|group| group.key == wanted) {
                return Err(RoomError::NotInGroup);
            }
            Ok(find_or_make_for_group(tx, claims.link, view.context, &wanted)?)
        })
        .await;
    Ok(enter_other_room(&app, &request, session, opened?, "", now))
}
