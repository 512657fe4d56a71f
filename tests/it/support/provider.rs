//! An OpenID provider: strict about what it is asked, and as dishonest in its tokens as a story wants.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jitsi_lti::config::AdminOidc;
use jitsi_lti::demo::jws::{KeyPair, SignWith, sign};
use jitsi_lti::ids::Random;
use jitsi_lti::outbound::NetworkPolicy;
use openssl::hash::MessageDigest;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{NOW, Site};

const CLIENT: &str = "class";
/// With signs that have to be escaped on the way.
const CLIENT_SECRET: &str = "s:e c+r%e/t";

/// What a dishonest provider changes in header and claims.
pub type Tamper = fn(&mut Value, &mut Value);

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signature {
    #[default]
    Own,
    /// With a key that is not published.
    Foreign,
    /// With the secret that tool and provider share.
    Shared,
    /// Not at all.
    Nothing,
}

/// Who signs in next, and how the provider behaves.
#[derive(Clone)]
pub struct Person {
    pub claims: Value,
    pub tamper: Tamper,
    pub signature: Signature,
}

impl Person {
    pub fn of(claims: Value) -> Self {
        Self { claims, tamper: |_, _| {}, signature: Signature::Own }
    }

    /// An administrator, as the settings name her.
    pub fn ada() -> Self {
        Self::of(json!({ "sub": "a-1", "email": "ada@campus.example", "email_verified": true }))
    }
}

struct Grant {
    challenge: String,
    nonce: String,
    redirect_uri: String,
    person: Person,
}

struct State {
    issuer: String,
    keys: Mutex<(KeyPair, KeyPair)>,
    person: Mutex<Person>,
    codes: Mutex<HashMap<String, Grant>>,
    only_by_post: Mutex<bool>,
    is_down: Mutex<bool>,
    complaints: Mutex<Vec<String>>,
    asked: AtomicUsize,
}

/// The provider.
pub struct Provider {
    state: Arc<State>,
    _site: Site,
}

impl Provider {
    pub fn start() -> Self {
        let (place, issuer) = Site::place();
        let keys = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let state = Arc::new(State {
            issuer,
            keys: Mutex::new(keys),
            asked: AtomicUsize::new(0),
            person: Mutex::new(Person::ada()),
            codes: Mutex::default(),
            only_by_post: Mutex::default(),
            is_down: Mutex::default(),
            complaints: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let routes = move |config: &mut ServiceConfig| {
            config
                .app_data(Data::from(Arc::clone(&shared)))
                .route("/.well-known/openid-configuration", web::get().to(describe))
                .route("/authorize", web::get().to(authorize))
                .route("/token", web::post().to(exchange))
                .route("/keys", web::get().to(keys_page));
        };
        Self { state, _site: Site::serve(place, routes) }
    }

    /// The settings of a tool whose administrators sign in here.
    pub fn settings(&self, emails: &[&str], claims: &[&str]) -> AdminOidc {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let secret = Some(SecretString::from(CLIENT_SECRET));

        let (emails, claims) = (texts(emails), texts(claims));
        AdminOidc::read(
            Some(self.state.issuer.as_str()),
            Some(CLIENT),
            secret,
            &emails,
            &claims,
            NetworkPolicy::Private,
        )
        .unwrap()
        .unwrap()
    }

    /// Who signs in from now on.
    pub fn knows(&self, person: Person) {
        *self.state.person.lock().unwrap() = person;
    }

    /// Takes the client's secret in the body alone.
    pub fn takes_secrets_by_post(&self) {
        *self.state.only_by_post.lock().unwrap() = true;
    }

    pub fn is_down(&self, down: bool) {
        *self.state.is_down.lock().unwrap() = down;
    }

    /// How often the tool asked for the provider's description.
    pub fn was_asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// Signs with a key that it publishes from now on alone.
    pub fn changes_keys(&self) {
        *self.state.keys.lock().unwrap() = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    }

    /// What the tool asked wrongly.
    pub fn complaints(&self) -> Vec<String> {
        self.state.complaints.lock().unwrap().clone()
    }

    /// The person signs in at the address where the tool sent them: where the provider sends them back to.
    pub async fn signs_in(&self, at: &Url) -> Url {
        assert!(at.as_str().starts_with(&format!("{}/authorize?", self.state.issuer)), "{at}");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let answer = client.build().unwrap().get(at.as_str()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 302, "{:?}", self.complaints());
        answer.headers()["location"].to_str().unwrap().parse().unwrap()
    }
}

async fn describe(state: Data<State>) -> HttpResponse {
    state.asked.fetch_add(1, Ordering::SeqCst);
    if *state.is_down.lock().unwrap() {
        return HttpResponse::BadGateway().finish();
    }
    let at = |path: &str| format!("{}{path}", state.issuer);
    let methods =
        if *state.only_by_post.lock().unwrap() { "client_secret_post" } else { "client_secret_basic" };
    HttpResponse::Ok().json(json!({
        "issuer": state.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        "token_endpoint_auth_methods_supported": [methods],
    }))
}

async fn keys_page(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "keys": [state.keys.lock().unwrap().0.jwk().unwrap()] }))
}

