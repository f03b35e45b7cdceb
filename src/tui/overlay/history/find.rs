//! What is typed to find operations: words of their sentences and reasons, `by:`, `kind:`, `table:`, `since:`, `until:`, and
//! the name of a row that was changed.

use crate::model::time::{self, DAY};
use crate::model::{Table, shown};
use crate::store::Which;

/// Reads what is typed, within what is listed anyway.
///
/// # Errors
/// A sentence about what cannot be read.
pub(super) fn which(typed: &str, of: &Which) -> Result<Which, String> {
    let mut which = of.clone();
    let mut words = Vec::new();
    for word in typed.split_whitespace() {
        let (name, value) = word.split_once(':').unwrap_or(("", word));
        match name {
            // As one types it, the value is still to come.
            "by" | "kind" | "table" | "since" | "until" if value.is_empty() => {}
            "by" => which.person = Some(value.into()),
            "kind" => which.kind = Some(value.replace('-', " ")),
            "table" => which.table = Some(table(value)?),
            "since" => which.since = Some(moment(value)?),
            // A day is meant with all its hours.
            "until" if value.len() <= 10 => which.until = Some(moment(value)?.saturating_add(DAY)),
            "until" => which.until = Some(moment(value)?),
            _ => match row(word) {
                Some(row) if which.row.is_none() => which.row = Some(row),
                _ => words.push(word),
            },
        }
    }
    which.text = Some(words.join(" ")).filter(|text| !text.is_empty());
    Ok(which)
}

fn table(value: &str) -> Result<Table, String> {
    Table::find(value).ok_or_else(|| {
        let names = Table::ALL.map(|table| table.info().name).join(", ");
        format!("There is no table {}; there are {names}.", shown(value))
    })
}

fn moment(value: &str) -> Result<i64, String> {
    time::parse(value).ok_or_else(|| format!("{} is no day like 2026-11-22.", shown(value)))
}

/// The row that a name such as LED-0000507 names.
fn row(word: &str) -> Option<(Table, i64)> {
    let (prefix, number) = word.split_once('-')?;
    let table = Table::ALL.into_iter().find(|table| table.info().prefix.eq_ignore_ascii_case(prefix))?;
    let digits = number.len() >= 7 && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((table, number.parse().ok().filter(|_| digits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_says_who_when_what_and_of_which_row() {
        let none = Which::default;
        for (typed, expected) in [
            ("", none()),
            ("two words", Which { text: Some("two words".into()), ..none() }),
            (
                "by:mlee kind:retire-map",
                Which { person: Some("mlee".into()), kind: Some("retire map".into()), ..none() },
            ),
            (
                "table:ledger LED-0000507",
                Which { table: Some(Table::Ledger), row: Some((Table::Ledger, 507)), ..none() },
            ),
            ("since:1970-01-02 until:1970-01-02", Which { since: Some(DAY), until: Some(2 * DAY), ..none() }),
            ("until:1970-01-02T12:00", Which { until: Some(DAY + DAY / 2), ..none() }),
            ("led-5 a:b since:", Which { text: Some("led-5 a:b".into()), ..none() }),
        ] {
            assert_eq!(which(typed, &none()), Ok(expected), "{typed}");
        }
        for typed in ["table:people", "since:soon", "until:x"] {
            assert!(which(typed, &none()).is_err(), "{typed}");
        }
        // What is done to one row stays that.
        let of = Which { row: Some((Table::SyncItems, 3)), ..none() };
        let found = which("LED-0000507", &of).unwrap();
        assert_eq!((found.row, found.text), (of.row, Some("LED-0000507".into())));
    }
}
