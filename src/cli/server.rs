//! `server`: the Jitsi servers that classes take place on.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};

use super::{SYSTEM, database, say};
use crate::admin::audit::TERMINAL;
use crate::admin::servers::removal;
use crate::admin::servers::removal::ServerRemovalError;
use crate::clock::Clock as _;
use crate::config::Config;
use crate::db::Database;
use crate::i18n::{Args, Texts};
use crate::jitsi::finding::{ServerFinding, ServerVerdict};
use crate::jitsi::kinds::{ServerField, ServerInputError, ServerKind, TokenRules, TokenSigning};
use crate::outbound::Outbound;
use crate::servers::form::ServerInput;
use crate::servers::probe::ServerProbe;
use crate::servers::{NewServer, ServerError, SignerCache, store};
use crate::signing::{KeyRing, MIN_SECRET};
use crate::startup::sealer;

/// What to do with servers.
#[derive(Subcommand)]
pub enum ServerCommand {
    /// Add a server
    Add(AddArgs),
    /// List the servers
    List,
    /// Check a server: its files, logins with a right token, a wrong one and none, and who moderates
    Test {
        /// The server's name
        name: String,
    },
    /// Let classes begin on a server; those that take place elsewhere stay there
    Default {
        /// The server's name
        name: String,
    },
    /// Let no class begin on a server any more; those that take place there go on
    Drain {
        /// The server's name
        name: String,
    },
    /// Remove a server that no class begins or takes place on
    Remove {
        /// The server's name
        name: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// No token: the server decides who moderates
    Public,
    /// Your own server with token authentication
    SelfHosted,
    /// 8x8 Jitsi as a Service
    Jaas,
}

/// A server to add. Secrets come from the environment or files, never from the command line.
#[derive(clap::Args)]
pub struct AddArgs {
    /// A name for lists
    #[arg(long)]
    name: String,
    /// How the server is entered
    #[arg(long, value_enum)]
    kind: Kind,
    /// Host name of the server; not needed for JaaS
    #[arg(long)]
    domain: Option<String>,
    /// Self-hosted: the server's app_id (iss of tokens). JaaS: the AppID
    #[arg(long)]
    app_id: Option<String>,
    /// Self-hosted: an accepted audience
    #[arg(long, default_value = "jitsi")]
    audience: String,
    /// Self-hosted: sub of tokens; the host name (Debian) unless given, meet.jitsi for docker, * where not checked
    #[arg(long)]
    subject: Option<String>,
    /// Self-hosted: app_secret. Better as variable or file
    #[arg(long, env = "JITSI_LTI_SERVER_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Self-hosted: file that holds app_secret
    #[arg(long, env = "JITSI_LTI_SERVER_SECRET_FILE")]
    secret_file: Option<PathBuf>,
    /// Self-hosted: sign with this tool's key (RS256), which the server fetches
    #[arg(long)]
    public_key: bool,
    /// JaaS: the API key's id (kid)
    #[arg(long)]
    key_id: Option<String>,
    /// JaaS: file that holds the API key (PEM)
    #[arg(long, env = "JITSI_LTI_SERVER_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// Let classes begin on it
    #[arg(long)]
    default: bool,
}

/// Runs the command.
pub async fn run(command: &ServerCommand, config: &Config) -> anyhow::Result<()> {
    let db = database(config)?;
    match command {
        ServerCommand::Add(args) => add(&db, args.new_server()?, config).await,
        ServerCommand::List => list(&db).await,
        ServerCommand::Test { name } => test(&db, name, config).await,
        ServerCommand::Default { name } => set_default(&db, name).await,
        ServerCommand::Drain { name } => drain(&db, name).await,
        ServerCommand::Remove { name } => remove(&db, name).await,
    }
}

impl AddArgs {
    fn new_server(&self) -> anyhow::Result<NewServer> {
        let secret = match (&self.secret, &self.secret_file, &self.key_file) {
            (Some(_), Some(_), _) => bail!("--secret and --secret-file are both given; keep one"),
            (Some(secret), None, None) => Some(SecretString::from(secret.as_str())),
            (None, Some(file), None) | (None, None, Some(file)) => Some(read(file)?),
            (None, None, None) => None,
            (_, _, Some(_)) => {
                bail!("a server has a secret or a key; keep one of --secret-file and --key-file")
            }
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let input = ServerInput {
            name: self.name.clone(),
            kind: self.kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default(),
            domain: text(&self.domain),
            app_id: text(&self.app_id),
            audience: self.audience.clone(),
            subject: text(&self.subject),
            public_key: self.public_key,
            key_id: text(&self.key_id),
            secret,
            default: self.default,
        };
        input.read(false).map_err(|error| match error {
            ServerInputError::Missing(ServerField::Secret) => {
                anyhow!("a self-hosted server needs --secret-file (its app_secret) or --public-key")
            }
            ServerInputError::Missing(ServerField::Key) => anyhow!("a JaaS server needs --key-file"),
            ServerInputError::Missing(
                field @ (ServerField::Name | ServerField::Domain | ServerField::AppId | ServerField::KeyId),
            ) => {
                anyhow!("a server of this kind needs --{field}")
            }
            ServerInputError::TwoWays
            | ServerInputError::Kind(_)
            | ServerInputError::Address(_)
            | ServerInputError::NotHttps(_)
            | ServerInputError::AppId
            | ServerInputError::KeyId => error.into(),
        })
    }
}

fn read(file: &PathBuf) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(SecretString::from(text.trim()))
}

/// Adds a server to the database.
pub async fn add(db: &Database, new: NewServer, config: &Config) -> anyhow::Result<()> {
    new.check()?;
    let is_short = |secret: &SecretString| secret.expose_secret().len() < MIN_SECRET;
    let short = new.secret.as_ref().is_some_and(is_short);
    let (_, random) = SYSTEM;
    let (sealer, name, kind) = (sealer(config, db, &random).await?, new.name.clone(), new.kind.clone());
    db.try_write(move |tx| store::insert(tx, &new, &sealer)).await?;
    say(format_args!("Added: {name}."));
    if short {
        say(
            "Its secret has fewer than 32 characters, so it can be guessed: give the Jitsi server a longer app_secret.",
        );
    }
    if let ServerKind::SelfHosted(TokenRules { signing: TokenSigning::PublicKey, .. }) = kind {
        say(format_args!(
            "Set on the server: asap_key_server = \"{}\"",
            config.addresses.base_url.join("jitsi/keys")?
        ));
    }
    Ok(())
}

async fn list(db: &Database) -> anyhow::Result<()> {
    let servers = db.read(store::list).await?;
    if servers.is_empty() {
        say("No Jitsi server is set up. Add one with: jitsi-lti server add --help");
    }
    for store::ListedServer { server, is_default } in servers {
        let label = if is_default { "default" } else { "" };
        say(format_args!(
            "{:8} {:7} {:11} {}  {}",
            server.status.word(),
            label,
            server.kind.word(),
            server.name,
            server.url
        ));
    }
    Ok(())
}

async fn set_default(db: &Database, name: &str) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let done: Result<(), ServerError> = db
        .try_write(move |tx| {
            let server = store::find_named(tx.connection, &wanted)?;
            Ok(store::set_default(tx.connection, server.id)?)
        })
        .await;
    done?;
    say(format_args!(
        "{name} is the default now: classes begin there. Those that take place elsewhere stay there."
    ));
    Ok(())
}

