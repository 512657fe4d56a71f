//! Settings: read once from flags and the environment, checked, and handed on as input values.

mod admin_oidc;
mod args;
mod environment;
pub mod names;
mod tool_description;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

pub use self::admin_oidc::{AdminOidc, Entitlement};
pub use self::args::SettingsArgs;
use self::args::{AddressArgs, DataArgs};
pub use self::environment::refuse_unknown_names;
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

/// Everything that `serve` and the other commands need to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the tool is, and who reaches it.
    pub addresses: Addresses,
    /// Where administrators sign in, beside one-time links.
    pub admin_oidc: Option<AdminOidc>,
    /// Where data lives.
    pub data: DataPlaces,
    /// Keys and secrets of the installation.
    pub keys: KeySettings,
    /// What the log shows: a level, or a list of targets and levels.
    pub log: String,
    /// How the tool presents itself to platforms, and platforms to provision at start.
    pub tool: ToolDescription,
}

/// Where the tool is, and who reaches it.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The tool's public address, without a path: what platforms and browsers use.
    pub base_url: Url,
    /// Address of the administrator's pages: the tool's own, or one with a host of their own.
    pub admin_url: Url,
    /// Where the HTTP server listens.
    pub listen: SocketAddr,
    /// Addresses of proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many connections are open at a time.
    pub max_connections: usize,
}

/// Where data lives.
#[derive(Clone, Debug)]
pub struct DataPlaces {
    /// The lasting data.
    pub database: DatabaseUrl,
    /// Folder of the embedded database, added languages and the lock of the running process.
    pub folder: PathBuf,
    /// Redis, when several processes share the short-lived state.
    pub redis_url: Option<SecretString>,
}

/// Keys and secrets of the installation.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// Folder of the sealing secret, and of keys that an operator brings.
    pub folder: PathBuf,
    /// How long a key signs; `None` where nobody wants a schedule.
    pub rotation: Option<Duration>,
    /// The sealing secret, when it does not come from the folder.
    pub secret: Option<SecretString>,
}

impl Config {
    /// The settings that `args` and the environment give.
    ///
    /// Errors: the first setting that cannot be used, as a sentence.
    pub fn load(args: &SettingsArgs) -> Result<Self, ConfigError> {
        let data = DataPlaces::load(&args.data)?;
        Ok(Self {
            addresses: Addresses::load(&args.addresses)?,
            admin_oidc: args.sign_in.admin_oidc()?,
            data,
            keys: KeySettings {
                folder: args.keys.keys_dir.clone(),
                rotation: args.keys.rotation(),
                secret: args.keys.secret_key()?,
            },
            log: args.log().to_owned(),
            tool: ToolDescription::load(args.other.lti_config.as_deref())?,
        })
    }
}

impl Addresses {
    fn load(args: &AddressArgs) -> Result<Self, ConfigError> {
        let base_url = args.base_url.clone().unwrap_or_else(|| local_address(args.listen));
        let base_url = checked_base_url(names::BASE_URL, base_url)?;
        let admin_url = args
            .admin_url
            .clone()
            .map_or(Ok(base_url.clone()), |url| checked_base_url(names::ADMIN_URL, url))?;
        Ok(Self {
            base_url,
            admin_url,
            listen: args.listen,
            trusted_proxies: args.trusted_proxies.clone(),
            max_connections: usize::from(args.max_connections),
        })
    }
}

impl DataPlaces {
    fn load(args: &DataArgs) -> Result<Self, ConfigError> {
        let database = match args.database_url()? {
            Some(url) => DatabaseUrl::parse(url.expose_secret())?,
            None => DatabaseUrl::Sqlite(args.data_dir.join("jitsi-lti.sqlite3")),
        };
        Ok(Self { database, folder: args.data_dir.clone(), redis_url: args.redis_url()? })
    }
}

/// The address that a browser on this machine opens, where nobody set another one.
///
/// Quirk: port 0 is any free one, which nobody knows yet.
#[expect(clippy::expect_used, reason = "a host name and a port are always an address")]
fn local_address(listen: SocketAddr) -> Url {
    let port = if listen.port() == 0 { 8080 } else { listen.port() };
    Url::parse(&format!("http://localhost:{port}")).expect("a host name and a port")
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

fn checked_base_url(setting: &'static str, url: Url) -> Result<Url, ConfigError> {
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if secure && bare { Ok(url) } else { Err(ConfigError::BaseUrl { setting, url }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_https_or_loopback_and_bare() {
        let accepted =
            ["https://class.example.org", "http://localhost:8080", "http://127.0.0.1:9", "http://[::1]:9"];
        let refused = [
            "http://class.example.org",
            "https://x.org/path",
            "ftp://x.org",
            "https://u@x.org",
            "https://x.org/?a=1",
        ];
        for text in accepted {
            assert!(checked_base_url("X", text.parse().unwrap()).is_ok(), "{text}");
        }
        for text in refused {
            assert!(checked_base_url("X", text.parse().unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn without_a_base_url_browsers_on_this_machine_find_what_listens() {
        for (listen, expected) in [
            ("127.0.0.1:8080", "http://localhost:8080/"),
            ("0.0.0.0:9000", "http://localhost:9000/"),
            ("[::1]:80", "http://localhost/"),
            ("127.0.0.1:0", "http://localhost:8080/"),
        ] {
            assert_eq!(local_address(listen.parse().unwrap()).as_str(), expected, "{listen}");
        }
    }

    #[test]
    fn database_urls_have_two_kinds() {
        assert!(
            matches!(DatabaseUrl::parse("sqlite:///var/lib/x.db"), Ok(DatabaseUrl::Sqlite(path)) if path == std::path::Path::new("/var/lib/x.db"))
        );
        assert!(matches!(DatabaseUrl::parse("postgres://u:p@h/d"), Ok(DatabaseUrl::Postgres(_))));
        assert!(DatabaseUrl::parse("mysql://h/d").is_err());
    }
}
