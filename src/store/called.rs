//! Ledger entries by what their record is called: `key:` and `label:` as filters, and words among them.
//!
//! # Performance
//! An entry holds neither its record's keys nor its label, for both may change under it. What matches is found among the
//! identifiers and the values in force first, once a statement, and the entries by their records then, by an index. A key is
//! found by an index, too; a part of one, and a label, cost a look through the identifiers, or through the values in force of
//! the tables that have a label.

use rusqlite::types::Value as Sql;

use super::sql::{Fragment, escaped};
use crate::model::filter::Operand;
use crate::model::table::{Field, RECORD_KEY};

/// Records with their labels, the values of the fields in their order.
const LABELS: &str = "SELECT c.target_table AS target_table, c.target_id AS target_id
    FROM setting AS s CROSS JOIN json_each('[\"' || replace(s.value, ',', '\",\"') || '\"]') AS f
    CROSS JOIN current_value AS c ON c.target_table = substr(s.key, 7) AND c.field_name = f.value
    WHERE s.key LIKE 'label.%' AND s.value <> '' AND trim(c.value) <> ''
    GROUP BY c.target_table, c.target_id HAVING group_concat(c.value, ' ' ORDER BY f.key)";

/// The WHERE term of the rows whose record is called so; without a value, of those that are not called anything.
pub(super) fn called(field: &Field, value: Option<&Operand>) -> Fragment {
    let is_key = *field == RECORD_KEY;
    match value {
        Some(Operand::Text(text)) if is_key => by_key(text),
        Some(Operand::Text(text)) => with_label("= ?", text.clone()),
        None if is_key => Fragment::of(
            "NOT EXISTS (SELECT 1 FROM integration_identifier AS n
             WHERE n.target_id = t.target_id AND n.target_table = t.target_table AND n.statecode = 0)",
            [],
        ),
        None => Fragment::of(format!("(t.target_table, t.target_id) NOT IN ({LABELS} <> '')"), []),
        Some(_) => Fragment::of("0", []),
    }
}

/// The same, of a part of what it is called.
pub(super) fn called_like(field: &Field, part: &str) -> Fragment {
    let pattern = format!("%{}%", escaped(part));
    if *field != RECORD_KEY {
        return with_label("LIKE ? ESCAPE '\\'", pattern);
    }
    let keys = "SELECT n.target_table, n.target_id FROM integration_identifier AS n
                WHERE n.statecode = 0 AND n.external_key LIKE ? ESCAPE '\\' AND n.target_id IS NOT NULL";
    Fragment::of(format!("(t.target_table, t.target_id) IN ({keys})"), [Sql::Text(pattern)])
}

/// A key is written alone, or with its source as in HR:E-10210.
fn by_key(text: &str) -> Fragment {
    let mut is = vec!["n.external_key = ?".to_string()];
    let mut values = vec![Sql::Text(text.to_string())];
    for (at, _) in text.match_indices(':') {
        is.push(
            "n.external_key = ? AND n.source_system_key
                = (SELECT spelling FROM vocabulary WHERE kind = 'source' AND folded = ?)"
                .into(),
        );
        values.push(Sql::Text(text[at + 1..].to_string()));
        values.push(Sql::Text(super::sql::folded(&text[..at])));
    }
    let is = is.join(" OR ");
    let twice = values.iter().chain(&values).cloned().collect::<Vec<_>>();
    Fragment::of(
        format!(
            "t.target_id IN (SELECT n.target_id FROM integration_identifier AS n WHERE n.statecode = 0 AND ({is}))
             AND EXISTS (SELECT 1 FROM integration_identifier AS n WHERE n.target_id = t.target_id
                 AND n.target_table = t.target_table AND n.statecode = 0 AND ({is}))"
        ),
        twice,
    )
}

fn with_label(is: &str, text: String) -> Fragment {
    Fragment::of(format!("(t.target_table, t.target_id) IN ({LABELS} {is})"), [Sql::Text(text)])
}
