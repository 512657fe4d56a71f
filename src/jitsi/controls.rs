//! What a Jitsi meeting offers, one row each: how a person gets it, and how it is kept from them.

use serde_json::{Value, json};

/// Who gets something in a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// All who are in it.
    Everybody,
    /// Those who lead it.
    Moderators,
    /// Those who do not lead it.
    Participants,
    /// Nobody.
    Nobody,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Everybody, Self::Moderators, Self::Participants, Self::Nobody];

    /// Returns the word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Moderators => "moderators",
            Self::Participants => "participants",
            Self::Nobody => "nobody",
        }
    }

    /// Returns the audience that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.word() == word)
    }

    /// Returns the audience of those who lead a meeting, those who do not, both or none.
    pub fn of(moderators: bool, participants: bool) -> Self {
        match (moderators, participants) {
            (true, true) => Self::Everybody,
            (true, false) => Self::Moderators,
            (false, true) => Self::Participants,
            (false, false) => Self::Nobody,
        }
    }

    /// Returns whether somebody who leads the meeting, or does not, is meant.
    pub fn includes(self, moderator: bool) -> bool {
        match self {
            Self::Everybody => true,
            Self::Moderators => moderator,
            Self::Participants => !moderator,
            Self::Nobody => false,
        }
    }
}

/// One thing that a meeting offers.
pub struct Control {
    /// Its name in forms, texts and the database.
    pub key: &'static str,
    /// Who gets it unless somebody decides otherwise.
    pub default: Audience,
    /// Whether people who do not moderate can have it at all: the rest Jitsi lets moderators alone do.
    pub is_for_participants: bool,
    /// The buttons that go with it.
    buttons: &'static [&'static str],
    /// The features of room tokens by which the server itself allows or refuses it.
    features: &'static [&'static str],
    config: fn(Given) -> Value,
}

/// Who has a control.
#[derive(Clone, Copy)]
struct Given {
    /// The person whose page it is.
    here: bool,
    /// Anybody in the meeting.
    anywhere: bool,
}

/// How things are when somebody enters.
const AT_START: Control = Control {
    key: "",
    default: Audience::Participants,
    is_for_participants: true,
    buttons: &[],
    features: &[],
    config: |_| Value::Null,
};
/// What everybody may do unless somebody decides otherwise.
const FOR_ALL: Control = Control { default: Audience::Everybody, ..AT_START };
/// What people who lead the class do; others may be allowed to.
const FOR_MODERATORS: Control = Control { default: Audience::Moderators, ..AT_START };
/// What Jitsi allows moderators alone.
const MODERATORS_ALONE: Control = Control { is_for_participants: false, ..FOR_MODERATORS };

/// Everything that is decided about a meeting for moderators and others apart, in the order of forms.
///
/// Spec: Jitsi Meet IFrame API, `configOverwrite` (only overrides that current servers accept); room tokens,
/// `context.features`.
/// Quirk: overrides only take away, beside what people begin with: a server may do without any of this for its own reasons.
pub static CONTROLS: [Control; 21] = [
    Control {
        key: "start_audio_muted",
        config: |given| json!({ "startWithAudioMuted": given.here }),
        ..AT_START
    },
    Control {
        key: "start_video_muted",
        config: |given| json!({ "startWithVideoMuted": given.here }),
        ..AT_START
    },
    Control {
        key: "prejoin",
        default: Audience::Nobody,
        config: |given| json!({ "prejoinConfig": { "enabled": given.here } }),
        ..AT_START
    },
    // The page's script asks for it when the person is in.
    Control { key: "tile_view", default: Audience::Nobody, ..AT_START },
    Control {
        key: "chat",
        buttons: &["chat"],
        config: |given| unless(given.here, json!({ "disableChat": true })),
        ..FOR_ALL
    },
    Control {
        key: "private_chat",
        config: |given| unless(given.here, json!({ "remoteVideoMenu": { "disablePrivateChat": "all" } })),
        ..FOR_ALL
    },
    Control {
        key: "polls",
        features: &["create-polls"],
        config: |given| unless(given.anywhere, json!({ "disablePolls": true })),
        ..FOR_MODERATORS
    },
    Control {
        key: "reactions",
        config: |given| unless(given.here, json!({ "disableReactions": true })),
        ..FOR_ALL
    },
    Control { key: "raise_hand", buttons: &["raisehand"], ..FOR_ALL },
    Control { key: "screen_sharing", buttons: &["desktop"], features: &["screen-sharing"], ..FOR_ALL },
    Control { key: "shared_video", buttons: &["sharedvideo", "shareaudio"], ..FOR_MODERATORS },
    Control {
        key: "whiteboard",
        buttons: &["whiteboard"],
        config: |given| unless(given.anywhere, json!({ "whiteboard": { "enabled": false } })),
        ..FOR_MODERATORS
    },
    Control {
        key: "file_sharing",
        features: &["file-upload"],
        config: |given| unless(given.anywhere, json!({ "fileSharing": { "enabled": false } })),
        ..FOR_MODERATORS
    },
    Control {
        key: "virtual_background",
        buttons: &["select-background"],
        config: |given| unless(given.here, json!({ "disableVirtualBackground": true })),
        ..FOR_ALL
    },
    Control { key: "participants_pane", buttons: &["participants-pane"], ..FOR_ALL },
    Control { key: "captions", buttons: &["closedcaptions"], ..FOR_ALL },
    Control {
        key: "breakout_rooms",
        config: |given| {
            let hidden = json!({ "hideAddRoomButton": true, "hideAutoAssignButton": true });
            unless(given.here, json!({ "breakoutRooms": hidden }))
        },
        ..MODERATORS_ALONE
    },
    Control {
        key: "security",
        buttons: &["security"],
        config: |given| {
            let hidden = json!({ "hideLobbyButton": true, "disableLobbyPassword": true });
            unless(given.here, json!({ "securityUi": hidden }))
        },
        ..MODERATORS_ALONE
    },
    Control {
        key: "transcription",
        features: &["transcription"],
        config: |given| unless(given.anywhere, json!({ "transcription": { "enabled": false } })),
        ..MODERATORS_ALONE
    },
    Control { key: "recording", buttons: &["recording"], features: &["recording"], ..MODERATORS_ALONE },
    Control {
        key: "streaming",
        buttons: &["livestreaming"],
        features: &["livestreaming"],
        config: |given| unless(given.anywhere, json!({ "liveStreaming": { "enabled": false } })),
        ..MODERATORS_ALONE
    },
];

