//! An operator at a terminal: the real program, a folder of its own, and settings from the environment.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jitsi_lti::clock::SystemClock;
use jitsi_lti::demo::lms::Lms;
use jitsi_lti::ids::Random;
use tempfile::TempDir;

use super::{
    CLIENT_ID, DEPLOYMENT, Process, Site, free_port, lms_settings, program, program_without_signals,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// The terminal.
pub struct Shell {
    folder: TempDir,
    settings: Vec<(String, String)>,
    without_signals: bool,
}

/// What a command wrote.
pub struct CommandOutput {
    pub worked: bool,
    /// The exit code.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl CommandOutput {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            worked: output.status.success(),
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Shell {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), settings: Vec::new(), without_signals: false }
    }

    /// A terminal of another machine with this database.
    pub fn at(database_url: &str) -> Self {
        Self::new().with("JITSI_LTI_DATABASE_URL", database_url)
    }

    /// The same with a setting in its environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same where a file that may grow no more is an error, and no signal.
    #[must_use]
    pub fn without_signals(mut self) -> Self {
        self.without_signals = true;
        self
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder; gives its name.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn command(&self, args: &[&str]) -> Command {
        let folder = self.folder.path();
        let mut command =
            if self.without_signals { program_without_signals(folder) } else { program(folder) };
        command.envs(self.settings.iter().map(|(name, value)| (name, value))).args(args);
        command
    }

    /// Runs a command to its end.
    pub fn runs(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::of(self.command(args).output().unwrap())
    }

    /// Runs a command to its end that is told `line` when it asks.
    pub fn answers(&self, args: &[&str], line: &str) -> CommandOutput {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        // A command that fails before it asks does not listen.
        let _ = child.stdin.take().unwrap().write_all(line.as_bytes());
        CommandOutput::of(child.wait_with_output().unwrap())
    }

    /// Runs a command that must work; returns what it wrote.
    #[track_caller]
    pub fn does(&self, args: &[&str]) -> String {
        let output = self.runs(args);
        assert!(output.worked, "{args:?}: {}{}", output.out, output.err);
        output.out
    }

    /// Runs a command that must fail with a sentence that holds `words`.
    #[track_caller]
    pub fn fails(&self, args: &[&str], words: &str) -> CommandOutput {
        let output = self.runs(args);
        assert!(!output.worked && output.err.contains(words), "{args:?}: {}{}", output.out, output.err);
        assert_eq!(output.err.lines().count(), 1, "one sentence: {}", output.err);
        assert!(output.err.starts_with("jitsi-lti: "), "{}", output.err);
        output
    }

    /// Starts a command and does not wait for it.
    pub fn starts(&self, args: &[&str]) -> Process {
        Process::start(&mut self.command(args))
    }

    /// Registers the platform.
    pub fn adds(&self, lms: &Lms) -> String {
        let settings = lms.settings();
        self.does(&[
            "platform",
            "add",
            "--issuer",
            &settings.issuer,
            "--client-id",
            CLIENT_ID,
            "--auth-url",
            &lms.auth_url(),
            "--token-url",
            &lms.token_url(),
            "--jwks-url",
            &lms.jwks_url(),
            "--deployment",
            DEPLOYMENT,
            "--allow-private-network",
            "--name",
            "Riverside University",
        ])
    }

    /// Serves on `port` as the tool at `base_url`, and waits until it answers.
    pub async fn serves(&self, port: u16, base_url: &str) -> Serving {
        let listen = format!("127.0.0.1:{port}");
        let process = self.starts(&["serve", "--listen", &listen, "--base-url", base_url]);
        let origin = format!("http://localhost:{port}");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let start = Instant::now();
        while http.get(format!("http://{listen}/healthz")).send().await.is_err() {
            assert!(start.elapsed() < TIMEOUT, "serve does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Serving { origin, process }
    }
}

/// A process that serves.
pub struct Serving {
    pub origin: String,
    process: Process,
}

impl Serving {
    /// Ends it with SIGTERM: its status, and its log.
    pub fn stops(self) -> (ExitStatus, String) {
        self.process.terminate()
    }

    /// Ends it with SIGTERM, which it takes for a wish and no fault.
    pub fn ends_well(self) {
        let (status, log) = self.stops();
        assert!(status.success(), "{status}: {log}");
    }

    /// The memory that it occupies. Units: MB.
    pub fn resident_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1000
    }

    /// Bounds how far its files may grow, as a full disk does; `None` ends that.
    pub fn bounds_files(&self, bytes: Option<u64>) {
        let bound = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        let args = [format!("--pid={}", self.process.id()), format!("--fsize={bound}:unlimited")];
        assert!(Command::new("prlimit").args(args).status().unwrap().success());
    }

    /// Ends it without a word.
    pub fn dies(mut self) {
        self.process.kill();
    }

    /// A platform for a tool at a free port, by the machine's clock; and the port.
    pub fn platform() -> (Lms, Site, u16) {
        let port = free_port();
        let (place, issuer) = Site::place();
        let settings = lms_settings(&issuer, &format!("http://localhost:{port}"));
        let lms = Lms::new(settings, Arc::new(SystemClock), Random::System).unwrap();
        let site = Site::serve(place, lms.routes());
        (lms, site, port)
    }
}
