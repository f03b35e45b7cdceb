//! New rows that are gathered in memory and written many at a time, as a delivery makes them.
//!
//! A statement of many rows opens the table and each of its indexes once, which is half of what a row costs by itself. Who
//! gathers has to know that nothing of it can be read before it is put in the tables: see [`Write::gather`].
//!
//! # Memory
//! Rows are kept as their values and one text of all their texts, up to [`MOST_BYTES`] or [`MOST_ROWS`]; then they are put in.

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Context, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::facts::array;
use super::in_force::Current;
use super::kept::Keeper;
use super::logged::{ITEM, LOGGED, Logged};
use super::write::{Stamp, Val, Write};
use crate::model::time::Micros;

/// Rows a statement; what is left over goes by the smaller ones.
const AT_ONCE: [usize; 3] = [32, 8, 1];

/// How much is gathered at most.
const MOST_ROWS: usize = 4_096;
const MOST_BYTES: usize = 4 << 20;

/// What was gathered, table by table.
#[derive(Default)]
pub(super) struct Gathered {
    /// Whether new rows are gathered at all.
    on: bool,
    /// By place in [`LOGGED`]: the first id, and the rows.
    tables: [Rows; LOGGED.len()],
    first_ids: [Option<i64>; LOGGED.len()],
    currents: Rows,
}

/// Rows of one table.
#[derive(Default)]
struct Rows {
    n: usize,
    values: Vec<Held>,
    bytes: Vec<u8>,
}

/// Some of the rows, by place.
#[derive(Clone, Copy)]
struct Part {
    after: usize,
    rows: usize,
}

/// A value whose text stands among the bytes of all.
#[derive(Clone, Copy)]
enum Held {
    Null,
    Int(i64),
    Text(usize, usize),
    Blob(usize, usize),
}

/// A value that is bound without a copy of its own.
struct Bound<'a>(ValueRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

impl Rows {
    fn push(&mut self, value: Val) {
        let mut keep = |bytes: &[u8]| {
            let from = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            (from, self.bytes.len())
        };
        let held = match value {
            Val::Null => Held::Null,
            Val::Int(n) => Held::Int(n),
            Val::Text(text) => {
                let (from, to) = keep(text.as_bytes());
                Held::Text(from, to)
            }
            Val::Blob(blob) => {
                let (from, to) = keep(blob);
                Held::Blob(from, to)
            }
        };
        self.values.push(held);
    }

    /// Puts all rows in by statements that `sql` makes for a number of rows, and then forgets them.
    fn put(
        &mut self,
        conn: &Connection,
        stamp: &[i64],
        sql: impl Fn(usize) -> String,
        mut ran: impl FnMut(&Rows, Part, usize) -> Result<()>,
    ) -> Result<()> {
        let mut after = 0;
        for rows in AT_ONCE {
            if self.n - after < rows {
                continue;
            }
            let mut statement = conn.prepare_cached(&sql(rows))?;
            while self.n - after >= rows {
                let part = Part { after, rows };
                let written = self.run(&mut statement, part, stamp)?;
                ran(self, part, written)?;
                after += rows;
            }
        }
        self.n = 0;
        self.values.clear();
        self.bytes.clear();
        Ok(())
    }

    /// Runs a statement for a part of the rows. A parameter that nothing was bound to is null.
    fn run(&self, statement: &mut CachedStatement, part: Part, stamp: &[i64]) -> Result<usize> {
        let width = self.values.len() / self.n;
        statement.clear_bindings();
        for (at, n) in stamp.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, n)?;
        }
        for (at, value) in self.values[part.after * width..][..part.rows * width].iter().enumerate() {
            if !matches!(value, Held::Null) {
                statement.raw_bind_parameter(stamp.len() + at + 1, Bound(self.value(*value)))?;
            }
        }
        Ok(statement.raw_execute()?)
    }

    fn value(&self, held: Held) -> ValueRef<'_> {
        match held {
            Held::Null => ValueRef::Null,
            Held::Int(n) => ValueRef::Integer(n),
            Held::Text(from, to) => ValueRef::Text(&self.bytes[from..to]),
            Held::Blob(from, to) => ValueRef::Blob(&self.bytes[from..to]),
        }
    }

    /// Some rows of values in force.
    fn currents(&self, part: Part) -> impl Iterator<Item = CurrentRow<'_>> {
        let width = self.values.len() / self.n;
        let values = &self.values[part.after * width..][..part.rows * width];
        values.chunks_exact(width).map(|values| CurrentRow { all: self, values })
    }

    fn ledgers(&self, part: Part) -> Vec<i64> {
        self.currents(part).map(|row| row.ledger()).collect()
    }
}

