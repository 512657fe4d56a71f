//! The commands: one file each.

mod admin;
pub mod demo;
mod keys;
mod migrate;
mod platform;
pub mod serve;
mod server;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::SystemClock;
use crate::config::{Config, SettingsArgs};
use crate::db::{Database, DbConnection, open};
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
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Demo(args) => demo::run(args, &cli.settings),
        command => Config::load(&cli.settings)
            .map_err(anyhow::Error::from)
            .and_then(|config| dispatch(command, &config)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "jitsi-lti: {error:#}");
            ExitCode::FAILURE
        }
    }
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
    migrate::migrate(config)?;
    Ok(Database::new(&config.database)?)
}

/// One connection.
fn connection(config: &Config) -> anyhow::Result<DbConnection> {
    if let crate::config::DatabaseUrl::Sqlite(path) = &config.database
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        own_folder(folder, Some(path)).map_err(|error| {
            anyhow::anyhow!("the data folder {} cannot be made: {error}", folder.display())
        })?;
        own_database(path)
            .map_err(|error| anyhow::anyhow!("the database {} cannot be made: {error}", path.display()))?;
    }
    open(&config.database).map_err(|error| anyhow::anyhow!("the database cannot be opened: {error}"))
}

const SYSTEM: (SystemClock, Random) = (SystemClock, Random::System);
