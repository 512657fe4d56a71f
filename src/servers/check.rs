//! Tries a server out, as an operator asks for: what its kind needs, with tokens of its own.

use url::Url;

use super::{Server, ServerError, SignerCache};
use crate::clock::Timestamp;
use crate::ids::{Random, jitsi_room};
use crate::jitsi::probe::{Finding, ProbeTarget, ProbeTokens, ServerProbe, with_wrong_signature};
use crate::jitsi::room_token::Entrance;
use crate::outbound::{Outbound, Reach};
use crate::sealing::Sealer;
use crate::signing::KeyRing;

/// What trying a server out needs.
pub struct Bench<'a> {
    /// Asks the server.
    pub outbound: &'a Outbound,
    /// The servers' signers.
    pub signers: &'a SignerCache,
    /// Opens the server's secret.
    pub sealer: &'a Sealer,
    /// Our keys.
    pub keys: &'a KeyRing,
    /// Our own address.
    pub base_url: &'a Url,
    /// The source of randomness.
    pub random: &'a Random,
    /// The present moment.
    pub now: Timestamp,
}

impl Bench<'_> {
    /// What is right and what is wrong with `server`.
    ///
    /// Errors: the server's secret cannot sign.
    pub async fn check(&self, server: &Server) -> Result<Vec<Finding>, ServerError> {
        let room = jitsi_room(self.random);
        let learner = self.token(server, &room, false)?;
        let tokens = ProbeTokens {
            other_room: jitsi_room(self.random),
            teacher: self.token(server, &room, true)?,
            wrong: learner.as_deref().map(with_wrong_signature),
            learner,
            room,
        };
        let target = ProbeTarget {
            outbound: self.outbound,
            kind: &server.kind,
            origin: &server.url,
            reach: Reach::Private,
            tool: self.base_url,
        };
        Ok(ServerProbe::new(target, self.now).run(&tokens).await)
    }

    fn token(&self, server: &Server, room: &str, moderator: bool) -> Result<Option<String>, ServerError> {
        let entrance = Entrance {
            room: room.to_owned(),
            user_id: format!("server-test-{moderator}"),
            name: "Server test".to_owned(),
            avatar: None,
            moderator,
            ends: None,
            group: "server-test".to_owned(),
        };
        self.signers.room_token(server, &entrance, (self.sealer, self.keys), self.now)
    }
}
