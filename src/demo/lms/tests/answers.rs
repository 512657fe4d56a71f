//! What the LMS checks in an answer of deep linking, one flaw at a time.

use std::time::Duration;

use super::lab::Lab;
use super::picking::{LAUNCH, changed, deep_linking, item};
use super::*;
use crate::demo::jws::{SignWith, sign};

const HOUR: Duration = Duration::from_secs(3600);

#[actix_web::test]
async fn each_flaw_of_an_answer_is_refused_and_named() {
    let lab = Lab::new().await;
    let (place, good) = lab.begins();
    let issuer = lab.lms.settings().issuer.clone();
    let rows: Vec<(String, Value, &str)> = vec![
        ("iss".into(), json!("other"), "iss must be the client_id"),
        ("iss".into(), json!(null), "iss must be the client_id"),
        ("aud".into(), json!("http://other"), "aud must be the issuer"),
        ("aud".into(), json!([issuer, "http://other"]), "aud must be the issuer"),
        ("aud".into(), json!(null), "aud must be the issuer"),
        ("azp".into(), json!("tool"), "azp must be the issuer"),
        ("exp".into(), json!(NOW), "the token ran out"),
        ("exp".into(), json!(NOW + 3601), "the token lives longer than an hour"),
        ("exp".into(), json!(null), "exp must be a whole number"),
        ("iat".into(), json!(NOW + 1), "iat lies in the future"),
        ("iat".into(), json!(NOW - 601), "iat lies more than ten minutes back"),
        ("iat".into(), json!("now"), "iat must be a whole number"),
        ("nonce".into(), json!(""), "nonce is missing"),
        ("nonce".into(), json!(null), "nonce is missing"),
        (claim("deployment_id"), json!("2"), "deployment_id is not the tool's"),
        (claim("deployment_id"), json!(null), "deployment_id is not the tool's"),
        (claim("version"), json!("1.3"), "version must be 1.3.0"),
        (
            claim("message_type"),
            json!("LtiDeepLinkingRequest"),
            "message_type must be LtiDeepLinkingResponse",
        ),
        (deep_linking("data"), json!("other"), "data is not what the request sent"),
        (deep_linking("data"), json!(null), "data is not what the request sent"),
        (deep_linking("content_items"), json!({}), "content_items must be a list"),
        (deep_linking("content_items"), json!(["One"]), "an item must be an object"),
        (
            deep_linking("content_items"),
            json!([item("One"), {"type": "html"}]),
            "items of type html are not taken",
        ),
    ];
    for (name, value, reason) in rows {
        let refused = lab.answers(&place, &changed(&good, &name, value.clone())).await;
        assert_eq!(refused.unwrap_err(), reason, "{name} = {value}");
    }
    assert_eq!(lab.lms.activities().len(), 2, "nothing of a bad answer stays");
    // A flaw uses nothing up: the good answer is still taken, once.
    assert!(lab.answers(&place, &changed(&good, "aud", json!([issuer]))).await.is_ok());
    let again = lab.answers(&place, &changed(&good, "x", json!(1))).await;
    assert_eq!(again.unwrap_err(), "this choice was answered before");
    let (place, mut second) = lab.begins();
    second["nonce"] = good["nonce"].clone();
    assert!(lab.answers(&place, &second).await.is_ok());
    let (place, mut third) = lab.begins();
    third["nonce"] = good["nonce"].clone();
    assert_eq!(lab.answers(&place, &third).await.unwrap_err(), "nonce was used before");
}

#[actix_web::test]
async fn an_answer_must_be_signed_by_a_key_that_the_tool_publishes() {
    let lab = Lab::new().await;
    let (place, claims) = lab.begins();
    let good = Parsed::of(&lab.signed(&claims)).unwrap().header;
    let stranger = KeyPair::generate().unwrap();
    let with = SignWith::Rsa(stranger.private(), MessageDigest::sha256());
    for (name, value, reason) in [
        ("kid", json!(null), "kid is missing in the header"),
        ("kid", json!(""), "kid is missing in the header"),
        ("alg", json!("RS384"), "the algorithm must be RS256"),
        ("alg", json!("none"), "the algorithm must be RS256"),
        ("kid", good["kid"].clone(), "the signature does not fit a key named"),
        ("kid", json!(stranger.kid()), "the signature does not fit a key named"),
    ] {
        let mut header = good.clone();
        header[name] = value;
        let token = sign(&header, &claims.to_string(), &with).unwrap();
        let refused = lab.lms.receive_deep_linking(&place, &token).await.unwrap_err();
        assert!(refused.starts_with(reason), "{header}: {refused}");
    }
    let nothing = lab.lms.receive_deep_linking(&place, "no.token").await;
    assert_eq!(nothing.unwrap_err(), "the JWT is not a signed token");
}

