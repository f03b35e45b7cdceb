//! How arguments of our own types are read; clap lists the possible values and offers the nearest.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::engine::Since;
use crate::model::choice::Relationship;
use crate::model::filter::{SAYS_NOTHING, says_nothing};
use crate::model::table::Table;
use crate::model::text::shell_word;
use crate::model::time::{self, Micros};
use crate::model::{Shown, in_quotes};

pub(super) fn table() -> impl TypedValueParser<Value = Table> {
    let names = Table::ALL.map(|table| table.info().name);
    PossibleValuesParser::new(names).try_map(|name| Table::find(&name).ok_or("There is no such table."))
}

pub(super) fn relationship() -> impl TypedValueParser<Value = Relationship> {
    let labels = Relationship::ALL.iter().map(|relationship| relationship.label());
    PossibleValuesParser::new(labels).try_map(|label| {
        Relationship::SET.code(&label).and_then(Relationship::from_code).ok_or("There is no such relationship.")
    })
}

/// A filter of what is to be changed, told before the store is opened where it says nothing.
pub(super) fn narrowing(text: &str) -> Result<String, String> {
    if says_nothing(text) { Err(SAYS_NOTHING.into()) } else { Ok(text.into()) }
}

/// A time as people and scripts write it; without an offset it is UTC.
pub(super) fn time(text: &str) -> Result<Micros, String> {
    time::parse(text)
        .ok_or_else(|| "a time is written like 2026-11-22, 2026-11-22T14:05 or 2026-11-22T14:05:09Z".into())
}

/// The number of an operation, or a time.
pub(super) fn since(text: &str) -> Result<Since, String> {
    if let Ok(seq) = text.parse() {
        return Ok(Since::Operation(seq));
    }
    time(text).map(Since::Time).map_err(|problem| format!("give an operation's number or a time; {problem}"))
}

/// What is said beside "nothing matches" where quotes were likely forgotten.
pub(super) fn quotes_hint(table: Table, filter: &str) -> String {
    match in_quotes(table, filter) {
        Some(offered) => {
            format!(" A value with spaces takes quotes: --filter {}", shell_word(&Shown(&offered).to_string()))
        }
        None => String::new(),
    }
}
