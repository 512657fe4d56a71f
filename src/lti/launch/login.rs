//! Third-party login initiation: the platform says who wants in, we ask it to prove it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::clock::Timestamp;
use crate::db::{Database, DbConnection, DbError};
use crate::ephemeral::{EphemeralError, Epoch};
use crate::ids::{PlatformId, Random};
use crate::lti::registration::platform::{Platform, Status};
use crate::lti::store;
use crate::sealing::Sealer;
use crate::sealing::sealed::{Json, Sealed};

/// Hints are opaque and may be tokens of some kilobytes; what is longer is no hint.
const MAX_HINT: usize = 8 * 1024;
const MAX_ISSUER: usize = 2 * 1024;
/// The name of a frame; what is longer is none.
const MAX_STORAGE_TARGET: usize = 255;
/// Hints up to this length travel in the state, so that the login can be begun again in a new window.
const MAX_KEPT_HINTS: usize = 1200;

/// Why a login is refused.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store of short-lived state failed.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// `iss` or `login_hint` is missing or far too long, or a name holds a character that no database stores.
    #[error("iss or login_hint is missing, too long or malformed")]
    Incomplete,
    /// An LTI 1.1 launch.
    #[error("an LTI 1.1 launch of consumer key {consumer_key:?}")]
    LegacyLaunch {
        /// As sent.
        consumer_key: String,
    },
    /// The platform is registered, but not under this client id.
    #[error("issuer {issuer:?} is registered, but not under client id {client_id:?}")]
    ClientUnknown {
        /// As sent.
        issuer: String,
        /// As sent.
        client_id: String,
    },
    /// Nobody registered this platform.
    #[error("no registration for issuer {issuer:?} and client id {client_id:?}")]
    PlatformUnknown {
        /// As sent.
        issuer: String,
        /// As sent.
        client_id: Option<String>,
    },
    /// Several registrations, and the platform did not say which.
    #[error("several registrations for issuer {issuer:?}, and no client_id")]
    PlatformAmbiguous {
        /// As sent.
        issuer: String,
    },
    /// The platform is switched off.
    #[error("the platform is disabled")]
    PlatformDisabled {
        /// Our identifier of it.
        platform_id: PlatformId,
    },
}

/// The parameters of a login, by GET or POST. Unknown ones are ignored.
///
/// Spec: 1EdTech Security Framework 1.0 §5.1.1.1 ("Third-party initiated login").
/// Quirk: Canvas calls the deployment `deployment_id`.
#[derive(Debug, Default, Deserialize)]
pub struct LoginForm {
    iss: Option<String>,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
    lti_message_hint: Option<String>,
    client_id: Option<String>,
    lti_deployment_id: Option<String>,
    deployment_id: Option<String>,
    lti_storage_target: Option<String>,
    lti_version: Option<String>,
    oauth_consumer_key: Option<String>,
    tool_consumer_instance_guid: Option<String>,
}

/// Who a login says that it comes from.
#[derive(Clone, Debug)]
pub struct ClaimedPlatform {
    /// The issuer; for LTI 1.1 the name that the platform calls itself.
    pub issuer: String,
    /// The client id; for LTI 1.1 the consumer key.
    pub client_id: String,
}

/// A secret that only the browser of one login holds.
#[derive(Clone, Debug)]
pub struct BrowserSecret(pub String);

/// What we seal into `state`: all that the launch must agree with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoginState {
    /// Must come back inside the id_token.
    #[serde(rename = "n")]
    pub nonce: String,
    /// Our identifier of the platform.
    #[serde(rename = "p")]
    pub platform_id: PlatformId,
    /// The target that the login named.
    #[serde(rename = "t")]
    pub target: Option<String>,
    /// The deployment that the login named.
    #[serde(rename = "d")]
    pub deployment_id: Option<String>,
    /// When the login began.
    #[serde(rename = "i")]
    pub issued: Timestamp,
    /// The epoch of the store that will remember its use.
    #[serde(rename = "e", with = "epoch_text")]
    pub epoch: Epoch,
    /// Hash of the browser secret.
    #[serde(rename = "b")]
    binding: String,
    /// The platform's hints, where they are short.
    #[serde(rename = "h")]
    hints: Option<(String, Option<String>)>,
    /// The frame of the platform that keeps things for tools, where the login named one.
    #[serde(rename = "s", default)]
    pub storage_target: Option<String>,
}