#[actix_web::test]
async fn an_answer_goes_to_its_own_place_in_time() {
    let lab = Lab::new().await;
    lab.lms.add_course(LmsCourse::new("102", "GEO", "Geometry"));
    let (place, good) = lab.begins();
    let (path, query) = place.split_once('?').unwrap();
    let other = lab.begins().0;
    for (place, reason) in [
        (place.replace("/101/", "/102/"), "the address is of another course"),
        (path.to_owned(), "the address lost its query"),
        (format!("{path}?sesskey=x"), "sesskey is not of this choice"),
        (format!("{}/courses/101?{query}", lab.lms.settings().issuer), "the address is no place for answers"),
        (place.replace("http://", "https://"), "the address is not this LMS's"),
        (other, "data is not what the request sent"),
    ] {
        let refused = lab.answers(&place, &changed(&good, "x", json!(1))).await;
        assert_eq!(refused.unwrap_err(), reason, "{place}");
    }
    let guessed =
        format!("{}/courses/101/deep-linking/0123456789?sesskey=0123456789", lab.lms.settings().issuer);
    let refused = lab.answers(&guessed, &changed(&good, "x", json!(1))).await;
    assert_eq!(refused.unwrap_err(), "nobody began to choose under this address");
    lab.clock.advance(HOUR);
    let later = |seconds: i64| {
        let claims = changed(&good, "iat", json!(NOW + 3600 + seconds));
        changed(&claims, "exp", json!(NOW + 3900))
    };
    let in_time = lab.begins();
    lab.clock.advance(Duration::from_secs(1));
    let refused = lab.answers(&place, &later(1)).await;
    assert_eq!(refused.unwrap_err(), "the choice began more than an hour ago");
    assert!(lab.answers(&in_time.0, &in_time.1).await.is_ok());
}

#[actix_web::test]
async fn what_was_offered_decides_what_is_taken() {
    let lab = Lab::new().await;
    let graded =
        json!({"type": "ltiResourceLink", "title": "G", "url": LAUNCH, "lineItem": {"scoreMaximum": 1}});
    let window = json!({"type": "ltiResourceLink", "title": "W", "url": LAUNCH, "window": {}});
    let two = json!([item("One"), item("Two")]);
    let usual = DeepLinkingOffer::default;
    let several = "several items, where one was asked for";
    for (offer, items, expected) in [
        (usual(), two.clone(), None),
        (usual(), json!([]), None),
        (DeepLinkingOffer { accept_multiple: None, ..usual() }, two.clone(), Some(several)),
        (DeepLinkingOffer { accept_multiple: Some(false), ..usual() }, two, Some(several)),
        (DeepLinkingOffer { accept_multiple: None, ..usual() }, json!([item("One")]), None),
        (usual(), json!([graded]), None),
        (
            DeepLinkingOffer { accept_lineitem: Some(false), ..usual() },
            json!([graded]),
            Some("lineItem was not asked for"),
        ),
        (usual(), json!([window]), None),
        (
            DeepLinkingOffer { accept_targets: vec!["iframe".into()], ..usual() },
            json!([window]),
            Some("items may not open in a window"),
        ),
        (
            DeepLinkingOffer { accept_types: vec!["link".into()], ..usual() },
            json!([item("One")]),
            Some("items of type ltiResourceLink are not taken"),
        ),
    ] {
        lab.lms.behaviour().set(|now| now.deep_linking = offer.clone());
        let (place, claims) = lab.begins();
        let claims = changed(&claims, &deep_linking("content_items"), items);
        let found = lab.answers(&place, &claims).await.err();
        assert_eq!(found.as_deref(), expected, "{offer:?}");
    }
    // Data of any shape comes back as it went; none at all must stay none.
    for data in [json!({"course": [1, "a"]}), json!("x"), json!(null)] {
        lab.lms
            .behaviour()
            .set(|now| now.deep_linking = DeepLinkingOffer { data: Some(data.clone()), ..usual() });
        let (place, claims) = lab.begins();
        let wrong = changed(&claims, &deep_linking("data"), json!({"course": "1a"}));
        let refused = lab.answers(&place, &wrong).await.unwrap_err();
        assert_eq!(refused, "data is not what the request sent", "{data}");
        assert!(lab.answers(&place, &claims).await.is_ok(), "{data}");
    }
}
