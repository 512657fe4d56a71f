//! Invitations, and the page that a platform opens with one: `/lti/register`.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::registering::{RegisterError, RegistrationInput, register};
use super::store;
use super::store::NewInvitation;
use crate::admin::access::{Admin, record_rejection, require_admin_form};
use crate::admin::audit::Refused;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::line::PlatformLine;
use crate::admin::platforms::line::scope_words;
use crate::admin::platforms::store::find_health;
use crate::clock::Timestamp;
use crate::config::is_loopback;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::lti::families::{self, Family, cloud_frames};
use crate::lti::registration::dynamic::{PlatformDescription, RegistrationError, client_id_meant};
use crate::lti::registration::platform::frame_source;
use crate::outbound::NetworkPolicy;
use crate::sealing::sealed::{Json, Sealed};
use crate::state::AppState;

/// What the form of a new invitation sends.
#[derive(Deserialize)]
pub struct InviteForm {
    csrf: String,
    note: String,
    private: Option<String>,
}

#[derive(Serialize)]
struct InvitedPage {
    here: &'static str,
    csrf: String,
    id: String,
    note: String,
    /// While it waits.
    address: Option<String>,
    until: String,
    /// `waiting`, `arrived` or `over`.
    state: &'static str,
    platform: Option<PlatformLine>,
    /// The words of the families whose administrators are shown the way.
    guides: Vec<&'static str>,
}

/// `POST /admin/invitations`: makes an invitation, and leads to its page. For administrators.
pub async fn invite(
    request: HttpRequest,
    form: Form<InviteForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::Invite, "invitation").await?;
    let note: String = form.note.trim().chars().filter(|c| !c.is_control()).take(100).collect();
    // On one machine everything is private.
    let private = form.private.is_some() || is_loopback(&app.base_url);
    let (now, random) = (app.clock.now(), app.random.clone());
    let new = NewInvitation::draw(note, private, &session.who, &app.sealer, now, &random);
    let place = format!("/admin/invitations/{}", new.id);
    app.db
        .write(move |tx| {
            store::make(tx, &new)?;
            let event = Event::done(&new.who, Action::Invite, &new.id).with(None, new.note.clone());
            record(tx, &event)
        })
        .await?;
    Ok(redirect_to(&place))
}

/// The address that a platform is given.
fn address(app: &AppState, secret: &SecretString) -> Result<String, Failure> {
    let mut address = app.base_url.join("lti/register").map_err(|error| Failure::Internal(error.into()))?;
    address.query_pairs_mut().append_pair("invitation", secret.expose_secret());
    Ok(address.into())
}

/// `GET /admin/invitations/{invitation}`: whether its platform has come. For administrators.
pub async fn invitation(
    Admin(session): Admin,
    Lang(locale): Lang,
    id: Path<String>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let (now, id) = (app.clock.now(), id.into_inner());
    let wanted = id.clone();
    let found = app
        .db
        .read(move |connection| {
            let Some(invitation) = store::find_state(connection, &wanted)? else { return Ok(None) };
            let platform = match &invitation.platform_id {
                Some(platform) => find_health(connection, *platform, now)?,
                None => None,
            };
            Ok(Some((invitation, platform)))
        })
        .await?;
    let (invitation, platform) =
        found.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))?;
    let secret = invitation.secret(&id, &app.sealer, now);
    let page = InvitedPage {
        address: secret.map(|secret| address(&app, &secret)).transpose()?,
        state: match (&platform, invitation.is_waiting(now)) {
            (Some(_), _) => "arrived",
            (None, false) => "over",
            (None, true) => "waiting",
        },
        here: "platforms",
        csrf: session.csrf(&app.sealer),
        id,
        note: invitation.note,
        guides: families::ALL
            .into_iter()
            .filter(|one| one.has_invitation_guide)
            .map(|one| one.word)
            .collect(),
        until: invitation.expires_at.iso(),
        platform: platform.map(PlatformLine::new),
    };
    pages.respond(StatusCode::OK, "pages/admin/invited.html", &page, &locale, &Framing::nobody())
}

/// What takes an invitation back.
#[derive(Deserialize)]
pub struct WithdrawForm {
    csrf: String,
    id: String,
}

