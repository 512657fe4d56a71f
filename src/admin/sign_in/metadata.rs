//! What the provider says of itself, kept for a while: strangers who begin sign-ins do not make us ask it each time.

use std::time::Duration;

use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Mutex;

use super::provider::SignInError;
use crate::clock::Timestamp;

/// Addresses and keys are asked for again when they are this old.
const TTL: Duration = Duration::from_secs(10 * 60);
/// While the provider is away, what it last said counts this long.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// Nobody makes us ask more often than this.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(5);

/// The provider's metadata and keys, asked for by one request at a time.
#[derive(Debug, Default)]
pub struct ProviderCache(Mutex<CachedMetadata>);

#[derive(Debug, Default)]
struct CachedMetadata {
    metadata: Option<(Timestamp, CoreProviderMetadata)>,
    failed: Option<(Timestamp, String)>,
}

impl ProviderCache {
    /// Returns the metadata that was fetched within `wanted`, else what `fetch` brings.
    ///
    /// Errors: that of `fetch`, also for those who ask within some seconds after it; not while older metadata still count.
    async fn get(
        &self,
        now: Timestamp,
        wanted: Duration,
        fetch: impl Future<Output = Result<CoreProviderMetadata, SignInError>>,
    ) -> Result<CoreProviderMetadata, SignInError> {
        let mut kept = self.0.lock().await;
        let age = kept.metadata.as_ref().map(|(fetched, _)| now.since(*fetched));
        let just_failed = kept.failed.as_ref().filter(|(at, _)| now.since(*at) < MIN_REFRESH_INTERVAL);
        let is_usable = age.is_some_and(|age| age < wanted || (just_failed.is_some() && age < MAX_AGE));
        if !is_usable {
            if let Some((_, reason)) = just_failed {
                return Err(SignInError::Unusable(reason.clone()));
            }
            match fetch.await {
                Ok(metadata) => *kept = CachedMetadata { metadata: Some((now, metadata)), failed: None },
                Err(error) => {
                    kept.failed = Some((now, error.to_string()));
                    if age.is_none_or(|age| age >= MAX_AGE) {
                        return Err(error);
                    }
                    tracing::warn!(%error, "the sign-in provider is away; what it said before still counts");
                }
            }
        }
        let metadata = kept.metadata.as_ref().map(|(_, metadata)| metadata.clone());
        metadata.ok_or_else(|| SignInError::Unusable("the provider has not answered yet".to_owned()))
    }

    /// Returns what the provider says of itself, at most some minutes old.
    pub(super) async fn recent(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<CoreProviderMetadata, SignInError>>,
    ) -> Result<CoreProviderMetadata, SignInError> {
        self.get(now, TTL, fetch).await
    }

    /// Returns what the provider says of itself now: for a token whose key is not among those that are known.
    pub(super) async fn fresh(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<CoreProviderMetadata, SignInError>>,
    ) -> Result<CoreProviderMetadata, SignInError> {
        self.get(now, MIN_REFRESH_INTERVAL, fetch).await
    }
}
