//! The schema: the same in both databases, and never at the cost of what is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::connection::SimpleConnection as _;
use jitsi_lti::db::migrate::is_behind;
use jitsi_lti::db::{DbError, open};
use jitsi_lti::ids::Random;
use jitsi_lti::sealing::Sealer;
use jitsi_lti::signing::{PemKeyPair, generate_key_pair};
use secrecy::SecretString;

use crate::support::{
    Backend, CLIENT_ID, Lesson, NOW, SECRET, Serving, Setup, Shell, Storage, TestTool, on_both,
};

on_both!(
    migrating_again_keeps_what_is_stored,
    processes_that_migrate_at_once_take_turns,
    a_database_in_use_is_brought_forward,
    times_from_before_there_were_dates_become_one_and_close_no_door,
    a_key_from_before_keys_changed_goes_on_signing,
);

const IN_SQLITE: &str = "SELECT tables.name || '.' || columns.name || ' ' || lower(columns.type) || ' ' \
     || CASE columns.\"notnull\" WHEN 1 THEN 'needed' ELSE 'optional' END AS value \
     FROM sqlite_master tables, pragma_table_info(tables.name) columns \
     WHERE tables.type = 'table' AND tables.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND tables.name NOT LIKE 'sqlite%'";
const IN_POSTGRES: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' \
     || CASE is_nullable WHEN 'NO' THEN 'needed' ELSE 'optional' END AS value \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) =
        (TestTool::start(Backend::Sqlite).await, TestTool::start(Backend::Postgres).await);
    let mut here = sqlite.texts(IN_SQLITE).await;
    let mut there = postgres.texts(IN_POSTGRES).await;
    here.sort();
    there.sort();
    assert!(here.len() > 60, "{here:#?}");
    assert_eq!(here, there);
}

async fn migrating_again_keeps_what_is_stored(backend: Backend) {
    let storage = Storage::empty(backend);
    let shell = Shell::at(&storage.url());
    let behind = || is_behind(&mut open(&storage.database()).unwrap());
    assert!(matches!(behind(), Ok(true) | Err(DbError::Inconsistent { .. })), "an empty database is behind");
    assert!(shell.does(&["migrate"]).contains("migration(s) done"));
    assert!(!behind().unwrap());
    let (lms, _site, _) = Serving::platform();
    shell.adds(&lms);
    shell.does(&["server", "add", "--name", "open", "--kind", "public", "--domain", "meet.example.org"]);
    let before = (shell.does(&["platform", "list"]), shell.does(&["server", "list"]));
    assert!(before.0.contains(CLIENT_ID));
    assert_eq!(shell.does(&["migrate"]), "The database is up to date.\n");
    assert_eq!((shell.does(&["platform", "list"]), shell.does(&["server", "list"])), before);
}

async fn processes_that_migrate_at_once_take_turns(backend: Backend) {
    let storage = Storage::empty(backend);
    let shell = Shell::at(&storage.url());
    let mut together: Vec<_> = (0..6).map(|_| shell.starts(&["migrate"])).collect();
    for process in &mut together {
        let (status, output) = process.finish();
        assert!(status.success(), "{output}");
    }
    assert_eq!(shell.does(&["migrate"]), "The database is up to date.\n");
}

