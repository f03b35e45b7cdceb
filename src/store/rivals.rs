//! What a source's values for some fields of some targets are decided on: the holders, and the source's own earlier words.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};

use super::facts::{array, choice};
use super::words::DELIVERED;
use super::write::Write;
use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;

/// The value in force of a field and the entry behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderFact {
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
    pub ledger: i64,
    pub item: Option<i64>,
    pub value: Option<String>,
    pub source_time: Micros,
}

/// A source's own held item for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFact {
    pub item: i64,
    pub raw_value: Option<String>,
    pub source_time: Micros,
}

/// A value of a source that a person rejected or revoked, and that nothing has changed about since: neither its map nor its
/// policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedDownFact {
    pub ledger: i64,
    pub status: LedgerStatus,
    /// As delivered, and as it was tried: a person may have edited it.
    pub delivered: Option<String>,
    pub raw_value: Option<String>,
    pub value: Option<String>,
    pub value_map: Option<i64>,
    pub policy: Option<i64>,
    pub by: String,
    pub on: Micros,
}

/// A target and a field of it, by their places among those that were asked for.
pub type Spot = (usize, usize);

/// Fields of targets of one table that facts are asked of.
pub struct Asked<'a> {
    pub table: &'a str,
    /// Each once.
    pub targets: Vec<&'a str>,
    /// Each once, in order.
    pub fields: Vec<&'a str>,
    /// Whether all fields of a target that stand between the first and the last are gone through, since most of them
    /// are asked for; or else each is looked up.
    go_through: bool,
}

/// Fields from which on it may be better to go through all of a target than to look each up.
const MANY_FIELDS: usize = 4;

/// Targets whose fields are counted to find that out, and how many fields more than those asked for are gone through.
const SAMPLE: usize = 8;
const AT_MOST_TIMES: usize = 3;

impl<'a> Asked<'a> {
    pub fn new(write: &Write, table: &'a str, targets: &[&'a str], fields: &[&'a str]) -> Result<Asked<'a>> {
        let mut seen = HashSet::new();
        let targets: Vec<&str> = targets.iter().copied().filter(|target| seen.insert(*target)).collect();
        let fields: Vec<&str> = fields.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mut asked = Asked { table, targets, fields, go_through: false };
        if asked.fields.len() >= MANY_FIELDS && !asked.targets.is_empty() {
            let sample: Vec<&str> = asked.sample().collect();
            let most = sample.len() * asked.fields.len() * AT_MOST_TIMES;
            asked.go_through = asked.stored_fields(write, &sample, most)? <= most;
        }
        Ok(asked)
    }

    /// How many fields some of the targets have between the first and the last that are asked for; no more than one above
    /// `most` are counted.
    fn stored_fields(&self, write: &Write, targets: &[&str], most: usize) -> Result<usize> {
        let (first, last) = self.ends();
        let counted = write.rows(
            "SELECT count(*) FROM (SELECT 1 FROM json_each(?1) AS t CROSS JOIN current_value AS c
             ON c.target_table = ?2 AND c.target_id = t.value AND c.field_name BETWEEN ?3 AND ?4 LIMIT ?5)",
            (array(targets)?, self.table, first, last, most as i64 + 1),
            |row| row.get::<_, i64>(0),
        )?;
        Ok(counted.into_iter().sum::<i64>() as usize)
    }

    fn ends(&self) -> (&str, &str) {
        (self.fields.first().copied().unwrap_or_default(), self.fields.last().copied().unwrap_or_default())
    }

    /// The parameters of a statement about what was asked for: `?1` is the table, `?2` the source, `?3` the targets; then
    /// the first and the last field, where all between them are gone through, or else the fields.
    pub(super) fn params(&self, source: &str, through: bool) -> Result<Vec<String>> {
        let mut params = vec![self.table.to_string(), source.to_string(), array(&self.targets)?];
        let (first, last) = self.ends();
        match through {
            true => params.extend([first.to_string(), last.to_string()]),
            false => params.push(array(&self.fields)?),
        }
        Ok(params)
    }

