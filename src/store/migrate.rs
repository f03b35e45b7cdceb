//! The schema of a new store, and the steps from each older format to the next.
//!
//! The version is the index: `STEPS[n]` brings format n + 1 to format n + 2. A test holds that upgraded equals fresh.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rusqlite::{OpenFlags, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::log::{Draft, host};
use super::logged::VALUE_MAP;
use super::open::{APPLICATION_ID, Store, shown};
use super::sql::folded;
use super::write::{ENGINE_LOGIN, Val, Write, Writer};
use crate::model::text::normal;
use crate::model::time;

pub(super) const SCHEMA: &str = include_str!("../../schema.sql");

/// One step; it runs in the upgrade's transaction.
type Step = fn(&Transaction) -> rusqlite::Result<()>;

const STEPS: &[Step] = &[items_of_one_source, fields_are_known, decided_stays];

/// The format that this program writes, in SQLite's `user_version`.
pub(super) const FORMAT: i32 = STEPS.len() as i32 + 1;

/// Format 2: the items of one source have an index.
fn items_of_one_source(tx: &Transaction) -> rusqlite::Result<()> {
    tx.execute_batch(
        "CREATE INDEX IF NOT EXISTS sync_item_source ON integration_sync_item (source_system_key) WHERE id > 0",
    )
}

/// Format 3: delivered fields have one spelling, that of the first delivery that named them. Fields which were taken for
/// two because of it stay two; from now on what is delivered belongs to the first.
fn fields_are_known(tx: &Transaction) -> rusqlite::Result<()> {
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
fn decided_stays(_tx: &Transaction) -> rusqlite::Result<()> {
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

/// Brings an older store up to date in one transaction, after a copy of it was put beside it, and says so in the log.
pub(super) fn upgrade(store: &Store, tell: &mut dyn FnMut(&str)) -> Result<()> {
    let mut writer = Writer::open(store, Arc::new(Uuid::now_v7))?;
    let mut write = writer.begin(time::now())?;
    let version: i32 = write.tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version >= FORMAT {
        // Another program was faster.
        return Ok(());
    }
    let copy = copy_path(store, version);
    tell(&format!(
        "Bringing the store {store} from format {version} to {FORMAT}; a copy of it as it is goes to {} first.",
        shown(&copy)
    ));
    put_copy(store, &copy)
        .with_context(|| format!("no copy can be made at {}: make room for it, then try again", shown(&copy)))?;
    for step in &STEPS[(version - 1) as usize..] {
        step(&write.tx)?;
    }
    if version < FOLDS {
        fold_codes(&mut write)?;
    }
    write.tx.pragma_update(None, "user_version", FORMAT)?;
    let summary = format!("Brought the store from format {version} to {FORMAT}");
    let (kind, host) = ("upgrade", host());
    write.commit(&Draft {
        kind,
        summary: &summary,
        actor: ENGINE_LOGIN,
        role: "none",
        host: &host,
        ..Draft::default()
    })?;
    Ok(())
}

/// Where the copy of an older store goes: beside it, by the format that it has.
fn copy_path(store: &Store, version: i32) -> PathBuf {
    let mut name = store.path().as_os_str().to_owned();
    name.push(format!(".format{version}"));
    name.into()
}

/// Copies what the store holds by now, for its owner alone.
fn put_copy(store: &Store, copy: &Path) -> Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(copy)?;
    let from = store.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    from.backup("main", copy, None::<fn(rusqlite::backup::Progress)>)?;
    Ok(())
}
