//! The built-in LMS together with the tool.

mod registering;
mod tour;
