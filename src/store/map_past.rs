//! What a value map has behind it: who decided it and when, and what came through it; and what fields were delivered, to
//! find the code list that fits them.

use anyhow::Result;

use super::Reader;
use super::overview::CAP;
use crate::model::query::Count;
use crate::model::table::Table;
use crate::model::time::Micros;

/// Who did what to a value map, and when, as the log tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapDeed {
    pub operation: i64,
    pub at: Micros,
    pub kind: String,
    pub actor: String,
    pub on_behalf_of: Option<String>,
    pub summary: String,
    pub reason: Option<String>,
}

/// What came through a value map so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CameThrough {
    /// Items decided by it, and those that still wait for it.
    pub items: i64,
    pub waiting: i64,
    /// Ledger entries that it brought, and how many of them hold the current value.
    pub entries: i64,
    pub current: i64,
    /// The first entries, by name.
    pub examples: Vec<String>,
}

/// A delivered field with some of its values, to find the code list that fits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValues {
    pub target_table: String,
    pub field_name: String,
    pub source: String,
    /// Distinct values with how many of the newest items hold each.
    pub values: Vec<(String, i64)>,
}

/// Examples of what came through a map.
const EXAMPLES: i64 = 5;

impl Reader {
    /// The operations that made or changed a value map, newest first.
    pub fn map_deeds(&self, map: i64) -> Result<Vec<MapDeed>> {
        self.collect(
            "SELECT o.seq, o.at, o.kind, o.actor, o.on_behalf_of, o.summary, o.reason FROM operation AS o
             WHERE o.seq IN (SELECT c.seq FROM operation_change AS c
                             WHERE c.table_name = 'integration_value_map' AND c.row_id = ?1)
                OR EXISTS (SELECT 1 FROM json_each(o.rows_created) AS r
                           WHERE r.value ->> 0 = 'integration_value_map' AND ?1 BETWEEN r.value ->> 1 AND r.value ->> 2)
             ORDER BY o.seq DESC",
            [map],
            |row| {
                Ok(MapDeed {
                    operation: row.get(0)?,
                    at: row.get(1)?,
                    kind: row.get(2)?,
                    actor: row.get(3)?,
                    on_behalf_of: row.get(4)?,
                    summary: row.get(5)?,
                    reason: row.get(6)?,
                })
            },
        )
    }

    /// What came through a value map, without what was taken back or tried again since. Only the items that wait for a map
    /// have an index (benches/README.md says why), so this reads all others: it can take seconds in a large store, and be
    /// interrupted.
    pub fn came_through(&self, map: i64) -> Result<CameThrough> {
        let sql = "SELECT count(*), coalesce(sum(i.state = 4), 0), count(l.id), count(c.ledger)
                   FROM integration_sync_item AS i
                   LEFT JOIN integration_ledger AS l ON l.id = i.ledger AND l.statecode = 0
                   LEFT JOIN current_value AS c ON c.ledger = l.id
                   WHERE i.value_map = ? AND i.statecode = 0";
        let mut through = self.conn.prepare_cached(sql)?.query_row([map], |row| {
            Ok(CameThrough {
                items: row.get::<_, i64>(0)? - row.get::<_, i64>(1)?,
                waiting: row.get(1)?,
                entries: row.get(2)?,
                current: row.get(3)?,
                examples: Vec::new(),
            })
        })?;
        if through.entries > 0 {
            let sql = "SELECT i.ledger FROM integration_sync_item AS i
                       JOIN integration_ledger AS l ON l.id = i.ledger AND l.statecode = 0
                       WHERE i.value_map = ? AND i.statecode = 0 LIMIT ?";
            through.examples = self.collect(sql, (map, EXAMPLES), |row| Ok(Table::Ledger.row_name(row.get(0)?)))?;
        }
        Ok(through)
    }

    /// How many values of a field stand in the ledger that did not come through a map of a code list, of one source or of
    /// all. It reads the items until it has counted 10,000 of them.
    pub fn came_without_codes(&self, table: &str, field: &str, list: &str, source: Option<&str>) -> Result<Count> {
        let spelled = |kind, name: &str| Ok::<_, anyhow::Error>(self.spelling(kind, name)?.unwrap_or(name.to_string()));
        let sql = "SELECT count(*) FROM (
                     SELECT 1 FROM integration_sync_item AS i CROSS JOIN integration_ledger AS l ON l.id = i.ledger
                     CROSS JOIN integration_sync_job AS j
                       ON j.id = i.integration_sync_job AND j.direction = 166840000
                     LEFT JOIN integration_value_map AS m ON m.id = i.value_map
                     WHERE i.target_table = ?1 AND i.field_name = ?2 AND i.state IN (1, 3) AND i.statecode = 0
                        AND i.raw_value <> '' AND (m.code_list IS NULL OR m.code_list <> ?3)
                        AND (?4 IS NULL OR i.source_system_key = ?4)
                        AND l.statecode = 0 AND l.ledger_status IN (166840000, 166840001)
                     LIMIT ?5)";
        let source = source.map(|source| spelled("source", source)).transpose()?;
        let names = (spelled("table", table)?, spelled("field", field)?, spelled("code_list", list)?);
        let params = (names.0, names.1, names.2, source, CAP + 1);
        let n: i64 = self.conn.prepare_cached(sql)?.query_row(params, |row| row.get(0))?;
        Ok(Count { n: n.min(CAP), exact: n <= CAP })
    }

    /// The fields among the newest items, each with its distinct values, most first.
    pub fn delivered_fields(&self, newest: i64) -> Result<Vec<FieldValues>> {
        let rows: Vec<(String, String, String, String, i64)> = self.collect(
            "SELECT target_table, field_name, source_system_key, raw_value, count(*) AS n
             FROM (SELECT target_table, field_name, source_system_key, raw_value FROM integration_sync_item
                   ORDER BY id DESC LIMIT ?)
             WHERE raw_value <> '' AND field_name IS NOT NULL AND target_table IS NOT NULL
               AND source_system_key IS NOT NULL
             GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, n DESC, 4",
            [newest],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )?;
        let mut out: Vec<FieldValues> = Vec::new();
        for (target_table, field_name, source, value, n) in rows {
            match out.last_mut() {
                Some(last)
                    if last.target_table == target_table && last.field_name == field_name && last.source == source =>
                {
                    last.values.push((value, n));
                }
                _ => out.push(FieldValues { target_table, field_name, source, values: vec![(value, n)] }),
            }
        }
        Ok(out)
    }
}
