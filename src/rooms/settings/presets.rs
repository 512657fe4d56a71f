//! Presets: settings of a meeting that go together, to begin with and to change.

use super::catalogue::Value;
use crate::jitsi::controls::Audience::{self, Everybody, Moderators, Nobody, Participants};

/// Settings that go together.
pub struct Preset {
    /// Its name in forms and texts.
    pub key: &'static str,
    audiences: &'static [(&'static str, Audience)],
}

/// The presets, in the order of forms.
pub static PRESETS: [Preset; 3] = [
    // One speaks, many listen and ask.
    Preset {
        key: "lecture",
        audiences: &[
            ("start_audio_muted", Participants),
            ("start_video_muted", Participants),
            ("screen_sharing", Moderators),
            ("shared_video", Moderators),
            ("whiteboard", Moderators),
            ("private_chat", Moderators),
            ("tile_view", Nobody),
        ],
    },
    // All speak and show.
    Preset {
        key: "seminar",
        audiences: &[
            ("start_audio_muted", Nobody),
            ("start_video_muted", Nobody),
            ("screen_sharing", Everybody),
            ("shared_video", Everybody),
            ("whiteboard", Everybody),
            ("polls", Everybody),
            ("file_sharing", Everybody),
            ("tile_view", Everybody),
        ],
    },
    // Nobody helps anybody.
    Preset {
        key: "exam",
        audiences: &[
            ("start_audio_muted", Participants),
            ("start_video_muted", Nobody),
            ("chat", Moderators),
            ("private_chat", Moderators),
            ("polls", Nobody),
            ("reactions", Nobody),
            ("screen_sharing", Moderators),
            ("shared_video", Nobody),
            ("whiteboard", Nobody),
            ("file_sharing", Nobody),
            ("virtual_background", Moderators),
            ("participants_pane", Moderators),
            ("breakout_rooms", Nobody),
            ("tile_view", Moderators),
        ],
    },
];

impl Preset {
    /// Returns the preset of this name.
    pub fn find(key: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.key == key)
    }

    /// Returns its value of the setting `key`; `None` for one of a meeting's settings that it leaves at its usual value.
    pub fn value(&self, key: &str) -> Option<Value> {
        self.audiences.iter().find(|(name, _)| *name == key).map(|(_, audience)| Value::from(*audience))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::settings::catalogue::Setting;

    #[test]
    fn presets_name_settings_and_values_that_these_take() {
        for preset in &PRESETS {
            for (key, audience) in preset.audiences {
                let setting = Setting::find(key).unwrap();
                assert!(setting.takes(&Value::from(*audience)), "{} {key}", preset.key);
            }
        }
    }
}
