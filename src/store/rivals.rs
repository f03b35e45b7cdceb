//! What a source's values for some fields of some targets are decided on: the holders, and the source's own earlier words.

use anyhow::Result;

use super::facts::array;
use super::write::Write;
use crate::model::time::Micros;

/// The value in force of a field and the entry behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFact {
    pub target_id: String,
    pub field_name: String,
    pub value: Option<String>,
    pub stale_on: Option<Micros>,
    pub ledger: i64,
    pub source: String,
    pub rank: i64,
    pub pinned: bool,
    pub source_time: Micros,
    pub sequence: i64,
}

/// A source's own pending, active entry for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFact {
    pub target_id: String,
    pub field_name: String,
    pub ledger: i64,
    pub item: Option<i64>,
    pub value: Option<String>,
    pub source_time: Micros,
}

/// A source's own held item for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFact {
    pub target_id: String,
    pub field_name: String,
    pub item: i64,
    pub raw_value: Option<String>,
    pub source_time: Micros,
}

/// A value of a source that a person rejected, and that nothing has changed about since: neither its map nor its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedFact {
    pub target_id: String,
    pub field_name: String,
    pub raw_value: Option<String>,
    pub value: Option<String>,
    pub value_map: Option<i64>,
    pub policy: Option<i64>,
    pub by: String,
    pub on: Micros,
}

/// When a source last delivered a field, as far as ledger entries and held items tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFact {
    pub target_id: String,
    pub field_name: String,
    pub source_time: Micros,
}

impl Write<'_> {
    /// The values in force of some fields of some targets.
    pub fn holders(&self, table: &str, targets: &[&str], fields: &[&str]) -> Result<Vec<HolderFact>> {
        self.rows(
            "SELECT c.target_id, c.field_name, c.value, c.stale_on, l.id, l.source_system_key, l.rank, l.pinned,
                    l.source_date_time, l.sequence
             FROM json_each(?2) AS t CROSS JOIN json_each(?3) AS f
             CROSS JOIN current_value AS c ON c.target_table = ?1 AND c.target_id = t.value AND c.field_name = f.value
             CROSS JOIN integration_ledger AS l ON l.id = c.ledger",
            (table, array(targets)?, array(fields)?),
            |row| {
                Ok(HolderFact {
                    target_id: row.get(0)?,
                    field_name: row.get(1)?,
                    value: row.get(2)?,
                    stale_on: row.get(3)?,
                    ledger: row.get(4)?,
                    source: row.get(5)?,
                    rank: row.get(6)?,
                    pinned: row.get(7)?,
                    source_time: row.get(8)?,
                    sequence: row.get(9)?,
                })
            },
        )
    }

    /// A source's open candidates, oldest first, for some fields of some targets.
    pub fn open_candidates(
        &self,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
    ) -> Result<Vec<OpenFact>> {
        self.rows(
            "SELECT l.target_id, l.aspect_key, l.id, l.sync_item, l.value, l.source_date_time
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f
             CROSS JOIN integration_ledger AS l INDEXED BY ledger_open
             ON l.target_id = t.value AND l.aspect_key = f.value AND l.target_table = ?2
             WHERE l.source_system_key = ?1 AND l.statecode = 0 AND l.ledger_status = 166840000
             ORDER BY l.id",
            (source, table, array(targets)?, array(fields)?),
            |row| {
                Ok(OpenFact {
                    target_id: row.get(0)?,
                    field_name: row.get(1)?,
                    ledger: row.get(2)?,
                    item: row.get(3)?,
                    value: row.get(4)?,
                    source_time: row.get(5)?,
                })
            },
        )
    }

    /// What is held of a source's deliveries, oldest first, for some fields of some targets.
    pub fn held_items(&self, source: &str, table: &str, targets: &[&str], fields: &[&str]) -> Result<Vec<HeldFact>> {
        self.rows(
            "SELECT i.target_id, i.field_name, i.id, i.raw_value, i.source_date_time
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_sync_item AS i
             ON i.target_id = t.value AND i.field_name = f.value AND i.target_table = ?2
             WHERE i.source_system_key = ?1 AND i.state = 4 AND i.statecode = 0 AND
                (SELECT direction FROM integration_sync_job WHERE id = i.integration_sync_job) = 166840000
             ORDER BY i.source_date_time, i.id",
            (source, table, array(targets)?, array(fields)?),
            |row| {
                Ok(HeldFact {
                    target_id: row.get(0)?,
                    field_name: row.get(1)?,
                    item: row.get(2)?,
                    raw_value: row.get(3)?,
                    source_time: row.get(4)?,
                })
            },
        )
    }

    /// What people rejected of a source for some fields of some targets.
    pub fn rejections(
        &self,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
    ) -> Result<Vec<RejectedFact>> {
        self.rows(
            "SELECT l.target_id, l.aspect_key, i.raw_value, l.value, i.value_map, i.commit_policy,
                    (SELECT login FROM system_user WHERE id = l.modified_by), l.modified_on
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_ledger AS l
             ON l.target_id = t.value AND l.aspect_key = f.value AND l.ledger_status = 166840002
             JOIN integration_sync_item AS i ON i.id = l.sync_item
             LEFT JOIN integration_value_map AS m ON m.id = i.value_map
             LEFT JOIN integration_commit_policy AS p ON p.id = i.commit_policy
             WHERE l.source_system_key = ?1 AND l.target_table = ?2 AND l.statecode = 0
               AND coalesce(m.modified_on <= l.modified_on, 1) AND coalesce(p.modified_on <= l.modified_on, 1)
             ORDER BY l.id",
            (source, table, array(targets)?, array(fields)?),
            |row| {
                Ok(RejectedFact {
                    target_id: row.get(0)?,
                    field_name: row.get(1)?,
                    raw_value: row.get(2)?,
                    value: row.get(3)?,
                    value_map: row.get(4)?,
                    policy: row.get(5)?,
                    by: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    on: row.get(7)?,
                })
            },
        )
    }

    /// When a source last delivered some fields of some targets; only late deliveries need to ask.
    pub fn last_delivered(
        &self,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
    ) -> Result<Vec<LastFact>> {
        self.rows(
            "SELECT l.target_id, l.aspect_key, max(l.source_date_time)
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_ledger AS l
             ON l.target_id = t.value AND l.aspect_key = f.value AND l.target_table = ?2
             WHERE l.source_system_key = ?1 GROUP BY 1, 2",
            (source, table, array(targets)?, array(fields)?),
            |row| Ok(LastFact { target_id: row.get(0)?, field_name: row.get(1)?, source_time: row.get(2)? }),
        )
    }
}
