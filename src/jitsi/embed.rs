//! What the meeting page needs to build the frame of a Jitsi server: `assets/js/jitsi_frame.js` speaks with it.

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::display_name::display_name;
use super::kinds::ServerKind;

/// The buttons of people who do not moderate: nothing that changes the meeting for others.
const PARTICIPANT_BUTTONS: [&str; 25] = [
    "audiotranslation",
    "camera",
    "chat",
    "closedcaptions",
    "custom-panel",
    "desktop",
    "download",
    "feedback",
    "filesharing",
    "fullscreen",
    "hangup",
    "help",
    "microphone",
    "noisesuppression",
    "participants-pane",
    "polls",
    "raisehand",
    "select-background",
    "settings",
    "shortcuts",
    "stats",
    "tileview",
    "toggle-camera",
    "toggle-pip",
    "videoquality",
];

/// The frame of one meeting for one person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Embed {
    /// Tenant and room.
    pub room_name: String,
    /// The room token, where the server takes one.
    pub jwt: Option<String>,
    /// Whether the server may be so old that it reads the token in the address's query alone.
    ///
    /// Quirk: Jitsi Meet reads the fragment's token since May 2024. What stands in the query ends in the server's logs.
    pub token_fallback: bool,
    /// Language of the meeting.
    pub lang: String,
    /// Overrides of the server's `config.js`.
    pub config_overwrite: Value,
    /// Overrides of the server's `interface_config.js`.
    pub interface_config_overwrite: Value,
    /// The name where no token carries it.
    pub user_info: UserInfo,
    /// The server's origin: of the frame, and in the page's policy.
    pub server_origin: String,
}

/// Who enters, for servers that take no token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The name shown in the meeting.
    pub display_name: String,
}

/// What the meeting looks like for one person.
pub struct Appearance<'a> {
    /// The room's title, shown in the meeting.
    pub title: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// Whether the person moderates.
    pub moderator: bool,
    /// Language of the meeting.
    pub lang: &'a str,
}

/// The embed for a room on the server at `origin`.
///
/// Spec: Jitsi Meet IFrame API; only overrides that current servers still accept.
pub fn embed(
    kind: &ServerKind,
    origin: &Url,
    room: &str,
    jwt: Option<String>,
    look: &Appearance<'_>,
) -> Embed {
    Embed {
        room_name: kind.path(room),
        token_fallback: kind.may_be_outdated() && jwt.is_some(),
        jwt,
        lang: look.lang.to_owned(),
        config_overwrite: config_overwrite(look),
        interface_config_overwrite: json!({ "SHOW_CHROME_EXTENSION_BANNER": false }),
        user_info: UserInfo { display_name: display_name(look.name) },
        server_origin: origin.origin().ascii_serialization(),
    }
}

fn config_overwrite(look: &Appearance<'_>) -> Value {
    let mut config = json!({
        "localSubject": look.title,
        // The room page already greeted by name; one click enters.
        "prejoinConfig": { "enabled": false },
        "startWithAudioMuted": !look.moderator,
        "startWithVideoMuted": !look.moderator,
        "disableDeepLinking": true,
        "disableInviteFunctions": true,
        "disableProfile": true,
        "readOnlyName": true,
        "doNotStoreRoom": true,
        "enableInsecureRoomNameWarning": false,
        "disableThirdPartyRequests": true,
        "gravatar": { "disabled": true },
        "feedbackPercentage": 0,
        "hideEmailInSettings": true,
    });
    if !look.moderator {
        // Cosmetic: the server's rights are in the token. A learner should not see buttons that do nothing.
        let hidden = json!({
            "toolbarButtons": PARTICIPANT_BUTTONS,
            "disableRemoteMute": true,
            "remoteVideoMenu": { "disableKick": true, "disableGrantModerator": true },
            "breakoutRooms": { "hideAddRoomButton": true, "hideAutoAssignButton": true },
            "securityUi": { "hideLobbyButton": true, "disableLobbyPassword": true },
            "participantsPane": {
                "hideModeratorSettingsTab": true,
                "hideMoreActionsButton": true,
                "hideMuteAllButton": true,
            },
        });
        merge(&mut config, hidden);
    }
    config
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jitsi::kinds::JaasAccount;

    fn look(moderator: bool) -> Appearance<'static> {
        Appearance { title: "Algebra", name: "Ana", moderator, lang: "es" }
    }

    #[test]
    fn jaas_rooms_live_in_the_tenant() {
        let kind =
            ServerKind::Jaas(JaasAccount { app_id: "vpaas-magic-cookie-1".into(), kid: String::new() });
        let origin = Url::parse("https://8x8.vc").unwrap();
        let embed = embed(&kind, &origin, "kabc", Some("jwt".into()), &look(true));
        assert_eq!(embed.room_name, "vpaas-magic-cookie-1/kabc");
        assert_eq!((embed.server_origin.as_str(), embed.token_fallback), ("https://8x8.vc", false));
    }

    #[test]
    fn a_port_stays_in_the_origin() {
        let origin = Url::parse("http://127.0.0.1:8082").unwrap();
        let embed = embed(&ServerKind::Public, &origin, "kabc", None, &look(false));
        assert_eq!(embed.server_origin, "http://127.0.0.1:8082");
    }

    #[test]
    fn the_frame_gets_the_name_as_the_token_has_it() {
        let origin = Url::parse("https://meet.example.org").unwrap();
        let name = format!("\u{202e}{}", "界".repeat(900));
        let look = Appearance { name: &name, ..look(false) };
        let embed = embed(&ServerKind::Public, &origin, "kabc", None, &look);
        assert_eq!(embed.user_info.display_name, "界".repeat(120));
    }

    #[test]
    fn learners_see_no_buttons_of_moderators() {
        let buttons = config_overwrite(&look(false))["toolbarButtons"].to_string();
        for name in ["recording", "livestreaming", "security", "mute-everyone", "invite", "sharedvideo"] {
            assert!(!buttons.contains(&format!("\"{name}\"")), "{name}");
        }
        assert!(config_overwrite(&look(true)).get("toolbarButtons").is_none());
    }
}
