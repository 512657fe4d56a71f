//! The grade service (Assignment and Grade Services 2.0), as strict as Moodle's about media types and scopes.

use std::sync::Arc;

use actix_web::http::header::ACCEPT;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::{SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT, SCOPE_SCORE, line_item_url};
use super::dialect::Dialect;
use super::gradebook::{LmsLineItem, ReceivedScore};
use super::score::ParsedScore;
use super::service::{Call, Reply, ServiceRefusal, ServiceResult, accepts, header, paged, query};
use super::tools::Tool;
use super::{Lms, fault, lock, score_meter};

const ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";
const ITEMS: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const RESULTS: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
const SCORE: &str = "application/vnd.ims.lis.v1.score+json";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let item = "/{course}/lineitems/{item}/lineitem";
    config
        .service(
            web::resource("/{course}/lineitems")
                .wrap(from_fn(fault::at_line_items))
                .route(web::get().to(list_items))
                .route(web::post().to(create_item)),
        )
        .service(
            web::resource(item)
                .wrap(from_fn(fault::at_line_items))
                .route(web::get().to(read_item))
                .route(web::put().to(replace_item))
                .route(web::delete().to(delete_item)),
        )
        .service(
            web::resource(format!("{item}/scores"))
                .wrap(from_fn(fault::at_scores))
                .wrap(from_fn(score_meter::counted))
                .route(web::post().to(score)),
        )
        .service(
            web::resource(format!("{item}/results"))
                .wrap(from_fn(fault::at_results))
                .route(web::get().to(results)),
        );
}

impl Lms {
    fn item_url(&self, tool: &Tool, item: &LmsLineItem) -> String {
        line_item_url(&self.0.settings.issuer, &item.course, &item.id, &tool.deployment_id)
    }

    fn result_url(&self, tool: &Tool, item: &LmsLineItem, person: &str) -> String {
        let results = self.item_url(tool, item).replacen("/lineitem?", "/lineitem/results?", 1);
        format!("{results}&user={person}")
    }

    fn item_json(&self, tool: &Tool, item: &LmsLineItem) -> Value {
        let url = self.item_url(tool, item);
        let mut json = json!({"id": url, "label": item.label, "scoreMaximum": item.maximum});
        for (name, value) in [
            ("resourceId", &item.resource_id),
            ("tag", &item.tag),
            ("resourceLinkId", &item.resource_link_id),
        ] {
            if let Some(text) = value {
                json[name] = json!(text);
            }
        }
        json
    }

    /// Checks what every call of this service must pass: faults, access token, scope, deployment and course.
    async fn admit(
        &self,
        request: &HttpRequest,
        course: &str,
        scopes: &[&str],
    ) -> Result<Arc<Tool>, ServiceRefusal> {
        self.gate(request).await?;
        let tool = self.bearer(request, scopes)?;
        if query(request, "type_id").as_deref() != Some(&tool.deployment_id) {
            return Err(ServiceRefusal::new(
                404,
                "type_id is not the tool's; did something follow the query?",
            ));
        }
        let known = lock(&self.0.directory).course(course).is_some();
        if known { Ok(tool) } else { Err(ServiceRefusal::new(404, "no such course")) }
    }

    /// Returns whether the tool sees the line item: its activity's, or one that it made.
    fn sees(&self, tool: &Tool, item: &LmsLineItem) -> bool {
        let link = item.resource_link_id.as_deref();
        let coupled = link.and_then(|link| lock(&self.0.directory).link(&item.course, link).cloned());
        self.is_of(tool, coupled.map_or(item.tool.clone(), |activity| activity.tool).as_deref())
    }

    fn item(&self, tool: &Tool, course: &str, item: &str) -> Result<LmsLineItem, ServiceRefusal> {
        let found = lock(&self.0.grades).item(course, item).cloned();
        found.filter(|item| self.sees(tool, item)).ok_or(ServiceRefusal::new(404, "no such line item"))
    }

