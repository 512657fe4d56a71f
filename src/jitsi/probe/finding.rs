//! What a test of a server finds, and what an operator can do about it.

use super::remedy::Remedy;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, with a consequence that the operator should know.
    Notice,
    /// A class would meet a problem.
    Bad,
}

impl Verdict {
    /// Returns its word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Bad => "bad",
        }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub verdict: Verdict,
    /// Its words are `server-finding-CODE` and, unless it's good, `server-finding-CODE-fix`.
    pub code: &'static str,
    /// What was seen, in the words of the other side.
    pub detail: String,
    /// The value to enter, where there is one: `$value` of the words.
    pub value: String,
    /// Lines to paste on the server.
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// Returns a finding of something that is as it should be.
    pub fn good(code: &'static str) -> Self {
        Self::new(Verdict::Good, code, "")
    }

    /// Returns a finding of something that works and has a consequence.
    pub fn notice(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Verdict::Notice, code, detail)
    }

    /// Returns a finding of something that a class would meet.
    pub fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Verdict::Bad, code, detail)
    }

    /// Returns a finding.
    pub fn new(verdict: Verdict, code: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict, code, detail: detail.into(), value: String::new(), remedy: None }
    }

    /// Returns the same with the value to enter.
    #[must_use]
    pub fn with_value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }
}
