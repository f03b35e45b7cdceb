//! The schema of a new store, and the steps from each older format to the next.
//!
//! The version is the index: `STEPS[n]` brings format n + 1 to format n + 2. A test holds that upgraded equals fresh.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::{Context, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::beside::beside;
use super::copies;
use super::log::{Draft, host};
use super::logged::VALUE_MAP;
use super::open::{APPLICATION_ID, Store, shown};
use super::sql::folded;
use super::unfinished::Unfinished;
use super::words_upgrade;
use super::write::{ENGINE_LOGIN, Val, Write, Writer};
use crate::model::choice::JobState;
use crate::model::text::normal;
use crate::model::time;

pub(super) const SCHEMA: &str = include_str!("../../schema.sql");

/// One step; it runs in the upgrade's transaction, and tells what a person should know of it.
type Step = fn(&Transaction, &mut dyn FnMut(&str)) -> rusqlite::Result<()>;

const STEPS: &[Step] =
    &[items_of_one_source, fields_are_known, decided_stays, runs_own_their_jobs, what_is_kept_is_covered];

/// The format that this program writes, in SQLite's `user_version`.
pub(super) const FORMAT: i32 = STEPS.len() as i32 + 1;

/// Format 2: the items of one source have an index.
fn items_of_one_source(tx: &Transaction, _: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE INDEX IF NOT EXISTS sync_item_source ON integration_sync_item (source_system_key) WHERE id > 0",
    )
}

/// Format 3: delivered fields have one spelling, that of the first delivery that named them. Fields which were taken for
/// two because of it stay two; from now on what is delivered belongs to the first.
fn fields_are_known(tx: &Transaction, _: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    let sql = "SELECT field_name FROM integration_sync_item WHERE field_name IS NOT NULL GROUP BY 1 ORDER BY min(id)";
    let mut statement = tx.prepare(sql)?;
    let mut names = statement.query([])?;
    let mut met = HashSet::new();
    while let Some(row) = names.next()? {
        let name: String = row.get(0)?;
        if met.insert(folded(&name)) {
            // A binding may have spelled it otherwise, which its rows take no harm from: they compare without case.
            tx.prepare_cached("INSERT OR REPLACE INTO vocabulary (kind, folded, spelling) VALUES ('field', ?, ?)")?
                .execute((folded(&name), &name))?;
        }
    }
    Ok(())
}

/// Format 4: what a person decided stays decided. Each of its parts stands by itself.
fn decided_stays(tx: &Transaction, tell: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    emptied_values_are_held(tx)?;
    items_can_be_closed(tx)?;
    hands_are_found(tx)?;
    words_upgrade::upgrade(tx, tell)
}

/// Format 5: a run that takes a delivery in owns its job.
fn runs_own_their_jobs(tx: &Transaction, _: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    for option in JobState::SET.options {
        let sql = "INSERT OR REPLACE INTO choice (choice_set, code, label) VALUES (?, ?, ?)";
        tx.execute(sql, (JobState::SET.name, option.code, option.label))?;
    }
    tx.execute_batch(of_schema("TABLE job_lease"))
}

/// Format 6: operations vouch for what is kept beside the log, and say which rows they changed. Those that there are stay
/// as they are; the upgrade's own operation is the first that does.
fn what_is_kept_is_covered(tx: &Transaction, _: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    redefine(tx, &["operation"])?;
    what_is_disposed_of_is_gone(tx)
}

/// Format 6, too: rows can be disposed of again, and what must not be is held. Disposals of before left bytes in the file.
fn what_is_disposed_of_is_gone(tx: &Transaction) -> rusqlite::Result<()> {
    let before: Vec<(String, i64, i64, i64, Vec<u8>)> = tx
        .prepare("SELECT table_name, row_id, seq, ordinal, leaf FROM disposed")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<rusqlite::Result<_>>()?;
    tx.execute_batch("DROP TABLE disposed")?;
    tx.execute_batch(of_schema("TABLE disposed"))?;
    for row in before {
        let sql = "INSERT INTO disposed (table_name, row_id, seq, ordinal, leaf) VALUES (?, ?, ?, ?, ?)";
        tx.prepare_cached(sql)?.execute(row)?;
    }
    for made in [
        "UNIQUE INDEX disposed_seq",
        "TRIGGER disposed_no_update",
        "TRIGGER disposed_no_delete",
        "TABLE disposed_earlier",
        "TRIGGER disposed_earlier_no_update",
        "TRIGGER disposed_earlier_no_delete",
        "TABLE erasure",
        "TABLE legal_hold",
    ] {
        tx.execute_batch(of_schema(made))?;
    }
    Ok(())
}

/// The statement of the schema that makes something: `TABLE setting`, `INDEX sync_item_job`.
pub(super) fn of_schema(what: &str) -> &'static str {
    let begins = format!("\nCREATE {what} ");
    let from = SCHEMA.find(&begins).map_or(SCHEMA.len(), |at| at + 1);
    let length = SCHEMA[from..].find(";\n").map_or(0, |at| at + 1);
    &SCHEMA[from..from + length]
}

/// Bindings say what becomes of a value that became empty. Those that there are say nothing of it.
fn emptied_values_are_held(tx: &Transaction) -> rusqlite::Result<()> {
    tx.execute_batch(
        "INSERT OR REPLACE INTO choice (choice_set, code, label)
         VALUES ('On Empty', 0, 'hold'), ('On Empty', 1, 'default'), ('On Empty', 2, 'send')",
    )?;
    redefine(tx, &["code_binding"])
}

