//! What the withdrawal of a delivery asks: what the delivery brought and made, what gave way to its words, and what its
//! source's keys said last without it. A delivery counts as withdrawn from the moment its job is inactive.

use anyhow::Result;
use rusqlite::{OptionalExtension, Row};

use super::chunks::{GOES_ON, TAKES_BACK};
use super::facts::{array, choice, item_state};
use super::logged::{IDENTIFIER, ITEM, JOB, LEDGER, VALUE_MAP};
use super::words::{DELIVERED, NewSaid, said};
use super::write::Write;
use crate::model::choice::{ItemState, LedgerStatus, MapState};

/// A delivered value as its withdrawal sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroughtFact {
    pub item: i64,
    pub state: ItemState,
    pub message: Option<String>,
    /// None where the item led to no record.
    pub target: Option<String>,
    pub field: Option<String>,
    /// The entry that stands for it, and whether that is active.
    pub entry: Option<(i64, LedgerStatus, bool)>,
}

/// What gave way to a word that does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveWay {
    /// The item's own; none where it was held.
    pub entry: Option<i64>,
    pub item: i64,
    /// What the item was before; none where its state did not change.
    pub was: Option<ItemState>,
}

/// Rows that a delivery made, as ranges of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    pub identifiers: Vec<(i64, i64)>,
    pub value_maps: Vec<(i64, i64)>,
}

/// Whose words are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Spoken<'s> {
    pub source: &'s str,
    pub table: &'s str,
}

/// Items are words unless they brought nothing that could stand: what came too late, which was said when they were made and
/// never changed since, and what was known already.
const IS_WORD: &str = "x.attempt = 1 AND x.state <> 2 AND NOT (x.state = 7 AND x.row_version = 1)";

