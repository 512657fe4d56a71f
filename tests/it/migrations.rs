//! The schema: the same in both databases, and never at the cost of what is stored.

use jitsi_lti::db::migrate::is_behind;
use jitsi_lti::db::{DbError, open};

use crate::support::{Backend, CLIENT_ID, Serving, Shell, Storage, TestTool, on_both};

on_both!(migrating_again_keeps_what_is_stored, processes_that_migrate_at_once_take_turns);

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
    let storage = Storage::new(backend);
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
    let storage = Storage::new(backend);
    let shell = Shell::at(&storage.url());
    let mut together: Vec<_> = (0..6).map(|_| shell.starts(&["migrate"])).collect();
    for process in &mut together {
        let (status, said) = process.finish();
        assert!(status.success(), "{said}");
    }
    assert_eq!(shell.does(&["migrate"]), "The database is up to date.\n");
}
