//! Every page is drawn with samples, in every language.
//!
//! `tests/samples` has a file for each template: a list of what handlers give to it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use actix_web::body::MessageBody as _;
use actix_web::http::StatusCode;
use jitsi_lti::http::pages::{Framing, Pages};
use jitsi_lti::i18n::Texts;
use jitsi_lti::ids::Random;
use serde_json::Value;

use super::reading::*;

const SAMPLES: &str = "tests/samples";

#[test]
fn every_page_has_samples_that_are_drawn_in_every_language() {
    let texts = Arc::new(Texts::load(Path::new("no such folder")).unwrap());
    let pages = Pages::new(texts, Random::System);
    let mut complaints = Vec::new();
    for template in pages_with_samples() {
        let samples = samples_of(&template);
        if samples.is_empty() {
            complaints.push(format!("{template} has no samples in {}", sample_file(&template)));
        }
        for (number, sample) in samples.iter().enumerate() {
            for language in languages() {
                let what_is_wrong = drawn(&pages, &template, sample, &language).err();
                complaints.extend(
                    what_is_wrong.map(|wrong| format!("{template}, sample {number}, {language}: {wrong}")),
                );
            }
        }
    }
    none(&complaints);
}

/// A language in which each text is its key in brackets shows which texts the samples reach.
#[test]
fn every_text_that_a_page_names_is_in_a_sample() {
    const LANGUAGE: &str = "fr";
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(LANGUAGE)).unwrap();
    let english = texts("en");
    let own: String = english.keys().map(|key| format!("{key} = ⟦{key}⟧\n")).collect();
    fs::write(folder.path().join(LANGUAGE).join("keys.ftl"), own).unwrap();
    let pages = Pages::new(Arc::new(Texts::load(folder.path()).unwrap()), Random::System);
    let mut shown = String::new();
    for template in pages_with_samples() {
        for sample in samples_of(&template) {
            shown.push_str(&drawn(&pages, &template, &sample, LANGUAGE).unwrap());
        }
    }
    let mut complaints = Vec::new();
    for (file, text) in templates().into_iter().filter(|(file, _)| !file.starts_with("templates/demo/")) {
        for call in calls_of_t(&text) {
            if let [key] = call.as_slice()
                && !shown.contains(&format!("⟦{key}⟧"))
            {
                complaints.push(format!("{file}: no sample shows {key}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_sample_is_of_a_page() {
    let known: Vec<String> = pages_with_samples().iter().map(|template| sample_file(template)).collect();
    let files = files_in(SAMPLES).into_iter().map(|path| shown(&path));
    let strays: Vec<String> = files.filter(|file| !known.contains(file)).collect();
    none(&strays);
}

/// The templates that handlers name; what these extend is drawn with them.
fn pages_with_samples() -> Vec<String> {
    let files = ["pages", "errors"].into_iter().flat_map(|folder| files_in(&format!("templates/{folder}")));
    let names = files.map(|path| shown(&path).trim_start_matches("templates/").to_owned());
    let found: Vec<String> = names.filter(|name| !name.ends_with("/layout.html")).collect();
    assert!(found.len() > 20, "the templates were not found");
    found
}

fn sample_file(template: &str) -> String {
    format!("{SAMPLES}/{}.json", template.trim_end_matches(".html"))
}

fn samples_of(template: &str) -> Vec<Value> {
    let file = sample_file(template);
    let text = fs::read_to_string(root().join(&file)).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Draws a page with and without a way back to the course. What is undefined is an error; a text that is missing, or lacks
/// a value, a warning.
fn drawn(pages: &Pages, template: &str, sample: &Value, language: &str) -> Result<String, String> {
    let locale = pages.texts().locale(language);
    let mut both = String::new();
    for way_back in [None, Some("https://lms.example/course".to_owned())] {
        let framing = Framing::nobody().leading_back(way_back);
        let log = Log::default();
        let written = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(move || written.clone())
            .finish();
        let answer = tracing::subscriber::with_default(subscriber, || {
            pages.respond(StatusCode::OK, template, sample, &locale, &framing)
        });
        let body = answer.map_err(|failure| format!("{failure:?}"))?.into_body();
        let html = body.try_into_bytes().map_err(|_| "no text")?;
        let html = String::from_utf8_lossy(&html);
        let warnings = log.text();
        if !warnings.is_empty() {
            return Err(warnings);
        }
        if !html.contains(&format!("<html lang=\"{language}\"")) {
            return Err(format!("in another language: {html}"));
        }
        both.push_str(&html);
    }
    Ok(both)
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
