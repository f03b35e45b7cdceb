//! The name that is offered for a file of rows: it says what is in the file.

use crate::model::Table;
use crate::tui::listing::conditions;
use crate::tui::marks::Marks;

/// Letters of a name that say which rows; more say less.
const WHICH: usize = 40;

/// `ledger-pending-HR-2026-11-22.csv`
pub fn offered(table: Table, filter: &str, marks: &Marks, day: &str) -> String {
    let which = match marks {
        Marks::Ids(ids) => format!("{}-marked", ids.len()),
        _ => conditions(filter).iter().map(|condition| said(condition)).collect::<Vec<_>>().join("-"),
    };
    let parts = [table.info().name.to_string(), safe(&which), day.to_string()];
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("{}.csv", parts.join("-"))
}

/// What a condition asks for; the column is left out where it is asked for as it is.
fn said(condition: &str) -> String {
    let (not, condition) = match condition.strip_prefix('-') {
        Some(rest) => ("not-", rest),
        None => ("", condition),
    };
    match condition.split_once(':') {
        Some((_, value)) => format!("{not}{value}"),
        None => format!("{not}{condition}"),
    }
}

/// Letters, digits and dashes alone: what every file system and shell takes as it is.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }) {
        if c != '-' || !out.ends_with('-') && !out.is_empty() {
            out.push(c);
        }
    }
    let cut: String = out.chars().take(WHICH).collect();
    cut.trim_end_matches('-').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_rows_is_called_after_what_is_in_it() {
        let ids = Marks::Ids([3, 5].into());
        let cases = [
            ("", &Marks::None, "ledger-2026-11-22.csv"),
            ("is:pending", &Marks::None, "ledger-pending-2026-11-22.csv"),
            ("is:pending source:HR,FIN", &Marks::None, "ledger-pending-HR-FIN-2026-11-22.csv"),
            ("-is:stale field:\"Agency ID\"", &Marks::None, "ledger-not-stale-Agency-ID-2026-11-22.csv"),
            ("value~\"../../etc/passwd\"", &Marks::None, "ledger-value-etc-passwd-2026-11-22.csv"),
            ("created>=2026-01-01", &Marks::None, "ledger-created-2026-01-01-2026-11-22.csv"),
            ("is:pending", &ids, "ledger-2-marked-2026-11-22.csv"),
        ];
        for (filter, marks, name) in cases {
            assert_eq!(offered(Table::Ledger, filter, marks, "2026-11-22"), name);
        }
        let long = offered(Table::Ledger, &"x".repeat(300), &Marks::None, "2026-11-22");
        assert_eq!(long.len(), "ledger--2026-11-22.csv".len() + WHICH);
    }
}
