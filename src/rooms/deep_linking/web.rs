//! The page where a teacher chooses classes for a course, and the answer that goes back to the platform.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::draft::{Class, ClassDraft, Draft, DraftProblem, MAX_CLASSES, PlannedSession};
use super::store::{CourseRoom, NewClass, Parties, find_parties, list_rooms, make_rooms};
use super::{DeepLinkingError, DeepLinkingSession};
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::i18n::{Args, Locale};
use crate::ids::{ContextId, RoomId, derived_row_id};
use crate::lti::deep_linking::{LinkItem, SelectedItem, answer};
use crate::lti::launch::custom::{ITEM, ROOM, VARIABLES};
use crate::lti::registration::platform::{Deployment, Platform, frame_source};
use crate::rooms::access::{RoomError, require, require_admission, require_unended};
use crate::rooms::copy::store::note_item;
use crate::rooms::permissions::Action;
use crate::rooms::rules::RoomRules;
use crate::rooms::settings::store::find_around_rooms;
use crate::rooms::settings::stored::StoredSettings;
use crate::rooms::store::NewRoom;
use crate::rooms::web::locale_of_claims;
use crate::sealing::sealed::Sealed as _;
use crate::signing::KeyPurpose;
use crate::state::AppState;

/// Where the picker's form goes.
pub const PICKER: &str = "/lti/deep-linking";

#[derive(Serialize)]
struct PickerPage {
    action: &'static str,
    session: String,
    course: Option<String>,
    platform_name: String,
    takes_links: bool,
    takes_several: bool,
    takes_line_items: bool,
    may_add: bool,
    focus: Option<usize>,
    classes: Vec<ClassForm>,
    rooms: Vec<RoomChoice>,
    chose_existing: bool,
    problem: Option<&'static str>,
}

#[derive(Serialize)]
struct ClassForm {
    input: ClassDraft,
    problems: Vec<&'static str>,
}

#[derive(Serialize)]
struct RoomChoice {
    id: RoomId,
    title: String,
    links: usize,
    begins: Option<String>,
    chosen: bool,
}

/// `POST /lti/deep-linking`: the picker's own form: shows it again with a class more or less, or sends the answer. For
/// moderators whose launch made the sealed choice that it carries.
pub async fn select(
    request: HttpRequest,
    form: Form<Vec<(String, String)>>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    if !request.query_string().is_empty() {
        // Where the answer goes is inside the sealed choice, and nowhere else.
        return Err(Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::ReturnUrlInQuery));
    }
    let now = app.clock.now();
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let session = DeepLinkingSession::open(field("session").unwrap_or_default(), &app.sealer, now)
        .map_err(DeepLinkingError::from)?;
    let draft = Draft::read(&form);
    match field("action") {
        None => show(&request, &session, None, &app, &pages).await,
        Some("more") => more(&request, &session, draft, &app, &pages).await,
        Some("cancel") => finish(&request, &session, SelectedItem::Cancelled, &app, &pages, now).await,
        Some("fail") => fail(&request, &session, &app, &pages, now).await,
        Some("add") => add(&request, &session, draft, &app, &pages, now).await,
        Some(other) => less(&request, &session, draft, other, &app, &pages).await,
    }
}

/// A picker as filled in so far.
pub struct FilledIn {
    draft: Draft,
    /// The class whose fields get the focus.
    focus: Option<usize>,
}

/// The picker at its beginning, or as filled in so far.
pub async fn show(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    input: Option<FilledIn>,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let FilledIn { draft, focus } = match input {
        Some(input) => input,
        None => fresh(session, app).await?,
    };
    render(request, session, &Picker { focus, ..Picker::of(&draft) }, app, pages).await
}

/// The picker at its beginning: one class, as the platform describes it, with the course's usual rules.
async fn fresh(session: &DeepLinkingSession, app: &AppState) -> Result<FilledIn, Failure> {
    let context = session.context;
    let around = app.db.read(move |connection| find_around_rooms(connection, context)).await?;
    let target = around.rules_of_new_room().target_minutes.to_string();
    let titled = ClassDraft {
        title: session.request.title.clone().unwrap_or_default(),
        text: session.request.text.clone().unwrap_or_default(),
        ..ClassDraft::blank(session.request.takes_line_items, target)
    };
    Ok(FilledIn { draft: Draft { classes: vec![titled], ..Draft::default() }, focus: None })
}

async fn more(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    mut draft: Draft,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    if session.request.takes_several && draft.classes.len() < MAX_CLASSES {
        let last = draft.classes.last().cloned();
        let like = match last {
            Some(last) => last,
            None => fresh(session, app).await?.draft.classes.swap_remove(0),
        };
        draft.classes.push(ClassDraft::blank(like.graded, like.target));
    }
    let focus = draft.classes.len().checked_sub(1);
    show(request, session, Some(FilledIn { draft, focus }), app, pages).await
}

