//! What a request answers when it cannot succeed: a code, and a page that says what to do.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::refusal_code::RefusalCode;
use crate::db::DbError;
use crate::ephemeral::EphemeralError;

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub enum Failure {
    /// The visitor's doing, or a state of things that they can understand.
    Refused(Refusal),
    /// Ours: the log has the cause, the visitor a reference to it.
    Internal(anyhow::Error),
}

/// A refusal in the words of its code.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// The code that page and log share.
    pub code: RefusalCode,
    /// The cause in the log's words.
    pub detail: Option<String>,
    /// What an administrator needs to see on the page, as message keys and values.
    pub facts: Vec<(&'static str, String)>,
    /// Where the visitor may go on, as message keys and addresses of ours.
    pub links: Vec<(&'static str, &'static str)>,
    /// The visitor's language, where the launch told it.
    pub locale: Option<String>,
}

impl Failure {
    /// A refusal with `status` and `code`.
    pub fn refused(status: StatusCode, code: RefusalCode) -> Self {
        Self::Refused(Refusal {
            status,
            code,
            detail: None,
            facts: Vec::new(),
            links: Vec::new(),
            locale: None,
        })
    }

    /// The same with the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        if let Self::Refused(refusal) = &mut self {
            // Strangers write parts of it, and every refusal stands in the server's log.
            refusal.detail = Some(cut(&cause.to_string()));
        }
        self
    }

    /// The same with a fact for the page: a message key and a value.
    #[must_use]
    pub fn with_fact(mut self, label: &'static str, value: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            // A hostile value must not fill the page.
            refusal.facts.push((label, cut(&value.into())));
        }
        self
    }

    /// The same with a way on: a message key and an address of ours.
    #[must_use]
    pub fn with_link(mut self, label: &'static str, address: &'static str) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.links.push((label, address));
        }
        self
    }

    /// The same in the visitor's language.
    #[must_use]
    pub fn in_locale(mut self, locale: Option<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.locale = locale;
        }
        self
    }

    /// The cause in the log's words.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.detail.clone(),
            Self::Internal(error) => Some(error.to_string()),
        }
    }

    /// The code that page and log share.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code.code(),
            Self::Internal(_) => RefusalCode::Internal.code(),
        }
    }
}

/// As much of a stranger's text as a page or a line of the log has room for.
fn cut(text: &str) -> String {
    text.chars().take(300).collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => {
                write!(out, "{}: {}", refusal.code, refusal.detail.as_deref().unwrap_or("refused"))
            }
            Self::Internal(error) => write!(out, "internal: {error:#}"),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Leaves a note for [`render_failures`](super::failure_pages::render_failures), which knows the request and so the visitor's language.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let note = match self {
            Self::Refused(refusal) => {
                tracing::info!(code = refusal.code.code(), detail = refusal.detail.as_deref(), "refused");
                refusal.clone()
            }
            Self::Internal(error) => {
                tracing::error!(code = self.code(), error = format!("{error:#}"), "failed");
                Refusal {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    code: RefusalCode::Internal,
                    detail: None,
                    facts: Vec::new(),
                    links: Vec::new(),
                    locale: None,
                }
            }
        };
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(note);
        response
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Interrupted => unavailable().because(error),
            DbError::Query(_) | DbError::Inconsistent { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<EphemeralError> for Failure {
    fn from(error: EphemeralError) -> Self {
        unavailable().because(error)
    }
}

fn unavailable() -> Failure {
    Failure::refused(StatusCode::SERVICE_UNAVAILABLE, RefusalCode::Unavailable)
}
