//! Deliveries whatever their format.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use crate::model::record::{Fault, Record};
use crate::model::text::counted;

use super::{CsvRecords, Input, NdjsonRecords, Unreadable, header};

/// A format that deliveries come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

impl Format {
    /// By the file name's extension: `.ndjson` and `.jsonl` are NDJSON, anything else is CSV.
    pub fn guess(path: &Path) -> Format {
        match path.extension().map(|extension| extension.to_ascii_lowercase()) {
            Some(extension) if extension == "ndjson" || extension == "jsonl" => Format::Ndjson,
            _ => Format::Csv,
        }
    }
}

/// The records of a delivery in its order, and a fault for each part that is none.
pub enum Records<R> {
    Csv(CsvRecords<R>),
    Ndjson(NdjsonRecords<R>),
}

impl<R: BufRead> Records<R> {
    /// The error is a sentence about the input.
    pub fn new(format: Format, input: R) -> Result<Self, String> {
        Ok(match format {
            Format::Csv => Records::Csv(CsvRecords::new(input)?),
            Format::Ndjson => Records::Ndjson(NdjsonRecords::new(input)),
        })
    }

    /// For a look at the input: all fields of the first `whole` records, and at least one field of the others.
    pub fn brief(self, column: &str, whole: usize) -> Self {
        match self {
            Records::Csv(records) => Records::Csv(records.brief(column, whole)),
            // Of a line of JSON all is read in any case.
            Records::Ndjson(records) => Records::Ndjson(records),
        }
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Records::Csv(records) => records.next(),
            Records::Ndjson(records) => records.next(),
        }
    }
}

/// How many lines of an NDJSON input are looked at to learn what columns it has.
const LOOKED_AT: usize = 100;

/// The input's own spelling of its key column, so that a delivery without one is refused before anything is taken.
///
/// A CSV input has one header. NDJSON has none: there, one of the first 100 lines must have the field.
pub fn key_column(input: &mut Input, format: Format, wanted: &str) -> Result<Arc<str>, Unreadable> {
    let found = match format {
        Format::Csv => CsvRecords::new(input.reader()?).and_then(|records| records.header().find(wanted)),
        Format::Ndjson => ndjson_key(NdjsonRecords::new(input.reader()?), wanted),
    };
    found.map_err(|problem| input.refuse(problem))
}

fn ndjson_key<R: BufRead>(records: NdjsonRecords<R>, wanted: &str) -> Result<Arc<str>, String> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut first_fault = None;
    let mut lines = 0;
    for next in records.take(LOOKED_AT) {
        lines += 1;
        match next {
            Ok(record) => {
                let new = record.fields.into_iter().map(|(name, _)| name);
                for name in new {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    match (first_fault, names.is_empty()) {
        (Some(fault), true) => Err(format!(
            "None of its first {} holds a JSON object. Line {}: {}",
            counted(lines, "line"),
            fault.line,
            fault.problem
        )),
        (None, true) if lines == 0 => Err("It is empty. An NDJSON file has one JSON object a line.".into()),
        _ => header::find(&names, wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str, wanted: &str) -> Result<Arc<str>, String> {
        ndjson_key(NdjsonRecords::new(text.as_bytes()), wanted)
    }

    #[test]
    fn the_format_follows_the_extension() {
        for (name, format) in [("a.csv", Format::Csv), ("a.JSONL", Format::Ndjson), ("a", Format::Csv)] {
            assert_eq!(Format::guess(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn the_key_of_ndjson_is_looked_for_in_the_first_lines() {
        assert_eq!(key("{\"a\":1}\nbroken\n{\"ID\":1}\n", "id").as_deref(), Ok("ID"));
        assert!(key("", "id").unwrap_err().starts_with("It is empty."));
        assert!(key("[\n{\n", "id").unwrap_err().starts_with("None of its first 2 lines holds a JSON object. Line 1:"));
        assert!(key("{\"idd\":1}", "id").unwrap_err().contains("Did you mean \"idd\"?"));
    }
}
