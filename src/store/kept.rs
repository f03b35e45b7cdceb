//! What the store keeps beside the logged rows and no row tells: the spelling of names, last words and repeats, stale clocks,
//! when keys were last seen, how far deliveries came. Each operation's row in the log holds a sum over all of it, so that it
//! is as the last operation left it, or `verify` says so.
//!
//! # The sum
//! Each row, an *element*, stands for [`LANES`] numbers of 64 bits that its hash is stretched to, and the sum adds them lane
//! by lane, modulo 2^64. A row that comes is added and one that goes is taken off, so that an operation pays for what it
//! changes and not for what there is. Rows have a key, so that none counts twice: what else has the same sum is a set of
//! rows that somebody would have to find among some thousands or millions of rows of their own making; with a million of
//! them the best way that is known (Wagner's generalised birthday) takes more than 2^65 hashes.
//!
//! # How it is kept
//! By triggers of the writing connection alone, which stand in no file: whatever statement changes such a row is seen, and
//! none can be forgotten. New rows of the two tables that a delivery fills by many rows at once have none, since SQLite
//! would put such rows aside first; who writes them says so ([`Write::keep`], `Gathered`).

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use sha2::block_api::compress256;

use super::canonical::{Canonical, Hash};
use super::derive::FieldKey;
use super::write::{Val, Write};

/// The numbers of a sum.
const LANES: usize = 16;
/// As bytes.
pub(super) const SUM_BYTES: usize = LANES * 8;
/// The tag of an element.
const KEPT_TAG: &str = "steward-kept-1";

/// A table of which something is kept.
struct Kept {
    table: &'static str,
    /// What an element holds, the row's key first. `@` stands for the row.
    columns: &'static [&'static str],
    /// Which rows are elements: the others' columns follow from logged rows.
    when: &'static str,
    /// Columns besides those that this asks for.
    asked: &'static [&'static str],
    /// Whether new rows are seen by a trigger, too.
    sees_new: bool,
}

const KEPT: &[Kept] = &[
    Kept { table: "vocabulary", columns: &["kind", "folded", "spelling"], when: "1", asked: &[], sees_new: true },
    Kept { table: "field_set", columns: &["id", "fields"], when: "1", asked: &[], sees_new: true },
    Kept { table: "binding_change", columns: &["binding", "changed_on"], when: "1", asked: &[], sees_new: true },
    Kept {
        table: "last_word",
        columns: &["identifier", "field", "said", "job", "sequence", "closed"],
        when: "1",
        asked: &[],
        sees_new: true,
    },
    Kept { table: "last_repeat", columns: &["identifier", "fields", "job"], when: "1", asked: &[], sees_new: true },
    Kept {
        table: "integration_sync_job",
        columns: &["id", "records", "finished_on", "unchanged"],
        when: "NOT (@.records = 0 AND @.finished_on IS NULL AND @.unchanged = 0)",
        asked: &[],
        sees_new: true,
    },
    KEY_SEEN,
    CLOCK,
];

/// When a key was last seen, where that is not when it was first seen.
const KEY_SEEN: Kept = Kept {
    table: "integration_identifier",
    columns: &["id", "last_seen_date_time"],
    when: "@.last_seen_date_time IS NOT @.first_seen_date_time",
    asked: &["first_seen_date_time"],
    sees_new: false,
};

/// The clock of a value in force, but for one that began with its entry and never ends.
const CLOCK: Kept = Kept {
    table: "current_value",
    columns: &["target_table", "target_id", "field_name", "confirmed_on", "counted_from", "stale_on"],
    when: "NOT (@.stale_on IS NULL AND @.confirmed_on = @.counted_from AND @.counted_from IS
               (SELECT created_on FROM main.integration_ledger WHERE id = @.ledger))",
    asked: &["ledger"],
    sees_new: false,
};

impl Kept {
    fn list(&self, row: &str) -> String {
        self.columns.iter().map(|column| format!("{row}.{column}")).collect::<Vec<_>>().join(", ")
    }

    fn when(&self, row: &str) -> String {
        self.when.replace('@', row)
    }

    /// A statement of a trigger that takes a row on (1) or off (-1).
    fn counts(&self, place: usize, sign: i64, row: &str) -> String {
        format!("SELECT {FUNCTION}({sign}, {place}, {}) WHERE {};", self.list(row), self.when(row))
    }

