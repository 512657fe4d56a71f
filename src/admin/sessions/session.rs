//! Begins sessions of administration, lets them go on, and ends them.

use super::SEEN_INTERVAL;
use super::store::{NewSession, end as end_session, find_last_seen, insert, note_seen};
use crate::db::DbError;
use crate::http::admin_session::{Scope, ScopedSession};
use crate::state::AppState;

/// Begins a session for somebody who proved who they are.
pub async fn begin<S: Scope + Clone>(
    app: &AppState,
    who: String,
    scope: S,
) -> Result<ScopedSession<S>, DbError> {
    let session = ScopedSession::begin(who, scope, app.clock.now(), &app.random);
    let (id, who, scope, began) =
        (session.id().to_owned(), session.who.clone(), session.scope.name(), session.began());
    let row = NewSession { id, who, scope, began, ends: began.plus(S::TTL) };
    app.db.write(move |tx| insert(tx.connection, &row)).await?;
    Ok(session)
}

/// Returns the session when nobody ended it; notes now and then that it is in use.
pub async fn require_open<S: Scope>(
    app: &AppState,
    session: ScopedSession<S>,
) -> Result<Option<ScopedSession<S>>, DbError> {
    let (id, now) = (session.id().to_owned(), app.clock.now());
    let seen = app.db.look_up(move |connection| find_last_seen(connection, &id, now)).await?;
    let Some(last_seen) = seen else { return Ok(None) };
    if now.since(last_seen) >= SEEN_INTERVAL {
        let id = session.id().to_owned();
        app.db.write(move |tx| note_seen(tx, &id)).await?;
    }
    Ok(Some(session))
}

/// Ends a session.
pub async fn end<S: Scope>(app: &AppState, session: &ScopedSession<S>) -> Result<(), DbError> {
    let id = session.id().to_owned();
    app.db.write(move |tx| end_session(tx.connection, &id)).await?;
    Ok(())
}
