//! Whom of those who can sign in at the provider the settings let in: from values alone.

use serde_json::{Map, Value};

use crate::config::Entitlement;

/// What the provider says of a person: the payload of an id_token.
pub(super) type PersonClaims = Map<String, Value>;

/// Why somebody who signed in is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotEntitled {
    /// The settings name the address, and the provider does not say that it is this person's.
    #[error("the provider does not vouch for the e-mail address (email_verified)")]
    Unverified,
    /// Nothing in the settings fits.
    #[error("neither address nor claims are those of an administrator")]
    NotNamed,
}

/// The person's name in the audit log, when one of `entitled` fits.
///
/// Quirk: an address that was not verified is what somebody typed: it entitles nobody, and names nobody.
pub(super) fn require_entitled(
    claims: &PersonClaims,
    entitled: &[Entitlement],
) -> Result<String, NotEntitled> {
    let fits = |one: &Entitlement| match one {
        Entitlement::Email(address) => is_address(claims, address) && is_verified(claims),
        Entitlement::Claim { name, value } => find(claims, name).is_some_and(|found| holds(found, value)),
    };
    if entitled.iter().any(fits) {
        return Ok(name_of(claims));
    }
    let is_unverified =
        entitled.iter().any(|one| matches!(one, Entitlement::Email(address) if is_address(claims, address)));
    Err(if is_unverified { NotEntitled::Unverified } else { NotEntitled::NotNamed })
}

/// Somebody's name in the audit log: the verified address, else the provider's own identifier.
pub(super) fn name_of(claims: &PersonClaims) -> String {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let address = text("email").filter(|_| is_verified(claims));
    let name = address.or_else(|| text("sub")).unwrap_or_default();
    format!("oidc {}", name.chars().filter(|letter| !letter.is_control()).take(200).collect::<String>())
}

fn is_address(claims: &PersonClaims, address: &str) -> bool {
    let theirs = claims.get("email").and_then(Value::as_str);
    theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(address))
}

/// Quirk: some providers write the flag as a text.
fn is_verified(claims: &PersonClaims) -> bool {
    match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// The claim called `name`; where none is called so, the one at the end of the way that its dots describe.
fn find<'a>(claims: &'a PersonClaims, name: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let mut steps = name.split('.');
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

fn holds(found: &Value, value: &str) -> bool {
    match found {
        Value::String(text) => text == value,
        Value::Bool(flag) => flag.to_string() == value,
        Value::Number(number) => number.to_string() == value,
        Value::Array(list) => list.iter().any(|one| !one.is_array() && holds(one, value)),
        Value::Null | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decide(claims: &Value) -> Result<String, NotEntitled> {
        let entitled = [
            Entitlement::Email("ada@example.org".into()),
            Entitlement::Claim { name: "groups".into(), value: "class-admins".into() },
            Entitlement::Claim { name: "realm_access.roles".into(), value: "class-admin".into() },
            Entitlement::Claim { name: "https://id.example/role".into(), value: "admin".into() },
            Entitlement::Claim { name: "is_staff".into(), value: "true".into() },
        ];
        require_entitled(claims.as_object().unwrap(), &entitled)
    }

    #[test]
    fn somebody_comes_in_by_a_verified_address_or_by_a_claim() {
        use NotEntitled::{NotNamed, Unverified};
        let ada = Ok("oidc ada@example.org".to_owned());
        let s1 = Ok("oidc s1".to_owned());
        for (claims, expected) in [
            (json!({"sub": "s1", "email": "ada@example.org", "email_verified": true}), ada),
            (
                json!({"sub": "s1", "email": "Ada@Example.org", "email_verified": "true"}),
                Ok("oidc Ada@Example.org".into()),
            ),
            (json!({"sub": "s1", "email": "ada@example.org", "email_verified": false}), Err(Unverified)),
            (json!({"sub": "s1", "email": "ada@example.org"}), Err(Unverified)),
            (
                json!({"sub": "s1", "email": "ada@example.org.evil.example", "email_verified": true}),
                Err(NotNamed),
            ),
            (json!({"sub": "s1", "email": ["ada@example.org"], "email_verified": true}), Err(NotNamed)),
            (json!({"sub": "ada@example.org", "email_verified": true}), Err(NotNamed)),
            (json!({"sub": "s1", "groups": ["staff", "class-admins"]}), s1.clone()),
            (json!({"sub": "s1", "groups": "class-admins"}), s1.clone()),
            (json!({"sub": "s1", "groups": "class-admins,staff"}), Err(NotNamed)),
            (json!({"sub": "s1", "groups": [["class-admins"]]}), Err(NotNamed)),
            (json!({"sub": "s1", "groups": {"class-admins": true}}), Err(NotNamed)),
            (json!({"sub": "s1", "realm_access": {"roles": ["class-admin"]}}), s1.clone()),
            (json!({"sub": "s1", "realm_access": "class-admin"}), Err(NotNamed)),
            (json!({"sub": "s1", "https://id.example/role": "admin"}), s1.clone()),
            (json!({"sub": "s1", "is_staff": true}), s1),
            (json!({"sub": "s1", "is_staff": 1}), Err(NotNamed)),
            (json!({"sub": "s1"}), Err(NotNamed)),
        ] {
            assert_eq!(decide(&claims), expected, "{claims}");
        }
    }

    #[test]
    fn an_address_that_nobody_verified_names_nobody() {
        let claims = json!({"sub": "s1", "email": "boss@example.org", "groups": ["class-admins"]});
        assert_eq!(decide(&claims).unwrap(), "oidc s1");
    }
}
