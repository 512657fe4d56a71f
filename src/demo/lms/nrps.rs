//! The memberships service (Names and Role Provisioning Services 2.0).

use actix_web::http::header::ACCEPT;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::behaviour::MembershipPages;
use super::claims::{SCOPE_MEMBERSHIPS, claim, memberships_url};
use super::directory::{LmsPerson, MEMBERSHIP};
use super::service::{Call, Reply, ServiceRefusal, ServiceResult, accepts, paged, query};
use super::tools::Tool;
use super::{Lms, fault, lock};

const CONTAINER: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/CourseSection/{course}/bindings/{deployment}/memberships")
            .wrap(from_fn(fault::at_memberships))
            .route(web::get().to(memberships)),
    );
}

async fn memberships(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool asks who is in the course.");
    let (course, deployment) = path.into_inner();
    let result = async {
        lms.gate(&request).await?;
        let tool = lms.bearer(&request, &[SCOPE_MEMBERSHIPS])?;
        if request.headers().contains_key(ACCEPT) {
            accepts(&request, CONTAINER)?;
        }
        if deployment != tool.deployment_id {
            return Err(ServiceRefusal::new(404, "the deployment is not the tool's"));
        }
        lms.memberships(&tool, &request, &course)
    };
    let result = result.await;
    lms.answer(call, result)
}

impl Lms {
    fn memberships(&self, tool: &Tool, request: &HttpRequest, course: &str) -> ServiceResult {
        let directory = lock(&self.0.directory);
        let course = directory.course(course).ok_or(ServiceRefusal::new(404, "no such course"))?;
        let switches = self.0.behaviour.get();
        let link = query(request, "rlid");
        if link.is_some() && switches.membership_pages == MembershipPages::WholeCourseOnly {
            return Err(ServiceRefusal::new(400, "this LMS does not narrow the memberships to an activity"));
        }
        if let Some(id) = &link
            && directory.link(&course.id, id).is_none_or(|one| !self.is_of(tool, one.tool.as_deref()))
        {
            return Err(ServiceRefusal::new(404, "rlid is not an activity of this tool in this course"));
        }
        let wanted = query(request, "role").map(|role| short_role(&role));
        let has = |roles: &[String]| {
            wanted.as_ref().is_none_or(|role| roles.iter().any(|one| short_role(one) == *role))
        };
        let mut all: Vec<Listed<'_>> = directory
            .members(&course.id)
            .filter(|person| has(roles_of(person)))
            .map(Listed::Person)
            .collect();
        if has(&[format!("{MEMBERSHIP}#Learner")]) {
            all.extend((0..switches.membership_crowd).map(Listed::OfCrowd));
        }
        let (page, next) = paged(request, &self.0.settings.issuer, switches.page_size, all);
        let next = next_page(next, switches.membership_pages, request, &self.0.settings.issuer);
        let enrolled = |mut member: Value| {
            if switches.offer_groups {
                let person = member["user_id"].as_str().unwrap_or_default().to_owned();
                let groups =
                    directory.groups_of(&course.id, &person).map(|group| json!({"group_id": group.id}));
                member["group_enrollments"] = groups.collect();
            }
            member
        };
        let page: Vec<Value> =
            page.into_iter().map(|one| enrolled(one.member(tool, link.is_some()))).collect();
        let url = memberships_url(&self.0.settings.issuer, course, &tool.deployment_id);
        let body = json!({
            "id": url,
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": page,
        });
        Ok(Reply { next, ..Reply::new(200, CONTAINER, body) })
    }
}

/// Somebody in the memberships; one of a crowd is made up when a page is written.
enum Listed<'a> {
    Person(&'a LmsPerson),
    OfCrowd(usize),
}

impl Listed<'_> {
    fn member(&self, tool: &Tool, with_message: bool) -> Value {
        match self {
            Self::Person(person) => member(person, tool, with_message),
            Self::OfCrowd(number) => {
                let id = format!("crowd-{number:06}");
                member(&LmsPerson::student(&id, &format!("Crowd {number:06}"), "Member"), tool, with_message)
            }
        }
    }
}

/// Returns the URL of the next page, misdirected as the switch says.
pub(super) fn next_page(
    next: Option<String>,
    pages: MembershipPages,
    request: &HttpRequest,
    issuer: &str,
) -> Option<String> {
    let here = format!("{issuer}{}", request.uri());
    match pages {
        MembershipPages::Right | MembershipPages::WholeCourseOnly => next,
        MembershipPages::ToThemselves => next.or(Some(here)),
        MembershipPages::Endless => {
            let turn = query(request, "turn").and_then(|turn| turn.parse::<u64>().ok()).unwrap_or(0) + 1;
            let deployment = query(request, "type_id").map(|id| format!("&type_id={id}")).unwrap_or_default();
            next.or_else(|| Some(format!("{issuer}{}?from=0&turn={turn}{deployment}", request.path())))
        }
        MembershipPages::Elsewhere => Some("https://elsewhere.example/memberships?from=2".to_owned()),
    }
}

fn roles_of(person: &LmsPerson) -> &[String] {
    person.nrps_roles.as_ref().unwrap_or(&person.roles)
}

fn member(person: &LmsPerson, tool: &Tool, with_message: bool) -> Value {
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
            && (name == "lis_person_sourcedid" || tool.gets_claim(name))
        {
            member[name] = json!(text);
        }
    }
    if with_message {
        member["message"] = json!([{claim("message_type"): "LtiResourceLinkRequest"}]);
    }
    member
}

/// Shortens a role. Quirk: as in Moodle, course roles lose their prefix, and other roles their middle.
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
