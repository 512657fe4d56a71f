//! The "Break it" page: every knob as a form.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form};
use actix_web::{HttpRequest, HttpResponse};

use serde_json::{Value, json};

use super::Lms;
use super::knobs::Behaviour;
use super::manners::FAMILIES;
use super::presets;
use super::presets::PRESETS;
use super::tamper::{Tamper, Verdict};
use super::tamper_cases::CASES;
use super::trouble::{PLACES, TROUBLES};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/knobs", web::get().to(show)).route("/knobs", web::post().to(turn));
}

/// A knob that is on or off.
struct Switch {
    name: &'static str,
    label: &'static str,
    /// Reaches the knob; the page reads and turns it the same way.
    at: fn(&mut Behaviour) -> &mut bool,
}

const fn switch(name: &'static str, label: &'static str, at: fn(&mut Behaviour) -> &mut bool) -> Switch {
    Switch { name, label, at }
}

static GROUPS: &[(&str, &[Switch])] = &[
    (
        "Failures",
        &[
            switch("services_down", "Gradebook, roster and token endpoint are down (503)", |now| {
                &mut now.services_down
            }),
            switch("keys_down", "The LMS's key set is down (503)", |now| &mut now.keys_down),
            switch("token_refused", "The tool gets no access token", |now| &mut now.token_refused),
            switch("grades_locked", "Every grade is locked", |now| &mut now.grades_locked),
            switch("pedantic", "Scores and access tokens are taken by the letter", |now| &mut now.pedantic),
        ],
    ),
    (
        "Launches",
        &[
            switch("login_by_get", "Begin logins by GET, as Open edX does", |now| &mut now.login_by_get),
            switch("canvas_deployment", "Name the deployment as Canvas does", |now| {
                &mut now.canvas_deployment
            }),
            switch("omit_client_id", "Leave the client id out of the login", |now| &mut now.omit_client_id),
            switch("hint_once", "A login hint works once, as in Moodle", |now| &mut now.hint_once),
            switch("delegate_display_capture", "Let the frame share screens, as Canvas does", |now| {
                &mut now.delegate_display_capture
            }),
            switch("platform_storage", "Keep things for tools that get no cookies", |now| {
                &mut now.platform_storage
            }),
            switch("offer_grades", "Offer the gradebook to the tool", |now| &mut now.offer_grades),
            switch("offer_roster", "Offer the roster to the tool", |now| &mut now.offer_roster),
            switch("offer_groups", "Offer the course's groups to the tool", |now| &mut now.offer_groups),
            switch("anonymous", "Do not say who the person is", |now| &mut now.anonymous),
            switch("students_may_pick", "Let students begin to add a class", |now| {
                &mut now.students_may_pick
            }),
            switch("accept_multiple", "Take several added classes at once", |now| {
                now.deep_linking.accept_multiple.get_or_insert(true)
            }),
        ],
    ),
    (
        "Copied courses",
        &[
            switch("context_history", "Tell which courses a course was copied from", |now| {
                &mut now.context_history
            }),
            switch("link_history", "Tell which activities an activity was copied from", |now| {
                &mut now.link_history
            }),
            switch("offer_notices", "Send notices of copied courses, as Canvas does", |now| {
                &mut now.offer_notices
            }),
        ],
    ),
    (
        "Registering tools",
        &[
            switch("registration_token", "Tools need a token to register; Brightspace gives none", |now| {
                &mut now.registering.token_needed
            }),
            switch("without_deployment", "Name no deployment to the tool, as Brightspace does", |now| {
                &mut now.registering.without_deployment
            }),
            switch("without_client_id", "Name no client id to the tool", |now| {
                &mut now.registering.without_client_id
            }),
        ],
    ),
    (
        "Services",
        &[
            switch("column_management", "The tool may make grade columns", |now| &mut now.column_management),
            switch("token_as_html", "Send access tokens as text/html, as Moodle does", |now| {
                &mut now.token_as_html
            }),
            switch("broken_link_header", "Send Moodle's odd Link headers", |now| &mut now.broken_link_header),
        ],
    ),
];

