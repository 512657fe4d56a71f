//! Which errors say that the database is out of order at the moment, and not that a query is wrong.

use diesel::result::DatabaseErrorKind;

/// What SQLite says while a file cannot be written or read: locked, read-only, on a full or broken disk.
///
/// Spec: SQLite result codes BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN, NOMEM, PROTOCOL; only their text is passed on.
const SQLITE: [&str; 8] = [
    "database is locked",
    "database table is locked",
    "attempt to write a readonly database",
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
    "out of memory",
    "locking protocol",
];

/// The same of PostgreSQL: the classes 53 (resources), 57 (operators), 58 (system), and locks that were not given.
///
/// Quirk: codes of these classes are not passed on, only texts, in the language of the server's `lc_messages`.
const POSTGRES: [&str; 15] = [
    "No space left on device",
    "too many clients already",
    "too many connections",
    "remaining connection slots are reserved",
    "canceling statement due to",
    "terminating connection",
    "the database system is",
    "deadlock detected",
    "during recovery",
    "out of shared memory",
    "could not write",
    "could not read",
    "could not extend",
    "could not open file",
    "could not fsync",
];

/// Whether an error of this kind and text passes: the same query may succeed later.
pub(super) fn is_outage(kind: &DatabaseErrorKind, message: &str) -> bool {
    match kind {
        DatabaseErrorKind::ClosedConnection
        | DatabaseErrorKind::UnableToSendCommand
        | DatabaseErrorKind::ReadOnlyTransaction
        | DatabaseErrorKind::SerializationFailure => true,
        DatabaseErrorKind::Unknown => {
            SQLITE.iter().any(|text| message.starts_with(text))
                || POSTGRES.iter().any(|text| message.contains(text))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_cannot_be_written_is_away_and_no_mistake_of_ours() {
        let outages = [
            "database is locked",
            "database table is locked: lti_user",
            "attempt to write a readonly database",
            "disk I/O error",
            "database or disk is full",
            "unable to open database file",
            "could not extend file \"base/5/1234\": No space left on device",
            "sorry, too many clients already",
            "canceling statement due to statement timeout",
            "canceling statement due to lock timeout",
            "terminating connection due to administrator command",
            "the database system is in recovery mode",
            "could not write to file \"pg_wal/xlogtemp.7\": No space left on device",
        ];
        for message in outages {
            assert!(is_outage(&DatabaseErrorKind::Unknown, message), "{message}");
            assert!(!is_outage(&DatabaseErrorKind::UniqueViolation, message), "{message}");
        }
        assert!(is_outage(&DatabaseErrorKind::ReadOnlyTransaction, "cannot execute INSERT"));
        let mistakes = [
            "no such table: lti_user",
            "syntax error at or near \"FROM\"",
            "value too long for type character varying(40)",
            "column index out of range",
            "database disk image is malformed",
        ];
        for message in mistakes {
            assert!(!is_outage(&DatabaseErrorKind::Unknown, message), "{message}");
        }
    }
}
