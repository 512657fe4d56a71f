//! Settings in pages: what is shown of each.

use serde::Serialize;

use super::catalogue::{CATALOGUE, Enforcer, Kind, Scope, Section, Setting, Value};
use super::defaults::DefaultsForm;
use super::fields::SettingFields;
use super::layers::{Layers, Level};
use crate::i18n::{Args, Locale, Texts};
use crate::jitsi::controls::Audience;

/// The settings of a page, section by section.
#[derive(Serialize)]
pub struct SectionLine {
    /// The section's name in texts.
    key: &'static str,
    settings: Vec<SettingLine>,
}

/// A setting in a form.
#[derive(Serialize)]
pub struct SettingLine {
    key: &'static str,
    label: String,
    help: Option<String>,
    kind: &'static str,
    on: bool,
    moderators: bool,
    participants: bool,
    text: String,
    for_participants: bool,
    lines: bool,
    min: u32,
    max: usize,
    choices: Vec<ChoiceLine>,
    /// The level that decided, or `usual`.
    origin: &'static str,
    /// Whether the page cannot change it, because a level farther out locked it.
    locked: bool,
    /// Why it is locked, there or here.
    why: String,
    /// What this level does about it: `none`, `open` or `locked`.
    state: &'static str,
    may_lock: bool,
    /// Who makes sure of it: `tool`, `server` or `page`.
    enforced: &'static str,
    wrong: bool,
}

#[derive(Serialize)]
struct ChoiceLine {
    word: &'static str,
    label: String,
}

/// What settings are shown as.
pub struct SettingsView<'a> {
    /// What all levels decided; the shown level's layer as it is entered.
    pub layers: &'a Layers,
    /// The level that the page is about.
    pub level: Level,
    /// Whether the Jitsi server reads room tokens; `None` where nobody knows which server it will be.
    pub takes_tokens: Option<bool>,
    /// The form as it was sent, for values that are none.
    pub fields: Option<&'a SettingFields>,
    /// The settings whose values are none.
    pub wrong: &'a [&'static str],
}

impl SettingsView<'_> {
    /// Returns the sections that the level decides about.
    pub fn sections(&self, texts: &Texts, locale: &Locale) -> Vec<SectionLine> {
        let is_shown = |setting: &&Setting| match self.level {
            Level::Room => setting.scope != Scope::NewRooms,
            _ => setting.scope != Scope::Room,
        };
        let sections = Section::ALL.into_iter().map(|section| {
            let of_section = CATALOGUE.iter().filter(is_shown).filter(|setting| setting.section == section);
            SectionLine {
                key: section.key(),
                settings: of_section.map(|setting| self.line(setting, texts, locale)).collect(),
            }
        });
        sections.filter(|section| !section.settings.is_empty()).collect()
    }

    fn line(&self, setting: &Setting, texts: &Texts, locale: &Locale) -> SettingLine {
        let key = setting.key;
        let found = self.layers.resolve(setting, self.level);
        let inherited = self.layers.inherited(setting, self.level);
        let own = self.layers.at(self.level).get(key).filter(|_| inherited.lock.is_none());
        let wrong = self.wrong.contains(&key);
        let named = |suffix: &str| texts.get(locale, &format!("setting-{key}{suffix}"), &Args::new());
        let help = || texts.find_text(locale, &format!("setting-{key}-help"), &Args::new());
        let audience = match found.value {
            Value::Text(word) => Audience::parse(word).unwrap_or(Audience::Nobody),
            _ => Audience::Nobody,
        };
        let text = match (found.value, self.fields.filter(|_| wrong)) {
            (_, Some(fields)) => fields.text(key).to_owned(),
            (Value::Text(text), None) => text.clone(),
            (Value::Number(number), None) => number.to_string(),
            (Value::Switch(_), None) => String::new(),
        };
        let (min, max) = match &setting.kind {
            Kind::Number { min, max } => (*min, usize::try_from(*max).unwrap_or(usize::MAX)),
            Kind::Text { max, .. } => (0, *max),
            _ => (0, 0),
        };
        SettingLine {
            key,
            label: named(""),
            help: help(),
            kind: kind_word(&setting.kind),
            on: *found.value == Value::Switch(true),
            moderators: audience.includes(true),
            participants: audience.includes(false),
            text,
            for_participants: setting.kind == Kind::Audience { participants: true },
            lines: matches!(setting.kind, Kind::Text { lines: true, .. }),
            min,
            max,
            choices: choices(&setting.kind)
                .iter()
                .map(|word| ChoiceLine { word, label: named(&format!("-{word}")) })
                .collect(),
            origin: found.level.map_or("usual", Level::word),
            locked: inherited.lock.is_some(),
            why: inherited.lock.or(own.map(|own| own.why.as_str())).unwrap_or_default().to_owned(),
            state: match own {
                None => "none",
                Some(own) if own.locked => "locked",
                Some(_) => "open",
            },
            may_lock: setting.scope == Scope::Everywhere,
            enforced: match setting.enforcer {
                Enforcer::Tool => "tool",
                Enforcer::Token if self.takes_tokens != Some(false) => "server",
                Enforcer::Token | Enforcer::Page => "page",
            },
            wrong,
        }
    }
}

fn kind_word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Switch => "switch",
        Kind::Audience { .. } => "audience",
        Kind::Choice(_) => "choice",
        Kind::Number { .. } => "number",
        Kind::Text { .. } => "text",
    }
}

fn choices(kind: &Kind) -> &'static [&'static str] {
    if let Kind::Choice(words) = kind { words } else { &[] }
}

/// A setting that somebody else changed while a form was open.
#[derive(Serialize)]
pub struct ConflictLine {
    label: String,
    /// The kind of its value.
    kind: &'static str,
    /// The value that is stored: a text, a number, or a word of the setting.
    value: String,
}

/// Returns the settings in which two rooms' layers differ, with the values of the first.
pub fn differences(theirs: &Layers, ours: &Layers, texts: &Texts, locale: &Locale) -> Vec<ConflictLine> {
    let differs = |setting: &&Setting| {
        theirs.resolve(setting, Level::Room).value != ours.resolve(setting, Level::Room).value
    };
    let line = |setting: &Setting| {
        let named =
            |suffix: &str| texts.get(locale, &format!("setting-{}{suffix}", setting.key), &Args::new());
        let value = match (&setting.kind, theirs.resolve(setting, Level::Room).value) {
            (Kind::Choice(_), Value::Text(word)) => named(&format!("-{word}")),
            (_, Value::Text(text)) => text.clone(),
            (_, Value::Number(number)) => number.to_string(),
            (_, Value::Switch(on)) => if *on { "on" } else { "off" }.to_owned(),
        };
        ConflictLine { label: named(""), kind: kind_word(&setting.kind), value }
    };
    CATALOGUE.iter().filter(differs).map(line).collect()
}

/// A form about defaults in a page.
#[derive(Serialize)]
pub struct DefaultsLine {
    level: &'static str,
    version: String,
    sections: Vec<SectionLine>,
    problem: bool,
    overtaken: bool,
}

impl DefaultsLine {
    /// Returns the form in a page's words; `fields` are those that were sent.
    pub fn new(
        form: &DefaultsForm,
        level: Level,
        fields: Option<&SettingFields>,
        texts: &Texts,
        locale: &Locale,
    ) -> Self {
        let view =
            SettingsView { layers: &form.layers, level, takes_tokens: None, fields, wrong: &form.wrong };
        Self {
            level: level.word(),
            version: form.version.as_str().to_owned(),
            sections: view.sections(texts, locale),
            problem: form.has_problems(),
            overtaken: form.is_overtaken,
        }
    }
}