async fn authorize(state: Data<State>, query: Query<HashMap<String, String>>) -> HttpResponse {
    let of = |name: &str| query.get(name).cloned().unwrap_or_default();
    let wrong = [
        ("response_type", of("response_type") != "code"),
        ("client_id", of("client_id") != CLIENT),
        ("scope", !of("scope").split(' ').any(|scope| scope == "openid")),
        ("code_challenge_method", of("code_challenge_method") != "S256"),
        ("code_challenge", of("code_challenge").len() != 43),
        ("state", of("state").len() < 20),
        ("nonce", of("nonce").len() < 20 || of("nonce") == of("state")),
        ("redirect_uri", !of("redirect_uri").ends_with("/admin/oidc/callback")),
    ];
    if let Some((name, _)) = wrong.into_iter().find(|(_, wrong)| *wrong) {
        state.complaints.lock().unwrap().push(format!("{name} is {:?}", of(name)));
        return HttpResponse::BadRequest().body(name);
    }
    let code = Random::System.secret();
    let grant = Grant {
        challenge: of("code_challenge"),
        nonce: of("nonce"),
        redirect_uri: of("redirect_uri"),
        person: state.person.lock().unwrap().clone(),
    };
    let back = [("code", code.as_str()), ("state", &of("state")), ("iss", &state.issuer)];
    let back = Url::parse_with_params(&grant.redirect_uri, back).unwrap();
    state.codes.lock().unwrap().insert(code, grant);
    HttpResponse::Found().insert_header(("location", back.as_str())).finish()
}

async fn exchange(
    request: HttpRequest,
    state: Data<State>,
    form: Form<HashMap<String, String>>,
) -> HttpResponse {
    let of = |name: &str| form.get(name).cloned().unwrap_or_default();
    let refuse = |what: &str| {
        state.complaints.lock().unwrap().push(what.to_owned());
        HttpResponse::BadRequest().json(json!({ "error": "invalid_grant", "error_description": what }))
    };
    if !is_client(&request, &of, *state.only_by_post.lock().unwrap()) {
        return refuse("the client does not prove itself");
    }
    let Some(grant) = state.codes.lock().unwrap().remove(&of("code")) else {
        return refuse("the code was used, or never given");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier").as_bytes()));
    if challenge != grant.challenge {
        return refuse("the verifier is not that of the challenge");
    }
    if of("redirect_uri") != grant.redirect_uri || of("grant_type") != "authorization_code" {
        return refuse("not what was begun");
    }
    HttpResponse::Ok().json(json!({
        "access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": id_token(&state, &grant),
    }))
}

/// Spec: RFC 6749 §2.3.1: each half of the header is form-encoded first.
fn is_client(request: &HttpRequest, of: &impl Fn(&str) -> String, only_by_post: bool) -> bool {
    if only_by_post {
        return of("client_id") == CLIENT && of("client_secret") == CLIENT_SECRET;
    }
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let decoded = header.and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let (id, secret) = text.split_once(':').unwrap_or_default();
    let pair = format!("{id}={secret}");
    let plain = url::form_urlencoded::parse(pair.as_bytes()).next();
    plain.is_some_and(|(id, secret)| id == CLIENT && secret == CLIENT_SECRET)
}

fn id_token(state: &State, grant: &Grant) -> String {
    let keys = state.keys.lock().unwrap();
    let mut header = json!({ "alg": "RS256", "kid": keys.0.kid() });
    let mut claims = json!({
        "iss": state.issuer, "aud": CLIENT, "iat": NOW, "exp": NOW + 7200, "nonce": grant.nonce,
    });
    for (name, value) in grant.person.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    (grant.person.tamper)(&mut header, &mut claims);
    let digest = MessageDigest::sha256();
    let with = match grant.person.signature {
        Signature::Own => SignWith::Rsa(keys.0.private(), digest),
        Signature::Foreign => SignWith::Rsa(keys.1.private(), digest),
        Signature::Shared => SignWith::Hmac(CLIENT_SECRET.as_bytes(), digest),
        Signature::Nothing => SignWith::Nothing,
    };
    sign(&header, &claims.to_string(), &with).unwrap()
}
