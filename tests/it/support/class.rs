//! A class as the tool hears of it: meeting pages that say that their person is there.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use serde_json::json;

use super::html::Element;
use super::{Browser, Dom, PATIENCE, Page, Room, TestTool};

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);

/// A meeting page that its person has open.
pub struct OpenPage<'a> {
    browser: &'a Browser,
    pub room: Room,
    pub token: String,
}

impl<'a> OpenPage<'a> {
    /// Joins the meeting.
    pub async fn open(browser: &'a Browser, room: &Room) -> Self {
        let config = browser.joins(room).await.meeting_config();
        let token = config["presence"]["token"].as_str().unwrap().to_owned();
        assert_eq!(config["presence"]["url"], format!("{}/presence", room.path()));
        Self { browser, room: room.clone(), token }
    }

    pub async fn says(&self, event: &str) -> u16 {
        send_presence(
            self.browser,
            &self.room,
            json!({ "presence_token": self.token, "event": event }).to_string(),
        )
        .await
        .status
    }

    /// Beats every 30 seconds for `minutes`, beginning now.
    pub async fn stays(&self, tool: &TestTool, minutes: u32) {
        for _ in 0..minutes * 2 {
            assert_eq!(self.says("beat").await, 204);
            tool.later(30 * SECOND);
        }
        assert_eq!(self.says("beat").await, 204);
        tool.written().await;
    }
}

pub async fn send_presence(browser: &Browser, room: &Room, body: String) -> Page {
    let request = browser
        .raw("POST", &format!("{}/presence", room.path()))
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin");
    Page::read(request.body(body).send().await.unwrap()).await
}

/// A lesson in an activity of the platform, with its teacher at the attendance page.
pub struct Lesson<'a> {
    pub tool: &'a TestTool,
    pub teacher: Browser,
    pub room: Room,
    activity: String,
}

/// A learner's line on the page of grades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeLine {
    pub learner: String,
    pub state: String,
    pub reason: String,
    pub grade: String,
    pub sent: String,
}

impl<'a> Lesson<'a> {
    /// The teacher opens the activity.
    pub async fn begin(tool: &'a TestTool, activity: &str) -> Self {
        let teacher = tool.browser();
        let room = teacher.launches("tessa", activity).await.assert_enters();
        Self { tool, teacher, room, activity: activity.to_owned() }
    }

    /// The teacher opens an activity whose groups have rooms, and stays in the whole course's.
    pub async fn begin_at(tool: &'a TestTool, activity: &str) -> Self {
        let teacher = tool.browser();
        let (room, _) = teacher.lands("tessa", activity).await;
        Self { tool, teacher, room, activity: activity.to_owned() }
    }

    /// Somebody comes, stays and leaves for good: what then is due is due.
    pub async fn attends(&self, person: &str, minutes: u32) {
        let browser = self.tool.browser();
        let room = browser.launches(person, &self.activity).await.assert_enters();
        let page = OpenPage::open(&browser, &room).await;
        page.stays(self.tool, minutes).await;
        self.leaves(&page).await;
    }

    /// Says good-bye, and lets the time pass in which somebody might come back.
    pub async fn leaves(&self, page: &OpenPage<'_>) {
        let gone = "SELECT COUNT(*) AS value FROM presence WHERE has_left";
        let before = self.tool.number(gone.to_owned()).await;
        assert_eq!(page.says("leave").await, 204);
        let open = "SELECT COUNT(*) AS value FROM presence WHERE NOT settled AND has_left";
        let is_counted = async || {
            self.tool.number(open.to_owned()).await == 0 && self.tool.number(gone.to_owned()).await > before
        };
        self.tool.eventually("the good-bye is counted", is_counted).await;
        self.tool.later(11 * SECOND);
    }

