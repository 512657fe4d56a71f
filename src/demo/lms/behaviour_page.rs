//! The "Break it" page: every switch in a form.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form};
use actix_web::{HttpRequest, HttpResponse};

use serde_json::{Value, json};

use super::Lms;
use super::behaviour::Switches;
use super::dialect::{DialectChoice, FAMILIES};
use super::fault::{Choice, FAULTS, PLACES};
use super::presets::{self, PRESETS};
use super::tamper::{ExpectedOutcome, Tamper};
use super::tamper_cases::CASES;
use super::tour::TourStep;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/behaviour", web::get().to(show)).route("/behaviour", web::post().to(change));
}

/// A switch on the page.
struct Switch {
    name: &'static str,
    label: &'static str,
    /// Reaches its field; the page reads and sets it the same way.
    at: fn(&mut Switches) -> &mut bool,
}

const fn switch(name: &'static str, label: &'static str, at: fn(&mut Switches) -> &mut bool) -> Switch {
    Switch { name, label, at }
}

/// A heading of the page and its switches.
struct SwitchGroup {
    title: &'static str,
    switches: &'static [Switch],
}

static GROUPS: &[SwitchGroup] = &[
    SwitchGroup {
        title: "Failures",
        switches: &[
            switch("services_down", "Gradebook, memberships and token endpoint are down (503)", |now| {
                &mut now.services_down
            }),
            switch("keys_down", "The LMS's key set is down (503)", |now| &mut now.keys_down),
            switch("token_refused", "The tool gets no access token", |now| &mut now.token_refused),
            switch("grades_locked", "Every grade is locked", |now| &mut now.grades_locked),
            switch("pedantic", "Scores and access tokens are checked to the letter", |now| &mut now.pedantic),
        ],
    },
    SwitchGroup {
        title: "Launches",
        switches: &[
            switch("login_by_get", "Begin logins by GET, as Open edX does", |now| &mut now.login_by_get),
            switch("canvas_deployment", "Name the deployment as Canvas does", |now| {
                &mut now.canvas_deployment
            }),
            switch("omit_client_id", "Leave the client id out of the login", |now| &mut now.omit_client_id),
            switch("hint_once", "A login hint works once, as in Moodle", |now| &mut now.hint_once),
            switch("delegate_display_capture", "Let the frame share screens, as Canvas does", |now| {
                &mut now.delegate_display_capture
            }),
            switch("platform_storage", "Offer storage to tools that get no cookies", |now| {
                &mut now.platform_storage
            }),
            switch("offer_grades", "Offer the gradebook to the tool", |now| &mut now.offer_grades),
            switch("offer_memberships", "Offer the course's members to the tool", |now| {
                &mut now.offer_memberships
            }),
            switch("offer_groups", "Offer the course's groups to the tool", |now| &mut now.offer_groups),
            switch("anonymous", "Leave out who the person is", |now| &mut now.anonymous),
            switch("students_may_pick", "Let students add a class", |now| &mut now.students_may_pick),
            switch("accept_multiple", "Accept several added classes at once", |now| {
                now.deep_linking.accept_multiple.get_or_insert(true)
            }),
        ],
    },
    SwitchGroup {
        title: "Copied courses",
        switches: &[
            switch("context_history", "Send which courses a course was copied from", |now| {
                &mut now.context_history
            }),
            switch("link_history", "Send which activities an activity was copied from", |now| {
                &mut now.link_history
            }),
            switch("offer_notices", "Send notices of copied courses, as Canvas does", |now| {
                &mut now.offer_notices
            }),
        ],
    },
    SwitchGroup {
        title: "Registering tools",
        switches: &[
            switch("registration_token", "Tools need a token to register (Brightspace gives none)", |now| {
                &mut now.registering.token_needed
            }),
            switch("without_deployment", "Send the tool no deployment, as Brightspace does", |now| {
                &mut now.registering.without_deployment
            }),
            switch("without_client_id", "Send the tool no client id", |now| {
                &mut now.registering.without_client_id
            }),
        ],
    },
    SwitchGroup {
        title: "Services",
        switches: &[
            switch("line_item_management", "The tool may make line items (grade columns)", |now| {
                &mut now.line_item_management
            }),
            switch("token_as_html", "Send access tokens as text/html, as Moodle does", |now| {
                &mut now.token_as_html
            }),
            switch("broken_link_header", "Send Moodle's odd Link headers", |now| &mut now.broken_link_header),
        ],
    },
];