/// Sync items can be closed for good, and jobs count those.
fn items_can_be_closed(tx: &Transaction) -> rusqlite::Result<()> {
    tx.execute("INSERT OR IGNORE INTO choice (choice_set, code, label) VALUES ('Item State', 9, 'Closed')", [])?;
    redefine(tx, &["integration_sync_item", "integration_sync_job", "v_integration_sync_job"])
}

/// Who acted for somebody, and who made a binding, is found without a look at the whole log.
fn hands_are_found(tx: &Transaction) -> rusqlite::Result<()> {
    for index in ["INDEX operation_for_somebody", "INDEX operation_of_bindings"] {
        tx.execute_batch(of_schema(index))?;
    }
    Ok(())
}

/// Gives tables and views the definition that a new store has, where no byte of a row or an index is another for it: a
/// CHECK that allows more, a column with a default behind all others. It is the way that SQLite's manual names for such
/// changes ("Making other kinds of table schema changes"), in the upgrade's transaction: nothing is copied, however large
/// the store is.
fn redefine(tx: &Transaction, names: &[&str]) -> rusqlite::Result<()> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(SCHEMA)?;
    let version: i64 = tx.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
    tx.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    tx.pragma_update(None, "writable_schema", true)?;
    for name in names {
        let sql: String = fresh.query_row("SELECT sql FROM sqlite_schema WHERE name = ?", [name], |row| row.get(0))?;
        tx.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, name))?;
    }
    // Every connection, and this one at once, reads the definitions anew.
    tx.pragma_update(None, "schema_version", version + 1)?;
    tx.pragma_update(None, "writable_schema", "RESET")?;
    tx.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// The format from which on source codes are compared by full case folding.
const FOLDS: i32 = 4;

/// Format 4, too: source codes fold in full, so that `Straße` is `STRASSE`. What they fold to is covered by the log, so the few
/// that change do so in the upgrade's own operation.
fn fold_codes(write: &mut Write) -> Result<()> {
    // A code in ASCII folds as it did.
    let codes: Vec<(i64, String, String)> = write.rows(
        "SELECT id, source_code, normal_code FROM integration_value_map
         WHERE length(source_code) < length(CAST(source_code AS BLOB))",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    for (id, code, before) in codes {
        let normal = normal(&code);
        if normal != before {
            write.change(&VALUE_MAP, id, &[("normal_code", Val::Text(&normal))])?;
        }
    }
    Ok(())
}

/// Fills the empty file of a new store.
pub(super) fn fresh(store: &Store) -> Result<()> {
    let mut conn = store.writer()?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    tx.execute_batch(SCHEMA).context("The new store's tables cannot be made")?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.commit()?;
    Ok(())
}

/// Brings an older store up to date in one transaction, and says so in the log. With `keep`, a copy of it is put beside it first.
pub(super) fn upgrade(store: &Store, keep: bool, tell: &mut dyn FnMut(&str)) -> Result<()> {
    let mut writer = Writer::open_older(store, Arc::new(Uuid::now_v7))?;
    let mut write = writer.begin(time::now())?;
    let version: i32 = write.tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version >= FORMAT {
        // Another program was faster.
        return Ok(());
    }
    if keep {
        keep_copy(store, version, tell)?;
    }
    let mut told: Vec<String> = Vec::new();
    for step in &STEPS[(version - 1) as usize..] {
        step(&write.tx, &mut |said| told.push(said.to_string()))?;
    }
    told.iter().for_each(|said| tell(said));
    if version < FOLDS {
        fold_codes(&mut write)?;
    }
    write.tx.pragma_update(None, "user_version", FORMAT)?;
    let summary = format!("Brought the store from format {version} to {FORMAT}");
    let (kind, host) = ("upgrade", host());
    write.commit(&Draft {
        kind,
        summary: &summary,
        reason: (!told.is_empty()).then_some(told.join(" ")).as_deref(),
        actor: ENGINE_LOGIN,
        role: "none",
        host: &host,
        ..Draft::default()
    })?;
    Ok(())
}

/// Puts a copy of what the store holds by now beside it, for its owner alone and under a name that was free. A half copy does
/// not stay.
fn keep_copy(store: &Store, version: i32, tell: &mut dyn FnMut(&str)) -> Result<()> {
    let name = |nth: u32| match nth {
        1 => beside(store.path(), &format!(".format{version}")),
        _ => beside(store.path(), &format!(".format{version}.{nth}")),
    };
    // What is there may be another's, or lead elsewhere: it is not looked into.
    let mut nth = (1..).find(|nth| name(*nth).symlink_metadata().is_err()).unwrap_or(1);
    tell(&format!(
        "Bringing the store {store} from format {version} to {FORMAT}; a copy of it as it is goes to {} first.",
        shown(&name(nth))
    ));
    let cannot = |nth| format!("no copy can be made at {}: make room for it, then try again", shown(&name(nth)));
    let folder = Unfinished::begin(&name(1)).with_context(|| cannot(nth))?;
    let from = store.connect()?;
    copies::copy(&from, store.read_path(), folder.file()).with_context(|| cannot(nth))?;
    drop(from);
    if let Some(there) = (1..nth).map(name).find(|there| copies::is_the_same(folder.file(), there)) {
        tell(&format!("{} is that copy, of an upgrade that was cut off.", shown(&there)));
        return Ok(());
    }
    while let Err(error) = folder.place(&name(nth)) {
        if error.kind() != ErrorKind::AlreadyExists {
            return Err(error).with_context(|| cannot(nth));
        }
        // Somebody put something there meanwhile.
        nth += 1;
        tell(&format!("The copy goes to {}.", shown(&name(nth))));
    }
    Ok(())
}
