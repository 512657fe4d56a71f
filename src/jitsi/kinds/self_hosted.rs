//! A server of one's own with token authentication.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::input::{KindInput, ServerField, ServerInputError, needed, parse_origin};
use crate::clock::Timestamp;
use crate::jitsi::token::{Participant, TokenParts, features, user};

/// What a self-hosted server checks in a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRules {
    /// `iss`: the server's `app_id`.
    pub app_id: String,
    /// `aud`: one of the server's accepted audiences.
    pub audience: String,
    /// `sub`: the XMPP domain (Debian: the host name; docker: `meet.jitsi`), or `*`.
    pub subject: String,
    /// The algorithm that the server is set up for.
    pub signing: TokenSigning,
}

/// How a self-hosted server verifies tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenSigning {
    /// HS256 with the secret that both sides hold.
    Secret,
    /// RS256: the server fetches our public key by its kid.
    PublicKey,
}

/// Returns the origin and the rules of the server that was entered; what is left out has its usual value.
pub(super) fn read(input: &KindInput<'_>) -> Result<(Url, TokenRules), ServerInputError> {
    let url = parse_origin(&needed(input.domain, ServerField::Domain)?)?;
    let or = |text: &str, usual: &str| if text.trim().is_empty() { usual } else { text.trim() }.to_owned();
    let rules = TokenRules {
        app_id: needed(input.app_id, ServerField::AppId)?,
        audience: or(input.audience, "jitsi"),
        subject: or(input.subject, url.host_str().unwrap_or("*")),
        signing: if input.public_key { TokenSigning::PublicKey } else { TokenSigning::Secret },
    };
    Ok((url, rules))
}

/// Returns the claims of a room token.
///
/// Spec: Jitsi Meet, "Authentication using JWT".
pub(super) fn claims(rules: &TokenRules, participant: &Participant, now: Timestamp) -> Value {
    let mut user = user(participant);
    // Upstream's plugin reads the one, older and other plugins the other.
    user.insert(
        "affiliation".to_owned(),
        json!(if participant.controls.moderator { "owner" } else { "member" }),
    );
    if participant.controls.moderator {
        // A moderator's token alone does not pass an active lobby.
        user.insert("lobby_bypass".to_owned(), json!(true));
    }
    let parts = TokenParts {
        issuer: &rules.app_id,
        audience: &rules.audience,
        subject: &rules.subject,
        user,
        features: features(participant.controls),
    };
    parts.claims(participant, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jitsi::controls::Audiences;

    fn participant(moderator: bool) -> Participant {
        Participant { controls: Audiences::default().of(moderator), ..Participant::example() }
    }

    fn rules() -> TokenRules {
        TokenRules {
            app_id: "campus".into(),
            audience: "jitsi".into(),
            subject: "meet.example.org".into(),
            signing: TokenSigning::Secret,
        }
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let input = KindInput { domain: "meet.example.org", app_id: " campus ", ..KindInput::default() };
        let (url, read) = read(&input).unwrap();
        assert_eq!((url.as_str(), read), ("https://meet.example.org/", rules()));
    }

    #[test]
    fn a_token_names_issuer_audience_subject_room_and_times() {
        let now = Timestamp::from_secs(1_000_000);
        let token = claims(&rules(), &participant(true), now);
        assert_eq!(token["iss"], "campus");
        assert_eq!(token["aud"], "jitsi");
        assert_eq!(token["sub"], "meet.example.org");
        assert_eq!(token["room"], "kx3abc");
        assert_eq!(token["iat"], 1_000_000);
        assert_eq!(token["nbf"], 999_940);
        assert_eq!(token["exp"], 1_014_400);
        assert_eq!(token["context"]["group"], "g1");
        assert_eq!(
            token["context"]["user"],
            json!({
                "id": "p7", "name": "Ana Ruiz", "moderator": true, "affiliation": "owner", "lobby_bypass": true,
                "avatar": "https://lms.example.org/ana.png",
            })
        );
    }

    #[test]
    fn a_learners_token_grants_no_moderation_and_says_so_for_every_feature() {
        let token = claims(&rules(), &participant(false), Timestamp::from_secs(1));
        let user = &token["context"]["user"];
        assert_eq!((&user["moderator"], &user["affiliation"]), (&json!(false), &json!("member")));
        assert!(user.get("lobby_bypass").is_none());
        let granted = token["context"]["features"].as_object().unwrap();
        assert_eq!(granted.len(), features(Audiences::default().of(false)).len());
        for name in ["recording", "livestreaming", "transcription", "outbound-call", "moderation", "lobby"] {
            assert_eq!(granted[name], false, "{name}");
        }
        assert_eq!(granted["screen-sharing"], true);
        // In an open room everybody writes without these; with them also where a teacher restricted the chat.
        assert_eq!(
            (&granted["send-groupchat"], &granted["send-private-message"]),
            (&json!(false), &json!(false))
        );
    }

    #[test]
    fn the_longest_token_stays_under_four_kilobytes() {
        let mut person = participant(true);
        person.name = "界".repeat(4000);
        person.avatar = Some(format!("https://lms.example.org/{}", "a".repeat(4000)));
        let token = claims(&rules(), &person, Timestamp::from_secs(1));
        let signed = crate::signing::Signer::shared_secret("secret").unwrap().sign(&token).unwrap();
        assert!(signed.len() < 4096, "{}", signed.len());
    }
}
