//! The roster service (Names and Role Provisioning Services 2.0).

use actix_web::http::header::ACCEPT;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::{SCOPE_ROSTER, claim, memberships_url};
use super::school::{MEMBERSHIP, Person};
use super::service::{Call, Refusal, Reply, Served, accepts, paged, query};
use super::{Lms, lock};

const CONTAINER: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/CourseSection/{course}/bindings/{deployment}/memberships", web::get().to(memberships));
}

async fn memberships(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool asks who is in the course.");
    let (course, deployment) = path.into_inner();
    let served = async {
        lms.gate(&request).await?;
        lms.bearer(&request, &[SCOPE_ROSTER])?;
        if request.headers().contains_key(ACCEPT) {
            accepts(&request, CONTAINER)?;
        }
        if deployment != lms.0.settings.deployment_id {
            return Err(Refusal::new(404, "the deployment is not the tool's"));
        }
        lms.roster(&request, &course)
    };
    let served = served.await;
    lms.answer(call, served)
}

impl Lms {
    fn roster(&self, request: &HttpRequest, course: &str) -> Served {
        let school = lock(&self.0.school);
        let course = school.course(course).ok_or(Refusal::new(404, "no such course"))?;
        let link = query(request, "rlid");
        if let Some(id) = &link
            && school.activity(id).is_none_or(|activity| activity.course != course.id)
        {
            return Err(Refusal::new(404, "rlid is not an activity of this tool in this course"));
        }
        let wanted = query(request, "role").map(|role| short_role(&role));
        let has = |person: &&Person| {
            wanted.as_ref().is_none_or(|role| person.roles.iter().any(|one| short_role(one) == *role))
        };
        let all =
            school.members(&course.id).filter(has).map(|person| member(person, link.is_some())).collect();
        let (page, next) = paged(request, &self.0.settings.issuer, self.0.knobs.get().page_size, all);
        let url = memberships_url(&self.0.settings.issuer, &course.id, &self.0.settings.deployment_id);
        let body = json!({
            "id": url,
            "context": {"id": course.id, "label": course.label, "title": course.title},
            "members": page,
        });
        Ok(Reply { next, ..Reply::new(200, CONTAINER, body) })
    }
}

fn member(person: &Person, with_message: bool) -> Value {
    let roles: Vec<String> = person.roles.iter().map(|role| short_role(role)).collect();
    let mut member = json!({"status": "Active", "roles": roles, "user_id": person.id});
    let optional = [
        ("lis_person_sourcedid", &person.sourced_id),
        ("name", &person.name),
        ("given_name", &person.given_name),
        ("family_name", &person.family_name),
        ("email", &person.email),
        ("picture", &person.picture),
    ];
    for (name, value) in optional {
        if let Some(text) = value {
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
