//! The past of one field: every row that has a say in its value, each with all its states, and the operations behind.
//!
//! # Performance
//! The rows of a field are few, and found by index. Which operation made a row is not in the row: one look through the
//! operations' times finds it, some tenths of a microsecond for each operation of the log.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, Params, Transaction};

use super::Reader;
use super::chunks::{GOES_ON, TAKES_BACK};
use super::derive::FieldKey;
use super::facts::array;
use super::logged::Logged;
use super::reader::read_value;
use super::rewind::{changes_of, image, put, select};
use super::sql;
use crate::model::row::{Row, Value};
use crate::model::table::{Field, Kind, Table};
use crate::model::time::Micros;
use crate::model::versions::Versions;

/// All that the value of a field follows from, through time.
#[derive(Debug, Clone)]
pub struct FieldPast {
    pub key: FieldKey,
    /// Ledger entries and delivered sync items of the field, in the order of their ids.
    pub entries: Vec<Versions>,
    pub items: Vec<Versions>,
    /// The value maps that the items came through, and all commit policies.
    pub maps: Vec<Versions>,
    pub policies: Vec<Versions>,
    /// The identifiers that stand for the target, or once did.
    pub identifiers: Vec<Versions>,
    /// The entries by which people vouched for the whole record, or for its table.
    pub attests: Vec<Versions>,
    pub in_force: Option<Kept>,
    /// When jobs ran that found values unchanged, from sources that know the target: such a value may have been this
    /// field's, since an unchanged value is counted and leaves no row.
    pub confirmations: Vec<(Micros, Micros)>,
    /// Entries and items whose values were disposed of, with the operation that did it: their values are gone from the
    /// past, too.
    pub disposed: Vec<(Table, i64, i64)>,
    /// The operations that made, changed or disposed of the entries, items and policies, in their order.
    pub deeds: Vec<Deed>,
    /// The last operation of the log.
    pub end: i64,
    pub now: Micros,
}

/// The value in force as it is kept, with its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub ledger: i64,
    pub confirmed_on: Micros,
    /// The last operation that had happened when it was confirmed.
    pub confirmed_by: i64,
    pub stale_on: Option<Micros>,
}

/// An operation as a sentence names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub operation: i64,
    /// A part of an undo is an undo, too.
    pub kind: String,
    /// Who did it: the login, where an admin acted for somebody `admin for login`.
    pub by: String,
    pub on: Micros,
    /// Of setting items aside alone, where the rows do not tell why.
    pub reason: Option<String>,
}

impl Reader {
    /// The last operation of the log, and when it was.
    pub fn last_operation(&self) -> Result<(i64, Micros)> {
        let sql = "SELECT seq, at FROM operation ORDER BY seq DESC LIMIT 1";
        Ok(self.conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// The last operation, in the order of the log, that had happened at a time; `None` before the store was made.
    pub fn operation_at(&self, time: Micros) -> Result<Option<i64>> {
        let sql = "SELECT seq FROM operation WHERE at <= ? ORDER BY seq DESC LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([time], |row| row.get(0)).optional()?)
    }

    /// Reads the past of a field, all of it from one state of the store.
    pub fn field_past(&self, key: &FieldKey) -> Result<FieldPast> {
        let _still = self.still()?;
        let (table, target, field) = key;
        let entries = self.versions(
            Table::Ledger,
            "target_id = ?1 AND aspect_key = ?2 AND target_table = ?3 AND ledger_aspect = 166840000",
            (target, field, table),
        )?;
        let items = self.versions(
            Table::SyncItems,
            // What went out to a receiver is no candidate.
            "target_id = ?1 AND field_name = ?2 AND target_table = ?3 AND 166840000 =
                (SELECT direction FROM integration_sync_job WHERE id = integration_sync_item.integration_sync_job)",
            (target, field, table),
        )?;
        let attests = self.versions(
            Table::Ledger,
            "target_table = ?2 AND (target_id = ?1 AND aspect_key = '*' AND ledger_aspect = 166840001
                OR target_id = ?2 AND ledger_aspect = 166840002)",
            (target, table),
        )?;
        let policies = self.versions(Table::CommitPolicies, "1", [])?;
        let maps = linked(&items, "value_map");
        let mut disposed = self.disposed(Table::Ledger, &entries)?;
        disposed.extend(self.disposed(Table::SyncItems, &items)?);
        let rows = entries.iter().chain(&items).chain(&attests).chain(&policies);
        let states = rows.flat_map(|row| row.states().map(|(operation, _)| operation));
        let operations: BTreeSet<i64> = states.chain(disposed.iter().map(|(_, _, operation)| *operation)).collect();
        Ok(FieldPast {
            maps: self.versions(Table::ValueMaps, "id IN (SELECT value FROM json_each(?1))", [array(&maps)?])?,
            policies,
            attests,
            identifiers: self.versions(
                Table::Identifiers,
                // Those that stood for the record once were edited since: they are few, and the log knows them.
                "(target_id = ?1 AND target_table = ?2) OR id IN (SELECT row_id FROM operation_change
                    WHERE table_name = 'integration_identifier' AND before ->> 'target_id' = ?1)",
                (target, table),
            )?,
            in_force: self.kept(key)?,
            confirmations: self.confirmations(key)?,
            deeds: self.deeds(&operations)?,
            disposed,
            end: self.last_operation()?.0,
            now: self.now(),
            key: key.clone(),
            entries,
            items,
        })
    }

