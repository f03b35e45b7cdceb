//! The last words of a source's keys, and when they were repeated (engine.md, "Last words").
//!
//! The last word of a key is that of its newest ledger entry, which takes no room of its own. Only where it is not does a
//! row of `last_word` say so. All that a record repeats takes one row of `last_repeat`, which each later repeat rewrites.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use rusqlite::{Row, params_from_iter};
use sha2::{Digest, Sha256};

use super::facts::{array, choice};
use super::identifiers::IdentifierRow;
use super::rivals::{Asked, Spot};
use super::write::Write;
use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;

/// Sets of fields that repeats are kept by, besides those of one field.
const MOST_SETS: usize = 500;

/// A word by the first 8 bytes of its SHA-256.
pub fn said(raw: &str) -> i64 {
    let digest = Sha256::digest(raw.as_bytes());
    digest[..8].iter().fold(0, |sum, byte| (sum << 8) | i64::from(*byte))
}

/// An active identifier of a source that stands for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFact {
    /// The record's place among those asked for.
    pub target: usize,
    pub identifier: i64,
    pub external_key: String,
    pub last_seen: Option<Micros>,
}

/// A ledger entry as the word it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryWord {
    pub ledger: i64,
    pub status: LedgerStatus,
    pub active: bool,
    pub live: bool,
    pub source_time: Micros,
    pub job: i64,
    pub sequence: i64,
    /// Of the item that brought the entry: attempts after the first may hold another text than was delivered.
    pub attempt: i64,
}

/// The texts of an entry's word, to be compared while they are read.
pub struct Texts<'r> {
    pub external_key: &'r str,
    /// As delivered; none where it was disposed of, or where it has to be looked up in an earlier attempt.
    pub raw: Option<&'r str>,
}

/// A last word that no entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaidFact {
    pub identifier: i64,
    /// The set of this one field.
    pub field: i64,
    pub said: i64,
    /// Where it was news.
    pub job: i64,
    pub sequence: i64,
    pub at: Micros,
    /// It was closed at once, since a person had turned the same down before.
    pub closed: bool,
}

/// When a key last repeated its words of some fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatFact {
    pub identifier: i64,
    pub fields: i64,
    pub job: i64,
    pub at: Micros,
}

/// When a binding was last made, changed or taken out of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingChange {
    pub target_table: String,
    pub field_name: Option<String>,
    pub source: Option<String>,
    pub changed_on: Micros,
}

/// A last word to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSaid {
    pub identifier: i64,
    pub field: i64,
    pub said: i64,
    pub job: i64,
    pub sequence: i64,
    pub closed: bool,
}

/// The sets of fields that words are kept by.
#[derive(Debug, Default)]
pub struct FieldSets {
    by_names: HashMap<Vec<String>, i64>,
    names: HashMap<i64, Vec<String>>,
    /// Sets of several fields.
    several: usize,
}

const ENTRY: &str =
    "l.id, l.ledger_status, l.statecode = 0, l.live, l.source_date_time, i.integration_sync_job, i.sequence,
    i.attempt, i.external_key";

/// The first attempt at an item's value, as it was delivered.
pub(super) const DELIVERED: &str = "CASE WHEN i.attempt = 1 THEN i.raw_value ELSE
    (WITH RECURSIVE before (id, parent, raw) AS (
        SELECT p.id, p.parent_item, p.raw_value FROM integration_sync_item AS p WHERE p.id = i.parent_item
        UNION ALL
        SELECT p.id, p.parent_item, p.raw_value FROM before JOIN integration_sync_item AS p ON p.id = before.parent
     ) SELECT raw FROM before WHERE parent IS NULL) END";

fn read(row: &Row) -> rusqlite::Result<EntryWord> {
    Ok(EntryWord {
        ledger: row.get(2)?,
        status: choice(row.get(3)?, LedgerStatus::from_code)?,
        active: row.get(4)?,
        live: row.get(5)?,
        source_time: row.get(6)?,
        job: row.get(7)?,
        sequence: row.get(8)?,
        attempt: row.get(9)?,
    })
}

