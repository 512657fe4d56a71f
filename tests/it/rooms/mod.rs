//! The activity: who sees what, what is stored, and who is kept out.

mod guards;
mod meeting;
mod names;
mod outages;
mod pages;
mod reviews;
mod sessions;
mod silences;
mod storing;
mod way_back;