    fn parse_item(&self, tool: &Tool, course: &str, body: &[u8]) -> Result<LmsLineItem, ServiceRefusal> {
        let bad = |text: &str| ServiceRefusal::new(400, text);
        let body: Value = serde_json::from_slice(body).map_err(|error| bad(&error.to_string()))?;
        if let Some(refusal) = self.dialect().check_item(&body) {
            return Err(refusal);
        }
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let maximum = body["scoreMaximum"].as_f64().filter(|maximum| *maximum > 0.0);
        let link = text("resourceLinkId");
        if let Some(id) = &link {
            let activity = lock(&self.0.directory).link(course, id).cloned();
            if activity.is_none_or(|activity| !self.is_of(tool, activity.tool.as_deref())) {
                return Err(ServiceRefusal::new(
                    403,
                    "resourceLinkId is not an activity of this tool in this course",
                ));
            }
        }
        Ok(LmsLineItem {
            id: String::new(),
            course: course.to_owned(),
            label: text("label").ok_or(bad("label is missing"))?,
            maximum: maximum.ok_or(bad("scoreMaximum must be a positive number"))?,
            resource_id: text("resourceId"),
            tag: text("tag"),
            resource_link_id: link,
            made_by_tool: true,
            tool: Some(tool.client_id.clone()),
        })
    }

    fn receive_score(&self, tool: &Tool, item: &LmsLineItem, body: &[u8]) -> ServiceResult {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| ServiceRefusal::new(400, error.to_string()))?;
        let dialect = self.dialect();
        let outcome = self.record_score(item, &body, dialect);
        let status = outcome.as_ref().map_or_else(ServiceRefusal::status, |_| dialect.rules().taken);
        let (at, line_item, sent) = (self.local_time(), item.id.clone(), body.clone());
        lock(&self.0.grades).received.push(ReceivedScore { at, line_item, body: sent, status });
        let person = outcome?;
        Ok(match dialect {
            Dialect::Canvas => {
                Reply::new(status, SCORE, json!({"resultUrl": self.result_url(tool, item, &person)}))
            }
            Dialect::OpenEdx => Reply::new(status, SCORE, body),
            _ => Reply::empty(status),
        })
    }

    /// Checks and records a score; returns whose it is.
    fn record_score(
        &self,
        item: &LmsLineItem,
        body: &Value,
        dialect: Dialect,
    ) -> Result<String, ServiceRefusal> {
        if let Some(refusal) = dialect.check_score(body) {
            return Err(refusal);
        }
        let score = ParsedScore::parse(body).map_err(|reason| ServiceRefusal::new(400, reason))?;
        let (person, sent) = (score.user_id.clone(), score.timestamp);
        let student =
            lock(&self.0.directory).members(&item.course).any(|one| one.id == person && one.is_student());
        if !student && let Some(refusal) = dialect.not_a_student() {
            return Err(refusal);
        }
        let switches = self.0.behaviour.get();
        if switches.grades_locked || self.grade(&item.id, &person).is_some_and(|grade| grade.locked) {
            return Err(ServiceRefusal::new(switches.locked_status, "the grade is locked"));
        }
        let taken = lock(&self.0.grades).record(item, score, self.local_time(), dialect);
        taken.map_err(|stored| dialect.late(sent, stored))?;
        Ok(person)
    }
}

