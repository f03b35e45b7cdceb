//! Names that complete what is typed: those that the store knows already.

use crate::model::{Field, Kind, code};
use crate::store::Reader;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// Sources, tables, fields or code lists, by their kind in the store's vocabulary.
    Of(&'static str),
    Logins,
    /// The canonical codes of all lists, as many as one may look through.
    Codes,
    /// The reasons why items are held or fail, by their codes.
    Causes,
    /// The sources that are sent values.
    Receivers,
}

/// Codes that are offered at most: beyond these one types on.
const CODES: usize = 5_000;

impl Names {
    /// The names that a field holds one of.
    pub fn of(field: &Field) -> Option<Names> {
        match (field.name, field.kind) {
            (_, Kind::User) => Some(Names::Logins),
            ("source_system_key", _) => Some(Names::Of("source")),
            ("target_table", _) => Some(Names::Of("table")),
            ("field_name" | "aspect_key", _) => Some(Names::Of("field")),
            ("code_list", _) => Some(Names::Of("code_list")),
            ("canonical_code_value", _) => Some(Names::Codes),
            ("code", _) => Some(Names::Causes),
            _ => None,
        }
    }

    /// The names, in their order.
    pub(super) fn read(self, reader: &Reader) -> anyhow::Result<Vec<String>> {
        match self {
            Names::Of(kind) => reader.names(kind),
            Names::Codes => reader.all_codes(CODES),
            Names::Causes => Ok(code::ALL.iter().map(|entry| entry.code.to_string()).collect()),
            Names::Receivers => reader.receivers(),
            Names::Logins => Ok(reader.users()?.into_iter().map(|user| user.login).collect()),
        }
    }
}
