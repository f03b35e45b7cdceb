//! Legal holds: what must not be disposed of, whatever a records schedule says.

use std::collections::HashMap;

use anyhow::{Context, Result};
use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;

use super::facts::array;
use super::logged::LEGAL_HOLD;
use super::reader::Reader;
use super::sql;
use super::write::{Val, Write};
use crate::model::filter::Filter;
use crate::model::table::Table;
use crate::model::time::Micros;

/// What a hold is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewHold<'a> {
    Record {
        target_table: &'a str,
        target_id: &'a str,
    },
    /// The items or the ledger entries that match when it is asked.
    Rows {
        table: Table,
        filter: &'a str,
    },
    /// What a delivery brought, by the id of its job.
    File {
        job: i64,
    },
}

/// A hold that stands on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: i64,
    pub reason: String,
}

impl Hold {
    /// `HLD-0000001`
    pub fn name(&self) -> String {
        name(self.id)
    }
}

/// A hold as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    pub id: i64,
    pub record: Option<(String, String)>,
    pub rows: Option<(Table, String)>,
    pub job: Option<i64>,
    pub reason: String,
    pub set_by: String,
    pub set_on: Micros,
    pub active: bool,
    pub row_version: i64,
}

impl HoldRow {
    pub fn name(&self) -> String {
        name(self.id)
    }
}

fn name(id: i64) -> String {
    format!("HLD-{id:07}")
}

const HOLDS: &str = "SELECT h.id, h.target_table, h.target_id, h.rows_of, h.filter, h.integration_sync_job, h.reason,
        (SELECT login FROM system_user WHERE id = h.set_by), h.set_on, h.active, h.row_version
    FROM legal_hold AS h";

fn read(row: &rusqlite::Row) -> rusqlite::Result<HoldRow> {
    let rows_of = row.get::<_, Option<String>>(3)?.and_then(|table| Table::find(&table));
    Ok(HoldRow {
        id: row.get(0)?,
        record: row.get::<_, Option<String>>(1)?.zip(row.get(2)?),
        rows: rows_of.zip(row.get(4)?),
        job: row.get(5)?,
        reason: row.get(6)?,
        set_by: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
        set_on: row.get(8)?,
        active: row.get(9)?,
        row_version: row.get(10)?,
    })
}

/// The rows of some of a table that a hold is on: what to ask, and the values for it.
fn held_rows(hold: &HoldRow, table: Table, ids: &[i64], now: Micros) -> Result<Option<(String, Vec<Sql>)>> {
    let of = table.info().sql;
    let ids = Sql::Text(array(ids)?);
    let asked = "t.id IN (SELECT value FROM json_each(?))";
    if let Some((target_table, target_id)) = &hold.record {
        let sql = format!("SELECT t.id FROM {of} AS t WHERE {asked} AND t.target_table = ? AND t.target_id = ?");
        return Ok(Some((sql, vec![ids, Sql::Text(target_table.clone()), Sql::Text(target_id.clone())])));
    }
    if let Some(job) = hold.job {
        let item = if table == Table::Ledger { "t.sync_item" } else { "t.id" };
        let sql = format!(
            "SELECT t.id FROM {of} AS t WHERE {asked} AND EXISTS (SELECT 1 FROM integration_sync_item AS i
             WHERE i.id = {item} AND i.integration_sync_job = ?)"
        );
        return Ok(Some((sql, vec![ids, Sql::Integer(job)])));
    }
    let Some((held, filter)) = hold.rows.as_ref().filter(|(held, _)| *held == table) else { return Ok(None) };
    let filter = Filter::narrowing(*held, filter).with_context(|| {
        format!("The filter of the legal hold {} cannot be read, so nothing is disposed of beside it", hold.name())
    })?;
    let condition = sql::condition(table, &filter, now);
    let sql = format!("SELECT t.id FROM {of} AS t WHERE {asked} AND {}", condition.sql);
    Ok(Some((sql, [vec![ids], condition.values].concat())))
}

impl Write<'_> {
    /// Of some items or entries those on which a hold stands.
    pub fn held(&self, table: Table, ids: &[i64]) -> Result<HashMap<i64, Hold>> {
        let mut out = HashMap::new();
        if ids.is_empty() {
            return Ok(out);
        }
        for hold in self.rows(&format!("{HOLDS} WHERE h.active = 1 ORDER BY h.id"), [], read)? {
            let Some((sql, values)) = held_rows(&hold, table, ids, self.stamp.at)? else { continue };
            for id in self.rows::<i64>(&sql, params_from_iter(values), |row| row.get(0))? {
                out.entry(id).or_insert_with(|| Hold { id: hold.id, reason: hold.reason.clone() });
            }
        }
        Ok(out)
    }

    pub fn insert_hold(&mut self, hold: &NewHold, reason: &str) -> Result<i64> {
        let (mut record, mut rows, mut job) = ((Val::Null, Val::Null), (Val::Null, Val::Null), Val::Null);
        match hold {
            NewHold::Record { target_table, target_id } => record = (Val::Text(target_table), Val::Text(target_id)),
            NewHold::Rows { table, filter } => rows = (Val::Text(table.info().sql), Val::Text(filter)),
            NewHold::File { job: of } => job = Val::Int(*of),
        }
        let by = [Val::Text(reason), Val::Int(self.stamp.user), Val::Int(self.stamp.at), Val::Int(1)];
        let values = [&[record.0, record.1, rows.0, rows.1, job][..], &by].concat();
        self.insert(&LEGAL_HOLD, &values)
    }

    pub fn hold(&self, id: i64) -> Result<Option<HoldRow>> {
        Ok(self.rows(&format!("{HOLDS} WHERE h.id = ?"), [id], read)?.pop())
    }

    pub fn lift_hold(&mut self, id: i64) -> Result<bool> {
        self.change(&LEGAL_HOLD, id, &[("active", Val::Int(0))])
    }
}

impl Reader {
    /// All holds, the newest first; or only those that stand.
    pub fn holds(&self, standing: bool) -> Result<Vec<HoldRow>> {
        let which = if standing { "WHERE h.active = 1" } else { "" };
        let mut statement = self.conn.prepare_cached(&format!("{HOLDS} {which} ORDER BY h.id DESC"))?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The holds that stand on an item or a ledger entry, or on what goes with it.
    pub fn holds_on(&self, table: Table, id: i64) -> Result<Vec<HoldRow>> {
        let partner = match table {
            Table::Ledger => Some((Table::SyncItems, "SELECT sync_item FROM integration_ledger WHERE id = ?")),
            Table::SyncItems => Some((Table::Ledger, "SELECT ledger FROM integration_sync_item WHERE id = ?")),
            _ => None,
        };
        let Some((other, sql)) = partner else { return Ok(Vec::new()) };
        let partner: Option<i64> = self.conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
        let asked: Vec<(Table, i64)> =
            [Some((table, id)), partner.map(|partner| (other, partner))].into_iter().flatten().collect();
        let mut out = Vec::new();
        for hold in self.holds(true)? {
            for (table, id) in &asked {
                let Some((sql, values)) = held_rows(&hold, *table, &[*id], self.now())? else { continue };
                if self.conn.prepare_cached(&sql)?.exists(params_from_iter(values))? {
                    out.push(hold);
                    break;
                }
            }
        }
        Ok(out)
    }
}
