//! A value as the log keeps it, as a person reads it: choices by their labels, times in local time, links by names.

use serde_json::Value as Json;

use super::row::{Value, display};
use super::table::{Kind, Table};

/// What a person sees of a field's value that the log keeps as JSON; an empty one is `(empty)`. Not yet `Shown`.
pub fn logged_value(table: Option<Table>, field: &str, value: &Json) -> String {
    let known = table.and_then(|table| table.fields().iter().find(|known| known.name == field));
    match (value, known) {
        (Json::Null, _) => "(empty)".into(),
        (Json::Number(n), Some(field)) => match (n.as_i64(), field.kind) {
            (Some(id), Kind::Link(table)) => table.row_name(id),
            (Some(id), Kind::User) => format!("user {id}"),
            (Some(n), _) => display(field, &Value::Int(n)).into_owned(),
            (None, _) => value.to_string(),
        },
        (Json::String(text), _) => text.clone(),
        _ => value.to_string(),
    }
}

/// What a person calls a field of a table.
pub fn field_title(table: Option<Table>, field: &str) -> &str {
    let known = table.and_then(|table| table.fields().iter().find(|known| known.name == field));
    known.map_or(field, |field| field.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_log_keeps_is_told_in_words() {
        for (field, value, told) in [
            ("ledger_status", json!(166_840_001), "Certified"),
            ("live", json!(1), "Yes"),
            ("sync_item", json!(7), "ITM-0000007"),
            ("value", json!("x"), "x"),
            ("value", json!(null), "(empty)"),
            ("no_field", json!(3), "3"),
        ] {
            assert_eq!(logged_value(Some(Table::Ledger), field, &value), told, "{field}");
        }
    }
}
