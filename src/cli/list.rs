//! `steward list`

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use crate::exchange::{Column, CsvRows, TextTable, json_line};
use crate::model::filter::Filter;
use crate::model::query::{Query, Sort};
use crate::model::table::{Field, Kind, Table};
use crate::model::text::grouped;
use crate::model::{Row, Value};
use crate::store::Reader;

use super::failure::{Done, Failure};
use super::session::Session;
use super::upgrade::Copied;
use super::{parsers, report};

/// How many rows people get who do not say how many.
const FOR_PEOPLE: usize = 100;

/// Beyond this, the sentence about further rows does not count them.
const COUNTED: i64 = 100_000;

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[arg(value_parser = parsers::table())]
    table: Table,
    /// Which rows: field:value, field!=x, field>v, field~part, is:pending, words; all must match
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// In which order; with a minus, descending; several columns with commas between [default: oldest first]
    #[arg(long, value_name = "COLUMN|-COLUMN,…", allow_hyphen_values = true)]
    sort: Option<String>,
    /// At most so many rows [default: 100; all with --json or --csv]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// One JSON object a line, with every column
    #[arg(long)]
    json: bool,
    /// CSV with every column; a text that a spreadsheet would run as a formula gets an apostrophe before it
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    copied: Copied,
}

impl List {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let filter = Filter::parse(self.table, self.filter.as_deref().unwrap_or_default())?;
        let sort = match &self.sort {
            Some(sort) => Sort::parse(self.table, sort).map_err(Failure::new)?,
            None => Sort::OLDEST,
        };
        let query = Query { table: self.table, filter, sort };
        let (reader, _) = session.reader_of(&self.copied)?;
        if self.json {
            self.json(&reader, &query, out)
        } else if self.csv {
            self.csv(&reader, &query, out)
        } else {
            self.table(&reader, &query, out)
        }
    }

    fn json(&self, reader: &Reader, query: &Query, out: &mut dyn Write) -> Done {
        reader.pages::<Failure>(query, self.limit.unwrap_or(usize::MAX), |rows| {
            rows.iter().try_for_each(|row| json_line(out, &row.json()))?;
            Ok(())
        })?;
        Ok(())
    }

    fn csv(&self, reader: &Reader, query: &Query, out: &mut dyn Write) -> Done {
        let mut csv = CsvRows::new(out, self.table, io::stdout().is_terminal())?;
        reader.pages::<Failure>(query, self.limit.unwrap_or(usize::MAX), |rows| {
            Ok(rows.iter().try_for_each(|row| csv.write(row))?)
        })?;
        Ok(csv.finish()?)
    }

    fn table(&self, reader: &Reader, query: &Query, out: &mut dyn Write) -> Done {
        let fields: Vec<&'static Field> =
            columns(self.table).iter().filter_map(|name| self.table.field(name)).collect();
        let mut table = TextTable::new(&mut *out, fields.iter().map(|field| column(field)).collect(), report::width());
        let mut listed = 0;
        let more = reader.pages::<Failure>(query, self.limit.unwrap_or(FOR_PEOPLE), |rows| {
            listed += rows.len() as i64;
            let cells: Vec<Vec<String>> =
                rows.iter().map(|row| fields.iter().map(|field| cell(row, field)).collect()).collect();
            Ok(table.write(&cells)?)
        })?;
        out.flush()?;
        if more {
            let all = reader.count(query, COUNTED)?;
            let plus = if all.exact { "" } else { "+" };
            let (listed, all) = (grouped(listed), grouped(all.n));
            report::say(&format!("{listed} of {all}{plus} rows. --limit N lists more, --json or --csv all of them."));
        } else if listed == 0 {
            let quotes = parsers::quotes_hint(self.table, self.filter.as_deref().unwrap_or_default());
            report::say(&format!("No row of {} matches.{quotes}", self.table.info().title));
        }
        Ok(())
    }
}

/// The columns that people see, by their short names.
fn columns(table: Table) -> &'static [&'static str] {
    match table {
        Table::Identifiers => &["name", "source", "key", "table", "target", "last"],
        Table::ValueMaps => &["name", "source", "list", "code", "canonical", "confidence", "state", "waiting"],
        Table::CommitPolicies => &["name", "table", "field", "mode", "auto", "sources", "days", "active"],
        Table::SyncJobs => &[
            "name", "source", "table", "status", "submitted", "items", "applied", "unchanged", "waiting", "held",
            "failed",
        ],
        Table::SyncItems => &["name", "job", "table", "key", "field", "state", "code", "raw", "value"],
        Table::Ledger => &["name", "status", "table", "target", "field", "value", "source", "by", "certified"],
    }
}

/// The heading is the word that a filter takes for the column.
fn column(field: &'static Field) -> Column {
    match field.kind {
        Kind::Int | Kind::Hundredths => Column::number(field.short),
        Kind::Name | Kind::Time | Kind::Link(_) => Column::whole(field.short),
        _ => Column::text(field.short),
    }
}

fn cell(row: &Row, field: &Field) -> String {
    match (row.value(field.name), field.kind) {
        (Value::Int(n), Kind::Int) => grouped(*n),
        _ => row.display(field.name).into_owned(),
    }
}

/// A value for a person outside of a table.
pub(super) fn shown_cell(row: &Row, field: &Field) -> String {
    let text: Cow<str> = cell(row, field).into();
    crate::model::shown(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_exist() {
        for table in Table::ALL {
            for name in columns(table) {
                assert!(table.field(name).is_some(), "{table:?} {name}");
            }
        }
    }
}