async fn drain(db: &Database, name: &str) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let left: Result<i64, ServerRemovalError> =
        db.try_write(move |tx| removal::drain(tx, TERMINAL, &wanted)).await;
    match left? {
        0 => say(format_args!(
            "No class begins on {name} any more, and none takes place there: it can be removed."
        )),
        count => say(format_args!(
            "No class begins on {name} any more. {} there now, to the end.",
            removal::classes(count)
        )),
    }
    Ok(())
}

async fn remove(db: &Database, name: &str) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let done: Result<(), ServerRemovalError> =
        db.try_write(move |tx| removal::remove(tx, TERMINAL, &wanted)).await;
    done?;
    say(format_args!("{name} is removed."));
    Ok(())
}

async fn test(db: &Database, name: &str, config: &Config) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let server = db.try_look_up(move |connection| store::find_named(connection, &wanted)).await?;
    let (clock, random) = SYSTEM;
    let sealer = sealer(config, db, &random).await?;
    let keys = KeyRing::load(db, &sealer, clock.now(), &random).await?;
    let probe = ServerProbe {
        outbound: &Outbound::new(),
        signers: &SignerCache::default(),
        sealer: &sealer,
        keys: &keys,
        random: &random,
        now: clock.now(),
    };
    report(&probe.check(&server).await?, &Texts::load(&config.data.folder.join("locales"))?)
}

fn report(findings: &[ServerFinding], texts: &Texts) -> anyhow::Result<()> {
    let text = |key: &str| texts.find_text(&texts.locale("en"), key, &Args::new());
    for ServerFinding { code, detail } in findings {
        let grade = match code.verdict() {
            ServerVerdict::Good => "ok    ",
            ServerVerdict::Notice => "notice",
            ServerVerdict::Bad => "FAILED",
        };
        let words = text(&format!("server-finding-{code}")).unwrap_or_default();
        let seen = if detail.is_empty() { String::new() } else { format!(" ({detail})") };
        say(format_args!("{grade}  {words}{seen}"));
        if let Some(fix) = text(&format!("server-finding-{code}-fix")) {
            say(format_args!("        {fix}"));
        }
    }
    let bad = findings.iter().filter(|finding| finding.code.verdict() == ServerVerdict::Bad).count();
    if bad > 0 { bail!("{bad} check(s) failed") } else { Ok(()) }
}
