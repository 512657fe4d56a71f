//! Words: every visible text by its key, in the visitor's language. English and Spanish are built in; a folder of
//! Fluent files adds or replaces languages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{ArcLoader, Loader, static_loader};
use unic_langid::{CharacterDirection, LanguageIdentifier, langid};

static_loader! {
    static BUILT_IN = {
        locales: "src/i18n/locales",
        fallback_language: "en",
        // Templates isolate names with <bdi>; marks inside plain texts would end up in titles and attributes.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

const FALLBACK: LanguageIdentifier = langid!("en");

/// A language that there are texts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(LanguageIdentifier);

impl Locale {
    /// `ltr` or `rtl`.
    pub fn direction(&self) -> &'static str {
        if self.0.character_direction() == CharacterDirection::RTL { "rtl" } else { "ltr" }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Values for a text.
#[derive(Default)]
pub struct Args(HashMap<Cow<'static, str>, FluentValue<'static>>);

impl Args {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives `name` a value.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(Cow::Owned(name.to_owned()), FluentValue::from(value));
    }

    /// Gives `name` a number: a text may say one and many differently.
    pub fn set_number(&mut self, name: &str, number: i64) {
        self.0.insert(Cow::Owned(name.to_owned()), FluentValue::from(number));
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value.into());
        self
    }
}

/// All texts.
pub struct Texts {
    added: Option<ArcLoader>,
    languages: Vec<LanguageIdentifier>,
}

/// Why added languages cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the languages in {folder} cannot be used: {reason}")]
pub struct TextsError {
    folder: String,
    reason: String,
}

impl Texts {
    /// The built-in texts, and those in `folder` where it exists (`folder/fr/*.ftl`).
    pub fn load(folder: &Path) -> Result<Self, TextsError> {
        let mut languages: Vec<LanguageIdentifier> = BUILT_IN.locales().cloned().collect();
        if !folder.is_dir() {
            return Ok(Self { added: None, languages });
        }
        let added = ArcLoader::builder(folder, FALLBACK)
            .customize(|bundle| bundle.set_use_isolating(false))
            .build()
            .map_err(|error| TextsError {
                folder: folder.display().to_string(),
                reason: error.to_string(),
            })?;
        languages.extend(added.locales().cloned());
        Ok(Self { added: Some(added), languages })
    }

    /// The best language for what a platform calls `wanted` (`es`, `es_MX`, `pt-BR`).
    pub fn locale(&self, wanted: &str) -> Locale {
        self.find(wanted).unwrap_or(Locale(FALLBACK))
    }

    /// The best language for an `Accept-Language` header.
    pub fn negotiate(&self, header: &str) -> Locale {
        let mut wishes: Vec<(f32, &str)> = header
            .split(',')
            .take(20)
            .map(|request| match request.trim().split_once(";q=") {
                Some((language, weight)) => (weight.parse().unwrap_or(0.0), language),
                None => (1.0, request.trim()),
            })
            .collect();
        wishes.sort_by(|left, right| right.0.total_cmp(&left.0));
        wishes.into_iter().find_map(|(_, request)| self.find(request)).unwrap_or(Locale(FALLBACK))
    }

    /// The text `key` in `locale`.
    pub fn get(&self, locale: &Locale, key: &str, args: &Args) -> String {
        self.find_text(locale, key, args).unwrap_or_else(|| {
            tracing::warn!(key, "a text is missing");
            key.to_owned()
        })
    }

    /// The text `key` in `locale`, where there is one.
    pub fn find_text(&self, locale: &Locale, key: &str, args: &Args) -> Option<String> {
        let added =
            self.added.as_ref().and_then(|added| added.try_lookup_complete(&locale.0, key, Some(&args.0)));
        added.or_else(|| BUILT_IN.try_lookup_complete(&locale.0, key, Some(&args.0)))
    }

    fn find(&self, wanted: &str) -> Option<Locale> {
        let wanted: LanguageIdentifier = wanted.replace('_', "-").parse().ok()?;
        let exact = self.languages.iter().find(|known| **known == wanted);
        let found = exact.or_else(|| self.languages.iter().find(|known| known.language == wanted.language));
        found.cloned().map(Locale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        Texts::load(Path::new("no such folder")).unwrap()
    }

    #[test]
    fn platforms_and_browsers_get_the_nearest_language() {
        for (wanted, expected) in
            [("es", "es"), ("es_MX", "es"), ("en-GB", "en"), ("xx", "en"), ("", "en"), ("es'--", "en")]
        {
            assert_eq!(texts().locale(wanted).to_string(), expected, "{wanted}");
        }
        for (header, expected) in [
            ("es-ES,es;q=0.9,en;q=0.8", "es"),
            ("fr,es;q=0.5,en;q=0.4", "es"),
            ("en;q=0.2,es;q=0.9", "es"),
            ("*", "en"),
        ] {
            assert_eq!(texts().negotiate(header).to_string(), expected, "{header}");
        }
    }

    #[test]
    fn a_folder_adds_a_language() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("fr")).unwrap();
        std::fs::write(folder.path().join("fr/rooms.ftl"), "room-join = Entrer\n").unwrap();
        let texts = Texts::load(folder.path()).unwrap();
        assert_eq!(texts.get(&texts.locale("fr_CA"), "room-join", &Args::new()), "Entrer");
    }
}
