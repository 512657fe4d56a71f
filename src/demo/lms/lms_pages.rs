//! The LMS's pages for people.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

use serde::Deserialize;
use serde_json::{Value, json};

use super::directory::LmsPerson;
use super::launch::ResolvedVisit;
use super::service::query;
use super::tour::TourStep;
use super::visit::Visit;
use super::{Lms, lock};
use crate::demo::pages::{asset, is_foreign};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/courses/{course}", web::get().to(course))
        .route("/courses/{course}/people", web::get().to(people))
        .route("/courses/{course}/activities/{activity}", web::get().to(activity))
        .route("/courses/{course}/activities/{activity}/start", web::get().to(start))
        .route("/courses/{course}/activities/{activity}/return", web::get().to(returned))
        .route("/messages", web::get().to(message_log))
        .route(
            "/assets/app.css",
            web::get().to(|| async { css(include_str!("../../../assets/css/app.css")) }),
        )
        .route(
            "/assets/lms.css",
            web::get().to(|| async { css(include_str!("../../../assets/demo/lms.css")) }),
        )
        .route(
            "/assets/lms.js",
            web::get().to(|| async { script(include_str!("../../../assets/demo/lms.js")) }),
        )
        .route(
            "/assets/help.js",
            web::get().to(|| async { script(include_str!("../../../assets/demo/help.js")) }),
        );
}

fn css(body: &'static str) -> HttpResponse {
    asset("text/css; charset=utf-8", body)
}

fn script(body: &'static str) -> HttpResponse {
    asset("text/javascript; charset=utf-8", body)
}

impl Lms {
    /// Responds with a page of the LMS; it may frame and post to the tools and nothing else.
    pub(super) fn page(&self, status: StatusCode, template: &str, values: &Value) -> HttpResponse {
        self.page_framing(None, status, template, values)
    }

    /// Responds with a page that may frame another site too.
    pub(super) fn page_framing(
        &self,
        site: Option<&str>,
        status: StatusCode,
        template: &str,
        values: &Value,
    ) -> HttpResponse {
        let tools = self.tools();
        let tool_sites = tools.iter().map(|tool| tool.origin.as_str());
        let frames = sources(tool_sites.clone().chain(site));
        let answers = tools.iter().flat_map(|tool| tool.redirect_uris.iter().chain([&tool.login_url]));
        let posts = sources(tool_sites.chain(answers.map(String::as_str)));
        let mut values = values.clone();
        if let Some(values) = values.as_object_mut() {
            values.insert("tour".to_owned(), self.tour_values());
        }
        let csp = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             img-src 'self' https: data:; frame-src {frames}; form-action {posts}; base-uri 'none'"
        );
        self.0.pages.page(status, template, &csp, &values)
    }

    /// Responds with an error page that names the reason.
    pub(super) fn problem(&self, status: StatusCode, reason: &str) -> HttpResponse {
        self.page(status, "demo/problem.html", &json!({"reason": reason, "status": status.as_u16()}))
    }

    /// Returns the refusal of a form that another site's page sent.
    pub(super) fn refuse_foreign(&self, request: &HttpRequest) -> Option<HttpResponse> {
        is_foreign(request)
            .then(|| self.problem(StatusCode::FORBIDDEN, "This can only be done on the page itself."))
    }

    /// Responds with a form that submits itself; without JavaScript there is a button.
    pub(super) fn post_form(&self, method: &str, url: &str, fields: &[(String, String)]) -> HttpResponse {
        self.page(
            StatusCode::OK,
            "demo/post_form.html",
            &json!({"method": method, "url": url, "fields": fields}),
        )
    }

    pub(super) fn not_there(&self, what: &str) -> HttpResponse {
        self.problem(StatusCode::NOT_FOUND, &format!("This LMS has no {what}."))
    }

    fn person_values(&self, course: &str) -> Vec<Value> {
        let directory = lock(&self.0.directory);
        directory.members(course).map(person_json).collect()
    }

    fn guest_values(&self, course: &str) -> Vec<Value> {
        let directory = lock(&self.0.directory);
        directory.guests(course).map(person_json).collect()
    }

    /// Returns those who may add something to the course.
    fn teacher_values(&self, course: &str) -> Vec<Value> {
        let directory = lock(&self.0.directory);
        directory.members(course).filter(|person| person.teaches()).map(person_json).collect()
    }

    /// Returns the tools that offer deep linking; the first one needs no name.
    fn pickers(&self) -> Vec<Value> {
        let all = self.tools().into_iter().enumerate();
        let able = all.filter(|(_, tool)| tool.picker_url.is_some());
        able.map(|(place, tool)| json!({"id": tool.client_id, "name": tool.name, "first": place == 0}))
            .collect()
    }

    pub(super) fn course_values(&self, id: &str) -> Option<Value> {
        let directory = lock(&self.0.directory);
        let course = directory.course(id)?;
        let activities: Vec<_> = directory.activities.iter().filter(|one| one.course == id).collect();
        Some(json!({"id": course.id, "label": course.label, "title": course.title, "activities": activities}))
    }
}

