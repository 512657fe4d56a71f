//! The services of a platform: grades, memberships, groups and notices.

pub mod access;
pub mod access_token;
pub mod ags;
pub mod client;
pub mod clock;
pub mod failure;
pub mod groups;
pub mod line_item;
mod link_header;
pub mod member;
pub mod memberships;
pub mod notices;
pub mod outcome;
