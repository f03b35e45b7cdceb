//! What did not go on, grouped: one query over the items that are held or failed.

use anyhow::Result;

use super::Reader;
use super::facts::{BINDINGS, binding};
use crate::model::choice::MapState;
use crate::model::fact::Binding;
use crate::model::time::Micros;

/// Items of one code, source, table and field that are held or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageGroup {
    pub code: Option<String>,
    pub source: String,
    pub target_table: String,
    /// None for items that stand for whole records.
    pub field_name: Option<String>,
    pub items: i64,
    pub failed: i64,
    /// Those that were tried again already.
    pub tried: i64,
    pub jobs: i64,
    /// The source's time of the oldest and of the newest of them.
    pub first: Micros,
    pub last: Micros,
}

/// The groups, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Triage {
    pub groups: Vec<TriageGroup>,
    /// Whether the groups are of all items, or only of as many as were to be looked at.
    pub whole: bool,
}

/// A code that items of a group wait for, or went by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCode {
    /// The value map's id.
    pub map: i64,
    pub code: String,
    pub code_list: String,
    /// Whether it is still to be decided.
    pub open: bool,
    /// Items of the group.
    pub items: i64,
}

/// Groups that are answered at most: each is one code of one field of one source.
const GROUPS: usize = 500;

/// Codes of one group that are answered at most.
const CODES: usize = 50;

impl Reader {
    /// Groups what is held or failed, looking at so many items at most, the newest.
    pub fn triage(&self, items: i64) -> Result<Triage> {
        // The states stand in the text, so that the index of what was not applied serves.
        let mut statement = self.conn.prepare_cached(
            "SELECT code, source_system_key, target_table, field_name, count(*), sum(state = 5), sum(attempt > 1),
                    count(DISTINCT integration_sync_job), min(source_date_time), max(source_date_time)
             FROM (SELECT code, source_system_key, target_table, field_name, state, attempt, integration_sync_job,
                          source_date_time
                   FROM integration_sync_item WHERE state IN (4, 5) AND statecode = 0 ORDER BY id DESC LIMIT ?1)
             GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4 LIMIT ?2",
        )?;
        let rows = statement.query_map((items, GROUPS as i64), |row| {
            Ok(TriageGroup {
                code: row.get(0)?,
                source: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                target_table: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                field_name: row.get(3)?,
                items: row.get(4)?,
                failed: row.get(5)?,
                tried: row.get(6)?,
                jobs: row.get(7)?,
                first: row.get::<_, Option<Micros>>(8)?.unwrap_or_default(),
                last: row.get::<_, Option<Micros>>(9)?.unwrap_or_default(),
            })
        })?;
        let groups = rows.collect::<Result<Vec<_>, _>>()?;
        let seen: i64 = groups.iter().map(|group| group.items).sum();
        Ok(Triage { whole: seen < items && groups.len() < GROUPS, groups })
    }

    /// The codes of a group, those that most of its items wait for first; as many items are looked at as for the groups.
    pub fn triage_codes(&self, group: &TriageGroup, items: i64) -> Result<Vec<GroupCode>> {
        let (proposed, rejected, flagged) = (MapState::Proposed, MapState::Rejected, MapState::Flagged);
        let open = [proposed, rejected, flagged].map(|state| state.code().to_string()).join(", ");
        let sql = format!(
            "SELECT m.id, m.source_code, m.code_list, m.state IN ({open}) AND m.statecode = 0, g.n
             FROM (SELECT value_map, count(*) AS n
                   FROM (SELECT code, source_system_key, target_table, field_name, value_map
                         FROM integration_sync_item WHERE state IN (4, 5) AND statecode = 0 ORDER BY id DESC LIMIT ?1)
                   WHERE value_map IS NOT NULL AND code IS ?2 AND coalesce(source_system_key, '') = ?3
                     AND coalesce(target_table, '') = ?4 AND field_name IS ?5
                   GROUP BY value_map) AS g
             JOIN integration_value_map AS m ON m.id = g.value_map ORDER BY g.n DESC, m.id LIMIT {CODES}"
        );
        let (source, table) = (&group.source, &group.target_table);
        self.collect(&sql, (items, &group.code, source, table, &group.field_name), |row| {
            Ok(GroupCode {
                map: row.get(0)?,
                code: row.get(1)?,
                code_list: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                open: row.get(3)?,
                items: row.get(4)?,
            })
        })
    }

    /// The active code bindings.
    pub fn bindings(&self) -> Result<Vec<Binding>> {
        self.collect(BINDINGS, [], binding)
    }
}
