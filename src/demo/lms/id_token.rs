//! Turns claims into an id_token, spoiled when a switch says so.

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use serde_json::{Map, Value, json};

use super::claims::{LTI, claim};
use super::tamper::Tamper;
use crate::demo::jws::{KeyPair, SignWith, base64url, sign};

enum Signing {
    Own,
    Rs384,
    Stranger,
    PublicKeyAsSecret,
    Nothing,
}

/// An id_token on its way.
pub(super) struct IdTokenDraft {
    header: Value,
    payload: Value,
    text: Option<String>,
    signing: Signing,
    swap_payload: bool,
}

impl IdTokenDraft {
    /// Makes a valid id_token, ready to be signed by `key`.
    pub(super) fn new(key: &KeyPair, payload: Value) -> Self {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": key.kid()});
        Self { header, payload, text: None, signing: Signing::Own, swap_payload: false }
    }

    /// Applies a case.
    pub(super) fn spoil(&mut self, tamper: &Tamper) {
        if let Tamper::Edit(edit) = tamper {
            edit(&mut self.header, &mut self.payload);
            return;
        }
        let _known = self.spoil_signature(tamper)
            || self.spoil_message(tamper)
            || self.spoil_times(tamper)
            || self.spoil_parties(tamper)
            || self.spoil_text(tamper)
            || self.vary(tamper);
    }

    /// Signs it; returns the compact token.
    pub(super) fn sign(self, key: &KeyPair) -> Result<String, ErrorStack> {
        let text = self.text.unwrap_or_else(|| self.payload.to_string());
        let sha256 = MessageDigest::sha256();
        let token = match self.signing {
            Signing::Own => sign(&self.header, &text, &SignWith::Rsa(key.private(), sha256)),
            Signing::Rs384 => {
                sign(&self.header, &text, &SignWith::Rsa(key.private(), MessageDigest::sha384()))
            }
            Signing::Stranger => {
                sign(&self.header, &text, &SignWith::Rsa(KeyPair::generate()?.private(), sha256))
            }
            Signing::PublicKeyAsSecret => {
                sign(&self.header, &text, &SignWith::Hmac(&key.public_pem()?, sha256))
            }
            Signing::Nothing => sign(&self.header, &text, &SignWith::Nothing),
        }?;
        Ok(if self.swap_payload { swapped(&token, self.payload) } else { token })
    }

    fn spoil_signature(&mut self, tamper: &Tamper) -> bool {
        match tamper {
            Tamper::NoKid => remove(&mut self.header, "kid"),
            Tamper::WrongKid => self.header["kid"] = json!("nobody-published-this"),
            Tamper::AlgNone => {
                self.header["alg"] = json!("none");
                self.signing = Signing::Nothing;
            }
            Tamper::Hs256WithPublicKey => {
                self.header["alg"] = json!("HS256");
                self.signing = Signing::PublicKeyAsSecret;
            }
            Tamper::Rs384 => {
                self.header["alg"] = json!("RS384");
                self.signing = Signing::Rs384;
            }
            Tamper::StrangerKey => self.signing = Signing::Stranger,
            Tamper::TamperedPayload => self.swap_payload = true,
            _ => return false,
        }
        true
    }

    fn spoil_message(&mut self, tamper: &Tamper) -> bool {
        let payload = &mut self.payload;
        match tamper {
            Tamper::WrongVersion => payload[claim("version")] = json!("1.2.0"),
            Tamper::MissingVersion => remove(payload, &claim("version")),
            Tamper::WrongMessageType => payload[claim("message_type")] = json!("LtiTeaRequest"),
            Tamper::MissingMessageType => remove(payload, &claim("message_type")),
            Tamper::MissingRoles => remove(payload, &claim("roles")),
            Tamper::RolesNotAnArray => payload[claim("roles")] = json!("Instructor"),
            Tamper::EmptyRoles => payload[claim("roles")] = json!([]),
            Tamper::ShortRole => payload[claim("roles")] = json!(["Learner"]),
            Tamper::UnknownRole => payload[claim("roles")] = json!(["https://example.org/roles#Gardener"]),
            Tamper::MissingDeployment => remove(payload, &claim("deployment_id")),
            Tamper::UnknownDeployment => payload[claim("deployment_id")] = json!("never-seen-before"),
            Tamper::MissingResourceLink => remove(payload, &claim("resource_link")),
            Tamper::MissingResourceLinkId => remove(&mut payload[claim("resource_link")], "id"),
            Tamper::MissingSub => remove(payload, "sub"),
            Tamper::EmptySub => payload["sub"] = json!(""),
            Tamper::ForeignTarget => {
                payload[claim("target_link_uri")] = json!("https://evil.example/lti/launch")
            }
            Tamper::DifferentTarget => add_query(&mut payload[claim("target_link_uri")]),
            Tamper::MissingTarget => remove(payload, &claim("target_link_uri")),
            Tamper::NotLti => retain(payload, |name| !name.starts_with("https://purl.imsglobal.org/")),
            _ => return false,
        }
        true
    }

    fn spoil_times(&mut self, tamper: &Tamper) -> bool {
        let payload = &mut self.payload;
        let seconds = |name: &str, by: i64| json!(payload[name].as_i64().unwrap_or(0) + by);
        match tamper {
            Tamper::Expired => {
                (payload["iat"], payload["exp"]) = (seconds("iat", -3660), seconds("exp", -3660))
            }
            Tamper::IssuedInFuture => {
                (payload["iat"], payload["exp"]) = (seconds("iat", 3600), seconds("exp", 3600));
            }
            Tamper::IatAsText => payload["iat"] = json!(payload["iat"].to_string()),
            Tamper::ExpAsText => payload["exp"] = json!(payload["exp"].to_string()),
            Tamper::MissingIat => remove(payload, "iat"),
            Tamper::MissingExp => remove(payload, "exp"),
            _ => return false,
        }
        true
    }

