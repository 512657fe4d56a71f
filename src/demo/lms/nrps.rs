//! The roster service (Names and Role Provisioning Services 2.0).

use actix_web::http::header::ACCEPT;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::{SCOPE_ROSTER, claim, memberships_url};
use super::knobs::RosterPages;
use super::school::{MEMBERSHIP, Person};
use super::service::{Call, Refusal, Reply, Served, accepts, paged, query};
use super::tools::Tool;
use super::{Lms, lock, trouble};

const CONTAINER: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/CourseSection/{course}/bindings/{deployment}/memberships")
            .wrap(from_fn(trouble::at_roster))
            .route(web::get().to(memberships)),
    );
}

async fn memberships(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool asks who is in the course.");
    let (course, deployment) = path.into_inner();
    let served = async {
        lms.gate(&request).await?;
        let tool = lms.bearer(&request, &[SCOPE_ROSTER])?;
        if request.headers().contains_key(ACCEPT) {
            accepts(&request, CONTAINER)?;
        }
        if deployment != tool.deployment_id {
            return Err(Refusal::new(404, "the deployment is not the tool's"));
        }
        lms.roster(&tool, &request, &course)
    };
    let served = served.await;
    lms.answer(call, served)
}

impl Lms {
    fn roster(&self, tool: &Tool, request: &HttpRequest, course: &str) -> Served {
        let school = lock(&self.0.school);
        let course = school.course(course).ok_or(Refusal::new(404, "no such course"))?;
        let now = self.0.knobs.get();
        let link = query(request, "rlid");
        if link.is_some() && now.roster_pages == RosterPages::WholeCourseOnly {
            return Err(Refusal::new(400, "this LMS does not narrow the roster to an activity"));
        }
        if let Some(id) = &link
            && school.link(&course.id, id).is_none_or(|one| !self.is_of(tool, one.tool.as_deref()))
        {
            return Err(Refusal::new(404, "rlid is not an activity of this tool in this course"));
        }
        let wanted = query(request, "role").map(|role| short_role(&role));
        let has = |roles: &[String]| {
            wanted.as_ref().is_none_or(|role| roles.iter().any(|one| short_role(one) == *role))
        };
        let mut all: Vec<Listed<'_>> =
            school.members(&course.id).filter(|person| has(roles_of(person))).map(Listed::Person).collect();
        if has(&[format!("{MEMBERSHIP}#Learner")]) {
            all.extend((0..now.roster_crowd).map(Listed::OfCrowd));
        }
        let (page, next) = paged(request, &self.0.settings.issuer, now.page_size, all);
        let next = astray(next, (now.roster_pages, request), &self.0.settings.issuer);
        let enrolled = |mut member: Value| {
            if now.offer_groups {
                let person = member["user_id"].as_str().unwrap_or_default().to_owned();
                let groups = school.groups_of(&course.id, &person).map(|group| json!({"group_id": group.id}));
                member["group_enrollments"] = groups.collect();
            }
            member
        };
        let page: Vec<Value> =
            page.into_iter().map(|one| enrolled(one.member(tool, link.is_some()))).collect();
        let url = memberships_url(&self.0.settings.issuer, &course.id, &tool.deployment_id);
        let body = json!({
            "id": url,
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": page,
        });
        Ok(Reply { next, ..Reply::new(200, CONTAINER, body) })
    }
}

/// Somebody in the roster; one of a crowd is made up when a page is written.
enum Listed<'a> {
    Person(&'a Person),
    OfCrowd(usize),
}

impl Listed<'_> {
    fn member(&self, tool: &Tool, with_message: bool) -> Value {
        match self {
            Self::Person(person) => member(person, tool, with_message),
            Self::OfCrowd(number) => {
                let id = format!("crowd-{number:06}");
                member(&Person::student(&id, &format!("Crowd {number:06}"), "Member"), tool, with_message)
            }
        }
    }
}

/// The next page, as the knob turns it.
pub(super) fn astray(
    next: Option<String>,
    (pages, request): (RosterPages, &HttpRequest),
    issuer: &str,
) -> Option<String> {
    let here = format!("{issuer}{}", request.uri());
    match pages {
        RosterPages::Right | RosterPages::WholeCourseOnly => next,
        RosterPages::ToThemselves => next.or(Some(here)),
        RosterPages::Endless => {
            let turn = query(request, "turn").and_then(|turn| turn.parse::<u64>().ok()).unwrap_or(0) + 1;
            let deployment = query(request, "type_id").map(|id| format!("&type_id={id}")).unwrap_or_default();
            next.or_else(|| Some(format!("{issuer}{}?from=0&turn={turn}{deployment}", request.path())))
        }
        RosterPages::Elsewhere => Some("https://elsewhere.example/memberships?from=2".to_owned()),
    }
}

fn roles_of(person: &Person) -> &[String] {
    person.roster_roles.as_ref().unwrap_or(&person.roles)
}

fn member(person: &Person, tool: &Tool, with_message: bool) -> Value {
    let roles: Vec<String> = roles_of(person).iter().map(|role| short_role(role)).collect();
    let status = person.status.as_deref().unwrap_or("Active");
    let mut member = json!({"status": status, "roles": roles, "user_id": person.id});
    let optional = [
        ("lis_person_sourcedid", &person.sourced_id),
        ("name", &person.name),
        ("given_name", &person.given_name),
        ("family_name", &person.family_name),
        ("email", &person.email),
        ("picture", &person.picture),
    ];
    for (name, value) in optional {
        if let Some(text) = value
            && (name == "lis_person_sourcedid" || tool.learns(name))
        {
            member[name] = json!(text);
        }
    }
    if with_message {
        member["message"] = json!([{claim("message_type"): "LtiResourceLinkRequest"}]);
    }
    member
}

/// Quirk: as in Moodle, course roles are short here, and other roles lose their middle.
fn short_role(role: &str) -> String {
    if let Some(short) = role.strip_prefix(MEMBERSHIP).and_then(|rest| rest.strip_prefix('#')) {
        return short.to_owned();
    }
    let vocabulary = "http://purl.imsglobal.org/vocab/lis/v2/";
    for part in ["institution/person#", "system/person#"] {
        if let Some(name) = role.strip_prefix(vocabulary).and_then(|rest| rest.strip_prefix(part)) {
            return format!("{vocabulary}person#{name}");
        }
    }
    role.to_owned()
}
