//! The values of a registration, and the sites that may show the tool, as forms.

pub mod web;
