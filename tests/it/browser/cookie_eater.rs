//! A proxy between browser and tool that lets no cookie out of a frame: so Safari behaved before version 18.4, which keeps
//! the frame's storage.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Starts it, for as long as the story runs; tells its port.
pub async fn start() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((browser, _)) = listener.accept().await {
            tokio::spawn(async move { pass_on(browser).await });
        }
    });
    port
}

/// One request, to a port of this machine. `None` for anything else.
async fn pass_on(mut browser: TcpStream) -> Option<()> {
    let mut request = Vec::new();
    let end = loop {
        if let Some(at) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if browser.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, url) = (first.next()?, Url::parse(first.next()?).ok()?);
    let is_window = head.to_ascii_lowercase().contains("sec-fetch-dest: document");
    let mut passed = format!("{method} {}", url.path());
    passed.extend(url.query().map(|query| format!("?{query}")));
    passed.push_str(" HTTP/1.1\r\n");
    for line in lines {
        let name = line.split(':').next()?.to_ascii_lowercase();
        if !name.ends_with("connection") && (name != "cookie" || is_window) {
            passed.extend([line, "\r\n"]);
        }
    }
    passed.push_str("Connection: close\r\n\r\n");
    let mut tool = TcpStream::connect((Ipv4Addr::LOCALHOST, url.port()?)).await.ok()?;
    tool.write_all(passed.as_bytes()).await.ok()?;
    tool.write_all(&request[end + 4..]).await.ok()?;
    copy_bidirectional(&mut browser, &mut tool).await.ok().map(|_| ())
}