impl Gathered {
    pub fn is_on(&self) -> bool {
        self.on
    }

    pub fn is_empty(&self) -> bool {
        self.currents.n == 0 && self.tables.iter().all(|rows| rows.n == 0)
    }

    /// Whether a row was gathered and not yet put in.
    pub fn holds(&self, logged: &Logged, id: i64) -> bool {
        self.first_ids[logged.place()].is_some_and(|first| id >= first)
    }

    /// Adds a row: values for the covered columns, then for the derived and the added ones.
    pub fn add(&mut self, logged: &'static Logged, id: i64, values: &[Val]) {
        let place = logged.place();
        self.first_ids[place].get_or_insert(id);
        let rows = &mut self.tables[place];
        rows.n += 1;
        rows.push(Val::Int(id));
        let in_common = logged.in_common();
        values[..in_common.start].iter().chain(&values[in_common.end..]).for_each(|value| rows.push(*value));
    }

    fn is_full(&self) -> bool {
        let all = || self.tables.iter().chain([&self.currents]);
        all().map(|rows| rows.n).sum::<usize>() >= MOST_ROWS
            || all().map(|rows| rows.bytes.len()).sum::<usize>() >= MOST_BYTES
    }

    /// Puts all rows in their tables, those first that others refer to: an item names its ledger entry.
    fn put(&mut self, conn: &Connection, keeper: Option<&Keeper>, stamp: Stamp) -> Result<()> {
        let items = ITEM.place();
        let order = (0..LOGGED.len()).filter(|place| *place != items).chain([items]);
        for place in order {
            let logged = LOGGED[place];
            let stamps: &[i64] = if logged.stamped() { &[stamp.at, stamp.user] } else { &[] };
            self.tables[place]
                .put(conn, stamps, |rows| logged.insert_many_sql(rows), |_, _, _| Ok(()))
                .with_context(|| format!("Rows of {} cannot be written", logged.name))?;
        }
        self.first_ids = Default::default();
        self.put_currents(conn, keeper, stamp.at)
    }

    /// Keeps what is most often the first value in force of each field. An insert that may change a row instead has SQLite
    /// keep what it would take back, which costs half as much again; so that one is the exception.
    fn put_currents(&mut self, conn: &Connection, keeper: Option<&Keeper>, made: Micros) -> Result<()> {
        let ran = |all: &Rows, part: Part, added: usize| {
            let new = match added == part.rows {
                true => None,
                false => Some(new_entries(conn, &all.ledgers(part))?),
            };
            if let Some(keeper) = keeper {
                all.currents(part).filter(|row| new.as_ref().is_none_or(|new| new.contains(&row.ledger()))).for_each(
                    |row| {
                        if !row.is_plain(made) {
                            keeper.clock(row.clock());
                        }
                    },
                );
            }
            if new.is_some() {
                all.run(&mut conn.prepare_cached(&current_sql("INSERT", REPLACING, part.rows))?, part, &[])?;
            }
            Ok(())
        };
        self.currents.put(conn, &[], |rows| current_sql("INSERT OR IGNORE", "", rows), ran)
    }
}

