//! Pages that show several domains at once: an activity's page, and its settings.

pub mod attendance;
pub mod course_settings;
pub mod landing;
pub mod settings;
