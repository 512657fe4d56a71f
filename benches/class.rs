//! What classes cost: heartbeats of 100,000 people over real HTTP, and grades on their way to a fast platform. CPU time of
//! the serving process, and its memory.
//!
//! `cargo bench --bench class` starts the release binary on a fresh SQLite file, and on PostgreSQL too when
//! `BENCH_POSTGRES_URL` names an empty database. It takes some minutes: people say every 30 seconds that they are there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, or fails"
)]

mod harness;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use jitsi_lti::clock::{Clock as _, SystemClock};
use jitsi_lti::config::DatabaseUrl;
use jitsi_lti::db::open;
use jitsi_lti::demo::lms::{Lms, LmsPerson, Visit};
use jitsi_lti::ids::{LinkId, MeetingId, Random, RoomId, UserId, row_id};
use jitsi_lti::lti::launch::roles::MeetingRole;
use jitsi_lti::rooms::presence_token::PresenceToken;
use jitsi_lti::sealing::Sealer;
use jitsi_lti::sealing::sealed::Sealed as _;
use reqwest::Client;
use secrecy::SecretString;
use serde_json::json;

use harness::{SECRET, Tool, millis, postgres_cpu, start_lms};

const PEOPLE: usize = 100_000;
const A_ROOM: usize = 50;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(30);
const LEARNERS: usize = 2_000;
const AT_ONCE: usize = 32;

fn main() {
    actix_web::rt::System::new().block_on(async {
        let folder =
            std::env::temp_dir().join(format!("jitsi-lti-bench-{}", Random::System.letters_and_digits(8)));
        std::fs::create_dir(&folder).unwrap();
        measure("SQLite FULL", &format!("sqlite://{}/bench.sqlite3", folder.display()), &folder).await;
        match std::env::var_os("BENCH_POSTGRES_URL") {
            Some(url) => measure("PostgreSQL", &url.to_string_lossy(), &folder).await,
            None => println!("PostgreSQL: not measured, BENCH_POSTGRES_URL is not set"),
        }
        std::fs::remove_dir_all(&folder).unwrap();
    });
}

async fn measure(name: &str, database: &str, folder: &Path) {
    println!("\n{name}");
    let tool_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let lms = start_lms(tool_port);
    let tool = Tool::start(tool_port, database, folder, &lms).await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let sql = |statement: &str| {
        open(&DatabaseUrl::parse(database).unwrap()).unwrap().batch_execute(statement).unwrap();
    };
    open_activity(&client, &lms).await;
    grades(&lms, &tool, &sql).await;
    heartbeats(&client, &tool, &sql).await;
}

/// One launch makes platform, course, link and room known, with the gradebook.
async fn open_activity(client: &Client, lms: &Lms) {
    let login = lms.login_initiation(&Visit::new("tessa", "1")).unwrap();
    // A browser that has proven cookies to us: any other one gets a page first.
    let proven = client.post(&login.url).header("cookie", "__Host-room-x=1");
    let response = proven.form(&login.fields).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let target = url::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let params: Vec<(String, String)> = target.query_pairs().into_owned().collect();
    let jitsi_lti::demo::lms::AuthAnswer::Launch { url, fields } = lms.authorize(&params) else {
        panic!("the LMS refused")
    };
    let launched = client.post(url).header("cookie", cookie).form(&fields).send().await.unwrap();
    assert_eq!(launched.status(), 303);
}

