//! What administrators of the tool see and do.

mod drill;
mod entrance;
mod invitations;
mod jobs;
mod platforms;
mod servers;
