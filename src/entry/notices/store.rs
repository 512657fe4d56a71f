//! What notices and the asking for them change.

use diesel::prelude::*;

use super::jobs::NOTICES;
use crate::db::schema::context;
use crate::db::{DbError, Tx};
use crate::ids::ContextId;
use crate::jobs::store::enqueue;
use crate::jobs::{JobRequest, Pool};
use crate::lti;
use crate::lti::launch::message::VerifiedLaunch;
use crate::lti::notice::ContextCopy;
use crate::lti::services::notices::NoticeService;
use crate::on_each_backend;

/// A course that was copied again and again forgets the oldest of its past.
const MAX_ORIGINS: usize = 50;

/// Takes in that launches of a deployment offer notices otherwise than before, and has them asked for.
pub fn take_notice_service(tx: &mut Tx<'_>, launch: &VerifiedLaunch) -> Result<(), DbError> {
    let deployment = launch.deployment.id;
    let Some(NoticeService { handlers }) = &launch.notice_service else { return Ok(()) };
    lti::store::save_notice_service(tx.connection, deployment, handlers.as_str())?;
    let queue = Pool::Lists.queue(launch.platform.id, handlers.authority());
    enqueue(tx, &JobRequest { kind: NOTICES, subject: &deployment.to_string(), queue: &queue, due: tx.now })
}

/// Takes in that a course is a copy: of a course that is known, or of one that nobody has opened yet.
pub fn take_copy(tx: &mut Tx<'_>, copy: &ContextCopy) -> Result<(), DbError> {
    let here = context::deployment_id.eq(&copy.deployment.id).and(context::context_id.eq(&copy.context.id));
    let row = (
        context::id.eq(ContextId::new(tx.now, tx.random)),
        context::deployment_id.eq(&copy.deployment.id),
        context::context_id.eq(&copy.context.id),
        context::label.eq(&copy.context.label),
        context::title.eq(&copy.context.title),
        context::updated_at.eq(tx.now),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(context::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    let known: Option<String> =
        context::table.filter(here).select(context::origins).get_result(tx.connection)?;
    let known: Vec<String> = known.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default();
    let mut all = copy.origins.clone();
    all.extend(known.into_iter().filter(|id| !copy.origins.contains(id)));
    all.truncate(MAX_ORIGINS);
    let here = context::deployment_id.eq(&copy.deployment.id).and(context::context_id.eq(&copy.context.id));
    let list = serde_json::to_string(&all).unwrap_or_default();
    diesel::update(context::table.filter(here)).set(context::origins.eq(list)).execute(tx.connection)?;
    Ok(())
}
