//! Writes rows as CSV for spreadsheets and scripts.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula, and values
//! come from systems nobody trusts. So a text that begins so gets an apostrophe before it, which spreadsheets hide;
//! whoever needs every text byte for byte takes NDJSON. On a terminal the cells go through [`shown`].

use std::borrow::Cow;
use std::io::{self, Write};

use crate::model::row::{Row, exchange};
use crate::model::table::{Field, Kind, Table};
use crate::model::{Value, shown};

/// Writes rows of one table; the first line has the columns' names, `id` first.
pub struct CsvRows<W: Write> {
    csv: csv::Writer<W>,
    for_terminal: bool,
}

impl<W: Write> CsvRows<W> {
    /// Writes the header.
    pub fn new(out: W, table: Table, for_terminal: bool) -> io::Result<Self> {
        let mut csv = csv::Writer::from_writer(out);
        let names = table.fields().iter().map(|field| field.name);
        csv.write_record(std::iter::once("id").chain(names)).map_err(io_error)?;
        Ok(CsvRows { csv, for_terminal })
    }

    pub fn write(&mut self, row: &Row) -> io::Result<()> {
        self.csv.write_field(row.id.to_string()).map_err(io_error)?;
        for (field, value) in row.table.fields().iter().zip(&row.values) {
            let mut text = cell(field, value);
            if self.for_terminal {
                text = shown(&text).into_owned().into();
            }
            self.csv.write_field(text.as_bytes()).map_err(io_error)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(io_error)
    }

    pub fn finish(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// A value as a cell that no spreadsheet runs.
pub(super) fn cell<'a>(field: &Field, value: &'a Value) -> Cow<'a, str> {
    let text = exchange(field, value);
    let foreign = matches!(value, Value::Text(_) | Value::Link(..)) && !matches!(field.kind, Kind::Guid);
    if foreign { harmless(text) } else { text }
}

/// Puts an apostrophe before what a spreadsheet would run.
pub(super) fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text }
}

/// A csv error as the I/O error that it is, so that a broken pipe is known as one.
pub(super) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str, for_terminal: bool) -> String {
        let mut values = vec![Value::Null; Table::ValueMaps.fields().len()];
        values[0] = Value::Text("MAP-0000001".into());
        values[3] = Value::Text(value.into());
        values[6] = Value::Int(95);
        let row = Row { table: Table::ValueMaps, id: 1, values };
        let mut out = Vec::new();
        let mut rows = CsvRows::new(&mut out, Table::ValueMaps, for_terminal).unwrap();
        rows.write(&row).unwrap();
        rows.finish().unwrap();
        let text = String::from_utf8(out).unwrap();
        let (header, row) = text.split_once('\n').unwrap();
        assert!(header.starts_with("id,map_id,source_system_key,code_list,source_code,"), "{header}");
        row.to_string()
    }

    #[test]
    fn formulas_are_made_harmless() {
        assert!(written("=1+1", false).starts_with("1,MAP-0000001,,,'=1+1,,,0.95,"));
        assert!(written("@x", false).contains(",'@x,"));
        assert!(written("a\nb", false).contains(",\"a\nb\","));
        assert!(written("a\nb", true).contains(",a⏎b,"));
    }
}
