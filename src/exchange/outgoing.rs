//! Writes records for the systems that receive them.
//!
//! | format | shape |
//! | --- | --- |
//! | NDJSON | one object a record: `{"target_table":"contact","external_key":"7","values":{"name":"Ann","town":null}}` |
//! | CSV | one row a value: `target_table,external_key,field_name,value` |
//!
//! An empty value takes the receiver's value away. Both carry every text as it is stored: these files are for machines, and
//! the apostrophe that keeps a spreadsheet from running a text as a formula (see `csv_rows`) would be a part of the value.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::csv_rows::io_error;
use super::{Format, json_line};
use crate::model::record::{OutgoingRecord, Receiver};
use crate::model::shown;

/// The columns of the CSV.
const COLUMNS: [&str; 4] = ["target_table", "external_key", "field_name", "value"];

/// Writes records in one of the formats.
pub enum OutgoingRecords<W: Write> {
    Csv { csv: Box<csv::Writer<W>>, for_terminal: bool },
    Ndjson(W),
}

impl<W: Write> OutgoingRecords<W> {
    /// Begins an output; CSV has a header even where no record follows.
    pub fn new(format: Format, out: W, for_terminal: bool) -> io::Result<Self> {
        Ok(match format {
            Format::Ndjson => OutgoingRecords::Ndjson(out),
            Format::Csv => {
                let mut csv = Box::new(csv::Writer::from_writer(out));
                csv.write_record(COLUMNS).map_err(io_error)?;
                OutgoingRecords::Csv { csv, for_terminal }
            }
        })
    }
}

impl<W: Write> Receiver for OutgoingRecords<W> {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        match self {
            OutgoingRecords::Ndjson(out) => json_line(out, &object(record)),
            OutgoingRecords::Csv { csv, for_terminal } => {
                for (field, value) in &record.values {
                    let value = value.as_deref().unwrap_or_default();
                    for text in [record.target_table.as_str(), &record.external_key, field, value] {
                        let text = if *for_terminal { shown(text) } else { text.into() };
                        csv.write_field(text.as_bytes()).map_err(io_error)?;
                    }
                    csv.write_record(None::<&[u8]>).map_err(io_error)?;
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            OutgoingRecords::Ndjson(out) => out.flush(),
            OutgoingRecords::Csv { csv, .. } => csv.flush(),
        }
    }
}

fn object(record: &OutgoingRecord) -> Value {
    let values: Map<String, Value> = record.values.iter().map(|(field, value)| (field.clone(), json!(value))).collect();
    json!({ "target_table": record.target_table, "external_key": record.external_key, "values": values })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, for_terminal: bool) -> String {
        let record = OutgoingRecord {
            target_table: "contact".into(),
            external_key: "-7".into(),
            values: vec![("name".into(), Some("=\"A\nB\"".into())), ("town".into(), None)],
        };
        let mut out = Vec::new();
        let mut records = OutgoingRecords::new(format, &mut out, for_terminal).unwrap();
        records.take(&record).unwrap();
        records.finish().unwrap();
        drop(records);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_format_has_its_shape() {
        let line = r#"{"target_table":"contact","external_key":"-7","values":{"name":"=\"A\nB\"","town":null}}"#;
        assert_eq!(written(Format::Ndjson, false), format!("{line}\n"));
        let header = "target_table,external_key,field_name,value\n";
        let rows = "contact,-7,name,\"=\"\"A\nB\"\"\"\ncontact,-7,town,\n";
        assert_eq!(written(Format::Csv, false), format!("{header}{rows}"));
        assert!(written(Format::Csv, true).contains("A⏎B"));
    }
}