/// `POST /admin/invitations/withdraw`: an invitation works no more. For administrators.
pub async fn withdraw(
    request: HttpRequest,
    form: Form<WithdrawForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let session =
        require_admin_form(&app, &request, &form.csrf, Action::InvitationWithdraw, &form.id).await?;
    let id = form.into_inner().id;
    app.db
        .write(move |tx| {
            if store::withdraw(tx, &id)? {
                let event = Event::done(&session.who, Action::InvitationWithdraw, &id);
                record(tx, &event)?;
            }
            Ok(())
        })
        .await?;
    Ok(redirect_to("/admin#invitations"))
}

/// What a platform opens the page with.
#[derive(Deserialize)]
pub struct Initiation {
    invitation: Option<String>,
    openid_configuration: Option<String>,
    registration_token: Option<String>,
}

/// What the page's form carries, sealed: nobody can change it on the way.
#[derive(Serialize, Deserialize)]
struct Pending {
    invitation: String,
    policy: NetworkPolicy,
    platform: PlatformDescription,
    token: Option<String>,
    begun: Timestamp,
    note: String,
}

impl Sealed for Pending {
    type Format = Json;
    const PURPOSE: &'static str = "registration";
    /// How long somebody may look at the page before they press the button: as long as a registration token lives.
    const TTL: Duration = Duration::from_secs(60 * 60);

    fn issued(&self) -> Timestamp {
        self.begun
    }
}

#[derive(Serialize)]
struct RegisterPage {
    platform: PlatformWords,
    note: String,
    sealed: String,
    scopes: Vec<String>,
    /// The client id of the registration that the platform updates.
    updates: Option<String>,
    /// Those of its other registrations.
    others: Vec<String>,
}

/// A platform in its own words.
#[derive(Serialize)]
struct PlatformWords {
    issuer: String,
    /// The LMS it is, by its own name where that is known.
    family: Option<String>,
    /// The word of its kind, for what is to be done there afterwards.
    kind: &'static str,
}

impl PlatformWords {
    fn of(platform: &PlatformDescription) -> Self {
        let family = Family::of(platform.family.as_deref(), platform.auth_url.as_str());
        let name = if family.is_known() { Some(family.name.to_owned()) } else { platform.family.clone() };
        Self { kind: family.word, issuer: platform.issuer.clone(), family: name }
    }
}

/// `GET /lti/register`: shows an administrator of the platform what will be registered. For whoever has an invitation.
///
/// Spec: LTI Dynamic Registration 1.0 §3.3.
pub async fn begin(
    Lang(locale): Lang,
    initiation: Query<Initiation>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let secret = initiation.invitation.clone().unwrap_or_default();
    let found = app.db.look_up(move |connection| store::find(connection, &secret, now)).await?;
    let invitation = found.ok_or_else(unusable)?;
    let place = initiation.openid_configuration.as_deref().and_then(|text| Url::parse(text).ok());
    let place =
        place.ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::RegistrationByHand))?;
    let policy = NetworkPolicy::allowing_private(invitation.allow_private_network);
    let token = initiation.registration_token.clone().filter(|token| !token.is_empty());
    let platform = match PlatformDescription::fetch(&app.outbound, &place, token.as_deref(), policy).await {
        Ok(platform) => platform,
        Err(error) => return Err(refused(&app, &invitation.note, error).await),
    };
    let (issuer, meant) = (platform.issuer.clone(), token.as_deref().and_then(client_id_meant));
    let known = app
        .db
        .read(move |connection| {
            let updated = match &meant {
                Some(client_id) => crate::lti::store::find(connection, &issuer, client_id)?,
                None => None,
            };
            Ok((updated, crate::lti::store::list_of_issuer(connection, &issuer)?))
        })
        .await;
    let (updated, known) = known?;
    let updates = updated.map(|platform| platform.client_id);
    let others =
        known.into_iter().map(|platform| platform.client_id).filter(|id| Some(id) != updates.as_ref());
    let page = RegisterPage {
        platform: PlatformWords::of(&platform),
        note: invitation.note.clone(),
        scopes: scope_words(&platform.wanted_scopes(&app.tool)),
        others: others.collect(),
        updates,
        sealed: String::new(),
    };
    let frames = frames(&platform, &place);
    let note = invitation.note;
    let pending = Pending { invitation: invitation.id, policy, platform, token, begun: now, note };
    let page = RegisterPage { sealed: pending.seal(&app.sealer, &app.random), ..page };
    pages.respond(StatusCode::OK, "pages/lti/register.html", &page, &locale, &Framing::by(frames))
}

