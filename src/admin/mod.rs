//! Administration: pages over the other rooms' public functions.

pub(crate) mod access;
pub(crate) mod actor;
pub mod audit;
pub(crate) mod defaults;
pub(crate) mod deployment;
pub(crate) mod docs;
pub(crate) mod front;
pub(crate) mod home;
pub mod invitations;
pub(crate) mod jobs;
pub(crate) mod launches;
pub mod login_link;
pub(crate) mod manual_registration;
pub(crate) mod people;
pub mod platforms;
pub mod servers;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod status;
pub(crate) mod unregistered;
