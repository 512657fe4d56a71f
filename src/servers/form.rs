//! A server as an operator describes it, at the terminal or in a form.

use secrecy::SecretString;

use super::model::NewServer;
use crate::jitsi::kinds::{
    JAAS_ORIGIN, ServerKind, ServerKindError, TokenRules, TokenSigning, jaas, parse_origin,
};

/// What was entered; empty where nothing was.
#[derive(Clone, Debug, Default)]
pub struct ServerInput {
    /// The operator's name for it.
    pub name: String,
    /// How it is entered: `public`, `self-hosted` or `jaas`.
    pub kind: String,
    /// Host name or address.
    pub domain: String,
    /// Self-hosted: `iss` of tokens. JaaS: the AppID.
    pub app_id: String,
    /// Self-hosted: an accepted audience.
    pub audience: String,
    /// Self-hosted: `sub` of tokens; the host name unless given.
    pub subject: String,
    /// Self-hosted: whether the server fetches our public key, instead of sharing a secret.
    pub public_key: bool,
    /// JaaS: the API key's id.
    pub key_id: String,
    /// The shared secret, or the API key.
    pub secret: Option<SecretString>,
    /// Whether rooms without a server of their own use it.
    pub default: bool,
}

/// Why a description makes no server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerInputError {
    /// A value is missing.
    #[error("a server of this kind needs {0}")]
    Missing(ServerField),
    /// No kind has this name.
    #[error("{0} is no kind of server")]
    Kind(String),
    /// A value has the wrong form.
    #[error(transparent)]
    Form(#[from] ServerKindError),
    /// A secret is given for a server that fetches our public key.
    #[error("a server checks either a shared secret or our public key; keep one of the two")]
    TwoWays,
}

/// A value that a kind of server needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerField {
    /// Its name.
    Name,
    /// Its address.
    Domain,
    /// Its app id.
    AppId,
    /// The id of the API key.
    KeyId,
    /// The shared secret.
    Secret,
    /// The API key.
    Key,
}

impl ServerField {
    /// Its word in forms and texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Domain => "domain",
            Self::AppId => "app-id",
            Self::KeyId => "key-id",
            Self::Secret => "secret",
            Self::Key => "key",
        }
    }
}

impl std::fmt::Display for ServerField {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.word())
    }
}

impl ServerInput {
    /// The server that is meant; `keeps_secret` where it has one already, which stays when none is entered.
    pub fn read(self, keeps_secret: bool) -> Result<NewServer, ServerInputError> {
        let needed = |text: &str, field| {
            let text = text.trim();
            if text.is_empty() { Err(ServerInputError::Missing(field)) } else { Ok(text.to_owned()) }
        };
        let name = needed(&self.name, ServerField::Name)?;
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(255).collect();
        let secret_of = |field| match (&self.secret, keeps_secret) {
            (Some(secret), _) => Ok(Some(secret.clone())),
            (None, true) => Ok(None),
            (None, false) => Err(ServerInputError::Missing(field)),
        };
        let (url, kind, secret) = match self.kind.as_str() {
            "public" => {
                (parse_origin(&needed(&self.domain, ServerField::Domain)?)?, ServerKind::Public, None)
            }
            "self-hosted" => {
                let url = parse_origin(&needed(&self.domain, ServerField::Domain)?)?;
                let app_id = needed(&self.app_id, ServerField::AppId)?;
                let secret = match (self.public_key, &self.secret) {
                    (true, Some(_)) => return Err(ServerInputError::TwoWays),
                    (true, None) => None,
                    (false, _) => secret_of(ServerField::Secret)?,
                };
                let or = |text: &str, other: &str| {
                    if text.trim().is_empty() { other.to_owned() } else { text.trim().to_owned() }
                };
                let rules = TokenRules {
                    app_id,
                    audience: or(&self.audience, "jitsi"),
                    subject: or(&self.subject, url.host_str().unwrap_or("*")),
                    signing: if self.public_key { TokenSigning::PublicKey } else { TokenSigning::Secret },
                };
                (url, ServerKind::SelfHosted(rules), secret)
            }
            "jaas" => {
                let domain = if self.domain.trim().is_empty() { JAAS_ORIGIN } else { self.domain.trim() };
                let (app_id, kid) =
                    (needed(&self.app_id, ServerField::AppId)?, needed(&self.key_id, ServerField::KeyId)?);
                (parse_origin(domain)?, jaas(&app_id, &kid)?, secret_of(ServerField::Key)?)
            }
            other => return Err(ServerInputError::Kind(other.to_owned())),
        };
        Ok(NewServer { name, url, kind, secret, default: self.default })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(kind: &str) -> ServerInput {
        ServerInput {
            name: " Campus ".into(),
            kind: kind.into(),
            domain: "meet.example.org".into(),
            app_id: "campus".into(),
            secret: Some("the app_secret of this campus's Jitsi".into()),
            ..ServerInput::default()
        }
    }

    #[test]
    fn each_kind_asks_for_what_it_needs() {
        let mut jaas = input("jaas");
        jaas.app_id = "vpaas-magic-cookie-1".into();
        jaas.key_id = "vpaas-magic-cookie-1/abc".into();
        type Spoil = fn(&mut ServerInput);
        let rows: [(ServerInput, Spoil, ServerInputError); 8] = [
            (input("public"), |it| it.name = " ".into(), ServerInputError::Missing(ServerField::Name)),
            (input("public"), |it| it.domain.clear(), ServerInputError::Missing(ServerField::Domain)),
            (input("self-hosted"), |it| it.app_id.clear(), ServerInputError::Missing(ServerField::AppId)),
            (input("self-hosted"), |it| it.secret = None, ServerInputError::Missing(ServerField::Secret)),
            (input("self-hosted"), |it| it.public_key = true, ServerInputError::TwoWays),
            (jaas.clone(), |it| it.key_id.clear(), ServerInputError::Missing(ServerField::KeyId)),
            (jaas, |it| it.secret = None, ServerInputError::Missing(ServerField::Key)),
            (input("zoom"), |_| (), ServerInputError::Kind("zoom".into())),
        ];
        for (mut server, spoil, expected) in rows {
            spoil(&mut server);
            assert_eq!(server.read(false).err(), Some(expected));
        }
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let server = input("self-hosted").read(false).unwrap();
        assert_eq!(server.name, "Campus");
        let ServerKind::SelfHosted(rules) = server.kind else { panic!("another kind") };
        assert_eq!((rules.audience.as_str(), rules.subject.as_str()), ("jitsi", "meet.example.org"));
        let mut kept = input("self-hosted");
        kept.secret = None;
        assert!(kept.read(true).unwrap().secret.is_none());
    }
}
