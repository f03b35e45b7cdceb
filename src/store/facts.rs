//! A chunk's facts, read at once: a fixed number of statements a chunk, whatever the number of records.
//!
//! Lists of keys go in as one JSON array each, which SQLite unfolds with `json_each`. Nothing is decided here.

use anyhow::Result;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::derive::FieldKey;
use super::sql::folded;
use super::write::Write;
use crate::model::choice::{
    CommitMode, ItemState, LedgerStatus, MapState, OnBlank, OnNoMatch, OnUnknownKey, OnUnmapped, YesNo,
};
use crate::model::fact::{Binding, Entry, MapFact, Policy};
use crate::model::time::Micros;

/// An active identifier of a source's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierFact {
    pub id: i64,
    pub external_key: String,
    pub target_id: Option<String>,
    pub last_seen: Option<Micros>,
}

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

/// When a source last delivered a field, as far as ledger entries and held items tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFact {
    pub target_id: String,
    pub field_name: String,
    pub source_time: Micros,
}

/// A ledger entry of a field, with what the value in force needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFact {
    pub key: FieldKey,
    pub entry: Entry,
    pub value: Option<String>,
    /// When it was certified, or else made.
    pub since: Micros,
}

/// The value in force of a field as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentFact {
    pub value: Option<String>,
    pub ledger: i64,
    pub confirmed_on: Micros,
}

/// The value in force to be kept for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current<'a> {
    pub value: Option<&'a str>,
    pub ledger: i64,
    pub confirmed_on: Micros,
    pub stale_on: Option<Micros>,
}

/// A choice read from a column; an unknown code is an error.
pub(super) fn choice<T>(code: i64, from_code: fn(i64) -> Option<T>) -> rusqlite::Result<T> {
    from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(0, code))
}

fn optional_choice<T>(code: Option<i64>, from_code: fn(i64) -> Option<T>) -> rusqlite::Result<Option<T>> {
    code.map(|code| choice(code, from_code)).transpose()
}

fn array(values: &(impl Serialize + ?Sized)) -> Result<String> {
    Ok(serde_json::to_string(values)?)
}

