//! A browser: a cookie jar, the headers that browsers send, and no step that the story did not ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex};

use jitsi_lti::demo::lms::{AuthAnswer, Lms, LoginInitiation, Visit};
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

/// Fields of a form.
pub type Form = Vec<(String, String)>;

/// A form of these fields.
pub fn form(fields: &[(&str, &str)]) -> Form {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The form with `name` set to `value`, or without it.
pub fn with(mut form: Form, name: &str, value: Option<&str>) -> Form {
    form.retain(|(found, _)| found != name);
    form.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    form
}

/// One for all: making one reads the system's certificates, which takes long. It keeps no connection.
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // The port is that of the address asked for.
        .resolve("localhost", SocketAddr::from(([127, 0, 0, 1], 0)))
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
});

/// Where a request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// A page of the platform.
    Platform,
    /// A page of the tool.
    Tool,
    /// A page of another site, which sends its window here: as the provider of a sign-in does.
    Elsewhere,
}

/// A browser of one person.
pub struct Browser {
    http: reqwest::Client,
    origin: String,
    lms: Lms,
    jar: Mutex<BTreeMap<String, String>>,
    /// The names of cookies that no page of another site brings along.
    at_home: Mutex<BTreeSet<String>>,
    keeps_cookies: bool,
    keeps_partitioned_alone: bool,
    language: &'static str,
}

impl Browser {
    pub fn new(origin: &str, lms: Lms) -> Self {
        Self {
            http: HTTP.clone(),
            origin: origin.to_owned(),
            lms,
            jar: Mutex::default(),
            at_home: Mutex::default(),
            keeps_cookies: true,
            keeps_partitioned_alone: false,
            language: "en",
        }
    }

    /// The same browser, that keeps no cookies.
    #[must_use]
    pub fn without_cookies(mut self) -> Self {
        self.keeps_cookies = false;
        self
    }

    /// The same browser, in a frame of another site where it keeps partitioned cookies alone.
    #[must_use]
    pub fn of_a_partition(mut self) -> Self {
        self.keeps_partitioned_alone = true;
        self
    }

    /// The same browser in another language.
    #[must_use]
    pub fn in_language(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// The platform.
    pub fn lms(&self) -> &Lms {
        &self.lms
    }

    /// The tool's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What the jar holds.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.jar.lock().unwrap().clone()
    }

    /// Opens an activity: login, the platform's answer, launch.
    pub async fn launches(&self, person: &str, activity: &str) -> Page {
        self.launches_as(&Visit::new(person, activity)).await
    }

    /// The same for any visit.
    pub async fn launches_as(&self, visit: &Visit) -> Page {
        let launch = self.prepares_as(visit).await;
        self.brings(&launch).await
    }

    /// Opens an activity, and stops before the launch is posted: gives its form.
    pub async fn prepares(&self, person: &str, activity: &str) -> Form {
        self.prepares_as(&Visit::new(person, activity)).await
    }

    /// The same for any visit.
    pub async fn prepares_as(&self, visit: &Visit) -> Form {
        let initiation = self.lms.login_initiation(visit).unwrap();
        let login = self.logs_in(&initiation).await;
        self.asks_platform(&login)
    }

    /// Sends a login initiation.
    pub async fn logs_in(&self, login: &LoginInitiation) -> Page {
        if login.method == "GET" {
            let url = Url::parse_with_params(&login.url, &login.fields).unwrap();
            return self.send(self.http.get(url.as_str()), From::Platform).await;
        }
        self.send(self.http.post(&login.url).form(&login.fields), From::Platform).await
    }

    /// Follows a login to the platform: the form that the platform posts to the launch URL.
    #[track_caller]
    pub fn asks_platform(&self, login: &Page) -> Form {
        match self.lms.authorize(&login.query()) {
            AuthAnswer::Launch { fields, .. } | AuthAnswer::Error { fields, .. } => fields,
            AuthAnswer::Refused { reason } => panic!("the platform refused: {reason}"),
        }
    }

    /// Posts a launch.
    pub async fn brings(&self, launch: &Form) -> Page {
        let post = self.http.post(format!("{}/lti/launch", self.origin)).form(launch);
        self.send(post, From::Platform).await
    }

    /// Posts a launch to another process that serves the same tool.
    pub async fn brings_to(&self, origin: &str, launch: &Form) -> Page {
        self.send(self.http.post(format!("{origin}/lti/launch")).form(launch), From::Platform).await
    }

    /// Opens a page of the tool. Where the address of a room names nobody, the tool names the only session of the browser.
    pub async fn opens(&self, path: impl AsRef<str>) -> Page {
        let page = self.asks_for(path.as_ref()).await;
        match page.names(path.as_ref()) {
            Some(named) => self.asks_for(&named).await,
            None => page,
        }
    }

