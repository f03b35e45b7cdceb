//! What later changes of a row came to in the end: an undo asks whether a row is again as an operation left it.

use std::collections::HashMap;

use anyhow::Result;
use rusqlite::Params;
use serde_json::{Map, Value as Json};

use super::changes::Changes;
use super::facts::array;
use super::logged::LEDGER;
use super::take_back::Standing;
use super::write::Write;

/// The changes of one row taken together: how many, and what each column was before and after all of them.
#[derive(Debug, Default, PartialEq)]
struct Net {
    changes: i64,
    columns: HashMap<String, (Json, Json)>,
}

impl Net {
    /// Adds the next change, as the log holds it.
    fn add(&mut self, before: &str, after: &str) -> Result<()> {
        let before: Map<String, Json> = serde_json::from_str(before)?;
        let mut after: Map<String, Json> = serde_json::from_str(after)?;
        self.changes += 1;
        for (column, was) in before {
            let is = after.remove(&column).unwrap_or_default();
            self.columns.entry(column).and_modify(|net| net.1 = is.clone()).or_insert((was, is));
        }
        Ok(())
    }

    fn is_nothing(&self) -> bool {
        self.columns.values().all(|(was, is)| was == is)
    }
}

impl Write<'_> {
    /// Gives those rows the version in which an operation left them whose later changes came to nothing. Normally no row
    /// moved, and nothing is read; a disposal is no change that the log lists, and never comes to nothing.
    pub fn forgive_what_came_to_nothing(
        &self,
        table: &'static str,
        standing: &mut HashMap<i64, Standing>,
        changes: &Changes,
    ) -> Result<()> {
        let left = |row: i64| changes.left(table, row);
        let moved: Vec<(i64, i64)> = standing
            .iter()
            .filter(|(row, standing)| standing.version != left(**row))
            .map(|(row, _)| (*row, left(*row)))
            .collect();
        if moved.is_empty() {
            return Ok(());
        }
        for (row, net) in self.net_changes(table, &moved)? {
            if let Some(standing) = standing.get_mut(&row)
                && net.is_nothing()
                && standing.version == left(row) + net.changes
            {
                standing.version = left(row);
            }
        }
        Ok(())
    }

    /// What the changes of some rows came to after the version that is named with each.
    fn net_changes(&self, table: &str, rows: &[(i64, i64)]) -> Result<HashMap<i64, Net>> {
        let sql = "SELECT c.row_id, c.before, c.after FROM json_each(?2) AS k CROSS JOIN operation_change AS c
                   ON c.table_name = ?1 AND c.row_id = k.value ->> 0 AND c.row_version > k.value ->> 1
                   ORDER BY c.row_id, c.seq, c.ordinal";
        self.nets(sql, (table, array(rows)?))
    }

    /// Whether another entry of the same source and field is to be decided on that was made after `newest`, or that
    /// became another one after an operation.
    pub(super) fn has_newer_rival(&self, entry: i64, operation: i64, newest: i64) -> Result<bool> {
        let rivals: Vec<i64> = self.rows(
            "SELECT r.id FROM integration_ledger AS l CROSS JOIN integration_ledger AS r
             ON r.target_id = l.target_id AND r.aspect_key = l.aspect_key AND r.target_table = l.target_table
             WHERE l.id = ? AND r.id <> l.id AND r.source_system_key = l.source_system_key
               AND r.ledger_status = 166840000 AND r.statecode = 0",
            [entry],
            |row| row.get(0),
        )?;
        if rivals.is_empty() || rivals.iter().any(|rival| *rival > newest) {
            return Ok(!rivals.is_empty());
        }
        let sql = "SELECT c.row_id, c.before, c.after FROM json_each(?2) AS k CROSS JOIN operation_change AS c
                   ON c.table_name = ?1 AND c.row_id = k.value AND c.seq > ?3 AND c.seq < ?4
                   ORDER BY c.row_id, c.seq, c.ordinal";
        let nets = self.nets(sql, (LEDGER.name, array(&rivals)?, operation, self.seq))?;
        Ok(nets.values().any(|net| !net.is_nothing()))
    }

    /// Takes together the changes that a statement lists from the first one on, as (row, before, after).
    fn nets(&self, sql: &str, params: impl Params) -> Result<HashMap<i64, Net>> {
        let mut out: HashMap<i64, Net> = HashMap::new();
        let mut statement = self.tx.prepare_cached(sql)?;
        let mut found = statement.query(params)?;
        while let Some(row) = found.next()? {
            let net = out.entry(row.get(0)?).or_default();
            net.add(row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?)?;
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_to_nothing_where_each_column_ends_as_it_began() {
        let mut net = Net::default();
        net.add(r#"{"state":1,"note":null}"#, r#"{"state":2,"note":"x"}"#).unwrap();
        assert!(!net.is_nothing());
        net.add(r#"{"state":2}"#, r#"{"state":1}"#).unwrap();
        assert!(!net.is_nothing());
        net.add(r#"{"note":"x"}"#, r#"{"note":null}"#).unwrap();
        assert!(net.is_nothing());
        assert_eq!(net.changes, 3);
    }
}
