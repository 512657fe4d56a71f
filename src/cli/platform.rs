//! `platform`: the learning platforms that may launch.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use secrecy::SecretString;

use super::{SYSTEM, database, say};
use crate::admin::audit::TERMINAL;
use crate::admin::platforms::removal;
use crate::clock::{Clock as _, Timestamp};
use crate::config::{Config, PlatformEntry};
use crate::db::Database;
use crate::i18n::{Args as TextArgs, Texts};
use crate::ids::{PlatformId, Random};
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::registration::check::{PlatformFinding, PlatformVerdict, check_addresses};
use crate::lti::registration::platform::{Platform, PlatformError, Status};
use crate::lti::store;
use crate::outbound::{NetworkPolicy, Outbound};
use crate::startup::sealer;

/// What to do with platforms.
#[derive(Subcommand)]
pub enum PlatformCommand {
    /// Register a platform; the same issuer and client id again change its values
    Add(Box<PlatformEntry>),
    /// List the platforms
    List,
    /// Show a platform with the addresses to enter there
    Show(Named),
    /// Forbid launches of a platform
    Disable(Named),
    /// Allow launches of a platform again
    Enable(Named),
    /// Check a platform's addresses, keys and clock
    Test(Named),
    /// Delete a platform with its courses, rooms, attendance and grades, for good
    Delete(DeleteArgs),
    /// Let a platform's old identifiers of LTI 1.1 count, with the key and secret that it used then
    Legacy(LegacyArgs),
}

/// A platform's old key and secret.
#[derive(Args, Clone)]
pub struct LegacyArgs {
    #[command(flatten)]
    named: Named,
    /// The consumer key of LTI 1.1
    #[arg(long, required_unless_present = "off")]
    key: Option<String>,
    /// File that holds the shared secret of LTI 1.1
    #[arg(long, required_unless_present = "off")]
    secret_file: Option<PathBuf>,
    /// Let them count no more
    #[arg(long, conflicts_with_all = ["key", "secret_file"])]
    off: bool,
}

/// A platform to delete.
#[derive(Args, Clone)]
pub struct DeleteArgs {
    #[command(flatten)]
    named: Named,
    /// Delete without asking for the platform's name
    #[arg(long)]
    yes: bool,
}

/// A platform by its issuer and our client id there.
#[derive(Args, Clone)]
pub struct Named {
    /// The platform's issuer
    #[arg(long)]
    issuer: String,
    /// The client id that the platform gave this tool
    #[arg(long)]
    client_id: String,
}

/// Runs the command.
pub async fn run(command: &PlatformCommand, config: &Config) -> anyhow::Result<()> {
    let db = database(config)?;
    let (clock, random) = SYSTEM;
    match command {
        PlatformCommand::Add(entry) => {
            provision(&db, entry, clock.now(), &random).await?;
            say(format_args!("Registered: {} (client id {}).", entry.issuer, entry.client_id));
            say_what_is_left(&db, entry, config).await?;
        }
        PlatformCommand::List => list(&db).await?,
        PlatformCommand::Show(named) => show(&db, named, config).await?,
        PlatformCommand::Disable(named) => set_status(&db, named, Status::Disabled).await?,
        PlatformCommand::Enable(named) => set_status(&db, named, Status::Active).await?,
        PlatformCommand::Legacy(args) => set_legacy(&db, args, config).await?,
        PlatformCommand::Test(named) => test(&find(&db, named).await?, clock.now()).await?,
        PlatformCommand::Delete(args) => delete(&db, args, config).await?,
    }
    Ok(())
}

