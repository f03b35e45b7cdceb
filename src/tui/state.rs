//! What the workbench remembers of a store between two runs: where one left off. It is ours to write, unlike the settings.
//!
//! One small JSON file a store, named after the store's path. It is a convenience: a file that is missing, broken or of a
//! later version is as good as none, and nothing of it reaches the store. What a later version has put beside what this one
//! knows is kept.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::folders;
use crate::model::Table;
use crate::model::time::Micros;

/// The most that is read: a larger file is none of ours.
const MOST: u64 = 1 << 20;

/// Everything that is remembered of one store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(default)]
    pub left: Option<Left>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Where one stood in a pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub table: Table,
    /// The named view, if the listing was one.
    pub view: Option<String>,
    /// Filter and order as one types them.
    pub filter: String,
    pub sort: String,
    /// The row under the cursor and its number in the listing.
    pub row: Option<i64>,
    pub number: Option<i64>,
    pub at: Micros,
}

impl State {
    /// What is remembered in a file, or nothing.
    pub fn load(path: &Path) -> State {
        let size = std::fs::metadata(path).map_or(u64::MAX, |file| file.len());
        if size > MOST {
            return State::default();
        }
        std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Writes the file whole or not at all.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(&serde_json::to_vec_pretty(self)?)?;
        draft.write_all(b"\n")?;
        draft.persist(path)?;
        Ok(())
    }
}

/// The file for a store; none where nobody knows the person's home.
pub fn path(store: &Path) -> Option<PathBuf> {
    Some(folders::state()?.join(file_name(store)))
}

/// The store's own name for people, and a part of its path's hash, so that two stores of one name are told apart.
fn file_name(store: &Path) -> String {
    let stem = store.file_stem().unwrap_or_default().to_string_lossy();
    let stem: String = stem.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).take(40).collect();
    let digest = Sha256::digest(store.as_os_str().as_encoded_bytes());
    let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{digest}.json")
}

/// Keeps where one left off beside what else is remembered.
pub fn keep(path: &Path, left: Left) -> io::Result<()> {
    let mut state = State::load(path);
    state.left = Some(left);
    state.save(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left() -> Left {
        let (filter, sort) = ("is:pending".into(), "id".into());
        Left { table: Table::Ledger, view: None, filter, sort, row: Some(7), number: Some(3), at: 0 }
    }

    #[test]
    fn what_is_kept_comes_back_with_what_others_kept_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("agency.json");
        assert_eq!(State::load(&path), State::default());
        keep(&path, left()).unwrap();
        assert_eq!(State::load(&path).left, Some(left()));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen('{', "{\"views\":[1],", 1)).unwrap();
        keep(&path, Left { row: None, ..left() }).unwrap();
        assert_eq!(State::load(&path).rest.get("views"), Some(&serde_json::json!([1])));
        assert_eq!(State::load(&path).left.unwrap().row, None);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn a_broken_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agency.json");
        for text in ["", "{", "[]", "{\"left\":{\"table\":\"nonsense\"}}"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(State::load(&path), State::default(), "{text}");
        }
    }

    #[test]
    fn stores_of_one_name_have_files_of_their_own() {
        let (one, other) = (file_name(Path::new("/a/agency.db")), file_name(Path::new("/b/agency.db")));
        assert!(one.starts_with("agency-") && one.ends_with(".json") && one != other);
    }
}
