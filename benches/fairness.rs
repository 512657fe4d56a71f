//! How long an honest platform's grade waits while a thousand hosts of twenty others take every connection and never answer.
//!
//! `cargo bench --bench fairness` starts the release binary on a fresh SQLite file, and on PostgreSQL too when
//! `BENCH_POSTGRES_URL` names an empty database. It takes two minutes each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, or fails"
)]

mod harness;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use jitsi_lti::clock::{Clock as _, SystemClock};
use jitsi_lti::config::DatabaseUrl;
use jitsi_lti::db::{in_transaction, open};
use jitsi_lti::demo::lms::{AuthAnswer, Lms, LmsPerson, Visit};
use jitsi_lti::ids::{LinkId, PlatformId, Random, UserId};
use jitsi_lti::jobs::Pool;
use jitsi_lti::lti::store;
use reqwest::Client;

use harness::{Tool, millis, start_lms};

const PLATFORMS: usize = 20;
const HOSTS: usize = 1_000;
const MARKS: usize = 20;
const EVERY: Duration = Duration::from_secs(5);
const AT_MOST: Duration = Duration::from_secs(15);

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
    open_activity(&lms).await;
    let url = DatabaseUrl::parse(database).unwrap();
    let sql = |statement: &str| open(&url).unwrap().batch_execute(statement).unwrap();
    for number in 0..MARKS {
        lms.add_person(LmsPerson::student(&format!("learner{number}"), "Learner", &number.to_string()));
    }
    register_hostile(&url, &lms);
    sql(&hostile_work(silence()));
    let (cpu, mut waits) = (tool.cpu(), Vec::new());
    for number in 0..MARKS {
        let (before, begun) = (lms.received_scores().len(), Instant::now());
        sql(&a_learner_who_left(number));
        while lms.received_scores().len() == before {
            assert!(begun.elapsed() < AT_MOST, "grade {number} has not left within {AT_MOST:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waits.push(begun.elapsed());
        tokio::time::sleep(EVERY.saturating_sub(begun.elapsed())).await;
    }
    waits.sort();
    println!(
        "  {HOSTS} hosts that never answer: a grade leaves after {:.1} s (median), {:.1} s (worst); {:.1} ms CPU a second, \
         resident {:.1} MB",
        waits[MARKS / 2].as_secs_f64(),
        waits[MARKS - 1].as_secs_f64(),
        millis(tool.cpu().checked_sub(cpu).unwrap(), MARKS * 5),
        tool.resident(),
    );
}

/// One launch makes platform, course, link and room known, with the gradebook.
async fn open_activity(lms: &Lms) {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let login = lms.login_initiation(&Visit::new("tessa", "1")).unwrap();
    // A browser that has proven cookies to us: any other one gets a page first.
    let proven = client.post(&login.url).header("cookie", "__Host-room-x=1");
    let response = proven.form(&login.fields).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let target = url::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let params: Vec<(String, String)> = target.query_pairs().into_owned().collect();
    let AuthAnswer::Launch { url, fields } = lms.authorize(&params) else { panic!("the LMS refused") };
    let launched = client.post(url).header("cookie", cookie).form(&fields).send().await.unwrap();
    assert_eq!(launched.status(), 303);
}

/// A server that takes every connection and never says anything.
fn silence() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let held: Vec<_> = listener.incoming().collect();
        drop(held);
    });
    port
}

/// Platforms like the honest one, but for their issuers.
fn register_hostile(url: &DatabaseUrl, lms: &Lms) {
    let mut connection = open(url).unwrap();
    for number in 0..PLATFORMS {
        let mut platform = store::find(&mut connection, &lms.settings().issuer, "bench").unwrap().unwrap();
        platform.id = PlatformId::derived("hostile", number);
        platform.issuer = format!("https://hostile{number}.example");
        in_transaction(&mut connection, &SystemClock, &Random::System, |tx| {
            store::save(tx, &platform)?;
            store::add_deployment(tx, platform.id, "1")
        })
        .unwrap();
    }
}

/// An activity at each host, whose grade column is to be found there.
fn hostile_work(port: u16) -> String {
    let now = SystemClock.now().millis();
    let scope = "https://purl.imsglobal.org/spec/lti-ags/scope";
    let mut all = "BEGIN; INSERT INTO context (id, deployment_id, context_id, updated_at) \
         SELECT platform_id, deployment.id, '1', 0 FROM deployment JOIN platform ON platform.id = platform_id \
         WHERE issuer LIKE 'https://hostile%';"
        .to_owned();
    for number in 0..HOSTS {
        let platform = PlatformId::derived("hostile", number % PLATFORMS);
        let id = LinkId::derived("link", number);
        let host = format!("127.1.{}.{}:{port}", number / 250, number % 250 + 1);
        let queue = Pool::Grades.queue(platform, &host);
        all.push_str(&format!(
            "INSERT INTO resource_link (id, context_id, resource_link_id, updated_at, grade_service) VALUES \
             ('{id}', '{platform}', 'h{number}', 0, \
             '{{\"lineitems\":\"http://{host}/l\",\"lineitem\":null,\"scopes\":[\"{scope}/lineitem\",\"{scope}/score\"]}}');
             INSERT INTO room (id, jitsi_room, settings, created_at) VALUES ('{id}', 'h{number}', '{{}}', 0);
             INSERT INTO room_link (resource_link_id, group_key, room_id) VALUES ('{id}', '', '{id}');
             INSERT INTO line_item (resource_link_id, state, checked_at) VALUES ('{id}', 'looking', 0);
             INSERT INTO job (id, kind, subject, queue, generation, wanted_at, due_at, attempts, lease_until) VALUES \
             ('{id}', 'line-item', '{id}', '{queue}', 1, {now}, {now}, 0, 0);
             INSERT INTO job_queue (queue, platform, pool, served_at, paused_until, failures) VALUES \
             ('{queue}', '{platform}', 'grades', 0, 0, 0);"
        ));
    }
    for number in 0..PLATFORMS {
        all.push_str(&format!(
            "INSERT INTO job_share (platform, pool, served_at, since, spent) VALUES ('{}', 'grades', 0, 0, 0);",
            PlatformId::derived("hostile", number)
        ));
    }
    all.push_str("COMMIT;");
    all
}

/// Somebody of the honest platform whose time in class is over and not yet a grade.
fn a_learner_who_left(number: usize) -> String {
    let id = UserId::derived("learner", number);
    let begun = SystemClock.now().millis() - 4_000_000;
    let ended = begun + i64::try_from(number + 1).unwrap() * 60_000;
    let link = "FROM room_link JOIN resource_link ON resource_link.id = room_link.resource_link_id \
                WHERE resource_link.resource_link_id = '1'";
    format!(
        "BEGIN;
         INSERT INTO lti_user (id, platform_id, sub, pseudonym, name_key, status, created_at, updated_at) \
         SELECT '{id}', id, 'learner{number}', 'lp{number}', 'l', 'active', 0, 0 FROM platform \
         WHERE issuer NOT LIKE 'https://hostile%';
         INSERT INTO meeting SELECT '{id}', room_link.room_id, {begun}, {ended}, {ended} {link};
         INSERT INTO presence (id, meeting_id, room_id, resource_link_id, user_id, role, source, visit, joined, \
         last_seen, has_left, settled) SELECT '{id}', '{id}', room_id, resource_link_id, '{id}', \
         'participant', 'heartbeat', 'l{number}', {begun}, {ended}, TRUE, FALSE FROM room_link WHERE resource_link_id IN \
         (SELECT id FROM resource_link WHERE resource_link_id = '1');
         COMMIT;"
    )
}
