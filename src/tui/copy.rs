//! Rows on the clipboard, as far as a terminal takes them.

use super::read::Chosen;
use crate::exchange::{tab_header, tab_row};
use crate::model::{Field, Row};
use crate::store::Reader;

/// Bytes of text that terminals take for the clipboard: 100,000 in base64, and some of these are the sequence's own.
pub const MOST: usize = 74_000;

/// Text for the clipboard: a header, and a line a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub text: String,
    pub rows: i64,
    /// There are rows that had no room.
    pub more: bool,
}

impl Copied {
    /// Adds rows while there is room; answers whether all of them had.
    fn add(&mut self, rows: &[Row], fields: &[&'static Field]) -> bool {
        for row in rows {
            let line = tab_row(row, fields);
            if self.text.len() + line.len() > MOST {
                self.more = true;
                return false;
            }
            self.text.push_str(&line);
            self.rows += 1;
        }
        true
    }
}

/// Why reading ends early.
enum End {
    Full,
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> End {
        End::Failed(error)
    }
}

/// The rows as tab-separated text.
pub fn text(reader: &Reader, chosen: &Chosen, fields: &[&'static Field]) -> anyhow::Result<Copied> {
    let mut copied = Copied { text: tab_header(fields), rows: 0, more: false };
    if let Some(ids) = &chosen.ids {
        copied.add(&reader.rows(&chosen.query, ids)?, fields);
        return Ok(copied);
    }
    let add = |rows: &[Row]| if copied.add(rows, fields) { Ok(()) } else { Err(End::Full) };
    match reader.pages(&chosen.query, usize::MAX, add) {
        Ok(_) | Err(End::Full) => Ok(copied),
        Err(End::Failed(error)) => Err(error),
    }
}