mod epoch_text {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::ephemeral::Epoch;

    pub(super) fn serialize<S: Serializer>(epoch: &Epoch, out: S) -> Result<S::Ok, S::Error> {
        epoch.0.serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Epoch, D::Error> {
        String::deserialize(from).map(Epoch)
    }
}

/// What beginning a login needs.
pub struct LoginContext<'a> {
    /// Where the platform sends its answer.
    pub redirect_uri: &'a Url,
    /// The epoch of the store that will remember the state's use.
    pub epoch: Epoch,
    /// The present moment.
    pub now: Timestamp,
    /// Seals the state.
    pub sealer: &'a Sealer,
    /// The source of randomness.
    pub random: &'a Random,
}

/// A login that may go on: where to send the browser, and what it must keep.
#[derive(Debug)]
pub struct Login {
    /// The platform's authentication URL with our request.
    pub redirect: Url,
    /// Names the cookie: from the state, so that sixteen logins at once do not disturb each other.
    pub binding_name: String,
    /// For this browser alone.
    pub secret: BrowserSecret,
    /// The frame of the platform that keeps things for tools, where the login named one.
    pub storage_target: Option<String>,
}

impl LoginForm {
    /// Returns who it says that it comes from.
    pub fn claimed(&self) -> ClaimedPlatform {
        let issuer = self.iss.as_ref().or(self.tool_consumer_instance_guid.as_ref());
        let client_id = self.client_id.as_ref().or(self.oauth_consumer_key.as_ref());
        ClaimedPlatform {
            issuer: issuer.cloned().unwrap_or_default(),
            client_id: client_id.cloned().unwrap_or_default(),
        }
    }

    /// Spec: LTI 1.1 §3 (`lti_version`): such a launch has no login.
    fn refuse_legacy(&self) -> Result<(), LoginError> {
        let version = self.lti_version.as_deref().unwrap_or_default();
        if self.iss.is_some() || !(version.starts_with("LTI-") || self.oauth_consumer_key.is_some()) {
            return Ok(());
        }
        Err(LoginError::LegacyLaunch { consumer_key: self.oauth_consumer_key.clone().unwrap_or_default() })
    }

    /// The registered platform that this login comes from.
    ///
    /// Errors: [`LoginError::PlatformUnknown`] names what was looked for, because that is what an administrator needs.
    pub async fn platform(&self, db: &Database) -> Result<Platform, LoginError> {
        self.refuse_legacy()?;
        let issuer =
            self.iss.clone().filter(|iss| (1..=MAX_ISSUER).contains(&iss.len()) && !iss.contains('\0'));
        let issuer = issuer.ok_or(LoginError::Incomplete)?;
        let client_id = self.client_id.clone().filter(|id| !id.is_empty());
        if client_id.as_ref().is_some_and(|id| id.len() > MAX_ISSUER || id.contains('\0')) {
            return Err(LoginError::Incomplete);
        }
        let wanted = (issuer.clone(), client_id.clone());
        let mut found = db
            .try_look_up(move |connection| find_registrations(connection, &wanted.0, wanted.1.as_deref()))
            .await?;
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(unknown(db, issuer, client_id).await?),
            (Some(_), false) => Err(LoginError::PlatformAmbiguous { issuer }),
            (Some(platform), true) if platform.status == Status::Disabled => {
                Err(LoginError::PlatformDisabled { platform_id: platform.id })
            }
            (Some(platform), true) => Ok(platform),
        }
    }

    /// Begins the login: seals a state, and asks the platform to authenticate the person.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §5.1.1.2 ("Authentication request").
    pub fn begin(self, platform: &Platform, context: LoginContext<'_>) -> Result<Login, LoginError> {
        let LoginContext { redirect_uri, epoch, now, sealer, random } = context;
        let login_hint = self.login_hint.filter(|hint| !hint.is_empty()).ok_or(LoginError::Incomplete)?;
        let message_hint = self.lti_message_hint;
        let length = login_hint.len() + message_hint.as_ref().map_or(0, String::len);
        if length > MAX_HINT || self.target_link_uri.as_ref().is_some_and(|target| target.len() > MAX_ISSUER)
        {
            return Err(LoginError::Incomplete);
        }
        let secret = BrowserSecret(random.secret());
        let state = LoginState {
            nonce: random.letters_and_digits(32),
            platform_id: platform.id,
            target: self.target_link_uri.filter(|target| !target.is_empty()),
            deployment_id: self.lti_deployment_id.or(self.deployment_id).filter(|id| !id.is_empty()),
            issued: now,
            epoch,
            binding: hash(&secret.0),
            hints: (length <= MAX_KEPT_HINTS).then(|| (login_hint.clone(), message_hint.clone())),
            storage_target: self
                .lti_storage_target
                .filter(|name| (1..=MAX_STORAGE_TARGET).contains(&name.len())),
        };
        let sealed = state.seal(sealer, random);
        let mut redirect = platform.auth_url.clone();
        redirect
            .query_pairs_mut()
            .append_pair("scope", "openid")
            .append_pair("response_type", "id_token")
            .append_pair("response_mode", "form_post")
            .append_pair("prompt", "none")
            .append_pair("client_id", &platform.client_id)
            .append_pair("redirect_uri", redirect_uri.as_str())
            .append_pair("login_hint", &login_hint)
            .append_pair("state", &sealed)
            .append_pair("nonce", &state.nonce);
        if let Some(hint) = message_hint {
            redirect.query_pairs_mut().append_pair("lti_message_hint", &hint);
        }
        let storage_target = state.storage_target;
        Ok(Login { redirect, binding_name: binding_name(&sealed), secret, storage_target })
    }
}

