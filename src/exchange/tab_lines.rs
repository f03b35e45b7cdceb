//! Rows as tab-separated lines for a clipboard: what a spreadsheet takes when one pastes.
//!
//! A cell with a tab or a line break is quoted, and what a spreadsheet would run gets an apostrophe, as in a CSV file.

use std::borrow::Cow;

use super::csv_rows::cell;
use crate::model::{Field, Row};

/// The line with the fields' titles.
pub fn tab_header(fields: &[&'static Field]) -> String {
    line(fields.iter().map(|field| field.title.into()))
}

/// The line of one row.
pub fn tab_row(row: &Row, fields: &[&'static Field]) -> String {
    line(fields.iter().map(|field| cell(field, row.value(field.name))))
}

fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut out = String::new();
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push('\t');
        }
        if cell.contains(['\t', '\n', '\r', '"']) {
            out.push_str(&format!("\"{}\"", cell.replace('"', "\"\"")));
        } else {
            out.push_str(&cell);
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Table, Value};

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_harmless() {
        let table = Table::ValueMaps;
        let mut values = vec![Value::Null; table.fields().len()];
        values[3] = Value::Text("=1+1".into());
        values[4] = Value::Text("say \"hi\"\tand\nbye".into());
        values[6] = Value::Int(95);
        let row = Row { table, id: 1, values };
        let fields: Vec<&'static Field> = table.fields()[2..7].iter().collect();
        assert_eq!(tab_row(&row, &fields), "\t'=1+1\t\"say \"\"hi\"\"\tand\nbye\"\t\t0.95\n");
        assert!(tab_header(&fields).starts_with("Code List\tSource Code\t"));
    }
}
