//! The one table of URLs.

use actix_web::error::{JsonPayloadError, PayloadError, UrlencodedError};
use actix_web::guard::fn_guard;
use actix_web::http::StatusCode;
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{
    Data, FormConfig, JsonConfig, PathConfig, QueryConfig, ServiceConfig, get, head, post, resource, to,
};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};

use crate::http::failure::Failure;
use crate::http::frame_session::opens_page;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::{Area, for_every_site};
use crate::http::{assets, body, health};
use crate::rooms::access::RoomError;
use crate::rooms::session::web::find_session;
use crate::state::AppState;
use crate::{activity, admin, entry, grades, lti, presence, rooms};

/// A login carries hints of at most some kilobytes.
const MAX_LOGIN: usize = 64 * 1024;
/// An id_token is some kilobytes; a course with many roles and custom values stays far below this.
const MAX_LAUNCH: usize = 256 * 1024;
/// A heartbeat is a sealed presence token and a word.
const MAX_HEARTBEAT: usize = 8 * 1024;
const MAX_FORM: usize = 64 * 1024;
/// The picker's form holds what the platform sent, and a dozen classes; forms of settings hold texts of any script.
const MAX_SELECTION: usize = 256 * 1024;

/// Every URL of the tool. Administrators paste them: they do not change.
pub fn configure(table: &mut ServiceConfig) {
    table
        .app_data(form(MAX_FORM))
        .app_data(QueryConfig::default().error_handler(|error, _| unreadable(&error).into()))
        .app_data(PathConfig::default().error_handler(|_, request| names_nothing(request).into()))
        .service(page("/").route(get().to(admin::front::front)))
        .service(
            page("/lti/login")
                .app_data(form(MAX_LOGIN))
                .route(get().to(lti::web::login_by_link))
                .route(post().to(lti::web::login_by_form)),
        )
        .service(page("/lti/launch").app_data(form(MAX_LAUNCH)).route(post().to(entry::web::launch)))
        .service(
            page("/lti/launch/complete")
                .app_data(form(MAX_LAUNCH))
                .route(get().to(entry::web::is_kept))
                .route(post().to(entry::web::complete)),
        )
        .service(
            page("/lti/deep-linking")
                .app_data(form(MAX_SELECTION))
                .route(post().to(rooms::deep_linking::web::select)),
        )
        .service(
            page("/lti/notices").app_data(json(MAX_LAUNCH)).route(post().to(entry::notices::web::receive)),
        )
        .service(
            page("/lti/register")
                .route(get().to(admin::invitations::web::begin))
                .route(post().to(admin::invitations::web::finish)),
        )
        .service(page("/lti/config").route(get().to(admin::manual_registration::web::config)))
        .service(
            page("/lti/config.json")
                .wrap(open_to_all())
                .route(get().to(admin::manual_registration::web::config_json)),
        )
        .service(page("/lti/jwks").wrap(open_to_all()).route(get().to(lti::web::jwks)))
        .service(page("/jitsi/jwks").wrap(open_to_all()).route(get().to(lti::web::room_jwks)))
        .service(page("/jitsi/keys/{hash}.pem").wrap(open_to_all()).route(get().to(lti::web::room_key)))
        .service(
            page("/rooms/{room}")
                .wrap(from_fn(find_session))
                .route(get().to(activity::landing::room))
                .route(opened().to(activity::landing::room)),
        )
        .service(
            page("/rooms/{room}/meeting")
                .wrap(from_fn(find_session))
                .route(get().to(rooms::meeting::web::meeting))
                .route(opened().to(rooms::meeting::web::meeting))
                .route(post().to(rooms::meeting::web::join)),
        )
        .service(
            page("/rooms/{room}/meeting/rejoin")
                .app_data(json(MAX_HEARTBEAT))
                .route(post().to(rooms::meeting::web::rejoin)),
        )
        .service(page("/rooms/{room}/live").route(get().to(rooms::live::web::live)))
        .service(page("/rooms/{room}/administer").route(post().to(admin::deployment::web::hand_over)))
        .service(page("/rooms/{room}/copy").route(post().to(rooms::copy::web::decide)))
        .service(
            page("/rooms/{room}/groups")
                .wrap(from_fn(find_session))
                .route(get().to(rooms::groups::web::groups))
                .route(opened().to(rooms::groups::web::groups))
                .route(post().to(rooms::groups::web::choose)),
        )
        .service(
            page("/rooms/{room}/attendance")
                .wrap(from_fn(find_session))
                .route(get().to(activity::attendance::attendance))
                .route(opened().to(activity::attendance::attendance)),
        )
        .service(page("/rooms/{room}/attendance/send").route(post().to(grades::web::send)))
        .service(
            page("/rooms/{room}/settings")
                .app_data(form(MAX_SELECTION))
                .wrap(from_fn(find_session))
                .route(get().to(activity::settings::settings))
                .route(opened().to(activity::settings::settings))
                .route(post().to(activity::settings::save)),
        )
        .service(
            page("/rooms/{room}/settings/course")
                .app_data(form(MAX_SELECTION))
                .wrap(from_fn(find_session))
                .route(get().to(activity::course_settings::course_settings))
                .route(opened().to(activity::course_settings::course_settings))
                .route(post().to(activity::course_settings::save_course_settings)),
        )
        .service(
            page("/rooms/{room}/schedule")
                .wrap(from_fn(find_session))
                .route(get().to(rooms::schedule::web::schedule))
                .route(opened().to(rooms::schedule::web::schedule))
                .route(post().to(rooms::schedule::web::save)),
        )
        .service(
            page("/rooms/{room}/schedule/{date}")
                .wrap(from_fn(find_session))
                .route(get().to(rooms::schedule::date::web::date))
                .route(opened().to(rooms::schedule::date::web::date))
                .route(post().to(rooms::schedule::date::web::change)),
        )
        .service(
            page("/rooms/{room}/calendar.ics")
                .wrap(from_fn(find_session))
                .route(get().to(rooms::calendar::web::file))
                .route(opened().to(rooms::calendar::web::file)),
        )
        .service(page("/rooms/{room}/calendar").route(post().to(rooms::calendar::web::new_address)))
        .service(page("/calendar/{token}.ics").route(get().to(rooms::calendar::web::feed)))
        .service(
            page("/rooms/{room}/presence")
                .app_data(json(MAX_HEARTBEAT))
                .route(post().to(presence::web::presence)),
        )
        .configure(administration)
        // Pages are small: compressing each would cost more than making it. Assets are compressed once.
        .service(page("/assets/{path:.*}").route(get().to(assets::serve)))
        .service(page("/healthz").route(get().to(health::healthz)).route(head().to(health::healthz)))
        .service(page("/readyz").route(get().to(health::readyz)).route(head().to(health::readyz)))
        .default_service(to(unknown_page));
}

