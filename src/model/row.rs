//! Rows as the reading side knows them: a table, an id, and one typed value a field.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::table::{Field, Kind, Table};
use super::time;

/// A value of a field, already read by the field's [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    /// Numbers, times (UTC microseconds), hundredths, flags and choice codes: the kind tells them apart.
    Int(i64),
    Text(String),
    /// A linked row or person: its id and its name.
    Link(i64, String),
}

/// One row of one of the six tables with a value for each of `table.fields()`, in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub table: Table,
    pub id: i64,
    pub values: Vec<Value>,
}

/// What people see as the state of a value map that is out of use.
const RETIRED: &str = "Retired";

impl Row {
    /// The value of a field by its full name; `Null` where the table has no such field.
    pub fn value(&self, name: &str) -> &Value {
        let at = self.table.fields().iter().position(|field| field.name == name);
        at.and_then(|at| self.values.get(at)).unwrap_or(&Value::Null)
    }

    /// The text of a text field, or an empty text.
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Value::Text(text) | Value::Link(_, text) => text,
            _ => "",
        }
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        match self.value(name) {
            Value::Int(n) | Value::Link(n, _) => Some(*n),
            _ => None,
        }
    }

    /// What a person sees in the field: choices as labels, times in local time, nothing for Null. Not yet `Shown`.
    pub fn display(&self, name: &str) -> Cow<'_, str> {
        if self.is_map_out_of_use() && name == self.table.state_field() {
            return RETIRED.into();
        }
        match self.table.fields().iter().position(|field| field.name == name) {
            Some(at) => display(&self.table.fields()[at], self.values.get(at).unwrap_or(&Value::Null)),
            None => Cow::Borrowed(""),
        }
    }

    /// A value map keeps the state in which it went out of use, which is its state no more.
    fn is_map_out_of_use(&self) -> bool {
        self.table == Table::ValueMaps && self.int("statecode") == Some(1)
    }

    /// The row's own name, such as `JOB-0000001`.
    pub fn name(&self) -> &str {
        match self.values.first() {
            Some(Value::Text(name)) => name,
            _ => "",
        }
    }

    /// One JSON object: the columns' names as keys, choices as labels, times as RFC 3339, links as names.
    pub fn json(&self) -> Json {
        let mut object = Map::with_capacity(self.values.len() + 1);
        object.insert("id".into(), json!(self.id));
        for (field, value) in self.table.fields().iter().zip(&self.values) {
            object.insert(field.name.into(), json_value(field, value));
        }
        Json::Object(object)
    }
}

/// What a person sees of a value. Not yet `Shown`.
pub fn display<'a>(field: &Field, value: &'a Value) -> Cow<'a, str> {
    match (value, field.kind) {
        (Value::Null, _) => "".into(),
        (Value::Text(text) | Value::Link(_, text), _) => text.into(),
        (Value::Int(at), Kind::Time) => time::short_local(*at).into(),
        (Value::Int(n), Kind::Hundredths) => hundredths(*n).into(),
        (Value::Int(code), Kind::Choice(set)) => {
            set.label(*code).map_or_else(|| code.to_string().into(), Cow::Borrowed)
        }
        (Value::Int(n), Kind::Flag) => if *n == 0 { "No" } else { "Yes" }.into(),
        (Value::Int(n), _) => n.to_string().into(),
    }
}

/// A value as scripts and files get it: like [`display`], but times are RFC 3339.
pub fn exchange<'a>(field: &Field, value: &'a Value) -> Cow<'a, str> {
    match (value, field.kind) {
        (Value::Int(at), Kind::Time) => time::rfc3339(*at).into(),
        _ => display(field, value),
    }
}

fn json_value(field: &Field, value: &Value) -> Json {
    match (value, field.kind) {
        (Value::Null, _) => Json::Null,
        (Value::Int(n), Kind::Int) => json!(n),
        (Value::Int(n), Kind::Hundredths) => json!(*n as f64 / 100.0),
        (Value::Int(n), Kind::Flag) => json!(*n != 0),
        _ => json!(exchange(field, value)),
    }
}

/// `94` as `0.94`.
pub fn hundredths(n: i64) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

/// Reads a number from 0 to 1 with at most two decimals as hundredths.
pub fn parse_hundredths(text: &str) -> Option<i64> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) || decimals.trim_end_matches('0').len() > 2 {
        return None;
    }
    let padded = format!("{decimals:0<2}");
    let n = whole.parse::<i64>().ok()?.checked_mul(100)? + padded[..2].parse::<i64>().ok()?;
    (0..=100).contains(&n).then_some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_read_as_written() {
        for n in 0..=100 {
            assert_eq!(parse_hundredths(&hundredths(n)), Some(n));
        }
        assert_eq!(parse_hundredths("1"), Some(100));
        assert_eq!(parse_hundredths("0.9"), Some(90));
        assert_eq!(parse_hundredths("0.500"), Some(50));
        for wrong in ["", "1.01", "0.123", "-0.5", "ninety", ".5", "99999999999999999999"] {
            assert_eq!(parse_hundredths(wrong), None, "{wrong}");
        }
    }
}
