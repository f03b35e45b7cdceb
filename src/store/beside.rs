//! What lies beside a store's file, and who else has the store open. Nothing here opens a file of the store.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Reader;
use super::access::may_write;
use super::held::written_since;
use super::open::shown;
use crate::model::time::Micros;

/// What SQLite keeps beside the file: the log of what is not in the file yet, and the index of it that all share.
pub(super) const WAL: &str = "-wal";
pub(super) const SHM: &str = "-shm";

/// What SQLite keeps beside a file without a log, while it writes to it. A store has one only while it is
/// brought into WAL mode.
pub(super) const JOURNAL: &str = "-journal";

/// Where the locks of [`SHM`] lie: the one of who writes, and the one that everybody holds who has the store open.
const WRITES: u64 = 120;
const OPEN: u64 = 128;

/// A process that has a store open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    /// What the process is called; empty where this may not be seen.
    pub name: String,
    pub writes: bool,
    /// Since when it writes, where it is a steward and writes at this moment.
    pub writes_since: Option<Micros>,
    /// When the process began, where that may be seen.
    pub since: Option<Micros>,
}

/// The path of what lies beside a file under its name and something more.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Device and inode of the log beside a file, if there is one.
pub(super) fn log_identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(beside(path, WAL)).ok().map(|meta| (meta.dev(), meta.ino()))
}

/// That the log beside a file is not the one any more that an open connection writes to: what is committed would be lost.
pub(super) fn log_lost(path: &Path, opened: Option<(u64, u64)>) -> Option<String> {
    let gone = opened.is_some() && log_identity(path) != opened;
    gone.then(|| format!("What lies beside the store {} (its -wal) was removed while it was open.", shown(path)))
}

/// How long a file is; 0 where there is none.
pub(super) fn bytes(path: &Path) -> u64 {
    std::fs::symlink_metadata(path).map_or(0, |meta| meta.len())
}

/// The other processes that have a store open, as the system's list of locks tells it. Those of another container or machine
/// do not stand in it.
pub(super) fn others(path: &Path) -> Vec<Holder> {
    let Ok(shared) = std::fs::metadata(beside(path, SHM)) else { return Vec::new() };
    let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    let mut found = holders(&locks, shared.ino());
    let writers = std::fs::metadata(path).map(|file| writers(&locks, file.ino())).unwrap_or_default();
    found.retain(|holder| holder.pid != std::process::id());
    for holder in &mut found {
        let mark = writers.iter().find(|(pid, _)| holder.writes && *pid == holder.pid);
        holder.writes_since = mark.map(|(_, since)| *since);
        let name = std::fs::read_to_string(format!("/proc/{}/comm", holder.pid)).unwrap_or_default();
        holder.name = name.trim_end().to_string();
        let begun = std::fs::metadata(format!("/proc/{}", holder.pid)).and_then(|process| process.modified()).ok();
        let since = begun.and_then(|begun| begun.duration_since(UNIX_EPOCH).ok());
        holder.since = since.and_then(|since| Micros::try_from(since.as_micros()).ok());
        // The mark tells it in tenths of a second, so that it may say a moment before the process was there.
        holder.writes_since = holder.writes_since.map(|at| holder.since.map_or(at, |begun| at.max(begun)));
    }
    found
}

/// Who holds locks of a store, by the inode of its [`SHM`].
fn holders(locks: &str, inode: u64) -> Vec<Holder> {
    let mut found: Vec<Holder> = Vec::new();
    for line in locks.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        // 1: POSIX ADVISORY READ 4711 08:01:131 128 128; a line of who waits has an arrow in the second place.
        let [_, _, _, kind, pid, file, first, last] = words[..] else { continue };
        let number = |text: &str| text.parse::<u64>().ok();
        let (Some(pid), Some(first), Some(last)) = (pid.parse().ok(), number(first), number(last)) else { continue };
        let same = file.rsplit(':').next().and_then(number) == Some(inode);
        if !same || first > OPEN || last < WRITES {
            continue;
        }
        let writes = kind == "WRITE" && first <= WRITES && last >= WRITES;
        match found.iter_mut().find(|holder| holder.pid == pid) {
            Some(holder) => holder.writes |= writes,
            None => found.push(Holder { pid, name: String::new(), writes, writes_since: None, since: None }),
        }
    }
    found
}

/// Who writes and since when, as their marks on the file with this inode say.
fn writers(locks: &str, inode: u64) -> Vec<(u32, Micros)> {
    let marks = locks.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // 3: OFDLCK ADVISORY READ -1 08:01:130 4611686018427387904 4611686018427387904
        let [_, "OFDLCK", _, _, _, file, first, last] = words[..] else { return None };
        let same = file.rsplit(':').next().and_then(|text| text.parse().ok()) == Some(inode);
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        if same && first == last { written_since(first) } else { None }
    });
    marks.collect()
}

impl Reader {
    /// How much lies beside the file that nobody is at and that this reader cannot write back: work that a copy of the file
    /// alone would lack. Whoever may write the store writes it back by opening it.
    pub(super) fn left_log(&self) -> Option<u64> {
        let bytes = bytes(&beside(&self.path, WAL));
        // Rights may have been taken since it was opened.
        let may_not_write = self.store.read_only().is_some() || !may_write(&self.path);
        (bytes > 0 && may_not_write && others(&self.path).is_empty()).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_store_open_is_read_from_the_systems_locks() {
        let locks = "1: POSIX  ADVISORY  READ  11 08:01:131 128 128\n\
                     2: POSIX  ADVISORY  WRITE 11 08:01:131 120 120\n\
                     2: -> POSIX  ADVISORY  WRITE 12 08:01:131 120 120\n\
                     3: POSIX  ADVISORY  READ  13 08:01:131 123 124\n\
                     4: POSIX  ADVISORY  READ  14 08:01:132 128 128\n\
                     5: OFDLCK ADVISORY  READ  -1 08:01:131 0 EOF\n\
                     6: POSIX  ADVISORY  READ  15 08:01:131 1073741826 1073742335\n";
        let at = 1_800_000_000_123_456;
        let mark = super::super::held::writing(11, at);
        let marks = format!("{locks}7: OFDLCK ADVISORY  READ  -1 08:01:130 {mark} {mark}\n");
        // Of a time it keeps tenths of a second.
        assert_eq!(writers(&marks, 130), [(11, 1_800_000_000_100_000)]);
        assert_eq!(writers(&marks, 131), []);
        let found: Vec<_> = holders(locks, 131).into_iter().map(|holder| (holder.pid, holder.writes)).collect();
        assert_eq!(found, [(11, true), (13, false)]);
    }
}
