//! What tests read from the LMS and put into it.

use super::gradebook::{Grade, LineItem, ReceivedScore};
use super::school::{Activity, Course, Group, Person};
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

    /// Lets somebody into a course too; who has no list of courses is in every course anyway.
    pub fn enrol(&self, person: &str, course: &str) {
        let mut school = lock(&self.0.school);
        let found = school.people.iter_mut().find(|one| one.id == person);
        if let Some(courses) = found.and_then(|one| one.courses.as_mut())
            && !courses.iter().any(|one| one == course)
        {
            courses.push(course.to_owned());
        }
    }

    /// Takes somebody out of a course.
    pub fn unenrol(&self, person: &str, course: &str) {
        let mut school = lock(&self.0.school);
        let found = school.people.iter_mut().find(|one| one.id == person);
        if let Some(courses) = found.and_then(|one| one.courses.as_mut()) {
            courses.retain(|one| one != course);
        }
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
            activity.id = school.free_activity_id();
        }
        if let Some(maximum) = activity.maximum {
            lock(&self.0.grades).add(LineItem {
                course: activity.course.clone(),
                label: activity.title.clone(),
                maximum,
                resource_link_id: Some(activity.link().to_owned()),
                ..LineItem::default()
            });
        }
        school.activities.push(activity.clone());
        Ok(activity)
    }

    /// The groups of a course.
    pub fn groups(&self, course: &str) -> Vec<Group> {
        lock(&self.0.school).groups.iter().filter(|group| group.course == course).cloned().collect()
    }

    /// Adds a group; an id that exists is replaced.
    pub fn add_group(&self, group: Group) {
        let mut school = lock(&self.0.school);
        school.groups.retain(|old| old.id != group.id);
        school.groups.push(group);
    }

    /// Says who is in a group.
    pub fn set_group_members(&self, group: &str, members: &[&str]) {
        let mut school = lock(&self.0.school);
        if let Some(group) = school.groups.iter_mut().find(|one| one.id == group) {
            group.members = members.iter().map(|one| (*one).to_owned()).collect();
        }
    }

    /// The grade columns of a course.
    pub fn line_items(&self, course: &str) -> Vec<LineItem> {
        lock(&self.0.grades).items(course)
    }

    /// Adds a grade column to a course.
    pub fn add_line_item(&self, item: LineItem) -> LineItem {
        lock(&self.0.grades).add(item)
    }

    /// Deletes a grade column, as a teacher may.
    pub fn remove_line_item(&self, line_item: &str) {
        lock(&self.0.grades).remove(line_item);
    }

    /// What a cell of the gradebook holds.
    pub fn grade(&self, line_item: &str, person: &str) -> Option<Grade> {
        lock(&self.0.grades).grade(line_item, person).cloned()
    }

    /// Lets a teacher overrule the tool; `None` takes it back.
    pub fn override_grade(&self, line_item: &str, person: &str, grade: Option<f64>) {
        lock(&self.0.grades).override_with(line_item, person, grade, self.local_time());
    }

    /// Empties a cell of the gradebook, as a teacher may.
    pub fn remove_grade(&self, line_item: &str, person: &str) {
        lock(&self.0.grades).empty(line_item, person);
    }

    /// Locks a cell, or unlocks it: scores for it are refused as with [`super::Behaviour::grades_locked`].
    pub fn lock_grade(&self, line_item: &str, person: &str, locked: bool) {
        lock(&self.0.grades).lock(line_item, person, locked);
    }

    /// How many attempts the scores for a cell amount to, in Canvas's manners.
    pub fn attempts(&self, line_item: &str, person: &str) -> u32 {
        self.grade(line_item, person).map_or(0, |grade| grade.attempts)
    }

    /// How many posts of scores were open at the same time, at most: each from its arrival to its answer, also when
    /// the tool gave up waiting.
    pub fn most_at_once(&self) -> usize {
        self.0.meter.most()
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

    /// The page on which a teacher adds classes to a course.
    pub fn picking_url(&self, course: &str, person: &str) -> String {
        let person: String = url::form_urlencoded::byte_serialize(person.as_bytes()).collect();
        format!("{}/courses/{course}/add?as={person}", self.0.settings.issuer)
    }

    /// The page on which somebody reviews what a learner did.
    pub fn review_url(&self, activity: &Activity, person: &str, learner: &str) -> String {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (course, id) = (&activity.course, &activity.id);
        let (person, learner) = (encoded(person), encoded(learner));
        format!("{}/courses/{course}/activities/{id}/review?as={person}&of={learner}", self.0.settings.issuer)
    }
}
