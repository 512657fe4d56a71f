//! `/admin/platforms/{platform}/roles`: what somebody with a role is, where it is not the usual.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store;
use super::web::{PlatformQuery, draw, find, respond};
use crate::admin::audit::store::{Event, record};
use crate::admin::web::require_admin_form;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::lti::launch::role_rules::{Becomes, RoleRules, RuleError};
use crate::state::AppState;

/// Roles that platforms send often: to choose from instead of typing them.
const KNOWN: [&str; 9] = [
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#Grader",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Manager",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
];

/// The rules on the platform's page, and the form for another one.
#[derive(Serialize)]
pub struct RulesCard {
    #[serde(skip)]
    stored: RoleRules,
    lines: Vec<RuleLine>,
    known: [&'static str; 9],
    choices: [&'static str; 4],
    input: String,
    chosen: &'static str,
    problem: Option<&'static str>,
}

#[derive(Serialize)]
struct RuleLine {
    role: String,
    becomes: &'static str,
}

impl RulesCard {
    /// The card of a platform with these rules.
    pub fn new(stored: RoleRules) -> Self {
        Self {
            lines: stored
                .iter()
                .map(|rule| RuleLine { role: rule.role.clone(), becomes: rule.becomes.word() })
                .collect(),
            stored,
            known: KNOWN,
            choices: Becomes::ALL.map(Becomes::word),
            input: String::new(),
            chosen: Becomes::Participant.word(),
            problem: None,
        }
    }

    /// The rules as they are stored.
    pub fn stored(&self) -> &RoleRules {
        &self.stored
    }
}

/// What the forms of the card send.
#[derive(Deserialize)]
pub struct RuleForm {
    csrf: String,
    act: RoleRuleAction,
    role: String,
    becomes: Option<Becomes>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RoleRuleAction {
    Add,
    Remove,
}

/// Why a rule is not stored.
enum NotDecided {
    Rule(RuleError),
    Db(DbError),
}

impl From<DbError> for NotDecided {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// `POST /admin/platforms/{platform}/roles`: decides about a role, or takes that back. For administrators.
pub async fn decide(
    request: HttpRequest,
    id: Path<String>,
    form: Form<RuleForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, "platform-roles", &id).await?;
    let (platform, _, _) = find(&app, &id).await?;
    let becomes = form.becomes.unwrap_or(Becomes::Participant);
    let (act, role) = (form.act, form.role.clone());
    let who = session.who.clone();
    let done: Result<(), NotDecided> = app
        .db
        .try_write(move |tx| {
            let (before, after) = store::change_role_rules(tx.connection, &platform.id, |rules| match act {
                RoleRuleAction::Add => rules.with(&role, becomes).map_err(NotDecided::Rule),
                RoleRuleAction::Remove => Ok(rules.without(&role)),
            })?;
            let event = Event::done(&who, "platform-roles", &platform.name);
            Ok(record(tx, &event.with(before.text(), after.text()))?)
        })
        .await;
    let error = match done {
        Ok(()) => {
            let place = format!("/admin/platforms/{id}?said=saved#rules");
            return Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish());
        }
        Err(NotDecided::Db(error)) => return Err(error.into()),
        Err(NotDecided::Rule(error)) => error,
    };
    let mut page = draw(&app, &session, &id, &PlatformQuery::default()).await?;
    (page.rules.input, page.rules.chosen) = (form.role.clone(), becomes.word());
    page.rules.problem = Some(error.word());
    respond(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY)
}
