//! A class of twelve simulated students. Each comes in through the LMS and speaks HTTP to tool and Jitsi, as a browser
//! does; the demo's clock skips, so that 45 minutes pass in a moment: for visitors in a class as well.

mod open_pages;
mod people;
mod script;
mod simulated_person;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::try_join_all;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use self::open_pages::SIMULATED;
use self::script::{MINUTES, Moment, expected, script};
use self::simulated_person::SimulatedPerson;
use super::jitsi::{ClassProgress, ClassSimulator};
use super::lms::{Lms, LmsActivity, TourStep};
use crate::clock::{Clock as _, SkippingClock, Timestamp};

pub use self::open_pages::{OpenPages, watch_pages};

/// How long a class really takes, when nothing is slow.
const REAL_TIME: Duration = Duration::from_secs(20);

/// Why a class cannot be held, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClassError(String);

/// Holds simulated classes, one at a time. Clones share everything.
#[derive(Clone)]
pub struct Classroom(Arc<Inner>);

struct Inner {
    lms: Lms,
    clock: Arc<SkippingClock>,
    open_pages: OpenPages,
    real_time: Duration,
    last: Mutex<Option<(String, ClassProgress)>>,
}

impl Classroom {
    /// Makes a classroom for the LMS and its tool. The clock must be the one that LMS, tool and Jitsi use.
    pub fn new(lms: Lms, clock: Arc<SkippingClock>) -> Self {
        Self::lasting(REAL_TIME, lms, clock)
    }

    /// Makes one whose classes really take that long.
    ///
    /// Quirk: the tool writes once a second and takes ten silent minutes for the end of a meeting, so this must not
    /// be much shorter than ten seconds.
    pub fn lasting(real_time: Duration, lms: Lms, clock: Arc<SkippingClock>) -> Self {
        let open_pages = OpenPages::new(clock.clone());
        Self(Arc::new(Inner { lms, clock, open_pages, real_time, last: Mutex::default() }))
    }

    /// Holds a class in that room of the simulated Jitsi; returns how many minutes each student was there, by their ids.
    ///
    /// # Errors
    /// A [`ClassError`] when a class is held already, when no graded activity leads to the room, and when somebody is not
    /// let in.
    pub async fn simulate(&self, room: &str) -> Result<BTreeMap<String, u64>, ClassError> {
        self.reserve(room)?;
        self.hold(room).await
    }

    /// Returns the meeting pages that visitors have open.
    pub fn open_pages(&self) -> OpenPages {
        self.0.open_pages.clone()
    }

    /// Has a teacher switch group rooms on in an activity.
    ///
    /// # Errors
    /// Why that is not possible, in a sentence.
    pub async fn switch_group_rooms_on(&self, teacher: &str, activity: &str) -> Result<(), ClassError> {
        let mut teacher = SimulatedPerson::new(teacher, self.0.lms.clone(), self.http()?);
        teacher.switch_group_rooms_on(activity).await
    }

