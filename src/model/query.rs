//! What a reader of a table asks for, and what it gets: one page of rows, never the table.

use std::fmt;

use super::filter::Filter;
use super::row::Row;
use super::table::{Field, Table};
use super::text::grouped;

/// The order of a listing; equal keys follow the id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// `None` sorts by the id, that is by age; stale values by the time at which they got stale.
    pub field: Option<&'static Field>,
    pub descending: bool,
}

impl Sort {
    pub const OLDEST: Sort = Sort { field: None, descending: false };
    pub const NEWEST: Sort = Sort { field: None, descending: true };

    /// Reads `COLUMN` or `-COLUMN`; `id` is a column too. Answers a sentence for an unknown one.
    pub fn parse(table: Table, text: &str) -> Result<Sort, String> {
        let (descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        if name == "id" {
            return Ok(Sort { field: None, descending });
        }
        match table.field(name) {
            Some(field) => Ok(Sort { field: Some(field), descending }),
            None => {
                let names = table.fields().iter().map(|field| field.name);
                let hint = super::text::nearest(name, names).map(|near| format!(" Did you mean {near}?"));
                Err(format!("{} has no column {name}.{}", table.info().title, hint.unwrap_or_default()))
            }
        }
    }
}

/// Which rows, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub table: Table,
    pub filter: Filter,
    pub sort: Sort,
}

impl Query {
    pub fn all(table: Table) -> Query {
        Query { table, filter: Filter::default(), sort: Sort::OLDEST }
    }
}

/// A place between two rows of a listing: the sort key and id of the row it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub key: Key,
    pub id: i64,
}

/// A sort key, in the order in which the store has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Null,
    Int(i64),
    Text(String),
}

/// Which page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    First,
    Last,
    After(Cursor),
    Before(Cursor),
    /// The page that begins with the cursor's row, or with the next where that row is gone.
    From(Cursor),
}

/// Rows in the query's order, with their cursors; `more` says whether the listing goes on beyond the page in the
/// direction in which it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    pub cursors: Vec<Cursor>,
    pub more: bool,
}

impl Page {
    /// The page without its first rows.
    pub fn after(mut self, rows: usize) -> Page {
        self.rows.drain(..rows.min(self.rows.len()));
        self.cursors.drain(..rows.min(self.cursors.len()));
        self
    }
}

/// A count that stopped at a limit says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub n: i64,
    pub exact: bool,
}

/// `1,234`, or `10,000+` where it stopped there.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", grouped(self.n), if self.exact { "" } else { "+" })
    }
}
