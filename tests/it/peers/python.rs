//! A platform that runs in Python, in the environment that `tests/run` makes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Form, Process, free_port};

/// The platform; gone when it is dropped.
pub struct Peer {
    pub origin: String,
    /// What it says of itself.
    pub settings: Value,
    _process: Process,
    _folder: TempDir,
}

impl Peer {
    /// Starts `script` (in this folder) for a tool, and waits until it tells its settings.
    pub fn start(script: &str, tool: &str) -> Self {
        let python =
            std::env::var_os("TEST_PEERS_PYTHON").expect("TEST_PEERS_PYTHON is not set: run tests/run");
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let path = format!("{}/tests/it/peers/{script}", env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(python);
        command.args([&path, &port.to_string(), tool, &folder.path().display().to_string()]);
        let mut child: Child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let process = Process::watch(child);
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let settings = lines.find_map(|line| serde_json::from_str(&line).ok());
        let settings: Value = settings.unwrap_or_else(|| panic!("{script} does not start"));
        // Read all the time: a full pipe would stop the process.
        std::thread::spawn(move || lines.for_each(drop));
        Self { origin: format!("http://127.0.0.1:{port}"), settings, _process: process, _folder: folder }
    }

    pub fn setting(&self, name: &str) -> &str {
        self.settings[name].as_str().unwrap()
    }

    /// Posts a form to it.
    pub async fn takes(&self, path: &str, form: &Form) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.post(format!("{}{path}", self.origin)).form(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Asks it something.
    pub async fn asks(&self, path: &str) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.get(format!("{}{path}", self.origin)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }
}
