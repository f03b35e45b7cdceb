//! The tables whose rows the operation log vouches for, and the columns of each that count.
//!
//! The order of the columns is part of the published log format. Columns that came later stand in a list of their own,
//! `added`: a row in which all of them are NULL hashes as it always did, and one in which any is set under the next tag,
//! with the added columns after the covered ones. So what was logged before there was such a column stays valid, and a row
//! whose added columns are empty never needs to be told from one that was made before. What is derived from other rows (counters, `waiting`, last seen, row versions) is left out of the hashes,
//! since `verify` recomputes it.

use std::sync::OnceLock;

/// A table whose created and changed rows are logged.
#[derive(Debug)]
pub(super) struct Logged {
    pub name: &'static str,
    /// The columns that a row's leaf holds after its id, in this order.
    pub covered: &'static [&'static str],
    /// Columns that came later: a leaf holds them, all and in this order, only where one of them is set.
    pub added: &'static [&'static str],
    /// Columns that are written with a new row, after the covered ones, but not covered.
    pub derived: &'static [&'static str],
    insert: OnceLock<String>,
}

/// The tag of a created row's leaf.
pub(super) const ROW_TAG: &str = "steward-row-1";
/// The tag of the leaf of a created row that has an added column set.
pub(super) const ADDED_ROW_TAG: &str = "steward-row-2";
/// The tag of a changed row's leaf.
pub(super) const CHANGE_TAG: &str = "steward-change-1";
/// The tag of the leaf of a row whose values were disposed of.
pub(super) const DISPOSAL_TAG: &str = "steward-disposal-1";
/// The tag of an operation's hash.
pub(super) const OPERATION_TAG: &str = "steward-operation-1";
/// The tag of the hash of an operation that vouches for what is kept beside the log.
pub(super) const KEEPING_OPERATION_TAG: &str = "steward-operation-2";

/// In the order in which an operation's leaves stand.
pub(super) const LOGGED: &[&Logged] =
    &[&SETTING, &USER, &CODE_ENTRY, &BINDING, &VALUE_MAP, &POLICY, &IDENTIFIER, &JOB, &ITEM, &LEDGER, &LEGAL_HOLD];

impl Logged {
    pub fn find(name: &str) -> Option<&'static Logged> {
        LOGGED.iter().copied().find(|logged| logged.name == name)
    }

    /// The columns of the table's images: the covered ones, then the added ones.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.covered.iter().chain(self.added).copied()
    }

    /// How many columns an image has.
    pub fn width(&self) -> usize {
        self.covered.len() + self.added.len()
    }

    /// The place of a column in the table's images.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns().position(|column| column == name)
    }

    /// The name of the column at a place of the images.
    pub fn column_at(&self, at: usize) -> &'static str {
        self.covered.get(at).or_else(|| self.added.get(at - self.covered.len())).copied().unwrap_or_default()
    }

    /// The places of those covered columns that counts, waiting items and values in force follow from.
    pub fn counted_columns(&self) -> Vec<usize> {
        let columns: &[&str] = match self.name {
            "integration_sync_item" => &["integration_sync_job", "state", "statecode", "value_map"],
            "integration_ledger" => {
                &["ledger_status", "statecode", "ledger_aspect", "target_table", "target_id", "aspect_key"]
            }
            "integration_value_map" => &["state", "statecode"],
            _ => &[],
        };
        columns.iter().filter_map(|column| self.column(column)).collect()
    }

    /// The covered columns that hold what was delivered, and that a records schedule disposes of.
    pub fn values(&self) -> &'static [&'static str] {
        match self.name {
            "integration_sync_item" => &["raw_value", "new_value", "old_value", "process_message"],
            "integration_ledger" => &["value"],
            _ => &[],
        }
    }

    /// The covered columns in which people write: they go with the values where they name one.
    pub fn remarks(&self) -> &'static [&'static str] {
        match self.name {
            "integration_ledger" => &["notes", "reason"],
            _ => &[],
        }
    }

    /// Whether changing a row also marks who changed it and when.
    pub fn stamped(&self) -> bool {
        self.covered.contains(&"created_on")
    }

    /// The table's place in [`LOGGED`].
    pub fn place(&self) -> usize {
        LOGGED.iter().position(|logged| std::ptr::eq(*logged, self)).unwrap_or(LOGGED.len())
    }

    /// The columns of a new row's values, after its id.
    pub fn inserted(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.covered.iter().chain(self.derived).chain(self.added).copied()
    }

    /// Of a new row's values those that its image has.
    pub fn image_of<'v, T>(&self, values: &'v [T]) -> impl Iterator<Item = &'v T> + Clone + use<'v, T> {
        let (covered, rest) = values.split_at(self.covered.len());
        covered.iter().chain(&rest[self.derived.len()..])
    }

    pub fn insert_sql(&self) -> &str {
        self.insert.get_or_init(|| {
            let columns: Vec<&str> = std::iter::once("id").chain(self.inserted()).collect();
            let places = vec!["?"; columns.len()].join(", ");
            format!("INSERT INTO {} ({}) VALUES ({places})", self.name, columns.join(", "))
        })
    }
}

pub(super) static SETTING: Logged =
    Logged { name: "setting", covered: &["key", "value"], added: &[], derived: &[], insert: OnceLock::new() };