    /// A transaction for several reads, unless the caller holds one already.
    pub(super) fn still(&self) -> Result<Option<Transaction<'_>>> {
        Ok(self.conn.is_autocommit().then(|| self.conn.unchecked_transaction()).transpose()?)
    }

    /// The rows of a table that match, each with all its states, in the order of their ids.
    fn versions(&self, table: Table, condition: &str, params: impl Params) -> Result<Vec<Versions>> {
        let logged = Logged::find(table.info().sql).context("the table is not logged")?;
        let mut statement = self.conn.prepare_cached(&format!("{} WHERE {condition} ORDER BY id", select(logged)))?;
        let rows = statement.query_map(params, |row| Ok((row.get(0)?, image(logged, row)?)))?;
        let rows: Vec<(i64, Vec<Sql>)> = rows.collect::<Result<_, _>>()?;
        let makers = self.makers(logged, &rows)?;
        rows.into_iter()
            .map(|(id, now)| {
                let made_by = makers.iter().find(|(_, first, last)| (*first..=*last).contains(&id));
                let made_by = made_by.with_context(|| {
                    format!("No operation of the log made {}. Check the store: steward verify", table.row_name(id))
                })?;
                self.rewound(table, logged, id, now, made_by.0)
            })
            .collect()
    }

    /// Takes a row back, state by state.
    fn rewound(&self, table: Table, logged: &Logged, id: i64, now: Vec<Sql>, made_by: i64) -> Result<Versions> {
        let mut image = now;
        let mut states: Vec<(i64, Row)> = Vec::new();
        for change in changes_of(&self.conn, logged, id, id)?.remove(&id).unwrap_or_default() {
            if states.last().is_none_or(|(operation, _)| *operation != change.seq) {
                states.push((change.seq, self.row_of(table, logged, id, &image)?));
            }
            put(logged, &mut image, &change.before);
        }
        states.reverse();
        Ok(Versions::new(made_by, self.row_of(table, logged, id, &image)?, states))
    }

    /// An image as a row; what the log does not cover stays empty.
    fn row_of(&self, table: Table, logged: &Logged, id: i64, image: &[Sql]) -> Result<Row> {
        let value = |field: &Field| match logged.column(field.name) {
            Some(at) => {
                let value = &image[at];
                read_value(field, value.into(), || self.linked_name(field, value))
            }
            None if field.kind == Kind::Name => Ok(Value::Text(table.row_name(id))),
            None => Ok(Value::Null),
        };
        let values = table.fields().iter().map(value).collect::<Result<_>>()?;
        Ok(Row { table, id, values })
    }

    fn linked_name(&self, field: &Field, id: &Sql) -> Result<Option<String>> {
        let Some(name) = sql::linked_name(field) else { return Ok(None) };
        let text = format!("SELECT {name} FROM (SELECT ? AS {}) AS t", field.name);
        Ok(self.conn.prepare_cached(&text)?.query_row([id], |row| row.get(0))?)
    }

    /// The operations that made some rows, with the ranges of ids that they made. A row bears its operation's time.
    fn makers(&self, logged: &Logged, rows: &[(i64, Vec<Sql>)]) -> Result<Vec<(i64, i64, i64)>> {
        let created_on = logged.column("created_on").context("the table's rows bear no time")?;
        let times: BTreeSet<i64> = rows
            .iter()
            .filter_map(|(_, image)| match image[created_on] {
                Sql::Integer(time) => Some(time),
                _ => None,
            })
            .collect();
        if times.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT o.seq, r.value ->> 1, r.value ->> 2 FROM operation AS o CROSS JOIN json_each(o.rows_created) AS r
             WHERE o.at IN (SELECT value FROM json_each(?)) AND r.value ->> 0 = ?",
        )?;
        let rows =
            statement.query_map((array(&times)?, logged.name), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn kept(&self, (table, target, field): &FieldKey) -> Result<Option<Kept>> {
        let sql = "SELECT ledger, confirmed_on, stale_on,
                          (SELECT seq FROM operation WHERE at <= confirmed_on ORDER BY seq DESC LIMIT 1)
                   FROM current_value WHERE target_table = ? AND target_id = ? AND field_name = ?";
        let kept = self.conn.prepare_cached(sql)?.query_row((table, target, field), |row| {
            let confirmed_by = row.get::<_, Option<i64>>(3)?.unwrap_or_default();
            Ok(Kept { ledger: row.get(0)?, confirmed_on: row.get(1)?, stale_on: row.get(2)?, confirmed_by })
        });
        Ok(kept.optional()?)
    }

    fn confirmations(&self, (table, target, _): &FieldKey) -> Result<Vec<(Micros, Micros)>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT created_on, coalesce(finished_on, ?3) FROM integration_sync_job
             WHERE target_table = ?1 AND unchanged > 0 AND source_system_key IN
                (SELECT source_system_key FROM integration_identifier WHERE target_id = ?2 AND target_table = ?1)",
        )?;
        let rows = statement.query_map((table, target, self.now()), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The rows of some whose values were disposed of.
    fn disposed(&self, table: Table, rows: &[Versions]) -> Result<Vec<(Table, i64, i64)>> {
        let ids: Vec<i64> = rows.iter().map(Versions::id).collect();
        let mut statement = self.conn.prepare_cached(
            "SELECT row_id, seq FROM disposed
             WHERE table_name = ? AND row_id IN (SELECT value FROM json_each(?)) AND copies = 0",
        )?;
        let rows =
            statement.query_map((table.info().sql, array(&ids)?), |row| Ok((table, row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn deeds(&self, operations: &BTreeSet<i64>) -> Result<Vec<Deed>> {
        let sql = format!(
            "SELECT o.seq, iif(o.kind = 'part' AND o.reason GLOB '{TAKES_BACK}*', 'undo', o.kind),
                    o.actor || coalesce(' for ' || o.on_behalf_of, ''), o.at,
                    CASE WHEN o.kind IN ('park', 'close') THEN o.reason
                         WHEN o.kind = 'part' AND o.reason GLOB '{GOES_ON}*' THEN
                            (SELECT h.reason FROM operation AS h WHERE h.kind IN ('park', 'close')
                             AND h.seq = CAST(substr(o.reason, length('{GOES_ON}') + 1) AS INTEGER)) END
             FROM operation AS o WHERE o.seq IN (SELECT value FROM json_each(?)) ORDER BY o.seq"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([array(operations)?], |row| {
            Ok(Deed {
                operation: row.get(0)?,
                kind: row.get(1)?,
                by: row.get(2)?,
                on: row.get(3)?,
                reason: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The ids that a link of some rows ever held.
fn linked(rows: &[Versions], field: &str) -> BTreeSet<i64> {
    rows.iter().flat_map(|row| row.states()).filter_map(|(_, row)| row.int(field)).collect()
}
