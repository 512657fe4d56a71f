//! The columns' types where text alone would say too little: each kind of identifier has its own.
//!
//! Both databases store them as TEXT. The types exist for the compiler: a room's identifier is no user's, neither as
//! a value nor in a query. What a column holds lives in its own file, and says there by [`stored_as_text`] which column that is.

use std::any::Any;

use diesel::pg::{Pg, PgTypeMetadata};
use diesel::sql_types::{HasSqlType, Text, TypeMetadata};
use diesel::sqlite::{Sqlite, SqliteType};

pub(crate) use super::connection::MultiBackend;

/// Declares column types that are TEXT in both databases.
macro_rules! text_columns {
    ($($(#[$doc:meta])* $column:ident,)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
        pub struct $column;

        impl HasSqlType<$column> for Pg {
            fn metadata(lookup: &mut Self::MetadataLookup) -> PgTypeMetadata {
                <Self as HasSqlType<Text>>::metadata(lookup)
            }
        }
        impl HasSqlType<$column> for Sqlite {
            fn metadata(_: &mut Self::MetadataLookup) -> SqliteType {
                SqliteType::Text
            }
        }
        impl HasSqlType<$column> for MultiBackend {
            fn metadata(lookup: &mut dyn Any) -> <Self as TypeMetadata>::TypeMetadata {
                Self::lookup_sql_type::<$column>(lookup)
            }
        }
    )* };
}

text_columns! {
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
}

/// Stores a type as what its `Display` writes and its `FromStr` reads, in columns of one type.
macro_rules! stored_as_text {
    ($value:ty, $column:ty) => {
        impl diesel::serialize::ToSql<$column, diesel::pg::Pg> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_fmt(out, format_args!("{self}"))?;
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl diesel::serialize::ToSql<$column, diesel::sqlite::Sqlite> for $value {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.to_string());
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
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text =
                    <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }
    };
}
pub(crate) use stored_as_text;