/// What an installation of the release before marks has stored: a learner who was in class.
const BEFORE_MARKS: &str = "
    INSERT INTO platform VALUES ('00000000000000000000000000000001', 'https://lms.example', 'c', 'LMS', 'https://lms.example/a', 'https://lms.example/t',
        'https://lms.example/k', NULL, FALSE, 'active', 1, 1);
    INSERT INTO deployment VALUES ('00000000000000000000000000000002', '00000000000000000000000000000001', '1', 'active', 1);
    INSERT INTO context VALUES ('00000000000000000000000000000003', '00000000000000000000000000000002', '101', 'ALG1', 'Algebra 1', 1);
    INSERT INTO room VALUES ('00000000000000000000000000000004', NULL, 'kroom', '{}', 1);
    INSERT INTO resource_link VALUES ('00000000000000000000000000000005', '00000000000000000000000000000003', '1', 'Live class', NULL, 1);
    INSERT INTO room_link VALUES ('00000000000000000000000000000005', '', '00000000000000000000000000000004');
    INSERT INTO lti_user VALUES ('00000000000000000000000000000006', '00000000000000000000000000000001', 'ana', 'x', 'Ana Silva', 'ana silva', 'ana@lms.example', NULL, NULL, 'active', 1, 1);
    INSERT INTO lti_user VALUES ('00000000000000000000000000000007', '00000000000000000000000000000001', 'ben', 'y', NULL, '', NULL, NULL, NULL, 'active', 1, 1);
    INSERT INTO lti_user VALUES ('00000000000000000000000000000008', '00000000000000000000000000000001', 'cleo', 'z', '-', '-', NULL, NULL, NULL, 'active', 1, 1);
    INSERT INTO membership VALUES ('00000000000000000000000000000006', '00000000000000000000000000000003', '[]', 1);
    INSERT INTO membership VALUES ('00000000000000000000000000000007', '00000000000000000000000000000003', '[]', 1);
    INSERT INTO membership VALUES ('00000000000000000000000000000008', '00000000000000000000000000000003', '[]', 1);
    INSERT INTO meeting VALUES ('00000000000000000000000000000009', '00000000000000000000000000000004', 1000, 61000, 61000);
    INSERT INTO presence VALUES ('s', '00000000000000000000000000000009', '00000000000000000000000000000004', '00000000000000000000000000000005', '00000000000000000000000000000006', 'participant', 'heartbeat', 'v', 1000, 61000, TRUE);
    INSERT INTO launch_log VALUES ('1', 1, '00000000000000000000000000000001', '1', 'x', 'entered', 'state form platform key token single-use', NULL, 'r');
    INSERT INTO launch_log VALUES ('2', 2, '00000000000000000000000000000001', '1', NULL, 'token-signature', 'state form platform key', 'x', 'r');
    INSERT INTO launch_log VALUES ('3', 3, '00000000000000000000000000000001', '9', 'x', 'deployment-unknown', 'state form platform key token', 'x', 'r');
    INSERT INTO launch_log VALUES ('4', 4, NULL, NULL, NULL, 'state-unreadable', '', 'x', 'r');";

/// The state of the schema after the migrations called `names`, as that release left it.
fn migrated_up_to(storage: &Storage, names: &[&str]) {
    let mut connection = open(&storage.database()).unwrap();
    connection
        .batch_execute(
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        )
        .unwrap();
    for name in names {
        let path = format!("{}/migrations/{name}/up.sql", env!("CARGO_MANIFEST_DIR"));
        connection.batch_execute(&std::fs::read_to_string(path).unwrap()).unwrap();
        let version = name.split_once('_').unwrap().0;
        let done = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')");
        connection.batch_execute(&done).unwrap();
    }
}

async fn a_database_in_use_is_brought_forward(backend: Backend) {
    let storage = Storage::empty(backend);
    migrated_up_to(&storage, &["2026112201_launches", "2026112202_presence"]);
    open(&storage.database()).unwrap().batch_execute(BEFORE_MARKS).unwrap();
    let missing =
        std::fs::read_dir(format!("{}/migrations", env!("CARGO_MANIFEST_DIR"))).unwrap().count() - 2;
    let done = format!("{missing} migration(s) done");
    assert!(Shell::at(&storage.url()).does(&["migrate"]).contains(&done));
    let tool = Setup::new(backend).over(storage).start().await;
    let kept = "SELECT COUNT(*) AS value FROM presence WHERE settled AND last_seen = 61000";
    assert_eq!(
        tool.number(kept.to_owned()).await,
        1,
        "what was before marks counts, and is not sent by itself"
    );
    for unknown in ["resource_link WHERE grade_service IS NULL", "context WHERE memberships_url IS NULL"] {
        assert_eq!(tool.number(format!("SELECT COUNT(*) AS value FROM {unknown}")).await, 1);
    }
    let numbers = tool.texts("SELECT sub || ' ' || number AS value FROM person_number ORDER BY number").await;
    assert_eq!(numbers, ["ben 1", "cleo 2"], "who has no name has a number");
    let placed = "SELECT COUNT(*) AS value FROM room_item WHERE id = room_id AND room_id = '00000000000000000000000000000004' AND resource_link_id = '00000000000000000000000000000005'";
    assert_eq!(tool.number(placed.to_owned()).await, 1, "a room's first activity has its item");
    let owned = "SELECT COUNT(*) AS value FROM room WHERE id = '00000000000000000000000000000004' AND context_id = '00000000000000000000000000000003'";
    assert_eq!(tool.number(owned.to_owned()).await, 1, "a room belongs to the course of its activity");
    let logged = "SELECT id || ' ' || COALESCE(deployment_id, '-') || ' ' || COALESCE(claimed_deployment, '-') AS value \
         FROM launch_log ORDER BY at";
    assert_eq!(
        tool.texts(logged).await,
        ["1 1 -", "2 - 1", "3 - 9"],
        "only what was proved fills a deployment's list"
    );
    Lesson::begin(&tool, "1").await.attends("ana", 9).await;
}