/// The sites that show the page: the platform's own.
fn frames(platform: &PlatformDescription, place: &Url) -> Vec<String> {
    let issuer = Url::parse(&platform.issuer).ok();
    let urls = [issuer.as_ref(), Some(place), Some(&platform.auth_url)];
    let mut frames: Vec<String> = urls.into_iter().flatten().filter_map(frame_source).collect();
    frames.extend(cloud_frames(&platform.auth_url).iter().map(|pattern| (*pattern).to_owned()));
    frames.sort();
    frames.dedup();
    frames
}

/// What the page's form sends.
#[derive(Deserialize)]
pub struct RegisterForm {
    sealed: String,
}

#[derive(Serialize)]
struct RegisteredPage {
    platform: PlatformWords,
    client_id: String,
    deployment_id: Option<String>,
    granted: Vec<String>,
    missing: Vec<String>,
    is_update: bool,
    waits: bool,
}

/// `POST /lti/register`: registers. For whoever has an invitation, once.
pub async fn finish(
    request: HttpRequest,
    Lang(locale): Lang,
    form: Form<RegisterForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let now = app.clock.now();
    let pending = Pending::open(&form.sealed, &app.sealer, now).map_err(|_| unusable())?;
    let input = RegistrationInput {
        invitation: pending.invitation.clone(),
        platform: pending.platform.clone(),
        token: pending.token,
        policy: pending.policy,
        note: pending.note.clone(),
    };
    let registrar = super::registering::Registrar {
        db: &app.db,
        outbound: &app.outbound,
        tool: &app.tool,
        base_url: &app.base_url,
        random: &app.random,
        now,
    };
    let done = match register(&registrar, input).await {
        Ok(done) => done,
        Err(RegisterError::Platform(error)) => return Err(refused(&app, &pending.invitation, error).await),
        Err(RegisterError::Db(error)) => return Err(error.into()),
        Err(RegisterError::InvitationUsed) => return Err(unusable()),
        Err(RegisterError::Exists { stored, received }) => {
            return Err(Failure::refused(StatusCode::CONFLICT, RefusalCode::RegistrationExists)
                .with_fact("fact-stored", stored)
                .with_fact("fact-answer", received));
        }
    };
    let wanted = pending.platform.wanted_scopes(&app.tool);
    let missing = if done.granted.scopes.is_empty() {
        Vec::new()
    } else {
        wanted.iter().filter(|scope| !done.granted.scopes.contains(scope)).cloned().collect()
    };
    let granted: Vec<String> = wanted.into_iter().filter(|scope| !missing.contains(scope)).collect();
    let page = RegisteredPage {
        platform: PlatformWords::of(&pending.platform),
        client_id: done.granted.client_id,
        deployment_id: done.granted.deployment_id,
        granted: scope_words(&granted),
        missing: scope_words(&missing),
        is_update: done.is_update,
        waits: done.waits,
    };
    let frames = frames(&pending.platform, &pending.platform.auth_url);
    pages.respond(StatusCode::OK, "pages/lti/registered.html", &page, &locale, &Framing::by(frames))
}

fn unusable() -> Failure {
    Failure::refused(StatusCode::FORBIDDEN, RefusalCode::InvitationUnusable)
}

/// A refusal that says which value is at fault, and is written down.
async fn refused(app: &AppState, invitation: &str, error: RegistrationError) -> Failure {
    let event = Event::refused(super::WHO, Action::Register, invitation).with(None, error.to_string());
    if let Err(failure) = record_rejection(app, Refused::Outsider, event).await {
        return failure;
    }
    let code = match &error {
        RegistrationError::Unreachable(_) | RegistrationError::ConfigurationRefused(_) => {
            RefusalCode::RegistrationUnreachable
        }
        RegistrationError::ConfigurationUnreadable | RegistrationError::Missing(_) => {
            RefusalCode::RegistrationUnreadable
        }
        RegistrationError::Url { .. } | RegistrationError::Host { .. } => RefusalCode::RegistrationAddress,
        RegistrationError::Refused { .. }
        | RegistrationError::AnswerUnreadable
        | RegistrationError::AnswerValue(_) => RefusalCode::RegistrationRefused,
    };
    Failure::refused(StatusCode::BAD_GATEWAY, code)
        .because(&error)
        .with_fact("fact-answer", error.to_string())
}
