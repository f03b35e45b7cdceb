//! Cuts a CSV input into its records, so that a broken one can be reported with its line and its own text.
//!
//! The csv crate splits a record into cells, but it reads on past a quote that is never closed until the input ends,
//! takes text after a closing quote for a part of the value, and does not keep what it has read. So this cutter walks
//! ahead of it: it finds where each record ends, and hands on only records whose quotes are in order. It does not
//! split cells, decode text or know the header.

use std::io::{self, BufRead, Read};

use crate::model::record::Fault;

use super::{MAX_RECORD, raw_text};

/// Yields the lines on which records begin, by [`advance`](Splitter::advance); reading from it gives the bytes of the
/// record that was advanced to, with a line feed after it.
pub(super) struct Splitter<R> {
    input: R,
    /// The line of the next byte, from 1.
    line: u64,
    /// Whether the last byte was a carriage return: a line feed after it belongs to the same line break.
    after_return: bool,
    started: bool,
    ended: bool,
    record: Vec<u8>,
    handed_on: usize,
}

/// Where in a record a byte stands.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    CellStart,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the value, or the first half of a doubled quote.
    Closed,
}

/// What was seen of the record that is being cut.
#[derive(Default)]
struct Cut {
    begins: u64,
    place: Place,
    /// Commas before the place.
    commas: usize,
    /// The line and column of the last opening quote; line 0 is none.
    opened: (u64, usize),
    /// The line and column of the first text after a closing quote.
    stray: Option<(u64, usize)>,
    length: usize,
}

impl<R: BufRead> Splitter<R> {
    pub(super) fn new(input: R) -> Self {
        Splitter { input, line: 1, after_return: false, started: false, ended: false, record: Vec::new(), handed_on: 0 }
    }

    /// The bytes of the record that was advanced to, without its line break.
    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    /// Goes to the next record and answers the line on which it begins; blank lines are no records.
    pub(super) fn advance(&mut self) -> Option<Result<u64, Fault>> {
        self.record.clear();
        self.handed_on = 0;
        if self.ended {
            return None;
        }
        match self.cut() {
            Ok(cut) if cut.length == 0 => None,
            Ok(cut) => Some(match self.problem(&cut) {
                Some(problem) => Err(Fault { line: cut.begins, problem, raw: raw_text(&self.record) }),
                None => Ok(cut.begins),
            }),
            Err(error) => {
                self.ended = true;
                let problem = format!("The input could not be read any further: {error}.");
                Some(Err(Fault { line: self.line, problem, raw: String::new() }))
            }
        }
    }

    /// Walks to the end of the next record that is not blank.
    fn cut(&mut self) -> io::Result<Cut> {
        self.skip_mark()?;
        let mut cut = Cut::default();
        loop {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                self.ended = true;
                return Ok(cut);
            }
            let mut used = 0;
            let mut complete = false;
            for &byte in buffer {
                used += 1;
                if matches!(byte, b'\n' | b'\r') && cut.place != Place::Quoted {
                    complete = cut.length > 0;
                } else {
                    cut.step(byte, self.line);
                    if self.record.len() < MAX_RECORD {
                        self.record.push(byte);
                    }
                }
                // A break is `\n`, `\r\n` or a lone `\r`, wherever a buffer ends.
                self.line += u64::from(byte == b'\r' || (byte == b'\n' && !self.after_return));
                self.after_return = byte == b'\r';
                if complete {
                    break;
                }
            }
            self.input.consume(used);
            if complete {
                return Ok(cut);
            }
        }
    }

    /// Drops the byte order mark that some programs put before UTF-8.
    fn skip_mark(&mut self) -> io::Result<()> {
        if !self.started {
            self.started = true;
            if self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
                self.input.consume(3);
            }
        }
        Ok(())
    }

    fn problem(&self, cut: &Cut) -> Option<String> {
        let (line, column) = cut.opened;
        if let Some((line, column)) = cut.stray {
            return Some(format!(
                "In line {line}, column {column}, text stands after a closing quote. \
                 A quote within a quoted value is written twice."
            ));
        }
        if cut.place == Place::Quoted {
            return Some(format!(
                "The quote that opens in line {line}, column {column}, is never closed, so that nothing from line {} to \
                 the end (line {}) could be read. Close it and deliver the file again.",
                cut.begins, self.line
            ));
        }
        (cut.length > MAX_RECORD).then(|| {
            let quote = if line > 0 {
                format!(" Is the quote in line {line}, column {column}, closed?")
            } else {
                String::new()
            };
            format!("The record is longer than {} MB and ends before line {}.{quote}", MAX_RECORD >> 20, self.line)
        })
    }
}

