//! The groups service, as a tool sees it.

use super::lab::{Lab, status_and_body};
use super::*;

const GROUPS: &str = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json";
const SETS: &str = "application/vnd.ims.lti-gs.v1.contextgroupsetcontainer+json";
const SERVICE: &str = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice";

impl Lab {
    async fn with_groups() -> (Self, String) {
        let lab = Self::new().await;
        lab.lms.behaviour().set(|now| now.offer_groups = true);
        let token = lab.token().await;
        (lab, token)
    }

    fn url(&self, rest: &str) -> String {
        format!("{}/services/101/{rest}", self.lms.settings().issuer)
    }

    /// Status, body and next page of a list.
    async fn reads(&self, token: &str, url: &str, accept: &str) -> (u16, Value, Option<String>) {
        let answer = self.http.get(url).bearer_auth(token).header("accept", accept).send().await.unwrap();
        let link =
            answer.headers().get("link").map(|link| String::from_utf8_lossy(link.as_bytes()).into_owned());
        let next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().replace("&amp;", "&"));
        if answer.status().as_u16() == 200 {
            assert_eq!(answer.headers()["content-type"], accept);
        }
        let (status, body) = status_and_body(answer).await;
        (status, serde_json::from_str(&body).unwrap_or_default(), next)
    }

    async fn groups_of(&self, token: &str, more: &str) -> Value {
        let (status, body, _) =
            self.reads(token, &self.url(&format!("groups?type_id=1{more}")), GROUPS).await;
        assert_eq!(status, 200, "{body}");
        body["groups"].clone()
    }
}

#[actix_web::test]
async fn launches_say_where_the_groups_are_when_they_are_offered() {
    let (lab, _) = Lab::with_groups().await;
    let claims = launched(&lab.lms, &Visit::new("ana", "1")).unwrap();
    let expected = json!({
        "scope": [SCOPE_GROUPS], "service_versions": ["1.0"],
        "context_groups_url": lab.url("groups?type_id=1"),
        "context_group_sets_url": lab.url("group-sets?type_id=1"),
    });
    assert_eq!(claims[SERVICE], expected);
    assert!(launched(&lms(), &Visit::new("ana", "1")).unwrap().get(SERVICE).is_none());
}

#[actix_web::test]
async fn groups_are_listed_for_the_course_and_for_a_person() {
    let (lab, token) = Lab::with_groups().await;
    let (red, blue) = (json!({"id": "g-red", "name": "Red"}), json!({"id": "g-blue", "name": "Blue"}));
    assert_eq!(lab.groups_of(&token, "").await, json!([red, blue]));
    assert_eq!(lab.groups_of(&token, "&user_id=ana").await, json!([red]));
    assert_eq!(lab.groups_of(&token, "&user_id=tessa").await, json!([]));
    let group =
        |id: &str, course: &str| LmsGroup { id: id.into(), course: course.into(), ..LmsGroup::default() };
    lab.lms.add_group(group("bare", "101"));
    lab.lms.add_group(LmsGroup { set: Some("labs".into()), hidden: true, ..group("lab", "101") });
    lab.lms.add_group(group("elsewhere", "102"));
    lab.lms.set_group_members("lab", &["ana"]);
    let lab_group = json!({"id": "lab", "set_id": "labs", "hidden": true});
    assert_eq!(lab.groups_of(&token, "&user_id=ana").await, json!([red, lab_group]));
    assert_eq!(lab.groups_of(&token, "").await, json!([red, blue, {"id": "bare"}, lab_group]));
    let (status, sets, _) = lab.reads(&token, &lab.url("group-sets?type_id=1"), SETS).await;
    assert_eq!((status, &sets["sets"]), (200, &json!([{"id": "labs", "name": "labs"}])));
    assert_eq!(lab.lms.groups("101").len(), 4);
    let (_, page) = lab.page("/courses/101/people").await;
    assert!(
        page.contains("<li data-group=\"g-red\"> <b>Red</b>") && page.contains("data-group=\"bare\""),
        "{page}"
    );
}

