//! The one descriptor of a store's file that this process has beside SQLite's, and the mark on it that tells one name of the
//! file from another.
//!
//! # Locking
//! Closing any descriptor of a file drops all of this process's POSIX locks on it, SQLite's among them. So there is one for a
//! file, however many connections there are: opened before the first of them and closed after the last ([`Linked`] sees to
//! the order). What else has to be read of the file past SQLite is read by it.
//!
//! # One file under two names
//! Each name of a file has a log of its own beside it, and what is written under one is lost under the other. Hard links can
//! be counted; a file that is mounted under a second name cannot be seen in that way. So whoever has a store open marks its
//! file with a lock of the open file description, shared, on a byte that the `-shm` beside its name chooses, far from where
//! SQLite's own locks lie. A mark on another such byte is of somebody who came by another name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rusqlite::Connection;

use super::beside::{SHM, beside};
use crate::model::time::Micros;

/// Device and inode.
pub(super) type Identity = (u64, u64);

/// The bytes that marks lie on, far behind the last one that a store has or SQLite locks (1 GB and 512 bytes).
const MARKS: u64 = 1 << 61;
const OF_THEM: u64 = 1 << 60;

/// The bytes by which who writes tells since when, behind the marks of names: tenths of a second, and the process's number.
const WRITES: u64 = 1 << 62;
const OF_NUMBERS: u64 = 1 << 22;
const TENTH: Micros = 100_000;

/// Looks at whether a mark of another name goes away: of a program that is just closing the file, it does.
const LOOKS: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(10);

struct Held {
    file: Arc<File>,
    users: usize,
    /// Where this process's mark is.
    mark: Option<u64>,
}

static HELD: Mutex<BTreeMap<Identity, Held>> = Mutex::new(BTreeMap::new());

fn all_held() -> MutexGuard<'static, BTreeMap<Identity, Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A share in the descriptor of a file.
#[derive(Debug)]
pub(super) struct Hold {
    id: Identity,
    path: PathBuf,
}

impl Hold {
    /// # Errors
    /// The file cannot be read.
    pub fn take(path: &Path) -> io::Result<Hold> {
        let mut all = all_held();
        let mut id = identity(path)?;
        if !all.contains_key(&id) {
            // What took the name meanwhile may be a pipe, which must not be waited for.
            let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
            let meta = file.metadata()?;
            id = (meta.dev(), meta.ino());
            match all.entry(id) {
                Entry::Vacant(vacant) => {
                    vacant.insert(Held { file: Arc::new(file), users: 0, mark: None });
                }
                // Another file has the name since it was looked at, and closing this would drop that one's locks.
                Entry::Occupied(_) => std::mem::forget(file),
            }
        }
        if let Some(held) = all.get_mut(&id) {
            held.users += 1;
        }
        Ok(Hold { id, path: path.to_path_buf() })
    }

    /// The descriptor. It is read at places, not from where another reader left off, and not kept longer than this.
    pub fn file(&self) -> io::Result<Arc<File>> {
        all_held().get(&self.id).map(|held| Arc::clone(&held.file)).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Marks the file as written to since a time, until this is dropped. It is for [`super::who_has_open`] alone, so that it does
    /// not matter where a file system has no such locks.
    pub fn mark_writing(&self, since: Micros) -> Option<Writing> {
        let byte = writing(std::process::id(), since);
        let file = self.file().ok()?;
        set(&file, libc::F_RDLCK, byte).ok()?;
        Some(Writing { id: self.id, byte })
    }

    /// Marks the file as open under this name, once the `-shm` is there. Answers whether somebody has it open under another
    /// one; who is just closing it is waited for.
    pub fn mark(&self) -> bool {
        self.watch(|held, byte| {
            if held.mark != Some(byte) && (held.users == 1 || held.mark.is_none()) {
                // Where a file system has no such locks, nothing is known of other names.
                if set(&held.file, libc::F_RDLCK, byte).is_err() {
                    return false;
                }
                if let Some(former) = held.mark.replace(byte) {
                    let _ = set(&held.file, libc::F_UNLCK, former);
                }
            }
            // Else another connection of this process has it by another name.
            held.mark != Some(byte)
        })
    }

    /// Whether somebody has the file open under another name.
    pub fn is_open_elsewhere(&self) -> bool {
        self.watch(|held, byte| held.users > 1 && held.mark.is_some_and(|mark| mark != byte))
    }

    /// Looks until nobody has the file open under another name, as `ours` says of this process and marks of the others.
    fn watch(&self, ours: impl Fn(&mut Held, u64) -> bool) -> bool {
        for look in 0..LOOKS {
            let byte = byte_of(&self.path);
            let mut all = all_held();
            let Some(held) = all.get_mut(&self.id) else { return false };
            let own = byte.is_some_and(|byte| ours(held, byte));
            let (from, to) = byte.map_or((MARKS, MARKS), |byte| (byte, byte + 1));
            let file = &held.file;
            if !own && !is_marked(file, MARKS, from) && !is_marked(file, to, MARKS + OF_THEM) {
                return false;
            }
            drop(all);
            if look + 1 < LOOKS {
                std::thread::sleep(BETWEEN);
            }
        }
        true
    }
}

/// The mark of who writes.
#[derive(Debug)]
pub(super) struct Writing {
    id: Identity,
    byte: u64,
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(held) = all_held().get(&self.id) {
            // At the latest it goes with the descriptor.
            let _ = set(&held.file, libc::F_UNLCK, self.byte);
        }
    }
}

