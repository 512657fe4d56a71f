//! Tries the keys that a platform publishes, as a launch would use them.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::id_token::PlatformKey;

/// As many as a launch looks at.
const MAX_KEYS: usize = 50;
/// Units: characters of a key's name in a sentence.
const MAX_NAME: usize = 40;

/// What a platform's key set is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetReport {
    /// Whether every launch that the platform signs can be proved, and nobody else can sign one.
    pub is_good: bool,
    /// What was seen: each key, and what is wrong with it.
    pub detail: String,
}

/// Reads a key set and tries each of its keys.
///
/// Spec: RFC 7517; 1EdTech Security Framework 1.0 §6.3: launches are signed by RS256 with a key that has a `kid`.
pub fn check_key_set(set: &Value) -> KeySetReport {
    let Some(keys) = set.get("keys").and_then(Value::as_array) else {
        return KeySetReport { is_good: false, detail: "the answer holds no list of keys".to_owned() };
    };
    let (mut usable, mut others, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = HashSet::new();
    for key in keys.iter().take(MAX_KEYS) {
        let name = name_of(key);
        if key.get("d").is_some() {
            faults.push(format!("{name} publishes its private part: anybody can sign launches"));
        }
        match PlatformKey::from_jwk(key) {
            Some(known) if !names.insert(known.kid().to_owned()) => {
                faults.push(format!("{name} stands there twice"));
            }
            Some(_) => usable.push(name),
            None => others.push(format!("{name}: {}", why_unusable(key))),
        }
    }
    if keys.len() > MAX_KEYS {
        faults.push(format!("it holds {} keys; {MAX_KEYS} are looked at", keys.len()));
    }
    let is_good = !usable.is_empty() && faults.is_empty();
    let mut parts = vec![match usable.as_slice() {
        [] => "no key can be used: RS256 with a kid and 2048 bits or more is needed".to_owned(),
        names => format!("usable: {}", names.join(", ")),
    }];
    parts.extend(faults);
    if !others.is_empty() {
        parts.push(format!("not used: {}", others.join(", ")));
    }
    KeySetReport { is_good, detail: parts.join("; ") }
}

fn name_of(key: &Value) -> String {
    match key.get("kid").and_then(Value::as_str).filter(|kid| !kid.is_empty()) {
        Some(kid) => kid.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect(),
        None => "a key".to_owned(),
    }
}

/// Why a launch would not use a key.
fn why_unusable(key: &Value) -> String {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let bytes = |name: &str| {
        let told = URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok()?;
        Some(told.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>())
    };
    match (text("kty"), text("use"), text("alg")) {
        (Some("RSA"), Some(used), _) if used != "sig" => "it's for encryption, not for signatures".to_owned(),
        (Some("RSA"), _, Some(alg)) if alg != "RS256" => format!("it's for {}", short(alg)),
        (Some("RSA"), _, _) if text("kid").is_none_or(str::is_empty) => "it has no kid".to_owned(),
        (Some("RSA"), _, _) => match (bytes("n"), bytes("e")) {
            (Some(modulus), Some(_)) if modulus.len() < 256 => {
                format!("it has {} bits, and 2048 are needed", modulus.len() * 8)
            }
            (Some(modulus), Some(_)) if modulus.len() > 1024 => "it is too large".to_owned(),
            (Some(_), Some(_)) => "its exponent is too small".to_owned(),
            _ => "it can't be read".to_owned(),
        },
        (Some(other), _, _) => format!("it's {}, and RSA is needed", short(other)),
        (None, _, _) => "it can't be read".to_owned(),
    }
}

fn short(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(12).collect()
}

#[cfg(test)]
mod tests {
    use openssl::rsa::Rsa;
    use serde_json::json;

    use super::*;

    fn key(bits: u32, kid: &str) -> Value {
        let rsa = Rsa::generate(bits).unwrap();
        let text = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "RSA", "kid": kid, "n": text(rsa.n().to_vec()), "e": text(rsa.e().to_vec())})
    }

    fn with(key: &Value, name: &str, value: Value) -> Value {
        let mut changed = key.clone();
        changed[name] = value;
        changed
    }

    #[test]
    fn keys_are_tried_and_not_counted() {
        let good = key(2048, "a1");
        let other = key(2048, "b2");
        let weak = key(1024, "short");
        for (keys, is_good, words) in [
            (json!([good]), true, "usable: a1"),
            (json!([good, other]), true, "usable: a1, b2"),
            (
                json!([with(&good, "alg", json!("RS256")), {"kty": "EC", "kid": "e"}]),
                true,
                "e: it's EC, and RSA is needed",
            ),
            (json!([]), false, "no key can be used"),
            (json!([weak]), false, "short: it has 1024 bits"),
            (json!([with(&good, "use", json!("enc"))]), false, "a1: it's for encryption"),
            (json!([with(&good, "alg", json!("RS512"))]), false, "a1: it's for RS512"),
            (json!([with(&good, "kid", json!(null))]), false, "a key: it has no kid"),
            (json!([with(&good, "kid", json!(7))]), false, "a key: it has no kid"),
            (json!([with(&good, "n", json!("not base64!"))]), false, "a1: it can't be read"),
            (json!([with(&good, "e", json!("AQ"))]), false, "a1: its exponent is too small"),
            (json!([with(&good, "d", json!("AQAB"))]), false, "a1 publishes its private part"),
            (json!([good, with(&other, "kid", json!("a1"))]), false, "a1 stands there twice"),
            (json!([{}, 1, null]), false, "a key: it can't be read"),
            (json!(vec![&good; 51]), false, "it holds 51 keys"),
        ] {
            let report = check_key_set(&json!({ "keys": keys }));
            assert_eq!(report.is_good, is_good, "{}", report.detail);
            assert!(report.detail.contains(words), "{words} in {}", report.detail);
        }
        for set in [json!(null), json!([]), json!({"keys": 1}), json!({"key": [good]})] {
            assert!(!check_key_set(&set).is_good, "{set}");
        }
    }
}
