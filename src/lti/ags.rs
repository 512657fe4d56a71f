//! The platform's gradebook: which one a launch offers, its grade columns (line items), scores and results.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::claims::Claims;
use super::link_header::next_page;
use super::profile::{Meaning, Profile};
use super::service::{Access, ServiceFailure, Services, Trouble};
use crate::clock::Timestamp;
use crate::outbound::{Answer, Reach, Request, check_url};

const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
const LINE_ITEM_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
const RESULT_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// Lets a tool send marks.
pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";

const ITEM_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const ITEMS_TYPE: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const RESULTS_TYPE: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";

/// What every grade column of ours is called among the tool's columns.
pub(super) const TAG: &str = "attendance";
/// The best possible score.
pub const SCORE_MAXIMUM: u32 = 100;
const LARGEST_ANSWER: usize = 1024 * 1024;
/// A course with more columns than fit on so many pages is not searched further.
const MOST_PAGES: usize = 20;

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
    pub fn read(claims: &Claims, reach: Reach) -> Option<Self> {
        let url = |member: &str| {
            let url = Url::parse(claims.grade_service(member)?.as_str()?).ok()?;
            check_url(&url, reach).is_ok().then_some(url)
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

/// The activity that a column is for.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The platform's identifier of the resource link.
    pub resource_link_id: String,
    /// Our identifiers of it: what the platform keeps as the column's `resourceId`. A new column gets the first; a copied
    /// activity's column still has one of the others.
    pub resource_ids: Vec<String>,
    /// Columns of the course's other activities.
    pub taken: Vec<Url>,
    /// The heading of a new column.
    pub label: String,
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
pub struct Held {
    /// The grade.
    pub score: f64,
    /// The best possible one.
    pub maximum: f64,
}

/// Looks for the column of an activity: the one coupled to it, or else the one that we made.
///
/// Spec: AGS 2.0 §3.2.9. Quirk: platforms may leave out what the query asks, so every answer is looked at.
pub async fn find_line_item(
    services: &Services,
    access: &Access,
    lineitems: &Url,
    activity: &Activity,
) -> Result<Option<Url>, ServiceFailure> {
    let coupled = |item: &Value| item["resourceLinkId"] == activity.resource_link_id.as_str();
    let named = |item: &Value, id: &String| item["resourceId"] == id.as_str();
    let is_taken = |item: &Value| id_of(item).is_some_and(|url| activity.taken.contains(&url));
    // A column that is coupled to another activity is that one's.
    let is_free = |item: &Value| item["resourceLinkId"].as_str().is_none_or(str::is_empty) || coupled(item);
    let ours = |item: &Value| {
        item["tag"] == TAG && activity.resource_ids.iter().any(|id| named(item, id)) && !is_taken(item)
    };
    let mut asked = lineitems.clone();
    asked.query_pairs_mut().append_pair("resource_link_id", &activity.resource_link_id);
    let found = list_line_items(services, access, asked).await?;
    let of_link = || found.iter().filter(|item| coupled(item));
    if let Some(item) = of_link().find(|item| ours(item)).or_else(|| of_link().next()) {
        return Ok(id_of(item));
    }
    let mut asked = lineitems.clone();
    asked.query_pairs_mut().append_pair("tag", TAG);
    let found = list_line_items(services, access, asked).await?;
    let first = activity
        .resource_ids
        .iter()
        .find_map(|id| found.iter().find(|item| ours(item) && is_free(item) && named(item, id)));
    Ok(first.and_then(id_of))
}

async fn list_line_items(
    services: &Services,
    access: &Access,
    first: Url,
) -> Result<Vec<Value>, ServiceFailure> {
    let (mut items, mut next) = (Vec::new(), Some(first));
    for _ in 0..MOST_PAGES {
        let Some(url) = next else { break };
        let answer = services.call(access, Request::get(&url).accepting(ITEMS_TYPE), LARGEST_ANSWER).await?;
        items.extend(list_in(&answer)?);
        next = next_page(&answer, &url);
    }
    Ok(items)
}

/// Tries to read a course's columns, as far as the tool may.
pub async fn try_line_items(
    services: &Services,
    access: &Access,
    service: &GradeService,
) -> Result<(), ServiceFailure> {
    let Some(lineitems) = service.lineitems.as_ref().filter(|_| service.may_find()) else { return Ok(()) };
    let request = Request::get(lineitems).accepting(ITEMS_TYPE);
    list_in(&services.call(access, request, LARGEST_ANSWER).await?).map(drop)
}

/// The list in an answer.
///
/// Quirk: some platforms wrap it in an object.
fn list_in(answer: &Answer) -> Result<Vec<Value>, ServiceFailure> {
    if !(200..300).contains(&answer.status) {
        return Err(ServiceFailure::of_answer(answer));
    }
    let parsed = serde_json::from_slice(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
    match parsed {
        Value::Array(list) => Ok(list),
        Value::Object(mut members) => match members.remove("lineItems").or(members.remove("content")) {
            Some(Value::Array(list)) => Ok(list),
            _ => Err(ServiceFailure::garbled(&"an object instead of a list")),
        },
        _ => Err(ServiceFailure::garbled(&"no list")),
    }
}

fn id_of(item: &Value) -> Option<Url> {
    Url::parse(item["id"].as_str()?).ok()
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
    let request = Request::post(lineitems, ITEM_TYPE, body.to_string()).accepting(ITEM_TYPE);
    let answer = services.call(access, request, LARGEST_ANSWER).await?;
    if !(200..300).contains(&answer.status) {
        return Err(ServiceFailure::of_answer(&answer));
    }
    let item: Value =
        serde_json::from_slice(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
    id_of(&item).ok_or_else(|| ServiceFailure::garbled(&"a grade column without id"))
}

/// Sends a score: what the platform's answer means, and the answer's own pause where it asks for one.
///
/// Spec: AGS 2.0 §3.4. FullyGraded always: anything else erases the grade in Moodle.
/// Errors: the platform gave no answer, or no access token.
pub async fn send_score(
    services: &Services,
    access: &Access,
    (line_item, profile): (&Url, &Profile),
    score: &Score,
) -> Result<(Meaning, Answer), ServiceFailure> {
    let mut body = json!({
        "userId": score.user_id, "scoreGiven": score.given, "scoreMaximum": SCORE_MAXIMUM,
        "comment": score.comment, "timestamp": iso(score.at),
        "activityProgress": "Completed", "gradingProgress": "FullyGraded",
    });
    if let Some((name, extension)) = profile.extension {
        body[name] = extension();
    }
    let url = below(line_item, "scores");
    let answer = services
        .call_as(profile, access, Request::post(&url, SCORE_TYPE, body.to_string()), LARGEST_ANSWER)
        .await?;
    match profile.reads(answer.status, &answer.text()) {
        Meaning::TokenRefused => {
            Err(ServiceFailure { trouble: Trouble::TokenRefused, ..ServiceFailure::of_answer(&answer) })
        }
        Meaning::Busy => Err(ServiceFailure { trouble: Trouble::Busy, ..ServiceFailure::of_answer(&answer) }),
        Meaning::Down => Err(ServiceFailure::of_answer(&answer)),
        meaning => Ok((meaning, answer)),
    }
}

/// What the gradebook shows for a person; `None` where it shows nothing.
///
/// Spec: AGS 2.0 §3.3.
pub async fn read_result(
    services: &Services,
    access: &Access,
    line_item: &Url,
    user_id: &str,
) -> Result<Option<Held>, ServiceFailure> {
    let mut url = below(line_item, "results");
    url.query_pairs_mut().append_pair("user_id", user_id);
    let answer = services.call(access, Request::get(&url).accepting(RESULTS_TYPE), LARGEST_ANSWER).await?;
    let results = list_in(&answer)?;
    let found = results.iter().find(|result| result["userId"] == user_id);
    Ok(found.and_then(|result| {
        Some(Held {
            score: result["resultScore"].as_f64()?,
            maximum: result["resultMaximum"].as_f64().unwrap_or(1.0),
        })
    }))
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

    fn offered(claim: &str) -> Option<GradeService> {
        let payload = format!("{{\"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint\": {claim}}}");
        GradeService::read(&Claims::parse(payload.as_bytes()).unwrap(), Reach::Public)
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
