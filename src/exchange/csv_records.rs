//! Reads CSV as RFC 4180 has it: a header, commas, quotes doubled within quotes, any line break.

use std::io::BufRead;

use crate::model::record::{Cell, Fault, Record};
use crate::model::text::counted;

use super::csv_split::Splitter;
use super::{Header, raw_text};

/// The records of a CSV input. Cells keep every byte; a row with too few or too many cells is a fault.
pub struct CsvRecords<R> {
    csv: csv::Reader<Splitter<R>>,
    cells: csv::ByteRecord,
    header: Header,
    /// From how many records on which column alone is handed on.
    brief: Option<(usize, usize)>,
    read: usize,
}

impl<R: BufRead> CsvRecords<R> {
    /// Reads the header; the error is a sentence about the input.
    pub fn new(input: R) -> Result<Self, String> {
        let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Splitter::new(input));
        let mut cells = csv::ByteRecord::new();
        match next_row(&mut csv, &mut cells) {
            None => Err("It is empty. A CSV file begins with a line of column names.".into()),
            Some(Err(fault)) => Err(format!("Its column names cannot be read. {}", fault.problem)),
            Some(Ok(_)) if is_utf16(&cells) => Err("It is UTF-16. Export the file as CSV in UTF-8.".into()),
            Some(Ok(_)) => Ok(CsvRecords { header: Header::new(&cells)?, csv, cells, brief: None, read: 0 }),
        }
    }

    /// Hands on all cells of the first `whole` records, and of the others that of one column alone.
    pub fn brief(mut self, column: &str, whole: usize) -> Self {
        let names = self.header.names();
        self.brief = names.iter().position(|name| **name == *column).map(|at| (whole, at));
        self
    }

    pub fn header(&self) -> &Header {
        &self.header
    }
}

impl<R: BufRead> Iterator for CsvRecords<R> {
    type Item = Result<Record, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match next_row(&mut self.csv, &mut self.cells)? {
            Ok(line) => line,
            Err(fault) => return Some(Err(fault)),
        };
        let (expected, found) = (self.header.names().len(), self.cells.len());
        if found != expected {
            let problem = format!("The row has {} where the header has {expected}.", counted(found as i64, "cell"));
            return Some(Err(Fault { line, problem, raw: raw_text(self.csv.get_ref().record()) }));
        }
        self.read += 1;
        let names = self.header.names();
        let fields = match self.brief {
            Some((whole, at)) if self.read > whole => vec![(names[at].clone(), cell(&self.cells[at]))],
            _ => names.iter().cloned().zip(self.cells.iter().map(cell)).collect(),
        };
        Some(Ok(Record { line, fields }))
    }
}

/// Reads the cells of the next row and answers its line.
fn next_row<R: BufRead>(csv: &mut csv::Reader<Splitter<R>>, cells: &mut csv::ByteRecord) -> Option<Result<u64, Fault>> {
    let line = match csv.get_mut().advance()? {
        Ok(line) => line,
        Err(fault) => return Some(Err(fault)),
    };
    match csv.read_byte_record(cells) {
        Ok(true) => Some(Ok(line)),
        Ok(false) => None,
        Err(error) => {
            let raw = raw_text(csv.get_ref().record());
            Some(Err(Fault { line, problem: format!("The row could not be read: {error}."), raw }))
        }
    }
}

fn cell(bytes: &[u8]) -> Cell {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cell::Text(text.into()),
        Err(_) => Cell::NotText(bytes.into()),
    }
}

