//! The settings, section by section, as the rest of the program gets them.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::args::{AddressArgs, DataArgs, SettingsArgs};
use super::{AdminOidc, ConfigError, DatabaseUrl, ToolDescription, is_loopback, names};

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
}
