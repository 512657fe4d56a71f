//! Migration from LTI 1.1: old identifiers count where the old secret signed them, and where that is switched on.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jitsi_lti::demo::lms::{Edit, LmsActivity, Tamper, claim};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Backend, CLIENT_ID, DEPLOYMENT, TestTool, on_both};

on_both!(old_identifiers_lead_to_what_is_known_by_them, an_operator_switches_it);

/// A launch that names identifiers of LTI 1.1, signed with this secret.
fn with_old_ids(secret: &'static str, user: &'static str, link: &'static str) -> Tamper {
    let edit: Edit = Arc::new(move |_: &mut Value, payload: &mut Value| {
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        let signed = [
            "old-key".to_owned(),
            DEPLOYMENT.to_owned(),
            text("iss"),
            CLIENT_ID.to_owned(),
            payload["exp"].to_string(),
            text("nonce"),
        ];
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.join("&").as_bytes());
        payload[claim("lti1p1")] = json!({
            "oauth_consumer_key": "old-key", "user_id": user, "resource_link_id": link,
            "oauth_consumer_key_sign": STANDARD.encode(mac.finalize().into_bytes()),
        });
    });
    Tamper::Edit(edit)
}

async fn old_identifiers_lead_to_what_is_known_by_them(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // What is known by the old identifiers: an activity, and a person.
    let room = tool.browser().launches("ana", "1").await.assert_enters();
    tool.sql("UPDATE resource_link SET resource_link_id = 'old-link'").await;
    tool.sql("UPDATE lti_user SET sub = 'old-user'").await;
    let launches = async |secret, person: &str, activity: &str| {
        tool.lms.behaviour().tamper_next(with_old_ids(secret, "old-user", "old-link"));
        tool.browser().launches(person, activity).await.assert_enters()
    };
    // Off, and on with another secret, it is somebody new at something new.
    let fresh = tool.lms.add_activity(LmsActivity::new("101", "Fresh")).unwrap();
    assert_ne!(launches("secret", "layla", &fresh.id).await, room);
    tool.sets_legacy("old-key", "secret").await;
    let again = tool.lms.add_activity(LmsActivity::new("101", "Again")).unwrap();
    assert_ne!(launches("guessed", "maximiliane", &again.id).await, room);
    assert_eq!(launches("secret", "ana", "1").await, room);
    assert_eq!(tool.count("lti_user WHERE sub IN ('ana', 'old-user')").await, 1, "it is the same person");
    // Once the new identifiers are known, the old ones lead nowhere else.
    assert_ne!(launches("secret", "layla", &fresh.id).await, room);
    assert_eq!(tool.browser().launches("ana", "1").await.assert_enters(), room);
}

async fn an_operator_switches_it(backend: Backend) {
    let storage = crate::support::Storage::empty(backend);
    let shell = crate::support::Shell::at(&storage.url());
    let (lms, _site, _) = crate::support::Serving::platform();
    shell.adds(&lms);
    let issuer = lms.settings().issuer.clone();
    let named = ["platform", "legacy", "--issuer", &issuer, "--client-id", CLIENT_ID];
    let file = shell.file("old-secret", "secret\n");
    let on = [&named[..], &["--key", "old-key", "--secret-file", &file]].concat();
    assert!(shell.does(&on).contains("count, where that secret signed them"));
    assert!(shell.does(&[&named[..], &["--off"]].concat()).contains("do not count"));
    let empty = shell.file("empty", " ");
    shell.fails(&[&named[..], &["--key", "k", "--secret-file", &empty]].concat(), "at least one");
    let nowhere = [&named[..], &["--key", "k", "--secret-file", "/no/such/file"]].concat();
    shell.fails(&nowhere, "cannot be read");
}