/// Says what keeps people from launching, if anything does.
async fn say_what_is_left(db: &Database, entry: &PlatformEntry, config: &Config) -> anyhow::Result<()> {
    let named = Named { issuer: entry.issuer.clone(), client_id: entry.client_id.clone() };
    let platform = find(db, &named).await?;
    if platform.status != Status::Active {
        say("It is switched off: switch it on with jitsi-lti platform enable.");
    }
    let deployments = db.read(move |connection| store::list_deployments(connection, platform.id)).await?;
    let is = |status: Status| deployments.iter().any(|one| one.status == status);
    let pages = config.addresses.admin_url.join("admin")?;
    if deployments.is_empty() {
        say(format_args!(
            "It has no deployment yet, so nobody can launch. Open the activity once in the LMS, then approve its \
             deployment at {pages}; or run the command again with --deployment ID."
        ));
    } else if !is(Status::Active) && is(Status::Pending) {
        say(format_args!("Its deployment waits for your approval at {pages}, so nobody can launch yet."));
    } else if !is(Status::Active) {
        say(format_args!("Its deployments are switched off, so nobody can launch. Approve one at {pages}."));
    }
    Ok(())
}

/// Registers a platform and its deployments. Doing it again changes nothing, or takes over new values.
///
/// Quirk: a platform that was disabled stays disabled.
pub async fn provision(
    db: &Database,
    entry: &PlatformEntry,
    now: Timestamp,
    random: &Random,
) -> anyhow::Result<()> {
    let mut platform = Platform {
        id: PlatformId::new(now, random),
        name: entry.name.clone().unwrap_or_else(|| entry.issuer.clone()),
        issuer: entry.issuer.clone(),
        client_id: entry.client_id.clone(),
        auth_url: entry.auth_url.clone(),
        token_url: entry.token_url.clone(),
        jwks_url: entry.jwks_url.clone(),
        token_audience: entry.token_audience.clone(),
        policy: NetworkPolicy::allowing_private(entry.allow_private_network),
        status: Status::Active,
        family: None,
        allows_anonymous: entry.allow_anonymous,
        frames: Vec::new(),
        role_rules: RoleRules::default(),
        keys_since: Timestamp::EPOCH,
        approves_deployments: false,
    };
    platform.check()?;
    if entry.deployments.iter().any(|id| id.is_empty() || id.len() > 255) {
        bail!(PlatformError::Length("a deployment id"));
    }
    let deployments = entry.deployments.clone();
    Ok(db
        .write(move |tx| {
            if let Some(known) = store::find(tx.connection, &platform.issuer, &platform.client_id)? {
                platform.status = known.status;
            }
            let id = store::save(tx, &platform)?;
            deployments.iter().try_for_each(|name| store::add_deployment(tx, id, name))
        })
        .await?)
}

async fn list(db: &Database) -> anyhow::Result<()> {
    let platforms: Vec<Platform> = db.read(store::list).await?;
    if platforms.is_empty() {
        say("No platform is registered. Register one with: jitsi-lti platform add --help");
    }
    for platform in platforms {
        say(format_args!(
            "{:8} {}  client id {}  ({})",
            platform.status, platform.issuer, platform.client_id, platform.name
        ));
    }
    Ok(())
}

async fn find(db: &Database, named: &Named) -> anyhow::Result<Platform> {
    let wanted = named.clone();
    let found: Option<Platform> =
        db.read(move |connection| store::find(connection, &wanted.issuer, &wanted.client_id)).await?;
    Ok(found.ok_or_else(|| unknown(named))?)
}

fn unknown(named: &Named) -> PlatformError {
    PlatformError::Unknown { issuer: named.issuer.clone(), client_id: named.client_id.clone() }
}

async fn show(db: &Database, named: &Named, config: &Config) -> anyhow::Result<()> {
    let platform = find(db, named).await?;
    let id = platform.id;
    let deployments = db.read(move |connection| store::list_deployments(connection, id)).await?;
    let at = |path: &str| config.addresses.base_url.join(path).map(String::from);
    let lines = [
        ("name", platform.name),
        ("status", platform.status.to_string()),
        ("issuer", platform.issuer),
        ("client id", platform.client_id),
        ("authentication request URL", platform.auth_url.into()),
        ("access token URL", platform.token_url.into()),
        ("public keyset URL", platform.jwks_url.into()),
        (
            "private network",
            if platform.policy == NetworkPolicy::Private { "allowed" } else { "refused" }.to_owned(),
        ),
        ("launches without a name", if platform.allows_anonymous { "allowed" } else { "refused" }.to_owned()),
        ("enter there: tool URL", at("lti/launch")?),
        ("enter there: initiate login URL", at("lti/login")?),
        ("enter there: redirection URI", at("lti/launch")?),
        ("enter there: public keyset", at("lti/jwks")?),
    ];
    let custom = config.tool.custom_parameters.iter().map(|(name, variable)| format!("{name}={variable}"));
    for (label, value) in lines {
        say(format_args!("{label:32} {value}"));
    }
    for line in custom {
        say(format_args!("{:32} {line}", "enter there: custom parameter"));
    }
    for deployment in deployments {
        say(format_args!("{:32} {} ({})", "deployment", deployment.deployment_id, deployment.status));
    }
    Ok(())
}

