//! Administration: pages over the other rooms' public functions.

pub mod access;
pub mod actor;
pub mod audit;
pub mod deployment;
pub mod docs;
pub mod front;
pub mod home;
pub mod invitations;
pub mod jobs;
pub mod launches;
pub mod login_link;
pub mod manual_registration;
pub mod people;
pub mod platforms;
pub mod servers;
pub mod sessions;
pub mod sign_in;
pub mod status;
pub mod unregistered;
