//! Delivered and exported records: what a file's reader yields and the engine takes, and what the engine hands to a
//! file's writer, whatever the format.

use std::io;
use std::sync::Arc;

/// One delivered record: its place in the input and its fields, in the input's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line on which the record begins, from 1.
    pub line: u64,
    pub fields: Vec<(Arc<str>, Cell)>,
}

/// A delivered value. A field that is absent has no cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// Present, but not UTF-8.
    NotText(Vec<u8>),
}

/// A part of the input that could not be read as a record; the rest of the input goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: u64,
    /// A sentence: what is wrong with it.
    pub problem: String,
    /// The input's own text, as far as it can be told.
    pub raw: String,
}

/// The values of one record that go out to a receiver, in its own codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRecord {
    pub target_table: String,
    /// The receiver's own key of the record.
    pub external_key: String,
    /// Field names with their values; `None` takes the value away.
    pub values: Vec<(String, Option<String>)>,
}

/// Where exported records go.
pub trait Receiver {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()>;

    /// All records were handed over. When this returns they must be safe, for then they count as sent.
    fn finish(&mut self) -> io::Result<()>;
}
