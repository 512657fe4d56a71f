//! Attendance: what presence means, to teachers and to learners.

pub mod absence;
pub mod participants;
pub mod report;
pub mod store;
