//! The students of the simulated class.

use super::script::STUDENTS;
use crate::demo::lms::LmsPerson;

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

/// Returns the students, in the order of the script; they are in no course yet.
pub(super) fn students() -> Vec<LmsPerson> {
    let one = |(number, (given, family)): (usize, (&str, &str))| LmsPerson {
        courses: Some(Vec::new()),
        ..LmsPerson::student(&format!("class-{number:02}"), given, family)
    };
    (1..).zip(NAMES).map(one).collect()
}