async fn show(lms: Data<Lms>) -> HttpResponse {
    let mut now = lms.knobs().get();
    let mut groups = Vec::new();
    for (title, switches) in GROUPS {
        let rows: Vec<_> = switches
            .iter()
            .map(|one| json!({"name": one.name, "label": one.label, "on": *(one.at)(&mut now)}))
            .collect();
        groups.push(json!({"title": title, "rows": rows}));
    }
    let pending = lms.knobs().pending().and_then(|tamper| tamper.case()).map(|case| case.name);
    let cases: Vec<_> = CASES
        .iter()
        .map(|case| json!({"name": case.name, "sentence": case.sentence, "verdict": word(case.verdict)}))
        .collect();
    let presets: Vec<_> = PRESETS
        .iter()
        .map(|one| json!({"name": one.name, "label": one.label, "sentence": one.sentence}))
        .collect();
    let values = json!({
        "presets": presets, "families": families(&now.family), "family": now.family,
        "troubles": options(&TROUBLES, now.trouble), "places": options(&PLACES, Some(now.trouble_at)),
        "groups": groups, "cases": cases, "pending": pending, "delay": now.delay.as_secs(),
        "clock_offset": now.clock_offset, "page_size": now.page_size,
        "id_token_seconds": now.id_token_seconds,
        "healthy": now == Behaviour::default() && pending.is_none(),
    });
    lms.page(StatusCode::OK, "demo/knobs.html", &values)
}

/// The families to choose from; one that a test set is among them.
fn families(current: &str) -> Vec<(&str, &str)> {
    let stranger = FAMILIES.iter().all(|(code, _)| *code != current).then_some((current, current));
    FAMILIES.into_iter().chain(stranger).collect()
}

/// The rows of a list to choose from, and which of them is chosen.
fn options<T: Copy + PartialEq>(rows: &[(T, &str, &str)], current: Option<T>) -> Vec<Value> {
    let row = |(one, name, label): &(T, &str, &str)| json!({"name": name, "label": label, "on": current == Some(*one)});
    rows.iter().map(row).collect()
}

/// What a form's value chooses.
fn chosen<T: Copy>(rows: &[(T, &str, &str)], name: Option<&String>) -> Option<T> {
    let name = name?;
    rows.iter().find(|(_, one, _)| one == name).map(|(one, _, _)| *one)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refused => "the tool must refuse it",
        Verdict::Accepted => "the tool must accept it",
        Verdict::Open => "the tool may choose",
    }
}

async fn turn(lms: Data<Lms>, request: HttpRequest, form: Form<HashMap<String, String>>) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    if let Some(preset) = form.get("preset").and_then(|name| presets::named(name)) {
        lms.knobs().arrange(preset);
        return HttpResponse::SeeOther().insert_header((LOCATION, "/knobs")).finish();
    }
    match form.get("action").map(String::as_str) {
        Some("reset") => lms.knobs().reset(),
        Some("rotate") => {
            if let Err(error) = lms.rotate_keys(true) {
                return lms.problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
            }
        }
        _ => save(&lms, &form),
    }
    HttpResponse::SeeOther().insert_header((LOCATION, "/knobs")).finish()
}

fn save(lms: &Lms, form: &HashMap<String, String>) {
    let number = |name: &str| form.get(name).and_then(|text| text.trim().parse::<i64>().ok());
    lms.knobs().set(|now| {
        for one in GROUPS.iter().flat_map(|(_, switches)| *switches) {
            *(one.at)(now) = form.contains_key(one.name);
        }
        if let Some(family) = form.get("family").filter(|family| !family.is_empty()) {
            now.family.clone_from(family);
        }
        now.trouble = chosen(&TROUBLES, form.get("trouble"));
        now.trouble_at = chosen(&PLACES, form.get("trouble_at")).unwrap_or(now.trouble_at);
        let delay = number("delay").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        now.delay = Duration::from_secs(delay.min(60));
        now.clock_offset = number("clock_offset").unwrap_or(0).clamp(-86_400, 86_400);
        now.id_token_seconds = number("id_token_seconds").unwrap_or(60).clamp(-3600, 86_400);
        now.page_size =
            number("page_size").and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    });
    lms.knobs().tamper_always(form.get("tamper").and_then(|name| Tamper::named(name)));
}
