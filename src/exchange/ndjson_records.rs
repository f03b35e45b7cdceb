//! Reads NDJSON: one JSON object a line.
//!
//! A string's value is its text; a number, `true` and `false` keep the text they were written with, so that `1.10`
//! stays `1.10`; `null` is a field that is present but empty; an array or object is its JSON text.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::Shown;
use crate::model::record::{Cell, Fault, Record};

use super::header::{check_name, same_name};
use super::{MAX_RECORD, raw_text};

/// The records of an NDJSON input; a line that is no object is a fault, a blank line is nothing.
pub struct NdjsonRecords<R> {
    input: R,
    line: u64,
    ended: bool,
    buffer: Vec<u8>,
    /// The last record's names: most records have the same, and need no copies of them.
    names: Vec<Arc<str>>,
}

impl<R: BufRead> NdjsonRecords<R> {
    pub fn new(input: R) -> Self {
        NdjsonRecords { input, line: 0, ended: false, buffer: Vec::new(), names: Vec::new() }
    }

    /// Reads the next line into the buffer, without its line break; false at the end.
    fn next_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let limit = MAX_RECORD as u64 + 1;
        if self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(false);
        }
        self.line += 1;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
            if self.buffer.last() == Some(&b'\r') {
                self.buffer.pop();
            }
        } else if self.buffer.len() as u64 == limit {
            self.input.skip_until(b'\n')?;
        }
        if self.line == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.buffer.drain(..3);
        }
        Ok(true)
    }

    fn read(&mut self) -> Result<Record, String> {
        if self.buffer.len() > MAX_RECORD {
            return Err(format!("The line is longer than {} MB.", MAX_RECORD >> 20));
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|_| "The line is not UTF-8 text.".to_string())?;
        let Object(members) = serde_json::from_str(text).map_err(|error| {
            if text.trim_start().starts_with('{') {
                format!("The line is not valid JSON, as from character {}.", error.column())
            } else {
                "The line is not a JSON object; each line holds one, like {\"id\": 1}.".into()
            }
        })?;
        let mut fields: Vec<(Arc<str>, Cell)> = Vec::with_capacity(members.len());
        for (at, (name, value)) in members.into_iter().enumerate() {
            check_name(&name).map_err(|problem| format!("The name of field {} {problem}.", at + 1))?;
            if fields.iter().any(|(other, _)| same_name(other, &name)) {
                return Err(format!("The object has two fields named \"{}\".", Shown(&name)));
            }
            let name = match self.names.get(at) {
                Some(known) if **known == name => known.clone(),
                _ => name.into(),
            };
            fields.push((name, cell(value.get())));
        }
        self.names.clear();
        self.names.extend(fields.iter().map(|(name, _)| name.clone()));
        Ok(Record { line: self.line, fields })
    }
}

impl<R: BufRead> Iterator for NdjsonRecords<R> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.next_line() {
                Ok(true) if self.buffer.iter().all(u8::is_ascii_whitespace) => {}
                Ok(true) => {
                    let record = self.read();
                    let (line, buffer) = (self.line, &self.buffer);
                    return Some(record.map_err(|problem| Fault { line, problem, raw: raw_text(buffer) }));
                }
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    let problem = format!("The input could not be read any further: {error}.");
                    return Some(Err(Fault { line: self.line + 1, problem, raw: String::new() }));
                }
            }
        }
        None
    }
}

/// A value's text by the first character of its JSON; a string that is no Unicode text (half a surrogate pair) keeps
/// its bytes as delivered.
fn cell(json: &str) -> Cell {
    match json.as_bytes().first() {
        Some(b'"') => match serde_json::from_str(json) {
            Ok(text) => Cell::Text(text),
            Err(_) => Cell::NotText(json.into()),
        },
        Some(b'n') => Cell::Text(String::new()),
        _ => Cell::Text(json.into()),
    }
}

/// An object's members in their order, doubled names included, each value as its JSON text.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Record, Fault>> {
        NdjsonRecords::new(text).collect()
    }

    #[test]
    fn values_keep_the_text_they_were_delivered_with() {
        let line =
            r#"{"s":"a\n\u00e9","n":1.10,"big":12345678901234567890,"e":-1E+2,"t":true,"z":null,"o":{"a": [1]}}"#;
        let rows = read(format!("\u{feff}\n{line}\r\n").as_bytes());
        let record = rows[0].as_ref().unwrap();
        let expected = ["a\né", "1.10", "12345678901234567890", "-1E+2", "true", "", r#"{"a": [1]}"#];
        let found: Vec<_> = record.fields.iter().map(|(_, cell)| cell.clone()).collect();
        assert_eq!(found, expected.map(|text| Cell::Text(text.into())));
        assert_eq!(record.line, 2);
    }

    #[test]
    fn a_broken_line_is_a_fault_and_the_rest_goes_on() {
        let rows = read(b"{\"a\":1\n[1]\n{\"a\":1,\"A\":2}\n{\"\":1}\ncaf\xe9\n{\"a\":1}\n");
        let problems =
            ["not valid JSON", "not a JSON object", "two fields named", "name of field 1 is empty", "not UTF-8"];
        for (at, part) in problems.into_iter().enumerate() {
            let fault = rows[at].as_ref().unwrap_err();
            assert!(fault.problem.contains(part), "{}", fault.problem);
            assert_eq!(fault.line, at as u64 + 1);
        }
        assert_eq!(rows[1].as_ref().unwrap_err().raw, "[1]");
        assert!(rows[5].is_ok());
    }

    #[test]
    fn half_a_surrogate_pair_spoils_its_own_value_alone() {
        let rows = read(br#"{"a":"\ud800","b":"x"}"#);
        let fields = &rows[0].as_ref().unwrap().fields;
        assert_eq!(fields[0].1, Cell::NotText(br#""\ud800""#.to_vec()));
        assert_eq!(fields[1].1, Cell::Text("x".into()));
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let mut text = vec![b'x'; MAX_RECORD + 1000];
        text.extend_from_slice(b"\n{\"a\":1}\n");
        let rows = read(&text);
        assert_eq!(rows[0].as_ref().unwrap_err().problem, "The line is longer than 16 MB.");
        assert_eq!(rows[1].as_ref().unwrap().line, 2);
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_or_refused(text in "[a1{}\":,\\\\\\[\\]n ]{0,30}") {
            let _ = read(text.as_bytes());
        }
    }
}
