//! Who and what the LMS knows: people, courses, activities.

use serde_json::Value;

use crate::demo::pages::initials;

/// Vocabulary of the roles in a course.
pub const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";

/// Somebody with an account at the LMS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
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
    /// Role URIs as the roster sends them, where it sends others than a launch.
    pub roster_roles: Option<Vec<String>>,
    /// What the roster says of the person's part in the course; `None` is `Active`.
    pub status: Option<String>,
    /// The courses the person is in; `None` means every course.
    pub courses: Option<Vec<String>>,
}

impl Person {
    /// A person with a name, an address made from the id, and the given roles.
    pub fn new(id: &str, part: &str, (given, family): (&str, &str), roles: &[&str]) -> Self {
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

    /// A student, ready to be added in tests.
    pub fn student(id: &str, given: &str, family: &str) -> Self {
        Self::new(id, "Student", (given, family), &[&format!("{MEMBERSHIP}#Learner")])
    }

    /// A teacher, ready to be added in tests.
    pub fn teacher(id: &str, given: &str, family: &str) -> Self {
        Self::new(id, "Teacher", (given, family), &[&format!("{MEMBERSHIP}#Instructor")])
    }

    /// What a page shows as the person's name.
    pub fn shown_name(&self) -> &str {
        self.name.as_deref().or(self.email.as_deref()).unwrap_or(&self.id)
    }

    /// The letters of the person's round picture.
    pub fn initials(&self) -> String {
        initials(self.shown_name())
    }

    /// Whether the gradebook has a row for the person.
    pub fn is_student(&self) -> bool {
        self.roles.iter().any(|role| {
            role == "Learner"
                || role
                    .strip_prefix(MEMBERSHIP)
                    .is_some_and(|rest| rest == "#Learner" || rest.starts_with("/Learner#"))
        })
    }

    /// Whether the person teaches: who does adds to courses, and reviews what learners did.
    pub fn teaches(&self) -> bool {
        self.roles.iter().any(|role| role.contains("Instructor"))
    }

    /// Whether the person is in the course.
    pub fn is_in(&self, course: &str) -> bool {
        self.courses.as_ref().is_none_or(|courses| courses.iter().any(|one| one == course))
    }
}

/// A course: the context of launches.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Course {
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
}

impl Course {
    /// A course section.
    pub fn new(id: &str, label: &str, title: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            title: title.to_owned(),
            types: vec!["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection".to_owned()],
            history: Vec::new(),
        }
    }
}

/// An activity that opens the tool: the resource link of launches.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Activity {
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
    /// The maximum of its own grade column; `None` means it is not graded.
    pub maximum: Option<f64>,
    /// Custom parameters.
    pub custom: Vec<(String, String)>,
    /// What launches and services call it, where that is not `id`: re-run courses of Open edX keep the old name.
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
}

impl Activity {
    /// An activity graded out of 100.
    pub fn new(course: &str, title: &str) -> Self {
        Self { course: course.to_owned(), title: title.to_owned(), maximum: Some(100.0), ..Self::default() }
    }

    /// What launches and services call it.
    pub fn link(&self) -> &str {
        self.link_id.as_deref().unwrap_or(&self.id)
    }

    /// The same activity without a grade column.
    #[must_use]
    pub fn ungraded(mut self) -> Self {
        self.maximum = None;
        self
    }
}

/// A group of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    /// Its identifier.
    pub id: String,
    /// The course.
    pub course: String,
    /// Its name; some LMSs have none to tell.
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
pub(super) struct School {
    pub(super) people: Vec<Person>,
    pub(super) courses: Vec<Course>,
    pub(super) activities: Vec<Activity>,
    pub(super) groups: Vec<Group>,
}

impl School {
    /// The school of the demo: one course, two activities, six people.
    ///
    /// Quirk: as in Moodle, who teaches without editing is an instructor in launches and a learner in the roster.
    pub(super) fn riverside() -> Self {
        let instructor = format!("{MEMBERSHIP}#Instructor");
        let assistant = format!("{MEMBERSHIP}/Instructor#TeachingAssistant");
        let mentor = format!("{MEMBERSHIP}#Mentor");
        let people = vec![
            Person::teacher("tessa", "Tessa", "Marlow"),
            Person {
                roster_roles: Some(vec![format!("{MEMBERSHIP}#Learner")]),
                ..Person::new(
                    "tobias",
                    "Teaching assistant",
                    ("Tobias", "Brandt"),
                    &[&instructor, &assistant],
                )
            },
            Person::student("ana", "Ana", "Silva"),
            Person::student("layla", "ليلى", "الحسيني"),
            Person::student("maximiliane", "Maximiliane-Zoë", "Østergård-Kowalczyk"),
            Person {
                observes: vec!["ana".to_owned()],
                ..Person::new("olga", "Observer", ("Olga", "Silva"), &[&mentor])
            },
        ];
        let group = |id: &str, name: &str, members: &[&str]| Group {
            id: id.to_owned(),
            course: "101".to_owned(),
            name: Some(name.to_owned()),
            set: None,
            members: members.iter().map(|one| (*one).to_owned()).collect(),
            hidden: false,
        };
        Self {
            people,
            courses: vec![Course::new("101", "ALG1", "Algebra 1")],
            activities: Vec::new(),
            groups: vec![group("g-red", "Red", &["ana", "maximiliane"]), group("g-blue", "Blue", &["layla"])],
        }
    }

    pub(super) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(super) fn course(&self, id: &str) -> Option<&Course> {
        self.courses.iter().find(|course| course.id == id)
    }

    /// The first number from `first` on that no course has as its id.
    pub(super) fn free_course_id(&self, first: usize) -> String {
        let mut ids = (first..).map(|number| number.to_string());
        ids.find(|id| self.course(id).is_none()).unwrap_or_default()
    }

    /// A number that no activity has as its id.
    pub(super) fn free_activity_id(&self) -> String {
        let mut ids = (self.activities.len() + 1..).map(|number| number.to_string());
        ids.find(|id| self.activity(id).is_none()).unwrap_or_default()
    }

    pub(super) fn activity(&self, id: &str) -> Option<&Activity> {
        self.activities.iter().find(|activity| activity.id == id)
    }

    /// The activity that services of a course call so.
    pub(super) fn link(&self, course: &str, link: &str) -> Option<&Activity> {
        self.activities.iter().find(|activity| activity.course == course && activity.link() == link)
    }

    pub(super) fn groups_of<'a>(
        &'a self,
        course: &'a str,
        person: &'a str,
    ) -> impl Iterator<Item = &'a Group> {
        let mine = move |group: &&Group| group.members.iter().any(|one| one == person);
        self.groups.iter().filter(move |group| group.course == course).filter(mine)
    }

    pub(super) fn members(&self, course: &str) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.is_in(course))
    }
}
