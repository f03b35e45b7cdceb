//! What deciding codes reads: a list's codes, what was decided in it before, the codes that wait, and some of their items.

use anyhow::Result;

use super::Reader;
use super::facts::choice;
use crate::model::choice::MapState;

/// A source's code that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCode {
    /// The value map's id, and its name.
    pub map: i64,
    pub name: String,
    pub source: Option<String>,
    pub code_list: String,
    pub code: String,
    pub label: Option<String>,
    /// Held items that the decision releases.
    pub waiting: i64,
    pub row_version: i64,
}

/// A code list in which codes wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingList {
    pub name: String,
    pub codes: i64,
    /// Held items that wait for them.
    pub items: i64,
}

/// A text of a source that people decided on in a list, from any source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedLabel {
    /// The source's label, or its code.
    pub label: String,
    /// Active, No match or Rejected.
    pub state: MapState,
    pub canonical: Option<String>,
    /// In how many maps.
    pub times: i64,
}

/// One item that waits, to show what a code comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleItem {
    pub item: i64,
    pub job: i64,
    pub target_table: String,
    pub external_key: String,
    pub target_id: String,
    pub field_name: String,
    pub raw_value: String,
    /// The other fields that came with it in the same record, by name, at most [`SAMPLE_FIELDS`].
    pub beside: Vec<(String, String)>,
}

/// So many other fields of a sample record are read.
pub const SAMPLE_FIELDS: usize = 8;

/// Codes that were rejected for a map before the one that it holds, by the log: what each change left it with, and what the
/// first one found in a map that came with its first rejection. What was taken back counts no more; the taking back itself
/// says what stands again.
const REJECTED_BEFORE: &str = "
    UNION
    SELECT m.id, m.source_code, m.source_label, m.state, c.after ->> 'canonical_code_value'
    FROM map AS m CROSS JOIN operation_change AS c ON c.table_name = 'integration_value_map' AND c.row_id = m.id
    WHERE m.state = 3 AND c.after ->> 'canonical_code_value' IS NOT NULL AND coalesce(c.after ->> 'state', 3) = 3
      AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = c.seq)
    UNION
    SELECT m.id, m.source_code, m.source_label, m.state, c.before ->> 'canonical_code_value'
    FROM map AS m CROSS JOIN operation_change AS c ON c.table_name = 'integration_value_map' AND c.row_id = m.id
    CROSS JOIN operation AS o ON o.seq = c.seq
    WHERE m.state = 3 AND c.before ->> 'canonical_code_value' IS NOT NULL AND coalesce(c.before ->> 'state', 3) = 3
      AND o.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM operation AS u WHERE u.undoes = c.seq)";

impl Reader {
    /// The active entries of a code list with their labels.
    pub fn active_entries(&self, list: &str) -> Result<Vec<(String, String)>> {
        self.collect(
            "SELECT code, coalesce(label, '') FROM code_list_entry WHERE code_list = ? AND active = 1 ORDER BY code",
            [list],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The code list's own spelling of a name, if there is such a list with entries.
    pub fn code_list(&self, name: &str) -> Result<Option<String>> {
        Ok(self.code_lists()?.into_iter().find(|known| known.to_lowercase() == name.to_lowercase()))
    }

    /// The names of the code lists that have entries.
    pub fn code_lists(&self) -> Result<Vec<String>> {
        self.collect("SELECT DISTINCT code_list FROM code_list_entry ORDER BY code_list", [], |row| row.get(0))
    }

    /// What was decided about labels and codes of a list, from any source; all that was rejected for a code, of which its
    /// map holds the last.
    pub fn decided_labels(&self, list: &str) -> Result<Vec<DecidedLabel>> {
        self.collect(
            &format!(
                "WITH map AS (
                    SELECT id, source_code, source_label, state, canonical_code_value AS canonical
                    FROM integration_value_map WHERE code_list = ?1 AND statecode = 0 AND state IN (1, 2, 3)),
                 said AS (SELECT * FROM map {REJECTED_BEFORE})
                 SELECT text, state, canonical, count(*) FROM (
                    SELECT source_code AS text, state, canonical FROM said
                    UNION ALL
                    SELECT source_label, state, canonical FROM said
                    WHERE source_label IS NOT NULL AND source_label <> source_code)
                 GROUP BY text, state, canonical ORDER BY text, state, canonical"
            ),
            [list],
            |row| {
                Ok(DecidedLabel {
                    label: row.get(0)?,
                    state: choice(row.get(1)?, MapState::from_code)?,
                    canonical: row.get(2)?,
                    times: row.get(3)?,
                })
            },
        )
    }

    /// The maps of a list, or of all lists, that nobody decided, also where a canonical code was rejected for one; those
    /// that most items wait for first.
    pub fn waiting_codes(&self, list: Option<&str>, limit: usize) -> Result<Vec<WaitingCode>> {
        self.collect(
            "SELECT id, map_id, source_system_key, code_list, source_code, source_label, waiting, row_version
             FROM integration_value_map
             WHERE state IN (0, 3) AND statecode = 0 AND (?1 IS NULL OR code_list = ?1)
             ORDER BY waiting DESC, id LIMIT ?2",
            (list, i64::try_from(limit).unwrap_or(i64::MAX)),
            |row| {
                Ok(WaitingCode {
                    map: row.get(0)?,
                    name: row.get(1)?,
                    source: row.get(2)?,
                    code_list: row.get(3)?,
                    code: row.get(4)?,
                    label: row.get(5)?,
                    waiting: row.get(6)?,
                    row_version: row.get(7)?,
                })
            },
        )
    }

    /// The lists in which codes wait, those that most items wait for first.
    pub fn waiting_lists(&self) -> Result<Vec<WaitingList>> {
        self.collect(
            "SELECT code_list, count(*), coalesce(sum(waiting), 0) FROM integration_value_map
             WHERE state IN (0, 3) AND statecode = 0 AND code_list IS NOT NULL
             GROUP BY code_list ORDER BY 3 DESC, 1",
            [],
            |row| Ok(WaitingList { name: row.get(0)?, codes: row.get(1)?, items: row.get(2)? }),
        )
    }

    /// Some held items that wait for a map, with what came beside them.
    pub fn sample_items(&self, map: i64, limit: usize) -> Result<Vec<SampleItem>> {
        let mut samples: Vec<(SampleItem, i64)> = self.collect(
            "SELECT id, integration_sync_job, target_table, external_key, target_id, field_name, raw_value, sequence
             FROM integration_sync_item WHERE value_map = ? AND state = 4 AND statecode = 0 LIMIT ?",
            (map, limit as i64),
            |row| {
                let text = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
                let item = SampleItem {
                    item: row.get(0)?,
                    job: row.get(1)?,
                    target_table: text(2)?,
                    external_key: text(3)?,
                    target_id: text(4)?,
                    field_name: text(5)?,
                    raw_value: text(6)?,
                    beside: Vec::new(),
                };
                Ok((item, row.get(7)?))
            },
        )?;
        // The plus keeps SQLite from the index of the job, which may hold all items of the store.
        for (sample, sequence) in &mut samples {
            sample.beside = self.collect(
                "SELECT field_name, raw_value FROM integration_sync_item
                 WHERE target_id = ?1 AND +integration_sync_job = ?2 AND sequence = ?3 AND field_name <> ?4
                   AND raw_value IS NOT NULL ORDER BY id LIMIT ?5",
                (&sample.target_id, sample.job, *sequence, &sample.field_name, SAMPLE_FIELDS as i64),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
        }
        Ok(samples.into_iter().map(|(sample, _)| sample).collect())
    }
}
