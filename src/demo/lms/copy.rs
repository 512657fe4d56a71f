//! Copied courses and activities, as LMSs copy them.

use super::gradebook::LineItem;
use super::manners::Manners;
use super::school::{Activity, Course};
use super::{Lms, lock};
use crate::demo::DemoError;

impl Lms {
    /// Copies a course with its activities and grade columns; gives the new activities.
    ///
    /// Quirk: tag and resource id of a column survive, its activity is the new one. Open edX lets the copies keep the names
    /// that launches call them by.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when there is no such course, or the copy's id is another course's.
    pub fn copy_course(&self, from: &str, mut copy: Course) -> Result<Vec<Activity>, DemoError> {
        let keeps_names = Manners::of(&self.0.knobs.get().family) == Manners::OpenEdx;
        let mut school = lock(&self.0.school);
        let old = school.course(from).cloned().ok_or(DemoError::Unknown(format!("course {from}")))?;
        if school.course(&copy.id).is_some() {
            return Err(DemoError::Unknown(format!("free place for another course {}", copy.id)));
        }
        copy.history = std::iter::once(old.id).chain(old.history).collect();
        let originals: Vec<Activity> =
            school.activities.iter().filter(|one| one.course == from).cloned().collect();
        let mut copies = Vec::new();
        for original in &originals {
            let id = school.free_activity_id();
            let activity = Activity {
                course: copy.id.clone(),
                link_id: keeps_names.then(|| original.link().to_owned()),
                history: past_of(original),
                id,
                ..original.clone()
            };
            school.activities.push(activity.clone());
            copies.push(activity);
        }
        school.courses.push(copy);
        drop(school);
        for (original, activity) in originals.iter().zip(&copies) {
            self.copy_columns(original, activity);
        }
        Ok(copies)
    }

    /// Copies an activity inside its course.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when there is no such activity.
    pub fn duplicate_activity(&self, id: &str) -> Result<Activity, DemoError> {
        let mut school = lock(&self.0.school);
        let original = school.activity(id).cloned().ok_or(DemoError::Unknown(format!("activity {id}")))?;
        let id = school.free_activity_id();
        let copy = Activity { id, link_id: None, history: past_of(&original), ..original.clone() };
        school.activities.push(copy.clone());
        drop(school);
        self.copy_columns(&original, &copy);
        Ok(copy)
    }

    fn copy_columns(&self, original: &Activity, copy: &Activity) {
        let mut grades = lock(&self.0.grades);
        let of_original = |item: &LineItem| item.resource_link_id.as_deref() == Some(original.link());
        for item in grades.items(&original.course).into_iter().filter(of_original) {
            let resource_link_id = Some(copy.link().to_owned());
            grades.add(LineItem { course: copy.course.clone(), resource_link_id, ..item });
        }
    }
}

fn past_of(original: &Activity) -> Vec<String> {
    std::iter::once(original.link().to_owned()).chain(original.history.iter().cloned()).collect()
}
