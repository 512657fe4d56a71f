//! What tests read from the LMS and put into it.

use super::gradebook::{Grade, LineItem, ReceivedScore};
use super::school::{Activity, Course, Person};
use super::{Lms, lock};
use crate::demo::DemoError;

impl Lms {
    /// Everybody.
    pub fn people(&self) -> Vec<Person> {
        lock(&self.0.school).people.clone()
    }

    /// The person with that id.
    pub fn person(&self, id: &str) -> Option<Person> {
        lock(&self.0.school).person(id).cloned()
    }

    /// Adds somebody; an id that exists is replaced.
    pub fn add_person(&self, person: Person) {
        let mut school = lock(&self.0.school);
        school.people.retain(|old| old.id != person.id);
        school.people.push(person);
    }

    /// All courses.
    pub fn courses(&self) -> Vec<Course> {
        lock(&self.0.school).courses.clone()
    }

    /// Adds a course; everybody without a list of courses is in it.
    pub fn add_course(&self, course: Course) {
        lock(&self.0.school).courses.push(course);
    }

    /// All activities.
    pub fn activities(&self) -> Vec<Activity> {
        lock(&self.0.school).activities.clone()
    }

    /// Adds an activity, with its grade column when it is graded, and tells its id.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when its course does not exist.
    pub fn add_activity(&self, mut activity: Activity) -> Result<Activity, DemoError> {
        let mut school = lock(&self.0.school);
        if school.course(&activity.course).is_none() {
            return Err(DemoError::Unknown(format!("course {}", activity.course)));
        }
        if activity.id.is_empty() {
            activity.id = (school.activities.len() + 1).to_string();
        }
        if let Some(maximum) = activity.maximum {
            lock(&self.0.grades).add(LineItem {
                course: activity.course.clone(),
                label: activity.title.clone(),
                maximum,
                resource_link_id: Some(activity.id.clone()),
                ..LineItem::default()
            });
        }
        school.activities.push(activity.clone());
        Ok(activity)
    }

    /// The grade columns of a course.
    pub fn line_items(&self, course: &str) -> Vec<LineItem> {
        lock(&self.0.grades).items(course)
    }

    /// What a cell of the gradebook holds.
    pub fn grade(&self, line_item: &str, person: &str) -> Option<Grade> {
        lock(&self.0.grades).grade(line_item, person).cloned()
    }

    /// Lets a teacher overrule the tool; `None` takes it back.
    pub fn override_grade(&self, line_item: &str, person: &str, grade: Option<f64>) {
        lock(&self.0.grades).override_with(line_item, person, grade, self.now());
    }

    /// Every score that was JSON, for a column that exists, oldest first, with its answer.
    pub fn received_scores(&self) -> Vec<ReceivedScore> {
        lock(&self.0.grades).received.clone()
    }

    /// The page a person opens an activity on; add `&in=window` for a whole window.
    pub fn activity_url(&self, activity: &Activity, person: &str) -> String {
        let person: String = url::form_urlencoded::byte_serialize(person.as_bytes()).collect();
        let course = &activity.course;
        format!("{}/courses/{course}/activities/{}?as={person}", self.0.settings.issuer, activity.id)
    }
}
