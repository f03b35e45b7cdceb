//! What about a delivery looks like a mistake before anything of it is taken: its key column, and its source's name.
//!
//! A wrong key column makes a new record of every old one, or one record of many; a name mistyped makes a source that
//! nobody ranks. Nothing here refuses: whoever delivers is asked.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::name;
use crate::model::text::normal;

/// From so many records on the keys of a delivery tell something: of a few anything may be.
pub const TELLING: i64 = 20;

/// Columns that are looked at for one that tells records apart: a key stands among the first, and a file may have thousands.
const COLUMNS: usize = 100;

/// Whether nearly everything that a delivery brings would be a new record, by a column that its source never used for the
/// table, though it used another one.
pub fn mostly_unknown(records: i64, unknown: i64) -> bool {
    records >= TELLING && unknown * 2 > records
}

/// Whether a key says so little that most records share theirs with others.
pub fn mostly_shared(records: i64, sharing: i64) -> bool {
    records >= TELLING && sharing * 2 > records
}

/// Whether the source brought the table before, and never by this column.
pub fn by_another_column(column: &str, brought_by: &[String]) -> bool {
    !brought_by.is_empty() && !brought_by.iter().any(|other| name::same(other, column))
}

/// The known source that a new one's name may be meant for; the first by name of several.
pub fn meant_source<'a>(new: &str, known: &'a [String]) -> Option<&'a str> {
    if known.iter().any(|source| name::same(source, new)) {
        return None;
    }
    let alike = known.iter().filter(|source| nearly_alike(new, source));
    alike.min_by(|a, b| name::order(a, b)).map(String::as_str)
}

/// Whether two names differ by case, blanks and signs alone, or by one slip of the hand. Digits are no slip: `ERP1` and `ERP2`
/// are two systems. Of names of up to three letters, which differ in one letter as a rule, only a letter doubled and two
/// letters swapped are.
fn nearly_alike(one: &str, other: &str) -> bool {
    let (one, other) = (letters(one), letters(other));
    if one == other {
        return !one.is_empty();
    }
    let digits = |name: &str| name.chars().filter(|c| c.is_numeric()).collect::<String>();
    if digits(&one) != digits(&other) || strsim::osa_distance(&one, &other) != 1 {
        return false;
    }
    let short = one.chars().count().min(other.chars().count()) < 4;
    !short || without_doubles(&one) == without_doubles(&other) || strsim::levenshtein(&one, &other) == 2
}

