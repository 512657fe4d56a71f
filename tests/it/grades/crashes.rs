//! The process dies at any moment: no grade is lost, none older replaces a newer one, and presence loses a second at most.
//!
//! `CRASH_ROUNDS=100 tests/run grades::crashes` kills a hundred times; without it a few times.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use jitsi_lti::clock::{Clock as _, SystemClock};
use jitsi_lti::db::{DbError, open};
use jitsi_lti::demo::lms::{Lms, LmsActivity, LmsPerson};
use jitsi_lti::ids::Random;
use serde_json::json;

use crate::support::{
    Backend, Browser, Room, Serving, Shell, Site, Storage, eventually, form, free_port, lms_settings,
    on_both, redis_url,
};

on_both!(whoever_dies_whenever_every_grade_arrives);

const ACTIVITIES: usize = 12;
const LEARNERS: usize = 6;
/// A heartbeat that was answered so long before the end of the process is in the database.
const LOST_AT_MOST: Duration = Duration::from_millis(1500);
/// Pages may say that they are there once a second.
const BEAT_EVERY: Duration = Duration::from_millis(1100);

/// How long the process lives after a change: at most a second.
fn any_moment() -> Duration {
    let [part] = Random::System.bytes::<1>();
    Duration::from_millis(u64::from(part) * 4)
}

async fn whoever_dies_whenever_every_grade_arrives(backend: Backend) {
    let asked = std::env::var_os("CRASH_ROUNDS").and_then(|text| text.to_str()?.parse().ok());
    let rounds: usize = asked.unwrap_or(8);
    let mut scene = Scene::set(backend).await;
    scene.everybody_was_in_class().await;
    let beats = Beats::begin(&scene).await;
    let mut target = 0;
    for round in 0..rounds {
        target = 20 + (round * 7) % 40;
        scene.change_target(target, round).await;
        tokio::time::sleep(any_moment()).await;
        scene.kill(round, &beats).await;
    }
    scene.change_target(target + 1, 0).await;
    scene.every_grade_is_the_last_one(target + 1).await;
    beats.end().await;
}

struct Scene {
    backend: Backend,
    lms: Lms,
    _site: Site,
    storage: Storage,
    shell: Shell,
    base_url: String,
    ports: Vec<u16>,
    serving: Vec<Option<Serving>>,
    teacher: Browser,
    rooms: Vec<Room>,
    /// When the process that hears the heartbeats was started last.
    alive_since: i64,
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Text)]
    sub: String,
    #[diesel(sql_type = BigInt)]
    last_seen: i64,
}

impl Scene {
    /// A platform with twelve activities, and one process on SQLite, two on PostgreSQL.
    async fn set(backend: Backend) -> Self {
        let storage = Storage::empty(backend);
        let processes = if backend == Backend::Postgres { 2 } else { 1 };
        let ports: Vec<u16> = (0..processes).map(|_| free_port()).collect();
        let base_url = format!("http://localhost:{}", ports[0]);
        // Gradebooks get several addresses of this machine, and so several queues.
        let place = TcpListener::bind(("0.0.0.0", 0)).unwrap();
        let issuer = format!("http://127.0.0.1:{}", place.local_addr().unwrap().port());
        let lms = Lms::new(lms_settings(&issuer, &base_url), Arc::new(SystemClock), Random::System).unwrap();
        let site = Site::serve(place, lms.routes());
        let mut shell = Shell::at(&storage.url()).with("JITSI_LTI_LOG", "error");
        if backend == Backend::Postgres {
            shell = shell.with("JITSI_LTI_REDIS_URL", &redis_url());
        }
        shell.adds(&lms);
        shell.does(&["server", "add", "--name", "open", "--kind", "public", "--domain", "meet.example.org"]);
        let mut serving = Vec::new();
        for port in &ports {
            serving.push(Some(shell.serves(*port, &base_url).await));
        }
        let teacher = Browser::new(&base_url, lms.clone());
        let mut scene = Self {
            backend,
            lms,
            _site: site,
            storage,
            shell,
            base_url,
            ports,
            serving,
            teacher,
            rooms: Vec::new(),
            alive_since: 0,
        };
        scene.enrol().await;
        scene
    }

    async fn enrol(&mut self) {
        for number in 0..ACTIVITIES {
            let activity =
                self.lms.add_activity(LmsActivity::new("101", &format!("Class {number}"))).unwrap();
            let room = self.teacher.launches("tessa", &activity.id).await.assert_enters();
            for learner in 0..LEARNERS {
                let id = format!("c{number}-l{learner}");
                self.lms.add_person(LmsPerson::student(&id, &id, "Learner"));
                Browser::new(&self.base_url, self.lms.clone())
                    .launches(&id, &activity.id)
                    .await
                    .assert_enters();
            }
            self.rooms.push(room);
        }
    }

