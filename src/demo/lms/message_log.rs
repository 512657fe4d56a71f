//! The last messages between the LMS and the tool, for people who want to see what LTI is.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::clock::Timestamp;

const MAX_MESSAGES: usize = 50;

/// One message.
#[derive(Clone, Debug, Serialize)]
pub struct LoggedMessage {
    /// When it happened, by the machine's clock.
    pub at: Timestamp,
    /// Who sends it to whom.
    pub direction: &'static str,
    /// What it is ("Launch").
    pub title: String,
    /// What it is for, in a sentence.
    pub sentence: &'static str,
    /// The HTTP status of a service's answer.
    pub status: Option<u16>,
    /// Named pieces: form fields, decoded tokens, bodies.
    pub parts: Vec<(String, String)>,
}

/// The browser carries it from the LMS to the tool.
pub(super) const TO_TOOL: &str = "LMS → tool";
/// The tool asks a service of the LMS, or the browser carries a request to it.
pub(super) const TO_LMS: &str = "Tool → LMS";

/// The last messages, newest first.
#[derive(Default)]
pub(super) struct MessageLog(Mutex<VecDeque<(Instant, LoggedMessage)>>);

impl MessageLog {
    pub(super) fn note(&self, entry: LoggedMessage) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((Instant::now(), entry));
        kept.truncate(MAX_MESSAGES);
    }

    pub(super) fn entries(&self) -> Vec<LoggedMessage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// Returns the entries, each with its real age, whatever a simulated class did to the clock.
    pub(super) fn aged_entries(&self) -> Vec<(Duration, LoggedMessage)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|(at, entry)| (at.elapsed(), entry.clone())).collect()
    }
}
