//! A calendar program that others wrote.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// What it understood of a date.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    pub uid: String,
    pub title: String,
    pub description: String,
    pub begins: f64,
    pub ends: f64,
    pub sequence: i64,
    pub status: String,
    pub alarms: usize,
    pub errors: Vec<serde_json::Value>,
}

/// Has it read a calendar.
pub fn read_calendar(text: &str) -> Vec<Event> {
    let python = std::env::var_os("TEST_PEERS_PYTHON").expect("TEST_PEERS_PYTHON is not set: run tests/run");
    let script = format!("{}/tests/it/peers/read_calendar.py", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}\n{text}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}
