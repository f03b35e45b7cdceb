//! Reading the text fields of an import or a form, with sentences that name the place.

use std::collections::BTreeMap;

use super::Refusal;
use crate::model::Shown;
use crate::model::choice::ChoiceSet;
use crate::model::row::parse_hundredths;
use crate::model::table::Table;
use crate::model::text::nearest;
use crate::model::time::{self, Micros};

/// The fields of one row by name; blank texts count as not given.
pub(super) struct Fields<'a> {
    /// Before each sentence: `Line 3, `, or nothing.
    place: String,
    fields: &'a BTreeMap<String, String>,
    table: Option<Table>,
}

impl<'a> Fields<'a> {
    pub fn new(table: impl Into<Option<Table>>, place: String, fields: &'a BTreeMap<String, String>) -> Fields<'a> {
        Fields { place, fields, table: table.into() }
    }

    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// Whether a person typed them, and no file's line has them.
    pub fn is_typed(&self) -> bool {
        self.place.is_empty()
    }

    pub fn invalid(&self, field: &str, problem: impl Into<String>) -> Refusal {
        Refusal::Invalid { place: self.place.clone(), field: field.into(), problem: problem.into() }
    }

    /// Refuses fields that are not among these.
    pub fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let Some(name) = self.fields.keys().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
        let exists = self.table.is_some_and(|table| table.field(name).is_some());
        let problem = if exists { "this field cannot be set here" } else { "there is no such field" };
        let hint = nearest(name, known.iter().copied()).map(|near| format!(" Did you mean {near}?"));
        let problem = format!("{problem}; it takes {}.{}", known.join(", "), hint.unwrap_or_default());
        Err(self.invalid(&Shown(name).to_string(), problem))
    }

    pub fn text(&self, field: &str) -> Option<&'a str> {
        self.fields.get(field).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    pub fn optional(&self, field: &str, max: usize) -> Result<Option<String>, Refusal> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let length = text.chars().count();
        if length > max {
            return Err(self.invalid(field, format!("it has {length} characters, and may have {max}.")));
        }
        if text.contains('\0') {
            return Err(self.invalid(field, "it holds a NUL character."));
        }
        Ok(Some(text.to_string()))
    }

    pub fn required(&self, field: &str, max: usize) -> Result<String, Refusal> {
        self.optional(field, max)?.ok_or_else(|| self.invalid(field, "it is empty, and has to be given."))
    }

    pub fn choice(&self, field: &str, set: &ChoiceSet) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(field) else { return Ok(None) };
        match set.code(text) {
            Some(code) => Ok(Some(code)),
            None => Err(self.invalid(field, format!("\"{}\" is not one of {}.", Shown(text), set.labels()))),
        }
    }

    pub fn hundredths(&self, field: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let problem = || format!("\"{}\" is not a number from 0 to 1 with at most two decimals.", Shown(text));
        parse_hundredths(text).map(Some).ok_or_else(|| self.invalid(field, problem()))
    }

    pub fn count(&self, field: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(field) else { return Ok(None) };
        // A century of centuries: beyond it a date cannot be told.
        match text.trim().parse::<i64>() {
            Ok(n) if (0..=3_652_500).contains(&n) => Ok(Some(n)),
            _ => Err(self.invalid(field, format!("\"{}\" is not a whole number of days from 0 on.", Shown(text)))),
        }
    }

    pub fn time(&self, field: &str) -> Result<Option<Micros>, Refusal> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let problem = || format!("\"{}\" is not a time like 2026-11-22T09:14:00Z.", Shown(text));
        time::parse(text).map(Some).ok_or_else(|| self.invalid(field, problem()))
    }
}
