//! Room tokens: what a Jitsi server must believe about the person who enters.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::display_name::display_name;
use super::kinds::{ServerKind, TokenRules};
use crate::clock::Timestamp;

/// A browser whose connection broke for a moment logs in again with the token that it has: it has to live as long as the
/// class may last.
const MAX_TTL: Duration = Duration::from_secs(4 * 60 * 60);
/// A class may go on this long after its planned end, and as long again with each later token.
const OVERTIME: Duration = Duration::from_secs(60 * 60);
/// Prosody allows `nbf` no leeway at all: clocks that differ by less than this lock nobody out.
const BACK_DATE: Duration = Duration::from_secs(60);
/// Longer picture addresses are left out, so that the token stays far below what proxies take in a URL.
const MAX_AVATAR: usize = 500;

/// Every feature that the web client knows. What a token leaves out, some servers grant by role and some refuse.
const FEATURES: [(&str, Grant); 20] = [
    ("branding", Grant::Nobody),
    ("calendar", Grant::Nobody),
    ("create-polls", Grant::Moderators),
    ("file-upload", Grant::Moderators),
    ("flip", Grant::Everyone),
    ("inbound-call", Grant::Moderators),
    ("livestreaming", Grant::Moderators),
    ("live-translation", Grant::Moderators),
    ("lobby", Grant::Moderators),
    ("moderation", Grant::Moderators),
    ("outbound-call", Grant::Moderators),
    ("recording", Grant::Moderators),
    ("room", Grant::Moderators),
    ("screen-sharing", Grant::Everyone),
    // Who has these writes also where the teacher restricted the chat; everybody writes where nobody did.
    ("send-groupchat", Grant::Moderators),
    ("send-private-message", Grant::Moderators),
    ("list-visitors", Grant::Moderators),
    ("sip-inbound-call", Grant::Moderators),
    ("sip-outbound-call", Grant::Moderators),
    ("transcription", Grant::Moderators),
];
/// The features that 8x8 documents for its own tokens.
const JAAS_FEATURES: [&str; 11] = [
    "livestreaming",
    "recording",
    "transcription",
    "sip-inbound-call",
    "sip-outbound-call",
    "inbound-call",
    "outbound-call",
    "file-upload",
    "list-visitors",
    "send-groupchat",
    "create-polls",
];

#[derive(Clone, Copy)]
enum Grant {
    Everyone,
    Moderators,
    Nobody,
}

/// Who enters which room, with which right.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The room's name on the server, exactly.
    pub room: String,
    /// Stands for the person on this server; says nothing about who it is.
    pub user_id: String,
    /// The name shown in the meeting.
    pub name: String,
    /// An https address of a picture.
    pub avatar: Option<String>,
    /// Whether the person moderates.
    pub moderator: bool,
    /// When the class is planned to end.
    pub ends: Option<Timestamp>,
    /// Groups the course's meetings in the server's own reports; says nothing about the course.
    pub group: String,
}

/// The claims of a room token for a server of `kind`; `None` where people enter without one.
///
/// Spec: Jitsi Meet, "Authentication using JWT"; 8x8 JaaS, "JaaS JWT".
/// Units: `iat`, `nbf` and `exp` in whole seconds since the epoch.
/// Quirk: values under `context.user` are strings or booleans; other shapes crash some server modules.
pub fn claims(kind: &ServerKind, participant: &Participant, now: Timestamp) -> Option<Value> {
    match kind {
        ServerKind::Public => None,
        ServerKind::SelfHosted(rules) => Some(self_hosted(rules, participant, now)),
        ServerKind::Jaas { app_id, .. } => Some(jaas(app_id, participant, now)),
    }
}

fn self_hosted(rules: &TokenRules, participant: &Participant, now: Timestamp) -> Value {
    let mut user = user(participant);
    // Upstream's plugin reads the one, older and other plugins the other.
    user.insert("affiliation".to_owned(), json!(if participant.moderator { "owner" } else { "member" }));
    if participant.moderator {
        // A moderator's token alone does not pass an active lobby.
        user.insert("lobby_bypass".to_owned(), json!(true));
    }
    let features = FEATURES.iter().map(|(name, grant)| (*name, is_granted(*grant, participant.moderator)));
    token(&rules.app_id, &rules.audience, &rules.subject, participant, &user, features.collect(), now)
}

fn jaas(app_id: &str, participant: &Participant, now: Timestamp) -> Value {
    let features = FEATURES.iter().filter(|(name, _)| JAAS_FEATURES.contains(name));
    let features = features.map(|(name, grant)| (*name, is_granted(*grant, participant.moderator)));
    token("chat", "jitsi", app_id, participant, &user(participant), features.collect(), now)
}

