//! Room tokens: what a Jitsi server must believe about the person who enters.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::controls::PersonalControls;
use super::display_name::display_name;
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

/// Every feature that the web client knows, and who has it where no control is about it. What a token leaves out, some servers grant by role and some refuse.
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
    /// What the person may do there, and whether they moderate.
    pub controls: PersonalControls,
    /// When the class is planned to end.
    pub ends: Option<Timestamp>,
    /// Groups the course's meetings in the server's own reports; says nothing about the course.
    pub group: String,
}

/// What differs in the tokens of different kinds of server.
pub(super) struct TokenParts<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`.
    pub audience: &'a str,
    /// `sub`.
    pub subject: &'a str,
    /// `context.user`.
    pub user: Map<String, Value>,
    /// `context.features`.
    pub features: Map<String, Value>,
}

impl TokenParts<'_> {
    /// Returns the claims of a room token.
    ///
    /// Units: `iat`, `nbf` and `exp` in whole seconds since the epoch.
    pub fn claims(&self, participant: &Participant, now: Timestamp) -> Value {
        json!({
            "iss": self.issuer,
            "aud": self.audience,
            "sub": self.subject,
            "room": participant.room,
            "iat": now.secs(),
            "nbf": now.minus(BACK_DATE).secs(),
            "exp": now.plus(ttl(participant.ends, now)).secs(),
            "context": { "user": self.user, "group": participant.group, "features": self.features },
        })
    }
}

/// Returns how long a token for a class that is planned to end at `ends` lives.
fn ttl(ends: Option<Timestamp>, now: Timestamp) -> Duration {
    match ends {
        Some(ends) => ends.since(now).saturating_add(OVERTIME).min(MAX_TTL),
        None => MAX_TTL,
    }
}

/// Returns what every server is told of a person.
///
/// Quirk: values here are strings or booleans; other shapes crash some server modules.
pub(super) fn user(participant: &Participant) -> Map<String, Value> {
    let mut user = Map::new();
    user.insert("id".to_owned(), json!(participant.user_id));
    user.insert("name".to_owned(), json!(display_name(&participant.name)));
    user.insert("moderator".to_owned(), json!(participant.controls.moderator));
    if let Some(avatar) = participant.avatar.as_ref().filter(|url| url.len() <= MAX_AVATAR) {
        user.insert("avatar".to_owned(), json!(avatar));
    }
    user
}

/// Returns which features a person has, of all that there are.
pub(super) fn features(controls: PersonalControls) -> Map<String, Value> {
    let by_role = |grant| match grant {
        Grant::Everyone => true,
        Grant::Moderators => controls.moderator,
        Grant::Nobody => false,
    };
    let is_granted = |name: &str, grant| controls.grants(name).unwrap_or_else(|| by_role(grant));
    FEATURES.iter().map(|(name, grant)| ((*name).to_owned(), json!(is_granted(name, *grant)))).collect()
}

#[cfg(test)]
use super::controls::Audiences;

#[cfg(test)]
impl Participant {
    /// A moderator, for tests of tokens.
    pub(super) fn example() -> Self {
        Self {
            room: "kx3abc".into(),
            user_id: "p7".into(),
            name: "Ana Ruiz".into(),
            avatar: Some("https://lms.example.org/ana.png".into()),
            controls: Audiences::default().of(true),
            ends: None,
            group: "g1".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_as_long_as_the_class_may_and_not_past_its_planned_end_and_overtime() {
        let now = Timestamp::from_secs(1_000_000);
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        for (ends, lives) in [
            (None, 240),
            (Some(now.plus(minutes(30))), 90),
            (Some(now.plus(minutes(120))), 180),
            (Some(now.plus(minutes(540))), 240),
            (Some(now), 60),
            (Some(now.minus(minutes(300))), 60),
        ] {
            assert_eq!(ttl(ends, now), minutes(lives), "{ends:?}");
        }
    }
}
