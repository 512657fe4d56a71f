//! What a login, a launch and a room page cost: CPU time of the serving process, not wall time.
//!
//! `cargo bench --bench launch` starts the release binary on a fresh SQLite file, and on PostgreSQL too when
//! `BENCH_POSTGRES_URL` names an empty database; the built-in LMS makes the launches beforehand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, or fails"
)]

mod harness;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use futures::StreamExt as _;
use jitsi_lti::clock::{Clock as _, SystemClock, Timestamp};
use jitsi_lti::config::DatabaseUrl;
use jitsi_lti::db::open;
use jitsi_lti::demo::jws::{KeyPair, SignWith, sign};
use jitsi_lti::demo::lms::{AuthAnswer, Lms, LmsPerson, Visit};
use jitsi_lti::ids::{PlatformId, Random};
use jitsi_lti::jitsi::controls::Audiences;
use jitsi_lti::jitsi::kinds::{ServerKind, TokenRules, TokenSigning};
use jitsi_lti::jitsi::token::Participant;
use jitsi_lti::lti::launch::id_token::{PlatformKey, UnverifiedToken};
use jitsi_lti::lti::launch::role_rules::RoleRules;
use jitsi_lti::lti::registration::platform::{Platform, Status};
use jitsi_lti::outbound::NetworkPolicy;
use jitsi_lti::signing::{Signer, generate_key_pair};
use openssl::hash::MessageDigest;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Response};
use serde_json::json;
use url::Url;

use harness::{Tool, millis, postgres_cpu, report, start_lms};

const PEOPLE: usize = 3_000;
const AT_ONCE: usize = 16;

fn main() {
    actix_web::rt::System::new().block_on(async {
        signing();
        let verification = verifying();
        let folder =
            std::env::temp_dir().join(format!("jitsi-lti-bench-{}", Random::System.letters_and_digits(8)));
        fs::create_dir(&folder).unwrap();
        measure(
            "SQLite FULL",
            &format!("sqlite://{}/bench.sqlite3", folder.display()),
            &folder,
            verification,
        )
        .await;
        match std::env::var_os("BENCH_POSTGRES_URL") {
            Some(url) => measure("PostgreSQL", &url.to_string_lossy(), &folder, verification).await,
            None => println!("PostgreSQL: not measured, BENCH_POSTGRES_URL is not set"),
        }
        fs::remove_dir_all(&folder).unwrap();
    });
}

fn signing() {
    let kind = ServerKind::SelfHosted(TokenRules {
        app_id: "bench".into(),
        audience: "jitsi".into(),
        subject: "meet.example.org".into(),
        signing: TokenSigning::Secret,
    });
    let participant = Participant {
        room: "kbench".into(),
        user_id: "p".into(),
        name: "Ana Ruiz".into(),
        avatar: None,
        controls: Audiences::default().of(true),
        ends: None,
        group: "g".into(),
    };
    let pem = generate_key_pair().unwrap().private;
    let signers = [
        ("room token, HS256", Signer::shared_secret("a secret of usual length").unwrap(), 50_000),
        ("room token, RS256", Signer::private_key(&pem, "k").unwrap(), 3_000),
    ];
    for (name, signer, rounds) in signers {
        let before = thread_cpu();
        for _ in 0..rounds {
            let claims = kind.claims(&participant, Timestamp::from_secs(1)).unwrap();
            std::hint::black_box(signer.sign(&claims).unwrap());
        }
        report(name, thread_cpu() - before, rounds, "");
    }
}

/// An id_token of usual size, proved as at every launch; the platform's key is at hand. Returns what one costs: V, in which
/// the other figures are told too, since ratios hold on any machine.
fn verifying() -> Duration {
    let pair = KeyPair::generate().unwrap();
    let now = SystemClock.now();
    let core = |name: &str| format!("https://purl.imsglobal.org/spec/lti/claim/{name}");
    let claims = json!({
        "iss": "https://lms.example.org", "aud": "bench", "sub": "7", "nonce": "n", "name": "Ana Ruiz",
        "iat": now.secs(), "exp": now.secs() + 60, "email": "ana@example.org",
        core("roles"): ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        core("context"): { "id": "2", "label": "ALG1", "title": "Algebra 1" },
        core("resource_link"): { "id": "2", "title": "Live class" },
        core("custom"): { "a": "x".repeat(600) },
    });
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": pair.kid() });
    let token =
        sign(&header, &claims.to_string(), &SignWith::Rsa(pair.private(), MessageDigest::sha256())).unwrap();
    let key = PlatformKey::from_jwk(&pair.jwk().unwrap()).unwrap();
    let url = Url::parse("https://lms.example.org/x").unwrap();
    let platform = Platform {
        id: PlatformId::NONE,
        name: "p".into(),
        issuer: "https://lms.example.org".into(),
        client_id: "bench".into(),
        auth_url: url.clone(),
        token_url: url.clone(),
        jwks_url: url,
        token_audience: None,
        policy: NetworkPolicy::Public,
        status: Status::Active,
        family: None,
        allows_anonymous: false,
        frames: Vec::new(),
        role_rules: RoleRules::default(),
        keys_since: Timestamp::from_millis(0),
        approves_deployments: false,
    };
    let before = thread_cpu();
    for _ in 0..10_000 {
        let unverified = UnverifiedToken::parse(&token).unwrap();
        std::hint::black_box(unverified.verify(&platform, &key, "n", now).unwrap());
    }
    let spent = thread_cpu() - before;
    report("id_token, parsed and verified", spent, 10_000, "  = V");
    spent / 10_000
}

