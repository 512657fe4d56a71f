//! Who and what the LMS knows: people, courses, activities.

use serde_json::Value;

use crate::demo::pages::initials;

/// Vocabulary of the roles in a course.
pub const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";
const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person";

/// Somebody with an account at the LMS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LmsPerson {
    /// `sub` of every launch and `user_id` of every service.
    pub id: String,
    /// What the LMS's own pages call the person's part ("Teacher").
    pub part: String,
    /// The whole name; absent when the LMS keeps it to itself.
    pub name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// An https URL of a picture.
    pub picture: Option<String>,
    /// Role URIs as a launch sends them.
    pub roles: Vec<String>,
    /// The language of the person's account; the page's own choice wins.
    pub locale: Option<String>,
    /// The number in the student information system.
    pub sourced_id: Option<String>,
    /// Whom an observer follows (`role_scope_mentor`).
    pub observes: Vec<String>,
    /// Role URIs in the memberships, if other than in launches.
    pub nrps_roles: Option<Vec<String>>,
    /// The person's status in the memberships; `None` is `Active`.
    pub status: Option<String>,
    /// The courses the person is in; `None` means every course.
    pub courses: Option<Vec<String>>,
    /// Whether the person may open activities without being in the course, as administrators and guests may.
    pub is_guest: bool,
}

impl LmsPerson {
    /// Returns a person with a name, an address made from the id, and the given roles.
    pub fn new(id: &str, part: &str, given: &str, family: &str, roles: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            part: part.to_owned(),
            name: Some(format!("{given} {family}")),
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            email: Some(format!("{id}@riverside.example")),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            sourced_id: Some(format!("RU-{id}")),
            ..Self::default()
        }
    }

    /// Returns a student, ready to be added in tests.
    pub fn student(id: &str, given: &str, family: &str) -> Self {
        Self::new(id, "Student", given, family, &[&format!("{MEMBERSHIP}#Learner")])
    }

    /// Returns a teacher, ready to be added in tests.
    pub fn teacher(id: &str, given: &str, family: &str) -> Self {
        Self::new(id, "Teacher", given, family, &[&format!("{MEMBERSHIP}#Instructor")])
    }

    /// Returns what a page shows as the person's name.
    pub fn shown_name(&self) -> &str {
        self.name.as_deref().or(self.email.as_deref()).unwrap_or(&self.id)
    }

    /// Returns the letters of the person's round picture.
    pub fn initials(&self) -> String {
        initials(self.shown_name())
    }

    /// Returns whether the gradebook has a row for the person.
    pub fn is_student(&self) -> bool {
        self.roles.iter().any(|role| {
            role == "Learner"
                || role
                    .strip_prefix(MEMBERSHIP)
                    .is_some_and(|rest| rest == "#Learner" || rest.starts_with("/Learner#"))
        })
    }

    /// Returns whether the person teaches, and so may add to courses and review what learners did.
    pub fn teaches(&self) -> bool {
        self.roles.iter().any(|role| role.contains("Instructor"))
    }

    /// Returns whether the person may open the course's activities.
    pub fn may_open(&self, course: &str) -> bool {
        self.is_guest || self.is_in(course)
    }

    /// Returns whether the person is in the course.
    pub fn is_in(&self, course: &str) -> bool {
        self.courses.as_ref().is_none_or(|courses| courses.iter().any(|one| one == course))
    }
}

/// A course: the context of launches.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LmsCourse {
    /// `context.id`.
    pub id: String,
    /// The short name ("ALG1").
    pub label: String,
    /// The full name.
    pub title: String,
    /// `context.type`.
    pub types: Vec<String>,
    /// The courses that it was copied from, newest first.
    pub history: Vec<String>,
    /// How often the URL of its memberships has changed.
    pub memberships_revision: u32,
}

impl LmsCourse {
    /// Returns a course section.
    pub fn new(id: &str, label: &str, title: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            title: title.to_owned(),
            types: vec!["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection".to_owned()],
            history: Vec::new(),
            memberships_revision: 0,
        }
    }
}

/// An activity that opens the tool: the resource link of launches.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct LmsActivity {
    /// `resource_link.id`; given by the LMS when empty.
    pub id: String,
    /// The course it belongs to.
    pub course: String,
    /// The name teachers gave it.
    pub title: String,
    /// A sentence below the title; may be empty, as in Moodle.
    pub description: String,
    /// Where it opens; `None` means the tool's launch URL.
    pub target_link_uri: Option<String>,
    /// The maximum of its own line item; `None` means it is not graded.
    pub maximum: Option<f64>,
    /// Custom parameters.
    pub custom: Vec<(String, String)>,
    /// Its resource link id, if other than `id`: re-run courses of Open edX keep the old one.
    pub link_id: Option<String>,
    /// The resource links that it was copied from, newest first.
    pub history: Vec<String>,
    /// The client id of the tool that it opens; `None` is the first tool that the LMS knows.
    pub tool: Option<String>,
    /// Where it opens, as the tool asked: `window` or `iframe`.
    pub presentation: Option<String>,
    /// When it can be seen, as the tool asked; kept as it came.
    pub available: Option<Value>,
    /// When work for it is taken, as the tool asked; kept as it came.
    pub submission: Option<Value>,
    /// Whether its teacher made it an activity for groups.
    pub is_for_groups: bool,
}

impl LmsActivity {
    /// Returns an activity graded out of 100.
    pub fn new(course: &str, title: &str) -> Self {
        Self { course: course.to_owned(), title: title.to_owned(), maximum: Some(100.0), ..Self::default() }
    }