/// `less-2` takes the third class away.
async fn less(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    mut draft: Draft,
    action: &str,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let index = action.strip_prefix("less-").and_then(|index| index.parse::<usize>().ok());
    let index =
        index.ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable))?;
    if index < draft.classes.len() && draft.classes.len() > 1 {
        draft.classes.remove(index);
    }
    let focus = Some(index.min(draft.classes.len().saturating_sub(1)));
    show(request, session, Some(FilledIn { draft, focus }), app, pages).await
}

async fn add(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    draft: Draft,
    app: &AppState,
    pages: &Pages,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let mut draft = draft;
    if !session.request.takes_several && !draft.existing.is_empty() {
        draft.classes.clear();
    }
    let classes = match draft.classes() {
        Ok(classes) => classes,
        Err(problems) => {
            let shown = (draft, problems.first().map(|one| one.index));
            let picker =
                Picker { draft: &shown.0, focus: shown.1, problems: &problems, problem: Some("values") };
            return render(request, session, &picker, app, pages).await;
        }
    };
    let count = classes.len() + draft.existing.len();
    if count == 0 || (count > 1 && !session.request.takes_several) {
        let problem = if count == 0 { "nothing" } else { "several" };
        let picker = Picker { problem: Some(problem), ..Picker::of(&draft) };
        return render(request, session, &picker, app, pages).await;
    }
    let locale = locale_of(session, request, pages);
    let items = make(session, classes, draft, app, pages, &locale).await?;
    let args = Args::new().with("count", items.len().to_string());
    let key = if items.len() == 1 { "picker-added-one" } else { "picker-added-other" };
    let message = pages.texts().get(&locale, key, &args);
    finish(request, session, SelectedItem::Items(items, message), app, pages, now).await
}

async fn fail(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    app: &AppState,
    pages: &Pages,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let locale = locale_of(session, request, pages);
    let sentence = pages.texts().get(&locale, "picker-no-links-told", &Args::new());
    let choice = SelectedItem::Failed(sentence, "accept_types does not list ltiResourceLink");
    finish(request, session, choice, app, pages, now).await
}

/// Makes the rooms of new classes, and the items that open them and the chosen ones.
async fn make(
    session: &DeepLinkingSession,
    classes: Vec<Class>,
    draft: Draft,
    app: &AppState,
    pages: &Pages,
    locale: &Locale,
) -> Result<Vec<LinkItem>, Failure> {
    admit(session, app).await?;
    let Draft { existing, zone, .. } = draft;
    let new: Vec<(RoomId, Class)> = classes
        .into_iter()
        .enumerate()
        .map(|(index, class)| (RoomId::derived(&session.id, index), class))
        .collect();
    let (made, context) = (new.clone(), session.context);
    // Each is another way into a room, for one activity: sent twice, the form places it once.
    let item_of = |room: RoomId| derived_row_id(&format!("{}\n{room}", session.id), 0);
    let placed: Vec<(String, RoomId)> = existing.iter().map(|room| (item_of(*room), *room)).collect();
    let known = app
        .db
        .write(move |tx| {
            let rules = find_around_rooms(tx.connection, context)?.rules_of_new_room();
            let classes: Vec<NewClass<'_>> =
                made.iter().map(|(id, class)| new_class(*id, context, class, rules)).collect();
            make_rooms(tx, context, zone, &classes)?;
            let known = list_rooms(tx.connection, context)?;
            for (item, room) in placed.iter().filter(|(_, room)| known.iter().any(|one| one.id == *room)) {
                note_item(tx.connection, item, *room)?;
            }
            Ok(known)
        })
        .await;
    let (known, untitled) = (known?, pages.texts().get(locale, "room-untitled", &Args::new()));
    let place = session.request.place(session.frame_shares_screen);
    let mut items: Vec<LinkItem> = new
        .into_iter()
        .map(|(id, class)| LinkItem {
            graded_as: (class.graded && session.request.takes_line_items).then(|| id.to_string()),
            custom: custom(id, None),
            title: class.title,
            text: class.text,
            begins: class.session.map(|session| session.begins),
            ends: class.session.map(PlannedSession::ends),
            place,
        })
        .collect();
    for id in existing {
        let room = known.iter().find(|room| room.id == id).ok_or(RoomError::Unknown)?;
        items.push(LinkItem {
            title: room.title.clone().unwrap_or_else(|| untitled.clone()),
            text: None,
            custom: custom(room.id, Some(item_of(room.id))),
            graded_as: None,
            begins: room.span.begins,
            ends: room.span.ends,
            place,
        });
    }
    Ok(items)
}

fn new_class<'a>(id: RoomId, context: ContextId, class: &'a Class, usual: RoomRules) -> NewClass<'a> {
    let rules = RoomRules { target_minutes: class.target_minutes.unwrap_or(usual.target_minutes), ..usual };
    let settings = StoredSettings { rules, ..StoredSettings::default() };
    NewClass { room: NewRoom { id, context, title: Some(&class.title), settings }, session: class.session }
}

