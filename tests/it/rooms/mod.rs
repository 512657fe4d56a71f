//! The activity: who sees what, what is stored, and who is kept out.

mod guards;
mod meeting;
mod outages;
mod pages;
mod reviews;
mod sessions;
mod storing;
mod way_back;