#[actix_web::test]
async fn the_service_checks_token_media_type_deployment_and_course() {
    let lab = Lab::new().await;
    let without = lab.token().await;
    lab.lms.behaviour().set(|now| now.offer_groups = true);
    let token = lab.token().await;
    let good = lab.url("groups?type_id=1");
    for (token, url, accept, expected) in [
        (&token, good.clone(), GROUPS, 200),
        (&without, good.clone(), GROUPS, 403),
        (&"guess".to_owned(), good.clone(), GROUPS, 401),
        (&token, good.clone(), "application/json", 400),
        (&token, good.clone(), "*/*", 400),
        (&token, good.clone(), SETS, 400),
        (&token, lab.url("groups?type_id=2"), GROUPS, 404),
        (&token, lab.url("groups"), GROUPS, 404),
        (&token, good.replace("/101/", "/9/"), GROUPS, 404),
    ] {
        assert_eq!(lab.reads(token, &url, accept).await.0, expected, "{url} {accept}");
    }
    lab.lms.behaviour().set(|now| {
        (now.fault, now.fault_at) = (Some(Fault::ServerError), FaultAt::Groups);
    });
    assert_eq!(lab.reads(&token, &good, GROUPS).await.0, 500);
}

#[actix_web::test]
async fn a_crowd_of_groups_comes_in_pages() {
    let (lab, token) = Lab::with_groups().await;
    for broken in [false, true] {
        lab.lms.behaviour().set(|now| {
            (now.group_crowd, now.page_size, now.broken_link_header) = (10, Some(5), broken);
        });
        let (mut next, mut sizes, mut seen) = (Some(lab.url("groups?type_id=1")), Vec::new(), Vec::new());
        while let Some(url) = next {
            let (status, body, more) = lab.reads(&token, &url, GROUPS).await;
            assert_eq!(status, 200, "{url}");
            let page = body["groups"].as_array().unwrap();
            sizes.push(page.len());
            seen.extend(page.iter().map(|group| group["id"].to_string()));
            next = more;
        }
        seen.sort();
        seen.dedup();
        assert_eq!((sizes, seen.len()), (vec![5, 5, 2], 12));
    }
}

#[actix_web::test]
async fn pages_can_be_misdirected() {
    let (lab, token) = Lab::with_groups().await;
    let start = lab.url("groups?type_id=1");
    let next_of = async |pages, url: &str| {
        lab.lms.behaviour().set(|now| now.membership_pages = pages);
        let (status, _, next) = lab.reads(&token, url, GROUPS).await;
        assert_eq!(status, 200, "{pages:?} {url}");
        next
    };
    assert_eq!(next_of(MembershipPages::Right, &start).await, None);
    assert_eq!(next_of(MembershipPages::ToThemselves, &start).await, Some(start.clone()));
    let elsewhere = next_of(MembershipPages::Elsewhere, &start).await.unwrap();
    assert!(elsewhere.starts_with("https://elsewhere.example/"));
    // Each of the endless pages is result, and leads on to another one.
    let mut seen = vec![start];
    for _ in 0..4 {
        let next = next_of(MembershipPages::Endless, seen.last().unwrap()).await.unwrap();
        assert!(!seen.contains(&next), "{next}");
        seen.push(next);
    }
}

#[actix_web::test]
async fn memberships_have_the_groups_of_each_person() {
    let (lab, token) = Lab::with_groups().await;
    let url = claims::memberships_url(&lab.lms.settings().issuer, &algebra(), "1");
    let (_, body, _) = lab.reads(&token, &url, MEMBERSHIPS).await;
    let of = |body: &Value, person: &str| {
        let members = body["members"].as_array().unwrap().clone();
        members.into_iter().find(|one| one["user_id"] == person).unwrap()
    };
    assert_eq!(of(&body, "ana")["group_enrollments"], json!([{"group_id": "g-red"}]));
    assert_eq!(of(&body, "tessa")["group_enrollments"], json!([]));
    lab.lms.behaviour().set(|now| now.offer_groups = false);
    let (_, body, _) = lab.reads(&token, &url, MEMBERSHIPS).await;
    assert!(of(&body, "ana").get("group_enrollments").is_none());
}
