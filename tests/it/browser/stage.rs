//! The demo on free ports, in a thread of its own, for as long as a story needs it.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, Weak, mpsc};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use diesel::RunQueryDsl as _;
use jitsi_lti::cli::demo::{Demo, DemoArgs};
use jitsi_lti::clock::SystemClock;
use jitsi_lti::db::{Database, DbConnection};
use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};
use jitsi_lti::demo::lms::{Lms, LmsActivity};
use url::Url;

use crate::support::{Background, Number, until};

/// The LMS, the tool and the simulated Jitsi.
pub struct Stage {
    pub lms: Lms,
    pub jitsi: JitsiSim,
    /// Opens the administrator's pages, once.
    pub admin_url: Url,
    handles: Vec<ServerHandle>,
    thread: Option<JoinHandle<()>>,
    background: Option<Background>,
    db: Database,
}

/// The stage of the stories that do not change how it behaves; gone with the last of them.
static SHARED: Mutex<Weak<Stage>> = Mutex::new(Weak::new());

impl Stage {
    /// A stage for one story that disturbs others.
    pub fn own() -> Self {
        let (tell, hear) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let demo = Demo::prepare(&DemoArgs::anywhere(), Arc::new(SystemClock)).await.unwrap();
                demo.jitsi.speak_through(jitsis_own_transport());
                let parts = (Background::of(&demo.parts), demo.parts.app.db.clone());
                let urls = (demo.admin_url.clone(), parts);
                tell.send((demo.lms.clone(), demo.jitsi.clone(), demo.handles(), urls)).unwrap();
                demo.run().await.unwrap();
            });
        });
        let (lms, jitsi, handles, (admin_url, (background, db))) =
            hear.recv().expect("the demo does not start");
        Self { lms, jitsi, admin_url, handles, thread: Some(thread), background: Some(background), db }
    }

    /// The stage that quiet stories share.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let stage = Arc::new(Self::own());
            *shared = Arc::downgrade(&stage);
            stage
        })
    }

    /// A new activity: a room where nobody of another story is.
    pub fn activity(&self, title: &str) -> LmsActivity {
        let activity = LmsActivity { id: format!("a{}", fresh_number()), ..LmsActivity::new("101", title) };
        self.lms.add_activity(activity).unwrap()
    }

    /// Where a person opens the activity; `more` is added to the address (`&locale=es`).
    pub fn address(&self, activity: &LmsActivity, person: &str, more: &str) -> String {
        self.lms.activity_url(activity, person) + more
    }

    /// Writes the heartbeats so far.
    pub async fn written(&self) {
        self.background.as_ref().unwrap().written().await;
    }

    /// Waits until `count` people are in class, and it is written.
    pub async fn has_in_class(&self, count: i64) {
        let people = "SELECT COUNT(DISTINCT user_id) AS value FROM presence WHERE NOT has_left";
        until(&format!("{count} people are in class"), async || {
            self.written().await;
            let work = move |connection: &mut DbConnection| {
                Ok(diesel::sql_query(people).get_result::<Number>(connection)?.value)
            };
            (self.db.read::<i64>(work).await.unwrap() >= count).then_some(())
        })
        .await;
    }

    /// The simulated Jitsi goes away; its port is free afterwards.
    pub async fn stop_jitsi(&self) -> u16 {
        self.handles.last().unwrap().stop(false).await;
        Url::parse(&self.jitsi.settings().origin).unwrap().port().unwrap()
    }

    /// A Jitsi with the same address that signs with another secret.
    pub fn jitsi_with_another_secret(&self) -> JitsiSim {
        let SimKind::Token(server) = &self.jitsi.settings().kind else {
            panic!("the demo's Jitsi takes tokens")
        };
        self.jitsi_like(TokenServer { keys: SimKeys::Secret("another secret".to_owned()), ..server.clone() })
    }

    /// A Jitsi with the same address from before May 2024: its page reads the token in the query alone.
    pub fn jitsi_of_2023(&self) -> JitsiSim {
        let SimKind::Token(server) = &self.jitsi.settings().kind else {
            panic!("the demo's Jitsi takes tokens")
        };
        self.jitsi_like(TokenServer { reads_query_alone: true, ..server.clone() })
    }

    fn jitsi_like(&self, server: TokenServer) -> JitsiSim {
        let settings = JitsiSettings { kind: SimKind::Token(server), ..self.jitsi.settings().clone() };
        let jitsi = JitsiSim::new(settings, Arc::new(SystemClock)).unwrap();
        jitsi.speak_through(jitsis_own_transport());
        jitsi
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for handle in &self.handles {
            // The order is given when the call is made; nobody needs to wait here.
            drop(handle.stop(false));
        }
        self.background = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The simulated server's frame speaks to the tool through Jitsi's own end of the protocol, not through ours.
fn jitsis_own_transport() -> String {
    let path =
        std::env::var_os("TEST_JITSI_TRANSPORT").expect("TEST_JITSI_TRANSPORT is not set: run tests/run");
    std::fs::read_to_string(path).unwrap()
}

fn fresh_number() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(100);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// Another Jitsi on a port that was freed.
pub struct Replacement {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Replacement {
    pub fn start(jitsi: &JitsiSim, port: u16) -> Self {
        let routes = jitsi.routes();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let (tell, hear) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = HttpServer::new(move || App::new().configure(routes.clone())).workers(1);
                let server = server.disable_signals().listen(listener).unwrap().run();
                tell.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { handle: hear.recv().unwrap(), thread: Some(thread) }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
