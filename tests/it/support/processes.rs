//! Processes that a story starts: the program itself, and a Redis of its own.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The longest that anything here may take before the story fails.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The program with nothing but `folder` to live in.
pub fn program(folder: &Path) -> Command {
    alone(Command::new(env!("CARGO_BIN_EXE_jitsi-lti")), folder)
}

/// The same program, which is told by an error and not by a signal when a file may grow no more.
pub fn program_without_signals(folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_jitsi-lti")]);
    alone(command, folder)
}

fn alone(mut command: Command, folder: &Path) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("JITSI_LTI_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running process, killed when it is dropped.
pub struct Process {
    child: Child,
    stderr: Option<std::thread::JoinHandle<String>>,
}

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self::watch(command.spawn().unwrap())
    }

    /// Watches over a process that runs already.
    pub fn watch(mut child: Child) -> Self {
        // Read all the time: a full pipe would stop the process.
        let mut pipe = child.stderr.take();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            if let Some(pipe) = &mut pipe {
                let _ = pipe.read_to_string(&mut text);
            }
            text
        });
        Self { child, stderr: Some(stderr) }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, waits, and gives its status and what it wrote to stderr.
    pub fn terminate(mut self) -> (ExitStatus, String) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        self.finish()
    }

    /// Waits for its end.
    pub fn finish(&mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < TIMEOUT, "the process does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        (status, self.stderr.take().unwrap().join().unwrap())
    }

    /// Ends it without a word.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A Redis server of the story's own.
pub struct Redis {
    port: u16,
    process: Option<Process>,
    /// Certificate and key of one that speaks TLS.
    tls: Option<(String, String)>,
}

impl Redis {
    pub async fn start() -> Self {
        let mut redis = Self { port: free_port(), process: None, tls: None };
        redis.comes_up().await;
        redis
    }

    /// One that speaks TLS alone, as `localhost`, with the certificate and key in these files.
    pub async fn over_tls(certificate: &str, key: &str) -> Self {
        let tls = Some((certificate.to_owned(), key.to_owned()));
        let mut redis = Self { port: free_port(), process: None, tls };
        redis.comes_up().await;
        redis
    }

    pub fn url(&self) -> String {
        match self.tls {
            Some(_) => format!("rediss://localhost:{}", self.port),
            None => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    pub fn goes_down(&mut self) {
        self.process = None;
    }

    pub async fn comes_up(&mut self) {
        let mut command = Command::new("redis-server");
        let port = self.port.to_string();
        match &self.tls {
            Some((certificate, key)) => command.args([
                "--port",
                "0",
                "--tls-port",
                &port,
                "--tls-cert-file",
                certificate,
                "--tls-key-file",
                key,
                "--tls-ca-cert-file",
                certificate,
                "--tls-auth-clients",
                "no",
            ]),
            None => command.args(["--port", &port]),
        };
        command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(Process::start(&mut command));
        let start = Instant::now();
        while !self.answers().await {
            assert!(start.elapsed() < TIMEOUT, "redis-server does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn answers(&self) -> bool {
        match self.tls {
            Some(_) => std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok(),
            None => self.command("PING").await.is_some(),
        }
    }

    /// Runs a command without arguments; `None` when there is no answer.
    pub async fn command(&self, name: &str) -> Option<String> {
        use deadpool_redis::redis;
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        redis::cmd(name).query_async(&mut connection).await.ok()
    }
}