/// What an item brings to every launch: its room, which of the room's items it is where it is not the first, and what the
/// platform is asked to fill in.
fn custom(room: RoomId, item: Option<String>) -> Vec<(String, String)> {
    let variables = VARIABLES.iter().map(|one| (one.name.to_owned(), one.variable.to_owned()));
    let room = std::iter::once((ROOM.to_owned(), room.to_string()));
    room.chain(item.map(|item| (ITEM.to_owned(), item))).chain(variables).collect()
}

/// Platform, deployment and person may have been switched off since the launch.
async fn admit(session: &DeepLinkingSession, app: &AppState) -> Result<(Platform, Deployment), RoomError> {
    let (deployment, user) = (session.deployment, session.claims.user);
    let found = app.db.look_up(move |connection| find_parties(connection, deployment, user)).await?;
    let Parties { platform, deployment, admission } = found.ok_or(RoomError::Unknown)?;
    require_admission(admission)?;
    require_unended(admission, session.begun)?;
    require(session.claims.rights.role, Action::AddClasses)?;
    Ok((platform, deployment))
}

#[derive(Serialize)]
struct PickedPage {
    return_url: String,
    jwt: String,
    platform_name: String,
}

/// The page that carries the signed answer back to the platform, by itself or by its button.
async fn finish(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    choice: SelectedItem,
    app: &AppState,
    pages: &Pages,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let (platform, deployment) = admit(session, app).await?;
    let nonce = app.random.letters_and_digits(32);
    let claims = answer(&session.request, &platform, &deployment, &choice, &app.launch_url, &nonce, now);
    let signer = app.keys.signer(KeyPurpose::Platforms, now);
    let signer = signer.ok_or_else(|| Failure::Internal(anyhow::anyhow!("our own key is missing")))?;
    let jwt = signer.sign(&claims).map_err(|error| Failure::Internal(error.into()))?;
    let receivers =
        frame_source(&session.request.return_url).into_iter().chain(session.claims.ancestors.clone());
    let framing = Framing::by(session.claims.ancestors.clone()).posting_to(receivers.collect());
    let page = PickedPage {
        return_url: session.request.return_url.to_string(),
        jwt,
        platform_name: session.platform_name.clone(),
    };
    let locale = locale_of(session, request, pages);
    pages.respond(StatusCode::OK, "pages/rooms/picked.html", &page, &locale, &framing)
}

/// What the picker shows.
struct Picker<'a> {
    draft: &'a Draft,
    /// The class on which the page opens.
    focus: Option<usize>,
    /// What is wrong with single values.
    problems: &'a [DraftProblem],
    /// What is wrong with all of it: the key of its words.
    problem: Option<&'static str>,
}

impl<'a> Picker<'a> {
    fn of(draft: &'a Draft) -> Self {
        Self { draft, focus: None, problems: &[], problem: None }
    }
}

async fn render(
    request: &HttpRequest,
    session: &DeepLinkingSession,
    picker: &Picker<'_>,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let Picker { draft, focus, problems, problem } = *picker;
    admit(session, app).await?;
    let context = session.context;
    let rooms = app.db.read(move |connection| list_rooms(connection, context)).await?;
    let locale = locale_of(session, request, pages);
    let untitled = pages.texts().get(&locale, "room-untitled", &Args::new());
    let asked = &session.request;
    let wrong = |index: usize| problems.iter().filter(move |one| one.index == index).map(|one| one.field);
    let class = |(index, input): (usize, &ClassDraft)| ClassForm {
        input: input.clone(),
        problems: wrong(index).collect(),
    };
    let page = PickerPage {
        action: PICKER,
        session: session.seal(&app.sealer, &app.random),
        course: session.course.clone(),
        platform_name: session.platform_name.clone(),
        takes_links: asked.takes_links,
        takes_several: asked.takes_several,
        takes_line_items: asked.takes_line_items,
        may_add: asked.takes_several && draft.classes.len() < MAX_CLASSES,
        focus,
        classes: draft.classes.iter().enumerate().map(class).collect(),
        rooms: rooms.into_iter().map(|room| RoomChoice::new(room, draft, &untitled)).collect(),
        chose_existing: !draft.existing.is_empty(),
        problem,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let framing = Framing::by(session.claims.ancestors.clone());
    pages.respond(status, "pages/rooms/picker.html", &page, &locale, &framing)
}

impl RoomChoice {
    fn new(room: CourseRoom, draft: &Draft, untitled: &str) -> Self {
        Self {
            chosen: draft.existing.contains(&room.id),
            title: room.title.unwrap_or_else(|| untitled.to_owned()),
            links: room.links,
            begins: room.span.begins.map(Timestamp::iso),
            id: room.id,
        }
    }
}

fn locale_of(session: &DeepLinkingSession, request: &HttpRequest, pages: &Pages) -> Locale {
    locale_of_claims(&session.claims, request, pages)
}

impl From<DeepLinkingError> for Failure {
    fn from(error: DeepLinkingError) -> Self {
        let code = match error {
            DeepLinkingError::Unreadable => RefusalCode::DeepLinkingUnreadable,
            DeepLinkingError::Expired => RefusalCode::DeepLinkingExpired,
        };
        Self::refused(StatusCode::BAD_REQUEST, code).because(error)
    }
}
