//! What re-evaluation reads: the fields that have entries to decide on again, and the values that came through a map or
//! of a field.

use anyhow::Result;
use rusqlite::Params;

use super::derive::FieldKey;
use super::facts::choice;
use super::write::Write;
use crate::model::choice::LedgerStatus;

/// Which fields are meant; `None` is every table or every field. Names are in their known spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldScope {
    pub target_table: Option<String>,
    pub field_name: Option<String>,
}

/// A policy's place as its row states it, also of one that is no longer active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    pub name: String,
    pub target_table: String,
    pub field_name: Option<String>,
    pub active: bool,
}

/// A delivered value that stands in the ledger, with the entry it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameValue {
    pub item: i64,
    /// The code list of the value map that it came through, if it came through one.
    pub code_list: Option<String>,
    pub entry: i64,
    pub value: Option<String>,
    pub status: LedgerStatus,
    pub in_force: bool,
}

impl Write<'_> {
    pub fn policy_place(&self, policy: i64) -> Result<Option<PolicyPlace>> {
        let found = self.rows(
            "SELECT policy_id, target_table, field_name, statecode FROM integration_commit_policy WHERE id = ?",
            [policy],
            |row| {
                Ok(PolicyPlace {
                    name: row.get(0)?,
                    target_table: row.get(1)?,
                    field_name: row.get(2)?,
                    active: row.get::<_, i64>(3)? == 0,
                })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// The fields that have a standing entry, at most `limit` behind `after`, in the order of target id and field.
    pub fn fields_to_decide(
        &self,
        scope: &FieldScope,
        after: Option<&FieldKey>,
        limit: usize,
    ) -> Result<Vec<FieldKey>> {
        let (table, target, field) = after.map_or(("", "", ""), |(table, target, field)| (table, target, field));
        self.rows(
            "SELECT DISTINCT target_table, target_id, aspect_key FROM integration_ledger
             WHERE (target_id, aspect_key, target_table) > (?1, ?2, ?3)
                AND ledger_aspect = 166840000 AND statecode = 0 AND ledger_status IN (166840000, 166840001)
                AND (?4 IS NULL OR target_table = ?4) AND (?5 IS NULL OR aspect_key = ?5)
             ORDER BY target_id, aspect_key, target_table LIMIT ?6",
            (target, field, table, &scope.target_table, &scope.field_name, limit as i64),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// The items that are held because no policy could be applied to their field.
    pub fn held_for_policy(&self, scope: &FieldScope) -> Result<Vec<i64>> {
        self.rows(
            "SELECT id FROM integration_sync_item
             WHERE code IN ('ST030', 'ST031') AND state = 4 AND statecode = 0
                AND (?1 IS NULL OR target_table = ?1) AND (?2 IS NULL OR field_name = ?2)",
            (&scope.target_table, &scope.field_name),
            |row| row.get(0),
        )
    }

    /// The values that came through a value map and stand in the ledger, oldest source time first.
    pub fn came_through(&self, map: i64) -> Result<Vec<CameValue>> {
        self.came("i.value_map = ?1", [map])
    }

    /// The values of a field that stand in the ledger, oldest source time first.
    pub fn came_of_field(&self, table: &str, field: &str) -> Result<Vec<CameValue>> {
        self.came("i.target_table = ?1 AND i.field_name = ?2", [table, field])
    }

    /// What was sent to a receiver is no word of its own.
    fn came(&self, which: &str, params: impl Params) -> Result<Vec<CameValue>> {
        let sql = format!(
            "SELECT i.id, l.id, l.value, l.ledger_status,
                    EXISTS (SELECT 1 FROM current_value AS c WHERE c.ledger = l.id), m.code_list
             FROM integration_sync_item AS i CROSS JOIN integration_ledger AS l ON l.id = i.ledger
                CROSS JOIN integration_sync_job AS j
                  ON j.id = i.integration_sync_job AND j.direction = 166840000
                LEFT JOIN integration_value_map AS m ON m.id = i.value_map
             WHERE {which} AND i.state IN (1, 3) AND i.statecode = 0
                AND l.statecode = 0 AND l.ledger_status IN (166840000, 166840001)
             ORDER BY i.source_date_time, i.integration_sync_job, i.sequence, i.id"
        );
        self.rows(&sql, params, |row| {
            Ok(CameValue {
                item: row.get(0)?,
                entry: row.get(1)?,
                value: row.get(2)?,
                status: choice(row.get(3)?, LedgerStatus::from_code)?,
                in_force: row.get(4)?,
                code_list: row.get(5)?,
            })
        })
    }
}
