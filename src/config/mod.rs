//! Settings: read once from flags and the environment, checked, and handed on as typed values.

mod admin_oidc;
mod args;
mod environment;
pub mod names;
mod settings;
mod tool_description;

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub use self::admin_oidc::{AdminOidc, Entitlement};
pub use self::args::SettingsArgs;
pub use self::environment::refuse_unknown_names;
pub use self::settings::{Addresses, Config, DataPlaces, KeySettings};
pub use self::tool_description::{PlatformEntry, ToolDescription};

/// Connections at a time, unless set otherwise: each may hold a head of 128 KiB.
pub const DEFAULT_MAX_CONNECTIONS: u16 = 384;

/// Why the settings cannot be used: one sentence for the person who starts the program.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An environment variable of ours that nobody reads.
    #[error("{name} is not a setting of this program{}", nearest.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
    UnknownName {
        /// The name as found.
        name: String,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// A `*_FILE` setting whose file cannot be read.
    #[error("{name} names {}, which cannot be read: {source}", path.display())]
    UnreadableFile {
        /// The setting.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Both forms of one secret.
    #[error("{0} and {0}_FILE are both set; keep one")]
    SetTwice(&'static str),
    /// An address of ours that browsers would refuse.
    #[error("{setting} is {url}: use https, or http only with localhost or a loopback address, and no path")]
    BaseUrl {
        /// The setting.
        setting: &'static str,
        /// Its value.
        url: Url,
    },
    /// The settings of the administrators' sign-in, of which one is missing or cannot be used.
    #[error("JITSI_LTI_ADMIN_OIDC_{setting} {problem}")]
    AdminOidc {
        /// The end of the setting's name.
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A database URL of another kind.
    #[error("{setting} must begin with sqlite:// or postgres://", setting = names::DATABASE_URL)]
    DatabaseUrl,
    /// The folder of the database does not exist. None is made at an address that may be mistyped.
    #[error("{} for the database does not exist: make that folder, or correct {setting}", folder.display())]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
        /// The setting that names it.
        setting: &'static str,
    },
    /// A Redis URL of another kind.
    #[error("{setting} cannot be used: {0}; write it as redis://HOST:6379", setting = names::REDIS_URL)]
    RedisUrl(String),
    /// `lti-config.json` cannot be used.
    #[error("{origin} cannot be used: {reason}")]
    ToolDescription {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Where the lasting data lives.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file, opened in WAL mode by one process at a time.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the URL may hold a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// Reads `sqlite://PATH` or `postgres://…`.
    ///
    /// Errors: [`ConfigError::DatabaseUrl`] for any other scheme.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(SecretString::from(text)));
        }
        Err(ConfigError::DatabaseUrl)
    }
}

/// Whether `url` points at this machine itself, where plain http is as safe as https.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The URL of a server for messages: without password and query, which may hold one.
pub fn without_password(url: &SecretString) -> String {
    match Url::parse(url.expose_secret()) {
        Ok(mut url) => {
            let _ = url.set_password(None);
            url.set_query(None);
            url.into()
        }
        Err(_) => "that address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_urls_have_two_kinds() {
        assert!(
            matches!(DatabaseUrl::parse("sqlite:///var/lib/x.db"), Ok(DatabaseUrl::Sqlite(path)) if path == std::path::Path::new("/var/lib/x.db"))
        );
        assert!(matches!(DatabaseUrl::parse("postgres://u:p@h/d"), Ok(DatabaseUrl::Postgres(_))));
        assert!(DatabaseUrl::parse("mysql://h/d").is_err());
    }
}
