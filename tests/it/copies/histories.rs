//! Random histories of copies and re-runs: no room, participants or grade of one course is visible from another without the
//! teacher's answer.

use std::collections::{HashMap, HashSet};

use jitsi_lti::demo::lms::LmsPerson;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Backend, Browser, Lesson, Room, TestTool, on_both};

on_both!(no_history_mixes_classes);

/// Something that happens at the school. Numbers choose among what there is at that moment.
#[derive(Clone, Debug)]
enum Step {
    /// A course is copied, with histories told or not, and link ids kept or not.
    Copy { course: usize, tells_courses: bool, tells_links: bool, keeps_ids: bool },
    /// An activity is copied within its course.
    Duplicate { activity: usize },
    /// A class is placed by deep linking.
    Place { course: usize },
    /// A notice tells of a copy.
    Notice { course: usize },
    /// A learner opens an activity.
    Learn { activity: usize },
    /// The teacher opens an activity, and answers or not.
    Teach { activity: usize, answer: Option<bool> },
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0_usize..1000;
    prop_oneof![
        3 => (number.clone(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(course, tells_courses, tells_links, keeps_ids)| Step::Copy { course, tells_courses, tells_links, keeps_ids }
        ),
        1 => number.clone().prop_map(|activity| Step::Duplicate { activity }),
        2 => number.clone().prop_map(|course| Step::Place { course }),
        1 => number.clone().prop_map(|course| Step::Notice { course }),
        6 => number.clone().prop_map(|activity| Step::Learn { activity }),
        4 => (number, proptest::option::weighted(0.6, any::<bool>()))
            .prop_map(|(activity, answer)| Step::Teach { activity, answer }),
    ]
}

/// What the school knows of its own: which courses share which room because the teacher said so.
#[derive(Default)]
struct School {
    /// Courses that may meet in a room.
    allowed: HashMap<Room, HashSet<String>>,
    courses: Vec<String>,
}

impl School {
    /// Somebody came into a room through a course: nobody of another course may be there unasked.
    fn check(&mut self, room: &Room, course: &str, history: &[Step]) {
        let known = self.allowed.entry(room.clone()).or_default();
        if known.is_empty() {
            known.insert(course.to_owned());
        }
        assert!(known.contains(course), "course {course} got into {room:?} of {known:?}: {history:#?}");
    }
}

async fn no_history_mixes_classes(backend: Backend) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let histories = if backend == Backend::Sqlite { 10 } else { 5 };
    for _ in 0..histories {
        let history = vec(step(), 4..22).new_tree(&mut runner).unwrap().current();
        plays(backend, &history).await;
    }
}

async fn plays(backend: Backend, history: &[Step]) {
    let tool = TestTool::start(backend).await;
    let mut school = School { courses: vec!["101".to_owned()], ..School::default() };
    let (tessa, ana) = (tool.browser(), tool.browser());
    for (number, step) in history.iter().enumerate() {
        let activities = tool.lms.activities();
        let at = |index: usize| activities[index % activities.len()].clone();
        match step {
            Step::Copy { course, tells_courses, tells_links, keeps_ids } => {
                let from = school.courses[course % school.courses.len()].clone();
                let to = format!("c{number}");
                tool.lms.behaviour().set(|now| {
                    (now.context_history, now.link_history) = (*tells_courses, *tells_links);
                    now.family = if *keeps_ids { "openedx" } else { "moodle" }.to_owned();
                });
                // Somebody who is in no other course.
                let person = format!("only-{to}");
                let only =
                    LmsPerson { courses: Some(vec![to.clone()]), ..LmsPerson::student(&person, "Only", &to) };
                tool.lms.add_person(only);
                tool.copies_course(&from, &to);
                school.courses.push(to);
            }
            Step::Duplicate { activity } => {
                tool.lms.duplicate_activity(&at(*activity).id).unwrap();
            }
            Step::Place { course } => {
                let course = school.courses[course % school.courses.len()].clone();
                let placed = tool.places_class("tessa", &course, &format!("Class {number}")).await;
                // The room is the course's from then on, also before anybody comes.
                let room = placed.custom.iter().find(|(name, _)| name == "room").unwrap().1.clone();
                school.allowed.entry(Room::at(&format!("/rooms/{room}"))).or_default().insert(course);
            }
            Step::Notice { course } => {
                let course = &school.courses[course % school.courses.len()];
                let jwt = tool.lms.context_copy_notice(course).unwrap();
                let body = serde_json::json!({ "notices": [{ "jwt": jwt }] }).to_string();
                let request =
                    tool.browser().raw("POST", "/lti/notices").header("content-type", "application/json");
                assert_eq!(request.body(body).send().await.unwrap().status().as_u16(), 200);
            }
            Step::Learn { activity } => {
                let activity = at(*activity);
                let room = ana.launches("ana", &activity.id).await.assert_enters();
                school.check(&room, &activity.course, history);
            }
            Step::Teach { activity, answer } => {
                let activity = at(*activity);
                teaches(&tessa, &mut school, (&activity.id, &activity.course), *answer, history).await;
            }
        }
    }
    grades_stay_at_home(&tool, &school).await;
}

async fn teaches(
    tessa: &Browser,
    school: &mut School,
    (activity, course): (&str, &str),
    answer: Option<bool>,
    history: &[Step],
) {
    let room = tessa.launches("tessa", activity).await.assert_enters();
    school.check(&room, course, history);
    let page = tessa.opens(room.path()).await;
    let (Some(may_share), Some(share)) = (page.copy_question(), answer) else { return };
    let word = if share && may_share { "shared" } else { "own" };
    let opened = tessa.answers_copy(&room, word).await.leads_to();
    if word == "shared" {
        school.allowed.entry(opened).or_default().insert(course.to_owned());
    } else {
        assert_eq!(opened, room);
    }
}

/// Somebody of each course is in class once: only that course's list and grades know them.
async fn grades_stay_at_home(tool: &TestTool, school: &School) {
    for course in school.courses.iter().skip(1).take(2) {
        let activities = tool.lms.activities();
        let Some(activity) = activities.iter().find(|one| one.course == *course) else { continue };
        let person = format!("only-{course}");
        let name = format!("Only {course}");
        let lesson = Lesson::begin(tool, &activity.id).await;
        lesson.attends(&person, 2).await;
        assert!(lesson.page().await.text().contains(&name));
        for other in activities.iter().filter(|one| one.course != *course).take(4) {
            let there = Lesson::begin(tool, &other.id).await;
            assert!(!there.page().await.text().contains(&name), "{name} shows in {}", other.course);
        }
    }
}
