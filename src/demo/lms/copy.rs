//! Copied courses and activities, as LMSs copy them.

use super::dialect::Dialect;
use super::directory::{LmsActivity, LmsCourse};
use super::gradebook::LmsLineItem;
use super::{Lms, lock};
use crate::demo::DemoError;

impl Lms {
    /// Copies a course with its activities and line items; returns the new activities.
    ///
    /// Quirk: tag and resource id of a column survive, its activity is the new one. Open edX lets the copies keep the names
    /// that launches call them by.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when there is no such course, or the copy's id is another course's.
    pub fn copy_course(&self, from: &str, mut copy: LmsCourse) -> Result<Vec<LmsActivity>, DemoError> {
        let keeps_names = Dialect::of(&self.0.behaviour.get().family) == Dialect::OpenEdx;
        let mut directory = lock(&self.0.directory);
        let old = directory.course(from).cloned().ok_or(DemoError::Unknown(format!("course {from}")))?;
        if directory.course(&copy.id).is_some() {
            return Err(DemoError::Unknown(format!("free place for another course {}", copy.id)));
        }
        copy.history = std::iter::once(old.id).chain(old.history).collect();
        let originals: Vec<LmsActivity> =
            directory.activities.iter().filter(|one| one.course == from).cloned().collect();
        let mut copies = Vec::new();
        for original in &originals {
            let id = directory.free_activity_id();
            let activity = LmsActivity {
                course: copy.id.clone(),
                link_id: keeps_names.then(|| original.link().to_owned()),
                history: past_of(original),
                id,
                ..original.clone()
            };
            directory.activities.push(activity.clone());
            copies.push(activity);
        }
        directory.courses.push(copy);
        drop(directory);
        for (original, activity) in originals.iter().zip(&copies) {
            self.copy_columns(original, activity);
        }
        Ok(copies)
    }

    /// Copies an activity inside its course.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when there is no such activity.
    pub fn duplicate_activity(&self, id: &str) -> Result<LmsActivity, DemoError> {
        let mut directory = lock(&self.0.directory);
        let original = directory.activity(id).cloned().ok_or(DemoError::Unknown(format!("activity {id}")))?;
        let id = directory.free_activity_id();
        let copy = LmsActivity { id, link_id: None, history: past_of(&original), ..original.clone() };
        directory.activities.push(copy.clone());
        drop(directory);
        self.copy_columns(&original, &copy);
        Ok(copy)
    }

    fn copy_columns(&self, original: &LmsActivity, copy: &LmsActivity) {
        let mut grades = lock(&self.0.grades);
        let of_original = |item: &LmsLineItem| item.resource_link_id.as_deref() == Some(original.link());
        for item in grades.items(&original.course).into_iter().filter(of_original) {
            let resource_link_id = Some(copy.link().to_owned());
            grades.add(LmsLineItem { course: copy.course.clone(), resource_link_id, ..item });
        }
    }
}

fn past_of(original: &LmsActivity) -> Vec<String> {
    std::iter::once(original.link().to_owned()).chain(original.history.iter().cloned()).collect()
}
