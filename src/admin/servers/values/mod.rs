//! The form of a server: for a new one at `/admin/servers`, for changes at `/admin/servers/{server}/values`.

pub mod web;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::jitsi::kinds::{ServerField, ServerInputError, ServerKind, TokenSigning};
use crate::servers::form::ServerInput;
use crate::servers::{NewServer, Server, ServerError};

/// What the form sends, and shows again; never the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerForm {
    #[serde(skip_serializing)]
    csrf: String,
    #[serde(skip_serializing)]
    seen: Option<i64>,
    name: String,
    kind: String,
    domain: String,
    app_id: String,
    audience: String,
    subject: String,
    public_key: Option<String>,
    key_id: String,
    #[serde(skip_serializing)]
    secret: String,
    #[serde(skip_serializing)]
    key: String,
}

impl ServerForm {
    /// Nothing entered yet.
    pub fn empty() -> Self {
        Self {
            csrf: String::new(),
            seen: None,
            name: String::new(),
            kind: "self-hosted".to_owned(),
            domain: String::new(),
            app_id: String::new(),
            audience: "jitsi".to_owned(),
            subject: String::new(),
            public_key: None,
            key_id: String::new(),
            secret: String::new(),
            key: String::new(),
        }
    }

    /// The values of a server.
    pub fn of(server: &Server) -> Self {
        let plain = Self {
            name: server.name.clone(),
            kind: server.kind.word().to_owned(),
            domain: server.url.to_string(),
            ..Self::empty()
        };
        match &server.kind {
            ServerKind::Public => plain,
            ServerKind::SelfHosted(rules) => Self {
                app_id: rules.app_id.clone(),
                audience: rules.audience.clone(),
                subject: rules.subject.clone(),
                public_key: (rules.signing == TokenSigning::PublicKey).then(|| "yes".to_owned()),
                ..plain
            },
            ServerKind::Jaas(account) => {
                Self { app_id: account.app_id.clone(), key_id: account.kid.clone(), ..plain }
            }
        }
    }

    fn input(&self) -> ServerInput {
        let secret = if self.kind == "jaas" { self.key.trim() } else { self.secret.trim() };
        ServerInput {
            name: self.name.clone(),
            kind: self.kind.clone(),
            domain: self.domain.trim().trim_end_matches('/').to_owned(),
            app_id: self.app_id.clone(),
            audience: self.audience.clone(),
            subject: self.subject.clone(),
            public_key: self.kind == "self-hosted" && self.public_key.is_some(),
            key_id: self.key_id.clone(),
            secret: (!secret.is_empty()).then(|| SecretString::from(secret)),
            default: false,
        }
    }

    /// The server that is meant, when its secret can sign; `known` where it is one that there is.
    ///
    /// Errors: the key of the words that say what is wrong.
    fn read(&self, known: Option<&Server>) -> Result<NewServer, &'static str> {
        let keeps =
            known.is_some_and(|server| server.credentials.is_some() && server.kind.word() == self.kind);
        let new = self.input().read(keeps).map_err(|error| problem(&error))?;
        if new.secret.is_some() || !keeps {
            new.check().map_err(|_: ServerError| "secret-unusable")?;
        }
        Ok(new)
    }
}

fn problem(error: &ServerInputError) -> &'static str {
    match error {
        ServerInputError::Missing(ServerField::Name) => "name-missing",
        ServerInputError::Missing(ServerField::Domain) => "domain-missing",
        ServerInputError::Missing(ServerField::AppId) => "app-id-missing",
        ServerInputError::Missing(ServerField::KeyId) => "key-id-missing",
        ServerInputError::Missing(ServerField::Secret) => "secret-missing",
        ServerInputError::Missing(ServerField::Key) => "key-missing",
        ServerInputError::Kind(_) => "kind-unknown",
        ServerInputError::Address(_) => "domain-wrong",
        ServerInputError::NotHttps(_) => "domain-not-https",
        ServerInputError::AppId => "app-id-wrong",
        ServerInputError::KeyId => "key-id-wrong",
        ServerInputError::TwoWays => "two-ways",
    }
}