/// The byte that says that a process writes since then.
pub(super) fn writing(process: u32, since: Micros) -> u64 {
    let tenths = u64::try_from(since / TENTH).unwrap_or_default().min((1 << 39) - 1);
    WRITES + tenths * OF_NUMBERS + u64::from(process) % OF_NUMBERS
}

/// What such a byte says.
pub(super) fn written_since(byte: u64) -> Option<(u32, Micros)> {
    let said = byte.checked_sub(WRITES)?;
    let process = u32::try_from(said % OF_NUMBERS).ok()?;
    Some((process, Micros::try_from(said / OF_NUMBERS).ok()? * TENTH))
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut all = all_held();
        let Some(held) = all.get_mut(&self.id) else { return };
        held.users -= 1;
        if held.users == 0 {
            // Closed while nobody can open another one.
            all.remove(&self.id);
        }
    }
}

/// Device and inode of the file at a path.
pub(super) fn identity(path: &Path) -> io::Result<Identity> {
    let meta = path.metadata()?;
    Ok((meta.dev(), meta.ino()))
}

/// The byte of a name; none while nobody has the file open under it.
fn byte_of(path: &Path) -> Option<u64> {
    let (device, inode) = identity(&beside(path, SHM)).ok()?;
    // Some large odd numbers, so that files that follow one another lie far apart.
    let mixed = device.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ inode.wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    Some(MARKS + (mixed ^ (mixed >> 29)) % OF_THEM)
}

fn range(kind: i32, from: u64, to: u64) -> Option<libc::flock> {
    Some(libc::flock {
        l_type: i16::try_from(kind).ok()?,
        l_whence: i16::try_from(libc::SEEK_SET).ok()?,
        l_start: i64::try_from(from).ok()?,
        l_len: i64::try_from(to.checked_sub(from)?).ok()?,
        l_pid: 0,
    })
}

fn set(file: &File, kind: i32, byte: u64) -> io::Result<()> {
    let range = range(kind, byte, byte + 1).ok_or(io::ErrorKind::InvalidInput)?;
    fcntl(file, FcntlArg::F_OFD_SETLK(&range))?;
    Ok(())
}

/// Whether another open file description has a mark from one byte up to another.
fn is_marked(file: &File, from: u64, to: u64) -> bool {
    let Some(mut asked) = range(libc::F_WRLCK, from, to).filter(|asked| asked.l_len > 0) else { return false };
    // A length of zero would be all up to the end.
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut asked)).is_ok() && i32::from(asked.l_type) != libc::F_UNLCK
}

/// A connection to a store, with the descriptor that is closed after it.
#[derive(Debug)]
pub(super) struct Linked {
    conn: Connection,
    /// Behind the connection, so that it is dropped later.
    pub hold: Hold,
}

impl Linked {
    /// Opens the descriptor, then the connection.
    pub fn open<E: From<io::Error>>(path: &Path, open: impl FnOnce() -> Result<Connection, E>) -> Result<Linked, E> {
        let hold = Hold::take(path)?;
        Ok(Linked { conn: open()?, hold })
    }
}

impl Linked {
    /// Both at once, for who needs the one while the other is in use.
    pub fn parts(&mut self) -> (&mut Connection, &Hold) {
        (&mut self.conn, &self.hold)
    }
}

impl Deref for Linked {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl DerefMut for Linked {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another open file description, as another process has it.
    fn marked_by_another(path: &Path, byte: u64) -> File {
        let file = File::open(path).unwrap();
        set(&file, libc::F_RDLCK, byte).unwrap();
        file
    }

    #[test]
    fn a_mark_on_another_byte_is_of_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, "").unwrap();
        let hold = Hold::take(&path).unwrap();
        assert!(!hold.mark(), "nobody has it open, and it has no -shm");
        std::fs::write(beside(&path, SHM), "").unwrap();
        let byte = byte_of(&path).unwrap();
        assert!(!hold.mark());
        let same = marked_by_another(&path, byte);
        assert!(!hold.mark(), "the same name");
        drop(same);
        for other in [MARKS, byte - 1, byte + 1, MARKS + OF_THEM - 1] {
            let file = marked_by_another(&path, other);
            assert!(hold.is_open_elsewhere() && hold.mark(), "{other}");
            drop(file);
            assert!(!hold.mark(), "{other}");
        }
        for outside in [0, 0x4000_0000, 0x4000_0200, MARKS - 1, MARKS + OF_THEM] {
            let _file = marked_by_another(&path, outside);
            assert!(!hold.mark(), "{outside}");
        }
    }

    #[test]
    fn a_program_that_is_just_closing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, "").unwrap();
        let hold = Hold::take(&path).unwrap();
        let closing = marked_by_another(&path, MARKS + 7);
        let closes = std::thread::spawn(move || {
            std::thread::sleep(BETWEEN * 5);
            drop(closing);
        });
        assert!(!hold.is_open_elsewhere());
        closes.join().unwrap();
    }

    /// SQLite's locks of this process stay while its own descriptors come and go.
    #[test]
    fn the_descriptor_is_one_for_a_file_and_closed_after_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let [one, other] = [(); 2].map(|()| {
            std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
            Hold::take(&path).unwrap()
        });
        assert!(Arc::ptr_eq(&one.file().unwrap(), &other.file().unwrap()));
        let id = one.id;
        drop(one);
        assert!(all_held().contains_key(&id));
        drop(other);
        assert!(!all_held().contains_key(&id));
    }
}