pub(super) static USER: Logged = Logged {
    name: "system_user",
    covered: &["login", "full_name", "roles", "active"],
    added: &[],
    derived: &[],
    insert: OnceLock::new(),
};

pub(super) static LEGAL_HOLD: Logged = Logged {
    name: "legal_hold",
    covered: &[
        "target_table", "target_id", "rows_of", "filter", "integration_sync_job", "reason", "set_by", "set_on",
        "active",
    ],
    added: &[],
    derived: &[],
    insert: OnceLock::new(),
};

pub(super) static CODE_ENTRY: Logged = Logged {
    name: "code_list_entry",
    covered: &["code_list", "code", "label", "active"],
    added: &[],
    derived: &[],
    insert: OnceLock::new(),
};

pub(super) static BINDING: Logged = Logged {
    name: "code_binding",
    covered: &[
        "target_table", "field_name", "source_system_key", "code_list", "on_unmapped", "on_blank", "on_no_match",
        "on_unknown_key", "fixed_value", "outbound", "active",
    ],
    added: &["on_empty"],
    derived: &[],
    insert: OnceLock::new(),
};

/// A table's covered columns between the platform's columns that each of the six has, the derived and the added ones.
macro_rules! platform {
    ($name:literal, [$($covered:literal),* $(,)?], [$($derived:literal),* $(,)?]) => {
        platform!($name, [$($covered),*], [$($derived),*], [])
    };
    ($name:literal, [$($covered:literal),* $(,)?], [$($derived:literal),* $(,)?], [$($added:literal),*]) => {
        Logged {
            name: $name,
            covered: &["guid", $($covered,)* "statecode", "statuscode", "created_on", "created_by", "owner"],
            added: &[$($added),*],
            derived: &["modified_on", "modified_by", $($derived,)*],
            insert: OnceLock::new(),
        }
    };
}

pub(super) static IDENTIFIER: Logged = platform!(
    "integration_identifier",
    ["identifier_id", "external_key", "first_seen_date_time", "source_system_key", "target_id", "target_table"],
    ["last_seen_date_time"]
);

pub(super) static JOB: Logged = platform!(
    "integration_sync_job",
    [
        "direction", "entity_type", "source_system_key", "submitted_date_time", "target_table", "key_column",
        "delivery_id", "delivery_sha256", "file_name",
    ],
    ["job_status"],
    ["process_message"]
);

pub(super) static VALUE_MAP: Logged = platform!(
    "integration_value_map",
    [
        "map_id", "canonical_code_value", "code_list", "confidence", "source_code", "source_label",
        "source_system_key", "state", "relationship", "justification", "machine_score", "author", "reviewer", "note",
        "normal_code", "preferred",
    ],
    []
);

pub(super) static POLICY: Logged = platform!(
    "integration_commit_policy",
    [
        "policy_id", "authoritative_sources", "auto_certify", "commit_mode", "field_name", "stale_after_days",
        "target_table",
    ],
    []
);

pub(super) static ITEM: Logged = platform!(
    "integration_sync_item",
    [
        "applied_date_time", "field_name", "integration_sync_job", "new_value", "process_message", "target_id",
        "target_table", "external_key", "source_system_key", "raw_value", "old_value", "source_date_time", "sequence",
        "state", "code", "attempt", "parent_item", "value_map", "commit_policy", "ledger", "acknowledged_on",
    ],
    []
);

pub(super) static LEDGER: Logged = platform!(
    "integration_ledger",
    [
        "aspect_key", "certified_by", "certified_date_time", "ledger_aspect", "ledger_status", "notes",
        "source_system_key", "target_id", "target_table", "value", "sync_item", "supersedes", "displaced_by", "live",
        "pinned", "rank", "reason", "source_date_time", "sequence",
    ],
    []
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Table;

    #[test]
    fn every_field_that_is_not_derived_is_covered() {
        for table in Table::ALL {
            let info = table.info();
            let logged = Logged::find(info.sql).unwrap();
            for field in info.fields {
                let follows_from_id = table.names_by_id(field);
                let covered = logged.column(field.name).is_some();
                assert_eq!(covered, !field.derived && !follows_from_id, "{}.{}", info.sql, field.name);
            }
        }
    }

    /// A disposal's leaf holds an image as it was left, which has no tag of its own for added columns.
    #[test]
    fn what_is_disposed_of_has_no_added_columns() {
        for logged in LOGGED {
            assert!(logged.values().is_empty() || logged.added.is_empty(), "{}", logged.name);
        }
    }

    #[test]
    fn a_new_rows_values_are_its_image_and_what_is_derived() {
        let logged =
            Logged { name: "t", covered: &["a", "b"], added: &["d", "e"], derived: &["c"], insert: OnceLock::new() };
        assert_eq!(logged.insert_sql(), "INSERT INTO t (id, a, b, c, d, e) VALUES (?, ?, ?, ?, ?, ?)");
        assert!(logged.columns().eq(["a", "b", "d", "e"]));
        assert!(logged.image_of(&[1, 2, 3, 4, 5]).eq(&[1, 2, 4, 5]));
        assert_eq!((logged.column("c"), logged.column("d"), logged.column_at(3)), (None, Some(2), "e"));
    }
}
