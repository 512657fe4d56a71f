//! Renders pages: templates, texts in the visitor's language, and the policy that comes with each page.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, PERMISSIONS_POLICY,
};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::value::{Kwargs, Rest, Serde};
use minijinja::{Environment, HtmlEscape, State, UndefinedBehavior, Value, context};
use serde::Serialize;
use url::Url;

use super::assets;
use super::failure::Failure;
use super::security::NO_DEVICES;
use crate::i18n::{Args, Locale, Texts};
use crate::ids::Random;

/// Who may show a page in a frame, what the page may load, and where it leads back to.
#[derive(Clone, Debug, Default)]
pub struct Framing {
    ancestors: Vec<String>,
    server: Option<String>,
    receivers: Vec<String>,
    way_back: Option<String>,
    measures_devices: bool,
}

impl Framing {
    /// A page without actions, which every site may frame.
    pub fn anywhere() -> Self {
        Self::by(vec!["*".to_owned()])
    }

    /// A page that only the site itself and the platform at these origins may frame.
    pub fn by(mut origins: Vec<String>) -> Self {
        origins.insert(0, "'self'".to_owned());
        Self { ancestors: origins, ..Self::default() }
    }

    /// A page that nobody may frame.
    pub fn nobody() -> Self {
        Self { ancestors: vec!["'none'".to_owned()], ..Self::default() }
    }

    /// The same page with the frame of one Jitsi server. Scripts are our own alone, on every page.
    #[must_use]
    pub fn with_server(mut self, origin: &str) -> Self {
        self.server = Some(origin.to_owned());
        self
    }

    /// The same page with a form that goes to these origins: browsers apply the rule to redirects after it too.
    #[must_use]
    pub fn posting_to(mut self, origins: Vec<String>) -> Self {
        self.receivers = origins;
        self
    }

    /// The same page with a way back to the course: an address of the person's own launch.
    #[must_use]
    pub fn leading_back(mut self, way_back: Option<String>) -> Self {
        self.way_back = way_back;
        self
    }

    /// The same page, which finds out what the platform's frame leaves to it: a device that its own policy forbids would
    /// look as if the platform did.
    #[must_use]
    pub fn measuring_devices(mut self) -> Self {
        self.measures_devices = true;
        self
    }

    /// What the page may do with the visitor's devices: the meeting's alone lends them, to its server's frame.
    ///
    /// Spec: W3C Permissions Policy.
    fn permissions(&self) -> String {
        let lent = match &self.server {
            Some(server) => format!("(self \"{server}\")"),
            None if self.measures_devices => "(self)".to_owned(),
            None => return NO_DEVICES.to_owned(),
        };
        ["camera", "display-capture", "microphone"]
            .into_iter()
            .fold(NO_DEVICES.to_owned(), |policy, device| {
                policy.replace(&format!("{device}=()"), &format!("{device}={lent}"))
            })
    }

    /// Whether the page and a window that opened it, or that it opens, keep hold of each other.
    ///
    /// Spec: HTML standard, `Cross-Origin-Opener-Policy`. Quirk: pages that platforms frame open windows and are opened in
    /// them, and platforms wait for a word of the page that registers; so only pages that nobody frames keep to themselves.
    fn opener_policy(&self) -> &'static str {
        let is_framed_by_nobody = self.ancestors.iter().any(|ancestor| ancestor == "'none'");
        if is_framed_by_nobody { "same-origin" } else { "unsafe-none" }
    }

    /// The page's Content-Security-Policy.
    ///
    /// Spec: W3C Content Security Policy Level 3.
    fn policy(&self, nonce: &str) -> String {
        let frames = self.server.as_deref().unwrap_or("'none'");
        let (ancestors, receivers) = (self.ancestors.join(" "), self.receivers.join(" "));
        format!(
            "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'self' {receivers}; \
             script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; worker-src 'self'; frame-src {frames}; frame-ancestors {ancestors}"
        )
    }
}

/// Templates and texts.
pub struct Pages {
    environment: Environment<'static>,
    texts: Arc<Texts>,
    random: Random,
}