    /// The triggers of the writing connection.
    fn triggers(&self, place: usize) -> String {
        let table = self.table;
        let (off, on) = (self.counts(place, -1, "OLD"), self.counts(place, 1, "NEW"));
        let watched = [self.columns, self.asked].concat().join(", ");
        let mut sql = format!(
            "CREATE TEMP TRIGGER kept_{table}_off AFTER DELETE ON main.{table} BEGIN {off} END;
             CREATE TEMP TRIGGER kept_{table}_changed AFTER UPDATE OF {watched} ON main.{table} BEGIN {off} {on} END;"
        );
        if self.sees_new {
            sql.push_str(&format!("CREATE TEMP TRIGGER kept_{table}_on AFTER INSERT ON main.{table} BEGIN {on} END;"));
        }
        sql
    }
}

/// What SHA-256 begins with (FIPS 180-4, section 5.3.3).
const SHA_256: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

const FUNCTION: &str = "steward_kept";

/// A sum of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum([u64; LANES]);

impl Sum {
    /// Of bytes as [`Sum::bytes`] makes them.
    pub fn of_bytes(bytes: &[u8]) -> Option<Sum> {
        let bytes: &[u8; SUM_BYTES] = bytes.try_into().ok()?;
        let (numbers, _) = bytes.as_chunks();
        let mut sum = Sum::default();
        sum.0.iter_mut().zip(numbers).for_each(|(lane, number)| *lane = u64::from_be_bytes(*number));
        Some(sum)
    }

    /// The lanes in order, each big-endian.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|lane| lane.to_be_bytes()).collect()
    }

    pub fn plus(mut self, other: Sum) -> Sum {
        self.0.iter_mut().zip(other.0).for_each(|(lane, more)| *lane = lane.wrapping_add(more));
        self
    }

    fn minus(mut self, other: Sum) -> Sum {
        self.0.iter_mut().zip(other.0).for_each(|(lane, less)| *lane = lane.wrapping_sub(less));
        self
    }
}

/// What an operation adds to the sum, and the buffer that elements are written in.
#[derive(Default)]
pub(super) struct Adds {
    sum: Sum,
    canonical: Canonical,
}

impl Adds {
    fn element<'a>(&mut self, kept: &Kept, values: impl Iterator<Item = ValueRef<'a>>) -> Sum {
        self.canonical.begin(KEPT_TAG).text(kept.table);
        for value in values {
            self.canonical.value(value);
        }
        stretched(&self.canonical.hash())
    }

    fn on<'a>(&mut self, kept: &Kept, values: impl Iterator<Item = ValueRef<'a>>) {
        self.sum = self.sum.plus(self.element(kept, values));
    }

    fn off<'a>(&mut self, kept: &Kept, values: impl Iterator<Item = ValueRef<'a>>) {
        self.sum = self.sum.minus(self.element(kept, values));
    }
}

/// The numbers that a hash stands for: SHA-256 of it and a byte that counts from 0, one after the other. Each of these
/// messages is one block with its padding, so that nothing has to be gathered for it.
fn stretched(hash: &Hash) -> Sum {
    let mut block = [0; 64];
    block[..32].copy_from_slice(hash);
    // The end of the message, and its length in bits.
    block[33] = 0x80;
    block[62..].copy_from_slice(&(33_u16 * 8).to_be_bytes());
    let mut lanes = [0; LANES];
    for (at, part) in (0_u8..).zip(lanes.chunks_exact_mut(4)) {
        block[32] = at;
        let mut state = SHA_256;
        compress256(&mut state, &[block]);
        for (lane, pair) in part.iter_mut().zip(state.chunks_exact(2)) {
            *lane = u64::from(pair[0]) << 32 | u64::from(pair[1]);
        }
    }
    Sum(lanes)
}

/// Counts what changes on a writing connection.
#[derive(Clone, Default)]
pub(super) struct Keeper(Arc<Mutex<Adds>>);

impl Keeper {
    /// Sees from here on what a connection changes in rows that are kept.
    pub fn watch(conn: &Connection) -> Result<Keeper> {
        let keeper = Keeper::default();
        let own = keeper.clone();
        conn.create_scalar_function(FUNCTION, -1, FunctionFlags::SQLITE_UTF8, move |context| own.count(context))?;
        for (place, kept) in KEPT.iter().enumerate() {
            conn.execute_batch(&kept.triggers(place))
                .with_context(|| format!("What changes in {} cannot be watched", kept.table))?;
        }
        Ok(keeper)
    }

