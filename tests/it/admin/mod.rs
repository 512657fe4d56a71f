//! What administrators of the tool see and do.

mod by_hand;
mod deployment;
mod deployments;
mod drill;
mod entrance;
mod invitations;
mod jobs;
mod launches;
mod people;
mod platforms;
mod removal;
mod roles;
mod servers;
mod sessions;
mod sign_in;
