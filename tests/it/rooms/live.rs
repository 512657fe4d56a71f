//! What pages at the door hear, in a stream or by asking.

use futures::StreamExt as _;
use serde_json::Value;

use super::entry::{class, enters, live, person};
use crate::support::{Backend, Browser, MINUTE, Room, TestTool, on_both, with};

on_both!(
    a_page_hears_who_comes_and_when_the_door_opens,
    a_page_hears_that_something_else_was_decided,
    a_page_hears_that_the_time_has_come,
    nobody_hears_of_a_room_that_is_not_theirs,
);

/// What a page hears.
struct Listener {
    stream: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<actix_web::web::Bytes>> + Send>>,
    text: String,
}

impl Listener {
    async fn open(browser: &Browser, room: &Room) -> Self {
        let answer = browser.listens(&format!("{}/live", room.path())).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Self { stream: Box::pin(answer.bytes_stream()), text: String::new() }
    }

    /// The next event; `None` when the stream ends.
    async fn hears(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if !event.starts_with(':') {
                    return Some(event);
                }
                continue;
            }
            let more = tokio::time::timeout(std::time::Duration::from_secs(20), self.stream.next()).await;
            let more = more.expect("something is heard")?.unwrap();
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    async fn state(&mut self) -> Value {
        let event = self.hears().await.expect("the stream goes on");
        serde_json::from_str(event.strip_prefix("data: ").expect("an event of the door")).unwrap()
    }
}

async fn a_page_hears_who_comes_and_when_the_door_opens(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "wait_for_moderator", "yes").await;
    let (ana, room) = person(&tool, "ana").await;
    let mut listener = Listener::open(&ana, &room).await;
    let first = listener.state().await;
    assert_eq!((first["state"].as_str(), first["inside"].as_str()), (Some("no-moderator"), Some("")));
    let teacher = enters(&tool, &lesson.teacher, &lesson.room).await;
    let then = listener.state().await;
    assert_eq!((then["state"].as_str(), then["led"].as_bool()), (Some("open"), Some(true)));
    assert_eq!(then["inside"], "1 person is inside.");
    // Who asks hears the same.
    assert_eq!(live(&ana, &room).await, "open");
    assert_eq!(teacher.says("leave").await, 204);
    tool.written().await;
    assert_eq!(listener.state().await["state"], "no-moderator");
    tool.jobs_rest().await;
}

async fn a_page_hears_that_something_else_was_decided(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "wait_for_moderator", "yes").await;
    let (ana, room) = person(&tool, "ana").await;
    let mut listener = Listener::open(&ana, &room).await;
    assert_eq!(listener.state().await["state"], "no-moderator");
    let path = format!("{}/settings", lesson.room.path());
    let form = with(lesson.teacher.opens(&path).await.form("#settings"), "wait_for_moderator", None);
    assert_eq!(lesson.teacher.submits(&path, &form).await.status, 303);
    tool.written().await;
    assert_eq!(listener.hears().await.as_deref(), Some("event: again\ndata:"));
    assert_eq!(listener.hears().await, None, "it asks anew, as who it is by then");
    assert_eq!(Listener::open(&ana, &room).await.state().await["state"], "open");
    tool.jobs_rest().await;
}

async fn a_page_hears_that_the_time_has_come(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = crate::support::Lesson::begin(&tool, "1").await;
    super::entry::plans(&tool, &lesson, 30, 60, true).await;
    let (ana, room) = person(&tool, "ana").await;
    let (mut hers, mut teachers) =
        (Listener::open(&ana, &room).await, Listener::open(&lesson.teacher, &lesson.room).await);
    assert_eq!(hers.state().await["state"], "before");
    assert_eq!(teachers.state().await["state"], "before");
    tool.jobs_rest().await;
    tool.later(20 * MINUTE);
    tool.written().await;
    assert_eq!(teachers.state().await["state"], "open", "ten minutes earlier");
    tool.later(10 * MINUTE);
    tool.written().await;
    assert_eq!(hers.state().await["state"], "open");
    tool.jobs_rest().await;
}

async fn nobody_hears_of_a_room_that_is_not_theirs(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (_, room) = person(&tool, "ana").await;
    let stranger = tool.browser();
    let answer = stranger.listens(&format!("{}/live", room.path())).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let other = tool.adds_platform().await;
    let theirs = other.browser(&tool);
    theirs.launches("ana", "1").await.assert_enters();
    assert_eq!(theirs.opens(format!("{}/live", room.path())).await.status, 401);
}