async fn show(lms: Data<Lms>) -> HttpResponse {
    let mut switches = lms.behaviour().get();
    let mut groups = Vec::new();
    for group in GROUPS {
        let rows: Vec<_> = group
            .switches
            .iter()
            .map(|one| json!({"name": one.name, "label": one.label, "on": *(one.at)(&mut switches)}))
            .collect();
        groups.push(json!({"title": group.title, "rows": rows}));
    }
    let pending = lms.behaviour().pending().and_then(|tamper| tamper.case()).map(|case| case.name);
    let cases: Vec<_> = CASES
        .iter()
        .map(|case| json!({"name": case.name, "sentence": case.sentence, "verdict": word(case.verdict)}))
        .collect();
    let presets: Vec<_> = PRESETS
        .iter()
        .map(|one| json!({"name": one.name, "label": one.label, "sentence": one.sentence}))
        .collect();
    let values = json!({
        "presets": presets, "families": families(&switches.family), "family": switches.family,
        "faults": options(&FAULTS, switches.fault), "places": options(&PLACES, Some(switches.fault_at)),
        "groups": groups, "cases": cases, "pending": pending, "delay": switches.delay.as_secs(),
        "clock_offset": switches.clock_offset, "page_size": switches.page_size,
        "id_token_seconds": switches.id_token_seconds,
        "healthy": lms.is_healthy(),
    });
    lms.page(StatusCode::OK, "demo/behaviour.html", &values)
}

/// Returns the families to choose from, with the one that a test set.
fn families(current: &str) -> Vec<DialectChoice<'_>> {
    let is_known = FAMILIES.iter().any(|family| family.code == current);
    let stranger = (!is_known).then_some(DialectChoice { code: current, label: current });
    FAMILIES.into_iter().chain(stranger).collect()
}

/// Returns the rows of a list to choose from, and which of them is chosen.
fn options<T: Copy + PartialEq>(rows: &[Choice<T>], current: Option<T>) -> Vec<Value> {
    let row =
        |row: &Choice<T>| json!({"name": row.name, "label": row.label, "on": current == Some(row.value)});
    rows.iter().map(row).collect()
}

/// Returns the choice that a form's value names.
fn chosen<T: Copy>(rows: &[Choice<T>], name: Option<&String>) -> Option<T> {
    let name = name?;
    rows.iter().find(|row| row.name == name).map(|row| row.value)
}

fn word(verdict: ExpectedOutcome) -> &'static str {
    match verdict {
        ExpectedOutcome::Refused => "the tool must refuse it",
        ExpectedOutcome::Accepted => "the tool must accept it",
        ExpectedOutcome::Open => "the tool may choose",
    }
}

impl Lms {
    fn note_fault(&self) {
        if !self.is_healthy() {
            self.note_step(TourStep::Fault);
        }
    }

    /// Returns whether nothing is switched.
    fn is_healthy(&self) -> bool {
        self.behaviour().get() == self.behaviour().healthy() && self.behaviour().pending().is_none()
    }
}

async fn change(lms: Data<Lms>, request: HttpRequest, form: Form<HashMap<String, String>>) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    if let Some(preset) = form.get("preset").and_then(|name| presets::named(name)) {
        lms.behaviour().arrange(preset);
        lms.note_fault();
        return HttpResponse::SeeOther().insert_header((LOCATION, "/behaviour")).finish();
    }
    match form.get("action").map(String::as_str) {
        Some("reset") => lms.behaviour().reset(),
        Some("rotate") => {
            if let Err(error) = lms.rotate_keys(true) {
                return lms.problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
            }
        }
        _ => {
            save(&lms, &form);
            lms.note_fault();
        }
    }
    HttpResponse::SeeOther().insert_header((LOCATION, "/behaviour")).finish()
}

fn save(lms: &Lms, form: &HashMap<String, String>) {
    let number = |name: &str| form.get(name).and_then(|text| text.trim().parse::<i64>().ok());
    lms.behaviour().set(|now| {
        for one in GROUPS.iter().flat_map(|group| group.switches) {
            *(one.at)(now) = form.contains_key(one.name);
        }
        if let Some(family) = form.get("family").filter(|family| !family.is_empty()) {
            now.family.clone_from(family);
        }
        now.fault = chosen(&FAULTS, form.get("fault"));
        now.fault_at = chosen(&PLACES, form.get("fault_at")).unwrap_or(now.fault_at);
        let delay = number("delay").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        now.delay = Duration::from_secs(delay.min(60));
        now.clock_offset = number("clock_offset").unwrap_or(0).clamp(-86_400, 86_400);
        now.id_token_seconds = number("id_token_seconds").unwrap_or(60).clamp(-3600, 86_400);
        now.page_size =
            number("page_size").and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    });
    lms.behaviour().tamper_always(form.get("tamper").and_then(|name| Tamper::named(name)));
}
