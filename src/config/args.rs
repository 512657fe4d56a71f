//! The documented list of settings: every flag with its environment variable.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{AdminOidc, ConfigError, DEFAULT_MAX_CONNECTIONS, names};
use crate::outbound::NetworkPolicy;

/// Settings that every command shares, by the headings of the help.
///
/// Quirk: a secret may come as `NAME` or, so that it stays out of process lists, as `NAME_FILE`.
#[derive(clap::Args, Clone, Debug)]
pub struct SettingsArgs {
    #[command(flatten)]
    pub(super) addresses: AddressArgs,
    #[command(flatten)]
    pub(super) sign_in: SignInArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
    #[command(flatten)]
    pub(super) other: OtherArgs,
}

impl SettingsArgs {
    /// Returns what the log shows.
    pub fn log(&self) -> &str {
        &self.other.log
    }
}

/// Where the tool is, and who reaches it.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Addresses")]
pub(super) struct AddressArgs {
    /// Public address of this tool, as browsers reach it [default: http://localhost, at the port of --listen]
    #[arg(long, env = names::BASE_URL, value_parser = web_address, global = true)]
    pub(super) base_url: Option<Url>,
    /// Address of the administrator's pages, where they shall have a host of their own
    #[arg(long, env = names::ADMIN_URL, value_parser = web_address, global = true)]
    pub(super) admin_url: Option<Url>,
    /// Address and port to listen on
    #[arg(long, env = "JITSI_LTI_LISTEN", default_value = "127.0.0.1:8080", value_parser = listening_address, global = true)]
    pub(super) listen: SocketAddr,
    /// Addresses of proxies whose X-Forwarded headers are believed, separated by commas
    #[arg(long, env = "JITSI_LTI_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub(super) trusted_proxies: Vec<IpAddr>,
    /// Connections that are open at a time; the one that waits longest makes room for one more
    #[arg(long, env = "JITSI_LTI_MAX_CONNECTIONS", default_value_t = DEFAULT_MAX_CONNECTIONS, value_parser = clap::value_parser!(u16).range(16..), global = true)]
    pub(super) max_connections: u16,
}

/// Where administrators sign in.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Administrators' sign-in (OpenID Connect)")]
pub(super) struct SignInArgs {
    /// Issuer of the OpenID provider where administrators sign in, exactly as it calls itself
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_ISSUER", global = true)]
    pub(super) admin_oidc_issuer: Option<String>,
    /// Our client ID at that provider
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_CLIENT_ID", global = true)]
    pub(super) admin_oidc_client_id: Option<String>,
    /// Our secret at that provider, where it gives one
    #[arg(long, env = names::ADMIN_OIDC_CLIENT_SECRET, hide_env_values = true, global = true)]
    pub(super) admin_oidc_client_secret: Option<String>,
    /// File that holds that secret
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_CLIENT_SECRET_FILE", global = true)]
    pub(super) admin_oidc_client_secret_file: Option<PathBuf>,
    /// Verified e-mail addresses of those who may administer, separated by commas
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_EMAILS", value_delimiter = ',', global = true)]
    pub(super) admin_oidc_emails: Vec<String>,
    /// Claims that let somebody administer, NAME=VALUE separated by commas: one of them is enough
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_CLAIMS", value_delimiter = ',', global = true)]
    pub(super) admin_oidc_claims: Vec<String>,
    /// The provider may be in a private network
    #[arg(long, env = "JITSI_LTI_ADMIN_OIDC_PRIVATE_NETWORK", value_parser = clap::builder::BoolishValueParser::new(), default_value_t = false, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub(super) admin_oidc_private_network: bool,
}

/// Where data lives.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Data")]
pub(super) struct DataArgs {
    /// sqlite://PATH or postgres://…; without it a file in the data folder
    #[arg(long, env = names::DATABASE_URL, hide_env_values = true, global = true)]
    pub(super) database_url: Option<String>,
    /// File that holds the database URL
    #[arg(long, env = "JITSI_LTI_DATABASE_URL_FILE", global = true)]
    pub(super) database_url_file: Option<PathBuf>,
    /// Folder of the embedded database and of added languages
    #[arg(long, env = names::DATA_DIR, default_value = "data", global = true)]
    pub(super) data_dir: PathBuf,
    /// redis://… when several processes serve together
    #[arg(long, env = names::REDIS_URL, hide_env_values = true, global = true)]
    pub(super) redis_url: Option<String>,
    /// File that holds the Redis URL
    #[arg(long, env = "JITSI_LTI_REDIS_URL_FILE", global = true)]
    pub(super) redis_url_file: Option<PathBuf>,
}

