//! Every row of the platform's table of spoiled id_tokens, with what the tool answers.

use jitsi_lti::demo::lms::{CASES, Tamper};

use crate::support::{Backend, TestTool, on_both};

on_both!(every_case_gets_its_answer);

/// The answer to each case: status and code, or `enters`.
const ANSWERS: &[(&str, &str)] = &[
    ("no_kid", "401 token-key-missing"),
    ("wrong_kid", "401 token-key-unknown"),
    ("alg_none", "401 token-algorithm"),
    ("hs256_public_key", "401 token-algorithm"),
    ("rs384", "401 token-algorithm"),
    ("tampered_payload", "401 token-signature"),
    ("stranger_key", "401 token-signature"),
    ("wrong_version", "400 message-version"),
    ("missing_version", "400 message-version"),
    ("wrong_message_type", "400 message-unsupported"),
    ("missing_message_type", "400 message-type-missing"),
    ("missing_roles", "400 roles-missing"),
    ("roles_not_an_array", "400 roles-missing"),
    ("empty_roles", "enters"),
    ("missing_deployment", "400 deployment-missing"),
    // The login named another deployment: that is found first.
    ("unknown_deployment", "400 deployment-mismatch"),
    ("missing_resource_link", "400 resource-link-missing"),
    ("missing_resource_link_id", "400 resource-link-missing"),
    ("missing_sub", "400 user-missing"),
    ("empty_sub", "400 user-missing"),
    ("expired", "401 token-expired"),
    ("issued_in_future", "401 token-too-early"),
    ("iat_as_text", "400 token-times-unreadable"),
    ("exp_as_text", "400 token-times-unreadable"),
    ("missing_iat", "400 token-times-unreadable"),
    ("missing_exp", "400 token-times-unreadable"),
    ("wrong_aud", "401 token-audience"),
    ("aud_array_of_one", "enters"),
    ("aud_array_with_azp", "enters"),
    ("aud_array_two_with_azp", "enters"),
    ("aud_array_without_azp", "401 token-party"),
    ("aud_array_wrong_azp", "401 token-party"),
    ("wrong_azp", "401 token-party"),
    ("wrong_iss", "401 token-issuer"),
    ("wrong_nonce", "401 token-nonce"),
    ("missing_nonce", "401 token-nonce"),
    ("foreign_target", "400 target-mismatch"),
    ("different_target", "400 target-mismatch"),
    ("missing_target", "400 target-missing"),
    ("not_lti", "400 message-version"),
    ("not_json", "400 token-malformed"),
    ("duplicate_keys", "400 token-malformed"),
    ("huge", "413 body-too-large"),
    ("null_optionals", "enters"),
    ("foreign_shapes", "enters"),
    ("unknown_claims", "enters"),
    ("short_role", "enters"),
    ("unknown_role", "enters"),
    ("names_only", "enters"),
    ("email_only", "enters"),
    ("no_pii", "enters"),
    ("no_context", "enters"),
    ("login_required", "401 platform-login-required"),
];

async fn every_case_gets_its_answer(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let named: Vec<&str> = ANSWERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, CASES.iter().map(|case| case.name).collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (name, expected) in ANSWERS {
        tool.lms.behaviour().tamper_next(Tamper::named(name).unwrap());
        let answer = tool.browser().launches("ana", "1").await;
        if answer.outcome() != *expected {
            wrong.push(format!("{name}: {} instead of {expected}", answer.outcome()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
