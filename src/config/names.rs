//! The environment variables that messages name; the others stand at their flags alone.

/// The tool's public address.
pub const BASE_URL: &str = "JITSI_LTI_BASE_URL";
/// The address of the administrator's pages.
pub const ADMIN_URL: &str = "JITSI_LTI_ADMIN_URL";
/// Our secret at the provider of the administrators' sign-in.
pub const ADMIN_OIDC_CLIENT_SECRET: &str = "JITSI_LTI_ADMIN_OIDC_CLIENT_SECRET";
/// The database.
pub const DATABASE_URL: &str = "JITSI_LTI_DATABASE_URL";
/// The data folder.
pub const DATA_DIR: &str = "JITSI_LTI_DATA_DIR";
/// Redis.
pub const REDIS_URL: &str = "JITSI_LTI_REDIS_URL";
/// The sealing secret.
pub const SECRET_KEY: &str = "JITSI_LTI_SECRET_KEY";
/// What the log shows.
pub const LOG: &str = "JITSI_LTI_LOG";
