//! Riverside University: a learning platform that takes LTI 1.3 at its word.
//!
//! Where a rule of the specification leaves room, it does what Moodle does, so that what works here works there.

mod ags;
mod auth;
mod behaviour;
mod behaviour_page;
mod claims;
mod content_item;
mod copy;
mod custom;
mod deep_linking;
mod deep_linking_pages;
mod dialect;
mod directory;
mod fault;
mod gradebook;
mod gradebook_page;
mod groups;
mod id_token;
mod launch;
mod lms_pages;
mod message_log;
mod notices;
mod nrps;
mod platform_storage;
mod presets;
mod registration;
mod score;
mod score_meter;
mod service;
mod tamper;
mod tamper_cases;
mod test_api;
#[cfg(test)]
mod tests;
mod token;
mod tool_keys;
mod tools;
mod tools_page;
mod tour;
mod visit;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use actix_web::web;

use self::deep_linking::PendingSelections;
use self::directory::Directory;
use self::gradebook::GradeTable;
use self::launch::LoginHint;
use self::message_log::MessageLog;
use self::registration::Registrations;
use self::score_meter::ScoreMeter;
use self::token::Tokens;
use self::tool_keys::ToolKeys;
use self::tour::Tour;
use super::DemoError;
use super::jws::KeyPair;
use super::pages::DemoPages;
use crate::clock::{Clock, Timestamp};
use crate::ids::Random;

pub use self::auth::AuthAnswer;
pub use self::behaviour::{
    Behaviour, DeepLinkingOffer, DescriptionFlaw, MembershipPages, Registering, Switches,
};
pub use self::claims::{
    SCOPE_GROUPS, SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_MEMBERSHIPS, SCOPE_NOTICES, SCOPE_RESULT,
    SCOPE_SCORE, claim,
};
pub use self::deep_linking::DeepLinkingAnswer;
pub use self::dialect::Dialect;
pub use self::directory::{LmsActivity, LmsCourse, LmsGroup, LmsPerson, MEMBERSHIP};
pub use self::fault::{Fault, FaultAt};
pub use self::gradebook::{Grade, LmsLineItem, ReceivedScore};
pub use self::launch::LoginInitiation;
pub use self::message_log::LoggedMessage;
pub use self::tamper::{Case, Edit, ExpectedOutcome, Tamper};
pub use self::tamper_cases::CASES;
pub use self::tools::Tool;
pub use self::tools_page::AdminLinks;
pub use self::tour::TourStep;
pub use self::visit::{Visit, VisitMessage};

/// Where the LMS is, and which tools it knows.
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
    behaviour: Behaviour,
    directory: Mutex<Directory>,
    grades: Mutex<GradeTable>,
    keys: Mutex<Keys>,
    hints: Mutex<HashMap<String, LoginHint>>,
    tokens: Mutex<Tokens>,
    selections: Mutex<PendingSelections>,
    /// Where notices go, by the tool's client id and their kind.
    handlers: Mutex<HashMap<(String, String), String>>,
    tools: Mutex<Vec<Arc<Tool>>>,
    registrations: Mutex<Registrations>,
    tool_keys: ToolKeys,
    message_log: MessageLog,
    score_meter: ScoreMeter,
    has_classroom: AtomicBool,
    tour: Mutex<Tour>,
    admin_links: OnceLock<Arc<dyn AdminLinks>>,
    pages: DemoPages,
}

