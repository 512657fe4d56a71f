//! A simulated person: a browser with a cookie jar that follows the tool's pages.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;

use super::ClassError;
use super::open_pages::send_presence;
use super::script::StudentAction;
use crate::demo::lms::{AuthAnswer, Lms, LoginInitiation, Visit};

/// How many heartbeats a page sends between two calls to Jitsi.
const HEARTBEATS_PER_POLL: u32 = 10;

type Fields = Vec<(String, String)>;

/// A person and the pages they have open.
pub(super) struct SimulatedPerson {
    id: String,
    lms: Lms,
    http: reqwest::Client,
    jar: BTreeMap<String, String>,
    room: RoomAddress,
    pages: Vec<Page>,
}

/// Where a launch led: the room's page, whose query names the session.
#[derive(Default)]
struct RoomAddress {
    path: String,
    query: String,
}

/// An open meeting page.
struct Page {
    presence_path: String,
    token: String,
    jitsi: String,
    jitsi_key: String,
    heartbeats: u32,
}

/// The site that a request is sent from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Lms,
    Tool,
}

impl SimulatedPerson {
    pub(super) fn new(id: &str, lms: Lms, http: reqwest::Client) -> Self {
        Self {
            id: id.to_owned(),
            lms,
            http,
            jar: BTreeMap::new(),
            room: RoomAddress::default(),
            pages: Vec::new(),
        }
    }

    /// Does something in the activity.
    pub(super) async fn perform(&mut self, action: StudentAction, activity: &str) -> Result<(), ClassError> {
        match action {
            StudentAction::Arrive => {
                self.launch(activity).await?;
                self.join().await?;
                self.open_page().await
            }
            StudentAction::OpenPage => self.open_page().await,
            StudentAction::Heartbeat => self.send_heartbeats().await,
            StudentAction::Leave => self.leave().await,
        }
    }

    /// Returns the Jitsi room that the activity leads to.
    pub(super) async fn find_room(&mut self, activity: &str) -> Result<String, ClassError> {
        self.launch(activity).await?;
        self.join().await?;
        let config = self.meeting_config().await?;
        Ok(config["roomName"].as_str().unwrap_or_default().to_ascii_lowercase())
    }

    /// Logs in through the LMS and launches: then the person has a session in the room.
    pub(super) async fn launch(&mut self, activity: &str) -> Result<(), ClassError> {
        let visit = Visit::new(&self.id, activity).simulated();
        let initiation = self.lms.login_initiation(&visit).map_err(|error| ClassError(error.to_string()))?;
        let login = self.log_in(&initiation).await?;
        let refused = self.refused("the login", &login);
        let location = match text_header(&login, LOCATION.as_str()) {
            // A first visit gets a page that goes on by itself.
            none if none.is_empty() => {
                attribute(&login.text().await.map_err(no_answer)?, "id=\"lti-continue\" href=\"")
            }
            location => location,
        };
        let question = Url::parse(&location).map_err(|_| refused)?;
        let question: Fields = question.query_pairs().into_owned().collect();
        let (url, fields) = match self.lms.authorize(&question) {
            AuthAnswer::Launch { url, fields } | AuthAnswer::Error { url, fields } => (url, fields),
            AuthAnswer::Refused { reason } => return Err(ClassError(format!("The LMS refused: {reason}."))),
        };
        let launch = self.http.post(url).form(&fields);
        let launched = self.send(launch, Sender::Lms).await?;
        let room = text_header(&launched, LOCATION.as_str());
        if launched.status() != 303 || !room.starts_with("/rooms/") {
            return Err(self.refused("the launch", &launched));
        }
        let (path, name) = room.split_at(room.find('?').unwrap_or(room.len()));
        self.room = RoomAddress { path: path.to_owned(), query: name.to_owned() };
        Ok(())
    }

    async fn log_in(&mut self, login: &LoginInitiation) -> Result<Response, ClassError> {
        let request = if login.method == "GET" {
            let url = Url::parse_with_params(&login.url, &login.fields);
            self.http.get(url.map_err(|error| ClassError(error.to_string()))?)
        } else {
            self.http.post(&login.url).form(&login.fields)
        };
        self.send(request, Sender::Lms).await
    }

    /// Presses Join on the room's page.
    async fn join(&mut self) -> Result<(), ClassError> {
        let page = self.open(&self.path_of("")).await?;
        let form = ["csrf", "session_token"].map(|name| (name, hidden_field(&page, name)));
        let join = self.http.post(format!("{}{}", self.tool(), self.path_of("/meeting"))).form(&form);
        let joined = self.send(join, Sender::Tool).await?;
        if joined.status() == 303 { Ok(()) } else { Err(self.refused("the Join button", &joined)) }
    }

    /// Switches group rooms on, in the activity's settings.
    pub(super) async fn switch_group_rooms_on(&mut self, activity: &str) -> Result<(), ClassError> {
        self.launch(activity).await?;
        let page = self.open(&self.path_of("/settings")).await?;
        let proof = ["csrf", "session_token"].map(|name| (name, hidden_field(&page, name)));
        let chosen = [("target", "45"), ("send", "auto"), ("group_rooms", "yes")];
        let form: Vec<_> =
            proof.into_iter().chain(chosen.map(|(name, value)| (name, value.to_owned()))).collect();
        let save = self.http.post(format!("{}{}", self.tool(), self.path_of("/settings"))).form(&form);
        let saved = self.send(save, Sender::Tool).await?;
        if saved.status() == 303 { Ok(()) } else { Err(self.refused("the settings", &saved)) }
    }

    /// Returns the address of a page of the room.
    fn path_of(&self, page: &str) -> String {
        let RoomAddress { path, query } = &self.room;
        format!("{path}{page}{query}")
    }

