//! The kinds of Jitsi server, a file for each: what is entered about it, and how its tokens differ.

mod input;
mod jaas;
mod public;
mod self_hosted;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

pub use self::input::{KindInput, ServerField, ServerInputError, needed, parse_origin};
pub use self::jaas::JaasAccount;
pub use self::self_hosted::{TokenRules, TokenSigning};
use super::token::Participant;
use crate::clock::Timestamp;

/// How people enter a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ServerKind {
    /// Without a token.
    Public,
    /// With a token that a server of one's own checks.
    SelfHosted(TokenRules),
    /// With a token of 8x8 Jitsi as a Service.
    Jaas(JaasAccount),
}

/// What signs the room tokens of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSigner<'a> {
    /// Nothing: there are none.
    Nothing,
    /// Our own key, which the server fetches.
    OurKey,
    /// The secret that both sides hold.
    SharedSecret,
    /// The API key with this id.
    ApiKey(&'a str),
}

impl ServerKind {
    /// Reads what was entered about a server of the kind that `word` names: its origin and its kind.
    ///
    /// Errors: a value is missing or cannot be right.
    pub fn read(word: &str, input: &KindInput<'_>) -> Result<(Url, Self), ServerInputError> {
        match word {
            "public" => public::read(input).map(|url| (url, Self::Public)),
            "self-hosted" => self_hosted::read(input).map(|(url, rules)| (url, Self::SelfHosted(rules))),
            "jaas" => jaas::read(input).map(|(url, account)| (url, Self::Jaas(account))),
            other => Err(ServerInputError::Kind(other.to_owned())),
        }
    }

    /// Returns the kind's word in lists, in forms and in the database.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SelfHosted(_) => "self-hosted",
            Self::Jaas(_) => "jaas",
        }
    }

    /// Whether people enter with a token.
    pub fn takes_tokens(&self) -> bool {
        self.signer() != TokenSigner::Nothing
    }

    /// Whether an old server of this kind may read the token in the address's query alone.
    pub fn may_be_outdated(&self) -> bool {
        matches!(self, Self::SelfHosted(_))
    }

    /// Whether its logins can be tried from outside.
    pub fn has_open_logins(&self) -> bool {
        !matches!(self, Self::Jaas(_))
    }

    /// Returns what signs its room tokens.
    pub fn signer(&self) -> TokenSigner<'_> {
        match self {
            Self::Public => TokenSigner::Nothing,
            Self::SelfHosted(rules) => match rules.signing {
                TokenSigning::Secret => TokenSigner::SharedSecret,
                TokenSigning::PublicKey => TokenSigner::OurKey,
            },
            Self::Jaas(account) => TokenSigner::ApiKey(&account.kid),
        }
    }

    /// Returns where something of the server is below its origin: a room, or a file of the web client.
    pub fn path(&self, name: &str) -> String {
        match self {
            Self::Public | Self::SelfHosted(_) => name.to_owned(),
            Self::Jaas(account) => format!("{}/{name}", account.app_id),
        }
    }

    /// Returns the claims of a room token; `None` where people enter without one.
    pub fn claims(&self, participant: &Participant, now: Timestamp) -> Option<Value> {
        match self {
            Self::Public => None,
            Self::SelfHosted(rules) => Some(self_hosted::claims(rules, participant, now)),
            Self::Jaas(account) => Some(jaas::claims(account, participant, now)),
        }
    }
}

impl TokenSigner<'_> {
    /// Returns what the operator has to enter for it.
    pub fn field(self) -> Option<ServerField> {
        match self {
            Self::Nothing | Self::OurKey => None,
            Self::SharedSecret => Some(ServerField::Secret),
            Self::ApiKey(_) => Some(ServerField::Key),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_is_stored_under_its_word() {
        let input = KindInput {
            domain: "meet.example.org",
            app_id: "vpaas-magic-cookie-1",
            key_id: "vpaas-magic-cookie-1/abc",
            ..KindInput::default()
        };
        for word in ["public", "self-hosted", "jaas"] {
            let (_, kind) = ServerKind::read(word, &input).unwrap();
            let stored = serde_json::to_value(&kind).unwrap();
            assert_eq!((kind.word(), &stored["kind"]), (word, &json!(word)));
            assert_eq!(serde_json::from_value::<ServerKind>(stored).unwrap(), kind);
        }
        let stored = json!({ "kind": "jaas", "app_id": "a", "kid": "a/b" });
        let account = JaasAccount { app_id: "a".to_owned(), kid: "a/b".to_owned() };
        assert_eq!(serde_json::from_value::<ServerKind>(stored).unwrap(), ServerKind::Jaas(account));
    }
}
