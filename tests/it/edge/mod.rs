//! What anybody on the internet can send: bodies, addresses, connections.

mod bodies;
mod connections;
mod disk;
mod headers;
mod hosts;
mod memory;
mod network;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The longest that an answer may take before the story fails.
const TIMEOUT: Duration = Duration::from_secs(40);

/// A connection that sends exactly what a story says.
struct Wire(TcpStream);

impl Wire {
    /// To a tool at this origin.
    fn to(origin: &str) -> Self {
        let port = url::Url::parse(origin).unwrap().port().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        Self(stream)
    }

    fn sends(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.0.write_all(text.as_ref()).unwrap();
        self
    }

    /// Everything that comes until the connection is closed.
    fn hears(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset is an end too: what came before it counts.
        let _ = self.0.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The status and code of an answer as it came over the wire.
fn outcome(answer: &str) -> String {
    let status = answer.split(' ').nth(1).unwrap_or("nothing");
    let code = answer.split_once("data-code=\"").and_then(|(_, rest)| rest.split_once('"'));
    format!("{status} {}", code.map(|(code, _)| code).unwrap_or_default())
}
