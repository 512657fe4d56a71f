//! `/admin/unregistered`: launches that name no registration, with what each of them means.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Serialize;

use super::access::Admin;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::lti::launch_log::store::{RefusalCount, Unregistered, list_refusals, list_unregistered};
use crate::state::AppState;

#[derive(Serialize)]
struct UnregisteredPage {
    here: &'static str,
    kinds: Vec<KindLine>,
}

/// What was refused with one code.
#[derive(Serialize)]
struct KindLine {
    code: String,
    count: i64,
    since: String,
    last: String,
    platforms: Vec<PlatformLine>,
}

/// Who was refused.
#[derive(Serialize)]
struct PlatformLine {
    issuer: String,
    client_id: String,
    count: i64,
    since: String,
    last: String,
}

/// `GET /admin/unregistered`. For administrators.
pub async fn unregistered(
    _admin: Admin,
    Lang(locale): Lang,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let found = app
        .db
        .read(move |connection| Ok((list_refusals(connection, None)?, list_unregistered(connection)?)))
        .await?;
    let (refusals, platforms) = found;
    let kinds = refusals.into_iter().map(|kind| kind_line(kind, &platforms)).collect();
    let page = UnregisteredPage { here: "platforms", kinds };
    pages.respond(StatusCode::OK, "pages/admin/unregistered.html", &page, &locale, &Framing::nobody())
}

fn kind_line(kind: RefusalCount, platforms: &[Unregistered]) -> KindLine {
    let of_kind = platforms.iter().filter(|one| one.code == kind.outcome);
    // Without any name there is nothing to show but the number.
    let named = of_kind.filter(|one| !(one.issuer.is_empty() && one.client_id.is_empty()));
    let line = |one: &Unregistered| PlatformLine {
        issuer: one.issuer.clone(),
        client_id: one.client_id.clone(),
        count: one.count,
        since: one.first_at.iso(),
        last: one.last_at.iso(),
    };
    KindLine {
        platforms: named.map(line).collect(),
        count: kind.count,
        since: kind.first_at.iso(),
        last: kind.last_at.iso(),
        code: kind.outcome,
    }
}