    fn sql(&self, statement: &str) {
        open(&self.storage.database()).unwrap().batch_execute(statement).unwrap();
    }

    /// Yesterday every learner was in class, each for another time.
    async fn everybody_was_in_class(&self) {
        let yesterday = SystemClock.now().millis() - 86_400_000;
        let end = yesterday + 3_600_000;
        self.sql(&format!(
            "INSERT INTO meeting SELECT id, id, {yesterday}, {end}, {end} FROM room;
             INSERT INTO presence (id, meeting_id, room_id, resource_link_id, user_id, role, source, visit,
                 joined, last_seen, has_left, settled)
             SELECT u.id, r.room_id, r.room_id, r.resource_link_id, u.id, 'participant', 'heartbeat', u.id,
                 {yesterday}, {yesterday} + 60000 * (3 + 3 * CAST(substr(u.sub, length(u.sub), 1) AS INTEGER)), TRUE, FALSE
             FROM lti_user u
             JOIN membership ON membership.user_id = u.id
             JOIN room_link r ON TRUE
             JOIN resource_link l ON l.id = r.resource_link_id
             WHERE u.sub LIKE 'c%' AND l.title = 'Class ' || substr(u.sub, 2, length(u.sub) - 4)"
        ));
        // Private addresses are served at the hosts of the registration alone.
        self.sql(
            "UPDATE platform SET token_audience = COALESCE(token_audience, token_url),
                 auth_url = REPLACE(auth_url, '127.0.0.1:', '127.0.1.1:'),
                 token_url = REPLACE(token_url, '127.0.0.1:', '127.0.1.2:'),
                 jwks_url = REPLACE(jwks_url, '127.0.0.1:', '127.0.1.3:')",
        );
        for number in 0..ACTIVITIES {
            let host = format!("127.0.1.{}:", 1 + number % 3);
            self.sql(&format!(
                "UPDATE resource_link SET grade_service = REPLACE(grade_service, '127.0.0.1:', '{host}') WHERE title = 'Class {number}';
                 UPDATE line_item SET url = REPLACE(url, '127.0.0.1:', '{host}') WHERE resource_link_id IN
                     (SELECT id FROM resource_link WHERE title = 'Class {number}')"
            ));
        }
        self.wait("everybody has a first grade", |lms| {
            lms.received_scores().iter().filter(|score| score.status == 200).count() >= ACTIVITIES * LEARNERS
        })
        .await;
    }

    async fn wait(&self, what: &str, is_so: impl Fn(&Lms) -> bool) {
        eventually(what, async || is_so(&self.lms)).await;
    }

    /// The teacher changes the target of every class: every learner's grade changes.
    async fn change_target(&self, target: usize, round: usize) {
        let origin = format!("http://localhost:{}", self.ports[round % self.ports.len()]);
        for room in &self.rooms {
            let path = format!("{}/settings", room.path());
            let csrf = self.teacher.opens_at(&origin, &path).await.field("csrf");
            let change = form(&[("csrf", &csrf), ("target", &target.to_string()), ("send", "auto")]);
            assert_eq!(self.teacher.submits_at(&origin, &path, &change).await.status, 303);
        }
    }

    /// kill -9, a look at what is stored, and a new start.
    async fn kill(&mut self, round: usize, beats: &Beats) {
        let victims: Vec<usize> = match (self.backend, round % 5) {
            (Backend::Postgres, 4) => vec![0, 1],
            (Backend::Postgres, _) => vec![round % 2],
            (Backend::Sqlite, _) => vec![0],
        };
        let died = SystemClock.now().millis();
        for victim in &victims {
            self.serving[*victim].take().unwrap().dies();
        }
        if victims.contains(&0) {
            self.presence_is_there(beats, (self.alive_since, died));
        }
        if victims.contains(&0) {
            self.alive_since = SystemClock.now().millis();
        }
        for victim in victims {
            self.serving[victim] = Some(self.shell.serves(self.ports[victim], &self.base_url).await);
        }
    }

