//! The table of spoiled id_tokens: name, sentence, and what a strict tool does.

use super::tamper::ExpectedOutcome::{Accepted, Open, Refused};
use super::tamper::{Case, ExpectedOutcome, Tamper};

const fn case(tamper: Tamper, name: &'static str, verdict: ExpectedOutcome, sentence: &'static str) -> Case {
    Case { tamper, name, sentence, verdict }
}

/// Every case but [`Tamper::Edit`].
pub static CASES: &[Case] = &[
    case(Tamper::NoKid, "no_kid", Refused, "The header names no key."),
    case(Tamper::WrongKid, "wrong_kid", Refused, "The header names a key that nobody published."),
    case(Tamper::AlgNone, "alg_none", Refused, "No signature: the algorithm is none."),
    case(
        Tamper::Hs256WithPublicKey,
        "hs256_public_key",
        Refused,
        "HS256, with the public key as the secret.",
    ),
    case(Tamper::Rs384, "rs384", Refused, "RS384, though the registration says RS256."),
    case(
        Tamper::TamperedPayload,
        "tampered_payload",
        Refused,
        "The payload was changed after it was signed.",
    ),
    case(Tamper::StrangerKey, "stranger_key", Refused, "Signed by a key that is not the LMS's."),
    case(Tamper::WrongVersion, "wrong_version", Refused, "The LTI version is 1.2.0."),
    case(Tamper::MissingVersion, "missing_version", Refused, "The LTI version is missing."),
    case(Tamper::WrongMessageType, "wrong_message_type", Refused, "The message type is unknown."),
    case(Tamper::MissingMessageType, "missing_message_type", Refused, "The message type is missing."),
    case(Tamper::MissingRoles, "missing_roles", Refused, "The roles are missing."),
    case(Tamper::RolesNotAnArray, "roles_not_an_array", Refused, "The roles are text instead of a list."),
    case(Tamper::EmptyRoles, "empty_roles", Accepted, "The list of roles is empty."),
    case(Tamper::MissingDeployment, "missing_deployment", Refused, "The deployment is missing."),
    case(
        Tamper::UnknownDeployment,
        "unknown_deployment",
        Open,
        "The deployment is one nobody has seen before.",
    ),
    case(Tamper::MissingResourceLink, "missing_resource_link", Refused, "The resource link is missing."),
    case(Tamper::MissingResourceLinkId, "missing_resource_link_id", Refused, "The resource link has no id."),
    case(Tamper::MissingSub, "missing_sub", Refused, "The launch does not say who it is."),
    case(Tamper::EmptySub, "empty_sub", Refused, "The user id is empty."),
    case(Tamper::Expired, "expired", Refused, "The token ran out an hour ago."),
    case(Tamper::IssuedInFuture, "issued_in_future", Refused, "The token was issued an hour from now."),
    case(Tamper::IatAsText, "iat_as_text", Refused, "The time of issue is text."),
    case(Tamper::ExpAsText, "exp_as_text", Refused, "The expiry is text."),
    case(Tamper::MissingIat, "missing_iat", Refused, "The time of issue is missing."),
    case(Tamper::MissingExp, "missing_exp", Refused, "The expiry is missing."),
    case(Tamper::WrongAud, "wrong_aud", Refused, "The token is meant for another tool."),
    case(Tamper::AudArrayOfOne, "aud_array_of_one", Accepted, "The audience is a list with this tool alone."),
    case(
        Tamper::AudArrayWithAzp,
        "aud_array_with_azp",
        Accepted,
        "The audience is a list, azp names this tool.",
    ),
    case(Tamper::AudArrayTwoWithAzp, "aud_array_two_with_azp", Open, "Two audiences, azp names this tool."),
    case(Tamper::AudArrayWithoutAzp, "aud_array_without_azp", Refused, "Two audiences and no azp."),
    case(Tamper::AudArrayWrongAzp, "aud_array_wrong_azp", Refused, "Two audiences, azp names the other one."),
    case(Tamper::WrongAzp, "wrong_azp", Refused, "The authorised party is another tool."),
    case(Tamper::WrongIss, "wrong_iss", Refused, "The issuer is another LMS."),
    case(Tamper::WrongNonce, "wrong_nonce", Refused, "The nonce is not the one the tool sent."),
    case(Tamper::MissingNonce, "missing_nonce", Refused, "The nonce is missing."),
    case(Tamper::ForeignTarget, "foreign_target", Refused, "The target lies on another host."),
    case(Tamper::DifferentTarget, "different_target", Refused, "The target is not the one named at login."),
    case(Tamper::MissingTarget, "missing_target", Refused, "The target is missing."),
    case(Tamper::NotLti, "not_lti", Refused, "Good JSON, but not an LTI launch."),
    case(Tamper::NotJson, "not_json", Refused, "The payload is not JSON."),
    case(
        Tamper::DuplicateKeys,
        "duplicate_keys",
        Refused,
        "The user id stands there twice, with two values.",
    ),
    case(Tamper::Huge, "huge", Refused, "One custom value is a megabyte long."),
    case(
        Tamper::NullOptionals,
        "null_optionals",
        Accepted,
        "Optional claims are null, as Canvas sends them.",
    ),
    case(Tamper::ForeignShapes, "foreign_shapes", Accepted, "Optional claims have unexpected shapes."),
    case(Tamper::UnknownClaims, "unknown_claims", Accepted, "There are claims nobody has heard of."),
    case(Tamper::ShortRole, "short_role", Accepted, "The role is the short name Learner."),
    case(Tamper::UnknownRole, "unknown_role", Accepted, "The only role is one nobody has heard of."),
    case(Tamper::NamesOnly, "names_only", Accepted, "Names, but no address."),
    case(Tamper::EmailOnly, "email_only", Accepted, "An address, but no name."),
    case(Tamper::NoPii, "no_pii", Accepted, "Neither name nor address."),
    case(Tamper::NoContext, "no_context", Accepted, "The launch belongs to no course."),
    case(Tamper::LoginRequired, "login_required", Refused, "Instead of a token: the error login_required."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_case() {
        for row in CASES {
            assert_eq!(Tamper::named(row.name).unwrap().case().unwrap().name, row.name);
        }
    }
}
