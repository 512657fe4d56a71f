//! The defaults of a level around rooms: a form about what its rooms begin with, and what they cannot change.

use super::fields::SettingFields;
use super::layers::Layers;
use super::store::{LayerOwner, find_layers, save_layer, to_json};
use super::stored::SettingsVersion;
use crate::db::{Database, DbError, Tx};

/// What became of a form about defaults.
pub enum SavedDefaults {
    /// It is stored. The texts of the layer before and after.
    Stored {
        /// What was stored.
        before: String,
        /// What is stored now.
        after: String,
    },
    /// There is no such platform or course.
    Unknown,
    /// A value is none, or somebody else saved meanwhile.
    ShownAgain(DefaultsForm),
}

/// A form about defaults, as it is stored or as it was entered.
pub struct DefaultsForm {
    /// What was decided, the level's own layer as it was entered.
    pub(super) layers: Layers,
    /// What is stored now.
    pub(super) version: SettingsVersion,
    /// The settings whose values are none.
    pub(super) wrong: Vec<&'static str>,
    /// Whether somebody else saved meanwhile.
    pub(super) is_overtaken: bool,
}

/// Returns the form as it is stored; `None` when there is no such platform or course.
pub async fn find_form(db: &Database, owner: LayerOwner) -> Result<Option<DefaultsForm>, DbError> {
    db.look_up(move |connection| {
        let Some(layers) = find_layers(connection, owner)? else { return Ok(None) };
        let version = SettingsVersion::of(&to_json(owner, layers.at(owner.level()))?);
        Ok(Some(DefaultsForm { layers, version, wrong: Vec::new(), is_overtaken: false }))
    })
    .await
}

/// Stores what a form says, unless a value is none or somebody else saved since the form was made.
pub fn save(
    tx: &mut Tx<'_>,
    owner: LayerOwner,
    fields: &SettingFields,
    version: &SettingsVersion,
) -> Result<SavedDefaults, DbError> {
    let Some(mut layers) = find_layers(tx.connection, owner)? else { return Ok(SavedDefaults::Unknown) };
    let before = to_json(owner, layers.at(owner.level()))?;
    let current = SettingsVersion::of(&before);
    let wrong = fields.read_layer(&mut layers, owner.level());
    let is_overtaken = current != *version;
    if is_overtaken || !wrong.is_empty() {
        let form = DefaultsForm { layers, version: current, wrong, is_overtaken };
        return Ok(SavedDefaults::ShownAgain(form));
    }
    let layer = layers.at(owner.level());
    save_layer(tx.connection, owner, layer)?;
    Ok(SavedDefaults::Stored { before, after: to_json(owner, layer)? })
}

impl DefaultsForm {
    /// Returns whether it cannot be stored as it is.
    pub fn has_problems(&self) -> bool {
        !self.wrong.is_empty()
    }
}