impl Cut {
    fn step(&mut self, byte: u8, line: u64) {
        if self.length == 0 {
            self.begins = line;
        }
        self.length += 1;
        self.place = match (self.place, byte) {
            (Place::CellStart, b'"') => {
                self.opened = (line, self.commas + 1);
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Quoted, _) | (Place::Closed, b'"') => Place::Quoted,
            (_, b',') => {
                self.commas += 1;
                Place::CellStart
            }
            (Place::Closed, _) => {
                self.stray = self.stray.or(Some((line, self.commas + 1)));
                Place::Plain
            }
            (Place::CellStart | Place::Plain, _) => Place::Plain,
        };
    }
}

impl<R> Read for Splitter<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let rest = &self.record[self.handed_on.min(self.record.len())..];
        let n = match (rest.len(), to.len()) {
            (0, 0) => 0,
            // The line feed that ends the record, once.
            (0, _) if self.handed_on == self.record.len() => {
                to[0] = b'\n';
                1
            }
            (0, _) => 0,
            (left, room) => {
                let n = left.min(room);
                to[..n].copy_from_slice(&rest[..n]);
                n
            }
        };
        self.handed_on += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Line and text of each record, or line and problem of each fault, read through a buffer of `size` bytes.
    fn split(text: &[u8], size: usize) -> Vec<(u64, Result<String, String>)> {
        let mut splitter = Splitter::new(BufReader::with_capacity(size, text));
        let mut out = Vec::new();
        while let Some(next) = splitter.advance() {
            out.push(match next {
                Ok(line) => (line, Ok(String::from_utf8(splitter.record().to_vec()).unwrap())),
                Err(fault) => (fault.line, Err(fault.problem)),
            });
        }
        out
    }

    #[test]
    fn records_begin_on_the_lines_that_an_editor_shows() {
        let text = "\u{feff}a,b\r\n\r\n\"x\r\ny\",1\n\n\nlast,\"2\"\"\"";
        for size in [1, 2, 3, 5, 64] {
            let found = split(text.as_bytes(), size.max(3));
            let expected = [(1, "a,b"), (3, "\"x\r\ny\",1"), (7, "last,\"2\"\"\"")];
            assert_eq!(found, expected.map(|(line, text)| (line, Ok(text.to_string()))), "{size}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_names_where_it_opens() {
        let found = split(b"a,b\n1,2\n3,\"4\n5,6\n", 64);
        assert_eq!(found.len(), 3);
        let (line, problem) = (found[2].0, found[2].1.as_ref().unwrap_err());
        assert_eq!(line, 3);
        assert!(problem.starts_with("The quote that opens in line 3, column 2, is never closed"), "{problem}");
        assert!(problem.contains("from line 3 to the end (line 5)"), "{problem}");
    }

    #[test]
    fn text_after_a_closing_quote_is_a_fault_and_the_next_record_is_read() {
        let found = split(b"a\n\"5\" pipe\"\nb\n", 64);
        let problem = found[1].1.as_ref().unwrap_err();
        assert!(problem.starts_with("In line 2, column 1, text stands after a closing quote."), "{problem}");
        assert_eq!(found[2], (3, Ok("b".into())));
    }

    #[test]
    fn a_quote_in_the_middle_of_a_plain_cell_is_text() {
        assert_eq!(split(b"5\" pipe,x\nb\n", 64)[0], (1, Ok("5\" pipe,x".into())));
    }

    #[test]
    fn a_record_without_end_is_not_held() {
        let mut text = b"a\n\"".to_vec();
        text.resize(MAX_RECORD + 100, b'x');
        text.extend_from_slice(b"\"\nb\n");
        let mut splitter = Splitter::new(&text[..]);
        assert_eq!(splitter.advance(), Some(Ok(1)));
        let Some(Err(fault)) = splitter.advance() else { panic!() };
        assert!(fault.problem.contains("longer than 16 MB"), "{}", fault.problem);
        assert_eq!(splitter.record().len(), MAX_RECORD);
        assert_eq!(splitter.advance(), Some(Ok(3)));
    }
}
