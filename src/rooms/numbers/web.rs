//! People's names on pages.

use serde::Serialize;

use crate::http::pages::Pages;
use crate::i18n::{Args, Locale};
use crate::lti::launch::roles::MeetingRole;
use crate::rooms::model::RoomView;

/// Why people go by numbers, and who can change that, in the words of their platform.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NamelessNote {
    family: &'static str,
}

impl NamelessNote {
    /// Returns the note for the platform of a person in a room.
    pub fn of(view: &RoomView) -> Self {
        Self { family: view.family.word }
    }
}

/// Names people on the pages of a course.
#[derive(Clone, Copy)]
pub struct Naming<'a> {
    /// The texts.
    pub pages: &'a Pages,
    /// The language of the page.
    pub locale: &'a Locale,
}

impl Naming<'_> {
    /// Returns the name that a page shows: the person's own, else one made of the number in the course.
    pub fn name(&self, own: Option<&str>, number: Option<i64>, role: MeetingRole) -> String {
        match (own, number) {
            (Some(own), _) => own.to_owned(),
            (None, Some(number)) => {
                let key = format!("person-number-{}", role.word());
                self.pages.texts().get(self.locale, &key, &Args::new().with("number", number.to_string()))
            }
            (None, None) => self.pages.texts().get(self.locale, "person-unnamed", &Args::new()),
        }
    }
}
