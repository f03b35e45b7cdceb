//! Delivered records: what a file's reader yields and the engine takes, whatever the format.

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