fn is_utf16(header: &csv::ByteRecord) -> bool {
    header.get(0).is_some_and(|first| first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Record, Fault>> {
        CsvRecords::new(text).unwrap().collect()
    }

    fn refused(text: &[u8]) -> String {
        CsvRecords::new(text).err().unwrap()
    }

    fn text(cell: &Cell) -> &str {
        match cell {
            Cell::Text(text) => text,
            Cell::NotText(_) => "not text",
        }
    }

    fn values(record: &Record) -> Vec<&str> {
        record.fields.iter().map(|(_, cell)| text(cell)).collect()
    }

    #[test]
    fn cells_keep_quotes_and_line_breaks_byte_for_byte() {
        let rows = read("\u{feff}id,text\r\n1,\"a \"\"b\"\"\r\nc\"\r\n2,  d \r\n".as_bytes());
        let records: Vec<_> = rows.iter().map(|row| row.as_ref().unwrap()).collect();
        assert_eq!(records[0].fields[0].0.as_ref(), "id");
        assert_eq!(values(records[0]), ["1", "a \"b\"\r\nc"]);
        assert_eq!(values(records[1]), ["2", "  d "]);
        assert_eq!((records[0].line, records[1].line), (2, 4));
    }

    #[test]
    fn a_ragged_row_is_a_fault_and_the_rest_goes_on() {
        let rows = read(b"a,b\n1\n1,2,3\n1,2\n");
        let fault = rows[0].as_ref().unwrap_err();
        assert_eq!((fault.line, fault.raw.as_str()), (2, "1"));
        assert_eq!(fault.problem, "The row has 1 cell where the header has 2.");
        assert_eq!(rows[1].as_ref().unwrap_err().raw, "1,2,3");
        assert!(rows[2].is_ok());
    }

    #[test]
    fn in_brief_the_key_alone_is_handed_on_after_the_first_records() {
        let records = CsvRecords::new(&b"a,id,b\n1,2,3\n4,5\n6,7,8\n9,10,11\n"[..]).unwrap().brief("id", 2);
        let rows: Vec<_> = records.collect();
        assert_eq!(values(rows[0].as_ref().unwrap()), ["1", "2", "3"]);
        assert!(rows[1].is_err(), "what is no record is none in brief either");
        assert_eq!(values(rows[2].as_ref().unwrap()), ["6", "7", "8"]);
        let last = rows[3].as_ref().unwrap();
        assert_eq!((values(last), last.fields[0].0.as_ref()), (vec!["10"], "id"));
    }

    #[test]
    fn a_cell_that_is_not_utf8_is_kept_as_bytes() {
        let rows = read(b"a,b\n1,caf\xe9\n");
        assert_eq!(rows[0].as_ref().unwrap().fields[1].1, Cell::NotText(b"caf\xe9".to_vec()));
    }

    #[test]
    fn a_header_alone_is_fine_and_nothing_at_all_is_not() {
        assert_eq!(read(b"a,b\n"), []);
        assert!(refused(b"").starts_with("It is empty."));
        assert!(refused(b"\n\n").starts_with("It is empty."));
        assert!(refused(b"\xff\xfea\0,\0").starts_with("It is UTF-16."));
        assert!(refused(b"a,\"b\n").starts_with("Its column names cannot be read. The quote that opens in line 1"));
    }

    #[test]
    fn records_longer_than_every_buffer_are_read_whole() {
        for length in [8190, 8191, 8192, 8193, 70_000] {
            let text = format!("a,b\n1,\"{}\"\n2,x\n", "y\n".repeat(length / 2));
            let rows = read(text.as_bytes());
            assert_eq!(values(rows[0].as_ref().unwrap())[1].len(), length / 2 * 2);
            assert_eq!(values(rows[1].as_ref().unwrap()), ["2", "x"]);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a,\"\r\n é]{0,6}", 3), 0..6),
            crlf in proptest::bool::ANY,
        ) {
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
            writer.write_record(["one", "two", "three"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let records = read(&writer.into_inner().unwrap());
            let found: Vec<_> = records.iter().map(|row| values(row.as_ref().unwrap())).collect();
            proptest::prop_assert_eq!(found, rows);
        }

        #[test]
        fn any_bytes_are_read_or_refused(text in "[a,\"\r\n]{0,30}") {
            if let Ok(records) = CsvRecords::new(text.as_bytes()) {
                let _ = records.count();
            }
        }
    }
}
