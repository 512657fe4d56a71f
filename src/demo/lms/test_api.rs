//! What tests read from the LMS and put into it.

use super::directory::{LmsActivity, LmsCourse, LmsGroup, LmsPerson};
use super::gradebook::{Grade, LmsLineItem, ReceivedScore};
use super::{Lms, lock};
use crate::demo::DemoError;

impl Lms {
    /// Returns everybody.
    pub fn people(&self) -> Vec<LmsPerson> {
        lock(&self.0.directory).people.clone()
    }

    /// Returns the person with that id.
    pub fn person(&self, id: &str) -> Option<LmsPerson> {
        lock(&self.0.directory).person(id).cloned()
    }

    /// Adds somebody; an id that exists is replaced.
    pub fn add_person(&self, person: LmsPerson) {
        let mut directory = lock(&self.0.directory);
        directory.people.retain(|old| old.id != person.id);
        directory.people.push(person);
    }

    /// Lets somebody into a course too; who has no list of courses is in every course anyway.
    pub fn enrol(&self, person: &str, course: &str) {
        let mut directory = lock(&self.0.directory);
        let found = directory.people.iter_mut().find(|one| one.id == person);
        if let Some(courses) = found.and_then(|one| one.courses.as_mut())
            && !courses.iter().any(|one| one == course)
        {
            courses.push(course.to_owned());
        }
    }

    /// Takes somebody out of a course.
    pub fn unenrol(&self, person: &str, course: &str) {
        let mut directory = lock(&self.0.directory);
        let found = directory.people.iter_mut().find(|one| one.id == person);
        if let Some(courses) = found.and_then(|one| one.courses.as_mut()) {
            courses.retain(|one| one != course);
        }
    }

    /// Changes the URL of a course's memberships, so that tools read them anew after the next launch.
    pub fn renew_memberships_url(&self, course: &str) {
        let mut directory = lock(&self.0.directory);
        if let Some(course) = directory.courses.iter_mut().find(|one| one.id == course) {
            course.memberships_revision += 1;
        }
    }

    /// Returns all courses.
    pub fn courses(&self) -> Vec<LmsCourse> {
        lock(&self.0.directory).courses.clone()
    }

    /// Adds a course; everybody without a list of courses is in it.
    pub fn add_course(&self, course: LmsCourse) {
        lock(&self.0.directory).courses.push(course);
    }

    /// Returns all activities.
    pub fn activities(&self) -> Vec<LmsActivity> {
        lock(&self.0.directory).activities.clone()
    }

    /// Adds an activity, with its line item if it is graded; returns it with its id.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when its course does not exist.
    pub fn add_activity(&self, mut activity: LmsActivity) -> Result<LmsActivity, DemoError> {
        let mut directory = lock(&self.0.directory);
        if directory.course(&activity.course).is_none() {
            return Err(DemoError::Unknown(format!("course {}", activity.course)));
        }
        if activity.id.is_empty() {
            activity.id = directory.free_activity_id();
        }
        if let Some(maximum) = activity.maximum {
            lock(&self.0.grades).add(LmsLineItem {
                course: activity.course.clone(),
                label: activity.title.clone(),
                maximum,
                resource_link_id: Some(activity.link().to_owned()),
                ..LmsLineItem::default()
            });
        }
        directory.activities.push(activity.clone());
        Ok(activity)
    }

    /// Returns the groups of a course.
    pub fn groups(&self, course: &str) -> Vec<LmsGroup> {
        lock(&self.0.directory).groups.iter().filter(|group| group.course == course).cloned().collect()
    }

    /// Adds a group; an id that exists is replaced.
    pub fn add_group(&self, group: LmsGroup) {
        let mut directory = lock(&self.0.directory);
        directory.groups.retain(|old| old.id != group.id);
        directory.groups.push(group);
    }

    /// Sets who is in a group.
    pub fn set_group_members(&self, group: &str, members: &[&str]) {
        let mut directory = lock(&self.0.directory);
        if let Some(group) = directory.groups.iter_mut().find(|one| one.id == group) {
            group.members = members.iter().map(|one| (*one).to_owned()).collect();
        }
    }

    /// Returns the line items of a course.
    pub fn line_items(&self, course: &str) -> Vec<LmsLineItem> {
        lock(&self.0.grades).items(course)
    }

    /// Adds a line item to a course.
    pub fn add_line_item(&self, item: LmsLineItem) -> LmsLineItem {
        lock(&self.0.grades).add(item)
    }

    /// Deletes a line item, as a teacher may.
    pub fn remove_line_item(&self, line_item: &str) {
        lock(&self.0.grades).remove(line_item);
    }

    /// Returns what a cell of the gradebook holds.
    pub fn grade(&self, line_item: &str, person: &str) -> Option<Grade> {
        lock(&self.0.grades).grade(line_item, person).cloned()
    }

    /// Overrides the tool's grade, as a teacher may; `None` removes the override.
    pub fn override_grade(&self, line_item: &str, person: &str, grade: Option<f64>) {
        lock(&self.0.grades).override_with(line_item, person, grade, self.local_time());
    }

    /// Empties a cell of the gradebook, as a teacher may.
    pub fn remove_grade(&self, line_item: &str, person: &str) {
        lock(&self.0.grades).empty(line_item, person);
    }

    /// Locks a cell, or unlocks it: scores for it are refused as with [`super::Switches::grades_locked`].
    pub fn lock_grade(&self, line_item: &str, person: &str, locked: bool) {
        lock(&self.0.grades).lock(line_item, person, locked);
    }

    /// Returns how many attempts the scores for a cell amount to, in Canvas's dialect.
    pub fn attempts(&self, line_item: &str, person: &str) -> u32 {
        self.grade(line_item, person).map_or(0, |grade| grade.attempts)
    }

    /// Returns how many posts of scores were open at the same time, at most: each from its arrival to its response, even if
    /// the tool gave up waiting.
    pub fn max_concurrent_scores(&self) -> usize {
        self.0.score_meter.most()
    }

    /// Returns every score that was JSON, for a line item that exists, oldest first, with its status.
    pub fn received_scores(&self) -> Vec<ReceivedScore> {
        lock(&self.0.grades).received.clone()
    }

    /// Returns the URL where a person opens an activity; add `&in=window` for a whole window.
    pub fn activity_url(&self, activity: &LmsActivity, person: &str) -> String {
        let person: String = url::form_urlencoded::byte_serialize(person.as_bytes()).collect();
        let course = &activity.course;
        format!("{}/courses/{course}/activities/{}?as={person}", self.0.settings.issuer, activity.id)
    }

    /// Returns the URL where a teacher adds classes to a course.
    pub fn picking_url(&self, course: &str, person: &str) -> String {
        let person: String = url::form_urlencoded::byte_serialize(person.as_bytes()).collect();
        format!("{}/courses/{course}/add?as={person}", self.0.settings.issuer)
    }

    /// Returns the URL where somebody reviews what a learner did.
    pub fn review_url(&self, activity: &LmsActivity, person: &str, learner: &str) -> String {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (course, id) = (&activity.course, &activity.id);
        let (person, learner) = (encoded(person), encoded(learner));
        format!("{}/courses/{course}/activities/{id}/review?as={person}&of={learner}", self.0.settings.issuer)
    }
}
