//! Backups and restores: whole copies of a store that are checked before they have a name.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::session::Permission;
use super::verify::{Check, Verdict, verify};
use super::{Context, Done, Engine, Error, Mode};
use crate::model::Shown;
use crate::model::text::grouped;
use crate::store::{Alone, Digest, NewStore, Store, who_has_open};

/// A backup that was made and checked.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The end of its log.
    pub digest: Digest,
    pub copied: Duration,
    pub checked: Duration,
}

/// Copies a store, which others may read and write meanwhile, to a free name, and checks the copy before it has it.
///
/// # Errors
/// Something has the name; the copy cannot be made; it does not verify. Nothing is left then.
pub fn back_up(store: &Store, to: &Path) -> Result<Backup> {
    NewStore::refuse_taken(to)?;
    let begun = Instant::now();
    let copy = NewStore::copy_of(store, to)?;
    let copied = begun.elapsed();
    let found = verify(copy.store(), None);
    if !is_sound(found.verdict) {
        bail!("The copy does not verify, so there is no backup. {} See: steward verify", found.lines.join(" "));
    }
    let checked = begun.elapsed() - copied;
    let digest = copy.store().reader()?.digest()?;
    copy.place()?;
    Ok(Backup { digest, copied, checked })
}

/// The end of the log of a backup that has its name already, if it is a sound one of this store: whoever was cut off before its
/// digest was written asks again.
pub fn made_before(of: &Store, path: &Path) -> Option<Digest> {
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    let backup = (is_file && !same_file(path, of.path())).then(|| sound_backup(of, path)).flatten()?;
    backup.reader().ok()?.digest().ok()
}

fn is_sound(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Sound | Verdict::SoundWithoutDigest)
}

fn shown(path: &Path) -> String {
    Shown(&path.to_string_lossy()).to_string()
}

/// Whether a file is a backup of a store: its log is the beginning of the store's own.
fn begins_like(of: &Store, path: &Path) -> Option<Store> {
    let backup = Store::open(path).ok()?;
    let (own, digest) = (of.reader().ok()?, backup.reader().ok()?.digest().ok()?);
    let same = own.digest().ok()?.store_id == digest.store_id;
    let begins = own.operation_hash(digest.seq).ok()?.is_some_and(|hash| hash == digest.hash);
    (same && begins).then_some(backup)
}

/// The same of a file that verifies.
fn sound_backup(of: &Store, path: &Path) -> Option<Store> {
    begins_like(of, path).filter(|backup| is_sound(verify(backup, None).verdict))
}

/// A store that was put in the place of another one.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The operation that says so, in the log of the backup.
    pub operation: i64,
    /// Where the former store lies now, if there was one.
    pub aside: Option<PathBuf>,
}

/// Puts a backup in the place of the store at `path`. The backup's log goes on with an operation that says so: from there on it
/// is another log than that of the store before.
///
/// # Errors
/// The backup does not verify, or goes on from another log than the digest's; it is of another store; the acting person is no
/// admin in it; others have the store open. The store is as it was then.
pub fn restore(path: &Path, from: &Path, digest: Option<&Digest>, context: Context) -> Result<Restored, Error> {
    if same_file(path, from) {
        return Err(anyhow!("{} is the store itself. Name a backup of it.", shown(from)).into());
    }
    let backup = Store::open(from)?;
    let found = Check { digest, ..Check::default() }.run(&backup);
    if !is_sound(found.verdict) {
        let sentence = found.lines.join(" ");
        return Err(anyhow!("{} does not verify, so the store stays as it is. {sentence}", shown(from)).into());
    }
    let copy = NewStore::copy_of(&backup, path)?;
    let former = match path.symlink_metadata() {
        Ok(_) => Some(Alone::take(path)?),
        Err(_) => None,
    };
    let log = former.as_ref().and_then(Alone::log);
    let id = backup.reader()?.digest()?.store_id;
    if log.as_ref().is_some_and(|(former, _)| *former != id) {
        return Err(anyhow!("{} is a backup of another store than {}.", shown(from), shown(path)).into());
    }
    let operation = Engine::open(copy.store(), context)?.note_restore(log.map(|(_, last)| last))?;
    let aside = match former {
        Some(former) => Some(copy.replace(former)?),
        None => copy.place().map(|_| None)?,
    };
    Ok(Restored { operation, aside })
}

fn same_file(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    canonical(one).is_some_and(|one| Some(one) == canonical(other))
}

impl Engine {
    /// Says in a backup's log that it takes the place of the store, whose last operation was `former`.
    fn note_restore(&mut self, former: Option<i64>) -> Result<i64, Error> {
        let summary = match former {
            Some(former) => format!("Restored the store from a backup; it had come to operation {}", grouped(former)),
            None => "Restored the store from a backup".to_string(),
        };
        let done = Done { ends: true, ..Done::new("restore", summary, &[]) };
        let outcome = self.operate((Permission::Admin, "restore a store"), &Mode::Real, |_| Ok(done))?;
        outcome.operation.ok_or_else(|| anyhow!("The restore is not in the log.").into())
    }
}

/// What became of the older backups in a folder.
#[derive(Debug, Clone, Default)]
pub struct Pruned {
    pub removed: Vec<PathBuf>,
    /// Files with a backup's name that are no sound backups of the store: nobody but a person removes them.
    pub left: Vec<PathBuf>,
}

/// Removes the oldest backups of a store in a folder, and their digests, so that `keep` of them stay; `newest` was made and
/// checked just now and is the first of them.
///
/// # Errors
/// The folder cannot be read, or a backup not be removed.
pub fn prune(
    of: &Store,
    folder: &Path,
    stem: &str,
    newest: &Path,
    keep: usize,
    digest_of: &dyn Fn(&Path) -> PathBuf,
) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    let mut kept = 1;
    for path in older_backups(of, folder, stem, newest)? {
        if kept < keep {
            // What stays need only be this store's: what goes is looked at row by row.
            match begins_like(of, &path) {
                Some(_) => kept += 1,
                None => pruned.left.push(path),
            }
            continue;
        }
        match sound_backup(of, &path) {
            Some(_) => {
                std::fs::remove_file(&path)?;
                // It may never have had one.
                let _ = std::fs::remove_file(digest_of(&path));
                pruned.removed.push(path);
            }
            None => pruned.left.push(path),
        }
    }
    Ok(pruned)
}

/// The files with a backup's name that nobody has open, the newest first: their names have their times in them.
fn older_backups(of: &Store, folder: &Path, stem: &str, newest: &Path) -> Result<Vec<PathBuf>> {
    let begins = format!("{stem}-");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let named = name.starts_with(&begins) && name.ends_with(".db") && entry.file_type()?.is_file();
        if named && !same_file(&path, newest) && !same_file(&path, of.path()) && who_has_open(&path)?.is_empty() {
            found.push(path);
        }
    }
    found.sort_unstable();
    found.reverse();
    Ok(found)
}
