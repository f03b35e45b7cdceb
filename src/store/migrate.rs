//! The schema of a new store, and the steps from each older format to the next.
//!
//! The version is the index: `STEPS[n]` brings format n + 1 to format n + 2. A test holds that upgraded equals fresh.

use anyhow::{Context, Result};
use rusqlite::{Transaction, TransactionBehavior};

use super::open::{APPLICATION_ID, Store};

pub(super) const SCHEMA: &str = include_str!("../../schema.sql");

/// One step; it runs in the upgrade's transaction.
type Step = fn(&Transaction) -> Result<()>;

const STEPS: &[Step] = &[];

/// The format that this program writes, in SQLite's `user_version`.
pub(super) const FORMAT: i32 = STEPS.len() as i32 + 1;

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

/// Brings an older store up to date in one transaction, after a copy of it was put beside it.
pub(super) fn upgrade(store: &Store, version: i32) -> Result<()> {
    let mut conn = store.writer()?;
    let copy = store.path().with_extension(format!("format{version}.backup"));
    conn.backup("main", &copy, None::<fn(rusqlite::backup::Progress)>)
        .with_context(|| format!("The copy before the upgrade failed: {}", copy.display()))?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    for step in &STEPS[(version - 1) as usize..] {
        step(&tx)?;
    }
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.commit()?;
    Ok(())
}
