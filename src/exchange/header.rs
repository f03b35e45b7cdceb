//! The names of an input's columns.

use std::sync::Arc;

use crate::model::Shown;
use crate::model::text::nearest;

/// The longest name a field may have, in characters (data-model.md: `field_name` 100).
const MAX_NAME: usize = 100;

/// How many names a sentence lists.
const LISTED: usize = 30;

/// Column names: each of them text, none empty or too long, no two alike. Names compare without case, because the
/// store's do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    names: Vec<Arc<str>>,
}

impl Header {
    /// What is said behind a column that is not known, where the one name of the header seems to be several.
    pub fn other_separator(&self) -> &'static str {
        other_separator(&self.names)
    }

    /// Checks the cells of a header line; the error is a sentence with the number of the column.
    pub fn new<'a>(cells: impl IntoIterator<Item = &'a [u8]>) -> Result<Header, String> {
        let mut names: Vec<Arc<str>> = Vec::new();
        for (at, cell) in cells.into_iter().enumerate() {
            let column = at + 1;
            let name = std::str::from_utf8(cell).map_err(|_| {
                format!("The name of column {column} is not UTF-8 text. Export the file as CSV in UTF-8.")
            })?;
            check_name(name).map_err(|problem| format!("The name of column {column} {problem}."))?;
            if let Some(first) = names.iter().position(|other| same_name(other, name)) {
                return Err(format!(
                    "Columns {} and {column} are both named \"{}\". Give each column a name of its own.",
                    first + 1,
                    Shown(name)
                ));
            }
            names.push(name.into());
        }
        Ok(Header { names })
    }

    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The column's own spelling of a name; the error is a sentence that lists what there is.
    pub fn find(&self, name: &str) -> Result<Arc<str>, String> {
        find(&self.names, name)
    }
}

/// What keeps a name from being a field's name, as the rest of a sentence.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if name.trim().is_empty() {
        Err("is empty".into())
    } else if name.contains('\0') {
        Err("holds a NUL; the file may be UTF-16, and should be exported as UTF-8".into())
    } else if length > MAX_NAME {
        Err(format!("has {length} characters, more than the {MAX_NAME} that a field's name may have"))
    } else {
        Ok(())
    }
}

pub(super) fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// Finds a name among others, without case; the error is a sentence with the nearest name and all there are.
pub(super) fn find(names: &[Arc<str>], wanted: &str) -> Result<Arc<str>, String> {
    if let Some(name) = names.iter().find(|name| same_name(name, wanted)) {
        return Ok(name.clone());
    }
    let hint = nearest(wanted, names.iter().map(|name| &**name))
        .map(|near| format!(" Did you mean \"{}\"?", Shown(near)))
        .unwrap_or_default();
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| Shown(name).to_string()).collect();
    let more = if names.len() > LISTED { format!(" and {} more", names.len() - LISTED) } else { String::new() };
    Err(format!(
        "It has no column \"{}\".{hint} Its columns are: {}{more}.{}",
        Shown(wanted),
        listed.join(", "),
        other_separator(names)
    ))
}

fn other_separator(names: &[Arc<str>]) -> &'static str {
    match names {
        [only] if only.contains([';', '\t', '|']) => {
            " The cells seem to be separated by something else than commas: export the file with commas."
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Result<Header, String> {
        Header::new(names.iter().map(|name| name.as_bytes()))
    }

    #[test]
    fn names_that_no_field_can_have_are_refused_with_their_column() {
        let long = "n".repeat(101);
        for (names, part) in [
            (vec!["a", ""], "The name of column 2 is empty."),
            (vec!["a", "b", "A"], "Columns 1 and 3 are both named \"A\"."),
            (vec![long.as_str()], "The name of column 1 has 101 characters"),
            (vec!["a\0"], "UTF-16"),
        ] {
            let problem = header(&names).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
        assert!(Header::new([&b"\xe9"[..]]).unwrap_err().starts_with("The name of column 1 is not UTF-8"));
    }

    #[test]
    fn a_missing_column_is_answered_with_what_there_is() {
        let header = header(&["Contract ID", "Agency"]).unwrap();
        assert_eq!(header.find("contract id").as_deref(), Ok("Contract ID"));
        assert_eq!(
            header.find("ContractID").unwrap_err(),
            "It has no column \"ContractID\". Did you mean \"Contract ID\"? Its columns are: Contract ID, Agency."
        );
        let semicolons = Header::new([&b"id;name"[..]]).unwrap();
        assert!(semicolons.find("id").unwrap_err().contains("export the file with commas"));
    }
}
