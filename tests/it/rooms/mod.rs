//! The activity: who sees what, what is stored, and who is kept out.

mod calendar;
mod entry;
mod guards;
mod live;
mod many_activities;
mod meeting;
mod names;
mod outages;
mod pages;
mod reviews;
mod schedule;
mod sessions;
mod settings;
mod side_by_side;
mod silences;
mod storing;
mod way_back;
