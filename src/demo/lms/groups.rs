//! The groups service (Course Groups Service 1.0).

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::SCOPE_GROUPS;
use super::directory::LmsGroup;
use super::nrps::next_page;
use super::service::{Call, Reply, ServiceRefusal, ServiceResult, accepts, paged, query};
use super::{Lms, fault, lock};

const GROUPS: &str = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json";
const SETS: &str = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/{course}/groups").wrap(from_fn(fault::at_groups)).route(web::get().to(groups)),
        )
        .service(web::resource("/{course}/group-sets").route(web::get().to(sets)));
}

impl Lms {
    async fn admit_to_groups(
        &self,
        request: &HttpRequest,
        course: &str,
        media_type: &str,
    ) -> Result<(), ServiceRefusal> {
        self.gate(request).await?;
        let tool = self.bearer(request, &[SCOPE_GROUPS])?;
        accepts(request, media_type)?;
        if query(request, "type_id").as_deref() != Some(&tool.deployment_id) {
            return Err(ServiceRefusal::new(404, "type_id is not the tool's"));
        }
        let known = lock(&self.0.directory).course(course).is_some();
        if known { Ok(()) } else { Err(ServiceRefusal::new(404, "no such course")) }
    }

    fn group_page(&self, request: &HttpRequest, course: &str) -> ServiceResult {
        let switches = self.0.behaviour.get();
        let person = query(request, "user_id");
        let asked = |group: &&LmsGroup| {
            group.course == course && person.as_ref().is_none_or(|person| group.members.contains(person))
        };
        let mut all: Vec<Value> =
            lock(&self.0.directory).groups.iter().filter(asked).map(group_json).collect();
        if person.is_none() {
            all.extend((0..switches.group_crowd).map(
                |number| json!({"id": format!("crowd-{number}"), "name": format!("Crowd {number:05}")}),
            ));
        }
        let issuer = &self.0.settings.issuer;
        let (page, next) = paged(request, issuer, switches.page_size, all);
        let next = next_page(next, switches.membership_pages, request, issuer);
        let id = format!("{issuer}{}", request.uri());
        Ok(Reply { next, ..Reply::new(200, GROUPS, json!({"id": id, "groups": page})) })
    }
}

/// Returns a group as the service lists it. Quirk: some LMSs leave out the names.
fn group_json(group: &LmsGroup) -> Value {
    let mut json = json!({"id": group.id});
    for (name, value) in [("name", &group.name), ("set_id", &group.set)] {
        if let Some(text) = value {
            json[name] = json!(text);
        }
    }
    if group.hidden {
        json["hidden"] = json!(true);
    }
    json
}

async fn groups(lms: Data<Lms>, course: Path<String>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool asks which groups there are.");
    let result = async {
        lms.admit_to_groups(&request, &course, GROUPS).await?;
        lms.group_page(&request, &course)
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn sets(lms: Data<Lms>, course: Path<String>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool asks how the groups belong together.");
    let result = async {
        lms.admit_to_groups(&request, &course, SETS).await?;
        let mut names: Vec<String> = lms.groups(&course).into_iter().filter_map(|group| group.set).collect();
        names.sort();
        names.dedup();
        let sets: Vec<Value> = names.iter().map(|name| json!({"id": name, "name": name})).collect();
        let id = format!("{}{}", lms.0.settings.issuer, request.uri());
        Ok(Reply::new(200, SETS, json!({"id": id, "sets": sets})))
    };
    let result = result.await;
    lms.answer(call, result)
}
