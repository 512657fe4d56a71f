//! Tries a server out, as an operator asks for: what its kind needs, with tokens of its own.

use super::{Server, ServerError, SignerCache};
use crate::clock::Timestamp;
use crate::ids::{Random, jitsi_room};
use crate::jitsi::controls::Audiences;
use crate::jitsi::finding::{FindingCode, ServerFinding};
use crate::jitsi::probe::{ServerCheck, with_wrong_signature};
use crate::jitsi::token::Participant;
use crate::outbound::{NetworkPolicy, Outbound};
use crate::sealing::Sealer;
use crate::signing::KeyRing;

/// What trying a server out needs.
pub struct ServerProbe<'a> {
    /// Asks the server.
    pub outbound: &'a Outbound,
    /// The servers' signers.
    pub signers: &'a SignerCache,
    /// Opens the server's secret.
    pub sealer: &'a Sealer,
    /// Our keys.
    pub keys: &'a KeyRing,
    /// The source of randomness.
    pub random: &'a Random,
    /// The present moment.
    pub now: Timestamp,
}

impl ServerProbe<'_> {
    /// What is right and what is wrong with `server`.
    ///
    /// Errors: the server's secret cannot sign.
    pub async fn check(&self, server: &Server) -> Result<Vec<ServerFinding>, ServerError> {
        let room = jitsi_room(self.random);
        let participant = |moderator| Participant {
            room: room.clone(),
            user_id: format!("server-test-{moderator}"),
            name: "Server test".to_owned(),
            avatar: None,
            controls: Audiences::default().of(moderator),
            ends: None,
            group: "server-test".to_owned(),
        };
        let token_of = |moderator| {
            self.signers.room_token(server, &participant(moderator), self.sealer, self.keys, self.now)
        };
        let (token, teacher) = (token_of(false)?, token_of(true)?);
        let wrong = token.as_deref().map(with_wrong_signature);
        let check = ServerCheck {
            outbound: self.outbound,
            kind: &server.kind,
            origin: &server.url,
            policy: NetworkPolicy::Private,
        };
        let mut findings = check.script(self.now).await;
        if findings.iter().all(|finding| finding.code != FindingCode::Unreachable) {
            findings.extend(check.logins(&room, token.as_deref(), wrong.as_deref()).await);
        }
        let lets_in = findings.iter().any(|finding| finding.code == FindingCode::RightToken);
        if let (true, Some(learner), Some(teacher)) = (lets_in, &token, &teacher) {
            findings.extend(check.roles(&room, learner, teacher).await);
        }
        Ok(findings)
    }
}
