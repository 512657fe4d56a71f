//! What people see: the demo in a real browser, with the tool in the LMS's frame, on another site than the LMS.
//!
//! Needs Chromium and chromedriver; `tests/run` brings them.

mod administration;
mod attendance;
mod axe;
mod class;
mod cookie_eater;
mod cookieless;
mod deep_linking;
mod failures;
mod frames;
mod grades;
mod heartbeats;
mod history;
mod participants;
mod protocol;
mod reading;
mod registering;
mod schedule;
mod settings;
mod side_by_side;
mod simulated_class;
mod stage;
mod tour;
mod visitor;
