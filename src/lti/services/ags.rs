//! The platform's gradebook: which one a launch offers, its grade columns (line items), scores and results.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::access::Access;
use super::client::Services;
use super::failure::ServiceFailure;
use super::line_item::{Activity, TAG, id_of};
use super::link_header::next_page;
use super::outcome::ScoreOutcome;
use crate::clock::Timestamp;
use crate::lti::claims::Claims;
use crate::lti::identifier::Identifier;
use crate::outbound::{Request, Response};

const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
const LINE_ITEM_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
const RESULT_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// Lets a tool send grades.
pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";

const ITEM_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const ITEMS_TYPE: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const RESULTS_TYPE: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";

/// The best possible score.
pub const SCORE_MAXIMUM: u32 = 100;
const MAX_RESPONSE: usize = 1024 * 1024;
/// A course with more columns than fit on so many pages is not searched further.
const MAX_PAGES: usize = 20;
/// Names of a column after which platforms are asked one by one.
const MAX_IDS_ASKED: usize = 3;
/// Columns that may be one activity's.
const MAX_ITEMS: usize = 200;
/// Results that are read of a column.
const MAX_RESULTS: usize = 20_000;
/// Spec: LTI Core 1.3 §5.3.6.1.
/// No gradebook goes so far.
const MAX_GRADE: f64 = 1_000_000.0;

/// The gradebook as a launch offers it.
///
/// Spec: AGS 2.0 §3.1. Trust: from a verified launch; addresses are asked through the guarded client alone.
/// Quirk: Moodle sends an empty `lineitem` once a tool has made a column; empty means absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeService {
    /// The course's columns.
    pub lineitems: Option<Url>,
    /// The activity's own column.
    pub lineitem: Option<Url>,
    /// What the tool may do, of the four scopes that the specification knows.
    pub scopes: Vec<String>,
}

impl GradeService {
    /// The service that a launch offers; `None` when it offers none that can be used.
    pub fn read(claims: &Claims, may_ask: impl Fn(&Url) -> bool) -> Option<Self> {
        let url = |member: &str| {
            let url = Url::parse(claims.grade_service(member)?.as_str()?).ok()?;
            may_ask(&url).then_some(url)
        };
        let offered = claims.grade_service("scope")?.as_array()?;
        let known = [LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE];
        let has = |scope: &&str| offered.iter().any(|one| one.as_str() == Some(scope));
        let scopes: Vec<String> = known.into_iter().filter(has).map(str::to_owned).collect();
        let (lineitems, lineitem) = (url("lineitems"), url("lineitem"));
        let usable = !scopes.is_empty() && (lineitems.is_some() || lineitem.is_some());
        usable.then_some(Self { lineitems, lineitem, scopes })
    }

    /// Whether the tool may send scores.
    pub fn may_score(&self) -> bool {
        self.may(SCORE)
    }

    /// Whether the tool may look for a column.
    pub fn may_find(&self) -> bool {
        self.lineitems.is_some() && (self.may(LINE_ITEM) || self.may(LINE_ITEM_READ))
    }

    /// Whether the tool may make a column and fill it.
    pub fn may_make(&self) -> bool {
        self.lineitems.is_some() && self.may(LINE_ITEM) && self.may_score()
    }

    /// Whether the tool may read what the gradebook shows.
    pub fn may_read_results(&self) -> bool {
        self.may(RESULT_READ)
    }

    /// The host that answers for the gradebook, with its port.
    pub fn host(&self) -> String {
        let url = self.lineitem.as_ref().or(self.lineitems.as_ref());
        url.map(|url| url.authority().to_owned()).unwrap_or_default()
    }

    /// Returns this offer with what it leaves out of the one `before`, as far as both are of the same gradebook.
    ///
    /// Quirk: platforms tell some roles less than others, Moodle names no column once a tool has made one.
    #[must_use]
    pub fn completed_by(&self, before: &Self) -> Self {
        let same_place = |ours: &Option<Url>, theirs: &Option<Url>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.host() == before.host(),
        };
        if !same_place(&self.lineitems, &before.lineitems) {
            return self.clone();
        }
        let known = [LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE];
        let has = |scope: &&str| self.may(scope) || before.may(scope);
        Self {
            lineitems: self.lineitems.clone().or_else(|| before.lineitems.clone()),
            lineitem: self.lineitem.clone().or_else(|| before.lineitem.clone()),
            scopes: known.into_iter().filter(has).map(str::to_owned).collect(),
        }
    }

    fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one == scope)
    }
}