    /// Asks for a page of the tool, and goes nowhere else.
    pub async fn asks_for(&self, path: &str) -> Page {
        self.send(self.http.get(format!("{}{path}", self.origin)), From::Tool).await
    }

    /// Posts a form of one of the tool's pages.
    pub async fn submits(&self, path: &str, form: &Form) -> Page {
        self.send(self.http.post(format!("{}{path}", self.origin)).form(form), From::Tool).await
    }

    /// Posts a form from a page of another site.
    pub async fn submits_from_elsewhere(&self, path: &str, form: &Form) -> Page {
        self.send(self.http.post(format!("{}{path}", self.origin)).form(form), From::Platform).await
    }

    /// Follows a link of the platform's to any address.
    pub async fn visits(&self, url: &str) -> Page {
        self.send(self.http.get(url), From::Platform).await
    }

    /// Comes here from another site, in the same window.
    pub async fn comes_back(&self, url: &Url) -> Page {
        self.send(self.http.get(url.as_str()), From::Elsewhere).await
    }

    /// Opens a page at another process that serves the same tool.
    pub async fn opens_at(&self, origin: &str, path: &str) -> Page {
        let ask = async |path: &str| self.send(self.http.get(format!("{origin}{path}")), From::Tool).await;
        let page = ask(path).await;
        match page.names(path) {
            Some(named) => ask(&named).await,
            None => page,
        }
    }

    /// Posts a form to another process that serves the same tool.
    pub async fn submits_at(&self, origin: &str, path: &str, form: &Form) -> Page {
        self.send(self.http.post(format!("{origin}{path}")).form(form), From::Tool).await
    }

