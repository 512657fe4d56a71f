//! What a form says about settings.

use std::collections::HashMap;

use serde::Deserialize;

use super::catalogue::{CATALOGUE, Kind, Scope, Setting, Value};
use super::layers::{Decision, Layer, Layers, Level};
use super::presets::Preset;
use crate::jitsi::controls::Audience;

/// Reasons for a lock are a sentence or two.
const MAX_WHY: usize = 300;

/// The fields of a form about settings, by their names.
///
/// Quirk: browsers send nothing for a box that is not ticked, so each setting of a form brings `asked-NAME` too.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct SettingFields(HashMap<String, String>);

/// What a form says about one setting.
enum FieldValue {
    /// The form does not ask for it.
    NotAsked,
    /// Its value.
    Value(Value),
    /// Something that it does not take.
    NotTaken,
}

impl SettingFields {
    /// Returns what a field holds; nothing of one that was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn value(&self, setting: &Setting) -> FieldValue {
        let key = setting.key;
        if !self.has(&format!("asked-{key}")) {
            return FieldValue::NotAsked;
        }
        let entered = self.text(key);
        let value = match &setting.kind {
            Kind::Switch => Some(Value::Switch(self.has(key))),
            Kind::Audience { participants } => {
                let has = |who: &str| self.has(&format!("{key}-{who}"));
                Some(Value::from(Audience::of(has("moderators"), *participants && has("participants"))))
            }
            Kind::Number { .. } => entered.trim().parse().ok().map(Value::Number),
            Kind::Choice(_) => Some(Value::Text(entered.to_owned())),
            Kind::Text { lines, .. } => Some(Value::Text(plain_text(entered, *lines))),
        };
        match value.filter(|value| setting.takes(value)) {
            Some(value) => FieldValue::Value(value),
            None => FieldValue::NotTaken,
        }
    }

    /// Puts what the form says into a room's layer: what equals the value around it is left to the levels around.
    /// Returns the settings whose values are none.
    pub fn read_room(&self, around: &Layers, layer: &mut Layer) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        for setting in CATALOGUE.iter().filter(|setting| setting.scope != Scope::NewRooms) {
            match self.value(setting) {
                FieldValue::NotAsked => {}
                FieldValue::NotTaken => wrong.push(setting.key),
                FieldValue::Value(value) => decide(setting, value, around, layer),
            }
        }
        wrong
    }

    /// Puts what the form says into the layer of a level around rooms. Returns the settings whose values are none.
    ///
    /// A value that is changed without more becomes a default: nobody changes a value and means nothing by it.
    pub fn read_layer(&self, layers: &mut Layers, level: Level) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        for setting in CATALOGUE.iter().filter(|setting| setting.scope != Scope::Room) {
            let key = setting.key;
            let is_decided = layers.at(level).get(key).is_some();
            let is_changed = || match self.value(setting) {
                FieldValue::Value(value) => value != *layers.inherited(setting, level).value,
                FieldValue::NotTaken => true,
                FieldValue::NotAsked => false,
            };
            let locked = match self.text(&format!("{key}-state")) {
                "open" => false,
                "locked" => setting.scope == Scope::Everywhere,
                "none" if !is_decided && is_changed() => false,
                "none" => {
                    layers.at_mut(level).set(key, None);
                    continue;
                }
                _ => continue,
            };
            let layer = layers.at_mut(level);
            let why = plain_text(self.text(&format!("{key}-why")), false);
            match self.value(setting) {
                FieldValue::NotAsked => {}
                FieldValue::Value(value) if why.chars().count() <= MAX_WHY => {
                    layer.set(
                        key,
                        Some(Decision { value, locked, why: if locked { why } else { String::new() } }),
                    );
                }
                FieldValue::Value(_) | FieldValue::NotTaken => wrong.push(key),
            }
        }
        wrong
    }
}

/// Puts a preset's values into a room's layer, where nothing around it is locked.
pub fn fill_in(preset: &Preset, around: &Layers, layer: &mut Layer) {
    for setting in CATALOGUE.iter().filter(|setting| matches!(setting.kind, Kind::Audience { .. })) {
        let value = preset.value(setting.key).unwrap_or_else(|| setting.default.clone());
        decide(setting, value, around, layer);
    }
}

