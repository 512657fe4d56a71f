//! Calls to a platform's services, with an access token and within bounds.

use std::sync::Arc;

use url::Url;

use super::access::Access;
use super::access_token::ServiceTokens;
use super::clock::{ClockNote, ClockOf, ServiceKind};
use super::failure::ServiceFailure;
use super::outcome::ScoreOutcome;
use crate::clock::{Clock, Timestamp};
use crate::ids::PlatformId;
use crate::outbound::{Outbound, Request, Response};

/// Of an answer that is asked for its time alone.
const MAX_CLOCK_ANSWER: usize = 256 * 1024;

/// The services of all platforms.
pub struct Services {
    outbound: Outbound,
    tokens: ServiceTokens,
    clock: Arc<dyn Clock>,
}

impl Services {
    /// Services that are asked through `outbound`.
    pub fn new(outbound: Outbound, tokens: ServiceTokens, clock: Arc<dyn Clock>) -> Self {
        Self { outbound, tokens, clock }
    }

    /// Returns the present by the clock of the gradebook that keeps `line_item`. One that was wrong some minutes ago is
    /// looked at first; where it cannot be seen, ours counts.
    pub async fn gradebook_time(&self, access: &Access, line_item: &Url) -> Timestamp {
        let clock = ClockOf::new(access.platform.id, line_item, ServiceKind::Gradebook);
        let clocks = self.tokens.clocks();
        if clocks.is_stale(&clock, self.clock.now()) {
            clocks.forget(&clock);
            let asked = self.clock.now();
            // Any answer tells the time, a refusal too: no access token is needed.
            let request = Request::get(line_item);
            if let Ok(answer) = self.outbound.ask(&request, access.platform.policy, MAX_CLOCK_ANSWER).await {
                clocks.note(&clock, &answer, asked, self.clock.now());
            }
        }
        clocks.time(&clock, self.clock.now())
    }

    /// Forgets what the clocks of a platform's services showed.
    pub fn forget_clocks(&self, platform: PlatformId) {
        self.tokens.clocks().forget_platform(platform);
    }

    /// Returns what operators were not told yet of the clocks that a call to `url` goes by.
    pub fn take_clock_news(&self, access: &Access, url: &Url) -> Vec<ClockNote> {
        let platform = &access.platform;
        let clocks = [
            ClockOf::new(platform.id, &platform.token_url, ServiceKind::Token),
            ClockOf::new(platform.id, url, ServiceKind::Gradebook),
        ];
        clocks.iter().filter_map(|clock| self.tokens.clocks().take_news(clock)).collect()
    }

    /// Asks for a fresh access token, and throws it away.
    pub async fn try_token(&self, access: &Access) -> Result<(), ServiceFailure> {
        let kept = self.tokens.token(access).await?;
        self.tokens.forget(access, &kept);
        self.tokens.token(access).await.map(drop)
    }

    /// Sends a request, and returns its good answer.
    ///
    /// Errors: no answer, no access token, or an answer that is an error in the platform's dialect.
    pub async fn call(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let family = access.family(request.url());
        let answer = self.exchange(access, request, limit).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(ServiceFailure::of_answer(family, &answer))
    }

    /// Sends a request, and returns whatever is answered; an access token that is not good any more is renewed once.
    ///
    /// Errors: no answer, or no access token. What the answer says is the caller's matter.
    pub async fn exchange(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let family = access.family(request.url());
        let token = self.tokens.token(access).await?;
        let answer = self.attempt(access, &request, &token, limit).await?;
        match family.outcome(&answer) {
            ScoreOutcome::TokenRefused => {
                self.tokens.forget(access, &token);
                let fresh: Arc<str> = self.tokens.token(access).await?;
                self.attempt(access, &request, &fresh, limit).await
            }
            // What the token may do is decided when it is given: the next try asks for one that may more.
            ScoreOutcome::NotAllowed => {
                self.tokens.forget(access, &token);
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }

    async fn attempt(
        &self,
        access: &Access,
        request: &Request<'_>,
        token: &str,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let asked = self.clock.now();
        let policy = access.platform.policy_of(request.url());
        let answer = self.outbound.ask(&request.clone().with_token(token), policy, limit).await?;
        // Nothing goes by the clocks of other services.
        if access.scopes.iter().all(|scope| scope.contains("/lti-ags/")) {
            let clock = ClockOf::new(access.platform.id, request.url(), ServiceKind::Gradebook);
            self.tokens.clocks().note(&clock, &answer, asked, self.clock.now());
        }
        Ok(answer)
    }
}
