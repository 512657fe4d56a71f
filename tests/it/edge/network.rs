//! Where the tool asks, and how: private networks, and Redis over TLS.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Tamper, claim};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use serde_json::{Value, json};

use crate::support::{Backend, Double, Redis, Reply, SECOND, Serving, Shell, TestTool, on_both};

on_both!(a_claim_opens_no_private_host_but_those_that_the_operator_entered);

async fn a_claim_opens_no_private_host_but_those_that_the_operator_entered(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let double = Double::answering(Reply::json("{}"));
    let place = double.url();
    let tamper = move |_: &mut Value, payload: &mut Value| {
        let services = [
            ("https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice", "context_memberships_url"),
            ("https://purl.imsglobal.org/spec/lti-ags/claim/endpoint", "lineitems"),
            ("https://purl.imsglobal.org/spec/lti-ags/claim/endpoint", "lineitem"),
            ("https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice", "context_groups_url"),
        ];
        for (name, member) in services {
            payload[name][member] = json!(place);
        }
        payload[claim("platformnotificationservice")] = json!({
            "platform_notification_service_url": place,
            "notice_types_supported": ["LtiContextCopyNotice"],
        });
    };
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(tamper)));
    tool.browser().launches("tessa", "1").await.assert_enters();
    tool.later(SECOND * 60);
    tool.jobs_rest().await;
    assert_eq!(double.asked(), 0, "the registration allows private addresses, but not this one");
    assert_eq!(tool.count("job").await, 0);
    // Its own host is as private, and served.
    tool.browser().launches("tessa", "1").await.assert_enters();
    tool.eventually("the list is asked for", async || tool.count("membership_list").await > 0).await;
}

/// A certificate of `localhost` that vouches for itself; and its key.
fn certificate() -> (String, String) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut made = X509::builder().unwrap();
    made.set_version(2).unwrap();
    made.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    made.set_subject_name(&name).unwrap();
    made.set_issuer_name(&name).unwrap();
    made.set_pubkey(&key).unwrap();
    made.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    made.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    made.append_extension(BasicConstraints::new().ca().build().unwrap()).unwrap();
    let names =
        SubjectAlternativeName::new().dns("localhost").build(&made.x509v3_context(None, None)).unwrap();
    made.append_extension(names).unwrap();
    made.sign(&key, MessageDigest::sha256()).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(made.build().to_pem().unwrap()), text(key.private_key_to_pem_pkcs8().unwrap()))
}

#[tokio::test]
async fn redis_is_reached_over_tls_and_believed_by_its_certificate_alone() {
    let (_, _, port) = Serving::platform();
    let (pem, key) = certificate();
    let desk = Shell::new();
    let (pem, key) = (desk.file("redis.crt", &pem), desk.file("redis.key", &key));
    let redis = Redis::over_tls(&pem, &key).await;
    for (authorities, is_believed) in [(Some(&pem), true), (None, false)] {
        let mut shell = Shell::new().with("JITSI_LTI_REDIS_URL", &redis.url());
        if let Some(authorities) = authorities {
            shell = shell.with("SSL_CERT_FILE", authorities);
        }
        if !is_believed {
            let output = shell.fails(&["serve", "--listen", "127.0.0.1:0"], "can't be used");
            assert_eq!(output.code, Some(69));
            continue;
        }
        let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.get(format!("{}/readyz", serving.origin)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{}", answer.text().await.unwrap());
        serving.dies();
    }
}