    fn spoil_parties(&mut self, tamper: &Tamper) -> bool {
        let payload = &mut self.payload;
        let tool = payload["aud"].clone();
        match tamper {
            Tamper::WrongAud => payload["aud"] = json!("another-tool"),
            Tamper::AudArrayOfOne => payload["aud"] = json!([tool]),
            Tamper::AudArrayWithAzp => (payload["aud"], payload["azp"]) = (json!([tool]), tool),
            Tamper::AudArrayTwoWithAzp => {
                (payload["aud"], payload["azp"]) = (json!([tool, "another-tool"]), tool);
            }
            Tamper::AudArrayWithoutAzp => payload["aud"] = json!([tool, "another-tool"]),
            Tamper::AudArrayWrongAzp => {
                (payload["aud"], payload["azp"]) = (json!([tool, "another-tool"]), json!("another-tool"));
            }
            Tamper::WrongAzp => payload["azp"] = json!("another-tool"),
            Tamper::WrongIss => payload["iss"] = json!("https://another-lms.example"),
            Tamper::WrongNonce => payload["nonce"] = json!("not-the-nonce-of-this-login"),
            Tamper::MissingNonce => remove(payload, "nonce"),
            _ => return false,
        }
        true
    }

    fn spoil_text(&mut self, tamper: &Tamper) -> bool {
        match tamper {
            Tamper::NotJson => self.text = Some("this is not JSON".to_owned()),
            Tamper::DuplicateKeys => {
                let text = self.payload.to_string();
                self.text = Some(format!(r#"{{"sub":"somebody-else",{}"#, text.trim_start_matches('{')));
            }
            Tamper::Huge => self.payload[claim("custom")]["huge"] = json!("x".repeat(1024 * 1024)),
            _ => return false,
        }
        true
    }

    fn vary(&mut self, tamper: &Tamper) -> bool {
        let payload = &mut self.payload;
        match tamper {
            Tamper::NullOptionals => null_optionals(payload),
            Tamper::ForeignShapes => foreign_shapes(payload),
            Tamper::UnknownClaims => {
                payload["https://example.org/claim/weather"] = json!({"sky": ["blue", 7, null]});
                payload[claim("tomorrow")] = json!([[1, 2], {"a": true}]);
            }
            Tamper::NamesOnly => remove(payload, "email"),
            Tamper::EmailOnly => retain(payload, |name| !name.ends_with("name")),
            Tamper::NoPii => {
                retain(payload, |name| !name.ends_with("name") && name != "email" && name != "picture")
            }
            Tamper::NoContext => {
                let services = ["lti-ags/", "lti-nrps/"];
                let is_service = |name: &str| services.iter().any(|service| name.contains(service));
                retain(payload, |name| name != claim("context") && !is_service(name));
            }
            _ => return false,
        }
        true
    }
}

fn remove(value: &mut Value, name: &str) {
    retain(value, |one| one != name);
}

fn retain(value: &mut Value, keep: impl Fn(&str) -> bool) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| keep(name));
    }
}

fn add_query(target: &mut Value) {
    let text = target.as_str().unwrap_or_default();
    let glue = if text.contains('?') { '&' } else { '?' };
    *target = json!(format!("{text}{glue}other=1"));
}

fn null_optionals(payload: &mut Value) {
    for name in ["name", "given_name", "family_name", "email", "picture", "locale", "azp"] {
        payload[name] = Value::Null;
    }
    for name in ["context", "launch_presentation", "lis", "custom", "tool_platform", "role_scope_mentor"] {
        payload[claim(name)] = Value::Null;
    }
    payload[claim("resource_link")]["title"] = Value::Null;
    payload[claim("resource_link")]["description"] = Value::Null;
    payload[format!("{LTI}lti-ags/claim/endpoint")] = Value::Null;
    payload[format!("{LTI}lti-nrps/claim/namesroleservice")] = Value::Null;
}

fn foreign_shapes(payload: &mut Value) {
    payload["email_verified"] = json!("true");
    payload["address"] = json!("1 River Road");
    payload["updated_at"] = json!("yesterday");
    payload["locale"] = Value::Null;
    payload["middle_name"] = json!(7);
    payload["phone_number"] = json!({"home": 1});
    payload[claim("custom")] =
        json!({"number": 7, "flag": true, "nothing": null, "list": [1], "text": "$User.image"});
    payload[claim("launch_presentation")] =
        json!({"locale": null, "width": "700", "height": 500, "document_target": "overlay", "return_url": 5});
    payload[claim("tool_platform")] = json!({"guid": 12, "version": 4.5, "name": null});
    payload[claim("lis")] = json!("none");
    payload[claim("ext")] = json!(["moodle-2"]);
    let context = &mut payload[claim("context")];
    context["type"] = json!("CourseSection");
    context["label"] = json!(101);
}

fn swapped(token: &str, mut payload: Value) -> String {
    payload[claim("roles")] = json!(["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]);
    payload[claim("ext")] = Value::Object(Map::new());
    let mut parts = token.split('.');
    let (header, _, signature) = (parts.next(), parts.next(), parts.next());
    let text = base64url(payload.to_string().as_bytes());
    format!("{}.{text}.{}", header.unwrap_or_default(), signature.unwrap_or_default())
}
