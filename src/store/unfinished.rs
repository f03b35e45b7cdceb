//! A store that has its name only when it is whole: it is made in a hidden folder beside, and moved from there.
//!
//! The folder is locked by the program that makes it. What a killed one left is known by its name and by nobody's lock on it,
//! and is removed by the next one that makes something under the same name.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use uuid::Uuid;

use super::beside::{JOURNAL, SHM, WAL, beside};

/// The hidden folder, until this is dropped.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    file: PathBuf,
    /// Locked as long as somebody makes something in it.
    _lock: File,
}

impl Unfinished {
    /// Makes the folder in which something is to be made that will be called `target`.
    ///
    /// # Errors
    /// Its folder cannot be written.
    pub fn begin(target: &Path) -> io::Result<Unfinished> {
        sweep(target);
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = target.with_file_name(format!("{}{}", prefix(target), Uuid::now_v7().simple()));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let lock = File::open(&folder)?;
        lock.lock()?;
        if lock.metadata()?.nlink() == 0 {
            // Another program took it for one that nobody is at.
            return Unfinished::begin(target);
        }
        Ok(Unfinished { file: folder.join(name), folder, _lock: lock })
    }

    /// Takes away what was made so far.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear(&self) -> io::Result<()> {
        for suffix in ["", WAL, SHM, JOURNAL] {
            match std::fs::remove_file(beside(&self.file, suffix)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Where it is to be made.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Gives what was made its name. All connections to it are closed, so that nothing of it lies beside it.
    ///
    /// # Errors
    /// `AlreadyExists` where something has that name; it stays as it is.
    pub fn place(&self, target: &Path) -> io::Result<()> {
        self.finish()?;
        TempPath::try_from_path(&self.file)?.persist_noclobber(target).map_err(|not| {
            let error = not.error;
            // It may be given another name.
            let _ = not.path.keep();
            error
        })?;
        sync_folder(target)
    }

    /// The same in the place of what has that name.
    ///
    /// # Errors
    /// It cannot be moved; what has the name keeps it.
    pub fn replace(&self, target: &Path) -> io::Result<()> {
        self.finish()?;
        std::fs::rename(&self.file, target)?;
        sync_folder(target)
    }

    /// All of it is in its file, and on the disk.
    fn finish(&self) -> io::Result<()> {
        if bytes_beside(&self.file) {
            return Err(io::Error::other("a part of it was not written back"));
        }
        File::open(&self.file)?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn bytes_beside(file: &Path) -> bool {
    [WAL, SHM].iter().any(|suffix| beside(file, suffix).exists())
}

/// Has a name that was given to a file last through a power cut.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()) {
        // Some file systems keep folders by themselves, and cannot be asked to.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

/// What stands in the folder's name behind that of what is made in it.
const UNFINISHED: &str = ".unfinished-";

fn prefix(target: &Path) -> String {
    format!(".{}{UNFINISHED}", target.file_name().unwrap_or_default().to_string_lossy())
}

/// What killed programs left of something that was to be called `target`.
pub(super) fn leftovers(target: &Path) -> Vec<PathBuf> {
    let prefix = prefix(target);
    target.parent().map(|folder| left_in(folder, |name| name.starts_with(&prefix))).unwrap_or_default()
}

/// The folders that killed programs left in a folder, of those that have such a name.
fn left_in(folder: &Path, named: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = entries.filter_map(Result::ok).filter(|entry| named(&entry.file_name().to_string_lossy()));
    let folders = named.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).filter(|folder| File::open(folder).is_ok_and(|f| f.try_lock().is_ok())).collect()
}

/// Removes what killed programs left.
pub(super) fn sweep(target: &Path) {
    remove(leftovers(target));
}

/// The same of everything that was to lie in a folder under a name that begins so: names with a time in them are asked for
/// only once.
pub(super) fn sweep_all(folder: &Path, begins: &str) {
    remove(left_of(folder, begins));
}

/// What killed programs left in a folder of what was to have a name that begins so.
pub(super) fn left_of(folder: &Path, begins: &str) -> Vec<PathBuf> {
    let begins = format!(".{begins}");
    left_in(folder, |name| name.starts_with(&begins) && name.contains(UNFINISHED))
}

fn remove(folders: Vec<PathBuf>) {
    for folder in folders {
        // Somebody else's stays.
        let _ = std::fs::remove_dir_all(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_is_at_is_removed_and_what_is_being_made_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("store.db");
        let killed = folder.path().join(".store.db.unfinished-0");
        std::fs::create_dir(&killed).unwrap();
        std::fs::write(killed.join("store.db"), "half").unwrap();
        let one = Unfinished::begin(&target).unwrap();
        let other = Unfinished::begin(&target).unwrap();
        assert!(!killed.exists());
        std::fs::write(one.file(), "one").unwrap();
        std::fs::write(other.file(), "other").unwrap();
        one.place(&target).unwrap();
        // What has the name keeps it.
        assert_eq!(other.place(&target).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "one");
        drop((one, other));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