impl Write<'_> {
    /// The active identifiers of a source that stand for some records of a table, the oldest first.
    pub fn keys_of(&self, source: &str, table: &str, targets: &[&str]) -> Result<Vec<KeyFact>> {
        self.rows(
            "SELECT t.key, n.id, n.external_key, n.last_seen_date_time
             FROM json_each(?3) AS t CROSS JOIN integration_identifier AS n ON n.target_id = t.value
             WHERE n.source_system_key = ?1 AND n.target_table = ?2 AND n.statecode = 0 ORDER BY n.id",
            (source, table, array(targets)?),
            |row| {
                Ok(KeyFact {
                    target: row.get::<_, i64>(0)? as usize,
                    identifier: row.get(1)?,
                    external_key: row.get(2)?,
                    last_seen: row.get(3)?,
                })
            },
        )
    }

    /// Shows the newest entry that a source's deliveries made for each field, with its texts.
    pub fn newest_words(
        &self,
        source: &str,
        asked: &Asked,
        mut show: impl FnMut(Spot, EntryWord, Texts),
    ) -> Result<()> {
        let through = asked.goes_through_entries(self)?;
        let (spot, each, is) = match through {
            true => ("l.aspect_key", "", "l.target_id = t.value AND l.aspect_key BETWEEN ?4 AND ?5"),
            false => (
                "f.value",
                "CROSS JOIN json_each(?4) AS f",
                "l.id = (SELECT max(x.id) FROM integration_ledger AS x
                         WHERE x.target_id = t.value AND x.aspect_key = f.value AND x.target_table = ?1
                           AND x.source_system_key = ?2 AND x.ledger_aspect = 166840000 AND x.sync_item IS NOT NULL)",
            ),
        };
        let index = if through { "INDEXED BY ledger_target" } else { "" };
        let sql = format!(
            "SELECT t.key, {spot}, {ENTRY}, i.raw_value
             FROM json_each(?3) AS t {each} CROSS JOIN integration_ledger AS l {index}
             CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
             WHERE {is} AND l.target_table = ?1 AND l.source_system_key = ?2 AND l.ledger_aspect = 166840000"
        );
        self.each_word(&sql, source, asked, through, &mut show)
    }

    /// Shows all entries that a source's deliveries made for some fields, with what was delivered.
    pub fn all_words(&self, source: &str, asked: &Asked, mut show: impl FnMut(Spot, EntryWord, Texts)) -> Result<()> {
        let sql = format!(
            "SELECT t.key, f.value, {ENTRY}, {DELIVERED}
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_ledger AS l
             ON l.target_id = t.value AND l.aspect_key = f.value
             CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
             WHERE l.target_table = ?1 AND l.source_system_key = ?2 AND l.ledger_aspect = 166840000"
        );
        self.each_word(&sql, source, asked, false, &mut show)
    }

    fn each_word(
        &self,
        sql: &str,
        source: &str,
        asked: &Asked,
        through: bool,
        show: &mut impl FnMut(Spot, EntryWord, Texts),
    ) -> Result<()> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(asked.params(source, through)?))?;
        while let Some(row) = rows.next()? {
            let target = row.get::<_, i64>(0)? as usize;
            let Ok(field) = asked.fields.binary_search(&row.get_ref(1)?.as_str()?) else { continue };
            let word = read(row)?;
            let texts = Texts {
                external_key: row.get_ref(10)?.as_str_or_null()?.unwrap_or_default(),
                raw: row.get_ref(11)?.as_str_or_null()?,
            };
            show((target, field), word, texts);
        }
        Ok(())
    }

    /// The last words of some keys that no entry stands for, withdrawn ones left out.
    pub fn said_words(&self, identifiers: &[i64]) -> Result<Vec<SaidFact>> {
        self.rows(
            "SELECT w.identifier, w.field, w.said, w.job, w.sequence, j.submitted_date_time, w.closed
             FROM json_each(?) AS k CROSS JOIN last_word AS w ON w.identifier = k.value
             CROSS JOIN integration_sync_job AS j ON j.id = w.job WHERE j.statecode = 0",
            [array(identifiers)?],
            |row| {
                Ok(SaidFact {
                    identifier: row.get(0)?,
                    field: row.get(1)?,
                    said: row.get(2)?,
                    job: row.get(3)?,
                    sequence: row.get(4)?,
                    at: row.get(5)?,
                    closed: row.get(6)?,
                })
            },
        )
    }

    /// When some keys last repeated their words, withdrawn deliveries left out.
    pub fn repeats(&self, identifiers: &[i64]) -> Result<Vec<RepeatFact>> {
        self.rows(
            "SELECT r.identifier, r.fields, r.job, j.submitted_date_time
             FROM json_each(?) AS k CROSS JOIN last_repeat AS r ON r.identifier = k.value
             CROSS JOIN integration_sync_job AS j ON j.id = r.job WHERE j.statecode = 0",
            [array(identifiers)?],
            |row| Ok(RepeatFact { identifier: row.get(0)?, fields: row.get(1)?, job: row.get(2)?, at: row.get(3)? }),
        )
    }

    /// The deliveries of a source that were withdrawn.
    pub fn withdrawn(&self, source: &str) -> Result<HashSet<i64>> {
        let sql = "SELECT id FROM integration_sync_job WHERE source_system_key = ? AND statecode = 1";
        Ok(self.rows(sql, [source], |row| row.get(0))?.into_iter().collect())
    }

    pub fn keep_said(&mut self, words: &[NewSaid]) -> Result<()> {
        let row = |word: &NewSaid| {
            let NewSaid { identifier, field, said, job, sequence, closed } = *word;
            (identifier, field, said, job, sequence, i64::from(closed))
        };
        let rows: Vec<_> = words.iter().map(row).collect();
        self.tx
            .prepare_cached(
                "INSERT INTO last_word (identifier, field, said, job, sequence, closed)
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
                 FROM json_each(?) WHERE 1
                 ON CONFLICT DO UPDATE SET said = excluded.said, job = excluded.job, sequence = excluded.sequence,
                    closed = excluded.closed",
            )?
            .execute([array(&rows)?])?;
        Ok(())
    }

    /// Keeps by an identifier what its key said last, as far as the entries of the record tell that it stands for: it is to
    /// stand for another one, whose entries do not.
    pub fn keep_words_of(&mut self, identifier: i64, row: &IdentifierRow) -> Result<()> {
        let sql = format!(
            "SELECT l.aspect_key, i.integration_sync_job, i.sequence, {DELIVERED}
             FROM integration_ledger AS l CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
             CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.statecode = 0
             WHERE l.target_id = ?1 AND l.target_table = ?2 AND l.source_system_key = ?3 AND l.ledger_aspect = 166840000
               AND i.external_key = ?4
             ORDER BY i.integration_sync_job, i.sequence, l.id"
        );
        let params = (&row.target_id, &row.target_table, &row.source, &row.external_key);
        let read = |row: &Row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)));
        let newest: BTreeMap<String, (i64, i64, Option<String>)> = self.rows(&sql, params, read)?.into_iter().collect();
        let mut sets = self.field_sets()?;
        let known = self.said_words(&[identifier])?;
        let mut words = Vec::new();
        for (field, (job, sequence, raw)) in newest {
            let (Some(raw), Some(set)) = (raw, self.field_set(&mut sets, &[&field])?) else { continue };
            if !known.iter().any(|word| word.field == set) {
                words.push(NewSaid { identifier, field: set, said: said(&raw), job, sequence, closed: false });
            }
        }
        self.keep_said(&words)
    }

    /// Nothing is left of what an item said: neither are the words kept that it brought, by whichever key of the record.
    pub fn forget_disposed(&mut self, item: i64) -> Result<()> {
        self.tx
            .prepare_cached(
                "DELETE FROM last_word WHERE (identifier, field, job, sequence) IN (
                    SELECT n.id, s.id, i.integration_sync_job, i.sequence
                    FROM integration_sync_item AS i CROSS JOIN integration_identifier AS n ON n.target_id = i.target_id
                        AND n.source_system_key = i.source_system_key AND n.target_table = i.target_table
                    CROSS JOIN field_set AS s ON s.fields = json_array(i.field_name)
                    WHERE i.id = ?)",
            )?
            .execute([item])?;
        Ok(())
    }

    /// Their newest entry says from here on what these keys said last: (identifier, field).
    pub fn forget_said(&mut self, words: &[(i64, i64)]) -> Result<()> {
        self.tx
            .prepare_cached(
                "DELETE FROM last_word WHERE (identifier, field) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
            )?
            .execute([array(words)?])?;
        Ok(())
    }

    /// Keeps that keys repeated their words in a delivery: (identifier, set of fields).
    pub fn keep_repeats(&mut self, job: i64, repeats: &[(i64, i64)]) -> Result<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO last_repeat (identifier, fields, job)
                 SELECT value ->> 0, value ->> 1, ?1 FROM json_each(?2) WHERE 1
                 ON CONFLICT DO UPDATE SET job = excluded.job",
            )?
            .execute((job, array(repeats)?))?;
        Ok(())
    }

    pub fn field_sets(&self) -> Result<FieldSets> {
        let mut sets = FieldSets::default();
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        for (id, names) in self.rows::<(i64, String)>("SELECT id, fields FROM field_set", [], read)? {
            sets.add(id, serde_json::from_str(&names)?);
        }
        Ok(sets)
    }

    /// The set of some fields, which come in order and each once; `None` where there are too many sets to begin another one
    /// of several fields.
    pub fn field_set(&mut self, sets: &mut FieldSets, names: &[&str]) -> Result<Option<i64>> {
        let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        if let Some(id) = sets.by_names.get(&names) {
            return Ok(Some(*id));
        }
        if names.len() > 1 && sets.several >= MOST_SETS {
            return Ok(None);
        }
        let text = array(&names)?;
        let sql = "INSERT INTO field_set (fields) VALUES (?) RETURNING id";
        let id = self.tx.prepare_cached(sql)?.query_row([text], |row| row.get(0))?;
        sets.add(id, names);
        Ok(Some(id))
    }

    /// What keys that lead to no record said last of some fields: shows (key, field, as delivered).
    pub fn unplaced_words(
        &self,
        (source, table): (&str, &str),
        keys: &[&str],
        mut show: impl FnMut(&str, &str, Option<&str>),
    ) -> Result<()> {
        let sql = format!(
            "SELECT i.external_key, i.field_name, {DELIVERED}
             FROM json_each(?3) AS k CROSS JOIN integration_sync_item AS i INDEXED BY sync_item_unplaced
             ON i.external_key = k.value AND i.target_id IS NULL
             CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.statecode = 0
             WHERE i.source_system_key = ?1 AND i.target_table = ?2 AND i.field_name IS NOT NULL
             ORDER BY i.integration_sync_job, i.sequence, i.id"
        );
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query((source, table, array(keys)?))?;
        while let Some(row) = rows.next()? {
            show(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str_or_null()?);
        }
        Ok(())
    }

    /// Those of some waiting entries whose policy is another one by now or was changed since they were made: (entry, the
    /// policy that applies to its field by now).
    pub fn policy_changed(&self, entries: &[(i64, Option<i64>)]) -> Result<HashSet<i64>> {
        let changed = self.rows(
            "SELECT l.id FROM json_each(?) AS k CROSS JOIN integration_ledger AS l ON l.id = k.value ->> 0
             CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
             LEFT JOIN integration_commit_policy AS p ON p.id = i.commit_policy
             WHERE i.commit_policy IS NOT k.value ->> 1 OR p.modified_on > l.created_on",
            [array(entries)?],
            |row| row.get(0),
        )?;
        Ok(changed.into_iter().collect())
    }

    /// When bindings were last made, changed or taken out of use, as far as that is known.
    pub fn binding_changes(&self) -> Result<Vec<BindingChange>> {
        self.rows(
            "SELECT b.target_table, b.field_name, b.source_system_key, c.changed_on
             FROM binding_change AS c CROSS JOIN code_binding AS b ON b.id = c.binding",
            [],
            |row| {
                Ok(BindingChange {
                    target_table: row.get(0)?,
                    field_name: row.get(1)?,
                    source: row.get(2)?,
                    changed_on: row.get(3)?,
                })
            },
        )
    }

    /// Notes that a binding is another one from here on.
    pub(super) fn note_binding_change(&mut self, binding: i64) -> Result<()> {
        let sql = "INSERT INTO binding_change (binding, changed_on) VALUES (?, ?)
                   ON CONFLICT DO UPDATE SET changed_on = excluded.changed_on";
        self.tx.prepare_cached(sql)?.execute((binding, self.stamp.at))?;
        Ok(())
    }
}

impl FieldSets {
    fn add(&mut self, id: i64, names: Vec<String>) {
        self.several += usize::from(names.len() > 1);
        self.by_names.insert(names.clone(), id);
        self.names.insert(id, names);
    }

    /// Whether a field is of a set.
    pub fn has(&self, set: i64, field: &str) -> bool {
        self.names.get(&set).is_some_and(|names| names.iter().any(|name| name == field))
    }
}
