//! The files of an installation: whose they are, and what happens when the disk is full.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Serving, Shell, until};

fn mode(folder: &Path, name: &str) -> String {
    format!("{:o}", std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777)
}

fn set_mode(folder: &Path, name: &str, mode: u32) {
    std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn database_and_folders_are_their_owners_alone_also_those_from_before() {
    let (_, _, port) = Serving::platform();
    let shell = Shell::new();
    let folder = shell.folder();
    let base_url = format!("http://localhost:{port}");
    let expected = [
        ("data", "700"),
        ("data/jitsi-lti.sqlite3", "600"),
        ("data/jitsi-lti.sqlite3-wal", "600"),
        ("data/jitsi-lti.sqlite3-shm", "600"),
        ("data/jitsi-lti.lock", "600"),
        ("keys", "700"),
        ("keys/secret", "600"),
    ];
    let serving = shell.serves(port, &base_url).await;
    for (name, wanted) in expected {
        assert_eq!(mode(folder, name), wanted, "{name}");
    }
    serving.dies();
    for (name, wider) in [("data", 0o755), ("data/jitsi-lti.sqlite3", 0o664), ("keys", 0o750)] {
        set_mode(folder, name, wider);
    }
    let serving = shell.serves(port, &base_url).await;
    for (name, wanted) in expected {
        assert_eq!(mode(folder, name), wanted, "{name}");
    }
    let (_, log) = serving.stops();
    for change in ["\"before\":\"755\"", "\"before\":\"664\"", "\"before\":\"750\""] {
        assert!(log.contains(change), "{change} is not in {log}");
    }
}

/// What `/readyz` says, once it says `wanted`.
async fn becomes(origin: &str, wanted: u16) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    until(&format!("readiness is {wanted}"), async || {
        let answer = http.get(format!("{origin}/readyz")).send().await.unwrap();
        (answer.status().as_u16() == wanted).then_some(answer)
    })
    .await
    .text()
    .await
    .unwrap()
}

#[tokio::test]
async fn readiness_tells_that_the_disk_is_full_and_that_it_is_no_more() {
    let (_, _, port) = Serving::platform();
    let shell = Shell::new().without_signals();
    let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
    becomes(&serving.origin, 200).await;
    serving.bounds_files(Some(1));
    let body = becomes(&serving.origin, 503).await;
    assert_eq!(body, "{\"ready\":false,\"database\":false,\"ephemeral\":true}");
    serving.bounds_files(None);
    becomes(&serving.origin, 200).await;
}
