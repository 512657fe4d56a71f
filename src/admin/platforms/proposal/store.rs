//! Queries on the proposal of a platform.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::admin::platforms::Values;
use crate::clock::Timestamp;
use crate::db::schema::platform;
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::PlatformId;

/// Values that a platform named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The values.
    pub values: Values,
    /// When it named them.
    pub at: Timestamp,
}

/// Keeps what a platform names, in place of what it named before; answers whether that is news.
pub fn propose(tx: &mut Tx<'_>, id: PlatformId, values: &Values) -> Result<bool, DbError> {
    if find_proposal(tx.connection, id)?.is_some_and(|known| known.values == *values) {
        return Ok(false);
    }
    let proposal = Proposal { values: values.clone(), at: tx.now };
    let text = serde_json::to_string(&proposal).unwrap_or_default();
    diesel::update(platform::table.find(id)).set(platform::proposal.eq(text)).execute(tx.connection)?;
    Ok(true)
}

/// What a platform named, while nobody has decided about it.
pub fn find_proposal(connection: &mut DbConnection, id: PlatformId) -> Result<Option<Proposal>, DbError> {
    let stored: Option<String> =
        platform::table.find(id).select(platform::proposal).get_result(connection)?;
    let read = |text: &String| {
        serde_json::from_str(text).map_err(|error| DbError::Inconsistent {
            table: "platform",
            row: id.to_string(),
            what: format!("proposal: {error}"),
        })
    };
    stored.as_ref().map(read).transpose()
}

/// Forgets the proposal that was made at this moment; answers whether it was there still.
pub fn forget_proposal(
    connection: &mut DbConnection,
    id: PlatformId,
    proposal: &Proposal,
) -> Result<bool, DbError> {
    let text = serde_json::to_string(proposal).unwrap_or_default();
    let row = platform::table.find(id).filter(platform::proposal.eq(text));
    Ok(diesel::update(row).set(platform::proposal.eq(None::<String>)).execute(connection)? == 1)
}

/// Forgets what a platform named before it named the stored values again.
pub fn withdraw_proposal(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    let named = platform::table.find(id).filter(platform::proposal.is_not_null());
    diesel::update(named).set(platform::proposal.eq(None::<String>)).execute(connection)?;
    Ok(())
}

/// Our identifiers of the platforms that named other values.
pub fn list_proposing(connection: &mut DbConnection) -> Result<Vec<PlatformId>, DbError> {
    let proposing = platform::table.filter(platform::proposal.is_not_null());
    Ok(proposing.select(platform::id).load(connection)?)
}