    async fn meeting_config(&mut self) -> Result<Value, ClassError> {
        let page = self.open(&self.path_of("/meeting")).await?;
        let config = page.split_once("id=\"meeting-config\"").and_then(|(_, rest)| rest.split_once('>'));
        let config = config.and_then(|(_, rest)| rest.split_once("</script>"));
        let config = config.and_then(|(json, _)| serde_json::from_str(json).ok());
        config.ok_or_else(|| ClassError("The meeting page holds no settings.".to_owned()))
    }

    /// Opens the meeting's page, and enters the room at Jitsi.
    async fn open_page(&mut self) -> Result<(), ClassError> {
        let config = self.meeting_config().await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let jitsi = text(&config["serverOrigin"]);
        let body = json!({
            "room": config["roomName"], "token": config["jwt"], "delegated": ["camera", "microphone"],
            "displayName": config["userInfo"]["displayName"],
        });
        let joined = self.call_jitsi(&jitsi, "join", &body).await?;
        let joined: Value = joined.json().await.map_err(no_answer)?;
        self.pages.push(Page {
            presence_path: text(&config["presence"]["url"]),
            token: text(&config["presence"]["token"]),
            jitsi,
            jitsi_key: text(&joined["key"]),
            heartbeats: 0,
        });
        Ok(())
    }

    async fn call_jitsi(&self, jitsi: &str, call: &str, body: &Value) -> Result<Response, ClassError> {
        let request = self.http.post(format!("{jitsi}/sim/{call}")).header(CONTENT_TYPE, "application/json");
        let answer = request.body(body.to_string()).send().await.map_err(no_answer)?;
        if answer.status().is_success() { Ok(answer) } else { Err(self.refused("Jitsi", &answer)) }
    }

    async fn send_heartbeats(&mut self) -> Result<(), ClassError> {
        for page in &self.pages {
            self.send_presence(page, "beat").await?;
            if page.heartbeats % HEARTBEATS_PER_POLL == HEARTBEATS_PER_POLL - 1 {
                let call = self.http.get(format!("{}/sim/state?key={}", page.jitsi, page.jitsi_key));
                call.send().await.map_err(no_answer)?;
            }
        }
        self.pages.iter_mut().for_each(|page| page.heartbeats += 1);
        Ok(())
    }

    async fn leave(&mut self) -> Result<(), ClassError> {
        for page in &std::mem::take(&mut self.pages) {
            self.send_presence(page, "leave").await?;
            self.call_jitsi(&page.jitsi, "leave", &json!({"key": page.jitsi_key})).await?;
        }
        Ok(())
    }

    /// Takes the person's tiles away if the class can't go on.
    pub(super) async fn vanish(&mut self) {
        for page in &std::mem::take(&mut self.pages) {
            // Jitsi notices within a minute otherwise.
            let _ = self.call_jitsi(&page.jitsi, "leave", &json!({"key": page.jitsi_key})).await;
        }
    }

    /// Sends a page's heartbeat, or its leave.
    async fn send_presence(&self, page: &Page, event: &str) -> Result<(), ClassError> {
        let sent = send_presence(&self.http, self.tool(), &page.presence_path, &page.token, event);
        let answer = sent.await.map_err(no_answer)?;
        if answer.status().is_success() { Ok(()) } else { Err(self.refused("a heartbeat", &answer)) }
    }

    async fn open(&mut self, path: &str) -> Result<String, ClassError> {
        let answer = self.send(self.http.get(format!("{}{path}", self.tool())), Sender::Tool).await?;
        if !answer.status().is_success() {
            return Err(self.refused("a page", &answer));
        }
        answer.text().await.map_err(no_answer)
    }

    async fn send(&mut self, request: RequestBuilder, from: Sender) -> Result<Response, ClassError> {
        let (origin, site) = match from {
            Sender::Lms => (self.lms.settings().issuer.clone(), "cross-site"),
            Sender::Tool => (self.tool().to_owned(), "same-origin"),
        };
        let jar: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header(ACCEPT, "text/html,*/*;q=0.8")
            .header(ORIGIN, origin);
        if !jar.is_empty() {
            request = request.header(COOKIE, jar.join("; "));
        }
        let answer = request.send().await.map_err(no_answer)?;
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        cookies.filter_map(|line| line.to_str().ok()).for_each(|line| keep(&mut self.jar, line));
        Ok(answer)
    }

    fn tool(&self) -> &str {
        self.lms.settings().tools.first().map_or("", |tool| &tool.origin)
    }

    fn refused(&self, at: &str, answer: &Response) -> ClassError {
        ClassError(format!("{} got no further than {at}: {}.", self.id, answer.status()))
    }
}

fn keep(jar: &mut BTreeMap<String, String>, line: &str) {
    let (cookie, attributes) = line.split_once(';').unwrap_or((line, ""));
    let Some((name, value)) = cookie.split_once('=') else { return };
    if attributes.to_ascii_lowercase().contains("max-age=0") {
        jar.remove(name.trim());
    } else {
        jar.insert(name.trim().to_owned(), value.trim().to_owned());
    }
}

fn text_header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// Returns the value of a hidden field; empty if the page has none of that name.
fn hidden_field(page: &str, name: &str) -> String {
    attribute(page, &format!("name=\"{name}\" value=\""))
}

/// Returns the value of the attribute that begins like that; empty if the page has none.
fn attribute(page: &str, start: &str) -> String {
    let rest = page.split_once(start).map(|(_, rest)| rest);
    let value = rest.and_then(|rest| rest.split_once('"')).map(|(value, _)| value).unwrap_or_default();
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    entities.iter().fold(value.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn no_answer(error: reqwest::Error) -> ClassError {
    ClassError(format!("No answer: {error}."))
}
