//! Riverside University: a learning platform that takes LTI 1.3 at its word.
//!
//! Where a rule of the specification leaves room, it does what Moodle does, so that what works here works there.

mod ags;
mod auth;
mod campus;
mod claims;
mod content_item;
mod copy;
mod custom;
mod deep_linking;
mod deep_linking_pages;
mod gradebook;
mod gradebook_page;
mod groups;
mod id_token;
mod knobs;
mod knobs_page;
mod launch;
mod lms_pages;
mod manners;
mod meter;
mod notices;
mod nrps;
mod platform_storage;
mod presets;
mod registration;
mod school;
mod score;
mod service;
mod tamper;
mod tamper_cases;
#[cfg(test)]
mod tests;
mod token;
mod tool_keys;
mod tools;
mod tools_page;
mod trouble;
mod visit;
mod wire;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web;

use self::deep_linking::Sessions;
use self::gradebook::Gradebook;
use self::launch::Hint;
use self::meter::Meter;
use self::registration::Registrations;
use self::school::School;
use self::token::Tokens;
use self::tool_keys::ToolKeys;
use self::wire::Wire;
use super::DemoError;
use super::jws::KeyPair;
use super::pages::Pages;
use crate::clock::{Clock, Timestamp};
use crate::ids::Random;

pub use self::auth::AuthAnswer;
pub use self::claims::{
    SCOPE_GROUPS, SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_NOTICES, SCOPE_RESULT, SCOPE_ROSTER,
    SCOPE_SCORE, claim,
};
pub use self::deep_linking::DeepLinkingAnswer;
pub use self::gradebook::{Grade, LineItem, ReceivedScore};
pub use self::knobs::{Behaviour, DeepLinkingOffer, DescriptionFlaw, Knobs, Registering, RosterPages};
pub use self::launch::LoginInitiation;
pub use self::manners::Manners;
pub use self::school::{Activity, Course, Group, MEMBERSHIP, Person};
pub use self::tamper::{Case, Edit, Tamper, Verdict};
pub use self::tamper_cases::CASES;
pub use self::tools::Tool;
pub use self::trouble::{Trouble, TroubleAt};
pub use self::visit::{Visit, VisitMessage};
pub use self::wire::WireEntry;

/// What the LMS is told about itself.
#[derive(Clone, Debug)]
pub struct LmsSettings {
    /// Where the LMS answers, without a slash at the end; also its issuer.
    pub issuer: String,
    /// The tools that it knows from the beginning; others register themselves.
    pub tools: Vec<Tool>,
}

struct Keys {
    current: KeyPair,
    published: Vec<KeyPair>,
}

struct Inner {
    settings: LmsSettings,
    clock: Arc<dyn Clock>,
    random: Random,
    knobs: Knobs,
    school: Mutex<School>,
    grades: Mutex<Gradebook>,
    keys: Mutex<Keys>,
    hints: Mutex<HashMap<String, Hint>>,
    tokens: Mutex<Tokens>,
    sessions: Mutex<Sessions>,
    /// Where notices go, by the tool's client id and their kind.
    handlers: Mutex<HashMap<(String, String), String>>,
    tools: Mutex<Vec<Arc<Tool>>>,
    registrations: Mutex<Registrations>,
    tool_keys: ToolKeys,
    wire: Wire,
    meter: Meter,
    has_classroom: AtomicBool,
    pages: Pages,
}