#[allow(
    clippy::too_many_arguments,
    reason = "the three names are the three claims; a struct would repeat them"
)]
fn token(
    issuer: &str,
    audience: &str,
    subject: &str,
    participant: &Participant,
    user: &Map<String, Value>,
    features: Vec<(&str, bool)>,
    now: Timestamp,
) -> Value {
    let features: Map<String, Value> =
        features.into_iter().map(|(name, on)| (name.to_owned(), json!(on))).collect();
    json!({
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "room": participant.room,
        "iat": now.secs(),
        "nbf": now.minus(BACK_DATE).secs(),
        "exp": now.plus(ttl(participant.ends, now)).secs(),
        "context": { "user": user, "group": participant.group, "features": features },
    })
}

/// How long a token for a class that is planned to end at `ends` lives.
fn ttl(ends: Option<Timestamp>, now: Timestamp) -> Duration {
    match ends {
        Some(ends) => ends.since(now).saturating_add(OVERTIME).min(MAX_TTL),
        None => MAX_TTL,
    }
}

fn user(participant: &Participant) -> Map<String, Value> {
    let mut user = Map::new();
    user.insert("id".to_owned(), json!(participant.user_id));
    user.insert("name".to_owned(), json!(display_name(&participant.name)));
    user.insert("moderator".to_owned(), json!(participant.moderator));
    if let Some(avatar) = participant.avatar.as_ref().filter(|url| url.len() <= MAX_AVATAR) {
        user.insert("avatar".to_owned(), json!(avatar));
    }
    user
}

fn is_granted(grant: Grant, moderator: bool) -> bool {
    match grant {
        Grant::Everyone => true,
        Grant::Moderators => moderator,
        Grant::Nobody => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jitsi::kinds::TokenSigning;

    fn participant(moderator: bool) -> Participant {
        Participant {
            room: "kx3abc".into(),
            user_id: "p7".into(),
            name: "Ana Ruiz".into(),
            avatar: Some("https://lms.example.org/ana.png".into()),
            moderator,
            ends: None,
            group: "g1".into(),
        }
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
    fn a_self_hosted_token_names_issuer_audience_subject_room_and_times() {
        let now = Timestamp::from_secs(1_000_000);
        let token = claims(&ServerKind::SelfHosted(rules()), &participant(true), now).unwrap();
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
        let token =
            claims(&ServerKind::SelfHosted(rules()), &participant(false), Timestamp::from_secs(1)).unwrap();
        let user = &token["context"]["user"];
        assert_eq!((&user["moderator"], &user["affiliation"]), (&json!(false), &json!("member")));
        assert!(user.get("lobby_bypass").is_none());
        let features = token["context"]["features"].as_object().unwrap();
        assert_eq!(features.len(), FEATURES.len());
        for name in ["recording", "livestreaming", "transcription", "outbound-call", "moderation", "lobby"] {
            assert_eq!(features[name], false, "{name}");
        }
        assert_eq!(features["screen-sharing"], true);
        // In an open room everybody writes without these; with them also where a teacher restricted the chat.
        assert_eq!(
            (&features["send-groupchat"], &features["send-private-message"]),
            (&json!(false), &json!(false))
        );
    }

    #[test]
    fn a_token_lives_as_long_as_the_class_may_and_not_past_its_planned_end_and_overtime() {
        let now = Timestamp::from_secs(1_000_000);
        let hour = 60 * 60;
        for (ends, lives) in [
            (None, 4 * hour),
            (Some(now.secs() + 30 * 60), hour + 30 * 60),
            (Some(now.secs() + 2 * hour), 3 * hour),
            (Some(now.secs() + 9 * hour), 4 * hour),
            (Some(now.secs()), hour),
            (Some(now.secs() - 5 * hour), hour),
        ] {
            let person = Participant { ends: ends.map(Timestamp::from_secs), ..participant(false) };
            let token = claims(&ServerKind::SelfHosted(rules()), &person, now).unwrap();
            assert_eq!(token["exp"].as_i64().unwrap() - now.secs(), lives, "{ends:?}");
        }
    }

    #[test]
    fn a_jaas_token_has_8x8s_issuer_and_the_tenant_as_subject() {
        let kind = ServerKind::Jaas {
            app_id: "vpaas-magic-cookie-1f".into(),
            kid: "vpaas-magic-cookie-1f/a".into(),
        };
        let token = claims(&kind, &participant(false), Timestamp::from_secs(1)).unwrap();
        assert_eq!((&token["iss"], &token["aud"]), (&json!("chat"), &json!("jitsi")));
        assert_eq!(token["sub"], "vpaas-magic-cookie-1f");
        assert_eq!(token["room"], "kx3abc");
        assert_eq!(token["context"]["features"].as_object().unwrap().len(), JAAS_FEATURES.len());
        assert!(token["context"]["user"].get("affiliation").is_none());
    }

    #[test]
    fn the_longest_token_stays_under_four_kilobytes() {
        let mut person = participant(true);
        person.name = "界".repeat(4000);
        person.avatar = Some(format!("https://lms.example.org/{}", "a".repeat(4000)));
        let token = claims(&ServerKind::SelfHosted(rules()), &person, Timestamp::from_secs(1)).unwrap();
        let signed = crate::signing::Signer::shared_secret("secret").unwrap().sign(&token).unwrap();
        assert!(signed.len() < 4096, "{}", signed.len());
    }
}