fn decide(setting: &Setting, value: Value, around: &Layers, layer: &mut Layer) {
    let inherited = around.inherited(setting, Level::Room);
    if inherited.lock.is_some() {
        return;
    }
    let own = (*inherited.value != value).then(|| Decision::open(value));
    layer.set(setting.key, own);
}

/// Returns a text without what cannot be seen, and with its line ends as browsers should send them.
fn plain_text(entered: &str, lines: bool) -> String {
    let unified = entered.replace("\r\n", "\n").replace('\r', "\n");
    let kept = |c: &char| !c.is_control() || (lines && *c == '\n');
    unified.trim().chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> SettingFields {
        SettingFields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_room_decides_what_differs_from_the_values_around_it() {
        let mut around = Layers::default();
        around.course.set("chat", Some(Decision::open(Audience::Moderators.into())));
        around.site.set(
            "captions",
            Some(Decision { value: Audience::Nobody.into(), locked: true, why: String::new() }),
        );
        let mut layer = Layer::default();
        let sent = fields(&[
            ("asked-chat", "yes"),
            ("chat-moderators", "yes"),
            ("asked-reactions", "yes"),
            ("asked-captions", "yes"),
            ("captions-moderators", "yes"),
            ("asked-recording", "yes"),
            ("recording-participants", "yes"),
            ("asked-title", "yes"),
            ("title", "  Algebra’s\r\n finals 🎉\u{7} "),
        ]);
        assert_eq!(sent.read_room(&around, &mut layer), [""; 0]);
        let values: Vec<(&str, &Value)> =
            layer.each().map(|(key, decision)| (key, &decision.value)).collect();
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            values,
            [
                ("reactions", &text("nobody")),
                ("recording", &text("nobody")),
                ("title", &text("Algebra’s finals 🎉")),
            ]
        );
    }

    #[test]
    fn what_a_form_does_not_ask_for_stays_and_what_is_no_value_is_named() {
        let mut layer = Layer::default();
        layer.set("help", Some(Decision::open(Value::Text("Be kind.".to_owned()))));
        let sent = fields(&[("asked-last_n", "yes"), ("last_n", "many"), ("help", "ignored")]);
        assert_eq!(sent.read_room(&Layers::default(), &mut layer), ["last_n"]);
        assert!(layer.get("help").is_some());
    }

    #[test]
    fn a_level_locks_what_may_be_locked() {
        let mut layers = Layers::default();
        let sent = fields(&[
            ("asked-polls", "yes"),
            ("polls-state", "none"),
            ("polls-moderators", "yes"),
            ("polls-participants", "yes"),
            ("asked-captions", "yes"),
            ("captions-state", "none"),
            ("captions-moderators", "yes"),
            ("captions-participants", "yes"),
            ("asked-chat", "yes"),
            ("chat-state", "locked"),
            ("chat-why", "Exam rules"),
            ("asked-target_minutes", "yes"),
            ("target_minutes", "60"),
            ("target_minutes-state", "locked"),
            ("asked-title", "yes"),
            ("title", "x"),
            ("title-state", "locked"),
        ]);
        assert_eq!(sent.read_layer(&mut layers, Level::Platform), [""; 0]);
        let layer = &layers.platform;
        assert_eq!(layer.get("chat").map(|one| (one.locked, one.why.as_str())), Some((true, "Exam rules")));
        assert_eq!(layer.get("target_minutes").map(|one| one.locked), Some(false));
        assert!(layer.get("title").is_none());
        // A value that was changed is meant; one that was not is left to the levels around.
        assert_eq!(layer.get("polls"), Some(&Decision::open(Audience::Everybody.into())));
        assert!(layer.get("captions").is_none());
        let taken_back = fields(&[("asked-chat", "yes"), ("chat-state", "none")]);
        taken_back.read_layer(&mut layers, Level::Platform);
        assert!(layers.platform.get("chat").is_none());
    }
}
