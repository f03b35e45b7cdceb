//! What a reader of a table asks for, and what it gets: one page of rows, never the table.

use std::fmt;

use super::filter::Filter;
use super::row::Row;
use super::table::{Field, Kind, Table};
use super::text::grouped;

/// The order of a listing: by the first key, of equal ones by the next, and at the end always by the id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort {
    pub keys: Vec<SortKey>,
    /// The direction of the ids of rows whose keys are equal, that is of age. Without keys, stale values go by the time at
    /// which they got stale.
    pub newest: bool,
}

/// A column to sort by, and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    pub field: &'static Field,
    pub descending: bool,
}

impl SortKey {
    /// Whether no two rows are equal in it, so that no further key can make a difference.
    pub fn is_unique(&self) -> bool {
        matches!(self.field.kind, Kind::Name | Kind::Guid)
    }
}

impl Sort {
    pub const OLDEST: Sort = Sort { keys: Vec::new(), newest: false };
    pub const NEWEST: Sort = Sort { keys: Vec::new(), newest: true };

    /// By one column, and by age in its direction.
    pub fn by(field: &'static Field, descending: bool) -> Sort {
        Sort { keys: vec![SortKey { field, descending }], newest: descending }
    }

    /// By these columns, and by age in the direction of the last one; without any, the oldest first.
    pub fn by_keys(keys: Vec<SortKey>) -> Sort {
        let newest = keys.last().is_some_and(|key| key.descending);
        Sort { keys, newest }
    }

    /// Reads `COLUMN` or `-COLUMN`, several with commas between them; `id` is a column too.
    ///
    /// # Errors
    /// A sentence for a column that there is not, one that stands twice and one that can make no difference.
    pub fn parse(table: Table, text: &str) -> Result<Sort, String> {
        let mut keys: Vec<SortKey> = Vec::new();
        let mut words = text.split(',').map(str::trim).peekable();
        while let Some(word) = words.next() {
            let (descending, name) = match word.strip_prefix('-') {
                Some(name) => (true, name),
                None => (false, word),
            };
            if name == "id" {
                return match words.next() {
                    None => Ok(Sort { keys, newest: descending }),
                    Some(after) => Err(format!("No two rows have the same id: {after} after it makes no difference.")),
                };
            }
            let key = SortKey { field: field(table, name)?, descending };
            if let Some(unique) = keys.last().filter(|key| key.is_unique()) {
                return Err(format!(
                    "No two rows have the same {}: {name} after it makes no difference.",
                    unique.field.name
                ));
            }
            if keys.iter().any(|earlier| earlier.field == key.field) {
                return Err(format!("{name} stands twice among the columns to sort by; leave one out."));
            }
            keys.push(key);
        }
        Ok(Sort::by_keys(keys))
    }

    /// The key of a column with its place among the keys, from 1.
    pub fn key(&self, field: &Field) -> Option<(usize, SortKey)> {
        (1..).zip(&self.keys).find(|(_, key)| key.field == field).map(|(at, key)| (at, *key))
    }

    /// The order with one more key; a column that is one already is turned round, and the third time taken out.
    ///
    /// # Errors
    /// A sentence, where a further key could make no difference.
    pub fn with(&self, field: &'static Field) -> Result<Sort, String> {
        sorts(field)?;
        let mut keys = self.keys.clone();
        match keys.iter().position(|key| key.field == field) {
            Some(at) if keys[at].descending => drop(keys.remove(at)),
            Some(at) => keys[at].descending = true,
            None => match keys.last().filter(|key| key.is_unique()) {
                Some(unique) => {
                    let unique = unique.field.title;
                    return Err(format!("No two rows have the same {unique}: a key after it makes no difference."));
                }
                None => keys.push(SortKey { field, descending: false }),
            },
        }
        Ok(Sort::by_keys(keys))
    }
}

/// As it is typed: what [`Sort::parse`] reads.
impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minus = |descending: bool| if descending { "-" } else { "" };
        for (at, key) in self.keys.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{}{}", minus(key.descending), key.field.name)?;
        }
        match self.keys.last() {
            // The direction of age is the last key's, if it is not said.
            Some(last) if last.descending == self.newest || last.is_unique() => Ok(()),
            Some(_) => write!(f, ",{}id", minus(self.newest)),
            None => write!(f, "{}id", minus(self.newest)),
        }
    }
}

/// Whether rows can be listed in the order of a field.
///
/// # Errors
/// It is looked up by each row's record.
pub fn sorts(field: &Field) -> Result<(), String> {
    let order = || format!("Rows are not sorted by {}, which is looked up by their record; filter by it.", field.title);
    if field.looked_up { Err(order()) } else { Ok(()) }
}

fn field(table: Table, name: &str) -> Result<&'static Field, String> {
    let field = table.field(name).ok_or_else(|| {
        let names = table.fields().iter().map(|field| field.name);
        let hint = super::text::nearest(name, names).map(|near| format!(" Did you mean {near}?"));
        format!("{} has no column {name}.{}", table.info().title, hint.unwrap_or_default())
    })?;
    sorts(field)?;
    Ok(field)
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

/// A place between two rows of a listing: the sort keys and id of the row it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// One for each column that the store sorts by; none in the order of age.
    pub keys: Vec<Key>,
    pub id: i64,
}

/// A value of a sort key, in the order in which the store has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Null,
    Int(i64),
    Text(String),
    /// A GUID, which the store keeps as bytes.
    Bytes(Vec<u8>),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Sort, String> {
        Sort::parse(Table::Ledger, text)
    }

    #[test]
    fn an_order_is_read_as_it_is_written() {
        for text in ["id", "-id", "value", "-value", "value,-target_id", "-value,target_id,-id", "-ledger_id", "guid"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse("value, -source").unwrap().to_string(), "value,-source_system_key");
        assert_eq!(parse("-value,-id").unwrap(), parse("-value").unwrap());
    }

    #[test]
    fn keys_that_say_nothing_are_refused_with_a_sentence() {
        for (text, part) in [
            ("valeu", "Did you mean value?"),
            ("value,", "no column"),
            ("value,-value", "stands twice"),
            ("source,source_system_key", "stands twice"),
            ("id,value", "makes no difference"),
            ("guid,value", "makes no difference"),
            ("name,value", "makes no difference"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn a_key_is_added_then_turned_then_taken_out() {
        let field = |name| Table::Ledger.field(name).unwrap();
        let mut sort = Sort::by(field("value"), false);
        let mut orders = Vec::new();
        for name in ["source", "source", "target", "source", "value", "value", "target", "target"] {
            sort = sort.with(field(name)).unwrap();
            orders.push(sort.to_string());
        }
        let (source, target) = ("source_system_key", "target_id");
        assert_eq!(
            orders,
            [
                format!("value,{source}"),
                format!("value,-{source}"),
                format!("value,-{source},{target}"),
                format!("value,{target}"),
                format!("-value,{target}"),
                target.to_string(),
                format!("-{target}"),
                "id".to_string(),
            ]
        );
        assert_eq!(Sort::NEWEST.with(field("value")).unwrap().to_string(), "value");
        assert!(Sort::by(field("name"), true).with(field("value")).is_err());
    }
}
