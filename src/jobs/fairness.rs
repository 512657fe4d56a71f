//! Whose turn it is: a pure computation over the queues that wait and the jobs that run.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::time::Duration;

use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};

/// Jobs that share slots and a thread. Nobody's lists ever keep anybody's grades waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::Pool)]
pub enum Pool {
    /// Short work that people wait for: scores, and the columns that they go to.
    Grades,
    /// Reading what a platform tells page by page, and everything else that may take its time.
    Lists,
}

stored_as_word!(Pool, columns::Pool);

impl Pool {
    /// Every pool there is.
    pub const ALL: [Self; 2] = [Self::Grades, Self::Lists];

    /// The pool that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pool| pool.word() == word)
    }

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grades => "grades",
            Self::Lists => "lists",
        }
    }

    /// Names the queue of a platform's host in this pool.
    pub fn queue(self, platform: impl Display, host: &str) -> String {
        match self {
            Self::Grades => format!("{platform} {host}"),
            Self::Lists => format!("{platform} {host} {}", self.word()),
        }
    }

    /// The pool and the platform that a queue's name tells.
    pub fn of_queue(queue: &str) -> (Self, &str) {
        let mut parts = queue.split(' ');
        let platform = parts.next().unwrap_or_default();
        let is_list = parts.nth(1) == Some(Self::Lists.word());
        (if is_list { Self::Lists } else { Self::Grades }, platform)
    }

    /// Returns what one pool allows at a time.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Grades => Limits {
                per_queue: 4,
                per_platform: 8,
                failing: 16,
                failing_per_platform: 4,
                young: 32,
                most: 256,
                budget: None,
            },
            Self::Lists => Limits {
                per_queue: 2,
                per_platform: 3,
                failing: 6,
                failing_per_platform: 1,
                young: 12,
                most: 24,
                budget: Some(Duration::from_secs(60 * 60)),
            },
        }
    }
}

/// What a pool allows at a time. `young` and `most` count in each process, the others in all together.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Jobs of one queue.
    pub per_queue: i64,
    /// Jobs of one platform, whatever hosts it names.
    pub per_platform: i64,
    /// Jobs that find out whether a service in trouble is back.
    pub failing: i64,
    /// Of these, those of one platform.
    pub failing_per_platform: i64,
    /// Jobs that began less than [`YOUNG`] ago: a slow service gives its slots back before it answers.
    pub young: usize,
    /// All jobs.
    pub most: usize,
    /// The time that a platform's jobs may take in each [`BUDGET_WINDOW`], added up.
    pub budget: Option<Duration>,
}

/// A job is not counted as slow for so long.
pub const YOUNG: Duration = Duration::from_secs(3);
/// A platform's budget of time is for so long.
pub const BUDGET_WINDOW: Duration = Duration::from_secs(60 * 60);

impl Limits {
    /// How many jobs a process may take up whose running ones have these ages.
    pub fn room(&self, ages: impl Iterator<Item = Duration>) -> usize {
        let (mut young, mut all) = (0, 0);
        for age in ages {
            all += 1;
            young += usize::from(age < YOUNG);
        }
        self.young.saturating_sub(young).min(self.most.saturating_sub(all))
    }
}

/// A queue in which something is due.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct WaitingQueue {
    /// Its name.
    pub queue: String,
    /// Our identifier of the platform.
    pub platform: String,
    /// Whether its service is in trouble.
    pub is_failing: bool,
}

/// What runs at present, in all processes together.
#[derive(Clone, Debug, Default)]
pub struct Running {
    queues: HashMap<String, i64>,
    platforms: HashMap<String, i64>,
    failing: i64,
    failing_platforms: HashMap<String, i64>,
}

impl Running {
    /// Counts the running jobs of a queue.
    pub fn add(&mut self, queue: &WaitingQueue, count: i64) {
        *self.queues.entry(queue.queue.clone()).or_default() += count;
        *self.platforms.entry(queue.platform.clone()).or_default() += count;
        if queue.is_failing {
            self.failing += count;
            *self.failing_platforms.entry(queue.platform.clone()).or_default() += count;
        }
    }

    /// The platforms that have all that the pool allows them.
    pub fn full_platforms(&self, limits: &Limits) -> Vec<String> {
        let full = self.platforms.iter().filter(|(_, count)| **count >= limits.per_platform);
        full.map(|(platform, _)| platform.clone()).collect()
    }

    /// The queues that have all that the pool allows them.
    pub fn full_queues(&self, limits: &Limits) -> Vec<String> {
        let full = self.queues.iter().filter(|(_, count)| **count >= limits.per_queue);
        full.map(|(queue, _)| queue.clone()).collect()
    }

    fn admits(&self, queue: &WaitingQueue, limits: &Limits) -> bool {
        let of = |counts: &HashMap<String, i64>, name: &str| counts.get(name).copied().unwrap_or(0);
        let in_queue = if queue.is_failing { 1 } else { limits.per_queue };
        let may_probe = !queue.is_failing
            || (self.failing < limits.failing
                && of(&self.failing_platforms, &queue.platform) < limits.failing_per_platform);
        may_probe
            && of(&self.queues, &queue.queue) < in_queue
            && of(&self.platforms, &queue.platform) < limits.per_platform
    }
}

