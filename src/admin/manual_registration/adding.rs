//! Stores a platform that was registered by hand, never over another registration.

use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::db::{Database, DbError};
use crate::ids::PlatformId;
use crate::lti;
use crate::lti::registration::platform::Platform;

/// What an administrator entered.
pub struct RegistrationForm {
    /// The platform.
    pub platform: Platform,
    /// The deployment that may launch; empty where none was named.
    pub deployment: String,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The issuer and the client id are registered: our identifier of that platform.
    #[error("registered already as {0}")]
    Known(PlatformId),
}

/// Stores it; answers our identifier.
///
/// Errors: [`AddError::Known`] leaves the other registration as it was, also where both came at once.
pub async fn add(db: &Database, input: RegistrationForm, who: String) -> Result<PlatformId, AddError> {
    db.try_write(move |tx| {
        let RegistrationForm { platform, deployment } = input;
        let id = lti::store::save(tx, &platform)?;
        if id != platform.id {
            // What was written over it is taken back with the transaction.
            return Err(AddError::Known(id));
        }
        if let Some(family) = &platform.family {
            lti::store::save_family(tx.connection, id, family)?;
        }
        if !deployment.is_empty() {
            lti::store::add_deployment(tx, id, &deployment)?;
        }
        let received =
            format!("{} client id {} deployment {deployment}", platform.issuer, platform.client_id);
        let event = Event::done(&who, Action::PlatformAdd, &platform.name).with(None, received);
        record(tx, &event)?;
        Ok(id)
    })
    .await
}