    fn last(&self) -> MutexGuard<'_, Option<(String, ClassProgress)>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reserve(&self, room: &str) -> Result<(), ClassError> {
        let mut last = self.last();
        if matches!(*last, Some((_, ClassProgress::Gathering | ClassProgress::Running { .. }))) {
            return Err(ClassError("A class is being simulated already; it is over in a moment.".to_owned()));
        }
        *last = Some((room.to_ascii_lowercase(), ClassProgress::Gathering));
        Ok(())
    }

    fn note(&self, progress: ClassProgress) {
        if let Some((_, last)) = self.last().as_mut() {
            *last = progress;
        }
    }

    async fn hold(&self, room: &str) -> Result<BTreeMap<String, u64>, ClassError> {
        let result = self.gather_and_play(room).await;
        self.note(match &result {
            Ok((activity, _)) => {
                self.0.lms.note_step(TourStep::SimulatedClass);
                let issuer = &self.0.lms.settings().issuer;
                ClassProgress::Over { gradebook: format!("{issuer}/courses/{}/gradebook", activity.course) }
            }
            Err(error) => ClassProgress::Failed { reason: error.to_string() },
        });
        result.map(|(_, minutes)| minutes)
    }

    async fn gather_and_play(&self, room: &str) -> Result<(LmsActivity, BTreeMap<String, u64>), ClassError> {
        let http = self.http()?;
        let people = people::students();
        for person in &people {
            if self.0.lms.person(&person.id).is_none() {
                self.0.lms.add_person(person.clone());
            }
        }
        let ids: Vec<String> = people.into_iter().map(|person| person.id).collect();
        let activity = self.find_activity(room, &ids[0], &http).await?;
        ids.iter().for_each(|id| self.0.lms.enrol(id, &activity.course));
        let mut students: Vec<SimulatedPerson> =
            ids.iter().map(|id| SimulatedPerson::new(id, self.0.lms.clone(), http.clone())).collect();
        let script = script();
        let played = self.play(&script, &mut students, &activity, &http).await;
        if played.is_ok() {
            self.look_back(&mut students[0], &activity).await;
        } else {
            for student in &mut students {
                student.vanish().await;
            }
        }
        played.map(|()| (activity, ids.into_iter().zip(expected(&script)).collect()))
    }

    fn http(&self) -> Result<reqwest::Client, ClassError> {
        let failed = |error: String| ClassError(format!("The students have no browser: {error}."));
        let tool = Url::parse(self.origin()).map_err(|error| failed(error.to_string()))?;
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, tool.port_or_known_default().unwrap_or(80)));
        let simulated =
            HeaderMap::from_iter([(HeaderName::from_static(SIMULATED), HeaderValue::from_static("1"))]);
        let http = reqwest::Client::builder()
            .default_headers(simulated)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve("localhost", here)
            .timeout(Duration::from_secs(20));
        http.build().map_err(|error| failed(error.to_string()))
    }

    /// Returns the origin of the demo's own tool.
    fn origin(&self) -> &str {
        self.0.lms.settings().tools.first().map_or("", |tool| &tool.origin)
    }

    /// Finds the graded activity that leads to the room: a student opens one after the other.
    async fn find_activity(
        &self,
        room: &str,
        student: &str,
        http: &reqwest::Client,
    ) -> Result<LmsActivity, ClassError> {
        let lms = &self.0.lms;
        let is_ours = |one: &LmsActivity| lms.tool_of(one).is_some_and(|tool| tool.origin == self.origin());
        let graded = lms.activities().into_iter().filter(|one| one.maximum.is_some());
        for activity in graded.filter(is_ours) {
            let was_in = lms.person(student).is_some_and(|person| person.is_in(&activity.course));
            lms.enrol(student, &activity.course);
            let found =
                SimulatedPerson::new(student, lms.clone(), http.clone()).find_room(&activity.id).await;
            if found? == room.to_ascii_lowercase() {
                return Ok(activity);
            }
            if !was_in {
                lms.unenrol(student, &activity.course);
            }
        }
        let sentence = "No graded activity of the LMS leads to this room, so there is nobody to come.";
        Err(ClassError(sentence.to_owned()))
    }

    async fn play(
        &self,
        script: &[Moment],
        students: &mut [SimulatedPerson],
        activity: &LmsActivity,
        http: &reqwest::Client,
    ) -> Result<(), ClassError> {
        let whole = script.last().map_or(Duration::ZERO, |moment| moment.at);
        let (mut start, mut really) = (self.0.clock.now(), Instant::now());
        for (number, moment) in script.iter().enumerate() {
            if number > 0 {
                let share = moment.at.as_secs_f64() / whole.as_secs_f64();
                tokio::time::sleep_until(really + self.0.real_time.mul_f64(share)).await;
                self.skip_to(start.plus(moment.at));
                self.0.open_pages.send_heartbeats(http, self.origin()).await;
                let minute = (moment.at.as_secs() / 60 + 1).min(MINUTES);
                self.note(ClassProgress::Running { minute, minutes: MINUTES });
            }
            perform(moment, students, &activity.id, true).await?;
            if number == 0 {
                // The class begins when the first ones are in, however long that took.
                (start, really) = (self.0.clock.now(), Instant::now());
            }
            perform(moment, students, &activity.id, false).await?;
        }
        Ok(())
    }

    /// Has a student open the activity once more, now that the course's members are others than before: then the tool reads
    /// them anew, and no list is as old as the class was long.
    async fn look_back(&self, student: &mut SimulatedPerson, activity: &LmsActivity) {
        self.0.lms.renew_memberships_url(&activity.course);
        if let Err(error) = student.launch(&activity.id).await {
            tracing::warn!(%error, "a list of members stays as old as it is");
        }
    }

    fn skip_to(&self, moment: Timestamp) {
        self.0.clock.advance(moment.since(self.0.clock.now()));
    }
}

/// Has all students at once do what the script says: only the arrivals, or only the rest.
async fn perform(
    moment: &Moment,
    students: &mut [SimulatedPerson],
    activity: &str,
    entering: bool,
) -> Result<(), ClassError> {
    let busy = students.iter_mut().enumerate().filter_map(|(number, student)| {
        let actions = moment.actions.get(&number)?.iter().filter(|action| action.is_entering() == entering);
        Some(async move {
            for action in actions {
                student.perform(*action, activity).await?;
            }
            Ok(())
        })
    });
    try_join_all(busy).await.map(|_| ())
}

impl ClassSimulator for Classroom {
    fn start(&self, room: &str) -> Result<(), String> {
        self.reserve(room).map_err(|error| error.to_string())?;
        let (classroom, room) = (self.clone(), room.to_owned());
        actix_web::rt::spawn(async move {
            if let Err(error) = classroom.hold(&room).await {
                tracing::warn!(%error, "a simulated class could not be held");
            }
        });
        Ok(())
    }

    fn progress(&self, room: &str) -> Option<ClassProgress> {
        let last = self.last();
        last.as_ref().filter(|(name, _)| name == room).map(|(_, progress)| progress.clone())
    }
}
