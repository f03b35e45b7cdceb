//! Whole copies of a store, while others read and write it.
//!
//! All pages are copied as they are at one moment: the copy reads, and in a write-ahead log who reads keeps nobody from writing.
//! Rebuilding the file row by row (`VACUUM INTO`) would take several times as long, for a smaller file.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

/// Pages that are copied between two looks at whether all is done, 16 MB.
const PAGES: i32 = 4096;

/// Looks at a store that cannot be read right now, 10 ms apart.
const TRIES: usize = 1000;

/// Copies what a store holds at this moment into a new file, for its owner alone.
pub(super) fn copy(from: &Connection, to: &Path) -> Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let mut into = Connection::open(to)?;
    // Until it has its name the copy is nobody's: where this is cut off it is thrown away, and at the end it is synced once.
    into.pragma_update(None, "journal_mode", "OFF")?;
    into.pragma_update(None, "synchronous", "OFF")?;
    // No page is looked at twice.
    into.pragma_update(None, "cache_size", -2000)?;
    from.execute_batch("BEGIN")?;
    let copied = all_pages(from, &mut into);
    from.execute_batch("COMMIT")?;
    copied
}

fn all_pages(from: &Connection, into: &mut Connection) -> Result<()> {
    // Reads, so that every step is of the same moment, whatever others write.
    from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(from, into)?;
    for _ in 0..TRIES {
        loop {
            match backup.step(PAGES)? {
                StepResult::Done => return Ok(()),
                StepResult::More => {}
                _ => break,
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("it cannot be read while others have it for themselves: try again")
}
