//! Names that complete what is typed: those that the store knows already.

use crate::model::{Field, Kind};
use crate::store::Reader;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// Sources, tables, fields or code lists, by their kind in the store's vocabulary.
    Of(&'static str),
    Logins,
}

impl Names {
    /// The names that a field holds one of.
    pub fn of(field: &Field) -> Option<Names> {
        match (field.name, field.kind) {
            (_, Kind::User) => Some(Names::Logins),
            ("source_system_key", _) => Some(Names::Of("source")),
            ("target_table", _) => Some(Names::Of("table")),
            ("field_name" | "aspect_key", _) => Some(Names::Of("field")),
            ("code_list", _) => Some(Names::Of("code_list")),
            _ => None,
        }
    }

    /// The names, in their order.
    pub(super) fn read(self, reader: &Reader) -> anyhow::Result<Vec<String>> {
        match self {
            Names::Of(kind) => reader.names(kind),
            Names::Logins => Ok(reader.users()?.into_iter().map(|user| user.login).collect()),
        }
    }
}
