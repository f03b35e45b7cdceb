//! The operation log as people read it.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::OptionalExtension;
use serde_json::Value as Json;

use super::labels::Names;
use super::{Reader, about};
use crate::model::Table;
use crate::model::time::Micros;

/// One row of the operation log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationRow {
    pub seq: i64,
    pub kind: String,
    pub at: Micros,
    pub actor: String,
    pub role: String,
    pub on_behalf_of: Option<String>,
    pub summary: String,
    pub reason: Option<String>,
    pub undoes: Option<i64>,
    pub undone_by: Option<i64>,
    /// Rows created and changed.
    pub created: i64,
    pub changed: i64,
    /// The row that it was about and what stands in it now, where it was one: `contact HR:E-10210 last_name 'Nguyen'`.
    pub about: Option<String>,
}

impl OperationRow {
    /// What was done, with the row that it was about. Not yet `Shown`.
    pub fn told(&self) -> String {
        told(&self.summary, self.about.as_deref())
    }
}

/// A sentence about what was done, with the row that it was about.
pub fn told(summary: &str, about: Option<&str>) -> String {
    about.map_or_else(|| summary.to_string(), |about| format!("{summary}: {about}"))
}

const COLUMNS: &str = "o.seq, o.kind, o.at, o.actor, o.role, o.on_behalf_of, o.summary, o.reason, o.undoes,
    (SELECT max(u.seq) FROM operation AS u WHERE u.undoes = o.seq),
    (SELECT coalesce(sum((r.value ->> 2) - (r.value ->> 1) + 1), 0) FROM json_each(o.rows_created) AS r),
    o.rows_changed";

fn read(row: &rusqlite::Row) -> rusqlite::Result<OperationRow> {
    Ok(OperationRow {
        seq: row.get(0)?,
        kind: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        role: row.get(4)?,
        on_behalf_of: row.get(5)?,
        summary: row.get(6)?,
        reason: row.get(7)?,
        undoes: row.get(8)?,
        undone_by: row.get(9)?,
        created: row.get(10)?,
        changed: row.get(11)?,
        about: None,
    })
}

/// Which operations are meant; what is none leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Who acted, or in whose name.
    pub person: Option<String>,
    pub kind: Option<String>,
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    /// A part of the summary or of the reason, ASCII case aside.
    pub text: Option<String>,
    /// One that made or changed this row.
    pub row: Option<(Table, i64)>,
    /// One that made or changed rows of this table.
    pub table: Option<Table>,
}

/// What an operation did to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub table: Table,
    pub id: i64,
    /// Fields with their values before and after, as the log keeps them; none where the row was made.
    pub changes: Option<Vec<(String, Json, Json)>>,
    /// What stands in it now, where that is told of rows of its table: `contact HR:E-10210 last_name 'Nguyen'`.
    pub about: Option<String>,
}

const OF_ROW: &str = "(o.seq IN (SELECT c.seq FROM operation_change AS c WHERE c.table_name = ?7 AND c.row_id = ?8)
    OR EXISTS (SELECT 1 FROM json_each(o.rows_created) AS r
               WHERE r.value ->> 0 = ?7 AND ?8 BETWEEN r.value ->> 1 AND r.value ->> 2))";

const OF_TABLE: &str = "(EXISTS (SELECT 1 FROM operation_change AS c WHERE c.seq = o.seq AND c.table_name = ?10)
    OR EXISTS (SELECT 1 FROM json_each(o.rows_created) AS r WHERE r.value ->> 0 = ?10))";

impl Reader {
    /// The log, newest first, below `before` if given.
    pub fn operations(&self, before: Option<i64>, limit: usize) -> Result<Vec<OperationRow>> {
        self.operations_of(&Which::default(), before, limit)
    }

