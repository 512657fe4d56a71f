//! Variables of launches, copies of courses and activities, and notices of them.

use super::lab::Lab;
use super::*;

const NOTICE: &str = "LtiContextCopyNotice";

/// Returns an LMS with the tool's own custom parameters.
fn lms_with(custom: &[(&str, &str)]) -> Lms {
    let custom = custom.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut settings = settings("http://127.0.0.1:8081", "http://127.0.0.1:9/jwks");
    settings.tools[0].custom = custom;
    Lms::new(settings, Arc::new(FakeClock::new(Timestamp::from_secs(NOW))), Random::seeded(1)).unwrap()
}

fn custom_of(lms: &Lms, visit: &Visit) -> Value {
    launched(lms, visit).unwrap()[claim("custom")].clone()
}

fn ids(activities: &[LmsActivity]) -> Vec<&str> {
    activities.iter().map(|one| one.id.as_str()).collect()
}

#[test]
fn variables_are_filled_in_and_unknown_ones_stay() {
    let lms = lms_with(&[
        ("user", "$User.id"),
        ("course", "$Context.title"),
        ("link", "$ResourceLink.title"),
        ("zone", "$Person.address.timezone"),
        ("nope", "$No.Such.Var"),
        ("plain", "as it is"),
    ]);
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let custom = vec![own("user", "forged"), own("room", "r1"), own("who", "$User.id")];
    let activity = lms.add_activity(LmsActivity { custom, ..LmsActivity::new("101", "Lecture") }).unwrap();
    let mut expected = json!({
        "user": "ana", "course": "Algebra 1", "link": "Lecture", "zone": "99", "nope": "$No.Such.Var",
        "plain": "as it is", "room": "r1", "who": "ana",
    });
    assert_eq!(custom_of(&lms, &Visit::new("ana", &activity.id)), expected);
    // Deep linking has the tool's own alone, and no link to name.
    for name in ["room", "who"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    (expected["user"], expected["link"]) = (json!("tessa"), json!("$ResourceLink.title"));
    assert_eq!(custom_of(&lms, &Visit::picking("tessa", "101")), expected);
    lms.behaviour().set(|now| now.anonymous = true);
    assert_eq!(custom_of(&lms, &Visit::new("ana", &activity.id))["user"], "$User.id");
}

#[test]
fn each_family_tells_groups_in_its_own_variable() {
    let lms = lms_with(&[
        ("moodle", "$Moodle.Person.userGroupIds"),
        ("canvas", "$Canvas.group.contextIds"),
        ("group", "$CourseGroup.id"),
    ]);
    lms.set_group_members("g-blue", &["layla", "ana"]);
    let (moodle, canvas, group) =
        ("$Moodle.Person.userGroupIds", "$Canvas.group.contextIds", "$CourseGroup.id");
    let both = "g-red,g-blue";
    for (family, person, expected) in [
        ("moodle", "ana", [both, canvas, group]),
        ("moodle", "tessa", ["", canvas, group]),
        ("canvas", "ana", [moodle, both, group]),
        ("canvas", "tessa", [moodle, "", group]),
        ("sakai", "ana", [moodle, canvas, both]),
        ("BlackboardLearn", "layla", [moodle, canvas, "g-blue"]),
        ("BlackboardLearn", "tessa", [moodle, canvas, group]),
    ] {
        lms.behaviour().set(|now| now.family = family.to_owned());
        let custom = custom_of(&lms, &Visit::new(person, "1"));
        let found = ["moodle", "canvas", "group"].map(|name| custom[name].as_str().unwrap().to_owned());
        assert_eq!(found, expected, "{family}, {person}");
    }
}

#[test]
fn histories_are_told_as_far_as_the_lms_knows_them() {
    let lms = lms_with(&[("courses", "$Context.id.history"), ("links", "$ResourceLink.id.history")]);
    lms.add_course(LmsCourse::new("a b/c,d", "OLD", "Older"));
    let first =
        lms.add_activity(LmsActivity { id: "é-1".into(), ..LmsActivity::new("a b/c,d", "Class") }).unwrap();
    lms.copy_course("a b/c,d", LmsCourse::new("201", "C1", "Copy")).unwrap();
    let last = lms.copy_course("201", LmsCourse::new("202", "C2", "Copy of the copy")).unwrap().remove(0);
    let visit = Visit::new("tessa", &last.id);
    let courses = "201,a%20b%2Fc%2Cd";
    assert_eq!(custom_of(&lms, &visit), json!({"courses": courses, "links": "$ResourceLink.id.history"}));
    lms.behaviour().set(|now| (now.link_history, now.context_history) = (true, false));
    let custom = custom_of(&lms, &visit);
    assert_eq!(custom, json!({"courses": "$Context.id.history", "links": "4,%C3%A9-1"}), "{last:?}");
    lms.behaviour().set(|now| now.context_history = true);
    assert_eq!(custom_of(&lms, &Visit::new("tessa", &first.id)), json!({"courses": "", "links": ""}));
}

#[test]
fn a_copied_course_has_everything_anew() {
    let lms = lms();
    let custom = vec![("room".to_owned(), "r1".to_owned())];
    let class = lms.add_activity(LmsActivity { custom, ..LmsActivity::new("101", "Class") }).unwrap();
    let made = LmsLineItem {
        course: "101".into(),
        label: "Attendance".into(),
        maximum: 10.0,
        resource_id: Some("r1".into()),
        tag: Some("attendance".into()),
        resource_link_id: Some(class.id.clone()),
        made_by_tool: true,
        ..LmsLineItem::default()
    };
    lock(&lms.0.grades).add(made.clone());
    let copies = lms.copy_course("101", LmsCourse::new("201", "ALG1b", "Algebra, again")).unwrap();
    assert_eq!(ids(&copies), ["4", "5", "6"]);
    let titles: Vec<_> = copies.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Live class", "Office hours", "Class"]);
    assert!(copies.iter().all(|one| one.course == "201" && one.link_id.is_none()));
    assert_eq!((&copies[2].custom, &copies[2].history), (&class.custom, &vec!["3".to_owned()]));
    let columns = lms.line_items("201");
    let links: Vec<_> = columns.iter().map(|one| one.resource_link_id.as_deref()).collect();
    assert_eq!(links, [Some("4"), Some("6"), Some("6")], "Office hours are not graded");
    let copied = LmsLineItem {
        id: columns[2].id.clone(),
        course: "201".into(),
        resource_link_id: Some("6".into()),
        ..made
    };
    assert_eq!(columns[2], copied);
    assert_eq!(lms.line_items("101").len(), 3, "the original keeps its own");
    assert_eq!(lms.courses()[1].history, ["101"]);
    let again = lms.copy_course("201", LmsCourse::new("202", "ALG1c", "Algebra, once more")).unwrap();
    assert_eq!(lms.courses()[2].history, ["201", "101"]);
    assert_eq!(again[2].history, ["6", "3"]);
    assert!(lms.copy_course("9", LmsCourse::new("203", "X", "X")).is_err());
    assert!(lms.copy_course("101", LmsCourse::new("202", "X", "X")).is_err(), "an id names one course");
}

#[test]
fn open_edx_keeps_the_names_of_links_in_a_copied_course() {
    let lms = lms();
    lms.behaviour().set(|now| (now.family, now.link_history) = ("openedx".to_owned(), true));
    let copies = lms.copy_course("101", LmsCourse::new("201", "RERUN", "Run 2")).unwrap();
    assert_eq!((ids(&copies), copies[0].link()), (vec!["3", "4"], "1"));
    let launch = launched(&lms, &Visit::new("ana", &copies[0].id)).unwrap();
    let (link, course) = (&launch[claim("resource_link")]["id"], &launch[claim("context")]["id"]);
    assert_eq!((link, course), (&json!("1"), &json!("201")));
    assert_eq!(lms.line_items("201")[0].resource_link_id.as_deref(), Some("1"));
    assert_eq!(lms.line_items("101").len(), 1);
    // A copy inside the course has a name of its own all the same.
    let twin = lms.duplicate_activity(&copies[0].id).unwrap();
    assert_eq!((twin.link(), twin.course.as_str()), ("5", "201"));
    assert_eq!(twin.history, ["1", "1"]);
}

#[test]
fn a_duplicated_activity_stands_beside_the_original() {
    let lms = lms();
    let twin = lms.duplicate_activity("1").unwrap();
    assert_eq!((twin.id.as_str(), twin.course.as_str(), &twin.history), ("3", "101", &vec!["1".to_owned()]));
    let links: Vec<_> = lms.line_items("101").into_iter().map(|one| one.resource_link_id).collect();
    assert_eq!(links, [Some("1".to_owned()), Some("3".to_owned())]);
    assert!(lms.duplicate_activity("9").is_err());
}

#[actix_web::test]
async fn a_click_copies_the_course() {
    let lab = Lab::new().await;
    lab.lms.add_course(LmsCourse::new("103", "GEO", "Geometry"));
    let press = async |site: &str, course: &str| {
        let url = format!("{}/courses/{course}/copy", lab.lms.settings().issuer);
        let answer = lab.http.post(url).header("sec-fetch-site", site).send().await.unwrap();
        let place = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        (answer.status().as_u16(), place)
    };
    assert_eq!(press("cross-site", "101").await.0, 403);
    assert_eq!(press("same-origin", "9").await.0, 404);
    assert_eq!(lab.lms.courses().len(), 2);
    assert!(lab.page("/courses/101").await.1.contains("id=\"copy-course\""));
    // The course that is already called 103 stays what it is.
    assert_eq!(press("same-origin", "101").await, (303, Some("/courses/104".to_owned())));
    assert!(lab.page("/courses/104").await.1.contains("Live class"));
    let (_, home) = lab.page("/").await;
    for course in ["101", "103", "104"] {
        assert!(home.contains(&format!("href=\"/courses/{course}\"")), "{course}: {home}");
    }
}

impl Lab {
    async fn handles(&self, token: &str, media_type: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/services/notice-handlers/1", self.lms.settings().issuer);
        let put = self.http.put(url).bearer_auth(token).header("content-type", media_type);
        let (status, text) = lab::status_and_body(put.body(body.to_string()).send().await.unwrap()).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

#[actix_web::test]
async fn notices_go_where_the_tool_asks_for_them() {
    let lab = Lab::new().await;
    let service = claim("platformnotificationservice");
    let without = lab.token().await;
    assert!(launched(&lab.lms, &Visit::new("ana", "1")).unwrap().get(&service).is_none());
    lab.lms.behaviour().set(|now| now.offer_notices = true);
    let status_and_body = launched(&lab.lms, &Visit::new("ana", "1")).unwrap()[&service].clone();
    let url = format!("{}/services/notice-handlers/1", lab.lms.settings().issuer);
    let expected = json!({
        "service_versions": ["1.0"], "platform_notification_service_url": url, "scope": [SCOPE_NOTICES],
        "notice_types_supported": ["LtiHelloWorldNotice", "LtiContextCopyNotice"],
    });
    assert_eq!(status_and_body, expected);
    let (token, json_type) = (lab.token().await, "application/json");
    let handler = "http://127.0.0.1:8080/lti/notices";
    let wish = json!({"notice_type": NOTICE, "handler": handler});
    assert_eq!(lab.handles(&without, json_type, wish.clone()).await.0, 403, "the scope was not granted");
    assert_eq!(lab.handles("guess", json_type, wish.clone()).await.0, 401);
    assert_eq!(lab.handles(&token, "text/plain", wish.clone()).await.0, 400);
    for bad in [
        json!({"notice_type": "LtiTeaNotice", "handler": handler}),
        json!({"notice_type": NOTICE}),
        json!({"notice_type": NOTICE, "handler": "https://elsewhere.example/notices"}),
        json!({"notice_type": NOTICE, "handler": "javascript:alert(1)"}),
    ] {
        assert_eq!(lab.handles(&token, json_type, bad.clone()).await.0, 400, "{bad}");
    }
    assert_eq!(lab.lms.notice_handler(), None);
    assert_eq!(lab.handles(&token, json_type, wish.clone()).await, (200, wish));
    assert_eq!(lab.lms.notice_handler().as_deref(), Some(handler));
    let listed = lab::status_and_body(lab.http.get(&url).bearer_auth(&token).send().await.unwrap()).await.1;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["notice_handlers"][0], json!({"notice_type": NOTICE, "handler": handler}));
    let nowhere = json!({"notice_type": NOTICE, "handler": ""});
    assert_eq!(lab.handles(&token, json_type, nowhere.clone()).await, (200, nowhere));
    assert_eq!(lab.lms.notice_handler(), None);
}

#[test]
fn a_notice_names_the_copy_and_its_origin_and_nobody() {
    let lms = lms();
    lms.copy_course("101", LmsCourse::new("201", "ALG1b", "Algebra, again")).unwrap();
    let notice = Parsed::of(&lms.context_copy_notice("201").unwrap()).unwrap();
    let key = lock(&lms.0.keys).current.clone();
    assert!(notice.fits_rsa(&public_key(&key.jwk().unwrap()).unwrap(), MessageDigest::sha256()));
    let claims = &notice.payload;
    assert_eq!((claims.get("sub"), &claims["azp"], &claims["aud"]), (None, &json!("tool"), &json!("tool")));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 3600)));
    assert_eq!((&claims[claim("version")], &claims[claim("deployment_id")]), (&json!("1.3.0"), &json!("1")));
    assert_eq!(claims[claim("notice")]["type"], NOTICE);
    assert_eq!(claims[claim("notice")]["timestamp"], "2026-11-22T10:01:37Z");
    assert_eq!(claims[claim("context")]["title"], "Algebra, again");
    assert_eq!(claims[claim("origin_contexts")], json!(["101"]));
    let nonce = notice.text("nonce").unwrap();
    assert_ne!(Parsed::of(&lms.context_copy_notice("201").unwrap()).unwrap().text("nonce"), Some(nonce));
    assert!(lms.context_copy_notice("9").is_err());
}
