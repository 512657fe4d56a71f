//! The LMS's half of a launch: hints, login initiation, claims.

use std::sync::Arc;

use super::claims::{self, LaunchMessage, LaunchSender, LaunchSubject};
use super::directory::{LmsActivity, LmsCourse, LmsPerson};
use super::id_token::IdTokenDraft;
use super::message_log::{LoggedMessage, TO_TOOL};
use super::platform_storage;
use super::tamper::Tamper;
use super::tools::Tool;
use super::visit::{Visit, VisitMessage};
use super::{Lms, lock};
use crate::demo::DemoError;

const HINT_SECONDS: i64 = 600;

/// What a `lti_message_hint` stands for.
pub(super) struct LoginHint {
    pub(super) visit: Visit,
    issued: i64,
    used: bool,
}

/// The browser's first step towards the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginInitiation {
    /// `POST`, or `GET` if [`super::Switches::login_by_get`] is set.
    pub method: &'static str,
    /// The tool's login URL.
    pub url: String,
    /// The form fields or query parameters.
    pub fields: Vec<(String, String)>,
}

/// Tool, person, course and, if there is one, activity of a visit.
pub(super) struct ResolvedVisit {
    pub(super) tool: Arc<Tool>,
    pub(super) person: LmsPerson,
    pub(super) course: LmsCourse,
    pub(super) activity: Option<LmsActivity>,
    pub(super) learner: Option<LmsPerson>,
}

impl ResolvedVisit {
    /// Returns the launch's `target_link_uri`.
    fn target(&self) -> &str {
        let own = match &self.activity {
            Some(activity) => activity.target_link_uri.as_deref(),
            None => self.tool.picker_url.as_deref(),
        };
        own.unwrap_or(&self.tool.launch_url)
    }
}

impl Lms {
    pub(super) fn resolve(&self, visit: &Visit) -> Result<ResolvedVisit, DemoError> {
        let directory = lock(&self.0.directory);
        let unknown = |what: String| DemoError::Unknown(what);
        let (course, activity) = match &visit.message {
            VisitMessage::DeepLinking { course } => (course.clone(), None),
            VisitMessage::ResourceLink | VisitMessage::SubmissionReview { .. } => {
                let found = directory.activity(&visit.activity).cloned();
                let found = found.ok_or_else(|| unknown(format!("activity {}", visit.activity)))?;
                (found.course.clone(), Some(found))
            }
        };
        let course = directory.course(&course).cloned().ok_or_else(|| unknown(format!("course {course}")))?;
        let somebody = |id: &str, may: fn(&LmsPerson, &str) -> bool| {
            let person = directory.person(id).ok_or_else(|| unknown(format!("person {id}")))?;
            let found = may(person, &course.id).then(|| person.clone());
            found.ok_or_else(|| unknown(format!("{id} in {}", course.title)))
        };
        let person = somebody(&visit.person, LmsPerson::may_open)?;
        let learner = match &visit.message {
            VisitMessage::SubmissionReview { learner } => Some(somebody(learner, LmsPerson::is_in)?),
            VisitMessage::ResourceLink | VisitMessage::DeepLinking { .. } => None,
        };
        let named = activity.as_ref().map_or(visit.tool.as_deref(), |activity| activity.tool.as_deref());
        let tool = self.tool_or_first(named).ok_or_else(|| unknown("tool for that".to_owned()))?;
        Ok(ResolvedVisit { tool, person, course, activity, learner })
    }

