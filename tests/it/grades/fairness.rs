//! Turns: whatever a slow or hostile platform does, everybody else's grades go out in seconds. Told with a clock that the
//! story moves, over the queries that the runner uses.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;
use jitsi_lti::clock::{FakeClock, Timestamp};
use jitsi_lti::db::{DbConnection, DbError, Tx, in_transaction, open};
use jitsi_lti::ids::Random;
use jitsi_lti::jobs::{Claim, Disposition, JobRequest, Pool, store};

use crate::support::{Backend, NOW, Storage, on_both};

on_both!(
    a_thousand_hostile_lanes_hold_up_nobody,
    a_thousand_lanes_that_answer_slowly_hold_up_nobody,
    lists_never_take_the_slots_of_grades,
    a_platform_s_lists_have_their_hour_and_no_more,
    a_clock_of_ours_that_was_ahead_holds_up_nothing,
    the_look_at_what_waits_uses_the_indices,
);

const HOSTILE_PLATFORMS: usize = 20;
const HOSTS_OF_EACH: usize = 50;
const STEP: Duration = Duration::from_millis(500);
const AT_MOST: Duration = Duration::from_secs(15);

/// What a platform does with a job.
type Manners = fn(&Claim) -> (Duration, Disposition);

struct Queue {
    connection: DbConnection,
    _storage: Storage,
    now: Timestamp,
    running: Vec<(Claim, Timestamp, Disposition)>,
    begun: Vec<(String, Timestamp)>,
}

impl Queue {
    fn new(backend: Backend) -> Self {
        let storage = Storage::new(backend);
        Self {
            connection: open(&storage.database()).unwrap(),
            _storage: storage,
            now: Timestamp::from_secs(NOW),
            running: Vec::new(),
            begun: Vec::new(),
        }
    }

    fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> T {
        in_transaction(&mut self.connection, &FakeClock::new(self.now), &Random::System, work).unwrap()
    }

    fn wants(&mut self, kind: &'static str, subject: &str, queue: &str) {
        let now = self.now;
        let wish = JobRequest { kind, subject, queue, due: now };
        self.write(|tx| store::enqueue(tx, &wish));
    }

    /// Every host of every hostile platform has work for us.
    fn fills(&mut self, kind: &'static str, pool: Pool) {
        let now = self.now;
        self.write(|tx| {
            for number in 0..HOSTILE_PLATFORMS * HOSTS_OF_EACH {
                let platform = format!("hostile{}", number % HOSTILE_PLATFORMS);
                let queue = pool.queue(&platform, &format!("h{number}.example"));
                let subject = format!("{kind} {number}");
                let wish = JobRequest { kind, subject: &subject, queue: &queue, due: now };
                store::enqueue(tx, &wish)?;
            }
            Ok(())
        });
    }

    /// What a runner does in half a second: ends what is over, keeps what runs, and takes what may begin.
    fn step(&mut self, pool: Pool, manners: Manners) {
        self.now = self.now.plus(STEP);
        let now = self.now;
        let (over, running): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.running).into_iter().partition(|(_, end, _)| *end <= now);
        self.write(|tx| {
            for (claim, _, disposition) in &over {
                let is_well = *disposition == Disposition::Done;
                assert!(store::end(tx, claim, *disposition, is_well)?, "{claim:?}");
            }
            for (claim, ..) in &running {
                assert!(store::renew(tx, claim)?);
            }
            Ok(())
        });
        self.running = running;
        loop {
            let room = pool.limits().room(self.running.iter().map(|(claim, ..)| now.since(claim.begun)));
            let lease = Random::System.letters_and_digits(16);
            let claims = self.write(|tx| store::claim(tx, pool, &lease, room));
            if claims.is_empty() {
                return;
            }
            for claim in claims {
                let (takes, disposition) = manners(&claim);
                self.begun.push((claim.subject.clone(), now));
                self.running.push((claim, now.plus(takes), disposition));
            }
        }
    }

    fn began(&self, subject: &str) -> Option<Timestamp> {
        self.begun.iter().find(|(one, _)| one == subject).map(|(_, at)| *at)
    }

    /// An honest platform has a grade every five seconds, among the others; each must begin soon.
    fn honest_grades_begin_soon(&mut self, manners: Manners, refills: bool) {
        self.fills("score", Pool::Grades);
        let mut honest: Vec<(String, Timestamp)> = Vec::new();
        for step in 0..120 {
            if step % 10 == 0 {
                let subject = format!("honest {step}");
                self.wants("score", &subject, &Pool::Grades.queue("honest", "lms.example"));
                honest.push((subject, self.now));
            }
            if refills && step % 40 == 0 {
                self.fills("score", Pool::Grades);
            }
            self.step(Pool::Grades, manners);
        }
        for (subject, wanted) in honest {
            let began = self.began(&subject).unwrap_or(self.now);
            assert!(began.since(wanted) <= AT_MOST, "{subject} waited {:?}", began.since(wanted));
        }
        let hostile = self.begun.iter().filter(|(subject, _)| subject.starts_with("score")).count();
        assert!(hostile > 100, "the hostile have their turns too: {hostile}");
    }
}

fn is_honest(claim: &Claim) -> bool {
    claim.queue.starts_with("honest")
}

const BRIEFLY: (Duration, Disposition) = (Duration::from_millis(200), Disposition::Done);

async fn a_thousand_hostile_lanes_hold_up_nobody(backend: Backend) {
    Queue::new(backend).honest_grades_begin_soon(
        |claim| {
            let fails = Disposition::Again { reason: "unreachable", shared: true, after: None };
            if is_honest(claim) { BRIEFLY } else { (Duration::from_secs(25), fails) }
        },
        false,
    );
}