fn administration(table: &mut ServiceConfig) {
    table
        .service(page("/admin").route(get().to(admin::home::home)))
        .service(
            page("/admin/deployment")
                .route(get().to(admin::deployment::web::page))
                .route(post().to(admin::deployment::web::test)),
        )
        .service(page("/admin/deployment/launches").route(get().to(admin::launches::web::of_deployment)))
        .service(page("/admin/deployment/people").route(get().to(admin::people::web::deployment_people)))
        .service(
            page("/admin/deployment/people/{person}")
                .route(get().to(admin::people::web::deployment_person))
                .route(post().to(admin::people::web::deployment_act)),
        )
        .service(page("/admin/deployment/enter/{code}").route(get().to(admin::deployment::web::enter)))
        .service(page("/admin/deployment/leave").route(post().to(admin::deployment::web::leave)))
        .service(page("/admin/enter/{secret}").route(get().to(admin::login_link::web::door)))
        .service(page("/admin/enter").route(post().to(admin::login_link::web::enter)))
        .service(page("/admin/oidc").route(get().to(admin::sign_in::web::begin)))
        .service(page("/admin/oidc/callback").route(get().to(admin::sign_in::web::finish)))
        .service(page("/admin/leave").route(post().to(admin::login_link::web::leave)))
        .service(
            page("/admin/sessions")
                .route(get().to(admin::sessions::web::sessions))
                .route(post().to(admin::sessions::web::act)),
        )
        .service(page("/admin/docs").route(get().to(admin::docs::docs)))
        .service(page("/admin/docs/{path:.*}").route(get().to(admin::docs::guide)))
        .service(page("/admin/audit").route(get().to(admin::audit::web::audit)))
        .service(page("/admin/invitations").route(post().to(admin::invitations::web::invite)))
        .service(page("/admin/invitations/withdraw").route(post().to(admin::invitations::web::withdraw)))
        .service(page("/admin/invitations/{invitation}").route(get().to(admin::invitations::web::invitation)))
        .service(page("/admin/platforms/new").route(get().to(admin::manual_registration::web::form)))
        .service(page("/admin/platforms").route(post().to(admin::manual_registration::web::add)))
        .service(
            page("/admin/platforms/{platform}")
                .route(get().to(admin::platforms::web::platform))
                .route(post().to(admin::platforms::web::act)),
        )
        .service(
            page("/admin/platforms/{platform}/launches").route(get().to(admin::launches::web::of_platform)),
        )
        .service(page("/admin/platforms/{platform}/people").route(get().to(admin::people::web::people)))
        .service(
            page("/admin/platforms/{platform}/people/{person}")
                .route(get().to(admin::people::web::person))
                .route(post().to(admin::people::web::act)),
        )
        .service(
            page("/admin/platforms/{platform}/delete")
                .route(get().to(admin::platforms::removal::web::ask))
                .route(post().to(admin::platforms::removal::web::delete)),
        )
        .service(
            page("/admin/platforms/{platform}/frames")
                .route(post().to(admin::platforms::values::web::frames)),
        )
        .service(
            page("/admin/platforms/{platform}/proposal")
                .route(post().to(admin::platforms::proposal::web::decide)),
        )
        .service(
            page("/admin/platforms/{platform}/roles").route(post().to(admin::platforms::roles::web::decide)),
        )
        .service(
            page("/admin/platforms/{platform}/values")
                .route(post().to(admin::platforms::values::web::change)),
        )
        .service(
            page("/admin/servers")
                .route(get().to(admin::servers::web::servers))
                .route(post().to(admin::servers::values::web::add)),
        )
        .service(
            page("/admin/servers/{server}")
                .route(get().to(admin::servers::web::server))
                .route(post().to(admin::servers::web::act)),
        )
        .service(page("/admin/servers/{server}/values").route(post().to(admin::servers::values::web::change)))
        .service(
            page("/admin/settings")
                .app_data(form(MAX_SELECTION))
                .route(get().to(admin::defaults::site))
                .route(post().to(admin::defaults::save_site)),
        )
        .service(
            page("/admin/platforms/{platform}/settings")
                .app_data(form(MAX_SELECTION))
                .route(get().to(admin::defaults::platform))
                .route(post().to(admin::defaults::save_platform)),
        )
        .service(page("/admin/jobs").route(get().to(admin::jobs::jobs)).route(post().to(admin::jobs::retry)))
        .service(page("/admin/unregistered").route(get().to(admin::unregistered::unregistered)))
        .service(
            page("/admin/status")
                .route(get().to(admin::status::web::status))
                .route(post().to(admin::status::web::rotate_keys)),
        );
}

