//! Strangers who open connections and say little: everybody else is still served.

use std::io::Write as _;
use std::net::TcpStream;

use super::{Wire, outcome};
use crate::support::{Serving, Shell};

/// The head of a login, as far as every such story sends it.
pub const LOGIN: &str =
    "POST /lti/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n";

/// A process that serves, with `settings`.
async fn serve(settings: &[(&str, &str)]) -> (Shell, Serving) {
    let (_, _, port) = Serving::platform();
    let shell = settings.iter().fold(Shell::new(), |shell, (name, value)| shell.with(name, value));
    let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
    (shell, serving)
}

/// Whether the process answers monitors.
pub fn is_healthy(origin: &str) -> bool {
    let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut wire = Wire::to(origin);
    wire.0.write_all(request.as_bytes()).is_ok() && outcome(&wire.hears()) == "200 "
}

/// Begins a request and says no more.
pub fn stalls(origin: &str, text: &[u8]) -> TcpStream {
    let mut wire = Wire::to(origin);
    // Whoever is given up meanwhile cannot send the rest.
    let _ = wire.0.write_all(text);
    wire.0
}

#[tokio::test]
async fn monitors_are_answered_while_strangers_hold_every_connection() {
    let (_shell, serving) = serve(&[("JITSI_LTI_MAX_CONNECTIONS", "40")]).await;
    let body = format!("{LOGIN}content-length: 4000\r\n\r\niss=");
    let texts: [&[u8]; 4] =
        [b"", b"GET /healthz HT", body.as_bytes(), b"POST /lti/launch HTTP/1.1\r\nhost: x\r\n"];
    let mut stalled = Vec::new();
    for round in 0..50 {
        stalled.extend((0..12).map(|number| stalls(&serving.origin, texts[number % texts.len()])));
        assert!(is_healthy(&serving.origin), "round {round}");
    }
    drop(stalled);
    assert!(is_healthy(&serving.origin));
    let (status, _) = serving.stops();
    assert!(status.success());
}