/// Shares `room` jobs out among the queues that wait, which come in the order of their turns: each platform gets one
/// after the other, and within a platform each queue. Answers how many jobs each queue may begin.
pub fn share_out(
    waiting: &[WaitingQueue],
    mut running: Running,
    limits: &Limits,
    room: usize,
) -> Vec<(String, i64)> {
    let mut platforms: Vec<(&str, Vec<&WaitingQueue>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for queue in waiting {
        let place = *places.entry(queue.platform.as_str()).or_insert_with(|| {
            platforms.push((queue.platform.as_str(), Vec::new()));
            platforms.len() - 1
        });
        platforms[place].1.push(queue);
    }
    let (mut given, mut order): (HashMap<&str, i64>, Vec<&str>) = (HashMap::new(), Vec::new());
    let (mut left, mut over): (usize, HashSet<&str>) = (room, HashSet::new());
    while left > 0 && over.len() < platforms.len() {
        for (platform, queues) in &mut platforms {
            let next = queues.iter().position(|queue| running.admits(queue, limits)).filter(|_| left > 0);
            let Some(next) = next else {
                over.insert(platform);
                continue;
            };
            let queue = queues.remove(next);
            running.add(queue, 1);
            let count = given.entry(queue.queue.as_str()).or_insert_with(|| {
                order.push(queue.queue.as_str());
                0
            });
            *count += 1;
            left -= 1;
            queues.push(queue);
        }
    }
    order.into_iter().map(|queue| (queue.to_owned(), given[queue])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { per_platform: 6, ..Pool::Grades.limits() };

    fn queue(platform: &str, host: &str) -> WaitingQueue {
        let queue = Pool::Grades.queue(platform, host);
        WaitingQueue { queue, platform: platform.to_owned(), is_failing: false }
    }

    fn failing(platform: &str, host: &str) -> WaitingQueue {
        WaitingQueue { is_failing: true, ..queue(platform, host) }
    }

    fn given(waiting: &[WaitingQueue], running: &[(WaitingQueue, i64)], room: usize) -> Vec<(String, i64)> {
        let mut now = Running::default();
        running.iter().for_each(|(queue, count)| now.add(queue, *count));
        share_out(waiting, now, &LIMITS, room)
    }

    #[test]
    fn a_lane_s_name_tells_its_pool_and_its_platform() {
        for pool in Pool::ALL {
            assert_eq!(Pool::of_queue(&pool.queue("p", "lms.example:8443")), (pool, "p"));
        }
        assert_eq!(Pool::of_queue("p lists"), (Pool::Grades, "p"), "a host may be called so");
        assert_eq!(Pool::of_queue("queue"), (Pool::Grades, "queue"));
        assert_eq!(Pool::of_queue(""), (Pool::Grades, ""));
    }

    #[test]
    fn platforms_take_turns_and_their_hosts_too() {
        let waiting = [queue("a", "1"), queue("a", "2"), queue("a", "3"), queue("b", "1"), queue("c", "1")];
        let of = |queue: WaitingQueue, count| (queue.queue, count);
        assert_eq!(
            given(&waiting, &[], 4),
            [of(queue("a", "1"), 1), of(queue("b", "1"), 1), of(queue("c", "1"), 1), of(queue("a", "2"), 1)]
        );
        assert_eq!(given(&waiting, &[], 0), []);
        assert_eq!(given(&[], &[], 9), []);
    }

    #[test]
    fn nobody_gets_more_than_the_limits() {
        let many: Vec<WaitingQueue> = (0..1_000).map(|host| queue("a", &host.to_string())).collect();
        let total = |given: Vec<(String, i64)>| given.iter().map(|(_, count)| count).sum::<i64>();
        assert_eq!(total(given(&many, &[], 100)), LIMITS.per_platform);
        assert_eq!(given(&[queue("a", "1")], &[], 100), [(queue("a", "1").queue, LIMITS.per_queue)]);
        assert_eq!(total(given(&many, &[(queue("a", "x"), 5)], 100)), 1);
        assert_eq!(given(&[queue("a", "1")], &[(queue("a", "1"), 4)], 100), []);
    }

    #[test]
    fn services_in_trouble_are_tried_by_one_and_leave_room_for_others() {
        let waiting = [failing("a", "1"), failing("a", "2"), queue("a", "3")];
        let found = given(&waiting, &[], 100);
        assert_eq!(
            found,
            [(failing("a", "1").queue, 1), (failing("a", "2").queue, 1), (queue("a", "3").queue, 4)]
        );
        let many: Vec<_> =
            (0..100).map(|n| failing(&format!("p{n}"), "1")).chain([queue("b", "1")]).collect();
        let found = given(&many, &[], 100);
        assert_eq!(found.len(), 17, "as many as may find out, and the one that is well");
        assert_eq!(found.last().unwrap(), &(queue("b", "1").queue, 4));
    }

    #[test]
    fn slow_jobs_give_their_slots_back() {
        let limits = Limits { young: 3, most: 5, ..LIMITS };
        let secs = |ages: &[u64]| limits.room(ages.iter().map(|age| Duration::from_secs(*age)));
        assert_eq!(secs(&[]), 3);
        assert_eq!(secs(&[0, 1]), 1);
        assert_eq!(secs(&[0, 1, 2]), 0);
        assert_eq!(secs(&[9, 9, 1]), 2);
        assert_eq!(secs(&[9, 9, 9, 9]), 1);
        assert_eq!(secs(&[9, 9, 9, 9, 9]), 0);
    }
}
