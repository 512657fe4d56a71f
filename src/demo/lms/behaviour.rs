//! How the LMS behaves: switches that make it like another one, or faulty.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::fault::{Fault, FaultAt};
use super::tamper::Tamper;

/// How the pages of the memberships are linked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MembershipPages {
    /// As they should be.
    #[default]
    Right,
    /// The last page leads to itself.
    ToThemselves,
    /// After the last page come others, with the same people, without end.
    Endless,
    /// The next page is at another host.
    Elsewhere,
    /// What narrows the list to an activity is refused.
    WholeCourseOnly,
}

/// What the LMS lets a teacher choose by deep linking.
#[derive(Clone, Debug, PartialEq)]
pub struct DeepLinkingOffer {
    /// Types of items that it takes.
    pub accept_types: Vec<String>,
    /// Where items may open.
    pub accept_targets: Vec<String>,
    /// Media types, for files; left out if `None`.
    pub accept_media_types: Option<String>,
    /// Whether several items at once are accepted; left out if `None`.
    pub accept_multiple: Option<bool>,
    /// Whether items may ask for a line item; left out if `None`, as Moodle does.
    pub accept_lineitem: Option<bool>,
    /// What the answer must repeat: `None` is a fresh opaque text, null is nothing at all, as in Moodle.
    pub data: Option<serde_json::Value>,
    /// The title to begin with.
    pub title: String,
    /// The text to begin with.
    pub text: String,
}

impl Default for DeepLinkingOffer {
    fn default() -> Self {
        Self {
            accept_types: vec!["ltiResourceLink".to_owned()],
            accept_targets: ["frame", "iframe", "window"].map(str::to_owned).to_vec(),
            accept_media_types: None,
            accept_multiple: Some(true),
            accept_lineitem: None,
            data: None,
            title: String::new(),
            text: String::new(),
        }
    }
}

/// How the LMS registers tools.
#[derive(Clone, Debug, PartialEq)]
pub struct Registering {
    /// A registration needs the token that the LMS gave; Brightspace gives none.
    pub token_needed: bool,
    /// Every registration is refused with this status and JSON.
    pub refusal: Option<(u16, Value)>,
    /// The answer names no client id.
    pub without_client_id: bool,
    /// The answer names no deployment: somebody makes it by hand later, as in Brightspace.
    pub without_deployment: bool,
    /// The scopes that are granted at most; `None` are all that the LMS has.
    pub scopes: Option<Vec<String>>,
    /// What is wrong with the LMS's OpenID configuration.
    pub flaw: Option<DescriptionFlaw>,
}

/// What is wrong with the LMS's OpenID configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptionFlaw {
    /// The member of that name leads to another host.
    Elsewhere(&'static str),
    /// The issuer is another one.
    WrongIssuer,
    /// The description is at another address, to which this one redirects.
    Redirects,
}

impl Default for Registering {
    fn default() -> Self {
        Self {
            token_needed: true,
            refusal: None,
            without_client_id: false,
            without_deployment: false,
            scopes: None,
            flaw: None,
        }
    }
}

