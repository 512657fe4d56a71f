//! What a heartbeat costs: CPU time of a process that takes heartbeats for many people, writing included.
//!
//! `cargo bench --bench presence` takes the heartbeats of 2,000 people on a fresh SQLite file: token, admission, presence and
//! the writing of each second. HTTP itself costs what any small request does.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on fails, and prints"
)]

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::cli::serve;
use jitsi_lti::clock::{Clock as _, FakeClock, Timestamp};
use jitsi_lti::config::{
    Addresses, Config, DataPlaces, DatabaseUrl, KeySettings, PlatformEntry, ToolDescription,
};
use jitsi_lti::grades::store::ScoreMinutes;
use jitsi_lti::ids::{LinkId, Random, RoomId, UserId, row_id};
use jitsi_lti::lti::launch::roles::MeetingRole;
use jitsi_lti::presence::interval::{Ending, Interval, time_in_class};
use jitsi_lti::presence::{PresenceBuffer, PresenceMessage, PresenceWriter};
use jitsi_lti::rooms::presence_token::PresenceToken;
use jitsi_lti::sealing::sealed::Sealed as _;

const PEOPLE: usize = 2_000;
const ROUNDS: usize = 10;

fn main() {
    uniting();
    actix_web::rt::System::new().block_on(beats());
}

/// A learner's term: forty meetings with ten intervals each.
fn uniting() {
    let at = |secs| Timestamp::from_secs(secs);
    let term: Vec<Interval> = (0..400)
        .map(|n| Interval::new(at(n * 300), at(n * 300 + 200 + n % 120), Ending::of(n % 2 == 0)))
        .collect();
    let before = thread_cpu();
    for _ in 0..10_000 {
        std::hint::black_box(time_in_class(std::hint::black_box(&term)));
    }
    println!("uniting 400 intervals    {:>8.4} ms", millis(thread_cpu() - before, 10_000));
}

async fn beats() {
    let folder =
        std::env::temp_dir().join(format!("jitsi-lti-bench-{}", Random::System.letters_and_digits(8)));
    std::fs::create_dir(&folder).unwrap();
    let clock = Arc::new(FakeClock::new(Timestamp::from_secs(1_795_341_697)));
    let config = config(&folder);
    let parts = serve::prepare(&config, clock.clone(), Random::System).await.unwrap();
    let people = seed(&parts.app.db).await;
    let presence = Arc::new(PresenceBuffer::default());
    let keeper = PresenceWriter::start(
        Arc::clone(&presence),
        parts.app.db.clone(),
        clock.clone(),
        Arc::new(ScoreMinutes),
    );
    let sealed: Vec<String> =
        people.iter().map(|token| token.seal(&parts.app.sealer, &Random::System)).collect();
    let before = process_cpu();
    for _ in 0..ROUNDS {
        for token in &sealed {
            let token = PresenceToken::open(token, &parts.app.sealer, clock.now()).unwrap();
            let (room, link, user, now) = (token.room, token.link, token.user, clock.now());
            let admitted: Result<_, jitsi_lti::db::DbError> = parts
                .app
                .db
                .look_up(move |connection| {
                    jitsi_lti::rooms::store::find_room_view(connection, room, link, user, now)
                })
                .await;
            assert!(admitted.unwrap().is_some());
            let message = PresenceMessage { token, has_left: false, missed: Vec::new(), is_admitted: true };
            presence.take(message, clock.now()).unwrap();
        }
        clock.advance(Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    keeper.finish().await;
    println!("heartbeat, without HTTP  {:>8.4} ms", millis(process_cpu() - before, PEOPLE * ROUNDS));
    serve::finish(parts).await;
    std::fs::remove_dir_all(folder).unwrap();
}

/// A course, a link, a room, and its people.
async fn seed(db: &jitsi_lti::db::Database) -> Vec<PresenceToken> {
    let rows = "
        INSERT INTO context (id, deployment_id, context_id, updated_at) SELECT '{ZERO}', id, 'c', 0 FROM deployment;
        INSERT INTO resource_link (id, context_id, resource_link_id, updated_at) VALUES ('{ZERO}', '{ZERO}', 'l', 0);
        INSERT INTO room (id, jitsi_room, settings, created_at) VALUES ('{ZERO}', 'kr', '{}', 0);
        INSERT INTO room_link (resource_link_id, group_key, room_id) VALUES ('{ZERO}', '', '{ZERO}');"
        .replace("{ZERO}", &RoomId::NONE.to_string());
    let users: String = (0..PEOPLE)
        .map(|n| {
            format!(
                "INSERT INTO lti_user (id, platform_id, sub, pseudonym, name, name_key, picture, locale, status, created_at, updated_at) SELECT '{}', id, 'u{n}', 'p{n}', 'Student {n}', 'student {n}', NULL, NULL, \
                 'active', 0, 0 FROM platform;",
                UserId::derived("user", n)
            )
        })
        .collect();
    let seeded: Result<(), jitsi_lti::db::DbError> = db
        .write(move |tx| {
            use diesel::connection::SimpleConnection as _;
            Ok(tx.connection.batch_execute(&format!("{rows}{users}"))?)
        })
        .await;
    seeded.unwrap();
    let opened = Timestamp::from_secs(1_795_341_697);
    let token = |n| PresenceToken {
        visit: row_id(opened, &Random::System),
        room: RoomId::NONE,
        link: LinkId::NONE,
        user: UserId::derived("user", n),
        role: MeetingRole::Participant,
        opened,
    };
    (0..PEOPLE).map(token).collect()
}

fn config(folder: &std::path::Path) -> Config {
    let platform = PlatformEntry {
        issuer: "https://lms.example.org".into(),
        client_id: "bench".into(),
        auth_url: "https://lms.example.org/auth".parse().unwrap(),
        token_url: "https://lms.example.org/token".parse().unwrap(),
        jwks_url: "https://lms.example.org/jwks".parse().unwrap(),
        token_audience: None,
        deployments: vec!["1".into()],
        name: None,
        allow_private_network: false,
        allow_anonymous: false,
    };
    Config {
        addresses: Addresses {
            base_url: "http://localhost:8080".parse().unwrap(),
            admin_url: "http://localhost:8080".parse().unwrap(),
            listen: "127.0.0.1:0".parse().unwrap(),
            trusted_proxies: Vec::new(),
            max_connections: 256,
        },
        admin_oidc: None,
        data: DataPlaces {
            database: DatabaseUrl::Sqlite(folder.join("bench.sqlite3")),
            folder: folder.to_owned(),
            redis_url: None,
        },
        keys: KeySettings { folder: folder.join("keys"), rotation: None, secret: None },
        log: "warn".into(),
        tool: ToolDescription { platforms: vec![platform], ..ToolDescription::load(None).unwrap() },
    }
}

fn thread_cpu() -> Duration {
    schedstat("/proc/thread-self/schedstat")
}

/// CPU time of this process in all its threads; those that ended are gone from it, and none ends here.
fn process_cpu() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    threads.map(|thread| schedstat(&thread.path().join("schedstat").to_string_lossy())).sum()
}

fn schedstat(path: &str) -> Duration {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn millis(spent: Duration, rounds: usize) -> f64 {
    spent.as_secs_f64() * 1e3 / f64::from(u32::try_from(rounds).unwrap())
}
