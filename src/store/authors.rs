//! Who had a hand in the values of ledger entries, as the rows and the log tell: facts for the rule of four eyes.
//!
//! # Performance
//! Asked for entries by the chunk, so statements are counted by the chunk. A value map, an identifier and a binding have few
//! changes, found by index; who acted for somebody is found by an index of those operations alone.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use rusqlite::Row;
use serde_json::Value;

use super::chunks::{GOES_ON, TAKES_BACK};
use super::facts::array;
use super::write::Write;
use crate::model::choice::MapState;
use crate::model::fact::Touch;
use crate::model::time::Micros;

/// What an entry's value came by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameBy {
    pub entry: i64,
    pub made: Micros,
    pub map: Option<MapOf>,
    /// It is neither what was delivered nor what a map says: a binding's fixed value, if there is one.
    pub may_be_fixed: bool,
    /// Who last edited the input.
    pub edited_by: Vec<i64>,
    /// Who took the delivery in, where that was asked for.
    pub delivered_by: Vec<i64>,
}

/// Where an entry's value came from and went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CamePlace {
    pub target_table: String,
    pub target_id: String,
    pub field_name: String,
    pub source: String,
    pub external_key: Option<String>,
    pub value: Option<String>,
}

/// The value map that a value came through, as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapOf {
    pub id: i64,
    pub author: Option<i64>,
}

/// A binding with a fixed value, now or once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedBy {
    pub id: i64,
    pub target_table: String,
    pub field_name: String,
    pub source: Option<String>,
    pub fixed_value: Option<String>,
    pub made: Micros,
    pub made_by: Vec<i64>,
}

/// A source's key for a record: source, table and key.
pub type KeyOf = (String, String, String);

/// A change of a row: columns before and after.
pub type Changed = Touch<(Value, Value)>;

/// The person at the keyboard where a row's maker was only named: an operation's time is that of its rows.
fn behind(row: &str) -> String {
    format!(
        "(SELECT u.id FROM operation AS o INDEXED BY operation_for_somebody
          CROSS JOIN system_user AS u ON u.login = o.actor
          WHERE o.on_behalf_of IS NOT NULL AND o.at = {row}.created_on
            AND o.on_behalf_of = (SELECT login FROM system_user WHERE id = {row}.created_by))"
    )
}

fn people(row: &Row, first: usize) -> rusqlite::Result<Vec<i64>> {
    let both = [row.get::<_, Option<i64>>(first)?, row.get(first + 1)?];
    Ok(both.into_iter().flatten().collect())
}

