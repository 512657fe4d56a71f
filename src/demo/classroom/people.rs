//! The students of the simulated class.

use super::script::STUDENTS;
use crate::demo::lms::Person;

/// Given name and family name, in the scripts that every machine can show.
const NAMES: [(&str, &str); STUDENTS] = [
    ("Mateo", "García López"),
    ("Fang", "Wang"),
    ("Дмитрий", "Соколов"),
    ("Aisha", "Bello"),
    ("Priya", "Sharma"),
    ("Γιώργος", "Παπαδόπουλος"),
    ("יעל", "כהן"),
    ("Kenta", "Satō"),
    ("Łukasz", "Wiśniewski"),
    ("ნინო", "ბერიძე"),
    ("Hương", "Nguyễn Thị"),
    ("عمر", "الفاروقي"),
];

/// The students, in the order of the script; they are in no course yet.
pub(super) fn students() -> Vec<Person> {
    let one = |(number, (given, family)): (usize, (&str, &str))| Person {
        courses: Some(Vec::new()),
        ..Person::student(&format!("class-{number:02}"), given, family)
    };
    (1..).zip(NAMES).map(one).collect()
}