/// Those of some entries whose values were put in force just now; the values of the others have one before them.
fn new_entries(conn: &Connection, ledgers: &[i64]) -> Result<HashSet<i64>> {
    let mut statement = conn
        .prepare_cached("SELECT c.ledger FROM json_each(?) AS k CROSS JOIN current_value AS c ON c.ledger = k.value")?;
    let found = statement.query_map([array(ledgers)?], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A gathered value in force: table, target, field, value, entry, and three times.
struct CurrentRow<'r> {
    all: &'r Rows,
    values: &'r [Held],
}

impl<'r> CurrentRow<'r> {
    fn ledger(&self) -> i64 {
        self.int(4).unwrap_or_default()
    }

    fn int(&self, at: usize) -> Option<i64> {
        match self.values.get(at) {
            Some(Held::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// Whether its clock began when its entry was made and never ends.
    fn is_plain(&self, made: Micros) -> bool {
        [self.int(5), self.int(6), self.int(7)] == [Some(made), Some(made), None]
    }

    /// Its columns as its clock is kept by.
    fn clock(&self) -> impl Iterator<Item = ValueRef<'r>> {
        let (all, values) = (self.all, self.values);
        [0, 1, 2, 5, 6, 7].into_iter().map(move |at| all.value(values[at]))
    }
}

impl Logged {
    /// Where the values that all rows of one operation have in common stand in a new row's values.
    fn in_common(&self) -> Range<usize> {
        let covered = self.covered.len();
        if self.stamped() { covered - 5..covered + 2 } else { 0..0 }
    }

    /// One statement for many rows. What they have in common is said once: the time is `?1`, the user `?2`.
    fn insert_many_sql(&self, rows: usize) -> String {
        let all: Vec<&str> = self.inserted().collect();
        let in_common = self.in_common();
        let own = all.iter().enumerate().filter(|(at, _)| !in_common.contains(at)).map(|(_, column)| *column);
        let own: Vec<&str> = ["id"].into_iter().chain(own).collect();
        let (columns, values) = match in_common.is_empty() {
            true => (String::new(), ""),
            false => (all[in_common].join(", ") + ", ", "0, 1, ?1, ?2, ?2, ?1, ?2, "),
        };
        let row = format!("({values}{})", vec!["?"; own.len()].join(", "));
        format!("INSERT INTO {} ({columns}{}) VALUES {}", self.name, own.join(", "), vec![row; rows].join(", "))
    }
}

const REPLACING: &str = "ON CONFLICT DO UPDATE SET value = excluded.value, ledger = excluded.ledger,
    confirmed_on = excluded.confirmed_on, counted_from = excluded.counted_from, stale_on = excluded.stale_on";

fn current_sql(insert: &str, on_conflict: &str, rows: usize) -> String {
    let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!(
        "{insert} INTO current_value (target_table, target_id, field_name, value, ledger, confirmed_on, counted_from,
            stale_on) VALUES {rows} {on_conflict}"
    )
}

impl Write<'_> {
    /// From here on new rows are gathered. Until [`Write::put_gathered`] nobody may read rows of this operation, but for
    /// changing one of them, which puts them all in first.
    pub fn gather(&mut self) {
        self.gathered.on = true;
    }

    /// Puts what was gathered in its tables; from here on new rows go there at once.
    pub fn put_gathered(&mut self) -> Result<()> {
        self.gathered.on = false;
        self.put_gathered_so_far()
    }

    /// Gathers a new row; too many are put in and gathered anew.
    pub(super) fn gather_row(&mut self, logged: &'static Logged, id: i64, values: &[Val]) -> Result<()> {
        self.gathered.add(logged, id, values);
        self.put_if_full()
    }

    /// Gathers what is most often the first value in force of a field.
    pub(super) fn gather_current(&mut self, key: (&str, &str, &str), current: &Current) -> Result<()> {
        let (table, target, field) = key;
        let rows = &mut self.gathered.currents;
        rows.n += 1;
        let texts = [Val::Text(table), Val::Text(target), Val::Text(field), Val::text(current.value)];
        let times = [Val::Int(current.confirmed_on), Val::Int(current.counted_from), Val::int(current.stale_on)];
        texts.into_iter().chain([Val::Int(current.ledger)]).chain(times).for_each(|value| rows.push(value));
        self.put_if_full()
    }

    /// Puts what was gathered in its tables, and goes on gathering.
    pub(super) fn put_gathered_so_far(&mut self) -> Result<()> {
        self.gathered.put(&self.tx, self.keeper, self.stamp)
    }

    fn put_if_full(&mut self) -> Result<()> {
        if self.gathered.is_full() { self.put_gathered_so_far() } else { Ok(()) }
    }
}
