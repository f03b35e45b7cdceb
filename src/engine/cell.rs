//! Delivered cells as text: keys, values that are no text, and how much of a text is kept.

use std::borrow::Cow;

use crate::model::code::{self, Code};
use crate::model::record::{Cell, Record};
use crate::rules::name;

/// The longest value, in characters.
pub(super) const MAX_VALUE: usize = 4_000;
/// The longest raw text that is kept of a value that cannot be taken, in characters.
pub(super) const MAX_RAW: usize = 1_000_000;
const MAX_KEY: usize = 100;
/// The longest message of an item, in characters.
pub(super) const MAX_MESSAGE: usize = 2_000;

/// The record's key, or what is wrong with it.
pub(super) fn key_of<'r>(record: &'r Record, column: &str) -> Result<&'r str, String> {
    let cell = record.fields.iter().find(|(field, _)| name::same(field, column)).map(|(_, cell)| cell);
    match cell {
        None => Err(format!("the record has no {column}.")),
        Some(Cell::Text(key)) if key.trim().is_empty() => Err(format!("the key {column} is empty.")),
        Some(Cell::Text(key)) if key.contains('\0') => Err(format!("the key {column} holds a NUL.")),
        Some(Cell::Text(key)) if key.chars().count() > MAX_KEY => {
            Err(format!("the key {column} has {} characters; a key has at most {MAX_KEY}.", key.chars().count()))
        }
        Some(Cell::Text(key)) => Ok(key),
        Some(Cell::NotText(_)) => Err(format!("the key {column} is not UTF-8 text.")),
    }
}

/// A cell as text, and why it is none: bytes that are not UTF-8 and NULs are written as `\xNN`, so that nothing is lost.
pub(super) fn text_of(cell: &Cell) -> (Cow<'_, str>, Option<&'static Code>) {
    match cell {
        Cell::Text(text) if text.contains('\0') => (text.replace('\0', "\\x00").into(), Some(code::NOT_TEXT)),
        Cell::Text(text) => (text.into(), None),
        Cell::NotText(bytes) => {
            let mut text = String::with_capacity(bytes.len() + 8);
            for part in bytes.utf8_chunks() {
                text.push_str(&part.valid().replace('\0', "\\x00"));
                part.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
            }
            (text.into(), Some(code::NOT_TEXT))
        }
    }
}

/// At most `max` characters of a text.
pub(super) fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(at, _)| &text[..at])
}
