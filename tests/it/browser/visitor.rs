//! Somebody with a browser.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::cookie_eater;

/// Two cores with four browsers are slow.
const TIMEOUT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(60);

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const SWITCHES: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--lang=en-US",
];

/// What the browser does with cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// It takes all of them.
    Allowed,
    /// It refuses those of another site in a frame, unless they are partitioned.
    ThirdPartyBlocked,
    /// It sends none out of frames, partitioned or not, and keeps the frame's storage.
    NoneInFrames,
    /// It refuses all of them.
    AllBlocked,
}

/// Somebody with a browser of their own.
pub struct Visitor {
    client: Client,
    driver: Child,
    port: u16,
    // Kept open: the driver would die of a closed pipe.
    _output: BufReader<ChildStdout>,
    /// Where the browser leaves its files.
    _folder: TempDir,
}

impl Visitor {
    /// Opens a browser with a window of that width.
    pub async fn new(cookies: Cookies, width: u32) -> Self {
        let preferences = match cookies {
            Cookies::Allowed => {
                json!({"profile.cookie_controls_mode": 0, "profile.block_third_party_cookies": false})
            }
            Cookies::ThirdPartyBlocked | Cookies::NoneInFrames => {
                json!({"profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": true})
            }
            Cookies::AllBlocked => json!({"profile.default_content_setting_values.cookies": 2}),
        };
        let mut switches = Vec::new();
        if cookies == Cookies::NoneInFrames {
            let port = cookie_eater::start().await;
            switches.push(format!("--proxy-server=http://127.0.0.1:{port}"));
            switches.push("--proxy-bypass-list=<-loopback>".to_owned());
        }
        Self::with(preferences, width, switches).await
    }

    /// A browser in which JavaScript is switched off.
    pub async fn without_javascript() -> Self {
        Self::with(json!({"profile.default_content_setting_values.javascript": 2}), 1000, Vec::new()).await
    }