fn person_json(person: &LmsPerson) -> Value {
    json!({
        "id": person.id, "name": person.shown_name(), "part": person.part,
        "initials": person.initials(), "email": person.email,
    })
}

/// Returns the origins of addresses as a policy lists them, with our own.
fn sources<'a>(urls: impl Iterator<Item = &'a str>) -> String {
    let origins: BTreeSet<String> = urls.filter_map(origin_of).collect();
    let all = std::iter::once("'self'".to_owned()).chain(origins);
    all.collect::<Vec<_>>().join(" ")
}

pub(super) fn origin_of(url: &str) -> Option<String> {
    url::Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

async fn home(lms: Data<Lms>) -> HttpResponse {
    let courses: Vec<_> = lms.courses().iter().filter_map(|course| lms.course_values(&course.id)).collect();
    let values = json!({"courses": courses, "has_classroom": lms.has_classroom()});
    lms.page(StatusCode::OK, "demo/home.html", &values)
}

async fn course(lms: Data<Lms>, id: Path<String>) -> HttpResponse {
    let Some(course) = lms.course_values(&id) else { return lms.not_there("such course") };
    let values = json!({
        "course": course, "people": lms.person_values(&id), "guests": lms.guest_values(&id),
        "teachers": lms.teacher_values(&id), "has_classroom": lms.has_classroom(), "pickers": lms.pickers(),
    });
    lms.page(StatusCode::OK, "demo/course.html", &values)
}

async fn people(lms: Data<Lms>, id: Path<String>) -> HttpResponse {
    let Some(course) = lms.course_values(&id) else { return lms.not_there("such course") };
    let values = json!({"course": course, "people": lms.person_values(&id), "groups": lms.groups(&id)});
    lms.page(StatusCode::OK, "demo/people.html", &values)
}

/// What the activity page's address says.
#[derive(Deserialize)]
pub(super) struct ActivityQuery {
    #[serde(rename = "as")]
    pub(super) viewer: Option<String>,
    #[serde(rename = "in")]
    place: Option<String>,
    locale: Option<String>,
    capture: Option<String>,
    width: Option<String>,
    /// The learner whose work is reviewed.
    pub(super) of: Option<String>,
    /// The tool to choose with.
    pub(super) tool: Option<String>,
}

impl ActivityQuery {
    fn locale(&self, own: Option<String>) -> String {
        self.locale.clone().or(own).filter(|tag| is_plain(tag)).unwrap_or_else(|| "en".to_owned())
    }
}

fn is_plain(tag: &str) -> bool {
    !tag.is_empty()
        && tag.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

async fn activity(lms: Data<Lms>, path: Path<(String, String)>, view: Query<ActivityQuery>) -> HttpResponse {
    let (course_id, activity_id) = path.into_inner();
    let Some(viewer) = view.viewer.as_deref() else {
        return HttpResponse::SeeOther().insert_header((LOCATION, format!("/courses/{course_id}"))).finish();
    };
    let Ok(resolved) = lms.resolve(&Visit::new(viewer, &activity_id)) else {
        return lms.not_there("such activity for this person");
    };
    if resolved.course.id != course_id {
        return lms.not_there("such activity in this course");
    }
    let stage = format!("/courses/{course_id}/activities/{activity_id}");
    lms.frame_page(&resolved, &stage, "start", &view)
}

impl Lms {
    /// Responds with a page that has the tool in its frame. `here` is the page's own path, and `start` what follows it for the launch.
    pub(super) fn frame_page(
        &self,
        resolved: &ResolvedVisit,
        here: &str,
        start: &str,
        view: &ActivityQuery,
    ) -> HttpResponse {
        let viewer = &resolved.person.id;
        let locale = view.locale(resolved.person.locale.clone());
        let mut more = url::form_urlencoded::Serializer::new(String::new());
        more.extend_pairs(resolved.learner.iter().map(|learner| ("of", &learner.id)));
        more.extend_pairs(view.tool.iter().map(|tool| ("tool", tool)));
        let more = more.finish();
        let more = if more.is_empty() { more } else { format!("&{more}") };
        let launch = |target: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("as", viewer).append_pair("target", target).append_pair("locale", &locale);
            format!("{here}/{start}?{}{more}", query.finish())
        };
        if view.place.as_deref() == Some("window") {
            return HttpResponse::SeeOther().insert_header((LOCATION, launch("window"))).finish();
        }
        let picks = resolved.activity.is_none();
        // Moodle opens a dialogue of about that size.
        let usual = if picks { "modal" } else { "full" };
        let sizes =
            [("modal", "Moodle's dialogue"), ("360", "360 px"), ("700", "700 px"), ("full", "Full width")];
        let sizes = if picks { &sizes[..] } else { &sizes[1..] };
        let mut people = self.person_values(&resolved.course.id);
        if !picks {
            people.extend(self.guest_values(&resolved.course.id));
        }
        let capture = self.0.behaviour.get().delegate_display_capture || view.capture.is_some();
        let title = match (&resolved.activity, &resolved.learner) {
            (Some(activity), Some(learner)) => format!("{}: {}", activity.title, learner.shown_name()),
            (Some(activity), None) => activity.title.clone(),
            (None, _) => "Add a class".to_owned(),
        };
        let values = json!({
            "course": self.course_values(&resolved.course.id), "title": title, "here": here, "sizes": sizes,
            "more": more,
            "me": person_json(&resolved.person), "people": people,
            "locale": locale, "capture": capture, "width": view.width.as_deref().unwrap_or(usual),
            "frame": launch("iframe"), "window": launch("window"), "storage": self.storage_values(&resolved.tool),
            "allow": allow_list(&resolved.tool.origin, capture),
        });
        self.page(StatusCode::OK, "demo/activity.html", &values)
    }
}

/// Returns the permissions that the frame delegates to the tool: Moodle's list, and Canvas's `display-capture` on demand.
fn allow_list(origin: &str, capture: bool) -> String {
    let features = ["microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay"];
    let extra = capture.then_some("display-capture");
    let named: Vec<_> =
        features.into_iter().chain(extra).map(|feature| format!("{feature} {origin}")).collect();
    named.join("; ")
}

async fn start(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (_, activity) = path.into_inner();
    let person = query(&request, "as").unwrap_or_default();
    lms.begin(Visit::new(&person, &activity), &request)
}

impl Lms {
    /// Begins a visit, as the URL's parameters say.
    pub(super) fn begin(&self, visit: Visit, request: &HttpRequest) -> HttpResponse {
        let window = query(request, "target").is_some_and(|target| target == "window");
        let visit = Visit {
            locale: query(request, "locale").filter(|tag| is_plain(tag)).unwrap_or_else(|| "en".to_owned()),
            document_target: if window { "window" } else { "iframe" }.to_owned(),
            ..visit
        };
        match self.login_initiation(&visit) {
            Ok(initiation) => self.post_form(initiation.method, &initiation.url, &initiation.fields),
            Err(error) => self.problem(StatusCode::NOT_FOUND, &error.to_string()),
        }
    }
}

async fn returned(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let (id, _) = path.into_inner();
    let Some(course) = lms.course_values(&id) else { return lms.not_there("such course") };
    let (message, error) = (query(&request, "lti_msg"), query(&request, "lti_errormsg"));
    let values = json!({"course": course, "message": message, "error": error});
    lms.page(StatusCode::OK, "demo/returned.html", &values)
}

/// Returns an age in its largest unit.
fn in_words(age: Duration) -> String {
    match age.as_secs() {
        0..5 => "just now".to_owned(),
        seconds @ 5..90 => format!("{seconds} seconds ago"),
        seconds => format!("{} minutes ago", (seconds + 30) / 60),
    }
}

async fn message_log(lms: Data<Lms>) -> HttpResponse {
    lms.note_step(TourStep::MessageLog);
    let entries: Vec<_> = lms
        .0
        .message_log
        .aged_entries()
        .into_iter()
        .map(|(age, entry)| {
            json!({
                "age": in_words(age), "direction": entry.direction, "title": entry.title, "sentence": entry.sentence,
                "status": entry.status, "parts": entry.parts,
            })
        })
        .collect();
    lms.page(StatusCode::OK, "demo/message_log.html", &json!({"entries": entries}))
}
