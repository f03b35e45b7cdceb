//! A filter as a form has it: one condition a field, and what no field's line holds, as it was typed.
//!
//! The filter language stays the parser's; here its text is only taken apart and put together again.

use super::listing::conditions;
use crate::model::filter::quoted;
use crate::model::{Field, Table};

/// What stands between a field and its values; the longer ones first.
const OPERATORS: [&str; 7] = ["!=", ">=", "<=", ">", "<", "~", ":"];

#[derive(Debug)]
enum Part {
    /// A field's first condition: what stands after its name, without the colon.
    Field(&'static Field, String),
    Other(String),
}

#[derive(Debug)]
pub struct Conditions(Vec<Part>);

impl Conditions {
    pub fn read(table: Table, text: &str) -> Conditions {
        let mut out = Conditions(Vec::new());
        for condition in conditions(text) {
            let part = match parted(table, condition) {
                Some((field, rest)) if out.of(field).is_empty() => Part::Field(field, rest),
                _ => Part::Other(condition.into()),
            };
            out.0.push(part);
        }
        out
    }

    /// A field's condition, as its line shows it; empty where there is none.
    pub fn of(&self, field: &Field) -> &str {
        let own = |part: &'_ Part| matches!(part, Part::Field(other, _) if *other == field);
        match self.0.iter().find(|part| own(part)) {
            Some(Part::Field(_, rest)) => rest,
            _ => "",
        }
    }

    /// Gives a field another condition; an empty one is none.
    pub fn set(&mut self, field: &'static Field, rest: &str) {
        let at = self.0.iter().position(|part| matches!(part, Part::Field(other, _) if *other == field));
        match (at, rest.trim()) {
            (Some(at), "") => drop(self.0.remove(at)),
            (None, "") => {}
            (Some(at), rest) => self.0[at] = Part::Field(field, rest.into()),
            (None, rest) => self.0.push(Part::Field(field, rest.into())),
        }
    }

    /// The filter as one would type it.
    pub fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Field(field, rest) => condition(field, rest),
            Part::Other(text) => text.clone(),
        };
        self.0.iter().map(text).collect::<Vec<_>>().join(" ")
    }
}

/// The field that a condition is about, and what it says of it.
fn parted(table: Table, condition: &str) -> Option<(&'static Field, String)> {
    let (at, operator) = OPERATORS
        .iter()
        .filter_map(|operator| Some((condition.find(operator)?, *operator)))
        .min_by_key(|(at, operator)| (*at, usize::MAX - operator.len()))?;
    let field = table.filtered(condition.get(..at)?)?;
    let values = condition.get(at + operator.len()..)?;
    let rest = match (operator, values) {
        (":", "") => "\"\"".into(),
        (":", values) => values.to_string(),
        (operator, values) => format!("{operator}{values}"),
    };
    Some((field, rest))
}

/// A field's line as a condition: values with spaces need no quotes here.
pub fn condition(field: &Field, rest: &str) -> String {
    let rest = rest.trim();
    let operator = OPERATORS.iter().copied().find(|operator| rest.starts_with(operator)).unwrap_or_default();
    let values = rest.strip_prefix(operator).unwrap_or(rest).trim();
    let values = match operator {
        "~" | ">" | "<" | ">=" | "<=" => one(values),
        _ => alternatives(values).into_iter().filter(|value| !value.is_empty()).map(one).collect::<Vec<_>>().join(","),
    };
    format!("{}{}{values}", field.short, if operator.is_empty() { ":" } else { operator })
}

fn one(value: &str) -> String {
    if value.is_empty() || value.starts_with('"') && value.len() > 1 && value.ends_with('"') {
        return value.to_string();
    }
    quoted(value)
}

/// The values between commas outside of quotes.
pub fn alternatives(values: &str) -> Vec<&str> {
    let mut inside = false;
    let parts = values.split(|c: char| {
        inside ^= c == '"';
        c == ',' && !inside
    });
    parts.map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Filter;

    #[test]
    fn a_filter_comes_apart_and_together_again() {
        let text =
            "is:pending source:HR,\"old, one\" -table:contact created>=2026-01-01 created<2026-02-01 field!=x \"a b\"";
        let mut conditions = Conditions::read(Table::Ledger, text);
        let field = |name| Table::Ledger.field(name).unwrap();
        assert_eq!(conditions.text(), text);
        assert_eq!(conditions.of(field("source")), "HR,\"old, one\"");
        assert_eq!(conditions.of(field("created")), ">=2026-01-01");
        assert_eq!(conditions.of(field("field")), "!=x");
        assert_eq!(conditions.of(field("table")), "");
        conditions.set(field("field"), "");
        conditions.set(field("source"), "Human Resources, FPDS");
        conditions.set(field("status"), "Pending");
        conditions.set(field("value"), "~two words");
        let text = conditions.text();
        assert!(text.starts_with("is:pending source:\"Human Resources\",FPDS -table:contact"), "{text}");
        assert!(text.ends_with("\"a b\" status:Pending value~\"two words\""), "{text}");
        Filter::parse(Table::Ledger, &text).unwrap();
    }

    #[test]
    fn the_job_by_which_a_row_came_is_a_condition_too() {
        for table in [Table::Ledger, Table::Identifiers] {
            let mut conditions = Conditions::read(table, "job:3 source:HR");
            let job = table.filtered("job").unwrap();
            assert_eq!(conditions.of(job), "3");
            conditions.set(job, "JOB-0000004, JOB-0000005");
            assert_eq!(conditions.text(), "job:JOB-0000004,JOB-0000005 source:HR");
            Filter::parse(table, &conditions.text()).unwrap();
        }
    }

    #[test]
    fn an_empty_value_is_a_condition_too() {
        let mut conditions = Conditions::read(Table::Ledger, "notes:");
        let notes = Table::Ledger.field("notes").unwrap();
        assert_eq!(conditions.of(notes), "\"\"");
        conditions.set(notes, "!=\"\"");
        assert_eq!(conditions.text(), "notes!=\"\"");
        assert_eq!(Filter::parse(Table::Ledger, "notes:\"\""), Filter::parse(Table::Ledger, "notes:"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z:!=<>~\"\\\\, \\PC]{0,40}") {
            let conditions = Conditions::read(Table::SyncItems, &text);
            conditions.text();
            condition(&Table::SyncItems.fields()[1], &text);
        }
    }
}
