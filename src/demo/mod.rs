//! The built-in LMS and the simulated Jitsi: the peers of the demo and of the tests.
//!
//! Both speak HTTP and nothing else to the tool. They check and sign with code of their own, so that a mistake
//! of the tool cannot hide behind the same mistake here.

pub mod classroom;
pub mod jitsi;
pub mod jws;
pub mod lms;
mod pages;

/// Why one of the demo's peers could not do something.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// OpenSSL refused a key or a signature.
    #[error("a key could not be made or used")]
    Key(#[from] openssl::error::ErrorStack),
    /// A template is missing or wrong.
    #[error("a page could not be drawn")]
    Page(#[from] minijinja::Error),
    /// The client for outgoing requests could not be built.
    #[error("the HTTP client could not be built")]
    Client(#[from] reqwest::Error),
    /// JSON could not be written.
    #[error("JSON could not be written")]
    Json(#[from] serde_json::Error),
    /// No such person, course or activity.
    #[error("the demo knows no {0}")]
    Unknown(String),
}
