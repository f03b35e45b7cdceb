//! What lies around a store's file, for `doctor`: its names, what was left beside it, copies, room. Nothing of it is opened.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nix::sys::statvfs::statvfs;

use super::beside::{JOURNAL, WAL, beside, bytes, others};
use super::open::absolute;
use super::unfinished;

/// What is around a store's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// How many names the file has.
    pub links: u64,
    pub file_bytes: u64,
    /// What lies beside the file with nobody at it: its name and its bytes.
    pub left: Vec<(PathBuf, u64)>,
    /// What killed programs had begun, and nobody is at.
    pub unfinished: Vec<PathBuf>,
    /// Copies that upgrades and restores put aside, with their bytes.
    pub copies: Vec<(PathBuf, u64)>,
    /// Bytes that are free where the file lies, for who asks; none where the system does not tell.
    pub free_bytes: Option<u64>,
}

/// Looks around the file of a store, whatever state it is in.
///
/// # Errors
/// There is none.
pub fn around(path: &Path) -> Result<Around> {
    let path = absolute(path)?;
    let meta = path.metadata()?;
    let nobody = others(&path).is_empty();
    let left = [WAL, JOURNAL].map(|suffix| beside(&path, suffix)).into_iter().map(|part| (bytes(&part), part));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().unwrap_or(Path::new("/"));
    Ok(Around {
        links: meta.nlink(),
        file_bytes: meta.len(),
        left: left.filter(|(bytes, _)| nobody && *bytes > 0).map(|(bytes, part)| (part, bytes)).collect(),
        unfinished: unfinished::left_of(folder, &name),
        copies: copies(folder, &name),
        free_bytes: statvfs(folder).ok().map(|room| room.blocks_available().saturating_mul(room.fragment_size())),
    })
}

fn copies(folder: &Path, name: &str) -> Vec<(PathBuf, u64)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let begins = [format!("{name}.format"), format!("{name}.before-restore")];
    let named = entries.filter_map(Result::ok).filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        begins.iter().any(|begin| name.starts_with(begin)) && entry.file_type().is_ok_and(|kind| kind.is_file())
    });
    let mut found: Vec<_> = named.map(|entry| (entry.path(), bytes(&entry.path()))).collect();
    found.sort();
    found
}