/// People of the one room whose time in class is over and not yet a grade.
async fn grades(lms: &Lms, tool: &Tool, sql: &impl Fn(&str)) {
    for number in 0..LEARNERS {
        lms.add_person(LmsPerson::student(&format!("learner{number}"), "Learner", &number.to_string()));
    }
    let now = SystemClock.now().millis();
    let users: String = (0..LEARNERS)
        .map(|n| {
            format!(
                "INSERT INTO lti_user (id, platform_id, sub, pseudonym, name, name_key, picture, locale, status, created_at, updated_at) SELECT '{id}', id, 'learner{n}', 'lp{n}', NULL, 'l', NULL, NULL, 'active', 0, 0 FROM platform;
                 INSERT INTO presence SELECT '{id}', '{old}', room_id, resource_link_id, '{id}', 'participant', 'heartbeat', 'l{n}',
                     {}, {}, TRUE, FALSE FROM room_link;",
                now - 4_000_000,
                now - 4_000_000 + i64::try_from(n % 40 + 1).unwrap() * 60_000,
                id = UserId::derived("learner", n),
                old = MeetingId::NONE,
            )
        })
        .collect();
    let meeting = format!(
        "INSERT INTO meeting SELECT '{1}', id, {0}, {0}, {0} FROM room;",
        now - 4_000_000,
        MeetingId::NONE
    );
    let (cpu, database_cpu) = (tool.cpu(), postgres_cpu());
    sql(&format!("BEGIN; {meeting} {users} COMMIT;"));
    // The scores are worked out in one go, at the next look for people who left.
    while lms.received_scores().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let begun = Instant::now();
    while lms.received_scores().len() < LEARNERS {
        assert!(begun.elapsed() < Duration::from_secs(300), "{}", lms.received_scores().len());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!(
        "  grades: {:.0} a second to one platform, {:.3} ms CPU each{}",
        f64::from(u32::try_from(LEARNERS).unwrap()) / taken.as_secs_f64(),
        millis(tool.cpu().checked_sub(cpu).unwrap(), LEARNERS),
        in_database(database_cpu, LEARNERS),
    );
}

/// Everybody says every 30 seconds that they are there.
async fn heartbeats(client: &Client, tool: &Tool, sql: &impl Fn(&str)) {
    let rooms: String = (0..PEOPLE / A_ROOM)
        .map(|n| {
            format!(
                "INSERT INTO resource_link (id, context_id, resource_link_id, updated_at) SELECT '{id}', id, 'r{n}', 0 FROM context;
                 INSERT INTO room (id, jitsi_room, settings, created_at) VALUES ('{id}', 'k{n}', '{{}}', 0);
                 INSERT INTO room_link (resource_link_id, group_key, room_id) VALUES ('{id}', '', '{id}');",
                id = RoomId::derived("room", n),
            )
        })
        .collect();
    let users: String = (0..PEOPLE)
        .map(|n| {
            format!(
                "INSERT INTO lti_user (id, platform_id, sub, pseudonym, name, name_key, picture, locale, status, created_at, updated_at) SELECT '{}', id, 'u{n}', 'p{n}', 'Student {n}', 'student {n}', NULL, NULL, \
                 'active', 0, 0 FROM platform;",
                UserId::derived("user", n)
            )
        })
        .collect();
    sql(&format!("BEGIN; {rooms} COMMIT;"));
    sql(&format!("BEGIN; {users} COMMIT;"));
    let sealer = Sealer::parse(&SecretString::from(SECRET)).unwrap();
    let bodies: Arc<Vec<(String, String)>> =
        Arc::new((0..PEOPLE).map(|n| beat(n, &sealer, &tool.url)).collect());
    println!("  resident before anybody is there {:.1} MB", tool.resident());
    for round in 1..=ROUNDS {
        let (cpu, database_cpu, begun) = (tool.cpu(), postgres_cpu(), Instant::now());
        everybody_beats(client, &bodies, begun).await;
        tokio::time::sleep(ROUND.saturating_sub(begun.elapsed())).await;
        let (spent, wall) = (tool.cpu().checked_sub(cpu).unwrap(), begun.elapsed());
        println!(
            "  {PEOPLE} people, round {round}: {:.3} ms CPU a heartbeat{}, {:.0} % of one core, resident {:.1} MB",
            millis(spent, PEOPLE),
            in_database(database_cpu, PEOPLE),
            100.0 * spent.as_secs_f64() / wall.as_secs_f64(),
            tool.resident(),
        );
    }
}

fn beat(number: usize, sealer: &Sealer, url: &str) -> (String, String) {
    let room = RoomId::derived("room", number / A_ROOM);
    let token = PresenceToken {
        visit: row_id(SystemClock.now(), &Random::System),
        room,
        link: LinkId::from_bytes(*room.as_bytes()),
        user: UserId::derived("user", number),
        role: MeetingRole::Participant,
        opened: SystemClock.now(),
    };
    let body = json!({ "presence_token": token.seal(sealer, &Random::System), "event": "beat" });
    (format!("{url}/rooms/{room}/presence"), body.to_string())
}

/// Spread over the round as real people are.
async fn everybody_beats(client: &Client, bodies: &Arc<Vec<(String, String)>>, begun: Instant) {
    let next = Arc::new(AtomicUsize::new(0));
    let hands = (0..AT_ONCE).map(|_| {
        let (client, bodies, next) = (client.clone(), Arc::clone(bodies), Arc::clone(&next));
        actix_web::rt::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((url, body)) = bodies.get(number) else { return };
                let share =
                    f64::from(u32::try_from(number).unwrap()) / f64::from(u32::try_from(PEOPLE).unwrap());
                let due = begun + ROUND.mul_f64(share);
                tokio::time::sleep_until(due.into()).await;
                let request = client.post(url).header("content-type", "application/json");
                let answer =
                    request.header("sec-fetch-site", "same-origin").body(body.clone()).send().await.unwrap();
                assert_eq!(answer.status(), 204);
            }
        })
    });
    futures::future::try_join_all(hands).await.unwrap();
}

fn in_database(before: Duration, rounds: usize) -> String {
    let spent = postgres_cpu().saturating_sub(before);
    if spent.is_zero() { String::new() } else { format!(" + {:.3} ms in PostgreSQL", millis(spent, rounds)) }
}