    /// Returns its resource link id in launches and services.
    pub fn link(&self) -> &str {
        self.link_id.as_deref().unwrap_or(&self.id)
    }

    /// Takes its line item away.
    #[must_use]
    pub fn ungraded(mut self) -> Self {
        self.maximum = None;
        self
    }
}

/// A group of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LmsGroup {
    /// Its identifier.
    pub id: String,
    /// The course.
    pub course: String,
    /// Its name; some LMSs don't send one.
    pub name: Option<String>,
    /// The set that it belongs to.
    pub set: Option<String>,
    /// Who is in it.
    pub members: Vec<String>,
    /// Whether learners are not to see that it exists.
    pub hidden: bool,
}

/// Everything the LMS knows beside grades.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) people: Vec<LmsPerson>,
    pub(super) courses: Vec<LmsCourse>,
    pub(super) activities: Vec<LmsActivity>,
    pub(super) groups: Vec<LmsGroup>,
}

impl Directory {
    /// Returns the directory of the demo: one course, six people in it and two who are not.
    ///
    /// Quirk: as in Moodle, a non-editing teacher is an instructor in launches and a learner in the memberships.
    pub(super) fn riverside() -> Self {
        let instructor = format!("{MEMBERSHIP}#Instructor");
        let assistant = format!("{MEMBERSHIP}/Instructor#TeachingAssistant");
        let mentor = format!("{MEMBERSHIP}#Mentor");
        let mut people = vec![
            LmsPerson::teacher("tessa", "Tessa", "Marlow"),
            LmsPerson {
                nrps_roles: Some(vec![format!("{MEMBERSHIP}#Learner")]),
                ..LmsPerson::new(
                    "tobias",
                    "Teaching assistant",
                    "Tobias",
                    "Brandt",
                    &[&instructor, &assistant],
                )
            },
            LmsPerson::student("ana", "Ana", "Silva"),
            LmsPerson::student("layla", "ليلى", "الحسيني"),
            LmsPerson::student("maximiliane", "Maximiliane-Zoë", "Østergård-Kowalczyk"),
            LmsPerson {
                observes: vec!["ana".to_owned()],
                ..LmsPerson::new("olga", "Observer", "Olga", "Silva", &[&mentor])
            },
        ];
        let guest = |id: &str, part: &str, given: &str, family: &str, roles: &[&str]| LmsPerson {
            courses: Some(Vec::new()),
            is_guest: true,
            ..LmsPerson::new(id, part, given, family, roles)
        };
        let administrator = [format!("{INSTITUTION}#Administrator"), format!("{SYSTEM}#Administrator")];
        people.push(guest(
            "amina",
            "LMS administrator",
            "Amina",
            "Rahman",
            &administrator.each_ref().map(String::as_str),
        ));
        people.push(guest("pavel", "Not enrolled", "Pavel", "Novák", &[&format!("{SYSTEM}#User")]));
        let group = |id: &str, name: &str, members: &[&str]| LmsGroup {
            id: id.to_owned(),
            course: "101".to_owned(),
            name: Some(name.to_owned()),
            set: None,
            members: members.iter().map(|one| (*one).to_owned()).collect(),
            hidden: false,
        };
        Self {
            people,
            courses: vec![LmsCourse::new("101", "ALG1", "Algebra 1")],
            activities: Vec::new(),
            groups: vec![group("g-red", "Red", &["ana", "maximiliane"]), group("g-blue", "Blue", &["layla"])],
        }
    }

    pub(super) fn person(&self, id: &str) -> Option<&LmsPerson> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(super) fn course(&self, id: &str) -> Option<&LmsCourse> {
        self.courses.iter().find(|course| course.id == id)
    }

    /// Returns the first number from `first` on that no course has as its id.
    pub(super) fn free_course_id(&self, first: usize) -> String {
        let mut ids = (first..).map(|number| number.to_string());
        ids.find(|id| self.course(id).is_none()).unwrap_or_default()
    }

    /// Returns a number that no activity has as its id.
    pub(super) fn free_activity_id(&self) -> String {
        let mut ids = (self.activities.len() + 1..).map(|number| number.to_string());
        ids.find(|id| self.activity(id).is_none()).unwrap_or_default()
    }

    pub(super) fn activity(&self, id: &str) -> Option<&LmsActivity> {
        self.activities.iter().find(|activity| activity.id == id)
    }

    /// Returns the activity with that resource link id in the course.
    pub(super) fn link(&self, course: &str, link: &str) -> Option<&LmsActivity> {
        self.activities.iter().find(|activity| activity.course == course && activity.link() == link)
    }

    pub(super) fn groups_of<'a>(
        &'a self,
        course: &'a str,
        person: &'a str,
    ) -> impl Iterator<Item = &'a LmsGroup> {
        let mine = move |group: &&LmsGroup| group.members.iter().any(|one| one == person);
        self.groups.iter().filter(move |group| group.course == course).filter(mine)
    }

    /// Those who may open the course's activities without being in it.
    pub(super) fn guests(&self, course: &str) -> impl Iterator<Item = &LmsPerson> {
        self.people.iter().filter(move |person| person.is_guest && !person.is_in(course))
    }

    pub(super) fn members(&self, course: &str) -> impl Iterator<Item = &LmsPerson> {
        self.people.iter().filter(move |person| person.is_in(course))
    }
}
