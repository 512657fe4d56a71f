//! All launches of a platform (`/admin/platforms/{platform}/launches`, for operators), or of a deployment
//! (`/admin/deployment/launches`, for administrators of its platform): page by page, with a search.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::LaunchLine;
use super::store::{Cursor, LaunchFilter, list_launches};
use crate::admin::access::Admin;
use crate::admin::deployment::web::{find_scope, require_session};
use crate::admin::platforms::page::find as find_platform;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::state::AppState;

/// Launches on a page of their own.
const SHOWN: usize = 50;
const MAX_SEARCH: usize = 200;

/// What is looked for.
#[derive(Deserialize)]
pub struct LaunchQuery {
    show: Option<String>,
    q: Option<String>,
    before: Option<String>,
}

impl LaunchQuery {
    /// Quirk: a place that is none begins with the newest launch, as an old link should.
    fn filter(&self, platform: PlatformId, deployment: Option<String>) -> LaunchFilter {
        let search = self.q.as_deref().unwrap_or_default().trim();
        LaunchFilter {
            platform,
            deployment,
            only_refused: self.show.as_deref() == Some("refused"),
            search: search.chars().filter(|letter| *letter != '\0').take(MAX_SEARCH).collect(),
            before: self.before.as_deref().and_then(|before| before.parse().ok()),
        }
    }
}

/// Whose launches somebody looks at.
struct Viewed {
    platform: PlatformId,
    deployment: Option<String>,
    /// The platform's name.
    name: String,
    /// The page of the platform or the deployment.
    home: String,
}

#[derive(Serialize)]
struct LaunchesPage {
    here: &'static str,
    is_deployment: bool,
    name: String,
    home: String,
    place: String,
    only_refused: bool,
    search: String,
    launches: Vec<LaunchLine>,
    /// The page with all launches instead of the refused ones, or the other way round.
    other: String,
    older: Option<String>,
    newest: Option<String>,
}

/// `GET /admin/platforms/{platform}/launches`. For administrators.
pub async fn of_platform(
    _admin: Admin,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    query: Query<LaunchQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let platform = find_platform(&app, *id).await?.platform;
    let home = format!("/admin/platforms/{}", platform.id);
    let viewed = Viewed { platform: platform.id, deployment: None, name: platform.name, home };
    show(&locale, viewed, &query, &app, &pages).await
}

/// `GET /admin/deployment/launches`. For administrators of the deployment's platform.
pub async fn of_deployment(
    request: HttpRequest,
    Lang(locale): Lang,
    query: Query<LaunchQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_session(&app, &request).await?;
    let found = find_scope(&app, &session.scope).await?;
    let viewed = Viewed {
        platform: found.platform.id,
        deployment: Some(found.deployment.deployment_id),
        name: found.platform.name,
        home: "/admin/deployment".to_owned(),
    };
    show(&locale, viewed, &query, &app, &pages).await
}

async fn show(
    locale: &Locale,
    viewed: Viewed,
    query: &LaunchQuery,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let filter = query.filter(viewed.platform, viewed.deployment);
    let (wanted, most) = (filter.clone(), i64::try_from(SHOWN + 1).unwrap_or(i64::MAX));
    let found = app.db.read(move |connection| list_launches(connection, &wanted, most)).await?;
    let mut launches = found;
    let has_more = launches.len() > SHOWN;
    launches.truncate(SHOWN);
    let last = launches.last().filter(|_| has_more).map(Cursor::of);
    let place = format!("{}/launches", viewed.home);
    let address =
        |only_refused, before: Option<&Cursor>| address(&place, only_refused, &filter.search, before);
    let page = LaunchesPage {
        here: "platforms",
        is_deployment: filter.deployment.is_some(),
        other: address(!filter.only_refused, None),
        older: last.map(|cursor| address(filter.only_refused, Some(&cursor))),
        newest: filter.before.is_some().then(|| address(filter.only_refused, None)),
        name: viewed.name,
        home: viewed.home,
        only_refused: filter.only_refused,
        search: filter.search.clone(),
        launches: launches.into_iter().map(LaunchLine::new).collect(),
        place,
    };
    pages.respond(StatusCode::OK, "pages/admin/launches.html", &page, locale, &Framing::nobody())
}

fn address(place: &str, only_refused: bool, search: &str, before: Option<&Cursor>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if only_refused {
        query.append_pair("show", "refused");
    }
    if !search.is_empty() {
        query.append_pair("q", search);
    }
    if let Some(before) = before {
        query.append_pair("before", &before.to_string());
    }
    let query = query.finish();
    if query.is_empty() { place.to_owned() } else { format!("{place}?{query}") }
}
