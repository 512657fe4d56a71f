//! Queries on `line_item`, and on what leads to it.

use diesel::prelude::*;
use url::Url;

use super::{Gradebook, LineItem};
use crate::clock::Timestamp;
use crate::db::schema::{
    context, deployment, line_item, link_copy, platform, resource_link, room, room_link,
};
use crate::db::{DbConnection, DbError, Tx};
use crate::grades::COLUMN;
use crate::ids::{ContextId, DeploymentId, LinkId, PlatformId, RoomId};
use crate::jobs::JobRequest;
use crate::jobs::store::{enqueue, is_wanted, retry_now};
use crate::lti::services::ags::GradeService;
use crate::lti::services::line_item::Activity;
use crate::on_each_backend;
use crate::rooms::store::read_rules;

#[derive(Queryable)]
struct GradebookRow {
    link: LinkId,
    resource_link_id: String,
    title: Option<String>,
    service: Option<String>,
    deployment: DeploymentId,
    platform: PlatformId,
    room: RoomId,
    settings: String,
    item: Option<LineItemRow>,
}

#[derive(Queryable)]
struct LineItemRow {
    state: String,
    url: Option<String>,
    checked_at: Timestamp,
    gone_url: Option<String>,
    results_at: Option<Timestamp>,
}

/// The gradebook of an activity.
pub fn find_gradebook(connection: &mut DbConnection, link: LinkId) -> Result<Option<Gradebook>, DbError> {
    let row: Option<GradebookRow> = resource_link::table
        .inner_join(context::table.inner_join(deployment::table.inner_join(platform::table)))
        .inner_join(room_link::table.inner_join(room::table))
        .left_join(line_item::table)
        .filter(resource_link::id.eq(link).and(room_link::group_key.eq("")))
        .select((
            resource_link::id,
            resource_link::resource_link_id,
            resource_link::title,
            resource_link::grade_service,
            deployment::id,
            platform::id,
            room::id,
            room::settings,
            (
                line_item::state,
                line_item::url,
                line_item::checked_at,
                line_item::gone_url,
                line_item::results_at,
            )
                .nullable(),
        ))
        .get_result(connection)
        .optional()?;
    row.map(gradebook).transpose()
}

/// The gradebook of an activity, for whoever asks the platform for its line item, and needs to know the others.
pub fn find_for_search(connection: &mut DbConnection, link: LinkId) -> Result<Option<Gradebook>, DbError> {
    let Some(mut book) = find_gradebook(connection, link)? else { return Ok(None) };
    book.activity.resource_ids.extend(past_resource_ids(connection, link)?);
    book.activity.taken = taken_columns(connection, link)?;
    Ok(Some(book))
}

#[derive(Queryable)]
struct CopiedRooms {
    own: RoomId,
    origin: RoomId,
}

/// What columns of an activity may be called that was placed by deep linking, or copied: after its room, or after the
/// activities and the room that it was copied from.
fn past_resource_ids(connection: &mut DbConnection, link: LinkId) -> Result<Vec<String>, DbError> {
    let own: Vec<RoomId> = room_link::table
        .filter(room_link::resource_link_id.eq(link))
        .select(room_link::room_id)
        .load(connection)?;
    let copied: Option<CopiedRooms> = link_copy::table
        .find(link)
        .select((link_copy::own_room_id, link_copy::origin_room_id))
        .get_result(connection)
        .optional()?;
    let own = own.iter().map(RoomId::to_string);
    let Some(copied) = copied else { return Ok(own.collect()) };
    let origins: Vec<LinkId> = room_link::table
        .filter(room_link::room_id.eq(copied.origin).and(room_link::resource_link_id.ne(link)))
        .select(room_link::resource_link_id)
        .order(room_link::resource_link_id)
        .load(connection)?;
    let copied = [copied.own, copied.origin].map(|room| room.to_string());
    Ok(own.chain(copied).chain(origins.iter().map(LinkId::to_string)).collect())
}

/// The columns of the other activities of a link's course.
fn taken_columns(connection: &mut DbConnection, link: LinkId) -> Result<Vec<Url>, DbError> {
    let course: ContextId =
        resource_link::table.find(link).select(resource_link::context_id).get_result(connection)?;
    let urls: Vec<Option<String>> = line_item::table
        .inner_join(resource_link::table)
        .filter(resource_link::context_id.eq(course).and(resource_link::id.ne(link)))
        .filter(line_item::state.ne(word(&LineItem::None)))
        .select(line_item::url)
        .load(connection)?;
    Ok(urls.into_iter().flatten().filter_map(|url| Url::parse(&url).ok()).collect())
}