/// A score for one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The platform's identifier of the person.
    pub user_id: String,
    /// Of [`SCORE_MAXIMUM`].
    pub given: f64,
    /// A sentence for the gradebook.
    pub comment: String,
    /// When, by the platform's clock.
    pub at: Timestamp,
}

/// What the gradebook shows for a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentResult {
    /// The grade.
    pub score: f64,
    /// The best possible one.
    pub maximum: f64,
}

/// Looks for the column of an activity: the one coupled to it, or else the one that we made. A column that the gradebook
/// had deleted when it was last used comes last.
///
/// Spec: AGS 2.0 §3.2.9. Quirk: platforms may leave out what the query asks, so every answer is looked at; some keep what
/// a column is called after, but not its tag.
pub async fn find_line_item(
    services: &Services,
    access: &Access,
    lineitems: &Url,
    activity: &Activity,
) -> Result<Option<Url>, ServiceFailure> {
    let access = access.for_step(&[LINE_ITEM_READ, LINE_ITEM]);
    let asking = |name: &str, value: &str| {
        let mut asked = lineitems.clone();
        asked.query_pairs_mut().append_pair(name, value);
        asked
    };
    let of_link = asking("resource_link_id", &activity.resource_link_id);
    let mut found = list_line_items(services, &access, of_link, activity).await?;
    if let Some(url) = activity.choose_coupled(&found) {
        return Ok(Some(url));
    }
    found.extend(list_line_items(services, &access, asking("tag", TAG), activity).await?);
    if let Some(url) = activity.choose_named(&found, |item| item["tag"] == TAG) {
        return Ok(Some(url));
    }
    for id in activity.resource_ids.iter().take(MAX_IDS_ASKED) {
        let found = list_line_items(services, &access, asking("resource_id", id), activity).await?;
        if let Some(url) = activity.choose_named(&found, |_| true) {
            return Ok(Some(url));
        }
    }
    Ok(None)
}

/// The columns of a list that may be the activity's.
async fn list_line_items(
    services: &Services,
    access: &Access,
    first: Url,
    activity: &Activity,
) -> Result<Vec<Value>, ServiceFailure> {
    let keep = |item: Value| activity.concerns(&item).then_some(item);
    read_list(services, access, first, ITEMS_TYPE, "lineItems", MAX_ITEMS, keep).await
}

/// Returns what is kept of the pages of a list, as far as it is read: no page stays in memory.
async fn read_list<T>(
    services: &Services,
    access: &Access,
    first: Url,
    media_type: &str,
    wrapped: &str,
    most: usize,
    keep: impl Fn(Value) -> Option<T>,
) -> Result<Vec<T>, ServiceFailure> {
    let (mut kept, mut next) = (Vec::new(), Some(first));
    for _ in 0..MAX_PAGES {
        let Some(url) = next.filter(|_| kept.len() < most) else { break };
        let request = Request::get(&url).accepting(media_type);
        let answer = services.call(access, request, MAX_RESPONSE).await?;
        kept.extend(list_in(&answer, wrapped)?.into_iter().filter_map(&keep));
        next = next_page(&answer, &url);
    }
    kept.truncate(most);
    Ok(kept)
}

/// Tries to read a course's columns, as far as the tool may.
pub async fn try_line_items(
    services: &Services,
    access: &Access,
    service: &GradeService,
) -> Result<(), ServiceFailure> {
    let Some(lineitems) = service.lineitems.as_ref().filter(|_| service.may_find()) else { return Ok(()) };
    let access = access.for_step(&[LINE_ITEM_READ, LINE_ITEM]);
    let request = Request::get(lineitems).accepting(ITEMS_TYPE);
    list_in(&services.call(&access, request, MAX_RESPONSE).await?, "lineItems").map(drop)
}