/// A form of one of our own pages that opens this one: it carries the session where no cookie does.
fn opened() -> Route {
    post().guard(fn_guard(|context| opens_page(context.head().uri.query().unwrap_or_default())))
}

/// A URL that answers other methods than its own with 405, and at the other host, where administration has one of its own,
/// as a URL that does not exist: a guard of the route, so that no spelling of an address is read in two ways.
fn page(path: &str) -> Resource {
    let area = Area::of(path);
    resource(path.to_owned())
        .guard(fn_guard(move |context| {
            let app = context.app_data::<Data<AppState>>();
            app.is_none_or(|app| area.answers(&app.base_url, &app.admin_url, context.head()))
        }))
        .default_service(to(wrong_method))
}

/// Pages of other sites may read what this wraps.
fn open_to_all() -> DefaultHeaders {
    DefaultHeaders::new().add(for_every_site())
}

async fn unknown_page() -> Result<HttpResponse, Failure> {
    Err(Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))
}

async fn wrong_method() -> Result<HttpResponse, Failure> {
    Err(Failure::refused(StatusCode::METHOD_NOT_ALLOWED, RefusalCode::MethodWrong))
}

fn form(limit: usize) -> FormConfig {
    FormConfig::default().limit(limit).error_handler(|error, _: &HttpRequest| match error {
        UrlencodedError::Overflow { .. } => too_large().because(error).into(),
        UrlencodedError::Payload(error) => broken_off(&error).into(),
        other => unreadable(&other).into(),
    })
}

fn json(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(|error, _: &HttpRequest| match error {
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
            too_large().because(error).into()
        }
        JsonPayloadError::Payload(error) => broken_off(&error).into(),
        other => unreadable(&other).into(),
    })
}

/// What a request is told whose path names no row: a text there that is no identifier is nobody's.
fn names_nothing(request: &HttpRequest) -> Failure {
    if request.path().starts_with("/rooms/") {
        return RoomError::Unknown.into();
    }
    Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown)
}

/// What a body is told that did not come as a whole.
fn broken_off(error: &PayloadError) -> Failure {
    let failure = match error {
        PayloadError::Overflow => too_large(),
        error if body::took_too_long(error) => {
            Failure::refused(StatusCode::REQUEST_TIMEOUT, RefusalCode::BodyTooSlow)
        }
        error if body::found_no_room(error) => {
            Failure::refused(StatusCode::SERVICE_UNAVAILABLE, RefusalCode::Unavailable)
        }
        other => return unreadable(other),
    };
    failure.because(error)
}

fn too_large() -> Failure {
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, RefusalCode::BodyTooLarge)
}

fn unreadable(error: &impl std::fmt::Display) -> Failure {
    Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable).because(error)
}