    /// The page of grades.
    pub async fn page(&self) -> Page {
        let page = self.teacher.opens(format!("{}/attendance", self.room.path())).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// The learners' lines, by name.
    pub async fn grades(&self) -> Vec<GradeLine> {
        let page = self.page().await;
        let dom = Dom::of(&page);
        let line = |row: Element<'_>| GradeLine {
            learner: row.attr("data-learner"),
            state: row.attr("data-state"),
            reason: row.attr("data-reason"),
            grade: row.attr("data-grade"),
            sent: row.attr("data-sent-grade"),
        };
        dom.all("[data-learner]").into_iter().map(line).collect()
    }

    /// A learner's line: state, reason, grade in the gradebook.
    pub async fn grade_of(&self, learner: &str) -> (String, String, String) {
        let grades = self.grades().await;
        let found = grades.into_iter().find(|line| line.learner == learner);
        found.map(|line| (line.state, line.reason, line.sent)).unwrap_or_default()
    }

    /// What a learner's line says that the gradebook shows; "-" where it shows nothing, "" where nobody knows.
    pub async fn shown_of(&self, learner: &str) -> String {
        self.page().await.attr(&format!("[data-learner='{learner}']"), "data-shown")
    }

    /// Waits until a learner's line says so.
    pub async fn shows(&self, learner: &str, state: &str, reason: &str, sent: &str) {
        let expected = (state.to_owned(), reason.to_owned(), sent.to_owned());
        becomes(self.tool, learner, &expected, async || self.grade_of(learner).await).await;
    }

    /// What the container of the grades says: state and trouble.
    pub async fn grade_state(&self) -> (String, String) {
        let page = self.page().await;
        (page.attr("#grades", "data-grades-state"), page.attr("#grades", "data-trouble"))
    }

    /// Waits until the container says so.
    pub async fn stands(&self, state: &str, trouble: &str) {
        let expected = (state.to_owned(), trouble.to_owned());
        becomes(self.tool, "grades", &expected, async || self.grade_state().await).await;
    }

    /// What the page says of the list of participants: state, trouble, how many learners.
    pub async fn participants(&self) -> (String, String, usize) {
        let page = self.page().await;
        let of = |name: &str| page.attr("#participants", name);
        (of("data-state"), of("data-code"), of("data-learners").parse().unwrap())
    }

    /// Waits until the page says so of the list.
    pub async fn lists(&self, state: &str, trouble: &str, learners: usize) {
        let expected = (state.to_owned(), trouble.to_owned(), learners);
        becomes(self.tool, "list", &expected, async || self.participants().await).await;
    }

    /// The names of those who were not in the newest meeting.
    pub async fn absent(&self) -> Vec<String> {
        self.page().await.attrs("[data-absent]", "data-absent")
    }

    /// The teacher presses "send again", for one person or for all.
    pub async fn sends_again(&self, user: &str) -> Page {
        let settings = self.teacher.opens(format!("{}/settings", self.room.path())).await;
        let form = super::form(&[("csrf", &settings.field("csrf")), ("user", user)]);
        self.teacher.submits(&format!("{}/attendance/send", self.room.path()), &form).await
    }

    /// The teacher saves the settings.
    pub async fn sets(&self, target: &str, send: &str) -> Page {
        let path = format!("{}/settings", self.room.path());
        let csrf = self.teacher.opens(&path).await.field("csrf");
        self.teacher
            .submits(&path, &super::form(&[("csrf", &csrf), ("target", target), ("send", send)]))
            .await
    }
}

/// Waits until a page shows what is expected.
///
/// Quirk: under load a job may miss the database once. Its lease or its pause then ends with the story's clock, which
/// stands still; so that is moved on a little whenever nothing came of waiting for long.
async fn becomes<T: PartialEq + Debug>(tool: &TestTool, what: &str, expected: &T, seen: impl AsyncFn() -> T) {
    let mut begun = Instant::now();
    for _ in 0..4 {
        while begun.elapsed() < PATIENCE / 4 {
            if seen().await == *expected {
                return;
            }
            tool.hastens().await;
        }
        tool.later(11 * SECOND);
        begun = Instant::now();
    }
    panic!("{what}: {:?} instead of {expected:?}", seen().await);
}