impl Pages {
    /// The pages of this program, in the languages of `texts`.
    pub fn new(texts: Arc<Texts>, random: Random) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        load_templates(&mut environment);
        let words = Arc::clone(&texts);
        environment.add_function("t", move |state: &State<'_, '_>, key: String, args: Kwargs| {
            translate(&words, state, &key, &args)
        });
        environment.add_filter("linked", linked);
        environment.add_function("asset", |path: String, _: Rest<Value>| assets::url(&path));
        Self { environment, texts, random }
    }

    /// The texts.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Returns the language that the browser asks for.
    pub fn locale_of(&self, request: &HttpRequest) -> Locale {
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        self.texts.negotiate(header.unwrap_or_default())
    }

    /// The page `template` with the values of `page`.
    ///
    /// Errors: [`Failure::Internal`] when the template cannot be rendered.
    pub fn respond(
        &self,
        status: StatusCode,
        template: &str,
        page: &impl Serialize,
        locale: &Locale,
        framing: &Framing,
    ) -> Result<HttpResponse, Failure> {
        let nonce = self.random.letters_and_digits(22);
        let lang = locale.to_string();
        let dir = locale.direction();
        let values = context! { lang, dir, nonce => &nonce, way_back => &framing.way_back, ..Value::from(Serde(page)) };
        let html = self
            .environment
            .get_template(template)
            .and_then(|template| template.render(values))
            .map_err(|error| Failure::Internal(anyhow::Error::new(error).context(template.to_owned())))?;
        Ok(HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_SECURITY_POLICY, framing.policy(&nonce)))
            .insert_header((PERMISSIONS_POLICY, framing.permissions()))
            .insert_header((CROSS_ORIGIN_OPENER_POLICY, framing.opener_policy()))
            .body(html))
    }
}

/// In development the templates are read from the disk, so that an edit shows at the next start without a build.
#[allow(elided_lifetimes_in_paths, clippy::expect_used, reason = "the embedding code is generated")]
fn load_templates(environment: &mut Environment<'static>) {
    if cfg!(debug_assertions) {
        environment.set_loader(minijinja::path_loader(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")));
    } else {
        minijinja_embed::load_templates!(*environment);
    }
}

/// Returns a plain text as HTML, in which web addresses lead there in a window of their own.
fn linked(text: &str) -> Value {
    let mut html = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let address = word.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '»', '”', '"']);
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        let link = Some(address).filter(|_| is_web).and_then(|address| Url::parse(address).ok());
        let Some(link) = link else {
            html.push_str(&HtmlEscape(word).to_string());
            continue;
        };
        let rest = word.strip_prefix(address).unwrap_or_default();
        html.push_str(&format!(
            "<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">{}</a>{}",
            HtmlEscape(link.as_str()),
            HtmlEscape(address),
            HtmlEscape(rest)
        ));
    }
    Value::from_safe_string(html)
}

fn translate(
    texts: &Texts,
    state: &State<'_, '_>,
    key: &str,
    args: &Kwargs,
) -> Result<String, minijinja::Error> {
    let lang = state.lookup("lang").unwrap_or_default();
    let locale = texts.locale(lang.as_str().unwrap_or_default());
    let mut values = Args::new();
    for name in args.args() {
        let value: Value = args.get(name)?;
        match value.as_i64().filter(|_| value.is_integer()) {
            Some(number) => values.set_number(name, number),
            None => values.set(name, value.to_string()),
        }
    }
    args.assert_all_used()?;
    Ok(texts.get(&locale, key, &values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links_and_nothing_in_it_is_html() {
        for (text, expected) in [
            ("Be <b>kind</b> & \"quiet\"", "Be &lt;b&gt;kind&lt;/b&gt; &amp; &quot;quiet&quot;"),
            (
                "See https://a.example/x?y=1&z=2.\nThen",
                "See <a href=\"https://a.example/x?y=1&amp;z=2\" target=\"_blank\" rel=\"noopener noreferrer \
                 nofollow\">https://a.example/x?y=1&amp;z=2</a>.\nThen",
            ),
            ("javascript:alert(1) https:// data:x", "javascript:alert(1) https:// data:x"),
            (
                "https://a.example/\"onclick=\"x",
                "<a href=\"https://a.example/%22onclick=%22x\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">\
                 https://a.example/&quot;onclick=&quot;x</a>",
            ),
        ] {
            // The library writes a slash by its number.
            assert_eq!(linked(text).to_string().replace("&#x2f;", "/"), expected, "{text}");
        }
    }

    #[test]
    fn devices_are_lent_to_the_meeting_alone() {
        let meeting = Framing::by(vec!["https://lms.example".to_owned()]).with_server("https://meet.example");
        let lent = meeting.permissions();
        for device in ["camera", "display-capture", "microphone"] {
            assert!(lent.contains(&format!("{device}=(self \"https://meet.example\")")), "{lent}");
        }
        assert!(lent.contains("geolocation=()"));
        for other in [Framing::anywhere(), Framing::nobody(), Framing::by(Vec::new())] {
            assert_eq!(other.permissions(), NO_DEVICES);
        }
        let measuring = Framing::by(Vec::new()).measuring_devices().permissions();
        assert!(
            measuring.contains("camera=(self)") && measuring.contains("display-capture=(self)"),
            "{measuring}"
        );
    }
}
