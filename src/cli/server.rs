//! `server`: the Jitsi servers that classes take place on.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};

use super::{SYSTEM, database, say};
use crate::app::sealer;
use crate::clock::Clock as _;
use crate::config::Config;
use crate::db::Database;
use crate::ids::jitsi_room;
use crate::jitsi::room_token::Entrance;
use crate::jitsi::server_check::{Finding, ServerCheck, with_wrong_signature};
use crate::jitsi::server_kind::{JAAS_ORIGIN, ServerKind, TokenRules, TokenSigning, jaas, parse_origin};
use crate::outbound::{Outbound, Reach};
use crate::servers::{NewServer, Server, ServerError, SignerCache, store};
use crate::signing::{KeyRing, SHORTEST_SECRET};

/// What to do with servers.
#[derive(Subcommand)]
pub enum ServerCommand {
    /// Add a server
    Add(AddArgs),
    /// List the servers
    List,
    /// Check a server: its files, and logins with a right token, a wrong one and none
    Test {
        /// The server's name
        name: String,
    },
    /// Make a server the one for rooms that name none
    Default {
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
#[derive(Args)]
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
    /// Make it the server of rooms that name none
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
    }
}

impl AddArgs {
    fn new_server(&self) -> anyhow::Result<NewServer> {
        let (url, kind, secret) = match self.kind {
            Kind::Public => (parse_origin(self.domain()?)?, ServerKind::Public, None),
            Kind::SelfHosted => self.self_hosted()?,
            Kind::Jaas => {
                let app_id = self.app_id.as_deref().context("a JaaS server needs --app-id")?;
                let kid = self.key_id.as_deref().context("a JaaS server needs --key-id")?;
                let file = self.key_file.as_ref().context("a JaaS server needs --key-file")?;
                (
                    parse_origin(self.domain.as_deref().unwrap_or(JAAS_ORIGIN))?,
                    jaas(app_id, kid)?,
                    Some(read(file)?),
                )
            }
        };
        Ok(NewServer { name: self.name.clone(), url, kind, secret, default: self.default })
    }

    fn self_hosted(&self) -> anyhow::Result<(url::Url, ServerKind, Option<SecretString>)> {
        let url = parse_origin(self.domain()?)?;
        let secret = match (&self.secret, &self.secret_file) {
            (Some(secret), None) => Some(SecretString::from(secret.as_str())),
            (None, Some(file)) => Some(read(file)?),
            (None, None) if self.public_key => None,
            (None, None) => {
                bail!("a self-hosted server needs --secret-file (its app_secret) or --public-key")
            }
            (Some(_), Some(_)) => bail!("--secret and --secret-file are both given; keep one"),
        };
        if secret.is_some() && self.public_key {
            bail!(
                "a server checks either a shared secret or our public key; keep one of --secret-file and --public-key"
            );
        }
        let rules = TokenRules {
            app_id: self.app_id.clone().context("a self-hosted server needs --app-id")?,
            audience: self.audience.clone(),
            subject: self.subject.clone().unwrap_or_else(|| url.host_str().unwrap_or("*").to_owned()),
            signing: if self.public_key { TokenSigning::PublicKey } else { TokenSigning::Secret },
        };
        Ok((url, ServerKind::SelfHosted(rules), secret))
    }

    fn domain(&self) -> anyhow::Result<&str> {
        self.domain.as_deref().context("the server needs --domain")
    }
}

fn read(file: &PathBuf) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(SecretString::from(text.trim()))
}

/// Adds a server to the database.
pub async fn add(db: &Database, new: NewServer, config: &Config) -> anyhow::Result<()> {
    new.check()?;
    let is_short = |secret: &SecretString| secret.expose_secret().len() < SHORTEST_SECRET;
    let short = new.secret.as_ref().is_some_and(is_short);
    let (clock, random) = SYSTEM;
    let (sealer, now, name, kind) =
        (sealer(config, &random)?, clock.now(), new.name.clone(), new.kind.clone());
    let added: Result<String, ServerError> =
        db.write(move |connection| store::insert(connection, &new, &sealer, now, &random)).await;
    added?;
    say(format_args!("Added: {name}."));
    if short {
        say(
            "Its secret has fewer than 32 characters, so it can be guessed: give the Jitsi server a longer app_secret.",
        );
    }
    if let ServerKind::SelfHosted(TokenRules { signing: TokenSigning::PublicKey, .. }) = kind {
        say(format_args!("Set on the server: asap_key_server = \"{}\"", config.base_url.join("jitsi/keys")?));
    }
    Ok(())
}

async fn list(db: &Database) -> anyhow::Result<()> {
    let servers = db.read(store::list).await?;
    if servers.is_empty() {
        say("No Jitsi server is set up. Add one with: jitsi-lti server add --help");
    }
    for (server, default) in servers {
        let mark = if default { "default" } else { "" };
        say(format_args!(
            "{:8} {:7} {:11} {}  {}",
            server.status.word(),
            mark,
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
        .write(move |connection| {
            let server = store::find_named(connection, &wanted)?;
            Ok(store::set_default(connection, &server.id)?)
        })
        .await;
    done?;
    say(format_args!("{name} is the default now."));
    Ok(())
}

async fn test(db: &Database, name: &str, config: &Config) -> anyhow::Result<()> {
    let wanted = name.to_owned();
    let server: Result<Server, ServerError> =
        db.read(move |connection| store::find_named(connection, &wanted)).await;
    let server = server?;
    let (clock, random) = SYSTEM;
    let sealer = sealer(config, &random)?;
    let keys = KeyRing::load(db, &sealer, clock.now(), &random).await?;
    let room = jitsi_room(&random);
    let entrance = Entrance {
        room: room.clone(),
        user_id: "server-test".to_owned(),
        name: "Server test".to_owned(),
        avatar: None,
        moderator: false,
        group: "server-test".to_owned(),
    };
    let token = SignerCache::default().room_token(&server, &entrance, (&sealer, &keys), clock.now())?;
    let wrong = token.as_deref().map(with_wrong_signature);
    let outbound = Outbound::new();
    let check =
        ServerCheck { outbound: &outbound, kind: &server.kind, origin: &server.url, reach: Reach::Private };
    let mut findings = vec![check.script().await];
    findings.extend(check.logins(&room, token.as_deref(), wrong.as_deref()).await);
    report(&findings)
}

fn report(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        match finding {
            Finding::Good(words) => say(format_args!("ok      {words}")),
            Finding::Notice(words) => say(format_args!("notice  {words}")),
            Finding::Bad(words) => say(format_args!("FAILED  {words}")),
        }
    }
    let bad = findings.iter().filter(|finding| matches!(finding, Finding::Bad(_))).count();
    if bad > 0 { bail!("{bad} check(s) failed") } else { Ok(()) }
}
