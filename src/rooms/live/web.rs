//! What goes on in a room, told to pages that wait at its door.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures::{Stream, stream};
use serde::Serialize;
use tokio::time::Instant;

use super::{RoomWatch, WatchedRoom};
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::i18n::{Args, Locale};
use crate::rooms::meeting::entry::{Entry, decide, decide_time};
use crate::rooms::meeting::now::RoomNow;
use crate::rooms::meeting::store::find_room_now;
use crate::rooms::model::RoomView;
use crate::rooms::session::web::{RoomSession, RoomVisitor};
use crate::rooms::web::locale_of;
use crate::state::AppState;

/// Proxies and browsers hold a silent connection for dead after a while.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// A stream ends, and its page comes back: whether its person may still ask is asked anew then.
const SHORTEST: Duration = Duration::from_secs(60);
/// Those that began together do not end together.
const SPREAD_SECS: u64 = 30;

/// What a page learns of the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct LiveEvent {
    /// What the door says to this person.
    state: &'static str,
    /// How many people are inside, in words; empty while nobody is.
    inside: String,
    /// Whether somebody who leads the class is inside.
    led: bool,
}

/// Whoever asks, and what counts for them.
struct Watcher {
    session: RoomSession,
    view: RoomView,
    locale: Locale,
    app: Data<AppState>,
    pages: Data<Pages>,
}

impl Watcher {
    fn room(&self) -> WatchedRoom {
        WatchedRoom { room: self.session.room, activity_room: self.view.activity_room }
    }

    fn event(&self, room: &RoomNow, now: Timestamp) -> LiveEvent {
        let (role, view) = (self.session.role(), &self.view);
        let by_time = decide_time(role, &view.settings, view.agenda.as_ref(), now);
        let door = match by_time {
            Entry::Open => decide(role, &view.settings, &room.occupancy(self.session.user()), now),
            closed => closed,
        };
        let people = room.people();
        let inside = || {
            let mut args = Args::new();
            args.set_number("count", i64::try_from(people).unwrap_or(i64::MAX));
            self.pages.texts().get(&self.locale, "room-inside", &args)
        };
        LiveEvent {
            state: door.word(),
            inside: if people == 0 { String::new() } else { inside() },
            led: room.is_led(),
        }
    }
}

/// `GET /rooms/{room}/live`: whether the person may enter the meeting now, and how many are in it. For whoever launched the
/// room; our pages ask. A stream of events where the page takes one and there is room for it, else the one of this moment.
pub async fn live(
    request: HttpRequest,
    visitor: RoomVisitor,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let locale = locale_of(&visitor.session, &request, &pages);
    let RoomVisitor { session, view, .. } = visitor;
    let watcher = Watcher { session, view, locale, app: Data::clone(&app), pages };
    if takes_events(&request)
        && let Some(watch) = app.live.watch(watcher.room()).await
    {
        return Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/event-stream"))
            .insert_header((CACHE_CONTROL, "no-store"))
            // Or nginx waits until it has a page full of them.
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(events(watcher, watch)));
    }
    let (WatchedRoom { room, activity_room }, now) = (watcher.room(), app.clock.now());
    let found = app.db.look_up(move |connection| find_room_now(connection, room, activity_room, now)).await?;
    let event = watcher.event(&found, now);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(event))
}

fn takes_events(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/event-stream"))
}

/// A stream in the middle of its work.
struct Streaming {
    watcher: Watcher,
    watch: RoomWatch,
    told: Option<LiveEvent>,
    /// What was decided about the room when it began.
    version: Option<u64>,
    ends: Instant,
    is_over: bool,
}

/// Tells what changes for the person, until the stream is old, what was decided about the room is another, or the process
/// ends.
fn events(watcher: Watcher, watch: RoomWatch) -> Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>>>> {
    let [spread] = watcher.app.random.bytes::<1>();
    let lasts = SHORTEST + Duration::from_millis(u64::from(spread) * SPREAD_SECS * 1000 / 256);
    let begun =
        Streaming { watcher, watch, told: None, version: None, ends: Instant::now() + lasts, is_over: false };
    Box::pin(stream::unfold(begun, |mut streaming| async move {
        let text = streaming.next().await?;
        Some((Ok(Bytes::from(text)), streaming))
    }))
}

impl Streaming {
    /// Waits for something to tell; `None` when the stream is over.
    async fn next(&mut self) -> Option<String> {
        let silent_until = Instant::now() + SIGN_OF_LIFE;
        while !self.is_over {
            let seen = self.watch.now.borrow_and_update().clone();
            if let Some(text) = seen.and_then(|room| self.tell(&room)) {
                return Some(text);
            }
            tokio::select! {
                changed = self.watch.now.changed() => self.is_over = changed.is_err(),
                _ = self.watch.closed.wait_for(|closed| *closed) => self.is_over = true,
                () = tokio::time::sleep_until(self.ends) => self.is_over = true,
                () = tokio::time::sleep_until(silent_until) => return Some(":\n\n".to_owned()),
            }
        }
        None
    }

    /// Returns what is new for the person.
    fn tell(&mut self, room: &RoomNow) -> Option<String> {
        if *self.version.get_or_insert(room.version) != room.version {
            self.is_over = true;
            return Some("event: again\ndata:\n\n".to_owned());
        }
        let event = self.watcher.event(room, self.watcher.app.clock.now());
        if self.told.as_ref() == Some(&event) {
            return None;
        }
        let text = serde_json::to_string(&event).ok()?;
        self.told = Some(event);
        Some(format!("data: {text}\n\n"))
    }
}
