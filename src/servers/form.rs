//! A server as an operator describes it, at the terminal or in a form.

use secrecy::SecretString;

use super::model::NewServer;
use crate::jitsi::kinds::{KindInput, ServerField, ServerInputError, ServerKind, TokenSigner, needed};

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

impl ServerInput {
    /// Returns the server that is meant; `keeps_secret` where it has one already, which stays when none is entered.
    pub fn read(self, keeps_secret: bool) -> Result<NewServer, ServerInputError> {
        let name = needed(&self.name, ServerField::Name)?;
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(255).collect();
        let input = KindInput {
            domain: &self.domain,
            app_id: &self.app_id,
            audience: &self.audience,
            subject: &self.subject,
            public_key: self.public_key,
            key_id: &self.key_id,
        };
        let (url, kind) = ServerKind::read(&self.kind, &input)?;
        let secret = match (kind.signer(), kind.signer().field(), self.secret) {
            (TokenSigner::OurKey, _, Some(_)) => return Err(ServerInputError::TwoWays),
            (_, Some(field), None) if !keeps_secret => return Err(ServerInputError::Missing(field)),
            (_, Some(_), secret) => secret,
            (_, None, _) => None,
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