/// Keys and secrets of the installation.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Keys")]
pub(super) struct KeyArgs {
    /// Folder of the sealing secret, and of keys that you bring (PEM)
    #[arg(long, env = "JITSI_LTI_KEYS_DIR", default_value = "keys", global = true)]
    pub(super) keys_dir: PathBuf,
    /// Sealing secret, VERSION:KEY separated by commas; without it the file `secret` in the keys folder
    #[arg(long, env = names::SECRET_KEY, hide_env_values = true, global = true)]
    pub(super) secret_key: Option<String>,
    /// File that holds the sealing secret
    #[arg(long, env = "JITSI_LTI_SECRET_KEY_FILE", global = true)]
    pub(super) secret_key_file: Option<PathBuf>,
    /// Days that a key signs before the next one takes over; 0 for no schedule
    #[arg(long, env = "JITSI_LTI_KEY_ROTATION_DAYS", default_value_t = 90, value_parser = rotation_days, global = true)]
    pub(super) key_rotation_days: u32,
}

/// The rest.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Log and description")]
pub(super) struct OtherArgs {
    /// What the log shows: error, warn, info, debug, or targets such as jitsi_lti=debug
    #[arg(long, env = names::LOG, default_value = "info", global = true)]
    pub(super) log: String,
    /// File that describes the tool; without it lti-config.json here, else the built-in one
    #[arg(long, env = "JITSI_LTI_LTI_CONFIG", global = true)]
    pub(super) lti_config: Option<PathBuf>,
}

impl DataArgs {
    /// Returns the database URL, from its flag, its variable or its file.
    pub(super) fn database_url(&self) -> Result<Option<SecretString>, ConfigError> {
        secret(names::DATABASE_URL, self.database_url.as_deref(), self.database_url_file.as_deref())
    }

    /// Returns the Redis URL, likewise.
    pub(super) fn redis_url(&self) -> Result<Option<SecretString>, ConfigError> {
        secret(names::REDIS_URL, self.redis_url.as_deref(), self.redis_url_file.as_deref())
    }
}

impl SignInArgs {
    /// Returns where administrators sign in, when that is set.
    pub(super) fn admin_oidc(&self) -> Result<Option<AdminOidc>, ConfigError> {
        let client_secret = secret(
            names::ADMIN_OIDC_CLIENT_SECRET,
            self.admin_oidc_client_secret.as_deref(),
            self.admin_oidc_client_secret_file.as_deref(),
        )?;
        AdminOidc::read(
            self.admin_oidc_issuer.as_deref(),
            self.admin_oidc_client_id.as_deref(),
            client_secret,
            &self.admin_oidc_emails,
            &self.admin_oidc_claims,
            NetworkPolicy::allowing_private(self.admin_oidc_private_network),
        )
    }
}

impl KeyArgs {
    /// Returns the sealing secret, from its flag, its variable or its file.
    pub(super) fn secret_key(&self) -> Result<Option<SecretString>, ConfigError> {
        secret(names::SECRET_KEY, self.secret_key.as_deref(), self.secret_key_file.as_deref())
    }

    /// Returns how long a key signs; `None` without a schedule.
    pub(super) fn rotation(&self) -> Option<Duration> {
        let days = u64::from(self.key_rotation_days);
        (days > 0).then(|| Duration::from_secs(days * 24 * 60 * 60))
    }
}

/// An address as browsers know it.
fn web_address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("write the whole address, such as https://class.example.org".to_owned()),
    }
}

fn listening_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_: std::net::AddrParseError| {
        "write an IP address and a port, such as 127.0.0.1:8080, or 0.0.0.0:8080 for all".to_owned()
    })
}

/// Nothing, or days enough for the notice before and after.
fn rotation_days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days) if days == 0 || (7..=3650).contains(&days) => Ok(days),
        _ => Err("write 0, or a number of days between 7 and 3650".to_owned()),
    }
}

fn secret(
    name: &'static str,
    value: Option<&str>,
    file: Option<&Path>,
) -> Result<Option<SecretString>, ConfigError> {
    match (value, file) {
        (Some(_), Some(_)) => Err(ConfigError::SetTwice(name)),
        (Some(value), None) => Ok(Some(SecretString::from(value))),
        (None, None) => Ok(None),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(SecretString::from(text.trim()))),
            Err(source) => Err(ConfigError::UnreadableFile { name, path: path.to_owned(), source }),
        },
    }
}
