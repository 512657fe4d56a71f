//! The certification suite: what a tool must refuse, and what it must accept.

mod cases;
mod good_launches;
mod grades;
mod moodle;
mod participants;
