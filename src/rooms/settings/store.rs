//! Queries on what is decided at the levels around rooms.

use diesel::prelude::*;

use super::layers::{Layer, Layers, Level};
use crate::db::schema::{context, deployment, platform, site_settings};
use crate::db::{DbConnection, DbError};
use crate::ids::{ContextId, PlatformId};
use crate::on_each_backend;

/// Whose layer it is, of the levels around a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerOwner {
    /// The installation's.
    Site,
    /// A platform's.
    Platform(PlatformId),
    /// A course's.
    Course(ContextId),
}

impl LayerOwner {
    /// Returns the level at which it decides.
    pub fn level(self) -> Level {
        match self {
            Self::Site => Level::Site,
            Self::Platform(_) => Level::Platform,
            Self::Course(_) => Level::Course,
        }
    }
}

/// The texts of the levels around a room, as they are stored.
#[derive(Clone, Debug, Default, Queryable)]
pub struct StoredLayers {
    /// The site's.
    pub site: Option<String>,
    /// The platform's.
    pub platform: Option<String>,
    /// The course's.
    pub course: Option<String>,
}

impl StoredLayers {
    /// Returns what they say; the room's layer is empty.
    pub fn read(&self) -> Result<Layers, DbError> {
        let layer = |table: &'static str, stored: &Option<String>| {
            Layer::parse(stored.as_deref().unwrap_or_default()).map_err(|error| DbError::Inconsistent {
                table,
                row: "settings".to_owned(),
                what: error.to_string(),
            })
        };
        Ok(Layers {
            site: layer("site_settings", &self.site)?,
            platform: layer("platform", &self.platform)?,
            course: layer("context", &self.course)?,
            room: Layer::default(),
        })
    }
}

/// Returns what the levels decided that are around rooms of a course.
pub fn find_around_rooms(connection: &mut DbConnection, course: ContextId) -> Result<Layers, DbError> {
    let found: (Option<String>, Option<String>) = context::table
        .inner_join(deployment::table.inner_join(platform::table))
        .filter(context::id.eq(course))
        .select((platform::settings, context::settings))
        .get_result(connection)?;
    let (platform, course) = found;
    StoredLayers { site: find_site(connection)?, platform, course }.read()
}

/// Returns what was decided down to the level of `owner`; `None` when there is no such platform or course.
pub fn find_layers(connection: &mut DbConnection, owner: LayerOwner) -> Result<Option<Layers>, DbError> {
    let site = find_site(connection)?;
    let around = match owner {
        LayerOwner::Site => StoredLayers { site, ..StoredLayers::default() },
        LayerOwner::Platform(id) => {
            let row = platform::table.find(id).select(platform::settings);
            let found: Option<Option<String>> = row.get_result(connection).optional()?;
            let Some(platform) = found else { return Ok(None) };
            StoredLayers { site, platform, course: None }
        }
        LayerOwner::Course(id) => return find_around_rooms(connection, id).map(Some),
    };
    around.read().map(Some)
}

fn find_site(connection: &mut DbConnection) -> Result<Option<String>, DbError> {
    Ok(site_settings::table.select(site_settings::settings).get_result(connection).optional()?)
}

/// Stores what a level decides.
pub fn save_layer(connection: &mut DbConnection, owner: LayerOwner, layer: &Layer) -> Result<(), DbError> {
    let stored = to_json(owner, layer)?;
    match owner {
        LayerOwner::Site => {
            let row = (site_settings::one.eq(true), site_settings::settings.eq(&stored));
            on_each_backend!(connection, |inner| diesel::insert_into(site_settings::table)
                .values(row)
                .on_conflict(site_settings::one)
                .do_update()
                .set(site_settings::settings.eq(&stored))
                .execute(inner))?
        }
        LayerOwner::Platform(id) => diesel::update(platform::table.find(id))
            .set(platform::settings.eq(&stored))
            .execute(connection)?,
        LayerOwner::Course(id) => {
            diesel::update(context::table.find(id)).set(context::settings.eq(&stored)).execute(connection)?
        }
    };
    Ok(())
}

/// Returns the text in which a layer is stored.
pub fn to_json(owner: LayerOwner, layer: &Layer) -> Result<String, DbError> {
    serde_json::to_string(layer).map_err(|error| DbError::Inconsistent {
        table: owner.level().word(),
        row: "settings".to_owned(),
        what: error.to_string(),
    })
}