impl Write<'_> {
    /// The active items of a job below an id, each with its target, the newest first.
    pub fn brought_below(&self, job: i64, below: i64, most: usize) -> Result<Vec<(i64, Option<String>)>> {
        self.rows(
            "SELECT id, target_id FROM integration_sync_item
             WHERE integration_sync_job = ? AND id < ? AND statecode = 0 ORDER BY id DESC LIMIT ?",
            (job, below, most as i64),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The active items of a job that are about some records, or that have one of these ids and are about none; the newest
    /// first.
    pub fn brought(&self, job: i64, targets: &[&str], unplaced: &[i64]) -> Result<Vec<BroughtFact>> {
        const COLUMNS: &str =
            "SELECT i.id, i.state, i.process_message, i.target_id, i.field_name, l.id, l.ledger_status,
                l.statecode = 0";
        let sql = format!(
            "{COLUMNS} FROM json_each(?2) AS k CROSS JOIN integration_sync_item AS i INDEXED BY sync_item_target
                ON i.target_id = k.value
             LEFT JOIN integration_ledger AS l ON l.id = i.ledger
             WHERE i.integration_sync_job = ?1 AND i.statecode = 0
             UNION ALL
             {COLUMNS} FROM json_each(?3) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value
             LEFT JOIN integration_ledger AS l ON l.id = i.ledger
             WHERE i.integration_sync_job = ?1 AND i.statecode = 0 ORDER BY 1 DESC"
        );
        self.rows(&sql, (job, array(targets)?, array(unplaced)?), |row| {
            let entry: Option<i64> = row.get(5)?;
            let entry = entry
                .map(|id| Ok::<_, rusqlite::Error>((id, choice(row.get(6)?, LedgerStatus::from_code)?, row.get(7)?)))
                .transpose()?;
            Ok(BroughtFact {
                item: row.get(0)?,
                state: item_state(row.get(1)?)?,
                message: row.get(2)?,
                target: row.get(3)?,
                field: row.get(4)?,
                entry,
            })
        })
    }

    /// Whether anything that a job brought still stands.
    pub fn brings_anything(&self, job: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM integration_sync_item WHERE integration_sync_job = ? AND statecode = 0
                   AND state NOT IN (6, 7, 9) LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.exists([job])?)
    }

    /// The records of identifiers after one of them whose last words of some field a job said without an entry; looks at so
    /// many rows, and answers the last identifier that it looked at. Of several keys of a record the last one counts.
    pub fn kept_words_of(&self, job: i64, after: i64, rows: usize) -> Result<(Vec<String>, Option<i64>)> {
        let sql = "SELECT max(identifier) FROM (SELECT identifier FROM last_word WHERE identifier > ?
                   ORDER BY identifier LIMIT ?)";
        let last: Option<i64> = self.tx.prepare_cached(sql)?.query_row((after, rows as i64), |row| row.get(0))?;
        let Some(last) = last else { return Ok((Vec::new(), None)) };
        let found = self.rows(
            "SELECT DISTINCT n.target_id FROM last_word AS w CROSS JOIN integration_identifier AS n ON n.id = w.identifier
             WHERE w.identifier > ?1 AND w.identifier <= ?2 AND w.job = ?3 AND n.target_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM integration_identifier AS o CROSS JOIN last_word AS v ON v.identifier = o.id
                    WHERE o.target_id = n.target_id AND o.source_system_key = n.source_system_key
                      AND o.target_table = n.target_table AND o.id > n.id AND v.job = ?3)
             ORDER BY n.target_id",
            (after, last, job),
            |row| row.get(0),
        )?;
        Ok((found, Some(last)))
    }

    /// The fields of some records of which a job said the last words without an entry, by one of the active keys of its
    /// source: (target, field).
    pub fn kept_fields_of(&self, job: i64, spoken: Spoken, targets: &[&str]) -> Result<Vec<(String, String)>> {
        self.rows(
            "SELECT DISTINCT n.target_id, s.fields ->> 0
             FROM json_each(?4) AS k CROSS JOIN integration_identifier AS n ON n.target_id = k.value
             CROSS JOIN last_word AS w ON w.identifier = n.id CROSS JOIN field_set AS s ON s.id = w.field
             WHERE n.source_system_key = ?2 AND n.target_table = ?3 AND n.statecode = 0 AND w.job = ?1
             ORDER BY 1, 2",
            (job, spoken.source, spoken.table, array(targets)?),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// What of a source gave way, in some fields (target, field), to words that were withdrawn since, where it spoke no
    /// other word after them.
    pub fn gave_way(&self, spoken: Spoken, fields: &[(&str, &str)]) -> Result<Vec<GaveWay>> {
        let mut found = self.gave_way_of(spoken, fields, ENTRIES)?;
        found.extend(self.gave_way_of(spoken, fields, HELD)?);
        Ok(found)
    }

    fn gave_way_of(&self, spoken: Spoken, fields: &[(&str, &str)], which: &str) -> Result<Vec<GaveWay>> {
        let same_field = "x.target_id = g.target AND x.field_name = g.field AND x.target_table = ?1
                          AND x.source_system_key = ?2 AND x.id <> g.item";
        // The withdrawn word is an item that the operation made or changed, or that it made an entry for. One that changed
        // nothing but what gave way has none: then the operation took a delivery in, the newest of its source by then.
        let by_withdrawn = format!(
            "EXISTS (SELECT 1 FROM integration_sync_item AS x INDEXED BY sync_item_target
                     CROSS JOIN integration_sync_job AS j ON j.id = x.integration_sync_job AND j.statecode = 1
                     WHERE {same_field} AND (
                        x.id BETWEEN o.first_item AND o.last_item
                        OR EXISTS (SELECT 1 FROM operation_change AS c INDEXED BY operation_change_row
                                   WHERE c.table_name = '{item}' AND c.row_id = x.id AND c.seq = g.by)
                        OR EXISTS (SELECT 1 FROM integration_ledger AS l
                                   WHERE l.target_id = g.target AND l.aspect_key = g.field AND l.sync_item = x.id
                                     AND l.id BETWEEN o.first_entry AND o.last_entry)))",
            item = ITEM.name
        );
        let took_in_withdrawn = "o.kind = 'ingest' AND 1 = (SELECT j.statecode FROM integration_sync_job AS j
                WHERE j.id <= o.newest_job AND j.source_system_key = ?2 AND j.target_table = ?1
                  AND j.direction = 166840000 ORDER BY j.id DESC LIMIT 1)";
        let which = which.replace("<FIRST>", &FIRST.replace("<TAKES_BACK>", TAKES_BACK));
        let sql = format!(
            "WITH g AS MATERIALIZED ({which}), o AS MATERIALIZED ({operations})
             SELECT g.entry, g.item, g.was FROM g CROSS JOIN o ON o.seq = g.by
             WHERE ({by_withdrawn} OR {took_in_withdrawn})
               AND NOT EXISTS (SELECT 1 FROM disposed AS d WHERE d.table_name = '{item}' AND d.row_id = g.item AND d.copies = 0)
               AND NOT EXISTS (SELECT 1 FROM integration_sync_item AS x INDEXED BY sync_item_target
                       CROSS JOIN integration_sync_job AS j
                       ON j.id = x.integration_sync_job AND j.statecode = 0 AND j.direction = 166840000
                       WHERE {same_field} AND {IS_WORD} AND x.id > o.item_before)
               AND NOT EXISTS (SELECT 1 FROM integration_identifier AS n CROSS JOIN last_word AS w ON w.identifier = n.id
                       CROSS JOIN field_set AS s ON s.id = w.field AND s.fields = json_array(g.field)
                       CROSS JOIN integration_sync_job AS j ON j.id = w.job AND j.statecode = 0
                       WHERE n.target_id = g.target AND n.source_system_key = ?2 AND n.target_table = ?1
                         AND n.statecode = 0 AND (w.job, w.sequence) > (g.job, g.sequence))
             ORDER BY g.item",
            operations = operations(),
            item = ITEM.name
        );
        self.rows(&sql, (spoken.table, spoken.source, array(fields)?), |row| {
            let was: Option<i64> = row.get(2)?;
            Ok(GaveWay { entry: row.get(0)?, item: row.get(1)?, was: was.map(item_state).transpose()? })
        })
    }

    /// Keeps what the keys of some records said last of some fields (target, field), as far as items tell it: where no entry
    /// stands for the newest word of a key, a row does. Words of withdrawn deliveries are none.
    pub fn keep_words_of_items(&mut self, spoken: Spoken, fields: &[(&str, &str)]) -> Result<()> {
        let sql = format!(
            "WITH newest AS (
                SELECT n.id AS identifier, n.external_key AS external_key, k.value ->> 0 AS target, k.value ->> 1 AS field,
                    (SELECT x.id FROM integration_sync_item AS x INDEXED BY sync_item_target CROSS JOIN integration_sync_job AS j
                        ON j.id = x.integration_sync_job AND j.statecode = 0 AND j.direction = 166840000
                     WHERE x.target_id = k.value ->> 0 AND x.field_name = k.value ->> 1 AND x.target_table = ?1
                        AND x.source_system_key = ?2 AND x.external_key = n.external_key AND {IS_WORD}
                     ORDER BY x.integration_sync_job DESC, x.sequence DESC, x.id DESC LIMIT 1) AS item
                FROM json_each(?3) AS k CROSS JOIN integration_identifier AS n ON n.target_id = k.value ->> 0
                WHERE n.source_system_key = ?2 AND n.target_table = ?1 AND n.statecode = 0)
             SELECT q.identifier, q.field, i.integration_sync_job, i.sequence, {DELIVERED}, i.state = 6
             FROM newest AS q CROSS JOIN integration_sync_item AS i ON i.id = q.item
             WHERE NOT EXISTS (SELECT 1 FROM integration_sync_item AS y INDEXED BY sync_item_target
                    WHERE y.target_id = q.target AND y.field_name = q.field AND y.external_key = q.external_key
                      AND y.integration_sync_job = i.integration_sync_job AND y.sequence = i.sequence
                      AND y.ledger IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM last_word AS w CROSS JOIN field_set AS s
                    ON s.id = w.field AND s.fields = json_array(q.field)
                    CROSS JOIN integration_sync_job AS j ON j.id = w.job AND j.statecode = 0
                    WHERE w.identifier = q.identifier AND (w.job, w.sequence) >= (i.integration_sync_job, i.sequence))"
        );
        type Found = (i64, String, i64, i64, Option<String>, bool);
        let read = |row: &Row| -> rusqlite::Result<Found> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        };
        let found = self.rows(&sql, (spoken.table, spoken.source, array(fields)?), read)?;
        let mut sets = self.field_sets()?;
        let mut words = Vec::new();
        for (identifier, field, job, sequence, raw, closed) in found {
            let (Some(raw), Some(field)) = (raw, self.field_set(&mut sets, &[&field])?) else { continue };
            words.push(NewSaid { identifier, field, said: said(&raw), job, sequence, closed });
        }
        self.keep_said(&words)
    }

    /// Keeps what keys said last of the fields of some items, after these came back or were closed again.
    pub fn keep_words_of_restored(&mut self, items: &[i64]) -> Result<()> {
        type Field = (String, String, String, String);
        let mut fields: Vec<Field> = self.rows(
            "SELECT DISTINCT i.source_system_key, i.target_table, i.target_id, i.field_name
             FROM json_each(?) AS k CROSS JOIN integration_sync_item AS i ON i.id = k.value
             WHERE i.target_id IS NOT NULL AND i.field_name IS NOT NULL AND i.source_system_key IS NOT NULL",
            [array(items)?],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        fields.sort_unstable();
        let place = |(source, table, ..): &Field| (source.clone(), table.clone());
        for of_one in fields.chunk_by(|one, next| place(one) == place(next)) {
            let spoken = Spoken { source: &of_one[0].0, table: &of_one[0].1 };
            let fields: Vec<(&str, &str)> = of_one.iter().map(|(.., target, field)| (&**target, &**field)).collect();
            self.keep_words_of_items(spoken, &fields)?;
        }
        Ok(())
    }

    /// The identifiers and value maps that a delivery made, by the operations that took it in. One that brought no item made
    /// identifiers that were first seen when the delivery was submitted.
    pub fn made_by(&self, job: i64) -> Result<Made> {
        let sql = format!(
            "SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2
             FROM operation AS o CROSS JOIN json_each(o.rows_created) AS r
             CROSS JOIN integration_sync_job AS j ON j.id = ?1
             WHERE o.kind = 'ingest' AND r.value ->> 0 IN ('{identifier}', '{map}')
               AND coalesce(
                    (SELECT i.integration_sync_job FROM json_each(o.rows_created) AS x
                     CROSS JOIN integration_sync_item AS i ON i.id = x.value ->> 1 WHERE x.value ->> 0 = '{item}'),
                    (SELECT ?1 FROM json_each(o.rows_created) AS x
                     CROSS JOIN integration_identifier AS n ON n.id = x.value ->> 1
                     WHERE x.value ->> 0 = '{identifier}' AND n.source_system_key = j.source_system_key
                       AND n.target_table = j.target_table AND n.first_seen_date_time = j.submitted_date_time)) = ?1
             ORDER BY o.seq",
            identifier = IDENTIFIER.name,
            map = VALUE_MAP.name,
            item = ITEM.name,
        );
        let read = |row: &Row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
        let mut made = Made::default();
        for (table, range) in self.rows::<(String, (i64, i64))>(&sql, [job], read)? {
            let ranges = if table == IDENTIFIER.name { &mut made.identifiers } else { &mut made.value_maps };
            ranges.push(range);
        }
        Ok(made)
    }

    /// The active identifiers of a range that are as a delivery made them, each with whether anything used it since: another
    /// delivery, another key of its record, or a person.
    pub fn made_identifiers(&self, job: i64, (first, last): (i64, i64)) -> Result<Vec<(i64, bool)>> {
        self.rows(
            "SELECT n.id, n.row_version > 1 AND EXISTS (SELECT 1 FROM operation_change AS c CROSS JOIN json_each(c.after) AS a
                           WHERE c.table_name = 'integration_identifier' AND c.row_id = n.id
                             AND a.key NOT IN ('statecode', 'statuscode'))
                OR EXISTS (SELECT 1 FROM integration_identifier AS o WHERE o.target_id = n.target_id
                           AND o.target_table = n.target_table AND o.id <> n.id AND o.statecode = 0)
                OR EXISTS (SELECT 1 FROM last_repeat AS r CROSS JOIN integration_sync_job AS j ON j.id = r.job
                           WHERE r.identifier = n.id AND r.job <> ?1 AND j.statecode = 0)
                OR EXISTS (SELECT 1 FROM last_word AS w CROSS JOIN integration_sync_job AS j ON j.id = w.job
                           WHERE w.identifier = n.id AND w.job <> ?1 AND j.statecode = 0)
                OR EXISTS (SELECT 1 FROM integration_sync_item AS i CROSS JOIN integration_sync_job AS j
                           ON j.id = i.integration_sync_job
                           WHERE i.target_id = n.target_id AND i.target_table = n.target_table AND j.id <> ?1
                             AND j.statecode = 0)
                OR EXISTS (SELECT 1 FROM integration_ledger AS l WHERE l.target_id = n.target_id
                           AND l.target_table = n.target_table AND l.sync_item IS NULL AND l.statecode = 0)
             FROM integration_identifier AS n WHERE n.id BETWEEN ?2 AND ?3 AND n.statecode = 0 ORDER BY n.id",
            (job, first, last),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The proposals of a range that nobody decided and for which no value of another delivery waits.
    pub fn made_proposals(&self, job: i64, (first, last): (i64, i64)) -> Result<Vec<i64>> {
        let sql = format!(
            "SELECT m.id FROM integration_value_map AS m
             WHERE m.id BETWEEN ?2 AND ?3 AND m.statecode = 0 AND m.state = {}
               AND NOT EXISTS (SELECT 1 FROM integration_sync_item AS i WHERE i.value_map = m.id AND i.state = 4
                               AND i.integration_sync_job <> ?1) ORDER BY m.id",
            MapState::Proposed.code()
        );
        self.rows(&sql, (job, first, last), |row| row.get(0))
    }

    /// The entries in which somebody vouches for all that a delivery brought.
    pub fn attestations_of(&self, job: i64) -> Result<Vec<i64>> {
        self.rows(
            "SELECT l.id FROM integration_sync_job AS j CROSS JOIN integration_ledger AS l
             ON l.target_id = coalesce(j.delivery_id, j.job_id) AND l.aspect_key = 'sha256:' || j.delivery_sha256
             WHERE j.id = ? AND l.target_table = j.target_table AND l.ledger_aspect = 166840003 AND l.statecode = 0
               AND l.ledger_status = 166840001",
            [job],
            |row| row.get(0),
        )
    }

    /// The keys of some that went out of use when the delivery that had made them was withdrawn: key and identifier, the
    /// newest of each key last.
    pub fn withdrawn_keys(&self, spoken: Spoken, keys: &[&str]) -> Result<Vec<(String, i64)>> {
        self.rows(
            &format!(
                "SELECT n.external_key, n.id FROM json_each(?3) AS k CROSS JOIN integration_identifier AS n
                 ON n.external_key = k.value AND n.source_system_key = ?1 AND n.target_table = ?2
                 WHERE n.statecode = 1 AND (
                    SELECT o.kind = 'withdraw' OR o.kind = 'part' AND o.reason GLOB '{0}*' AND EXISTS (
                        SELECT 1 FROM operation AS h WHERE h.kind = 'withdraw'
                            AND h.seq = CAST(substr(o.reason, length('{0}') + 1) AS INTEGER))
                    FROM operation_change AS c CROSS JOIN operation AS o ON o.seq = c.seq
                    WHERE c.table_name = '{1}' AND c.row_id = n.id ORDER BY c.seq DESC LIMIT 1)
                 ORDER BY n.id",
                GOES_ON, IDENTIFIER.name
            ),
            (spoken.source, spoken.table, array(keys)?),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The last operation that withdrew a delivery, as the log tells.
    pub fn withdrawn_by(&self, job: i64) -> Result<Option<i64>> {
        let sql = "SELECT c.seq FROM operation_change AS c CROSS JOIN operation AS o ON o.seq = c.seq
                   WHERE c.table_name = 'integration_sync_job' AND c.row_id = ? AND o.kind = 'withdraw'
                   ORDER BY c.seq DESC LIMIT 1";
        Ok(self.tx.prepare_cached(sql)?.query_row([job], |row| row.get(0)).optional()?)
    }
}

/// The operations of `g`, each once: what they made of items and entries, and the newest item before and the newest job by
/// then. A delivery's chunks are few beside their rows, and the way back to what was made before may be long.
fn operations() -> String {
    let made = |table: &str, end: u8| {
        format!("(SELECT m.value ->> {end} FROM json_each(p.rows_created) AS m WHERE m.value ->> 0 = '{table}')")
    };
    let newest = |table: &str, then: &str| {
        format!(
            "coalesce((SELECT m.value ->> 2 FROM operation AS q CROSS JOIN json_each(q.rows_created) AS m
                       WHERE q.seq {then} p.seq AND m.value ->> 0 = '{table}' ORDER BY q.seq DESC LIMIT 1), 0)"
        )
    };
    format!(
        "SELECT p.seq, p.kind, {} AS first_item, {} AS last_item, {} AS first_entry, {} AS last_entry,
            {} AS item_before, {} AS newest_job
         FROM (SELECT DISTINCT by FROM g) AS b CROSS JOIN operation AS p ON p.seq = b.by",
        made(ITEM.name, 1),
        made(ITEM.name, 2),
        made(LEDGER.name, 1),
        made(LEDGER.name, 2),
        newest(ITEM.name, "<"),
        newest(JOB.name, "<=")
    )
}

/// The change `d` is not that of an undo of a withdrawal, which only puts back what the withdrawn word had done.
const FIRST: &str = "NOT EXISTS (SELECT 1 FROM operation AS o CROSS JOIN operation AS h
        ON h.seq = coalesce(o.undoes, iif(o.kind = 'part' AND o.reason GLOB '<TAKES_BACK>*',
            CAST(substr(o.reason, length('<TAKES_BACK>') + 1) AS INTEGER), NULL))
        WHERE o.seq = d.seq AND h.kind = 'withdraw')";