impl Write<'_> {
    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.tx.prepare_cached(sql)?;
        Ok(statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The active identifiers of some keys of one source and table.
    pub fn identifiers(&self, source: &str, table: &str, keys: &[&str]) -> Result<Vec<IdentifierFact>> {
        self.rows(
            "SELECT i.id, i.external_key, i.target_id, i.last_seen_date_time
             FROM json_each(?3) AS k CROSS JOIN integration_identifier AS i
             ON i.external_key = k.value AND i.source_system_key = ?1 AND i.target_table = ?2 WHERE i.statecode = 0",
            (source, table, array(keys)?),
            |row| {
                Ok(IdentifierFact {
                    id: row.get(0)?,
                    external_key: row.get(1)?,
                    target_id: row.get(2)?,
                    last_seen: row.get(3)?,
                })
            },
        )
    }

    /// The active value maps of a code list for some codes, given in their normal form.
    pub fn value_maps(&self, list: &str, normal_codes: &[&str]) -> Result<Vec<MapFact>> {
        self.rows(
            "SELECT m.id, m.source_system_key, m.source_code, m.normal_code, m.state, m.canonical_code_value, m.confidence
             FROM json_each(?2) AS k CROSS JOIN integration_value_map AS m
             ON m.code_list = ?1 AND m.normal_code = k.value WHERE m.statecode = 0",
            (list, array(normal_codes)?),
            |row| {
                Ok(MapFact {
                    id: row.get(0)?,
                    source: row.get(1)?,
                    code: row.get(2)?,
                    normal_code: row.get(3)?,
                    state: choice(row.get(4)?, MapState::from_code)?,
                    canonical: row.get(5)?,
                    confidence: row.get(6)?,
                })
            },
        )
    }

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

    /// A source's open candidates for some fields of some targets.
    pub fn open_candidates(
        &self,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
    ) -> Result<Vec<OpenFact>> {
        self.rows(
            "SELECT l.target_id, l.aspect_key, l.id, l.sync_item, l.value, l.source_date_time
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_ledger AS l
             ON l.target_id = t.value AND l.aspect_key = f.value AND l.target_table = ?2
             WHERE l.source_system_key = ?1 AND l.statecode = 0 AND l.ledger_status = 166840000",
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

    /// A source's held items for some fields of some targets.
    pub fn held_items(&self, source: &str, table: &str, targets: &[&str], fields: &[&str]) -> Result<Vec<HeldFact>> {
        self.rows(
            "SELECT i.target_id, i.field_name, i.id, i.raw_value, i.source_date_time
             FROM json_each(?3) AS t CROSS JOIN json_each(?4) AS f CROSS JOIN integration_sync_item AS i
             ON i.target_id = t.value AND i.field_name = f.value AND i.target_table = ?2
             WHERE i.source_system_key = ?1 AND i.state = 4",
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

    /// All entries of some fields, whatever their state.
    pub fn entries(&self, keys: &[FieldKey]) -> Result<Vec<EntryFact>> {
        self.rows(
            "SELECT l.target_table, l.target_id, l.aspect_key, l.id, l.ledger_status, l.statecode, l.live, l.pinned, l.rank,
                    l.source_system_key, l.source_date_time, l.sequence, l.displaced_by, l.value,
                    coalesce(l.certified_date_time, l.created_on)
             FROM json_each(?1) AS k CROSS JOIN integration_ledger AS l
             ON l.target_id = k.value ->> 1 AND l.aspect_key = k.value ->> 2 AND l.target_table = k.value ->> 0",
            [array(keys)?],
            |row| {
                Ok(EntryFact {
                    key: (row.get(0)?, row.get(1)?, row.get(2)?),
                    entry: Entry {
                        id: row.get(3)?,
                        status: choice(row.get(4)?, LedgerStatus::from_code)?,
                        active: row.get::<_, i64>(5)? == 0,
                        live: row.get(6)?,
                        pinned: row.get(7)?,
                        rank: row.get(8)?,
                        source: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
                        source_time: row.get(10)?,
                        sequence: row.get(11)?,
                        displaced_by: row.get(12)?,
                    },
                    value: row.get(13)?,
                    since: row.get(14)?,
                })
            },
        )
    }

    /// The active commit policies.
    pub fn policies(&self) -> Result<Vec<Policy>> {
        self.rows(
            "SELECT id, target_table, field_name, commit_mode, auto_certify, authoritative_sources, stale_after_days
             FROM integration_commit_policy WHERE statecode = 0",
            [],
            |row| {
                Ok(Policy {
                    id: row.get(0)?,
                    target_table: row.get(1)?,
                    field_name: row.get(2)?,
                    mode: optional_choice(row.get(3)?, CommitMode::from_code)?,
                    auto_certify: optional_choice(row.get(4)?, YesNo::from_code)?,
                    authoritative_sources: row.get(5)?,
                    stale_after_days: row.get(6)?,
                })
            },
        )
    }

    /// The active code bindings.
    pub fn bindings(&self) -> Result<Vec<Binding>> {
        self.rows(
            "SELECT id, target_table, field_name, source_system_key, code_list, on_unmapped, on_blank, on_no_match,
                    on_unknown_key, fixed_value, outbound
             FROM code_binding WHERE active = 1",
            [],
            |row| {
                Ok(Binding {
                    id: row.get(0)?,
                    target_table: row.get(1)?,
                    field_name: row.get(2)?,
                    source: row.get(3)?,
                    code_list: row.get(4)?,
                    on_unmapped: choice(row.get(5)?, OnUnmapped::from_code)?,
                    on_blank: choice(row.get(6)?, OnBlank::from_code)?,
                    on_no_match: choice(row.get(7)?, OnNoMatch::from_code)?,
                    on_unknown_key: choice(row.get(8)?, OnUnknownKey::from_code)?,
                    fixed_value: row.get(9)?,
                    outbound: row.get(10)?,
                })
            },
        )
    }

    /// The names of the code lists that have entries.
    pub fn code_lists(&self) -> Result<Vec<String>> {
        self.rows("SELECT DISTINCT code_list FROM code_list_entry", [], |row| row.get(0))
    }

    /// Which of some codes are active entries of a list.
    pub fn active_codes(&self, list: &str, codes: &[&str]) -> Result<Vec<String>> {
        self.rows(
            "SELECT e.code FROM json_each(?2) AS k CROSS JOIN code_list_entry AS e
             ON e.code_list = ?1 AND e.code = k.value WHERE e.active = 1",
            (list, array(codes)?),
            |row| row.get(0),
        )
    }

    /// Keeps the value in force of a field, or removes it.
    pub fn set_current(&mut self, key: &FieldKey, current: Option<&Current>) -> Result<()> {
        let (table, target, field) = key;
        match current {
            Some(current) => self.tx.prepare_cached(
                "INSERT INTO current_value (target_table, target_id, field_name, value, ledger, confirmed_on, stale_on)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET value = excluded.value, ledger = excluded.ledger,
                    confirmed_on = excluded.confirmed_on, stale_on = excluded.stale_on",
            )?
            .execute((table, target, field, current.value, current.ledger, current.confirmed_on, current.stale_on))?,
            None => self
                .tx
                .prepare_cached("DELETE FROM current_value WHERE target_table = ? AND target_id = ? AND field_name = ?")?
                .execute((table, target, field))?,
        };
        Ok(())
    }

    /// The value in force of a field.
    pub fn current(&self, key: &FieldKey) -> Result<Option<CurrentFact>> {
        let sql = "SELECT value, ledger, confirmed_on, stale_on FROM current_value
                   WHERE target_table = ? AND target_id = ? AND field_name = ?";
        let found = self.tx.prepare_cached(sql)?.query_row((&key.0, &key.1, &key.2), |row| {
            Ok(CurrentFact { value: row.get(0)?, ledger: row.get(1)?, confirmed_on: row.get(2)? })
        });
        Ok(found.optional()?)
    }

    /// Restarts the stale clock of some fields: (target id, field, when it is stale again).
    pub fn confirm(&mut self, table: &str, fields: &[(&str, &str, Option<Micros>)]) -> Result<()> {
        let mut statement = self.tx.prepare_cached(
            "UPDATE current_value SET confirmed_on = ?1, stale_on = ?2
             WHERE target_table = ?3 AND target_id = ?4 AND field_name = ?5",
        )?;
        for (target, field, stale_on) in fields {
            statement.execute((self.stamp.at, stale_on, table, target, field))?;
        }
        Ok(())
    }

    /// Raises when some identifiers were last seen; it never goes back.
    pub fn raise_last_seen(&mut self, identifiers: &[i64], seen: Micros) -> Result<()> {
        self.tx
            .prepare_cached(
                "UPDATE integration_identifier SET last_seen_date_time = ?1
                 WHERE id IN (SELECT value FROM json_each(?2)) AND coalesce(last_seen_date_time < ?1, 1)",
            )?
            .execute((seen, array(identifiers)?))?;
        Ok(())
    }

    /// The spelling by which a name of a kind is known; its first use settles it.
    pub fn spelling(&mut self, kind: &str, name: &str) -> Result<String> {
        let known = self
            .tx
            .prepare_cached("SELECT spelling FROM vocabulary WHERE kind = ? AND folded = ?")?
            .query_row((kind, folded(name)), |row| row.get(0))
            .optional()?;
        if let Some(spelling) = known {
            return Ok(spelling);
        }
        self.tx.prepare_cached("INSERT INTO vocabulary (kind, folded, spelling) VALUES (?, ?, ?)")?.execute((
            kind,
            folded(name),
            name,
        ))?;
        Ok(name.to_string())
    }
}

/// Reads an item state from a column.
pub(super) fn item_state(code: i64) -> rusqlite::Result<ItemState> {
    choice(code, ItemState::from_code)
}