/// How the LMS behaves now. The defaults are a healthy, strict LMS like Moodle.
#[derive(Clone, Debug, PartialEq)]
pub struct Switches {
    /// Token endpoint, gradebook and memberships answer 503.
    pub services_down: bool,
    /// The key set answers 503.
    pub keys_down: bool,
    /// Token endpoint, gradebook, memberships and key set answer this much later.
    pub delay: Duration,
    /// The token endpoint refuses every request (`invalid_client`).
    pub token_refused: bool,
    /// The token endpoint's JSON goes out as `text/html`, as Moodle's does.
    pub token_as_html: bool,
    /// How long an access token lives, in seconds.
    pub token_seconds: i64,
    /// Every grade is locked.
    pub grades_locked: bool,
    /// The status a locked grade is answered with (Moodle: 500).
    pub locked_status: u16,
    /// The tool may make line items; otherwise it may only fill and read them.
    pub line_item_management: bool,
    /// How far the LMS's clock is off, in seconds.
    pub clock_offset: i64,
    /// How far the `Date` of its responses is off beyond that, in seconds, as a proxy's clock may be.
    pub date_offset: i64,
    /// Scores need an `Accept` header with their media type only (as in Chamilo), and every service refuses an access token
    /// with more scopes than it needs.
    pub pedantic: bool,
    /// How long an id_token lives, in seconds (Moodle: 60).
    pub id_token_seconds: i64,
    /// The login initiation is a GET, as in Open edX, instead of a form POST.
    pub login_by_get: bool,
    /// The login initiation has `deployment_id`, as in Canvas, instead of `lti_deployment_id`.
    pub canvas_deployment: bool,
    /// The login initiation has no `client_id`.
    pub omit_client_id: bool,
    /// A login hint works once, as in Moodle.
    pub hint_once: bool,
    /// The frame delegates `display-capture`, as Canvas does.
    pub delegate_display_capture: bool,
    /// Logins offer the LMS's own storage to tools (LTI platform storage); Moodle doesn't. Canvas has it in a frame of its
    /// own.
    pub platform_storage: bool,
    /// Link headers carry typographic quotes and `&amp;`, as Moodle's do.
    pub broken_link_header: bool,
    /// Lists are cut into pages of this size, whatever the tool asks for.
    pub page_size: Option<usize>,
    /// The memberships list this many more learners, whose accounts exist nowhere else.
    pub membership_crowd: usize,
    /// What is wrong with the pages of the memberships.
    pub membership_pages: MembershipPages,
    /// `tool_platform.product_family_code`, and the dialect that goes with it ([`super::Dialect::of`]).
    pub family: String,
    /// What the assertion for an access token must name as its audience; `None` is the token URL (Brightspace names
    /// another one).
    pub token_audience: Option<String>,
    /// How [`Self::fault_at`] answers instead of as it should.
    pub fault: Option<Fault>,
    /// Where the fault is.
    pub fault_at: FaultAt,
    /// Launches offer the memberships service.
    pub offer_memberships: bool,
    /// Launches offer the grade service.
    pub offer_grades: bool,
    /// The grade service doesn't offer results.
    pub without_results: bool,
    /// Launches offer the course's groups (Course Groups Service); Moodle does not.
    pub offer_groups: bool,
    /// The course has this many more groups, made up.
    pub group_crowd: usize,
    /// Launches offer notices (Platform Notification Service); Canvas alone does.
    pub offer_notices: bool,
    /// The LMS knows `$Context.id.history`.
    pub context_history: bool,
    /// The LMS knows `$ResourceLink.id.history`; Moodle does not.
    pub link_history: bool,
    /// What teachers may choose by deep linking.
    pub deep_linking: DeepLinkingOffer,
    /// Learners may choose by deep linking as well; no real LMS lets them.
    pub students_may_pick: bool,
    /// Launches don't say who the person is.
    pub anonymous: bool,
    /// How tools register.
    pub registering: Registering,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            services_down: false,
            keys_down: false,
            delay: Duration::ZERO,
            token_refused: false,
            token_as_html: true,
            token_seconds: 3600,
            grades_locked: false,
            locked_status: 500,
            line_item_management: true,
            clock_offset: 0,
            date_offset: 0,
            pedantic: false,
            id_token_seconds: 60,
            login_by_get: false,
            canvas_deployment: false,
            omit_client_id: false,
            hint_once: false,
            delegate_display_capture: false,
            platform_storage: false,
            broken_link_header: false,
            page_size: None,
            membership_crowd: 0,
            membership_pages: MembershipPages::Right,
            family: "moodle".to_owned(),
            token_audience: None,
            fault: None,
            fault_at: FaultAt::Scores,
            offer_memberships: true,
            offer_grades: true,
            without_results: false,
            offer_groups: false,
            group_crowd: 0,
            offer_notices: false,
            context_history: true,
            link_history: false,
            deep_linking: DeepLinkingOffer::default(),
            students_may_pick: false,
            anonymous: false,
            registering: Registering::default(),
        }
    }
}

/// How the LMS behaves, shared by the pages, the services and the tests.
#[derive(Default)]
pub struct Behaviour {
    /// How it behaves while it is healthy.
    healthy: Mutex<Switches>,
    switches: Mutex<Switches>,
    next: Mutex<VecDeque<Tamper>>,
    always: Mutex<Option<Tamper>>,
}

impl Behaviour {
    /// Returns how the LMS behaves now.
    pub fn get(&self) -> Switches {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes how the LMS behaves: `lms.behaviour().set(|now| now.services_down = true)`.
    pub fn set(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.switches.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Changes how a healthy LMS behaves, and resets it to that.
    pub fn set_healthy(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.healthy.lock().unwrap_or_else(PoisonError::into_inner));
        self.reset();
    }

    /// Returns how a healthy LMS behaves.
    pub(super) fn healthy(&self) -> Switches {
        self.healthy.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Spoils the next id_token; calls add up, one id_token each.
    pub fn tamper_next(&self, tamper: Tamper) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).push_back(tamper);
    }

    /// Spoils every id_token until `None` is given.
    pub fn tamper_always(&self, tamper: Option<Tamper>) {
        *self.always.lock().unwrap_or_else(PoisonError::into_inner) = tamper;
    }

    /// Resets everything to a healthy LMS.
    pub fn reset(&self) {
        let healthy = self.healthy();
        self.set(|now| *now = healthy);
        self.next.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.tamper_always(None);
    }

    /// Returns how the next id_token will be spoiled, without using it up.
    pub(super) fn pending(&self) -> Option<Tamper> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).front().cloned();
        next.or_else(|| self.always.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(super) fn take_tamper(&self) -> Option<Tamper> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.or_else(|| self.always.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}