    /// The operations that are meant, newest first, below `before` if given.
    pub fn operations_of(&self, which: &Which, before: Option<i64>, limit: usize) -> Result<Vec<OperationRow>> {
        let row = which.row.map(|(table, id)| (table.info().sql, id));
        let sql = format!(
            "SELECT {COLUMNS} FROM operation AS o
             WHERE o.seq < ?1 AND (?2 IS NULL OR ?2 IN (o.actor, o.on_behalf_of)) AND (?3 IS NULL OR o.kind = ?3)
               AND (?4 IS NULL OR o.at >= ?4) AND (?5 IS NULL OR o.at < ?5)
               AND (?6 IS NULL OR instr(lower(o.summary || char(10) || coalesce(o.reason, '')), lower(?6)) > 0)
               AND (?7 IS NULL OR {OF_ROW}) AND (?10 IS NULL OR {OF_TABLE}) ORDER BY o.seq DESC LIMIT ?9"
        );
        let params = (
            before.unwrap_or(i64::MAX),
            &which.person,
            &which.kind,
            which.since,
            which.until,
            &which.text,
            row.map(|(table, _)| table),
            row.map(|(_, id)| id),
            i64::try_from(limit).unwrap_or(i64::MAX),
            which.table.map(|table| table.info().sql),
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(params, read)?;
        let mut operations = rows.collect::<Result<Vec<_>, _>>()?;
        let mut names = Names::default();
        for operation in &mut operations {
            operation.about = self.about(&mut names, operation.seq, &operation.kind, &operation.summary)?;
        }
        Ok(operations)
    }

    /// What an operation did to rows of the six tables: those that it made by their ids, then those that it changed in their
    /// order; at most so many.
    pub fn touched(&self, seq: i64, limit: usize) -> Result<Vec<Touched>> {
        let ranges: Vec<(String, i64, i64)> = self.collect(
            "SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2 FROM operation AS o, json_each(o.rows_created) AS r WHERE o.seq = ?",
            [seq],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let table = |name: &str| Table::ALL.into_iter().find(|table| table.info().sql == name);
        let made = ranges.iter().filter_map(|(name, first, last)| Some((table(name)?, *first..=*last)));
        let made = made.flat_map(|(table, ids)| ids.map(move |id| Touched { table, id, changes: None, about: None }));
        let mut deeds: Vec<Touched> = made.take(limit).collect();
        let left = i64::try_from(limit - deeds.len()).unwrap_or(i64::MAX);
        let changed: Vec<(String, i64, String, String)> = self.collect(
            "SELECT table_name, row_id, before, after FROM operation_change WHERE seq = ? ORDER BY ordinal LIMIT ?",
            (seq, left),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        for (name, id, before, after) in changed {
            if let Some(table) = table(&name) {
                deeds.push(Touched { table, id, changes: Some(changes(&before, &after)?), about: None });
            }
        }
        let mut names = Names::default();
        for deed in &mut deeds {
            deed.about = about::told(&self.conn, &mut names, deed.table, deed.id)?;
        }
        Ok(deeds)
    }

    pub fn operation(&self, seq: i64) -> Result<Option<OperationRow>> {
        let sql = format!("SELECT {COLUMNS} FROM operation AS o WHERE o.seq = ?");
        let Some(mut found) = self.conn.prepare_cached(&sql)?.query_row([seq], read).optional()? else {
            return Ok(None);
        };
        found.about = self.about(&mut Names::default(), seq, &found.kind, &found.summary)?;
        Ok(Some(found))
    }
}

/// The fields of two images of a row, in the order of their names.
fn changes(before: &str, after: &str) -> Result<Vec<(String, Json, Json)>> {
    let before: BTreeMap<String, Json> = serde_json::from_str(before)?;
    let mut after: BTreeMap<String, Json> = serde_json::from_str(after)?;
    let pair = |(field, was): (String, Json)| {
        let is = after.remove(&field).unwrap_or(Json::Null);
        (field, was, is)
    };
    Ok(before.into_iter().map(pair).collect())
}
