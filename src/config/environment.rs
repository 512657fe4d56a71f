//! Catches misspelt settings: a name that nobody reads would otherwise fail silently.

use super::ConfigError;

/// Every environment variable that the program reads.
const KNOWN: [&str; 26] = [
    "JITSI_LTI_BASE_URL",
    "JITSI_LTI_ADMIN_URL",
    "JITSI_LTI_ADMIN_OIDC_ISSUER",
    "JITSI_LTI_ADMIN_OIDC_CLIENT_ID",
    "JITSI_LTI_ADMIN_OIDC_CLIENT_SECRET",
    "JITSI_LTI_ADMIN_OIDC_CLIENT_SECRET_FILE",
    "JITSI_LTI_ADMIN_OIDC_EMAILS",
    "JITSI_LTI_ADMIN_OIDC_CLAIMS",
    "JITSI_LTI_ADMIN_OIDC_PRIVATE_NETWORK",
    "JITSI_LTI_LISTEN",
    "JITSI_LTI_DATABASE_URL",
    "JITSI_LTI_DATABASE_URL_FILE",
    "JITSI_LTI_DATA_DIR",
    "JITSI_LTI_KEYS_DIR",
    "JITSI_LTI_KEY_ROTATION_DAYS",
    "JITSI_LTI_REDIS_URL",
    "JITSI_LTI_REDIS_URL_FILE",
    "JITSI_LTI_SECRET_KEY",
    "JITSI_LTI_SECRET_KEY_FILE",
    "JITSI_LTI_SERVER_SECRET",
    "JITSI_LTI_SERVER_SECRET_FILE",
    "JITSI_LTI_SERVER_KEY_FILE",
    "JITSI_LTI_TRUSTED_PROXIES",
    "JITSI_LTI_MAX_CONNECTIONS",
    "JITSI_LTI_LOG",
    "JITSI_LTI_LTI_CONFIG",
];

/// Refuses a `JITSI_LTI_*` variable that is not a setting, and names the nearest right one.
///
/// Errors: [`ConfigError::UnknownName`] for the first one found.
#[allow(clippy::disallowed_methods, reason = "the environment is read in this folder alone")]
pub fn refuse_unknown_names() -> Result<(), ConfigError> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).try_for_each(check)
}

fn check(name: String) -> Result<(), ConfigError> {
    if !name.starts_with("JITSI_LTI_") || KNOWN.contains(&name.as_str()) {
        return Ok(());
    }
    let nearest = KNOWN.into_iter().min_by_key(|known| strsim::damerau_levenshtein(known, &name));
    Err(ConfigError::UnknownName {
        nearest: nearest.filter(|near| strsim::damerau_levenshtein(near, &name) <= 6),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_refused_with_the_nearest_right_one() {
        let error = check("JITSI_LTI_BASEURL".to_owned()).unwrap_err().to_string();
        assert_eq!(
            error,
            "JITSI_LTI_BASEURL is not a setting of this program; did you mean JITSI_LTI_BASE_URL?"
        );
        assert!(check("JITSI_LTI_BASE_URL".to_owned()).is_ok());
        assert!(check("PATH".to_owned()).is_ok());
    }
}