/// Entries of a source that are inactive: the operation that made them so, and what that made of their item.
const ENTRIES: &str = "SELECT l.id AS entry, i.id AS item, k.value ->> 0 AS target, k.value ->> 1 AS field,
        i.integration_sync_job AS job, i.sequence AS sequence, c.seq AS by,
        iif(i.state = 7, (SELECT d.before ->> 'state' FROM operation_change AS d INDEXED BY operation_change_row WHERE d.seq = c.seq
            AND d.table_name = 'integration_sync_item' AND d.row_id = i.id), NULL) AS was
    FROM json_each(?3) AS k CROSS JOIN integration_ledger AS l ON l.target_id = k.value ->> 0
        AND l.aspect_key = k.value ->> 1 AND l.target_table = ?1
    CROSS JOIN integration_sync_item AS i ON i.id = l.sync_item
    CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.statecode = 0
    CROSS JOIN operation_change AS c INDEXED BY operation_change_row ON c.table_name = 'integration_ledger' AND c.row_id = l.id
        AND c.seq = (SELECT d.seq FROM operation_change AS d WHERE d.table_name = 'integration_ledger'
            AND d.row_id = l.id AND d.after ->> 'statecode' = 1 AND <FIRST> ORDER BY d.seq DESC LIMIT 1)
        AND c.after ->> 'statecode' = 1
    WHERE l.source_system_key = ?2 AND l.ledger_aspect = 166840000 AND l.statecode = 1 AND i.statecode = 0
        AND l.ledger_status IN (166840000, 166840001)";

/// Items of a source that were held, and gave way.
const HELD: &str = "SELECT NULL AS entry, i.id AS item, k.value ->> 0 AS target, k.value ->> 1 AS field,
        i.integration_sync_job AS job, i.sequence AS sequence, c.seq AS by, c.before ->> 'state' AS was
    FROM json_each(?3) AS k CROSS JOIN integration_sync_item AS i INDEXED BY sync_item_target
        ON i.target_id = k.value ->> 0 AND i.field_name = k.value ->> 1 AND i.target_table = ?1
    CROSS JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.statecode = 0
        AND j.direction = 166840000
    CROSS JOIN operation_change AS c INDEXED BY operation_change_row ON c.table_name = 'integration_sync_item' AND c.row_id = i.id
        AND c.seq = (SELECT d.seq FROM operation_change AS d WHERE d.table_name = 'integration_sync_item'
            AND d.row_id = i.id AND d.after ->> 'state' = 7 AND <FIRST> ORDER BY d.seq DESC LIMIT 1)
        AND c.after ->> 'state' = 7 AND c.before ->> 'state' = 4
    WHERE i.source_system_key = ?2 AND i.state = 7 AND i.statecode = 0 AND i.ledger IS NULL";
