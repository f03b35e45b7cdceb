//! File formats: readers that yield records, and writers that take rows. Knows `model` alone.
//!
//! | | reads | writes |
//! | --- | --- | --- |
//! | CSV | [`CsvRecords`], one [`Record`](crate::model::record::Record) a row | [`CsvRows`] |
//! | NDJSON | [`NdjsonRecords`], one record a line | [`json_line`] |
//! | tab-separated lines | | [`tab_row`], for the clipboard |
//! | exported records | | [`OutgoingRecords`], as CSV or NDJSON; [`OutgoingFile`] |
//! | any file | | [`WholeFile`], that has no name before it is whole |
//! | text for people | | [`TextTable`] |
//!
//! Readers stream: they hold one record, never the input. What cannot be read as a record becomes a
//! [`Fault`](crate::model::record::Fault) with its line, and the rest goes on; what makes the whole input useless is
//! [`Unreadable`] and refused before anything of it is taken.
//!
//! Nothing here knows what a field means, which key column a delivery has, or where the records go.

mod csv_records;
mod csv_rows;
mod csv_split;
mod header;
mod input;
mod json_line;
pub mod named;
mod ndjson_records;
mod outgoing;
mod outgoing_file;
mod records;
pub mod rights;
mod tab_lines;
mod text_table;
mod whole_file;

pub use csv_records::CsvRecords;
pub use csv_rows::CsvRows;
pub use header::Header;
pub use input::{Input, read_problem};
pub use json_line::json_line;
pub use ndjson_records::NdjsonRecords;
pub use outgoing::OutgoingRecords;
pub use outgoing_file::{OutgoingFile, file_problem};
pub use records::{Format, Records, key_column};
pub use tab_lines::{tab_header, tab_row};
pub use text_table::{Column, TextTable};
pub use whole_file::WholeFile;

use crate::model::Shown;

/// The longest record that is read, in bytes. Longer ones are faults: most often a quote was not closed, and the
/// reader must not hold the rest of the input to find that out.
pub const MAX_RECORD: usize = 16 << 20;

/// How much of an unreadable record's own text a fault keeps, in bytes.
const MAX_RAW: usize = 1_000_000;

/// Why an input is refused before anything of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", Shown(input))]
pub struct Unreadable {
    /// The file's path as it was given, or `standard input`.
    pub input: String,
    /// What is wrong with it and what to do, in sentences.
    pub problem: String,
}

/// The text of a record that could not be read, as far as it is text.
fn raw_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_RAW)]).into_owned()
}