/// Why nothing was found: nobody registered the platform, or it is registered under another client id.
async fn unknown(db: &Database, issuer: String, client_id: Option<String>) -> Result<LoginError, LoginError> {
    let named = issuer.clone();
    let others = db.look_up(move |connection| store::list_of_issuer(connection, &named)).await;
    Ok(match client_id {
        Some(client_id) if !others?.is_empty() => LoginError::ClientUnknown { issuer, client_id },
        client_id => LoginError::PlatformUnknown { issuer, client_id },
    })
}

fn find_registrations(
    connection: &mut DbConnection,
    issuer: &str,
    client_id: Option<&str>,
) -> Result<Vec<Platform>, LoginError> {
    Ok(match client_id {
        Some(client_id) => store::find(connection, issuer, client_id)?.into_iter().collect(),
        None => store::list_of_issuer(connection, issuer)?,
    })
}

impl Sealed for LoginState {
    type Format = Json;
    const PURPOSE: &'static str = "login state";
    /// How long a login may take: a person may have to sign in to the platform first.
    const TTL: Duration = Duration::from_secs(10 * 60);

    fn issued(&self) -> Timestamp {
        self.issued
    }
}

impl LoginState {
    /// Whether `secret` is the one that this login gave to its browser.
    pub fn is_bound_to(&self, secret: &BrowserSecret) -> bool {
        openssl::memcmp::eq(hash(&secret.0).as_bytes(), self.binding.as_bytes())
    }

    /// What a continuation of the launch must know of the login: all but what begins it anew.
    pub(super) fn without_hints(&self) -> Self {
        Self { hints: None, ..self.clone() }
    }

    /// This login once more, for a new window.
    ///
    /// Quirk: Moodle's hints work once, so there the way leads through the course.
    pub fn restart(&self, platform: &Platform, base_url: &Url) -> Option<Url> {
        let (login_hint, message_hint) = self.hints.as_ref()?;
        if platform.auth_url.path().ends_with("/mod/lti/auth.php") {
            return None;
        }
        let mut url = base_url.join("lti/login").ok()?;
        let mut query = url.query_pairs_mut();
        query.append_pair("iss", &platform.issuer).append_pair("client_id", &platform.client_id);
        query.append_pair("login_hint", login_hint);
        let rest = [
            ("target_link_uri", &self.target),
            ("lti_message_hint", message_hint),
            ("lti_deployment_id", &self.deployment_id),
        ];
        for (name, value) in rest {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        drop(query);
        Some(url)
    }
}

/// The name under which a browser keeps the secret of the login with this state: some of the random characters that
/// every sealed text begins with, after its version.
pub fn binding_name(sealed_state: &str) -> String {
    sealed_state.chars().skip(2).filter(char::is_ascii_alphanumeric).take(16).collect()
}

/// The key under which a browser's storage, or the platform's, keeps the secret of the login with this name.
pub fn storage_key(binding_name: &str) -> String {
    format!("lti_{binding_name}")
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
