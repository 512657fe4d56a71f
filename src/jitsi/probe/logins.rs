//! Whether a server lets in exactly those with a right token.

use super::bosh::{Place, Session, SessionError};
use super::finding::Finding;
use super::hosts::Hosts;
use super::{ProbeTokens, ServerProbe};

impl ServerProbe<'_> {
    /// Tries a right token, one with a wrong signature, and none.
    ///
    /// A refusal counts as a refusal of the token only where the server has let in the right one: a server that refuses
    /// everybody proves nothing.
    pub(super) async fn logins(&self, hosts: &Hosts, tokens: &ProbeTokens) -> Vec<Finding> {
        let nobody = self.login(&hosts.domain, &tokens.room, None).await;
        let Some(learner) = &tokens.learner else { return vec![without_token(nobody, hosts)] };
        if let Err(error @ (SessionError::DomainUnknown | SessionError::LoginNotOffered)) = &nobody {
            return vec![unclear(error, hosts)];
        }
        let right = self.login(&hosts.domain, &tokens.room, Some(learner)).await;
        let mut findings = vec![match &right {
            Ok(()) => Finding::good("right-token"),
            Err(SessionError::Refused(words)) => self.refused(words),
            Err(SessionError::NoAnswer) => Finding::bad("login-silent", ""),
            Err(other) => unclear(other, hosts),
        }];
        let lets_right_in = right.is_ok();
        if let (Some(wrong), false) = (&tokens.wrong, matches!(right, Err(SessionError::NoAnswer))) {
            match self.login(&hosts.domain, &tokens.room, Some(wrong)).await {
                Ok(()) => findings.push(Finding::bad("wrong-token-accepted", "")),
                Err(SessionError::Refused(_)) if lets_right_in => findings.push(Finding::good("wrong-token")),
                Err(other) if lets_right_in => {
                    findings.push(Finding::notice("wrong-token-unclear", words_of(&other)));
                }
                Err(_) => {}
            }
        }
        match nobody {
            Ok(()) => findings.push(Finding::bad("no-token-accepted", "")),
            Err(SessionError::Refused(_)) if lets_right_in => findings.push(Finding::good("no-token")),
            Err(other) if lets_right_in => {
                findings.push(Finding::notice("no-token-unclear", words_of(&other)))
            }
            Err(_) => {}
        }
        if let Some(guests) = &hosts.guests
            && self.login(guests, &tokens.room, None).await.is_ok()
        {
            findings.push(Finding::notice("guests", guests.as_str()));
        }
        findings
    }

    /// What is to be mended where the right token is refused: the server's words tell.
    fn refused(&self, words: &str) -> Finding {
        let says = |part: &str| words.contains(part);
        if says("could not obtain public key") {
            return Finding::bad("key-not-fetched", words).with_value(self.values.key_server.clone());
        }
        if says("alg") || says("'kid'") || says("verification key is missing") {
            let algorithm = if self.values.fetches_key { "RS256" } else { "HS256" };
            return Finding::bad("algorithm-refused", words).with_value(algorithm);
        }
        if says("Invalid signature") {
            return Finding::bad("signature-refused", words);
        }
        if says("'iss'") {
            return Finding::bad("issuer-refused", words).with_value(self.values.app_id.clone());
        }
        if says("'aud'") {
            return Finding::bad("audience-refused", words).with_value(self.values.audience.clone());
        }
        match words {
            _ if says("nbf") => Finding::bad("clock-behind", words),
            _ if says("exp") => Finding::bad("clock-ahead", words),
            "token required" => Finding::bad("token-lost", words),
            _ => Finding::bad("right-token-refused", words),
        }
    }

    async fn login(&self, domain: &str, room: &str, token: Option<&str>) -> Result<(), SessionError> {
        let session = Session::begin(self.place(domain), room, token).await?;
        session.end().await;
        Ok(())
    }

    pub(super) fn place<'b>(&'b self, domain: &'b str) -> Place<'b> {
        Place { outbound: self.outbound, origin: self.origin, reach: self.reach, domain }
    }
}

/// What a server does that is entered without a token.
fn without_token(open: Result<(), SessionError>, hosts: &Hosts) -> Finding {
    match open {
        Ok(()) => Finding::notice("open", ""),
        Err(SessionError::Refused(words)) => Finding::bad("token-needed", words),
        Err(SessionError::LoginNotOffered) => Finding::bad("token-needed", ""),
        Err(other) => unclear(&other, hosts),
    }
}

fn domain_unknown(hosts: &Hosts) -> Finding {
    let seen = if hosts.is_told { "config.js" } else { "config.js names no hosts.domain" };
    Finding::bad("domain-unknown", format!("{} ({seen})", hosts.domain)).with_value(hosts.domain.clone())
}

fn unclear(error: &SessionError, hosts: &Hosts) -> Finding {
    match error {
        SessionError::DomainUnknown => domain_unknown(hosts),
        SessionError::LoginNotOffered => Finding::bad("login-not-offered", hosts.domain.as_str()),
        SessionError::NoAnswer => Finding::bad("login-silent", ""),
        SessionError::Refused(words) | SessionError::Unclear(words) => {
            Finding::bad("login-impossible", words.as_str())
        }
    }
}

/// The words of a session that did not come about.
pub(super) fn words_of(error: &SessionError) -> String {
    match error {
        SessionError::Refused(words) | SessionError::Unclear(words) => words.clone(),
        SessionError::NoAnswer => "no answer".to_owned(),
        SessionError::DomainUnknown => "the XMPP domain isn't known".to_owned(),
        SessionError::LoginNotOffered => "no login is offered".to_owned(),
    }
}
