//! Where administrators sign in, and which of those who can sign in there are administrators.

use secrecy::SecretString;
use url::Url;

use super::ConfigError;
use crate::outbound::{NetworkPolicy, check_url};

/// An OpenID provider, and whom of its people we let in.
#[derive(Clone, Debug)]
pub struct AdminOidc {
    /// The provider's issuer, exactly as it writes it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our secret there; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Who may come in: one of these is enough.
    pub entitled: Vec<Entitlement>,
    /// Where its URLs may lead.
    pub policy: NetworkPolicy,
}

/// What makes somebody an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// An e-mail address that the provider has verified.
    Email(String),
    /// A claim with this value, or with a list that holds it.
    Claim {
        /// The claim's name; or, where no claim is called so, the way to it, separated by dots.
        name: String,
        /// The value.
        value: String,
    },
}

impl AdminOidc {
    /// Returns where a request to `url` may lead: into a private network only to the host of the issuer that was entered.
    pub fn policy_of(&self, url: &Url) -> NetworkPolicy {
        let place = |url: &Url| Some((url.host_str()?.to_owned(), url.port_or_known_default()));
        let entered = Url::parse(&self.issuer).ok().and_then(|issuer| place(&issuer));
        if entered.is_some() && entered == place(url) { self.policy } else { NetworkPolicy::Public }
    }

    /// The sign-in that the settings describe; `None` where there is none.
    ///
    /// Errors: [`ConfigError::AdminOidc`] for half a description, and for one that lets nobody in.
    pub fn read(
        issuer: Option<&str>,
        client_id: Option<&str>,
        client_secret: Option<SecretString>,
        emails: &[String],
        claims: &[String],
        policy: NetworkPolicy,
    ) -> Result<Option<Self>, ConfigError> {
        let wrong = |setting, problem| ConfigError::AdminOidc { setting, problem };
        let given =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let entitled = entitlements(emails, claims)?;
        let (issuer, client_id) = match (given(issuer), given(client_id)) {
            (Some(issuer), Some(client_id)) => (issuer, client_id),
            (Some(_), None) => return Err(wrong("CLIENT_ID", "is missing: the issuer alone is not enough")),
            (None, Some(_)) => return Err(wrong("ISSUER", "is missing: the client ID alone is not enough")),
            (None, None) if !entitled.is_empty() || client_secret.is_some() => {
                return Err(wrong("ISSUER", "is missing, though other settings of the sign-in are there"));
            }
            (None, None) => return Ok(None),
        };
        let address = Url::parse(&issuer).map_err(|_: url::ParseError| wrong("ISSUER", "is no address"))?;
        check_url(&address, policy).map_err(|_: crate::outbound::OutboundError| {
            wrong("ISSUER", "must begin with https://, and be public unless _PRIVATE_NETWORK is set")
        })?;
        if entitled.is_empty() {
            return Err(wrong("EMAILS", "and _CLAIMS are both missing: nobody could come in"));
        }
        Ok(Some(Self { issuer, client_id, client_secret, entitled, policy }))
    }
}

fn entitlements(emails: &[String], claims: &[String]) -> Result<Vec<Entitlement>, ConfigError> {
    let given = |texts: &[String]| -> Vec<String> {
        let texts = texts.iter().map(|text| text.trim().to_owned());
        texts.filter(|text| !text.is_empty()).collect()
    };
    let email = |text: String| match text.split_once('@') {
        Some((_, domain)) if !domain.is_empty() && !text.contains('*') => Ok(Entitlement::Email(text)),
        _ => Err(ConfigError::AdminOidc { setting: "EMAILS", problem: "must hold whole addresses" }),
    };
    let claim = |text: String| match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok(Entitlement::Claim { name: name.trim().to_owned(), value: value.trim().to_owned() })
        }
        _ => Err(ConfigError::AdminOidc { setting: "CLAIMS", problem: "must hold NAME=VALUE" }),
    };
    given(emails).into_iter().map(email).chain(given(claims).into_iter().map(claim)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        issuer: &str,
        client_id: &str,
        emails: &str,
        claims: &str,
    ) -> Result<Option<AdminOidc>, ConfigError> {
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        AdminOidc::read(
            Some(issuer),
            Some(client_id),
            None,
            &list(emails),
            &list(claims),
            NetworkPolicy::Public,
        )
    }

    #[test]
    fn a_sign_in_is_described_as_a_whole_or_not_at_all() {
        assert!(read("", "", "", "").unwrap().is_none());
        let described =
            read("https://id.example", "class", " ada@example.org ,", "groups=a=b").unwrap().unwrap();
        let expected = [
            Entitlement::Email("ada@example.org".into()),
            Entitlement::Claim { name: "groups".into(), value: "a=b".into() },
        ];
        assert_eq!(described.entitled, expected);
        for (issuer, client_id, emails, claims, says) in [
            ("https://id.example", "", "a@b", "", "_CLIENT_ID is missing"),
            ("", "class", "a@b", "", "_ISSUER is missing"),
            ("", "", "a@b", "", "_ISSUER is missing"),
            ("id.example", "class", "a@b", "", "_ISSUER is no address"),
            ("http://id.example", "class", "a@b", "", "_ISSUER must begin with https"),
            ("https://10.0.0.1", "class", "a@b", "", "_ISSUER must begin with https"),
            ("https://id.example", "class", "", "", "nobody could come in"),
            ("https://id.example", "class", "*@example.org", "", "_EMAILS must hold"),
            ("https://id.example", "class", "example.org", "", "_EMAILS must hold"),
            ("https://id.example", "class", "", "groups", "_CLAIMS must hold"),
            ("https://id.example", "class", "", "=admins", "_CLAIMS must hold"),
        ] {
            let error = read(issuer, client_id, emails, claims).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