async fn set_status(db: &Database, named: &Named, status: Status) -> anyhow::Result<()> {
    let wanted = named.clone();
    let known = db.write(move |tx| store::set_status(tx, &wanted.issuer, &wanted.client_id, status)).await?;
    if !known {
        bail!(unknown(named));
    }
    say(format_args!("{} is {status} now.", named.issuer));
    Ok(())
}

async fn set_legacy(db: &Database, args: &LegacyArgs, config: &Config) -> anyhow::Result<()> {
    let platform = find(db, &args.named).await?;
    let (_, random) = SYSTEM;
    let sealer = sealer(config, db, &random).await?;
    let legacy = match (&args.key, &args.secret_file) {
        (Some(key), Some(file)) if !args.off => {
            let secret = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            if secret.trim().is_empty() || key.is_empty() || key.len() > 255 {
                bail!("the key must have between 1 and 255 characters, and the secret at least one");
            }
            Some(store::LegacyKey { key: key.clone(), secret: SecretString::from(secret.trim()) })
        }
        _ => None,
    };
    let (id, is_on) = (platform.id, legacy.is_some());
    db.write(move |tx| store::save_legacy_secret(tx.connection, id, legacy.as_ref(), &sealer, &random))
        .await?;
    say(if is_on {
        "Its identifiers of LTI 1.1 count, where that secret signed them."
    } else {
        "Its identifiers of LTI 1.1 do not count."
    });
    Ok(())
}

/// Shows what would go with a platform, and deletes it when its name is typed.
async fn delete(db: &Database, args: &DeleteArgs, config: &Config) -> anyhow::Result<()> {
    let Platform { id, name, .. } = find(db, &args.named).await?;
    let wanted = id;
    let belongings = db.read(move |connection| removal::store::count(connection, wanted)).await?;
    let texts = Texts::load(&config.data.folder.join("locales"))?;
    say(format_args!("What goes with {name}:"));
    for (word, count) in belongings.counts() {
        let text = texts.find_text(&texts.locale("en"), &format!("admin-delete-{word}"), &TextArgs::new());
        say(format_args!("  {:40} {count:>8}", text.unwrap_or_else(|| word.to_owned())));
    }
    if !args.yes {
        say("It can't be undone. Grades already in the platform stay there. To delete it, type its name:");
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("the terminal can't be read")?;
        if line.trim() != name.trim() {
            bail!("nothing was deleted: that's not the name, {name}");
        }
    }
    let deleted = name.clone();
    db.write(move |tx| removal::delete(tx, TERMINAL, id, &name)).await?;
    say(format_args!("{deleted} is deleted."));
    Ok(())
}

/// Asks each address of the platform, and compares clocks.
async fn test(platform: &Platform, now: Timestamp) -> anyhow::Result<()> {
    let findings = check_addresses(&Outbound::new(), platform, now).await;
    for PlatformFinding { subject, verdict, detail } in &findings {
        let word = if *verdict == PlatformVerdict::Bad { "FAILED" } else { "ok" };
        say(format_args!("{word:6} {:24} {detail}", subject.label()));
    }
    let failures = findings.iter().filter(|finding| finding.verdict == PlatformVerdict::Bad).count();
    if failures > 0 { bail!("{failures} check(s) failed") } else { Ok(()) }
}
