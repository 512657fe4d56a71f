//! The course's list of participants: who was not in class, and platforms that tell it badly.

mod course;
mod crowds;
mod trouble;

pub use crowds::MEMBERS;

use crate::support::TestTool;

/// How often the platform was asked for a list, pages counted each.
fn asked(tool: &TestTool) -> usize {
    tool.lms.message_log().iter().filter(|entry| entry.title.contains("/memberships")).count()
}
