//! What the workbench remembers of a store between two runs: where one left off, how columns are laid out, and the person's
//! own views. It is ours to write, unlike the settings.
//!
//! One small JSON file a store, named after the store's path. It is a convenience: a file that is missing, broken or of a
//! later version is as good as none, and nothing of it reaches the store. What a later version has put beside what this one
//! knows is kept.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::columns::Kept;
use super::folders;
use crate::exchange::{WholeFile, rights};
use crate::model::Table;
use crate::model::time::Micros;

/// The most that is read: a larger file is none of ours.
const MOST: u64 = 1 << 20;

/// Everything that is remembered of one store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(default)]
    pub left: Option<Left>,
    /// Columns by the table's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Vec<Kept>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<SavedView>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A person's own view of a table: filter and order as one types them, and the columns if they were laid out for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub table: Table,
    pub name: String,
    pub filter: String,
    pub sort: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Kept>,
}

/// A change to what is remembered. It is made to the file as it then is, so that two workbenches keep each other's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// How a table's columns are laid out; without any, as described.
    Columns(Table, Vec<Kept>),
    /// A view, in the place of one with the same name.
    View(SavedView),
    Rename {
        table: Table,
        from: String,
        to: String,
    },
    Delete {
        table: Table,
        name: String,
    },
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
        rights::as_person(|| std::fs::read(path))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// The person's own views of a table.
    pub fn views(&self, table: Table) -> impl Iterator<Item = &SavedView> {
        self.views.iter().filter(move |view| view.table == table)
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Columns(table, columns) if columns.is_empty() => {
                self.columns.remove(table.info().name);
            }
            Change::Columns(table, columns) => {
                self.columns.insert(table.info().name.into(), columns);
            }
            Change::View(view) => {
                match self.views.iter_mut().find(|old| old.table == view.table && old.name == view.name) {
                    Some(old) => *old = view,
                    None => self.views.push(view),
                }
            }
            Change::Rename { table, from, to } => {
                self.views
                    .iter_mut()
                    .filter(|view| view.table == table && view.name == from)
                    .for_each(|view| view.name.clone_from(&to));
            }
            Change::Delete { table, name } => self.views.retain(|view| view.table != table || view.name != name),
        }
    }

    /// Writes the file whole or not at all.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        rights::as_person(|| std::fs::create_dir_all(folder))?;
        let draft = WholeFile::begin(path)?;
        draft.file().write_all(&serde_json::to_vec_pretty(self)?)?;
        draft.file().write_all(b"\n")?;
        draft.replace()
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

/// Changes what is remembered, beside what others keep there.
pub fn keep(path: &Path, change: impl FnOnce(&mut State)) -> io::Result<()> {
    let mut state = State::load(path);
    change(&mut state);
    state.save(path)
}

/// Keeps what a person changed about the workbench.
///
/// # Errors
/// Why it holds only until the workbench ends, as a sentence.
pub fn remember(path: Option<&Path>, change: Change) -> Result<(), String> {
    let kept = match path {
        Some(path) => keep(path, |state| state.apply(change)),
        None => Err(io::Error::other("nobody knows the home folder")),
    };
    kept.map_err(|error| format!("This holds until the workbench ends, but cannot be kept: {error}"))
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
        keep(&path, |state| state.left = Some(left())).unwrap();
        assert_eq!(State::load(&path).left, Some(left()));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen('{', "{\"later\":[1],", 1)).unwrap();
        keep(&path, |state| state.left = Some(Left { row: None, ..left() })).unwrap();
        assert_eq!(State::load(&path).rest.get("later"), Some(&serde_json::json!([1])));
        assert_eq!(State::load(&path).left.unwrap().row, None);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn columns_and_views_are_kept_changed_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agency.json");
        let change = |change| {
            keep(&path, |state| state.apply(change)).unwrap();
            State::load(&path)
        };
        let columns = vec![Kept { field: "value".into(), width: Some(30) }];
        let view = |name: &str, filter: &str| SavedView {
            table: Table::Ledger,
            name: name.into(),
            filter: filter.into(),
            sort: "-id".into(),
            columns: columns.clone(),
        };
        let names = |state: &State| state.views(Table::Ledger).map(|view| view.name.clone()).collect::<Vec<_>>();
        assert_eq!(change(Change::Columns(Table::Ledger, columns.clone())).columns["ledger"], columns);
        change(Change::View(view("mine", "is:pending")));
        let state = change(Change::View(view("mine", "is:rejected")));
        assert_eq!(state.views, [view("mine", "is:rejected")]);
        change(Change::View(view("other", "")));
        let (table, from, to) = (Table::Ledger, "mine".to_string(), "ours".to_string());
        assert_eq!(names(&change(Change::Rename { table, from, to })), ["ours", "other"]);
        let state = change(Change::Delete { table: Table::Ledger, name: "other".into() });
        assert_eq!(names(&state), ["ours"]);
        assert_eq!(state.views(Table::SyncItems).count(), 0);
        assert!(change(Change::Columns(Table::Ledger, Vec::new())).columns.is_empty());
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
