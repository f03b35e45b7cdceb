//! Copies of a store that lie in its folder: backups, what an upgrade kept, former stores that were put aside.
//!
//! They are only looked at: each is read as it is, without what lies beside it, and no byte of it is written.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags};

use super::log::store_id;
use super::open::{APPLICATION_ID, MARK_AT, Store, shown};

impl Store {
    /// The copies of this store in its folder, by name.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn copies_beside(&self) -> Result<Vec<PathBuf>> {
        let own = self.reader()?.digest()?.store_id;
        let folder = self.path().parent().unwrap_or(Path::new("/"));
        let unread = || format!("The folder {} cannot be read", shown(folder));
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(unread)? {
            let path = entry.with_context(unread)?.path();
            let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
            if is_file && path != self.path() && is_marked(&path) && may_be(&path, &own) {
                found.push(path);
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn is_marked(path: &Path) -> bool {
    let mut mark = [0; 4];
    let read = File::open(path).and_then(|file| file.read_exact_at(&mut mark, MARK_AT));
    read.is_ok() && i32::from_be_bytes(mark) == APPLICATION_ID
}

/// Whether a file is of the store with an id; one that cannot be read may be, too.
fn may_be(path: &Path, id: &str) -> bool {
    let escaped: String = path
        .to_string_lossy()
        .chars()
        .map(|c| if matches!(c, '%' | '?' | '#') { format!("%{:02X}", c as u32) } else { c.to_string() })
        .collect();
    // Taken for unchangeable, nothing is made beside it.
    let uri = format!("file:{escaped}?immutable=1");
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let found = Connection::open_with_flags(uri, access).map_err(Into::into).and_then(|conn| store_id(&conn));
    found.map_or(true, |found| found == id)
}