async fn list_items(lms: Data<Lms>, course: Path<String>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool looks for its grade columns.");
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ]).await?;
        accepts(&request, ITEMS)?;
        let wanted = |name: &str, value: &Option<String>| match query(&request, name) {
            Some(asked) => value.as_ref() == Some(&asked),
            None => true,
        };
        let fits = |item: &LmsLineItem| {
            lms.sees(&tool, item)
                && wanted("resource_link_id", &item.resource_link_id)
                && wanted("resource_id", &item.resource_id)
                && wanted("tag", &item.tag)
        };
        let all = lms.line_items(&course).into_iter().filter(fits).collect();
        let (page, next) = paged(&request, &lms.0.settings.issuer, lms.0.behaviour.get().page_size, all);
        let body = page.iter().map(|item| lms.item_json(&tool, item)).collect();
        Ok(Reply { next, ..Reply::new(200, ITEMS, Value::Array(body)) })
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn create_item(
    lms: Data<Lms>,
    course: Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let call = Call::new(&request, &body, "The tool makes a grade column.");
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_LINE_ITEM]).await?;
        lms.carries(&request, ITEM)?;
        let item = lms.parse_item(&tool, &course, &body)?;
        let item = lock(&lms.0.grades).add(item);
        Ok(Reply::new(201, ITEM, lms.item_json(&tool, &item)))
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn read_item(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool reads a grade column.");
    let (course, item) = path.into_inner();
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ]).await?;
        accepts(&request, ITEM)?;
        Ok(Reply::new(200, ITEM, lms.item_json(&tool, &lms.item(&tool, &course, &item)?)))
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn replace_item(
    lms: Data<Lms>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let call = Call::new(&request, &body, "The tool changes a grade column.");
    let (course, item) = path.into_inner();
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_LINE_ITEM]).await?;
        lms.carries(&request, ITEM)?;
        let old = lms.item(&tool, &course, &item)?;
        let fresh = lms.parse_item(&tool, &course, &body)?;
        if fresh.resource_link_id != old.resource_link_id {
            return Err(ServiceRefusal::new(400, "resourceLinkId must stay as it is"));
        }
        let item = LmsLineItem { id: old.id, made_by_tool: old.made_by_tool, tool: old.tool, ..fresh };
        lock(&lms.0.grades).replace(item.clone());
        Ok(Reply::new(200, ITEM, lms.item_json(&tool, &item)))
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn delete_item(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool deletes a grade column.");
    let (course, item) = path.into_inner();
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_LINE_ITEM]).await?;
        lms.item(&tool, &course, &item)?;
        lock(&lms.0.grades).remove(&item);
        Ok(Reply::empty(204))
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn score(
    lms: Data<Lms>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let call = Call::new(&request, &body, "The tool reports a score; the LMS turns it into a grade.");
    let (course, item) = path.into_inner();
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_SCORE]).await?;
        lms.carries(&request, SCORE)?;
        if lms.0.behaviour.get().pedantic && header(&request, ACCEPT) != SCORE {
            return Err(ServiceRefusal::new(415, format!("Accept must be {SCORE}")));
        }
        lms.receive_score(&tool, &lms.item(&tool, &course, &item)?, &body)
    };
    let result = result.await;
    lms.answer(call, result)
}

async fn results(lms: Data<Lms>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let call = Call::new(&request, b"", "The tool reads what the gradebook shows.");
    let (course, item) = path.into_inner();
    let result = async {
        let tool = lms.admit(&request, &course, &[SCOPE_RESULT]).await?;
        accepts(&request, RESULTS)?;
        let item = lms.item(&tool, &course, &item)?;
        let all = lms.results_of(&tool, &item, query(&request, "user_id").as_deref());
        let (page, next) = paged(&request, &lms.0.settings.issuer, lms.0.behaviour.get().page_size, all);
        Ok(Reply { next, ..Reply::new(200, RESULTS, Value::Array(page)) })
    };
    let result = result.await;
    lms.answer(call, result)
}

impl Lms {
    fn results_of(&self, tool: &Tool, item: &LmsLineItem, user: Option<&str>) -> Vec<Value> {
        let url = self.item_url(tool, item);
        let directory = lock(&self.0.directory);
        let grades = lock(&self.0.grades);
        let asked =
            directory.members(&item.course).filter(|person| user.is_none_or(|user| user == person.id));
        let shown = asked.filter_map(|person| {
            let grade = grades.grade(&item.id, &person.id)?;
            let mut result = json!({
                "id": self.result_url(tool, item, &person.id),
                "scoreOf": url, "userId": person.id,
                "resultScore": grade.shown()?, "resultMaximum": item.maximum,
            });
            if let Some(comment) = &grade.comment {
                result["comment"] = json!(comment);
            }
            Some(result)
        });
        shown.collect()
    }
}
