//! The last words of a store that kept none: format 4 takes them from its items, entries and clocks.

use std::collections::BTreeMap;

use rusqlite::Transaction;

use super::migrate::of_schema;
use super::words::said;
use crate::model::text::{counted, grouped};

/// A key's repeats of one delivery, by identifier and job: the fields, in order.
type Repeats = BTreeMap<(i64, i64), Vec<String>>;

/// What a key delivered last of each field, where no entry of the record says so: late values are no words. A delivered
/// value's place is its job and its record's place in that, which all attempts at it have in common.
const WORDS: &str = "
    SELECT identifier, field, raw, job, sequence, state FROM (
        SELECT n.id AS identifier, n.target_id AS target, n.source_system_key AS source, n.target_table AS table_name,
               n.external_key AS external_key, i.field_name AS field, i.raw_value AS raw,
               i.integration_sync_job AS job, i.sequence AS sequence, i.state AS state,
               row_number() OVER (PARTITION BY n.id, i.field_name
                                  ORDER BY i.integration_sync_job DESC, i.sequence DESC, i.id DESC) AS place
        FROM integration_sync_item AS i
        JOIN integration_sync_job AS j ON j.id = i.integration_sync_job AND j.direction = 166840000
        JOIN integration_identifier AS n ON n.id = (
            SELECT min(k.id) FROM integration_identifier AS k WHERE k.external_key = i.external_key
               AND k.source_system_key = i.source_system_key AND k.target_table = i.target_table AND k.statecode = 0)
        WHERE i.parent_item IS NULL AND i.target_id IS NOT NULL AND i.field_name IS NOT NULL
          AND NOT (i.state = 7 AND i.statecode = 0 AND i.ledger IS NULL AND i.code IS NULL)
    ) AS w
    WHERE place = 1 AND raw IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM integration_ledger AS l JOIN integration_sync_item AS x ON x.id = l.sync_item
        WHERE l.target_id = w.target AND l.aspect_key = w.field AND l.target_table = w.table_name
          AND l.source_system_key = w.source AND x.external_key = w.external_key
          AND x.integration_sync_job = w.job AND x.sequence = w.sequence)";

/// The deliveries that restarted the clock of a value in force, as far as they can be told: a source's job that was running
/// then, of the one key by which it knows the record.
const CLOCKS: &str = "
    SELECT n.id, j.id, c.field_name
    FROM current_value AS c JOIN integration_ledger AS l ON l.id = c.ledger
    JOIN integration_identifier AS n ON n.target_id = c.target_id AND n.target_table = c.target_table
        AND n.source_system_key = l.source_system_key AND n.statecode = 0
    JOIN integration_sync_job AS j ON j.id = (
        SELECT max(k.id) FROM integration_sync_job AS k WHERE k.source_system_key = l.source_system_key
           AND k.target_table = c.target_table AND k.direction = 166840000 AND k.created_on <= c.confirmed_on
           AND coalesce(k.finished_on >= c.confirmed_on, 1))
    WHERE c.confirmed_on > l.created_on AND j.submitted_date_time > l.source_date_time
    GROUP BY c.target_table, c.target_id, c.field_name HAVING count(*) = 1
    ORDER BY 1, 2, 3";

/// Keys that were seen later than any word or repeat of theirs that is known.
const UNKNOWN: &str = "
    SELECT count(*) FROM integration_identifier AS n WHERE n.statecode = 0 AND n.last_seen_date_time > coalesce((
        SELECT max(at) FROM (
            SELECT i.source_date_time AS at FROM integration_sync_item AS i WHERE i.target_id = n.target_id
                AND i.external_key = n.external_key AND i.source_system_key = n.source_system_key
            UNION ALL
            SELECT j.submitted_date_time FROM last_repeat AS r JOIN integration_sync_job AS j ON j.id = r.job
                WHERE r.identifier = n.id)), 0)";

/// Adds the tables of last words and fills them.
pub(super) fn upgrade(tx: &Transaction, tell: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    tx.execute_batch("DROP INDEX ledger_rejected; DROP INDEX sync_job_delivery;")?;
    for what in [
        "TABLE binding_change", "INDEX sync_job_delivery", "INDEX sync_job_withdrawn", "INDEX sync_item_unplaced",
        "INDEX ledger_turned_down", "TABLE last_word", "TABLE last_repeat", "TABLE field_set",
    ] {
        tx.execute_batch(of_schema(what))?;
    }
    let words = words(tx)?;
    repeats(tx)?;
    let unknown: i64 = tx.query_row(UNKNOWN, [], |row| row.get(0))?;
    if words > 0 {
        tell(&format!("The last words of {} are kept besides what the ledger says.", counted(words, "value")));
    }
    if unknown > 0 {
        tell(&format!(
            "Of {} it is not known when their values were last repeated: until they deliver again, an older delivery may \
             count as newer than such a repeat.",
            if unknown == 1 { "one key".into() } else { format!("{} keys", grouped(unknown)) }
        ));
    }
    Ok(())
}

fn words(tx: &Transaction) -> rusqlite::Result<i64> {
    let mut statement = tx.prepare(WORDS)?;
    let mut rows = statement.query([])?;
    let mut n = 0;
    while let Some(row) = rows.next()? {
        let (identifier, field, raw): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (job, sequence, state): (i64, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let set = field_set(tx, &[field])?;
        // 6 (Rejected) without an entry: closed, since a person had rejected the same before.
        let sql = "INSERT INTO last_word (identifier, field, said, job, sequence, closed) VALUES (?, ?, ?, ?, ?, ?)";
        tx.prepare_cached(sql)?.execute((identifier, set, said(&raw), job, sequence, i64::from(state == 6)))?;
        n += 1;
    }
    Ok(n)
}

fn repeats(tx: &Transaction) -> rusqlite::Result<()> {
    let mut found: Repeats = BTreeMap::new();
    let mut statement = tx.prepare(CLOCKS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        found.entry((row.get(0)?, row.get(1)?)).or_default().push(row.get(2)?);
    }
    for ((identifier, job), fields) in found {
        let set = field_set(tx, &fields)?;
        tx.prepare_cached(
            "INSERT INTO last_repeat (identifier, fields, job) VALUES (?, ?, ?)
                           ON CONFLICT DO UPDATE SET job = excluded.job",
        )?
        .execute((identifier, set, job))?;
    }
    Ok(())
}

/// The set of some fields, which come in order.
fn field_set(tx: &Transaction, fields: &[String]) -> rusqlite::Result<i64> {
    let text = serde_json::Value::from(fields).to_string();
    tx.prepare_cached("INSERT OR IGNORE INTO field_set (fields) VALUES (?)")?.execute([&text])?;
    tx.prepare_cached("SELECT id FROM field_set WHERE fields = ?")?.query_row([&text], |row| row.get(0))
}
