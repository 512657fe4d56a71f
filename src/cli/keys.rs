//! `keys`: the tool's own key pairs.

use clap::{Args, Subcommand};

use super::{SYSTEM, database, say};
use crate::clock::Clock as _;
use crate::config::Config;
use crate::signing::{KeyPurpose, KeyRing, KeyState, Takeover, import_keys, rotate};
use crate::startup::sealer;

/// What to do with keys.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make the next keys: published at once, they sign in 26 hours
    Rotate(RotateArgs),
    /// List the keys that are published
    List,
}

/// How to rotate.
#[derive(Args)]
pub struct RotateArgs {
    /// After a leak: the new keys sign at once, and all others are withdrawn. Platforms that keep our keys for a while
    /// refuse us until they fetch them again
    #[arg(long)]
    now: bool,
}

/// Runs the command.
pub async fn run(command: &KeysCommand, config: &Config) -> anyhow::Result<()> {
    let db = database(config)?;
    let (clock, random) = SYSTEM;
    let sealer = sealer(config, &db, &random).await?;
    let now = clock.now();
    import_keys(&db, &sealer, &config.keys.folder, now, &random).await?;
    let ring = KeyRing::load(&db, &sealer, now, &random).await?;
    match command {
        KeysCommand::List => list(&ring, now),
        KeysCommand::Rotate(args) => {
            let takeover = if args.now { Takeover::AtOnce } else { Takeover::Usual };
            for purpose in KeyPurpose::ALL {
                let begins = rotate(&db, &sealer, purpose, takeover, now, &random).await?;
                say(format_args!("{}: the new key signs from {}", purpose.word(), begins.iso()));
            }
            ring.reload(&db, &sealer).await?;
            list(&ring, now);
        }
    }
    Ok(())
}

fn list(ring: &KeyRing, now: crate::clock::Timestamp) {
    for key in ring.list(now) {
        let until = match key.state {
            KeyState::Old { until } => format!(", published until {}", until.iso()),
            KeyState::Next | KeyState::Signs | KeyState::Retired => String::new(),
        };
        say(format_args!(
            "{:9} {:5} {}  published {}, signs from {}{until}",
            key.purpose.word(),
            key.state.word(),
            key.kid,
            key.made.iso(),
            key.begins.iso()
        ));
    }
}