async fn measure(name: &str, database: &str, folder: &Path, verification: Duration) {
    println!("\n{name}");
    let tool_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let lms = start_lms(tool_port);
    let tool = Tool::start(tool_port, database, folder, &lms).await;
    println!(
        "  start to first answer {:>8.0} ms   resident idle {:.1} MB",
        tool.started_in.as_secs_f64() * 1e3,
        tool.resident()
    );
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();

    // Warm: one launch makes course, link and room, and fetches the platform's keys.
    let in_verifications = |spent: Duration| {
        let each = spent.as_secs_f64() / f64::from(u32::try_from(PEOPLE).unwrap());
        format!("  = {:.1} V", each / verification.as_secs_f64())
    };
    let tell = |name: &str, spent: Duration, note: &str| {
        report(name, spent, PEOPLE, &format!("{}{note}", in_verifications(spent)));
    };
    let warm = launches(&client, &lms, &tool, std::iter::once("warm".to_owned()).collect()).await;
    enter(&client, &tool, warm).await;

    // A school that is in use: the database knows how large its tables are.
    let others =
        launches(&client, &lms, &tool, (0..PEOPLE).map(|number| format!("other{number}")).collect()).await;
    enter(&client, &tool, others).await;
    analyze(database);

    let people: Vec<String> = (0..PEOPLE).map(|number| format!("p{number}")).collect();
    let (before, database_before) = (tool.cpu(), postgres_cpu());
    let first = launches(&client, &lms, &tool, people.clone()).await;
    tell("login", tool.cpu() - before, &database_share(database_before, PEOPLE));

    let (before, database_before) = (tool.cpu(), postgres_cpu());
    let sessions = enter(&client, &tool, first).await;
    tell("first launch", tool.cpu() - before, &database_share(database_before, PEOPLE));

    let again = launches(&client, &lms, &tool, people).await;
    let (before, database_before) = (tool.cpu(), postgres_cpu());
    enter(&client, &tool, again).await;
    let launch = tool.cpu() - before;
    tell("returning launch", launch, &database_share(database_before, PEOPLE));

    let (before, database_before) = (tool.cpu(), postgres_cpu());
    visit(&client, sessions).await;
    let page = tool.cpu() - before;
    tell("room page", page, &database_share(database_before, PEOPLE));
    tell("returning launch + room page", launch + page, "");
    println!("  resident under load {:>10.1} MB", tool.resident());
}

/// What PostgreSQL's autovacuum does by itself within a minute; SQLite has no such thing, and the tool asks for none.
fn analyze(database: &str) {
    if let url @ DatabaseUrl::Postgres(_) = DatabaseUrl::parse(database).unwrap() {
        open(&url).unwrap().batch_execute("ANALYZE").unwrap();
    }
}

/// A launch that only needs to be posted.
struct Launch {
    url: String,
    fields: Vec<(String, String)>,
    cookie: String,
}

/// Begins a login for each person, and lets the LMS answer.
async fn launches(client: &Client, lms: &Lms, tool: &Tool, people: Vec<String>) -> Vec<Launch> {
    for id in &people {
        lms.add_person(LmsPerson::student(id, "Student", id));
    }
    let begin = |id: String| async move {
        let login = lms.login_initiation(&Visit::new(&id, "1")).unwrap();
        // A browser that has proven cookies to us: any other one gets a page first.
        let proven = client.post(&login.url).header(COOKIE, "__Host-room-x=1");
        let response = proven.form(&login.fields).send().await.unwrap();
        assert_eq!(response.status(), 302);
        let cookie = first_cookie(&response);
        let target = Url::parse(response.headers()[LOCATION].to_str().unwrap()).unwrap();
        (target, cookie)
    };
    let begun: Vec<_> = futures::stream::iter(people).map(begin).buffer_unordered(AT_ONCE).collect().await;
    let _ = tool;
    begun.into_iter().map(|(target, cookie)| authorize(lms, &target, cookie)).collect()
}

fn authorize(lms: &Lms, target: &Url, cookie: String) -> Launch {
    let params: Vec<(String, String)> = target.query_pairs().into_owned().collect();
    match lms.authorize(&params) {
        AuthAnswer::Launch { url, fields } => Launch { url, fields, cookie },
        _ => panic!("the LMS refused"),
    }
}

/// Posts the launches; gives the address and cookie of each room.
async fn enter(client: &Client, tool: &Tool, launches: Vec<Launch>) -> Vec<(String, String)> {
    let post = |launch: Launch| async move {
        let response =
            client.post(&launch.url).header(COOKIE, launch.cookie).form(&launch.fields).send().await.unwrap();
        assert_eq!(response.status(), 303, "{}", response.text().await.unwrap());
        let room = format!("{}{}", tool.url, response.headers()[LOCATION].to_str().unwrap());
        (room, first_cookie(&response))
    };
    futures::stream::iter(launches).map(post).buffer_unordered(AT_ONCE).collect().await
}

async fn visit(client: &Client, sessions: Vec<(String, String)>) {
    let get = |(room, cookie): (String, String)| async move {
        let response = client.get(room).header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap()
    };
    futures::stream::iter(sessions).map(get).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

fn first_cookie(response: &Response) -> String {
    let line = response.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
    line.split(';').next().unwrap().to_owned()
}

/// CPU time of this thread, from the kernel's scheduler.
fn thread_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn database_share(before: Duration, rounds: usize) -> String {
    let spent = postgres_cpu().saturating_sub(before);
    if spent.is_zero() { String::new() } else { format!("  + {:.3} ms in PostgreSQL", millis(spent, rounds)) }
}