fn unless(given: bool, overrides: Value) -> Value {
    if given { Value::Null } else { overrides }
}

impl Control {
    /// Returns the control of this name.
    pub fn find(key: &str) -> Option<&'static Self> {
        CONTROLS.iter().find(|control| control.key == key)
    }

    /// Returns whether servers that check tokens refuse it to those who may not; elsewhere it is only hidden.
    pub fn is_in_tokens(&self) -> bool {
        !self.features.is_empty()
    }

    /// Returns whether giving it to somebody, or taking it from them, changes a button, a feature or an override.
    pub fn changes_something(&self) -> bool {
        let given = |on| (self.config)(Given { here: on, anywhere: on });
        !self.buttons.is_empty() || !self.features.is_empty() || given(true) != given(false)
    }

    /// Returns the part of `audience` that can have it.
    pub fn narrow(&self, audience: Audience) -> Audience {
        Audience::of(audience.includes(true), audience.includes(false) && self.is_for_participants)
    }
}

/// Who has each of the [`CONTROLS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audiences([Audience; CONTROLS.len()]);

impl Default for Audiences {
    fn default() -> Self {
        Self(std::array::from_fn(|index| CONTROLS.get(index).map_or(Audience::Nobody, |one| one.default)))
    }
}

impl Audiences {
    /// Returns who has the control of this name.
    pub fn get(&self, key: &str) -> Option<Audience> {
        self.each().find(|(control, _)| control.key == key).map(|(_, audience)| audience)
    }

    /// Gives the control of this name to `audience`, as far as it can have it.
    pub fn set(&mut self, key: &str, audience: Audience) {
        for (control, given) in CONTROLS.iter().zip(&mut self.0) {
            if control.key == key {
                *given = control.narrow(audience);
            }
        }
    }

    /// Returns what one person gets.
    pub fn of(&self, moderator: bool) -> PersonalControls {
        PersonalControls { audiences: *self, moderator }
    }

    fn each(&self) -> impl Iterator<Item = (&'static Control, Audience)> {
        CONTROLS.iter().zip(self.0)
    }
}

/// What one person may do in a meeting, and how it begins for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalControls {
    audiences: Audiences,
    /// Whether the person moderates.
    pub moderator: bool,
}

impl PersonalControls {
    /// Returns whether the person has the control of this name.
    pub fn has(&self, key: &str) -> bool {
        self.audiences.get(key).is_some_and(|audience| audience.includes(self.moderator))
    }

    /// Returns whether a room token grants `feature` by one of the controls; `None` when none of them is about it.
    pub(super) fn grants(&self, feature: &str) -> Option<bool> {
        let mut each = self.audiences.each();
        let (_, audience) = each.find(|(control, _)| control.features.contains(&feature))?;
        Some(audience.includes(self.moderator))
    }

    /// Returns whether one of the controls takes a button away, or gives it.
    pub(super) fn shows(&self, button: &str) -> Option<bool> {
        let mut each = self.audiences.each();
        let (_, audience) = each.find(|(control, _)| control.buttons.contains(&button))?;
        Some(audience.includes(self.moderator))
    }

    /// Returns whether the person has every button that there is.
    pub(super) fn has_all_buttons(&self) -> bool {
        let mut with_buttons = self.audiences.each().filter(|(control, _)| !control.buttons.is_empty());
        with_buttons.all(|(_, audience)| audience.includes(self.moderator))
    }

    /// Returns the overrides of the server's `config.js`, one by one.
    pub(super) fn overrides(&self) -> impl Iterator<Item = Value> {
        self.audiences.each().map(|(control, audience)| {
            let here = audience.includes(self.moderator);
            (control.config)(Given { here, anywhere: audience != Audience::Nobody })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_audiences_have_words() {
        for control in &CONTROLS {
            assert_eq!(CONTROLS.iter().filter(|one| one.key == control.key).count(), 1, "{}", control.key);
            assert_eq!(control.narrow(control.default), control.default, "{}", control.key);
        }
        for audience in Audience::ALL {
            assert_eq!(Audience::parse(audience.word()), Some(audience));
            assert_eq!(Audience::of(audience.includes(true), audience.includes(false)), audience);
        }
    }

    #[test]
    fn participants_never_get_what_moderators_alone_can_have() {
        let mut audiences = Audiences::default();
        for control in &CONTROLS {
            audiences.set(control.key, Audience::Everybody);
            assert_eq!(audiences.of(false).has(control.key), control.is_for_participants, "{}", control.key);
            assert!(audiences.of(true).has(control.key), "{}", control.key);
        }
    }
}
