//! The columns' types where text or a number alone would say too little: identifiers of each kind, states, moments.
//!
//! Both databases store them as TEXT and BIGINT. The types exist for the compiler: a room's identifier is no user's, neither as
//! a value nor in a query. What a column holds lives in its own file, and says there by [`stored_as_text`] which column that is.

use std::any::Any;

use diesel::pg::{Pg, PgTypeMetadata};
use diesel::sql_types::{BigInt, HasSqlType, SqlOrd, Text, TypeMetadata};
use diesel::sqlite::{Sqlite, SqliteType};

pub(crate) use diesel::deserialize::FromSqlRow;
pub(crate) use diesel::expression::AsExpression;

pub(crate) use super::connection::MultiBackend;

/// Declares column types that both databases store as one of their own types.
macro_rules! columns {
    ($stored:ty, $sqlite:ident: $($(#[$doc:meta])* $column:ident,)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
        pub struct $column;

        impl HasSqlType<$column> for Pg {
            fn metadata(lookup: &mut Self::MetadataLookup) -> PgTypeMetadata {
                <Self as HasSqlType<$stored>>::metadata(lookup)
            }
        }
        impl HasSqlType<$column> for Sqlite {
            fn metadata(_: &mut Self::MetadataLookup) -> SqliteType {
                SqliteType::$sqlite
            }
        }
        impl HasSqlType<$column> for MultiBackend {
            fn metadata(lookup: &mut dyn Any) -> <Self as TypeMetadata>::TypeMetadata {
                Self::lookup_sql_type::<$column>(lookup)
            }
        }
    )* };
}

columns! { Text, Text:
    /// Holds [`crate::ids::PlatformId`].
    PlatformId,
    /// Holds [`crate::ids::DeploymentId`].
    DeploymentId,
    /// Holds [`crate::ids::ContextId`].
    ContextId,
    /// Holds [`crate::ids::LinkId`].
    LinkId,
    /// Holds [`crate::ids::RoomId`].
    RoomId,
    /// Holds [`crate::ids::UserId`].
    UserId,
    /// Holds [`crate::ids::ServerId`].
    ServerId,
    /// Holds [`crate::ids::MeetingId`].
    MeetingId,
    /// Holds [`crate::ids::OccurrenceId`].
    OccurrenceId,
}

columns! { Text, Text:
    /// Holds [`crate::lti::registration::platform::Status`].
    Status,
    /// Holds [`crate::servers::ServerStatus`].
    ServerStatus,
    /// Holds [`crate::lti::services::member::MemberStatus`].
    MemberStatus,
    /// Holds [`crate::lti::launch::roles::MeetingRole`].
    MeetingRole,
    /// Holds [`crate::rooms::copy::CopyAnswer`].
    CopyAnswer,
    /// Holds [`crate::rooms::schedule::occurrence::OccurrenceState`].
    OccurrenceState,
    /// Holds [`crate::lti::services::clock::ServiceKind`].
    ServiceKind,
    /// Holds [`crate::signing::KeyPurpose`].
    KeyPurpose,
    /// Holds [`crate::jobs::fairness::Pool`].
    Pool,
}

columns! { BigInt, Long:
    /// Holds [`crate::clock::Timestamp`]: milliseconds since the epoch.
    Moment,
}

impl SqlOrd for Moment {}

/// Stores a type as one that both databases know: what to write of a value, and how to read it again.
macro_rules! stored_as {
    ($value:ty, $column:ty, $stored:ty as $sql:ty, $write:expr, $read:expr) => {
        impl diesel::serialize::ToSql<$column, diesel::pg::Pg> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                let stored: $stored = ($write)(self);
                <$stored as diesel::serialize::ToSql<$sql, diesel::pg::Pg>>::to_sql(
                    &stored,
                    &mut out.reborrow(),
                )
            }
        }
        impl diesel::serialize::ToSql<$column, diesel::sqlite::Sqlite> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                let stored: $stored = ($write)(self);
                out.set_value(stored);
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl diesel::serialize::ToSql<$column, $crate::db::columns::MultiBackend> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, $crate::db::columns::MultiBackend>,
            ) -> diesel::serialize::Result {
                out.set_value((<$column>::default(), self));
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl<DB> diesel::deserialize::FromSql<$column, DB> for $value
        where
            DB: diesel::backend::Backend,
            $stored: diesel::deserialize::FromSql<$sql, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                ($read)(<$stored as diesel::deserialize::FromSql<$sql, DB>>::from_sql(value)?)
            }
        }
    };
}
pub(crate) use stored_as;

/// Stores a type as what its `Display` writes and its `FromStr` reads, in columns of one type.
macro_rules! stored_as_text {
    ($value:ty, $column:ty) => {
        $crate::db::columns::stored_as!(
            $value,
            $column,
            String as diesel::sql_types::Text,
            |value: &$value| value.to_string(),
            |text: String| Ok(text.parse()?)
        );
    };
}
pub(crate) use stored_as_text;

/// Stores a state as its word, in columns of one type. Reading needs `parse`, writing `word`.
///
/// Errors: a word that `parse` doesn't know makes the row unreadable, by its column's name.
macro_rules! stored_as_word {
    ($value:ty, $column:ty) => {
        $crate::db::columns::stored_as!(
            $value,
            $column,
            String as diesel::sql_types::Text,
            |value: &$value| value.word().to_owned(),
            |word: String| <$value>::parse(&word).ok_or_else(|| format!("{word:?} is not known here").into())
        );
    };
}
pub(crate) use stored_as_word;

/// Stores a type as a whole number, in columns of one type.
macro_rules! stored_as_number {
    ($value:ty, $column:ty, $read:path, $number:path) => {
        $crate::db::columns::stored_as!(
            $value,
            $column,
            i64 as diesel::sql_types::BigInt,
            |value: &$value| $number(*value),
            |number: i64| Ok($read(number))
        );
    };
}
pub(crate) use stored_as_number;
