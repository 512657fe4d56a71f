//! What the meeting page needs to build the frame of a Jitsi server: `assets/js/jitsi_frame.js` speaks with it.

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::controls::PersonalControls;
use super::display_name::display_name;
use super::kinds::ServerKind;

/// The buttons of a meeting, but those that change it for others, or lead out of it.
///
/// Spec: Jitsi Meet IFrame API, `toolbarButtons`. Servers ignore names that they do not know.
const COMMON_BUTTONS: [&str; 31] = [
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
    "livestreaming",
    "microphone",
    "noisesuppression",
    "participants-pane",
    "polls",
    "raisehand",
    "recording",
    "security",
    "select-background",
    "settings",
    "shareaudio",
    "sharedvideo",
    "shortcuts",
    "stats",
    "tileview",
    "toggle-camera",
    "toggle-pip",
    "videoquality",
    "whiteboard",
];
/// The buttons that moderators have beside these.
const MODERATOR_BUTTONS: [&str; 4] = ["etherpad", "highlight", "mute-everyone", "mute-video-everyone"];

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
    /// What the person may do there.
    pub controls: PersonalControls,
    /// How many videos the person gets at once; `None` for as many as the server sends.
    pub last_n: Option<u32>,
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
    if let Some(last_n) = look.last_n {
        config["channelLastN"] = last_n.into();
    }
    if !look.controls.moderator {
        // Cosmetic: the server's rights are in the token. A learner should not see buttons that do nothing.
        let hidden = json!({
            "disableRemoteMute": true,
            "remoteVideoMenu": { "disableKick": true, "disableGrantModerator": true },
            "participantsPane": {
                "hideModeratorSettingsTab": true,
                "hideMoreActionsButton": true,
                "hideMuteAllButton": true,
            },
        });
        merge(&mut config, hidden);
    }
    // A server's own choice of buttons stands where nothing is taken away from it.
    if !look.controls.moderator || !look.controls.has_all_buttons() {
        config["toolbarButtons"] = buttons(look.controls).into();
    }
    for overrides in look.controls.overrides() {
        merge(&mut config, overrides);
    }
    config
}

fn buttons(controls: PersonalControls) -> Vec<&'static str> {
    let own: &[&'static str] = if controls.moderator { &MODERATOR_BUTTONS } else { &[] };
    let shown = |button: &&'static str| controls.shows(button).unwrap_or(true);
    COMMON_BUTTONS.iter().chain(own).copied().filter(shown).collect()
}

/// Adds overrides to others; members of one object stand side by side.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, from) => *into = from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jitsi::controls::{Audience, Audiences};
    use crate::jitsi::kinds::JaasAccount;

    fn look(moderator: bool) -> Appearance<'static> {
        let controls = Audiences::default().of(moderator);
        Appearance { title: "Algebra", name: "Ana", controls, last_n: None, lang: "es" }
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

    #[test]
    fn what_is_taken_away_has_no_button_and_no_menu() {
        let mut audiences = Audiences::default();
        for key in ["chat", "private_chat", "recording", "whiteboard", "polls"] {
            audiences.set(key, Audience::Nobody);
        }
        audiences.set("shared_video", Audience::Everybody);
        for moderator in [true, false] {
            let config =
                config_overwrite(&Appearance { controls: audiences.of(moderator), ..look(moderator) });
            let buttons: Vec<&str> =
                config["toolbarButtons"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            for name in ["chat", "recording", "whiteboard"] {
                assert!(!buttons.contains(&name), "{name} {moderator}");
            }
            assert!(buttons.contains(&"sharedvideo") && buttons.contains(&"microphone"));
            assert_eq!(buttons.contains(&"mute-everyone"), moderator);
            assert_eq!((&config["disableChat"], &config["disablePolls"]), (&json!(true), &json!(true)));
            assert_eq!(config["remoteVideoMenu"]["disablePrivateChat"], "all");
            assert_eq!(config["remoteVideoMenu"].get("disableKick").is_some(), !moderator);
            assert_eq!(config["whiteboard"]["enabled"], false);
        }
    }
}
