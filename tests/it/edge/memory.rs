//! Floods of every kind at one process, one after another: its memory stays small, and everybody else is served.

use std::io::Write as _;

use futures::stream::{self, StreamExt as _};

use super::connections::{LOGIN, is_healthy, stalls};
use super::{Wire, outcome};
use crate::memberships::MEMBERS;
use crate::support::{Backend, Browser, Form, Page, Room, Serving, Shell, Storage, eventually, form};

/// What a flood may leave in memory. Units: MB.
const MAX_RESIDENT: u64 = 120;
const AT_ONCE: usize = 16;

/// A process that serves, and the most memory that it was seen with.
struct Flooded {
    serving: Serving,
    most: u64,
}

impl Flooded {
    fn looks(&mut self, flood: &str) {
        let now = self.serving.resident_mb();
        assert!(now < MAX_RESIDENT, "{flood}: {now} MB");
        assert!(is_healthy(&self.serving.origin), "{flood}");
        self.most = self.most.max(now);
    }
}

#[tokio::test]
async fn memory_stays_small_through_every_flood() {
    let storage = Storage::empty(Backend::Postgres);
    let (lms, _site, port) = Serving::platform();
    let shell = Shell::at(&storage.url());
    shell.adds(&lms);
    let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
    let mut flooded = Flooded { serving, most: 0 };
    let tessa = Browser::new(&flooded.serving.origin, lms);
    let room = tessa.launches("tessa", "1").await.assert_enters();
    let genuine = tessa.prepares("ana", "1").await;

    forged_tokens(&tessa, genuine, &mut flooded).await;
    long_subjects(&tessa, &mut flooded).await;
    fifty_thousand_members(&tessa, &room, &storage, &mut flooded).await;
    slow_heads_and_bodies(&mut flooded);
    compressed_bodies(&mut flooded).await;

    tessa.launches("tessa", "1").await.assert_enters();
    flooded.looks("afterwards");
    println!("at most {} MB", flooded.most);
}

/// Twenty thousand, under one state that anybody may have.
async fn forged_tokens(browser: &Browser, genuine: Form, flooded: &mut Flooded) {
    let value = |wanted: &str| genuine.iter().find(|(name, _)| name == wanted).unwrap().1.clone();
    let (state, token) = (value("state"), value("id_token"));
    let (signed, _) = token.rsplit_once('.').unwrap();
    for round in 0..20 {
        let forged = (0..1_000).map(|number| {
            let form = form(&[("state", &state), ("id_token", &format!("{signed}.{round}A{number}"))]);
            async move { browser.brings(&form).await.status }
        });
        let statuses: Vec<u16> = stream::iter(forged).buffer_unordered(AT_ONCE).collect().await;
        assert!(statuses.iter().all(|status| (400..500).contains(status)), "{statuses:?}");
        flooded.looks("forged tokens");
    }
}

/// Refused forms that name long subjects.
async fn long_subjects(browser: &Browser, flooded: &mut Flooded) {
    let long = "x".repeat(60_000);
    let (place, body) = (format!("/admin/platforms/{long}"), form(&[("secret", &long), ("csrf", &long)]));
    for _ in 0..5 {
        let refused = (0..100).map(|number| {
            let (path, body) = (if number % 2 == 0 { &*place } else { "/admin/enter" }, &body);
            async move { browser.submits(path, body).await.status }
        });
        let statuses: Vec<u16> = stream::iter(refused).buffer_unordered(AT_ONCE).collect().await;
        assert!(statuses.iter().all(|status| (300..500).contains(status)), "{statuses:?}");
        flooded.looks("long subjects");
    }
}

/// Fifty thousand people in a course, on eight pages at once.
async fn fifty_thousand_members(teacher: &Browser, room: &Room, storage: &Storage, flooded: &mut Flooded) {
    let path = format!("{}/attendance", room.path());
    let says = async |words: &str| teacher.opens(&path).await.text().contains(words);
    eventually("the list is read", async || says("The course has 4 learners.").await).await;
    storage.directly(MEMBERS);
    for _ in 0..3 {
        let pages: Vec<Page> = futures::future::join_all((0..8).map(|_| teacher.opens(&path))).await;
        pages.iter().for_each(|page| {
            page.assert_says("The course has 50004 learners.");
        });
        flooded.looks("fifty thousand members");
    }
}

/// Three thousand connections that begin a request and say no more, with as much of it as a server reads ahead.
fn slow_heads_and_bodies(flooded: &mut Flooded) {
    let origin = flooded.serving.origin.clone();
    let head = [b"GET /lti/login?iss=".as_slice(), "x".repeat(30_000).as_bytes()].concat();
    let body = format!("{LOGIN}content-length: 60000\r\n\r\n{}", "x".repeat(30_000));
    let mut open = Vec::new();
    for round in 0..60 {
        open.extend((0..50).map(|number| {
            let text = if (round + number) % 2 == 0 { &head } else { body.as_bytes() };
            stalls(&origin, text)
        }));
        flooded.looks("slow heads and bodies");
    }
    assert_eq!(open.len(), 3_000);
}

/// A thousand bodies that would be a hundred times as large.
async fn compressed_bodies(flooded: &mut Flooded) {
    let packed = format!("{LOGIN}content-encoding: gzip\r\ncontent-length: 58000\r\n\r\n");
    for _ in 0..5 {
        let sent = (0..200).map(|_| {
            let (origin, packed) = (flooded.serving.origin.clone(), packed.clone());
            let send = move || {
                let mut wire = Wire::to(&origin);
                // Whoever is given up meanwhile cannot send the rest.
                let _ = wire.0.write_all(&[packed.as_bytes(), &[0x1f; 58_000]].concat());
                wire.hears()
            };
            async move { outcome(&tokio::task::spawn_blocking(send).await.unwrap()) }
        });
        let outcomes: Vec<String> = stream::iter(sent).buffer_unordered(100).collect().await;
        assert!(outcomes.iter().all(|one| matches!(&**one, "415 body-encoded" | "nothing ")), "{outcomes:?}");
        flooded.looks("compressed bodies");
    }
}