    /// Checks whether the LMS itself lets the person do that: learners add nothing, and review nobody but themselves.
    pub(super) fn permits(&self, resolved: &ResolvedVisit) -> Result<(), &'static str> {
        if resolved.activity.is_none() && resolved.tool.picker_url.is_none() {
            return Err("the tool did not register for deep linking");
        }
        let teaches = resolved.person.teaches();
        let (may, otherwise) = match (&resolved.activity, &resolved.learner) {
            (None, _) => {
                let may = teaches || self.0.behaviour.get().students_may_pick;
                (may, "only who teaches the course may add something to it")
            }
            (Some(_), Some(learner)) => {
                let may = teaches || learner.id == resolved.person.id;
                (may, "only who teaches the course may see what others did")
            }
            (Some(_), None) => (true, ""),
        };
        if may { Ok(()) } else { Err(otherwise) }
    }

    /// Begins a launch: makes the hint; returns where the browser goes.
    ///
    /// # Errors
    /// [`DemoError::Unknown`] when the person or the activity does not exist.
    pub fn login_initiation(&self, visit: &Visit) -> Result<LoginInitiation, DemoError> {
        let resolved = self.resolve(visit)?;
        let switches = self.0.behaviour.get();
        let tool = &resolved.tool;
        let message_hint = self.0.random.secret();
        let now = self.moment().secs();
        {
            let mut hints = lock(&self.0.hints);
            hints.retain(|_, hint| now - hint.issued <= HINT_SECONDS);
            hints.insert(message_hint.clone(), LoginHint { visit: visit.clone(), issued: now, used: false });
        }
        let deployment = if switches.canvas_deployment { "deployment_id" } else { "lti_deployment_id" };
        let mut fields = vec![
            ("iss", self.0.settings.issuer.clone()),
            ("target_link_uri", resolved.target().to_owned()),
            ("login_hint", visit.person.clone()),
            ("lti_message_hint", message_hint),
            (deployment, tool.deployment_id.clone()),
        ];
        if !switches.omit_client_id {
            fields.push(("client_id", tool.client_id.clone()));
        }
        fields.extend(platform_storage::frame(&switches).map(|name| ("lti_storage_target", name.to_owned())));
        let initiation = LoginInitiation {
            method: if switches.login_by_get { "GET" } else { "POST" },
            url: tool.login_url.clone(),
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        if !visit.is_simulated {
            self.note_login(&initiation, visit);
        }
        Ok(initiation)
    }

    fn note_login(&self, initiation: &LoginInitiation, visit: &Visit) {
        let sentence = match visit.message {
            VisitMessage::ResourceLink => {
                "Somebody opened the activity. The LMS asks the tool to begin a login; nothing is proven."
            }
            VisitMessage::DeepLinking { .. } => {
                "Somebody adds something to the course. The LMS asks the tool to begin a login; nothing is proven."
            }
            VisitMessage::SubmissionReview { .. } => {
                "Somebody looks at what a learner did. The LMS asks the tool to begin a login; nothing is proven."
            }
        };
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_TOOL,
            title: format!("Login initiation ({} {})", initiation.method, initiation.url),
            sentence,
            status: None,
            parts: initiation.fields.clone(),
        });
    }

    /// Returns whether nobody real is behind the visit of a hint.
    pub(super) fn is_simulated(&self, message_hint: &str) -> bool {
        lock(&self.0.hints).get(message_hint).is_some_and(|hint| hint.visit.is_simulated)
    }

    /// Returns the visit that a hint stands for; uses the hint up if hints work once.
    pub(super) fn redeem_hint(&self, message_hint: &str) -> Result<Visit, &'static str> {
        let now = self.moment().secs();
        let mut hints = lock(&self.0.hints);
        let hint = hints
            .get_mut(message_hint)
            .ok_or("lti_message_hint is not one this LMS gave out, or was changed")?;
        if now - hint.issued > HINT_SECONDS {
            return Err("lti_message_hint is older than ten minutes");
        }
        if hint.used && self.0.behaviour.get().hint_once {
            return Err("lti_message_hint was used before");
        }
        hint.used = true;
        Ok(hint.visit.clone())
    }

    /// Returns the signed id_token of a visit, spoiled as `tamper` says.
    pub(super) fn id_token(
        &self,
        visit: &Visit,
        resolved: &ResolvedVisit,
        nonce: &str,
        tamper: Option<&Tamper>,
    ) -> Result<String, DemoError> {
        let switches = self.0.behaviour.get();
        let platform = LaunchSender {
            issuer: &self.0.settings.issuer,
            tool: &resolved.tool,
            switches: &switches,
            now: self.now(),
        };
        let subject = LaunchSubject {
            person: &resolved.person,
            course: &resolved.course,
            message: match (&resolved.activity, &resolved.learner) {
                (Some(activity), Some(learner)) => LaunchMessage::SubmissionReview(activity, learner),
                (Some(activity), None) => LaunchMessage::ResourceLink(activity),
                (None, _) => LaunchMessage::DeepLinking(self.deep_linking_settings(resolved)),
            },
            custom: self.custom_of(resolved),
            target_link_uri: resolved.target(),
            locale: &visit.locale,
            document_target: &visit.document_target,
            lineitem: resolved
                .activity
                .as_ref()
                .and_then(|activity| self.line_item_claim(&resolved.tool, activity)),
        };
        let key = lock(&self.0.keys).current.clone();
        let mut draft = IdTokenDraft::new(&key, claims::payload(&platform, &subject, nonce));
        if let Some(tamper) = tamper {
            draft.spoil(tamper);
        }
        Ok(draft.sign(&key)?)
    }

    /// Quirk: as in Moodle the claim is there only when one column is coupled, empty when the tool made that column,
    /// and empty after the activity's own column was deleted.
    fn line_item_claim(&self, tool: &Tool, activity: &LmsActivity) -> Option<String> {
        let coupled: Vec<_> = lock(&self.0.grades)
            .items(&activity.course)
            .into_iter()
            .filter(|item| item.resource_link_id.as_deref() == Some(activity.link()))
            .collect();
        match coupled.as_slice() {
            [] => activity.maximum.map(|_| String::new()),
            [own] if !own.made_by_tool => {
                let (issuer, deployment) = (&self.0.settings.issuer, &tool.deployment_id);
                Some(claims::line_item_url(issuer, &activity.course, &own.id, deployment))
            }
            [_] => Some(String::new()),
            _ => None,
        }
    }
}
