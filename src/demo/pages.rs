//! Draws the demo's templates and serves its few static files.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use super::DemoError;

/// The templates of the demo's peers.
pub(super) struct DemoPages(Environment<'static>);

impl DemoPages {
    /// Loads all embedded templates; a value that a template doesn't get is an error.
    #[allow(elided_lifetimes_in_paths, clippy::expect_used, reason = "the embedding code is generated")]
    pub(super) fn load() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        minijinja_embed::load_templates!(&mut environment);
        Self(environment)
    }

    /// Returns the text of a template.
    pub(super) fn draw(&self, template: &str, values: &Value) -> Result<String, DemoError> {
        Ok(self.0.get_template(template)?.render(minijinja::value::Serde(values))?)
    }

    /// Responds with a page and its Content Security Policy.
    pub(super) fn page(&self, status: StatusCode, template: &str, csp: &str, values: &Value) -> HttpResponse {
        match self.draw(template, values) {
            Ok(body) => HttpResponse::build(status)
                .content_type("text/html; charset=utf-8")
                .insert_header((CONTENT_SECURITY_POLICY, csp))
                .insert_header((CACHE_CONTROL, "no-store"))
                .body(body),
            Err(error) => {
                tracing::error!(template, error = &error as &dyn std::error::Error, "a demo page failed");
                HttpResponse::InternalServerError().content_type("text/plain").body(error_chain(&error))
            }
        }
    }
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Responds with a style sheet or script that is part of the binary.
pub(super) fn asset(content_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).insert_header((CACHE_CONTROL, "no-cache")).body(body)
}

/// Returns whether a page of another site sent the request.
pub(super) fn is_foreign(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    site.is_some_and(|site| site != "same-origin")
}

/// Returns up to two letters that stand for a person without a picture.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    // Few fonts have capital letters of the Georgian script, which does without them.
    let has_capital = |letter: &char| !('\u{10d0}'..='\u{10ff}').contains(letter);
    let capital = |letter: char| match has_capital(&letter) {
        true => letter.to_uppercase().collect(),
        false => letter.to_string(),
    };
    first.into_iter().chain(last).map(capital).collect()
}
