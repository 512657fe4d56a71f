//! Every setting has texts, and something reads it.

use jitsi_lti::jitsi::controls::CONTROLS;
use jitsi_lti::rooms::settings::catalogue::CATALOGUE;

use super::reading::*;

#[test]
fn every_setting_has_a_label_in_every_language() {
    let mut complaints = Vec::new();
    for language in languages() {
        let texts = texts(&language);
        for setting in CATALOGUE.iter() {
            let key = format!("setting-{}", setting.key);
            if !texts.contains_key(&key) {
                complaints.push(format!("{language}: no {key}"));
            }
        }
    }
    none(&complaints);
}

/// A control is read by what its row says of buttons, features and overrides, or by its name.
#[test]
fn every_setting_is_read() {
    let sources: Vec<String> = sources()
        .into_iter()
        .filter(|one| !one.name.starts_with("src/rooms/settings/") && one.name != "src/jitsi/controls.rs")
        .map(|one| one.text)
        .collect();
    let is_read = |reading: &str| sources.iter().any(|text| text.contains(reading));
    let mut complaints = Vec::new();
    for setting in CATALOGUE.iter() {
        let key = setting.key;
        let reads = match CONTROLS.iter().find(|control| control.key == key) {
            Some(control) if control.changes_something() => continue,
            Some(_) => vec![format!("has(\"{key}\")")],
            None => vec![format!("settings.{key}"), format!("rules.{key}")],
        };
        if !reads.iter().any(|reading| is_read(reading)) {
            complaints.push(format!("nothing reads {key}"));
        }
    }
    none(&complaints);
}
