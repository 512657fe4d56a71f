//! Pages of the LMS on which teachers add classes, copy courses and review learners.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form, FormConfig, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::deep_linking::DeepLinkingAnswer;
use super::directory::LmsCourse;
use super::lms_pages::ActivityQuery;
use super::service::query;
use super::tour::TourStep;
use super::visit::Visit;
use super::{Lms, lock};

/// A term of classes, signed, is longer than the 16 kB that a form may have elsewhere.
const ANSWER_BYTES: usize = 1024 * 1024;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/courses/{course}/add", web::get().to(add))
        .route("/courses/{course}/add/start", web::get().to(start_adding))
        .service(
            web::resource("/courses/{course}/deep-linking/{session}")
                .app_data(FormConfig::default().limit(ANSWER_BYTES))
                .route(web::post().to(take)),
        )
        .route("/courses/{course}/copy", web::post().to(copy))
        .route("/courses/{course}/activities/{activity}/review", web::get().to(review))
        .route("/courses/{course}/activities/{activity}/review/start", web::get().to(start_review));
}

async fn add(lms: Data<Lms>, course: Path<String>, view: Query<ActivityQuery>) -> HttpResponse {
    let viewer = view.viewer.clone().unwrap_or_default();
    let visit = Visit { tool: view.tool.clone(), ..Visit::picking(&viewer, &course) };
    match lms.resolve(&visit) {
        Ok(resolved) => lms.frame_page(&resolved, &format!("/courses/{course}/add"), "start", &view),
        Err(_) => lms.not_there("such course for this person"),
    }
}

async fn start_adding(lms: Data<Lms>, course: Path<String>, request: HttpRequest) -> HttpResponse {
    let person = query(&request, "as").unwrap_or_default();
    let visit = Visit { tool: query(&request, "tool"), ..Visit::picking(&person, &course) };
    lms.begin(visit, &request)
}

/// What a tool posts.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "JWT")]
    jwt: String,
}

async fn take(
    lms: Data<Lms>,
    path: Path<(String, String)>,
    request: HttpRequest,
    answer: Form<Answer>,
) -> HttpResponse {
    let (course, _) = path.into_inner();
    let Some(course) = lms.course_values(&course) else { return lms.not_there("such course") };
    let place = format!("{}{}", lms.0.settings.issuer, request.uri());
    let (status, taken, problem) = match lms.receive_deep_linking(&place, &answer.jwt).await {
        Ok(taken) => {
            if !taken.activities.is_empty() {
                lms.note_step(TourStep::DeepLinking);
            }
            (StatusCode::OK, taken, Value::Null)
        }
        Err(reason) => (StatusCode::BAD_REQUEST, DeepLinkingAnswer::default(), json!(reason)),
    };
    let values = json!({
        "course": course, "added": taken.activities, "message": taken.message, "error": taken.error,
        "problem": problem,
    });
    lms.page(status, "demo/added.html", &values)
}

async fn copy(lms: Data<Lms>, course: Path<String>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    let (old, id) = {
        let directory = lock(&lms.0.directory);
        let Some(old) = directory.course(&course).cloned() else { return lms.not_there("such course") };
        (old, directory.free_course_id(101 + directory.courses.len()))
    };
    let fresh = LmsCourse::new(&id, &format!("{} copy", old.label), &format!("{} (copy {id})", old.title));
    if let Err(error) = lms.copy_course(&course, fresh) {
        return lms.problem(StatusCode::BAD_REQUEST, &error.to_string());
    }
    lms.note_step(TourStep::Copy);
    let copied = id.clone();
    actix_web::rt::spawn(async move { lms.send_copy_notice(&copied).await });
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/courses/{id}"))).finish()
}

async fn review(lms: Data<Lms>, path: Path<(String, String)>, view: Query<ActivityQuery>) -> HttpResponse {
    let (course, activity) = path.into_inner();
    let viewer = view.viewer.clone().unwrap_or_default();
    let visit = Visit::reviewing(&viewer, &activity, view.of.as_deref().unwrap_or_default());
    let here = format!("/courses/{course}/activities/{activity}/review");
    match lms.resolve(&visit) {
        Ok(resolved) => lms.frame_page(&resolved, &here, "start", &view),
        Err(_) => lms.not_there("such learner"),
    }
}

async fn start_review(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (_, activity) = path.into_inner();
    let get = |name: &str| query(&request, name).unwrap_or_default();
    lms.begin(Visit::reviewing(&get("as"), &activity, &get("of")), &request)
}
