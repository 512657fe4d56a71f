//! Catches misspelt settings: a name that nobody reads would otherwise fail silently.

use std::collections::BTreeSet;

use clap::{Arg, Command};

use super::ConfigError;

/// Refuses a `JITSI_LTI_*` variable that no flag of `command` reads, and names the nearest right one.
///
/// Errors: [`ConfigError::UnknownName`] for the first one found.
#[allow(clippy::disallowed_methods, reason = "the environment is read in this folder alone")]
pub fn refuse_unknown_names(command: &Command) -> Result<(), ConfigError> {
    let known = names_of(command);
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    names.into_iter().try_for_each(|name| check(name, &known))
}

/// Returns the variables that the flags of a command, and of those below it, are read from.
fn names_of(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(Arg::get_env);
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.chain(command.get_subcommands().flat_map(names_of)).collect()
}

fn check(name: String, known: &BTreeSet<String>) -> Result<(), ConfigError> {
    if !name.starts_with("JITSI_LTI_") || known.contains(&name) {
        return Ok(());
    }
    let distance = |known: &&String| strsim::damerau_levenshtein(known, &name);
    let nearest = known.iter().min_by_key(distance).filter(|near| distance(near) <= 6);
    Err(ConfigError::UnknownName { nearest: nearest.cloned(), name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_refused_with_the_nearest_right_one() {
        let flag = |id: &'static str, name: &'static str| Arg::new(id).long(id).env(name);
        let command = Command::new("tool")
            .arg(flag("base-url", "JITSI_LTI_BASE_URL"))
            .subcommand(Command::new("add").arg(flag("secret", "JITSI_LTI_SERVER_SECRET")));
        let check = |name: &str| check(name.to_owned(), &names_of(&command));
        let error = check("JITSI_LTI_BASEURL").unwrap_err().to_string();
        assert_eq!(
            error,
            "JITSI_LTI_BASEURL is not a setting of this program; did you mean JITSI_LTI_BASE_URL?"
        );
        assert!(check("JITSI_LTI_BASE_URL").is_ok());
        assert!(check("JITSI_LTI_SERVER_SECRET").is_ok());
        assert!(check("PATH").is_ok());
    }
}
