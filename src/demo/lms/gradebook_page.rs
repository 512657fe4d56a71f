//! The gradebook's page, where a teacher also locks single grades.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::directory::LmsPerson;
use super::gradebook::LmsLineItem;
use super::tour::TourStep;
use super::{Lms, lock};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let page = web::resource("/courses/{course}/gradebook");
    config.service(page.route(web::get().to(show)).route(web::post().to(set_lock)));
}

async fn show(lms: Data<Lms>, id: Path<String>) -> HttpResponse {
    let Some(course) = lms.course_values(&id) else { return lms.not_there("such course") };
    let items = lms.line_items(&id);
    let people = lms.people();
    let students = people.iter().filter(|one| one.is_in(&id) && one.is_student());
    let rows: Vec<_> = students.map(|student| row(&lms, student, &items)).collect();
    let has_score = |row: &Value| {
        row["cells"].as_array().is_some_and(|cells| cells.iter().any(|cell| !cell["score"].is_null()))
    };
    let any = rows.iter().any(has_score);
    if any {
        lms.note_step(TourStep::Grades);
    }
    let heading = |item: &LmsLineItem| json!({"label": item.label, "maximum": rounded(item.maximum), "tool": item.made_by_tool});
    let items: Vec<_> = items.iter().map(heading).collect();
    lms.page(
        StatusCode::OK,
        "demo/gradebook.html",
        &json!({"course": course, "items": items, "rows": rows, "any": any, "teacher": lms.teacher_of(&id)}),
    )
}

impl Lms {
    /// Returns the activity that a line item is coupled to.
    fn activity_of(&self, item: &LmsLineItem) -> Option<String> {
        let directory = lock(&self.0.directory);
        Some(directory.link(&item.course, item.resource_link_id.as_deref()?)?.id.clone())
    }

    /// Returns somebody who teaches the course.
    fn teacher_of(&self, course: &str) -> Option<String> {
        let directory = lock(&self.0.directory);
        directory.members(course).find(|person| person.teaches()).map(|person| person.id.clone())
    }
}

fn row(lms: &Lms, student: &LmsPerson, items: &[LmsLineItem]) -> Value {
    let cell = |item: &LmsLineItem| {
        let grade = lms.grade(&item.id, &student.id).unwrap_or_default();
        json!({
            "item": item.id, "label": item.label, "score": grade.shown().map(rounded),
            "activity": lms.activity_of(item), "comment": grade.comment, "overridden": grade.overridden.is_some(), "locked": grade.locked,
        })
    };
    let cells: Vec<_> = items.iter().map(cell).collect();
    json!({"id": student.id, "name": student.shown_name(), "cells": cells})
}

/// Rounds to at most two decimals, without trailing zeros.
fn rounded(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What the button of a cell sends.
#[derive(Deserialize)]
struct Lock {
    item: String,
    person: String,
    locked: bool,
}

async fn set_lock(
    lms: Data<Lms>,
    course: Path<String>,
    request: HttpRequest,
    lock: Form<Lock>,
) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    let has_item = lms.line_items(&course).iter().any(|item| item.id == lock.item);
    let has_person = lms.person(&lock.person).is_some_and(|person| person.is_in(&course));
    if !(has_item && has_person) {
        return lms.not_there("such grade");
    }
    lms.lock_grade(&lock.item, &lock.person, lock.locked);
    let page = format!("/courses/{course}/gradebook");
    HttpResponse::SeeOther().insert_header((LOCATION, page)).finish()
}