    /// Clicks Join on a room's page, and follows to the meeting.
    pub async fn joins(&self, room: &Room) -> Page {
        let page = self.opens(room.path()).await;
        let form = form(&[("csrf", &page.field("csrf")), ("session_token", &page.field("session_token"))]);
        let answer = self.submits(&room.meeting(), &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.opens(room.meeting()).await
    }

    /// Any request, without what a browser adds: for hostile ones.
    pub fn raw(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.origin))
    }

    /// What a page of the tool asks for in the background, to be read while it comes.
    pub fn listens(&self, path: &str) -> reqwest::RequestBuilder {
        let jar: Vec<String> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.raw("GET", path).header("cookie", jar.join("; ")).header("accept", "text/event-stream")
    }

    async fn send(&self, request: reqwest::RequestBuilder, from: From) -> Page {
        let (origin, site) = match from {
            From::Platform => (self.lms.settings().issuer.as_str(), "cross-site"),
            From::Tool => (self.origin.as_str(), "same-origin"),
            From::Elsewhere => ("null", "cross-site"),
        };
        let mut cookies = self.cookies();
        if from == From::Platform {
            let at_home = self.at_home.lock().unwrap();
            cookies.retain(|name, _| !at_home.contains(name));
        }
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("accept-language", self.language)
            .header("accept", "text/html,*/*;q=0.8")
            .header("origin", origin);
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        let page = Page::read(request.send().await.unwrap()).await;
        if self.keeps_cookies {
            page.set_cookies().iter().for_each(|line| self.keep(line));
        }
        page
    }

    /// Keeps a cookie as browsers do: a `__Host-` name needs Secure, the path / and no domain, and a cookie that is
    /// to come along from another site needs SameSite=None.
    fn keep(&self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        let has = |wanted: &str| attributes.iter().any(|attribute| attribute == wanted);
        let host = has("secure") && has("path=/") && !attributes.iter().any(|one| one.starts_with("domain"));
        let stays = has("samesite=lax") || has("samesite=strict");
        let fits = host && name.starts_with("__Host-") && (stays || has("samesite=none"));
        assert!(fits, "a browser would refuse {line}");
        if self.keeps_partitioned_alone && !has("partitioned") {
            return;
        }
        if stays {
            self.at_home.lock().unwrap().insert(name.to_owned());
        }
        let mut jar = self.jar.lock().unwrap();
        if has("max-age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The path of a room that somebody entered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Room(String);

impl Room {
    /// The room at this path.
    pub fn at(path: &str) -> Self {
        Self(path.to_owned())
    }

    pub fn path(&self) -> &str {
        &self.0
    }

    pub fn meeting(&self) -> String {
        format!("{}/meeting", self.0)
    }

    pub fn id(&self) -> &str {
        self.0.trim_start_matches("/rooms/")
    }
}

/// An answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let page = Self { status, headers, body: response.text().await.unwrap() };
        page.assert_runs_our_scripts_alone();
        page
    }

    /// On no page of any story may a script of another origin run, a Jitsi server's least of all.
    #[track_caller]
    fn assert_runs_our_scripts_alone(&self) {
        if !self.header("content-type").starts_with("text/html") {
            return;
        }
        let is_ours = |source: &String| source == "'self'" || source.starts_with("'nonce-");
        let scripts = self.policy("script-src");
        assert!(scripts.len() == 2 && scripts.iter().all(is_ours), "{scripts:?} in {}", self.body);
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    /// The address that a redirect leads to, or the page that goes on by itself.
    #[track_caller]
    pub fn location(&self) -> Url {
        if self.status == 200 && self.body.contains("id=\"lti-continue\"") {
            return Url::parse(&self.attr("#lti-continue", "href")).unwrap();
        }
        Url::parse(self.header("location"))
            .unwrap_or_else(|_| panic!("no redirect: {} {}", self.status, self.body))
    }

    /// The query of the address that a redirect leads to.
    #[track_caller]
    pub fn query(&self) -> Form {
        self.location().query_pairs().into_owned().collect()
    }

    /// The code of a refusal.
    pub fn code(&self) -> Option<String> {
        self.body
            .split_once("data-code=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(code, _)| code.to_owned())
    }

    /// The address that names the session, where `path` did not and this answer does.
    fn names(&self, path: &str) -> Option<String> {
        let named = self.header("location");
        let is_same = self.status == 303 && path.starts_with("/rooms/") && !path.contains("v=");
        (is_same && without_name(named) == path).then(|| named.to_owned())
    }

    /// The address of another page of the room where a redirect leads, for the same person.
    pub fn in_the_same_name(&self, path: &str) -> String {
        let place = self.header("location");
        let id = place.trim_start_matches("/rooms/").split(['/', '?']).next().unwrap();
        let name = place.split("v=").nth(1).unwrap().split(['&', '#']).next().unwrap();
        format!("/rooms/{id}{path}?v={name}")
    }

    /// Where a redirect leads, without the name of the session.
    pub fn leads(&self) -> String {
        without_name(self.header("location"))
    }

    /// What became of a request, in a word: `enters`, or status and code.
    pub fn outcome(&self) -> String {
        match (self.status, self.header("location")) {
            (303, place) if place.starts_with("/rooms/") => "enters".to_owned(),
            (status, _) => format!("{status} {}", self.code().unwrap_or_default()),
        }
    }

    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.outcome(), format!("{status} {code}"), "{}", self.body);
        // `{"alg":` and `{"typ":` in base64url.
        let tokens = ["eyJhbGci", "eyJ0eXAi"];
        assert!(!tokens.iter().any(|start| self.body.contains(start)), "a refusal repeats no token");
        self
    }

    /// The launch led into a room.
    #[track_caller]
    pub fn assert_enters(&self) -> Room {
        assert_eq!(self.outcome(), "enters", "{}", self.body);
        let place = self.header("location").split('?').next().unwrap();
        let id = place.trim_start_matches("/rooms/").split('/').next().unwrap();
        Room::at(&format!("/rooms/{id}"))
    }

    /// The page is there and holds `text`, as a reader sees it.
    #[track_caller]
    pub fn assert_says(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "“{text}” is not in {}", self.body);
        self
    }

    /// The body with its entities resolved.
    pub fn text(&self) -> String {
        unescape(&self.body)
    }

    /// The value of a hidden field.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        self.attr(&format!("[name='{name}'][value]"), "value")
    }

    /// The settings that a meeting's page hands to the Jitsi server's script.
    #[track_caller]
    pub fn meeting_config(&self) -> Value {
        let (_, rest) =
            self.body.split_once("id=\"meeting-config\"").unwrap_or_else(|| panic!("{}", self.body));
        let (json, _) = rest.split_once('>').unwrap().1.split_once("</script>").unwrap();
        serde_json::from_str(json).unwrap()
    }

    /// A directive of the page's policy.
    #[track_caller]
    pub fn policy(&self, directive: &str) -> Vec<String> {
        let mut directives = self.header("content-security-policy").split(';').map(str::trim);
        let found = directives.find_map(|one| one.strip_prefix(directive)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {directive}")).split_whitespace().map(str::to_owned).collect()
    }
}

/// An address of a room without the name of the session.
pub fn without_name(address: &str) -> String {
    let (place, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let rest: Vec<&str> = query.split('&').filter(|one| !one.starts_with("v=") && !one.is_empty()).collect();
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    format!("{path}{query}{fragment}")
}

fn unescape(text: &str) -> String {
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, meaning)| text.replace(entity, meaning))
}
