//! What became of a transaction that could not be written: known to have changed nothing, or not known.
//!
//! # After a failed COMMIT
//! The pages may lie in the log beside the file, as far as a disk took them, and whoever reads that log after a power cut
//! would take them for committed. So the operation is looked for; where it is not there, something else is committed in its
//! place, which overwrites them. Only after that it is known that nothing was changed.

use anyhow::Result;
use rusqlite::{OptionalExtension, TransactionBehavior};
use uuid::Uuid;

use super::open::Store;

/// Nothing of a transaction was written, and that is known. What is one step of more says only why it ended.
#[derive(Debug, thiserror::Error)]
#[error("{said}: nothing was changed.{remedy}")]
pub struct Untouched {
    said: String,
    remedy: &'static str,
}

impl Untouched {
    pub fn new(said: impl Into<String>, remedy: &'static str) -> Untouched {
        Untouched { said: said.into(), remedy }
    }

    /// As a part of what was done for another part.
    pub fn step(&self) -> String {
        format!("{}.{}", self.said, self.remedy)
    }
}

/// It is not known whether a transaction was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "The commit failed ({failed}), and it is not known whether it was done after all: {why}. To see it: steward history. Or run \
     the same command again: what was done is not done twice."
)]
pub struct Unknown {
    failed: String,
    why: String,
}

/// Finds out what became of an operation whose commit failed. Answers its number where it stands.
pub(super) fn find_out(store: &Store, operation: Uuid, failed: &rusqlite::Error) -> Result<i64> {
    match settle(store, operation) {
        Ok(Some(seq)) => Ok(seq),
        Ok(None) => Err(Untouched::new(format!("The commit failed ({failed})"), "").into()),
        Err(why) => Err(Unknown { failed: failed.to_string(), why: format!("{why:#}") }.into()),
    }
}

/// Looks for an operation; where it is not there, sees to it that it does not come.
fn settle(store: &Store, operation: Uuid) -> Result<Option<i64>> {
    let mut conn = store.writer()?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = tx
        .query_row("SELECT seq FROM operation WHERE op_id = ?", [operation.as_bytes().as_slice()], |row| row.get(0))
        .optional()?;
    if found.is_some() {
        return Ok(found);
    }
    // A page of any content will do.
    let version: i32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    tx.pragma_update(None, "user_version", version)?;
    tx.commit()?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Actor, Context, Engine};

    fn failed() -> rusqlite::Error {
        rusqlite::Error::InvalidQuery
    }

    #[test]
    fn what_became_of_a_commit_that_failed_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let store = Engine::create(&path, Context::new(Actor::new("ada"))).unwrap().store().clone();
        let there: Vec<u8> = {
            let conn = rusqlite::Connection::open(&path).unwrap();
            conn.query_row("SELECT op_id FROM operation", [], |row| row.get(0)).unwrap()
        };
        let there = Uuid::from_slice(&there).unwrap();
        assert_eq!(find_out(&store, there, &failed()).unwrap(), 1, "it stands");

        let absent = find_out(&store, Uuid::now_v7(), &failed()).unwrap_err();
        let untouched = absent.downcast_ref::<Untouched>().unwrap();
        assert!(absent.to_string().ends_with("nothing was changed."), "{absent}");
        assert!(!untouched.step().contains("nothing was changed"), "{}", untouched.step());

        std::fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
        let unknown = find_out(&store, there, &failed()).unwrap_err();
        assert!(unknown.is::<Unknown>());
        assert!(unknown.to_string().contains("it is not known whether it was done after all"), "{unknown}");
        assert!(unknown.to_string().contains("steward history"), "{unknown}");
    }
}