/// The LMS. Clones share everything.
#[derive(Clone)]
pub struct Lms(Arc<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lms {
    /// Makes an LMS with one course, two activities and a handful of people.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(settings: LmsSettings, clock: Arc<dyn Clock>, random: Random) -> Result<Self, DemoError> {
        Self::with_key(settings, KeyPair::generate()?, clock, random)
    }

    /// The same LMS with a key that was made before.
    ///
    /// # Errors
    /// When its client cannot be made.
    pub fn with_key(
        settings: LmsSettings,
        current: KeyPair,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Result<Self, DemoError> {
        let lms = Self(Arc::new(Inner {
            tool_keys: ToolKeys::new()?,
            tools: Mutex::new(settings.tools.iter().cloned().map(Arc::new).collect()),
            registrations: Mutex::default(),
            settings,
            clock,
            random,
            behaviour: Behaviour::default(),
            directory: Mutex::new(Directory::riverside()),
            grades: Mutex::default(),
            keys: Mutex::new(Keys { published: vec![current.clone()], current }),
            hints: Mutex::default(),
            tokens: Mutex::default(),
            selections: Mutex::default(),
            handlers: Mutex::default(),
            message_log: MessageLog::default(),
            score_meter: ScoreMeter::default(),
            has_classroom: AtomicBool::new(false),
            tour: Mutex::default(),
            admin_links: OnceLock::new(),
            pages: DemoPages::load(),
        }));
        let live = "Every Tuesday at ten. Bring your questions.";
        lms.add_activity(LmsActivity { description: live.into(), ..LmsActivity::new("101", "Live class") })?;
        let office = "Drop in with a question.";
        lms.add_activity(LmsActivity {
            description: office.into(),
            ..LmsActivity::new("101", "Office hours").ungraded()
        })?;
        Ok(lms)
    }

    /// Makes an LMS without any tool: one has to register first.
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
            behaviour_page::routes(config);
            gradebook_page::routes(config);
            deep_linking_pages::routes(config);
            registration::routes(config);
            tools_page::routes(config);
            tour::routes(config);
            lms_pages::routes(config);
            platform_storage::routes(config);
        }
    }

    /// Returns the settings that the LMS was made with.
    pub fn settings(&self) -> &LmsSettings {
        &self.0.settings
    }

    /// Returns the OpenID Connect authorisation endpoint.
    pub fn auth_url(&self) -> String {
        format!("{}/lti/auth", self.0.settings.issuer)
    }

    /// Returns the token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/lti/token", self.0.settings.issuer)
    }

    /// Returns the LMS's key set.
    pub fn jwks_url(&self) -> String {
        format!("{}/lti/jwks", self.0.settings.issuer)
    }

    /// Returns the URL of the OpenID configuration for tools that register.
    pub fn configuration_url(&self) -> String {
        format!("{}/openid-configuration", self.0.settings.issuer)
    }

    /// Returns the registration endpoint.
    pub fn registration_url(&self) -> String {
        format!("{}/register", self.0.settings.issuer)
    }

    /// Returns how the LMS behaves, to read and to change.
    pub fn behaviour(&self) -> &Behaviour {
        &self.0.behaviour
    }

    /// Shows on the pages of courses that classes can be simulated.
    pub fn announce_classroom(&self) {
        self.0.has_classroom.store(true, Ordering::Relaxed);
    }

    /// Offers links to the tool's administrator pages; the first source stays.
    pub fn offer_admin_links(&self, links: Arc<dyn AdminLinks>) {
        // Set once, when the demo is set up.
        let _ = self.0.admin_links.set(links);
    }

    fn has_classroom(&self) -> bool {
        self.0.has_classroom.load(Ordering::Relaxed)
    }

    /// Returns the last 50 messages, newest first.
    pub fn message_log(&self) -> Vec<LoggedMessage> {
        self.0.message_log.entries()
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

    /// Returns that time in seconds, as claims have it.
    ///
    /// Units: seconds since 1970.
    fn now(&self) -> i64 {
        self.local_time().secs()
    }

    /// Returns the time as the LMS sees it, with its clock's error.
    fn local_time(&self) -> Timestamp {
        let offset = self.0.behaviour.get().clock_offset.saturating_mul(1000);
        Timestamp::from_millis(self.0.clock.now().millis().saturating_add(offset))
    }

    fn moment(&self) -> Timestamp {
        self.0.clock.now()
    }
}
