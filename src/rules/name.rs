//! How the rules compare the names of tables, fields, sources and code lists: without case, and in A–Z order.
//!
//! Source *codes* are not names: they compare exactly or by `text::normal` (see `lookup`).

use std::cmp::Ordering;

/// True if both name the same thing, whatever the case.
pub fn same(a: &str, b: &str) -> bool {
    a == b || folded(a).eq(folded(b))
}

/// True if both name the same thing, or both none.
pub fn same_place(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (a, b) => a == b,
    }
}

/// A–Z without case; equal for names that are the `same`.
pub fn order(a: &str, b: &str) -> Ordering {
    folded(a).cmp(folded(b))
}

/// True for a place that names nothing in particular: none, blank or `*`.
pub fn is_any(name: Option<&str>) -> bool {
    name.is_none_or(|name| matches!(name.trim(), "" | "*"))
}

/// Character by character, so that comparing two names allocates nothing.
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case() {
        assert!(same("Zürich", "ZÜRICH"));
        assert!(!same("HR", "HR2"));
        assert_eq!(order("hr", "PAYROLL"), Ordering::Less);
        assert_eq!(order("Hr", "hR"), Ordering::Equal);
    }

    #[test]
    fn none_blank_and_star_are_any() {
        assert!([None, Some(""), Some("  "), Some("*"), Some(" * ")].into_iter().all(is_any));
        assert!(!is_any(Some("HR")));
    }
}