fn gradebook(row: GradebookRow) -> Result<Gradebook, DbError> {
    let GradebookRow { link, resource_link_id, title, service, deployment, platform, room, settings, item } =
        row;
    let impossible = |what: String| DbError::Inconsistent { table: "line_item", row: link.to_string(), what };
    let (line_item, checked_at, gone, results_at) = match item {
        Some(row) => {
            let line_item = read_line_item(&row.state, row.url.as_deref());
            let line_item = line_item.ok_or_else(|| impossible(row.state))?;
            (line_item, Some(row.checked_at), row.gone_url, row.results_at)
        }
        None => (LineItem::None, None, None, None),
    };
    Ok(Gradebook {
        activity: Activity {
            resource_link_id,
            resource_ids: vec![link.to_string()],
            taken: Vec::new(),
            gone: gone.and_then(|gone| Url::parse(&gone).ok()),
            label: title.unwrap_or_else(|| "Jitsi".to_owned()),
        },
        service: read_service(service.as_deref()),
        rules: read_rules(room, &settings)?,
        checked_at,
        results_at,
        deployment,
        platform,
        line_item,
        link,
    })
}

/// Quirk: a service that another release wrote otherwise counts as none until the next launch tells it again.
pub(in crate::grades) fn read_service(stored: Option<&str>) -> Option<GradeService> {
    serde_json::from_str(stored?).ok()
}

fn read_line_item(state: &str, url: Option<&str>) -> Option<LineItem> {
    let url = || Url::parse(url?).ok();
    match state {
        "looking" => Some(LineItem::Pending),
        "told" => url().map(LineItem::Declared),
        "found" => url().map(LineItem::Discovered),
        "none" => Some(LineItem::None),
        _ => None,
    }
}

fn word(line_item: &LineItem) -> &'static str {
    match line_item {
        LineItem::Pending => "looking",
        LineItem::Declared(_) => "told",
        LineItem::Discovered(_) => "found",
        LineItem::None => "none",
    }
}

/// Has the platform asked for the line item.
pub fn look(tx: &mut Tx<'_>, book: &Gradebook) -> Result<(), DbError> {
    let Some(queue) = book.queue() else { return Ok(()) };
    save_line_item(tx, book.link, &LineItem::Pending)?;
    retry_now(tx, &JobRequest { kind: COLUMN, subject: &book.link.to_string(), queue: &queue, due: tx.now })
}

/// Has the platform asked once more for a line item that it did not have, where that was long ago and nobody asks already.
pub fn look_if_old(tx: &mut Tx<'_>, link: LinkId) -> Result<(), DbError> {
    let Some(book) = find_gradebook(tx.connection, link)? else { return Ok(()) };
    let Some(queue) = book.queue().filter(|_| book.is_search_due(tx.now)) else { return Ok(()) };
    if is_wanted(tx.connection, COLUMN, &link.to_string())? {
        return Ok(());
    }
    enqueue(tx, &JobRequest { kind: COLUMN, subject: &link.to_string(), queue: &queue, due: tx.now })
}

/// Notes that the gradebook had deleted the line item when a score came.
pub fn note_gone(connection: &mut DbConnection, book: &Gradebook) -> Result<(), DbError> {
    let gone = book.line_item.url().map(Url::as_str);
    diesel::update(line_item::table.find(book.link)).set(line_item::gone_url.eq(gone)).execute(connection)?;
    Ok(())
}

/// Stores what is known of the line item; answers the address that was known before.
pub fn save_line_item(
    tx: &mut Tx<'_>,
    link: LinkId,
    line_item: &LineItem,
) -> Result<Option<String>, DbError> {
    let known: Option<Option<String>> =
        line_item::table.find(link).select(line_item::url).get_result(tx.connection).optional()?;
    let known = known.flatten();
    // While the platform is asked, and where it has none, the old address stays to compare the next one with.
    let url = line_item.url().map(Url::as_str).or(known.as_deref());
    let changing =
        (line_item::url.eq(url), line_item::state.eq(word(line_item)), line_item::checked_at.eq(tx.now));
    on_each_backend!(tx.connection, |inner| diesel::insert_into(line_item::table)
        .values((line_item::resource_link_id.eq(link), changing))
        .on_conflict(line_item::resource_link_id)
        .do_update()
        .set(changing)
        .execute(inner))?;
    Ok(known)
}
