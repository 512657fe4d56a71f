//! What the measurements share: the release binary as a process of its own, the built-in LMS, and CPU time.

#![allow(dead_code, reason = "each measurement uses a part of it")]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer};
use jitsi_lti::clock::SystemClock;
use jitsi_lti::demo::lms;
use jitsi_lti::demo::lms::{Lms, LmsSettings};
use jitsi_lti::ids::Random;
use reqwest::Client;

/// What the tool seals with, so that a measurement can seal for it.
pub const SECRET: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// The built-in LMS in this process, for a tool at `tool_port`.
pub fn start_lms(tool_port: u16) -> Lms {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let tool = format!("http://localhost:{tool_port}");
    let settings = LmsSettings { issuer, tools: vec![lms::Tool::at(&tool, "bench", "1")] };
    let lms = Lms::new(settings, Arc::new(SystemClock), Random::System).unwrap();
    lms.behaviour().set(|behaviour| behaviour.id_token_seconds = 3600);
    let routes = lms.routes();
    let server =
        HttpServer::new(move || App::new().configure(routes.clone())).workers(1).listen(listener).unwrap();
    actix_web::rt::spawn(server.run());
    lms
}

/// The release binary, serving.
pub struct Tool {
    child: Child,
    pub url: String,
    pub started_in: Duration,
}

impl Tool {
    /// Starts it with a platform and a Jitsi server.
    pub async fn start(port: u16, database: &str, folder: &Path, lms: &Lms) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port)).to_string();
        let url = format!("http://localhost:{port}");
        let command = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_jitsi-lti"));
            command.args(arguments).current_dir(folder);
            command.env("JITSI_LTI_DATABASE_URL", database).env("JITSI_LTI_BASE_URL", &url);
            command
                .env("JITSI_LTI_LISTEN", &listen)
                .env("JITSI_LTI_LOG", "warn")
                .env("JITSI_LTI_SECRET_KEY", SECRET)
                .stdout(Stdio::null());
            command
        };
        let settings = lms.settings();
        let (auth, token, jwks) = (lms.auth_url(), lms.token_url(), lms.jwks_url());
        #[rustfmt::skip]
        let added = command(&[
            "platform", "add", "--issuer", &settings.issuer, "--client-id", "bench", "--deployment", "1",
            "--auth-url", &auth, "--token-url", &token, "--jwks-url", &jwks, "--allow-private-network",
        ]).status().unwrap();
        assert!(added.success());
        let added = command(&[
            "server",
            "add",
            "--name",
            "bench",
            "--kind",
            "public",
            "--domain",
            "meet.example.org",
        ]);
        assert!({ added }.status().unwrap().success());
        let begun = Instant::now();
        let child = command(&["serve"]).spawn().unwrap();
        let probe = Client::builder().timeout(Duration::from_secs(1)).build().unwrap();
        while probe.get(format!("{url}/healthz")).send().await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the tool does not answer");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Self { child, url, started_in: begun.elapsed() }
    }

    /// CPU time so far.
    pub fn cpu(&self) -> Duration {
        process_cpu(self.child.id())
    }

    /// Resident memory. Units: megabytes.
    pub fn resident(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// CPU time that a process used so far, ended threads included. The kernel counts it in ticks of 10 ms.
pub fn process_cpu(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let (_, after_name) = stat.rsplit_once(')').unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// CPU time of all PostgreSQL processes on this machine.
pub fn postgres_cpu() -> Duration {
    let pids =
        fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_postgres = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "postgres")
    };
    pids.filter(is_postgres).map(process_cpu).sum()
}

pub fn report(name: &str, spent: Duration, rounds: usize, note: &str) {
    println!("  {name:30} {:>8.3} ms CPU{note}", millis(spent, rounds));
}

pub fn millis(spent: Duration, rounds: usize) -> f64 {
    spent.as_secs_f64() * 1e3 / f64::from(u32::try_from(rounds).unwrap())
}
