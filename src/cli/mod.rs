//! The commands: one file each.

mod admin;
pub mod demo;
mod doctor;
mod healthcheck;
mod keys;
mod migrate;
mod platform;
pub mod serve;
mod server;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Arg, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError, DatabaseUrl, SettingsArgs, names, refuse_unknown_names};
use crate::db::{Database, DbConnection, DbError, open};
use crate::ephemeral::EphemeralError;
use crate::ids::Random;
use crate::private_files::{own_database, own_folder};

/// Live classes with Jitsi Meet in every learning platform (LTI 1.3)
#[derive(Parser)]
#[command(name = "jitsi-lti", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the tool
    Serve,
    /// Try everything on this machine: a course, its people and a simulated Jitsi
    Demo(demo::DemoArgs),
    /// Learning platforms that may launch
    #[command(subcommand)]
    Platform(platform::PlatformCommand),
    /// Jitsi servers that classes take place on
    #[command(subcommand)]
    Server(server::ServerCommand),
    /// The way into the administrator's pages
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// The tool's own key pairs
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Bring the database to this program's schema (serve does so by itself)
    Migrate,
    /// Check what has to be right before a class can take place
    Doctor,
    /// Ask the server on this machine whether it is ready: for containers and monitors
    Healthcheck,
}

/// Exit codes.
///
/// Spec: BSD `sysexits.h`.
const USAGE: u8 = 64;
const UNAVAILABLE: u8 = 69;
const CONFIG: u8 = 78;

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let parsed =
        shortened(Cli::command()).try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let is_wish = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if is_wish { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
        }
    };
    let outcome = match &cli.command {
        Command::Demo(args) => demo::run(args, &cli.settings),
        command => match config(&cli.settings) {
            Ok(config) => dispatch(command, &config),
            Err(error) => return ends_with(CONFIG, &error.into()),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.chain().any(|cause| cause.is::<ConfigError>()) => ends_with(CONFIG, &error),
        Err(error) if is_outage(&error) => ends_with(UNAVAILABLE, &error),
        Err(error) => ends_with(1, &error),
    }
}

/// Reads the settings, and refuses variables that no flag is read from.
fn config(args: &SettingsArgs) -> Result<Config, ConfigError> {
    refuse_unknown_names(&Cli::command())?;
    Config::load(args)
}

fn ends_with(code: u8, error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "jitsi-lti: {error:#}");
    ExitCode::from(code)
}

/// Whether the same may succeed later: the database or Redis does not answer.
fn is_outage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<DbError>().is_some_and(DbError::is_outage) || cause.is::<EphemeralError>()
    })
}

/// The settings are the same for all commands: the help of the program and of `serve` lists them, that of the others says
/// where they are.
fn shortened(command: clap::Command) -> clap::Command {
    let settings: Vec<Arg> =
        command.get_arguments().filter(|one| one.is_global_set()).map(|one| one.clone().hide(true)).collect();
    command.mut_subcommands(|sub| if sub.get_name() == "serve" { sub } else { without(&settings, sub) })
}

fn without(settings: &[Arg], command: clap::Command) -> clap::Command {
    let command = command.args(settings).after_help("Settings that every command takes: jitsi-lti help");
    command.mut_subcommands(|sub| without(settings, sub))
}

fn dispatch(command: &Command, config: &Config) -> anyhow::Result<()> {
    let run = async {
        match command {
            Command::Serve => serve::run(config).await,
            Command::Platform(command) => platform::run(command, config).await,
            Command::Server(command) => server::run(command, config).await,
            Command::Admin(command) => admin::run(command, config).await,
            Command::Keys(command) => keys::run(command, config).await,
            Command::Migrate => migrate::run(config),
            Command::Doctor => doctor::run(config).await,
            Command::Healthcheck => healthcheck::run(config).await,
            Command::Demo(_) => Ok(()),
        }
    };
    actix_web::rt::System::new().block_on(run)
}

/// Prints a line for the person at the terminal.
fn say(line: impl std::fmt::Display) {
    // A reader that went away (`| head`) is no failure of the command.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The database, brought to this program's schema: so that every command works on a fresh machine.
fn database(config: &Config) -> anyhow::Result<Database> {
    let (clock, random) = SYSTEM;
    database_at(config, Arc::new(clock), random)
}

/// The same database for a program that goes by `clock`.
fn database_at(config: &Config, clock: Arc<dyn Clock>, random: Random) -> anyhow::Result<Database> {
    migrate::migrate(config)?;
    Ok(Database::new(&config.data.database, clock, random)?)
}

/// Makes sure that the folder of the embedded database is there, or is the data folder and can be made: an address that is
/// mistyped makes no folders.
fn require_folder(database: &Path, config: &Config) -> Result<(), ConfigError> {
    let folder = match database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => folder,
        _ => return Ok(()),
    };
    if folder != config.data.folder {
        return Err(ConfigError::FolderMissing { folder: folder.to_owned(), setting: names::DATABASE_URL });
    }
    match folder.parent().filter(|above| !above.as_os_str().is_empty() && !above.is_dir()) {
        Some(above) => Err(ConfigError::FolderMissing { folder: above.to_owned(), setting: names::DATA_DIR }),
        None => Ok(()),
    }
}

/// One connection.
fn connection(config: &Config) -> anyhow::Result<DbConnection> {
    if let DatabaseUrl::Sqlite(path) = &config.data.database
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        require_folder(path, config)?;
        own_folder(folder, Some(path)).map_err(|error| {
            anyhow::anyhow!("the data folder {} cannot be made: {error}", folder.display())
        })?;
        own_database(path)
            .map_err(|error| anyhow::anyhow!("the database {} cannot be made: {error}", path.display()))?;
    }
    open(&config.data.database).map_err(|error| {
        anyhow::Error::new(DbError::Unavailable(error.to_string())).context("the database cannot be opened")
    })
}

const SYSTEM: (SystemClock, Random) = (SystemClock, Random::System);