    /// Every heartbeat that was answered a moment before the process died is in the database.
    fn presence_is_there(&self, beats: &Beats, (alive_since, died): (i64, i64)) {
        let query = "SELECT lti_user.sub AS sub, MAX(presence.last_seen) AS last_seen FROM presence \
             JOIN lti_user ON lti_user.id = presence.user_id WHERE presence.visit <> lti_user.id GROUP BY lti_user.sub";
        let stored: Result<Vec<Seen>, DbError> = diesel::sql_query(query)
            .load(&mut open(&self.storage.database()).unwrap())
            .map_err(DbError::from);
        let stored = stored.unwrap();
        let safe = died - i64::try_from(LOST_AT_MOST.as_millis()).unwrap();
        for (sub, sent) in beats.answered.lock().unwrap().iter() {
            let of_this_life = sent.iter().filter(|(at, answered)| *at >= alive_since && *answered <= safe);
            let Some((must, _)) = of_this_life.max() else {
                continue;
            };
            let kept = stored.iter().find(|seen| seen.sub == *sub).map_or(0, |seen| seen.last_seen);
            assert!(kept >= *must, "{sub}: a heartbeat {} ms before the end is lost", died - must);
        }
    }

    /// Every learner's last accepted score is the wanted one, and each was newer than the one before.
    async fn every_grade_is_the_last_one(&self, target: usize) {
        let wanted = |learner: usize| {
            let minutes = (3 + 3 * learner).min(target);
            (minutes as f64 * 10_000.0 / target as f64).round() / 100.0
        };
        let column = |number: usize| {
            let label = format!("Class {number}");
            self.lms.line_items("101").into_iter().find(|item| item.label == label).unwrap().id
        };
        let columns: Vec<String> = (0..ACTIVITIES).map(column).collect();
        self.wait("every grade is the wanted one", |lms| {
            (0..ACTIVITIES).all(|number| {
                (0..LEARNERS).all(|learner| {
                    let held = lms.grade(&columns[number], &format!("c{number}-l{learner}"));
                    held.and_then(|grade| grade.shown())
                        .is_some_and(|shown| (shown - wanted(learner)).abs() < 0.005)
                })
            })
        })
        .await;
        for (number, column) in columns.iter().enumerate() {
            for learner in 0..LEARNERS {
                self.each_is_newer(column, &format!("c{number}-l{learner}"));
            }
        }
    }

    fn each_is_newer(&self, column: &str, person: &str) {
        let received = self.lms.received_scores();
        let of_person =
            received.iter().filter(|score| score.line_item == column && score.body["userId"] == person);
        let taken = of_person.filter(|score| score.status == 200);
        let stamps: Vec<&str> = taken.map(|score| score.body["timestamp"].as_str().unwrap()).collect();
        let seconds: Vec<&str> = stamps.iter().map(|stamp| &stamp[..19]).collect();
        assert!(seconds.is_sorted_by(|left, right| left < right), "{person}: {stamps:?}");
    }
}

/// By person, when each heartbeat was sent, and when it was answered.
type Answered = Arc<Mutex<Vec<(String, Vec<(i64, i64)>)>>>;

/// Three learners who are in class all the time, each page saying so every 1.1 seconds.
struct Beats {
    answered: Answered,
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Beats {
    async fn begin(scene: &Scene) -> Self {
        let answered = Answered::default();
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for number in 0..3 {
            let sub = format!("beat-{number}");
            scene.lms.add_person(LmsPerson::student(&sub, &sub, "Present"));
            let browser = Browser::new(&scene.base_url, scene.lms.clone());
            let activity =
                scene.lms.activities().iter().find(|one| one.title == "Class 0").unwrap().id.clone();
            let room = browser.launches(&sub, &activity).await.assert_enters();
            let config = browser.joins(&room).await.meeting_config();
            answered.lock().unwrap().push((sub, Vec::new()));
            let beat = json!({ "presence_token": config["presence"]["token"], "event": "beat" }).to_string();
            let (answered, stop) = (Arc::clone(&answered), Arc::clone(&stop));
            tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let at = SystemClock.now().millis();
                    let sent = browser
                        .raw("POST", &format!("{}/presence", room.path()))
                        .header("content-type", "application/json")
                        .header("sec-fetch-site", "same-origin")
                        .body(beat.clone())
                        .send()
                        .await;
                    if sent.is_ok_and(|answer| answer.status().as_u16() == 204) {
                        answered.lock().unwrap()[number].1.push((at, SystemClock.now().millis()));
                    }
                    tokio::time::sleep(BEAT_EVERY).await;
                }
            }));
        }
        Self { answered, stop, tasks }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        for (sub, sent) in self.answered.lock().unwrap().iter() {
            assert!(sent.len() > 3, "{sub} was hardly ever heard");
        }
    }
}
