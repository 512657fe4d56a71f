//! Deep linking: a teacher chooses classes for a course, and the platform gets what it can use.

mod choosing;
mod platforms;
mod refusals;