impl Write<'_> {
    /// What the values of some entries came by; entries that no item brought have nothing behind them. An attempt whose
    /// input differs from the one before was edited by whoever made it; the last edit is the one that the value came from.
    pub fn came_by(&self, entries: &[i64], deliveries: bool) -> Result<Vec<CameBy>> {
        let sql = format!(
            "SELECT l.id, l.created_on, m.id, m.author,
                    l.value IS NOT NULL AND l.value IS NOT i.raw_value AND coalesce(m.state = {}, 1),
                    e.created_by, {}, j.created_by, {}
             FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value
             CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
             LEFT JOIN integration_value_map AS m ON m.id = i.value_map
             LEFT JOIN integration_sync_job AS j ON j.id = CASE WHEN ?2 THEN i.integration_sync_job END
             LEFT JOIN integration_sync_item AS e ON e.id =
                CASE WHEN i.parent_item IS NOT NULL THEN (
                    WITH RECURSIVE attempt (id, parent, raw) AS (
                        SELECT i.id, i.parent_item, i.raw_value
                        UNION ALL
                        SELECT p.id, p.parent_item, p.raw_value
                        FROM attempt CROSS JOIN integration_sync_item AS p ON p.id = attempt.parent)
                    SELECT attempt.id FROM attempt CROSS JOIN integration_sync_item AS p ON p.id = attempt.parent
                    WHERE p.raw_value IS NOT attempt.raw ORDER BY attempt.parent DESC LIMIT 1) END",
            MapState::NoMatch.code(),
            behind("e"),
            behind("j"),
        );
        self.rows(&sql, (array(entries)?, deliveries), |row| {
            let (map, author) = (row.get::<_, Option<i64>>(2)?, row.get(3)?);
            Ok(CameBy {
                entry: row.get(0)?,
                made: row.get(1)?,
                map: map.map(|id| MapOf { id, author }),
                may_be_fixed: row.get(4)?,
                edited_by: people(row, 5)?,
                delivered_by: people(row, 7)?,
            })
        })
    }

    /// Where the values of some entries came from and went to, by entry.
    pub fn came_places(&self, entries: &[i64]) -> Result<HashMap<i64, CamePlace>> {
        let sql = "SELECT l.id, l.target_table, l.target_id, l.aspect_key, l.source_system_key, i.external_key, l.value
                   FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value
                   CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item";
        let places = self.rows(sql, [array(entries)?], |row| {
            let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
            let place = CamePlace {
                target_table: text(1)?,
                target_id: text(2)?,
                field_name: text(3)?,
                source: text(4)?,
                external_key: row.get(5)?,
                value: row.get(6)?,
            };
            Ok((row.get(0)?, place))
        })?;
        Ok(places.into_iter().collect())
    }

    /// Who made some value maps, and decided them by that.
    pub fn map_makers(&self, maps: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
        let sql = format!(
            "SELECT m.id, m.created_by, {} FROM json_each(?) AS k
             CROSS JOIN integration_value_map AS m ON m.id = k.value",
            behind("m")
        );
        Ok(self.rows(&sql, [array(maps)?], |row| Ok((row.get(0)?, people(row, 1)?)))?.into_iter().collect())
    }

    /// Whether an identifier was ever changed.
    pub fn edits_identifiers(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM operation_change WHERE table_name = 'integration_identifier' LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.exists([])?)
    }

    /// The identifiers of some keys, given as source, table and key.
    pub fn identifiers_of(&self, keys: &BTreeSet<KeyOf>) -> Result<Vec<(KeyOf, i64)>> {
        self.rows(
            "SELECT i.source_system_key, i.target_table, i.external_key, i.id
             FROM json_each(?) AS k CROSS JOIN integration_identifier AS i ON i.external_key = k.value ->> 2
                AND i.source_system_key = k.value ->> 0 AND i.target_table = k.value ->> 1",
            [array(keys)?],
            |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)),
        )
    }

    /// The bindings that have a fixed value, or had one; a binding bears no maker, so the log is asked for the operation.
    pub fn fixed_by(&self) -> Result<Vec<FixedBy>> {
        self.rows(
            "SELECT b.id, b.target_table, b.field_name, b.source_system_key, b.fixed_value, o.at,
                    (SELECT id FROM system_user WHERE login = o.actor),
                    (SELECT id FROM system_user WHERE login = o.on_behalf_of)
             FROM operation AS o INDEXED BY operation_of_bindings CROSS JOIN json_each(o.rows_created) AS r
             CROSS JOIN code_binding AS b ON b.id BETWEEN r.value ->> 1 AND r.value ->> 2
             WHERE instr(o.rows_created, '\"code_binding\"') > 0 AND r.value ->> 0 = 'code_binding'
                AND b.field_name IS NOT NULL
                AND (b.fixed_value IS NOT NULL OR b.row_version > 1)",
            [],
            |row| {
                Ok(FixedBy {
                    id: row.get(0)?,
                    target_table: row.get(1)?,
                    field_name: row.get(2)?,
                    source: row.get(3)?,
                    fixed_value: row.get(4)?,
                    made: row.get(5)?,
                    made_by: people(row, 6)?,
                })
            },
        )
    }

    /// The changes of some rows that touched one of these columns, each row's in the order of the log.
    pub fn changes_by(&self, table: &str, rows: &[i64], columns: &[&str]) -> Result<HashMap<i64, Vec<Changed>>> {
        let touched = columns.iter().map(|column| format!("instr(c.after, '\"{column}\":') > 0"));
        let touched = touched.collect::<Vec<_>>().join(" OR ");
        let number = |of: &str| format!("CAST(substr(o.reason, {}) AS INTEGER)", of.len() + 1);
        // An undo is known by what it takes back, its parts with it; an act by the first of its operations.
        let sql = format!(
            "WITH done AS (
                SELECT c.row_id, c.seq, c.ordinal, o.at, o.actor, o.on_behalf_of, c.before, c.after,
                       CASE WHEN o.kind = 'part' AND o.reason GLOB '{TAKES_BACK}*' THEN {} ELSE o.undoes END AS taken,
                       CASE WHEN o.kind IN ('part', 'release') AND o.reason GLOB '{GOES_ON}*' THEN {} ELSE c.seq END AS act
                FROM json_each(?2) AS k CROSS JOIN operation_change AS c ON c.table_name = ?1 AND c.row_id = k.value
                CROSS JOIN operation AS o ON o.seq = c.seq
                WHERE {touched})
             SELECT row_id, at, coalesce(-taken, act),
                    coalesce(-(SELECT undoes FROM operation WHERE seq = taken), taken),
                    (SELECT id FROM system_user WHERE login = actor),
                    (SELECT id FROM system_user WHERE login = on_behalf_of), before, after
             FROM done ORDER BY row_id, seq, ordinal",
            number(TAKES_BACK),
            number(GOES_ON),
        );
        let json = |row: &Row, at: usize| -> rusqlite::Result<Value> {
            // What was disposed of is no JSON any more, and tells nobody's hand.
            Ok(serde_json::from_str(row.get_ref(at)?.as_str()?).unwrap_or_default())
        };
        let found = self.rows(&sql, (table, array(rows)?), |row| {
            let change = (json(row, 6)?, json(row, 7)?);
            let by = people(row, 4)?;
            Ok((row.get(0)?, Touch { at: row.get(1)?, act: row.get(2)?, takes_back: row.get(3)?, by, change }))
        })?;
        let mut out: HashMap<i64, Vec<Changed>> = HashMap::new();
        for (row, touch) in found {
            out.entry(row).or_default().push(touch);
        }
        Ok(out)
    }
}