/// The LMS. Clones share everything.
#[derive(Clone)]
pub struct Lms(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lms {
    /// An LMS with one course, two activities and six people.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(settings: LmsSettings, clock: Arc<dyn Clock>, random: Random) -> Result<Self, DemoError> {
        let current = KeyPair::generate()?;
        let lms = Self(Arc::new(Inner {
            tool_keys: ToolKeys::new()?,
            tools: Mutex::new(settings.tools.iter().cloned().map(Arc::new).collect()),
            registrations: Mutex::default(),
            settings,
            clock,
            random,
            knobs: Knobs::default(),
            school: Mutex::new(School::riverside()),
            grades: Mutex::default(),
            keys: Mutex::new(Keys { published: vec![current.clone()], current }),
            hints: Mutex::default(),
            tokens: Mutex::default(),
            sessions: Mutex::default(),
            handlers: Mutex::default(),
            wire: Wire::default(),
            meter: Meter::default(),
            has_classroom: AtomicBool::new(false),
            pages: Pages::load(),
        }));
        let live = "Every Tuesday at ten. Bring your questions.";
        lms.add_activity(Activity { description: live.into(), ..Activity::new("101", "Live class") })?;
        let office = "Drop in with a question.";
        lms.add_activity(Activity {
            description: office.into(),
            ..Activity::new("101", "Office hours").ungraded()
        })?;
        Ok(lms)
    }

    /// The same LMS without any tool: one has to register first.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn empty(issuer: &str, clock: Arc<dyn Clock>, random: Random) -> Result<Self, DemoError> {
        Self::new(LmsSettings { issuer: issuer.to_owned(), tools: Vec::new() }, clock, random)
    }

    /// Mounts the LMS on a server of its own.
    pub fn routes(&self) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + use<> {
        let lms = self.clone();
        move |config| {
            config.app_data(web::Data::new(lms.clone()));
            auth::routes(config);
            service::routes(config);
            knobs_page::routes(config);
            gradebook_page::routes(config);
            deep_linking_pages::routes(config);
            registration::routes(config);
            tools_page::routes(config);
            lms_pages::routes(config);
            platform_storage::routes(config);
        }
    }

    /// What the LMS was told.
    pub fn settings(&self) -> &LmsSettings {
        &self.0.settings
    }

    /// The OpenID Connect authorisation endpoint.
    pub fn auth_url(&self) -> String {
        format!("{}/lti/auth", self.0.settings.issuer)
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/lti/token", self.0.settings.issuer)
    }

    /// The LMS's key set.
    pub fn jwks_url(&self) -> String {
        format!("{}/lti/jwks", self.0.settings.issuer)
    }

    /// Where the LMS describes itself to tools that register.
    pub fn configuration_url(&self) -> String {
        format!("{}/openid-configuration", self.0.settings.issuer)
    }

    /// Where tools register.
    pub fn registration_url(&self) -> String {
        format!("{}/register", self.0.settings.issuer)
    }

    /// The switches.
    pub fn knobs(&self) -> &Knobs {
        &self.0.knobs
    }

    /// Says on the pages of courses that classes can be simulated.
    pub fn announce_classroom(&self) {
        self.0.has_classroom.store(true, Ordering::Relaxed);
    }

    fn has_classroom(&self) -> bool {
        self.0.has_classroom.load(Ordering::Relaxed)
    }

    /// The last 50 messages, newest first.
    pub fn wire(&self) -> Vec<WireEntry> {
        self.0.wire.entries()
    }

    /// Signs with a new key from now on; the old one stays published when `keep_old`.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self, keep_old: bool) -> Result<(), DemoError> {
        let fresh = KeyPair::generate()?;
        let mut keys = lock(&self.0.keys);
        if !keep_old {
            keys.published.clear();
        }
        keys.published.push(fresh.clone());
        keys.current = fresh;
        Ok(())
    }

    /// The time as the LMS sees it, with its clock's error.
    ///
    /// Units: seconds since 1970.
    fn now(&self) -> i64 {
        self.local_time().secs()
    }

    /// The same, as a moment.
    fn local_time(&self) -> Timestamp {
        let offset = self.0.knobs.get().clock_offset.saturating_mul(1000);
        Timestamp::from_millis(self.0.clock.now().millis().saturating_add(offset))
    }

    fn moment(&self) -> Timestamp {
        self.0.clock.now()
    }
}