    /// Whether all ledger entries of the fields are gone through, since there are hardly more than fields; or else the newest
    /// of each is looked up.
    pub(super) fn goes_through_entries(&self, write: &Write) -> Result<bool> {
        if self.fields.len() < MANY_FIELDS || self.targets.is_empty() {
            return Ok(false);
        }
        let sample: Vec<&str> = self.sample().collect();
        let most = sample.len() * self.fields.len() * AT_MOST_TIMES;
        let (first, last) = self.ends();
        let counted = write.rows(
            "SELECT count(*) FROM (SELECT 1 FROM json_each(?1) AS t CROSS JOIN integration_ledger AS l INDEXED BY ledger_target
             ON l.target_id = t.value AND l.aspect_key BETWEEN ?2 AND ?3 LIMIT ?4)",
            (array(&sample)?, first, last, most as i64 + 1),
            |row| row.get::<_, i64>(0),
        )?;
        Ok(counted.into_iter().sum::<i64>() as usize <= most)
    }

    fn sample(&self) -> impl Iterator<Item = &'a str> {
        self.targets.iter().copied().step_by(self.targets.len().div_ceil(SAMPLE).max(1))
    }

    /// Reads facts of what was asked for. `columns` are those of a fact; `rows` are the joined tables with a condition, the
    /// first of which has the target's id in `target` and the field's name in `field`. There `?1` is the table and `?2`
    /// the source.
    fn facts<T>(
        &self,
        write: &Write,
        source: &str,
        columns: &str,
        (rows, target, field, condition): (&str, &str, &str, &str),
        mut read: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<(Spot, T)>> {
        let (spot, each, is) = match self.go_through {
            true => (field.to_string(), "", "BETWEEN ?4 AND ?5".to_string()),
            false => ("f.key".to_string(), "CROSS JOIN json_each(?4) AS f", "= f.value".to_string()),
        };
        let sql = format!(
            "SELECT t.key, {spot}, {columns} FROM json_each(?3) AS t {each} CROSS JOIN {rows}
             WHERE {target} = t.value AND {field} {is} AND {condition}"
        );
        let found = write.rows(&sql, params_from_iter(self.params(source, self.go_through)?), |row| {
            let target = row.get::<_, i64>(0)? as usize;
            let field = match row.get_ref(1)? {
                ValueRef::Integer(at) => Some(at as usize),
                name => self.fields.binary_search(&name.as_str()?).ok(),
            };
            field.map(|field| Ok(((target, field), read(row)?))).transpose()
        })?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl Write<'_> {
    /// The values in force.
    pub fn holders(&self, asked: &Asked) -> Result<Vec<(Spot, HolderFact)>> {
        asked.facts(
            self,
            "",
            "c.value, c.stale_on, l.id, l.source_system_key, l.rank, l.pinned, l.source_date_time, l.sequence",
            (
                "current_value AS c CROSS JOIN integration_ledger AS l ON l.id = c.ledger",
                "c.target_id",
                "c.field_name",
                "c.target_table = ?1",
            ),
            |row| {
                Ok(HolderFact {
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

    /// A source's open candidates, oldest first for each field.
    pub fn open_candidates(&self, source: &str, asked: &Asked) -> Result<Vec<(Spot, OpenFact)>> {
        let mut found = asked.facts(
            self,
            source,
            "l.id, l.sync_item, l.value, l.source_date_time",
            (
                "integration_ledger AS l INDEXED BY ledger_open",
                "l.target_id",
                "l.aspect_key",
                "l.target_table = ?1 AND l.source_system_key = ?2 AND l.statecode = 0 AND l.ledger_status = 166840000",
            ),
            |row| Ok(OpenFact { ledger: row.get(2)?, item: row.get(3)?, value: row.get(4)?, source_time: row.get(5)? }),
        )?;
        found.sort_by_key(|(spot, open)| (*spot, open.ledger));
        Ok(found)
    }

    /// What is held of a source's deliveries, oldest first for each field.
    pub fn held_items(&self, source: &str, asked: &Asked) -> Result<Vec<(Spot, HeldFact)>> {
        let mut found = asked.facts(
            self,
            source,
            "i.id, i.raw_value, i.source_date_time",
            (
                "integration_sync_item AS i INDEXED BY sync_item_held",
                "i.target_id",
                "i.field_name",
                "i.target_table = ?1 AND i.source_system_key = ?2 AND i.state = 4 AND i.statecode = 0 AND
                (SELECT direction FROM integration_sync_job WHERE id = i.integration_sync_job) = 166840000",
            ),
            |row| Ok(HeldFact { item: row.get(2)?, raw_value: row.get(3)?, source_time: row.get(4)? }),
        )?;
        found.sort_by_key(|(spot, held)| (*spot, held.source_time, held.item));
        Ok(found)
    }

    /// What people rejected or revoked of a source, oldest first for each field.
    pub fn turned_down(&self, source: &str, asked: &Asked) -> Result<Vec<(Spot, TurnedDownFact)>> {
        let columns = format!(
            "l.id, l.ledger_status, {DELIVERED}, i.raw_value, l.value, i.value_map, i.commit_policy,
             (SELECT login FROM system_user WHERE id = l.modified_by), l.modified_on"
        );
        let mut found = asked.facts(
            self,
            source,
            &columns,
            (
                "integration_ledger AS l INDEXED BY ledger_turned_down
                 CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
                 CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.statecode = 0
                 LEFT JOIN integration_value_map AS m ON m.id = i.value_map
                 LEFT JOIN integration_commit_policy AS p ON p.id = i.commit_policy",
                "l.target_id",
                "l.aspect_key",
                "l.target_table = ?1 AND l.source_system_key = ?2 AND l.ledger_status IN (166840002, 166840003)
                 AND l.statecode = 0
                 AND coalesce(m.modified_on <= l.modified_on, 1) AND coalesce(p.modified_on <= l.modified_on, 1)",
            ),
            |row| {
                Ok(TurnedDownFact {
                    ledger: row.get(2)?,
                    status: choice(row.get(3)?, LedgerStatus::from_code)?,
                    delivered: row.get(4)?,
                    raw_value: row.get(5)?,
                    value: row.get(6)?,
                    value_map: row.get(7)?,
                    policy: row.get(8)?,
                    by: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
                    on: row.get(10)?,
                })
            },
        )?;
        found.sort_by_key(|(spot, fact)| (*spot, fact.ledger));
        Ok(found)
    }

    /// Whether a value map is as it was then.
    pub fn map_stood(&self, map: i64, at: Micros) -> Result<bool> {
        let sql = "SELECT 1 FROM integration_value_map WHERE id = ? AND modified_on <= ?";
        Ok(self.tx.prepare_cached(sql)?.exists((map, at))?)
    }
}
