//! What administrators of the tool see and do.

mod deployment;
mod deployments;
mod drill;
mod front;
mod invitations;
mod jobs;
mod launches;
mod login_link;
mod manual_registration;
mod people;
mod platforms;
mod removal;
mod roles;
mod servers;
mod sessions;
mod sign_in;