/// The list in an answer.
///
/// Quirk: some platforms wrap it in an object.
fn list_in(answer: &Response, wrapped: &str) -> Result<Vec<Value>, ServiceFailure> {
    let parsed = serde_json::from_slice(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
    match parsed {
        Value::Array(list) => Ok(list),
        Value::Object(mut members) => match members.remove(wrapped).or(members.remove("content")) {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(ServiceFailure::garbled(&"an object instead of a list")),
        },
        _ => Err(ServiceFailure::garbled(&"no list")),
    }
}

/// Makes a column for an activity. Whoever calls has looked for it first, and is alone with it.
///
/// Spec: AGS 2.0 §3.2.4.
pub async fn make_line_item(
    services: &Services,
    access: &Access,
    lineitems: &Url,
    activity: &Activity,
) -> Result<Url, ServiceFailure> {
    let body = json!({
        "label": activity.label, "scoreMaximum": SCORE_MAXIMUM, "tag": TAG,
        "resourceId": activity.resource_ids.first(), "resourceLinkId": activity.resource_link_id,
    });
    let access = access.for_step(&[LINE_ITEM]);
    let request = Request::post(lineitems, ITEM_TYPE, body.to_string()).accepting(ITEM_TYPE);
    let answer = services.call(&access, request, MAX_RESPONSE).await?;
    let item: Value =
        serde_json::from_slice(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
    id_of(&item).ok_or_else(|| ServiceFailure::garbled(&"a grade column without id"))
}

/// Sends a score: what the platform's answer means, and the answer's own pause where it asks for one.
///
/// Spec: AGS 2.0 §3.4. FullyGraded always: anything else erases the grade in Moodle. Quirk: Chamilo minds an `Accept`
/// that is not the score's own media type.
/// Errors: the platform gave no answer, no access token, or a page instead of an answer.
pub async fn send_score(
    services: &Services,
    access: &Access,
    line_item: &Url,
    score: &Score,
) -> Result<(ScoreOutcome, Response), ServiceFailure> {
    let family = access.family(line_item);
    let mut body = json!({
        "userId": score.user_id, "scoreGiven": score.given, "scoreMaximum": SCORE_MAXIMUM,
        "comment": score.comment, "timestamp": iso(score.at),
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
    });
    if let Some(extension) = family.extension {
        body[extension.name] = (extension.value)();
    }
    let url = below(line_item, "scores");
    let request = Request::post(&url, SCORE_TYPE, body.to_string()).accepting(SCORE_TYPE);
    let answer = services.exchange(&access.for_step(&[SCORE]), request, MAX_RESPONSE).await?;
    match family.outcome(&answer) {
        ScoreOutcome::TokenRefused | ScoreOutcome::Busy | ScoreOutcome::Down => {
            Err(ServiceFailure::of_answer(family, &answer))
        }
        // A page about maintenance has the status of an answer, and took no score.
        ScoreOutcome::Accepted if answer.text().trim_start().starts_with('<') => {
            Err(ServiceFailure::garbled(&"a page instead of an answer"))
        }
        outcome => Ok((outcome, answer)),
    }
}

/// Reads what the gradebook shows for a person; `None` where it shows nothing.
///
/// Spec: AGS 2.0 §3.3.
pub async fn read_result(
    services: &Services,
    access: &Access,
    line_item: &Url,
    user_id: &str,
) -> Result<Option<CurrentResult>, ServiceFailure> {
    let mut url = below(line_item, "results");
    url.query_pairs_mut().append_pair("user_id", user_id);
    Ok(read_results_at(services, access, url).await?.remove(user_id))
}

/// Reads what the gradebook shows, by the platform's identifiers of people; who is missing has no grade there.
///
/// Spec: AGS 2.0 §3.3. Bounds: some pages.
pub async fn read_results(
    services: &Services,
    access: &Access,
    line_item: &Url,
) -> Result<HashMap<String, CurrentResult>, ServiceFailure> {
    read_results_at(services, access, below(line_item, "results")).await
}

async fn read_results_at(
    services: &Services,
    access: &Access,
    url: Url,
) -> Result<HashMap<String, CurrentResult>, ServiceFailure> {
    let access = access.for_step(&[RESULT_READ]);
    let keep = |result: Value| current_result(&result);
    let results = read_list(services, &access, url, RESULTS_TYPE, "results", MAX_RESULTS, keep).await?;
    Ok(results.into_iter().collect())
}

/// Quirk: identifiers may be numbers; a result without a score is an empty cell.
fn current_result(result: &Value) -> Option<(String, CurrentResult)> {
    let user = Identifier::read(result.get("userId")).ok()??.into_text();
    let is_grade = |grade: &f64| grade.abs() <= MAX_GRADE;
    let maximum = result["resultMaximum"].as_f64().filter(|maximum| *maximum > 0.0).unwrap_or(1.0);
    let score = result["resultScore"].as_f64().filter(is_grade)?;
    is_grade(&maximum).then_some((user, CurrentResult { score, maximum }))
}

/// The address of a column's scores or results.
///
/// Spec: AGS 2.0 §3.4.1, §3.3.1: appended to the path, before the query.
fn below(line_item: &Url, name: &str) -> Url {
    let mut url = line_item.clone();
    url.set_path(&format!("{}/{name}", line_item.path().trim_end_matches('/')));
    url
}

/// ISO 8601 in UTC with milliseconds.
fn iso(at: Timestamp) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{NetworkPolicy, check_url};

    fn offered(claim: &str) -> Option<GradeService> {
        let payload = format!("{{\"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint\": {claim}}}");
        GradeService::read(&Claims::parse(payload.as_bytes()).unwrap(), |url| {
            check_url(url, NetworkPolicy::Public).is_ok()
        })
    }

    #[test]
    fn what_a_launch_offers_is_read_leniently() {
        let all = format!(
            "{{\"scope\":[\"{SCORE}\",\"{LINE_ITEM}\",7,\"x\"],\"lineitems\":\"https://lms.example/l\",\"lineitem\":\"\"}}"
        );
        let service = offered(&all).unwrap();
        assert_eq!(service.scopes, [LINE_ITEM, SCORE]);
        assert_eq!(service.lineitem, None, "an empty one is none");
        assert!(
            service.may_score() && service.may_find() && service.may_make() && !service.may_read_results()
        );
        assert_eq!(service.host(), "lms.example");
        for claim in [
            "null",
            "7",
            "{}",
            "{\"scope\":[]}",
            &format!("{{\"scope\":[\"{SCORE}\"]}}"),
            &format!("{{\"scope\":[\"{SCORE}\"],\"lineitems\":\"http://lms.example/l\"}}"),
            &format!("{{\"scope\":[\"{SCORE}\"],\"lineitem\":\"https://127.0.0.1/l\"}}"),
            &format!("{{\"scope\":\"{SCORE}\",\"lineitem\":\"https://lms.example/l\"}}"),
        ] {
            assert_eq!(offered(claim), None, "{claim}");
        }
    }

    #[test]
    fn results_are_read_leniently() {
        let read = |result: Value| current_result(&result).map(|(user, one)| (user, one.score, one.maximum));
        let of = |user: &str, score, maximum| Some((user.to_owned(), score, maximum));
        assert_eq!(
            read(json!({"userId": "a", "resultScore": 91, "resultMaximum": 100})),
            of("a", 91.0, 100.0)
        );
        assert_eq!(read(json!({"userId": 7, "resultScore": 0.5})), of("7", 0.5, 1.0));
        assert_eq!(read(json!({"userId": "a", "resultScore": 1, "resultMaximum": 0})), of("a", 1.0, 1.0));
        for nothing in
            [json!({"userId": "a"}), json!({"resultScore": 1}), json!({"userId": "a", "resultScore": null})]
        {
            assert_eq!(read(nothing), None);
        }
    }

    #[test]
    fn scores_belong_before_the_query() {
        let url = |text: &str| Url::parse(text).unwrap();
        for (line_item, expected) in [
            ("https://lms.example/1/lineitem?type_id=3", "https://lms.example/1/lineitem/scores?type_id=3"),
            ("https://lms.example/line_items/7", "https://lms.example/line_items/7/scores"),
            ("https://lms.example/line_items/7/?a=b&c=d", "https://lms.example/line_items/7/scores?a=b&c=d"),
        ] {
            assert_eq!(below(&url(line_item), "scores"), url(expected));
        }
    }

    #[test]
    fn timestamps_have_milliseconds_and_a_zone() {
        assert_eq!(iso(Timestamp::from_millis(1_767_323_045_020)), "2026-01-02T03:04:05.020Z");
    }
}