async fn times_from_before_there_were_dates_become_one_and_close_no_door(backend: Backend) {
    let storage = Storage::empty(backend);
    let folder = format!("{}/migrations", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.as_str() < "2026113002")
        .collect();
    names.sort();
    migrated_up_to(&storage, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rooms = [
        (1, r#"{"target_minutes":45,"marks":"auto","begins":1795680000000,"ends":1795685400000}"#),
        (2, r#"{"target_minutes":30,"grades":"auto","begins":1795680000000,"ends":null}"#),
        (3, r#"{"ends":1795680000000,"target_minutes":30,"title":"says \"begins\":1795680000000"}"#),
        (4, r#"{"target_minutes":30,"begins":null,"ends":null,"help":"\"ends\":1795680000000"}"#),
        (5, "{}"),
    ];
    for (number, settings) in rooms {
        let row = format!(
            "INSERT INTO room (id, jitsi_room, settings, created_at) \
             VALUES ('0000000000000000000000000000000{number}', 'r{number}', '{settings}', 1)"
        );
        open(&storage.database()).unwrap().batch_execute(&row).unwrap();
    }
    assert!(Shell::at(&storage.url()).does(&["migrate"]).contains("migration(s) done"));
    let tool = Setup::new(backend).over(storage).start().await;
    let dates = "SELECT room_id || ' ' || begins || ' ' || ends || ' ' || planned || ' ' || state AS value \
         FROM occurrence ORDER BY room_id";
    let id = |number: u32| format!("0000000000000000000000000000000{number}");
    assert_eq!(
        tool.texts(dates).await,
        [
            format!("{} 1795680000000 1795685400000 1795680000000 planned", id(1)),
            format!("{} 1795680000000 1795683600000 1795680000000 planned", id(2)),
            format!("{} 1795676400000 1795680000000 1795676400000 planned", id(3)),
        ]
    );
    let open = "SELECT COUNT(*) AS value FROM room WHERE settings LIKE '{\"only_in_time\":false,%'";
    assert_eq!(tool.number(open.to_owned()).await, 3, "a time that told when it is goes on doing so");
}

async fn a_key_from_before_keys_changed_goes_on_signing(backend: Backend) {
    let storage = Storage::empty(backend);
    migrated_up_to(&storage, &["2026112201_launches", "2026112202_presence"]);
    let PemKeyPair { private, public } = generate_key_pair().unwrap();
    let sealer = Sealer::parse(&SecretString::from(SECRET)).unwrap();
    let sealed = sealer.seal("tool_key:old", private.as_bytes(), &Random::System);
    let row = format!(
        "INSERT INTO tool_key (id, purpose, kid, private_key, public_key, status, created_at) \
         VALUES ('old', 'platforms', 'the-old-one', '{sealed}', '{public}', 'active', {NOW}000)"
    );
    open(&storage.database()).unwrap().batch_execute(&row).unwrap();
    let tool = Setup::new(backend).over(storage).start().await;
    let published = tool.browser().opens("/lti/jwks").await.body;
    assert_eq!(published.matches("\"kid\"").count(), 1, "{published}");
    let teacher = tool.browser();
    let picker = teacher.picks("tessa", "101").await;
    let message = teacher.chooses(&picker, &[("action", "cancel")]).await.field("JWT");
    let header = URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap();
    for text in [published.as_bytes(), &header] {
        assert!(String::from_utf8_lossy(text).contains("the-old-one"));
    }
    let begins = "SELECT COUNT(*) AS value FROM tool_key WHERE id = 'old' AND signs_from = created_at";
    assert_eq!(tool.number(begins.to_owned()).await, 1);
}