async fn a_thousand_lanes_that_answer_slowly_hold_up_nobody(backend: Backend) {
    Queue::new(backend).honest_grades_begin_soon(
        |claim| if is_honest(claim) { BRIEFLY } else { (Duration::from_secs(20), Disposition::Done) },
        true,
    );
}

async fn lists_never_take_the_slots_of_grades(backend: Backend) {
    let mut queue = Queue::new(backend);
    queue.fills("participants", Pool::Lists);
    let endless: Manners = |_| (Duration::from_secs(120), Disposition::Done);
    for _ in 0..10 {
        queue.step(Pool::Lists, endless);
    }
    let lists = queue.running.len();
    assert_eq!(lists, Pool::Lists.limits().most, "as many lists at a time as may be");
    let of_one = queue.running.iter().filter(|(claim, ..)| claim.queue.starts_with("hostile7 ")).count();
    assert!(of_one <= 3, "{of_one} of one platform");
    // The same host, even: its grades do not wait for its lists.
    queue.running.clear();
    queue.wants("score", "grade", &Pool::Grades.queue("hostile7", "h7.example"));
    queue.step(Pool::Grades, |_| BRIEFLY);
    assert_eq!(queue.began("grade"), Some(queue.now));
}

async fn a_platform_s_lists_have_their_hour_and_no_more(backend: Backend) {
    let mut queue = Queue::new(backend);
    let slow: Manners =
        |claim| if is_honest(claim) { BRIEFLY } else { (Duration::from_secs(1_300), Disposition::Done) };
    for list in 0..3 {
        queue.wants(
            "participants",
            &format!("slow {list}"),
            &Pool::Lists.queue("slow", &format!("h{list}.example")),
        );
    }
    queue.step(Pool::Lists, slow);
    // 65 minutes of work, side by side.
    while queue.running.iter().any(|(_, end, _)| *end > queue.now) {
        queue.now = queue.now.plus(5 * STEP);
        queue.step(Pool::Lists, slow);
    }
    queue.wants("participants", "slow last", &Pool::Lists.queue("slow", "h0.example"));
    queue.wants("participants", "quick", &Pool::Lists.queue("honest", "lms.example"));
    queue.step(Pool::Lists, slow);
    assert_eq!((queue.began("slow last"), queue.began("quick")), (None, Some(queue.now)));
    queue.step(Pool::Lists, slow);
    queue.now = queue.now.plus(Duration::from_secs(3_600));
    queue.step(Pool::Lists, slow);
    assert_eq!(queue.began("slow last"), Some(queue.now));
}

async fn a_clock_of_ours_that_was_ahead_holds_up_nothing(backend: Backend) {
    let mut queue = Queue::new(backend);
    let at_home = Pool::Grades.queue("honest", "lms.example");
    queue.wants("score", "grade", &at_home);
    queue.write(|tx| {
        diesel::sql_query("UPDATE job SET due_at = 2111111111111").execute(tx.connection)?;
        diesel::sql_query("UPDATE job_queue SET paused_until = 2111111111111").execute(tx.connection)?;
        // And what nobody ever saw, but could be.
        Ok(diesel::sql_query(
            "INSERT INTO job (id, kind, subject, queue, generation, wanted_at, due_at, attempts, lease_until) \
             VALUES ('j', 'score', 'stray', 'lost lms.example', 1, 0, 0, 0, 0)",
        )
        .execute(tx.connection)?)
    });
    queue.step(Pool::Grades, |_| BRIEFLY);
    assert_eq!((queue.began("grade"), queue.began("stray")), (None, None));
    queue.write(store::tidy);
    queue.step(Pool::Grades, |_| BRIEFLY);
    assert_eq!((queue.began("grade"), queue.began("stray")), (Some(queue.now), Some(queue.now)));
    // Lanes in which nothing happens any more are forgotten.
    queue.step(Pool::Grades, |_| BRIEFLY);
    let tomorrow = queue.now.plus(Duration::from_secs(25 * 3_600));
    queue.now = tomorrow;
    queue.write(store::tidy);
    let left = diesel::sql_query("DELETE FROM job_queue");
    assert_eq!(queue.write(|tx| Ok(left.execute(tx.connection)?)), 0);
}

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    detail: String,
}

async fn the_look_at_what_waits_uses_the_indices(backend: Backend) {
    let mut queue = Queue::new(backend);
    queue.fills("score", Pool::Grades);
    let now = queue.now.millis();
    let due = format!(
        "SELECT queue FROM job_queue WHERE EXISTS (SELECT 1 FROM job WHERE job.queue = job_queue.queue \
         AND job.due_at <= {now} AND job.lease_until <= {now})"
    );
    let running = format!("SELECT queue FROM job WHERE lease IS NOT NULL AND lease_until > {now}");
    for (query, index) in [(due, "job_due"), (running, "job_running")] {
        let plan: Vec<String> = queue.write(|tx| match backend {
            Backend::Sqlite => {
                let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}"));
                Ok(steps.load::<SqliteStep>(tx.connection)?.into_iter().map(|step| step.detail).collect())
            }
            Backend::Postgres => {
                // A small table is read whole, however well its rows could be found.
                for way in ["seqscan", "hashjoin", "mergejoin"] {
                    diesel::sql_query(format!("SET LOCAL enable_{way} = off")).execute(tx.connection)?;
                }
                let steps = diesel::sql_query(format!("EXPLAIN {query}"));
                Ok(steps.load::<PostgresStep>(tx.connection)?.into_iter().map(|step| step.detail).collect())
            }
        });
        assert!(plan.join("\n").contains(index), "{plan:#?}");
    }
}