    /// What a trigger calls: 1 or -1, the place in [`KEPT`], and the element's columns.
    fn count(&self, context: &Context) -> rusqlite::Result<Option<i64>> {
        let (sign, place): (i64, i64) = (context.get(0)?, context.get(1)?);
        let kept = usize::try_from(place).ok().and_then(|place| KEPT.get(place));
        let kept = kept.ok_or(rusqlite::Error::InvalidParameterCount(context.len(), KEPT.len()))?;
        let values = (2..context.len()).map(|at| context.get_raw(at));
        self.with(|adds| if sign > 0 { adds.on(kept, values) } else { adds.off(kept, values) });
        Ok(None)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Adds) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A new transaction changed nothing yet.
    pub fn begin(&self) {
        self.with(|adds| adds.sum = Sum::default());
    }

    /// What the transaction adds to the sum so far.
    pub fn added(&self) -> Sum {
        self.with(|adds| adds.sum)
    }

    /// A new value in force, whose columns these are in the order of [`CLOCK`]'s.
    pub fn clock<'a>(&self, columns: impl Iterator<Item = ValueRef<'a>>) {
        self.with(|adds| adds.on(&CLOCK, columns));
    }
}

impl Write<'_> {
    /// Takes note of a new key that was last seen at another time than first.
    pub(super) fn keep_seen(&self, identifier: i64, last_seen: Val) {
        if let Some(keeper) = self.keeper {
            let columns = [ValueRef::Integer(identifier), last_seen.as_ref()];
            keeper.with(|adds| adds.on(&KEY_SEEN, columns.into_iter()));
        }
    }

    /// Takes note of the clock of a new value in force.
    pub(super) fn keep_clock(&self, (table, target, field): &FieldKey) -> Result<()> {
        let Some(keeper) = self.keeper else { return Ok(()) };
        let sql = format!(
            "SELECT {} FROM main.current_value AS t WHERE target_table = ? AND target_id = ? AND field_name = ? AND {}",
            CLOCK.list("t"),
            CLOCK.when("t")
        );
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query((table, target, field))?;
        if let Some(row) = rows.next()? {
            keeper.clock(values(row, CLOCK.columns.len())?.into_iter());
        }
        Ok(())
    }

    /// Takes the sum over all that there is by now, whatever was changed past this program. Answers whether it is the last
    /// operation's.
    pub fn sum_anew(&mut self) -> Result<bool> {
        let sql = "SELECT kept FROM operation ORDER BY seq DESC LIMIT 1";
        let kept: Option<Option<Vec<u8>>> = self.tx.query_row(sql, [], |row| row.get(0)).optional()?;
        let before = kept.flatten().and_then(|kept| Sum::of_bytes(&kept));
        let now = sum(&self.tx)?;
        if let (Some(keeper), Some(before)) = (self.keeper, before) {
            keeper.with(|adds| adds.sum = now.minus(before));
        }
        Ok(before.is_none_or(|before| before == now))
    }

    /// The sum that the operation leaves behind.
    pub(super) fn sum_kept(&self, before: Option<Sum>) -> Result<Sum> {
        match (self.keeper, before) {
            (Some(keeper), Some(before)) => Ok(before.plus(keeper.added())),
            _ => sum(&self.tx),
        }
    }
}

/// The sum of all that is kept.
pub(super) fn sum(conn: &Connection) -> Result<Sum> {
    let mut adds = Adds::default();
    for kept in KEPT {
        let sql = format!("SELECT {} FROM main.{} AS t WHERE {}", kept.list("t"), kept.table, kept.when("t"));
        let mut statement = conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            adds.on(kept, values(row, kept.columns.len())?.into_iter());
        }
    }
    Ok(adds.sum)
}

fn values<'r>(row: &'r Row, width: usize) -> rusqlite::Result<Vec<ValueRef<'r>>> {
    (0..width).map(|at| row.get_ref(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_of_a_set_in_any_order_and_what_goes_leaves_nothing() {
        let element = |n: u8| stretched(&[n; 32]);
        let [a, b, c] = [1, 2, 3].map(element);
        assert_eq!(a.plus(b).plus(c), c.plus(a).plus(b));
        assert_eq!(a.plus(b).minus(a), b);
        assert_ne!(a.plus(b), a.plus(c));
        assert_eq!(Sum::of_bytes(&a.bytes()), Some(a));
        assert_eq!(Sum::of_bytes(&[0; 3]), None);
    }

    /// Worked out by another program.
    #[test]
    fn an_element_is_as_the_format_says() {
        let values = [ValueRef::Text(b"source"), ValueRef::Text(b"hr"), ValueRef::Text(b"HR")];
        let sum = Adds::default().element(&KEPT[0], values.into_iter());
        assert_eq!(super::super::canonical::hex(&sum.bytes()[..8]), "ec11d2eb79aa5080");
    }
}