    async fn with(preferences: Value, width: u32, more: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (driver, output, port) = start_driver(&folder);
        let mut switches: Vec<String> = SWITCHES.iter().map(|switch| (*switch).to_owned()).collect();
        switches.push(format!("--window-size={width},800"));
        switches.extend(more);
        let options = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"args": switches, "prefs": preferences, "binary": chromium()},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = options else { unreachable!() };
        let capabilities: Capabilities = capabilities;
        let address = format!("http://127.0.0.1:{port}");
        let client = ClientBuilder::native().capabilities(capabilities).connect(&address).await;
        let client = client.expect("Chromium does not start: run tests/run");
        let visitor = Self { client, driver, port, _output: output, _folder: folder };
        if width < 600 {
            visitor.narrow(width).await;
        }
        visitor
    }

    /// The driver's client, for what is not a story's word.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to an address.
    pub async fn open(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Loads the page, or the frame that this browser looks at, once more.
    pub async fn reloads(&self) {
        self.client.execute("window.isOld = true; location.reload()", vec![]).await.unwrap();
        let is_fresh = "return window.isOld !== true && document.readyState === 'complete'";
        let look = async |me: &Self| (me.script(is_fresh).await == true).then_some(());
        self.until("reloaded page", look).await;
    }

    /// Waits until the page has neither changed nor asked for anything for a while.
    pub async fn comes_to_rest(&self) {
        let rest = "const done = arguments[arguments.length - 1]; \
                    let last = performance.now(); \
                    const moved = () => { last = performance.now(); }; \
                    new MutationObserver(moved).observe(document, { subtree: true, childList: true, attributes: true }); \
                    new PerformanceObserver(moved).observe({ type: 'resource' }); \
                    const look = () => (performance.now() - last > 800 ? done() : setTimeout(look, 50)); \
                    look()";
        self.client.execute_async(rest, vec![]).await.unwrap();
    }

    /// Makes this tab as narrow as a phone: a headless window does not get there by itself.
    pub async fn narrow(&self, width: u32) {
        let size = json!({"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Runs a command of the browser's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.command("goog/cdp/execute", body).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    async fn command(&self, path: &'static str, body: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Extension { path, body }).await
    }

    /// Waits for `look` to find something; `what` is said when it never does.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            if began.elapsed() > TIMEOUT {
                let address = self.client.current_url().await.map(|url| url.to_string()).unwrap_or_default();
                let text = self
                    .script("return document.documentElement.dataset.state + ' ' + document.body.innerText")
                    .await;
                panic!("no {what}; the page {address} says: {text}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The element, as soon as it is there.
    pub async fn find(&self, css: &str) -> Element {
        self.until(css, async |me| me.client.find(Locator::Css(css)).await.ok()).await
    }

    /// The element, as soon as it can be seen.
    pub async fn see(&self, css: &str) -> Element {
        let seen = async |me: &Self| {
            let element = me.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        self.until(&format!("visible {css}"), seen).await
    }

    /// Whether the element is on this page and can be seen.
    pub async fn sees(&self, css: &str) -> bool {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// What the element says.
    pub async fn read(&self, css: &str) -> String {
        self.see(css).await.text().await.unwrap()
    }

    /// An attribute of an element; empty where it is missing.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        self.find(css).await.attr(name).await.unwrap().unwrap_or_default()
    }

    /// Clicks the element.
    pub async fn click(&self, css: &str) {
        self.see(css).await.click().await.unwrap_or_else(|error| panic!("{css} cannot be clicked: {error}"));
    }

    /// The value of a script.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_else(|error| json!(error.to_string()))
    }

    /// From any frame to the window's own page.
    pub async fn to_page(&self) {
        self.command("frame", json!({"id": null})).await.unwrap();
    }

    /// Into the LMS's frame, and there to the element, wherever the tool's redirects have got to.
    pub async fn in_tool(&self, css: &str) -> Element {
        self.in_frame("#tool-frame", css).await
    }

    /// Into that frame of the LMS's page, and there to the element.
    pub async fn in_frame(&self, frame: &str, css: &str) -> Element {
        let look = async |me: &Self| {
            me.command("frame", json!({"id": null})).await.ok()?;
            me.client.find(Locator::Css(frame)).await.ok()?.enter_frame().await.ok()?;
            let element = me.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        };
        self.until(&format!("{css} in {frame}"), look).await
    }

    /// Into Jitsi's frame of the meeting page, once the person is in the meeting.
    pub async fn in_meeting(&self) {
        self.find("html[data-state=joined]").await;
        self.find("#jitsi iframe").await.enter_frame().await.unwrap();
        self.find("#meeting[data-joined=true]:not([data-role=none])").await;
    }

    /// To the window that was opened last, once there are `count`.
    pub async fn to_window(&self, count: usize) {
        let newest = async |me: &Self| {
            let windows = me.client.windows().await.ok()?;
            (windows.len() == count).then(|| windows.into_iter().last())?
        };
        let window = self.until(&format!("{count} windows"), newest).await;
        self.client.switch_to_window(window).await.unwrap();
    }

    /// Presses keys, one after the other.
    pub async fn press(&self, keys: &[Key]) {
        for key in keys {
            let value = char::from(*key);
            let keyboard = KeyActions::new("keyboard".to_owned());
            let stroke = keyboard.then(KeyAction::Down { value }).then(KeyAction::Up { value });
            self.client.perform_actions(stroke).await.unwrap();
        }
    }

    /// The names of the tool's cookies that this browser holds, and whether each lies in a partition.
    pub async fn cookies(&self) -> Vec<(String, bool)> {
        let answer = self.devtools("Storage.getCookies", json!({})).await;
        let cookies = answer["cookies"].as_array().cloned().unwrap_or_default();
        let name = |cookie: &Value| cookie["name"].as_str().unwrap_or_default().to_owned();
        cookies.iter().map(|cookie| (name(cookie), !cookie["partitionKey"].is_null())).collect()
    }

    /// What the browser complained about since the last call: errors, refused resources, broken policies.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.command("se/log", json!({"type": "browser"})).await.unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let is_policy = |entry: &Value| entry["message"].as_str().is_some_and(|text| text.contains("Policy"));
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE" || is_policy(entry));
        bad.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What this page's own policy has refused since it was loaded; the log knows that of whole windows alone.
    pub async fn violations(&self) -> Vec<String> {
        let ask = "const observer = new ReportingObserver(() => {}, { types: ['csp-violation'], buffered: true }); \
                   observer.observe(); \
                   return observer.takeRecords().map(({ body }) => `${body.effectiveDirective} ${body.blockedURL}`)";
        serde_json::from_value(self.script(ask).await).unwrap()
    }

    /// How many pixels of this page stick out to the side.
    pub async fn overhang(&self) -> i64 {
        let root = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
        self.script(root).await.as_i64().expect("a number of pixels")
    }
}

impl Drop for Visitor {
    /// Closes the browser too, also when the story failed.
    fn drop(&mut self) {
        if let Ok(mut driver) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
            let _ = driver.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = write!(driver, "GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let _ = driver.read_to_end(&mut Vec::new());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command that the browser's driver has beyond the standard.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.body.to_string()))
    }
}

fn chromium() -> String {
    let is_there = |name: &&&str| {
        let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    static FOUND: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let find = || {
        let name = CHROMIUM.iter().find(is_there).expect("Chromium is missing: run tests/run");
        let path = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().unwrap();
        String::from_utf8(path.stdout).unwrap().trim().to_owned()
    };
    FOUND.get_or_init(find).clone()
}

/// The driver on a free port. Two that start together may be after the same one: the loser tries again.
fn start_driver(folder: &TempDir) -> (Child, BufReader<ChildStdout>, u16) {
    (0..5).find_map(|_| try_driver(folder)).expect("chromedriver does not start: run tests/run")
}

fn try_driver(folder: &TempDir) -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is missing: run tests/run");
    let mut output = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).unwrap() > 0 {
        let port = line.trim().strip_suffix('.').and_then(|line| line.split(" on port ").nth(1));
        if let Some(port) = port.and_then(|port| port.parse().ok()) {
            return Some((driver, output, port));
        }
        line.clear();
    }
    let _ = driver.wait();
    None
}
