//! The guided tour: what there is to try, and what a visitor has done already. Only what really happened counts.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use serde_json::{Map, Value, json};

use super::directory::LmsPerson;
use super::launch::ResolvedVisit;
use super::visit::Visit;
use super::{Lms, lock};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/tour", web::get().to(show));
}

/// A step of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TourStep {
    /// A teacher opened an activity.
    Teacher,
    /// A learner opened one.
    Learner,
    /// A class was simulated.
    SimulatedClass,
    /// A teacher opened an activity after that, and so saw who attended.
    Attendance,
    /// Somebody saw grades in the gradebook.
    Grades,
    /// Learners of different groups opened an activity that is for groups.
    Groups,
    /// An observer opened an activity.
    Observer,
    /// An administrator of the LMS opened one.
    Administrator,
    /// Somebody who isn't enrolled opened one.
    Stranger,
    /// A teacher added a class by deep linking.
    DeepLinking,
    /// A course was copied.
    Copy,
    /// A launch was in Spanish.
    Language,
    /// Somebody read the message log.
    MessageLog,
    /// The LMS was told to misbehave.
    Fault,
}

impl TourStep {
    /// Every step, in the order of the tour.
    pub const ALL: [Self; 14] = [
        Self::Teacher,
        Self::Learner,
        Self::SimulatedClass,
        Self::Attendance,
        Self::Grades,
        Self::Groups,
        Self::Observer,
        Self::Administrator,
        Self::Stranger,
        Self::DeepLinking,
        Self::Copy,
        Self::Language,
        Self::MessageLog,
        Self::Fault,
    ];

    /// Returns its name in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Learner => "learner",
            Self::SimulatedClass => "class",
            Self::Attendance => "attendance",
            Self::Grades => "grades",
            Self::Groups => "groups",
            Self::Observer => "observer",
            Self::Administrator => "administrator",
            Self::Stranger => "stranger",
            Self::DeepLinking => "adding",
            Self::Copy => "copy",
            Self::Language => "language",
            Self::MessageLog => "messages",
            Self::Fault => "fault",
        }
    }
}

/// What was done so far.
#[derive(Default)]
pub(super) struct Tour {
    done: BTreeSet<TourStep>,
    /// Groups whose learners opened an activity that is for groups.
    groups: BTreeSet<String>,
}

impl Lms {
    /// Returns the steps of the tour that were done.
    pub fn steps_done(&self) -> Vec<TourStep> {
        lock(&self.0.tour).done.iter().copied().collect()
    }

    /// Notes that a step of the tour was done.
    pub fn note_step(&self, step: TourStep) {
        lock(&self.0.tour).done.insert(step);
    }

    /// Notes the steps that a launch is.
    pub(super) fn note_launch(&self, visit: &Visit, resolved: &ResolvedVisit) {
        let Some(activity) = resolved.activity.as_ref().filter(|_| !visit.is_simulated) else { return };
        let person = &resolved.person;
        let groups: Vec<String> = {
            let directory = lock(&self.0.directory);
            directory.groups_of(&activity.course, &person.id).map(|group| group.id.clone()).collect()
        };
        let mut tour = lock(&self.0.tour);
        if activity.is_for_groups && person.is_student() {
            tour.groups.extend(groups);
        }
        let had_class = tour.done.contains(&TourStep::SimulatedClass);
        let steps = [
            (TourStep::Teacher, person.teaches()),
            (TourStep::Attendance, person.teaches() && had_class),
            (TourStep::Learner, person.is_student()),
            (TourStep::Groups, tour.groups.len() > 1),
            (TourStep::Observer, !person.observes.is_empty()),
            (TourStep::Administrator, person.is_guest && is_administrator(person)),
            (TourStep::Stranger, person.is_guest && !is_administrator(person)),
            (TourStep::Language, visit.locale.starts_with("es")),
        ];
        tour.done.extend(steps.into_iter().filter(|(_, is_done)| *is_done).map(|(step, _)| step));
    }

    /// Returns the tour for pages.
    pub(super) fn tour_values(&self) -> Value {
        let has_class = self.has_classroom();
        let of_class = [TourStep::SimulatedClass, TourStep::Attendance];
        let steps = TourStep::ALL.into_iter().filter(|step| has_class || !of_class.contains(step));
        let tour = lock(&self.0.tour);
        let done: Map<String, Value> =
            steps.map(|step| (step.word().to_owned(), json!(tour.done.contains(&step)))).collect();
        let count = done.values().filter(|done| **done == true).count();
        let total = done.len();
        json!({"done": done, "count": count, "total": total, "has_class": has_class})
    }
}

fn is_administrator(person: &LmsPerson) -> bool {
    person.roles.iter().any(|role| role.ends_with("#Administrator"))
}

async fn show(lms: Data<Lms>) -> HttpResponse {
    lms.page(StatusCode::OK, "demo/tour.html", &json!({}))
}