/// What a name says when it is read out: no blanks, hyphens, dots.
fn letters(name: &str) -> String {
    normal(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn without_doubles(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// Looks for the columns that tell a delivery's first records apart.
#[derive(Debug, Default)]
pub struct Columns {
    records: usize,
    /// Those of the first record, in its order.
    names: Vec<String>,
    /// Hashes of the values of the first columns; `None` once a value came twice or was blank.
    values: HashMap<String, Option<HashSet<u64>>>,
}

impl Columns {
    /// Takes the values of one record.
    pub fn look<'a>(&mut self, record: impl Iterator<Item = (&'a str, &'a str)>) {
        self.records += 1;
        for (at, (column, value)) in record.enumerate() {
            if self.records == 1 {
                self.names.push(column.to_string());
            }
            if at >= COLUMNS {
                continue;
            }
            if self.records == 1 {
                self.values.insert(column.to_string(), Some(HashSet::new()));
            }
            if let Some(seen) = self.values.get_mut(column)
                && !seen.as_mut().is_some_and(|seen| !value.trim().is_empty() && seen.insert(hash(value)))
            {
                *seen = None;
            }
        }
    }

    pub fn has(&self, column: &str) -> bool {
        self.names.iter().any(|name| name::same(name, column))
    }

    /// The first column whose values all differ.
    pub fn telling_apart(&self) -> Option<&str> {
        let differs = |name: &&String| {
            let seen = self.values.get(*name).and_then(Option::as_ref);
            seen.is_some_and(|seen| seen.len() == self.records && self.records > 1)
        };
        self.names.iter().find(differs).map(String::as_str)
    }
}

fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn most_are_more_than_half_of_twenty_or_more() {
        for (rule, records, some, expected) in [
            ("of fewer than 20 records nothing is said", 19, 19, false),
            ("from 20 on it is", 20, 20, true),
            ("half is not most", 20, 10, false),
            ("more than half is", 20, 11, true),
            ("none is none", 100, 0, false),
        ] {
            assert_eq!(mostly_unknown(records, some), expected, "{rule}");
            assert_eq!(mostly_shared(records, some), expected, "{rule}");
        }
    }

    #[test]
    fn another_column_is_one_that_the_source_never_used_for_the_table() {
        for (rule, column, brought_by, expected) in [
            ("a table that the source never brought", "id", &[][..], false),
            ("the same column", "id", &["id"], false),
            ("columns compare without case", "ID", &["id"], false),
            ("another one", "mail", &["id"], true),
            ("one of several that it used", "mail", &["id", "mail"], false),
        ] {
            assert_eq!(by_another_column(column, &names(brought_by)), expected, "{rule}");
        }
    }

    #[test]
    fn a_source_that_is_new_may_be_meant_for_one_that_is_known() {
        for (rule, new, known, meant) in [
            ("a known source is meant for itself", "PAYROL", &["PAYROL", "PAYROLL"][..], None),
            ("case alone makes no other source", "hr", &["HR"], None),
            ("a blank before it", " HR", &["HR"], Some("HR")),
            ("a blank within", "PAY ROLL", &["PAYROLL"], Some("PAYROLL")),
            ("another sign, and case", "pay_roll", &["Pay-Roll"], Some("Pay-Roll")),
            ("width", "ＨＲ", &["HR"], Some("HR")),
            ("a letter left out", "PAYROL", &["PAYROLL"], Some("PAYROLL")),
            ("a letter too many", "PAYROLLS", &["PAYROLL"], Some("PAYROLL")),
            ("a letter for another", "PAYROLK", &["PAYROLL"], Some("PAYROLL")),
            ("two letters swapped", "PAYORLL", &["PAYROLL"], Some("PAYROLL")),
            ("two slips are none", "PAYORL", &["PAYROLL"], None),
            ("a digit is no slip", "ERP-2026", &["ERP-2025"], None),
            ("nor is a digit too many", "PAYROLL2", &["PAYROLL"], None),
            ("a short name with a letter doubled", "HRR", &["HR"], Some("HR")),
            ("a short name with two letters swapped", "CMR", &["CRM"], Some("CRM")),
            ("short names with one letter other", "CRM", &["CRS", "CR", "SRM"], None),
            ("one letter", "A", &["B", "AB"], None),
            ("signs alone are alike in nothing", "-", &["+"], None),
            ("the first by name of several", "HRX1", &["HR X1", "HR-X1"], Some("HR X1")),
            ("none is known", "HR", &[], None),
        ] {
            assert_eq!(meant_source(new, &names(known)), meant, "{rule}");
        }
    }

    #[test]
    fn the_first_column_whose_values_all_differ_tells_records_apart() {
        for (rule, rows, expected) in [
            ("the first of several", &[["a", "1", "x"], ["a", "2", "y"]][..], Some("two")),
            ("a blank tells nothing", &[["a", "", "x"], ["a", "2", "y"]], Some("three")),
            ("none does", &[["a", "b", "c"], ["a", "b", "c"]], None),
            ("of one record all would", &[["a", "b", "c"]], None),
        ] {
            let mut columns = Columns::default();
            rows.iter().for_each(|row| columns.look(["one", "two", "three"].into_iter().zip(row.iter().copied())));
            assert_eq!(columns.telling_apart(), expected, "{rule}");
        }
        // A column that the first record lacks, or that a later one does, is none that all can be told by.
        let mut columns = Columns::default();
        columns.look([("a", "1"), ("b", "1")].into_iter());
        columns.look([("b", "2"), ("c", "2")].into_iter());
        assert_eq!(columns.telling_apart(), Some("b"));
        assert!(columns.has("A") && !columns.has("c"));
        // Of thousands the first are looked at, and all are known.
        let many: Vec<String> = (0..1_000).map(|n| format!("column {n}")).collect();
        let mut columns = Columns::default();
        for value in ["1", "2"] {
            columns
                .look(many.iter().enumerate().map(|(at, name)| (name.as_str(), if at < 500 { "same" } else { value })));
        }
        assert_eq!((columns.telling_apart(), columns.has("column 999")), (None, true));
    }
}
