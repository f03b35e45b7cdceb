//! What a pane lists: a filter as it is typed, an order, and the named view that both came from.

use std::borrow::Cow;

use super::panes::{PaneSpec, View};
use super::state::SavedView;
use crate::model::filter::{Filter, FilterError, Term, Test, quoted};
use crate::model::query::{Query, Sort};
use crate::model::{Field, Kind, Table, Value, row};

#[derive(Debug, Clone)]
pub struct Listing {
    table: Table,
    text: String,
    filter: Filter,
    pub sort: Sort,
    /// The view's name, while the filter and the order are still its own.
    pub view: Option<Cow<'static, str>>,
}

impl Listing {
    /// The view that a pane opens with.
    pub fn first(spec: &'static PaneSpec) -> Listing {
        match spec.views.first() {
            Some(view) => Listing::view(spec.table, view),
            None => Listing::all(spec.table),
        }
    }

    pub fn all(table: Table) -> Listing {
        Listing { table, text: String::new(), filter: Filter::default(), sort: Sort::OLDEST, view: None }
    }

    /// A named view. That all views can be read is tested; one that could not would show everything.
    pub fn view(table: Table, view: &'static View) -> Listing {
        Listing {
            table,
            text: view.filter.into(),
            filter: Filter::parse(table, view.filter).unwrap_or_default(),
            sort: Sort::parse(table, view.sort).unwrap_or(Sort::OLDEST),
            view: Some(view.name.into()),
        }
    }

    /// A person's own view, if this version of the program can still read its filter.
    pub fn saved(view: &SavedView) -> Result<Listing, FilterError> {
        Ok(Listing {
            table: view.table,
            text: view.filter.clone(),
            filter: Filter::parse(view.table, &view.filter)?,
            sort: Sort::parse(view.table, &view.sort).unwrap_or(Sort::OLDEST),
            view: Some(view.name.clone().into()),
        })
    }

    /// The order as one would type it.
    pub fn sort_text(&self) -> String {
        self.sort.to_string()
    }

    /// The filter as one would type it.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn query(&self) -> Query {
        Query { table: self.table, filter: self.filter.clone(), sort: self.sort.clone() }
    }

    pub fn is_stale(&self) -> bool {
        self.filter.terms.iter().any(Term::is_stale)
    }

    pub fn is_filtered(&self) -> bool {
        !self.filter.terms.is_empty()
    }

    /// Whether words are searched, so that each row is a match.
    pub fn finds_words(&self) -> bool {
        self.words().next().is_some()
    }

    /// Whether words were looked for last, among the rows that other conditions left.
    pub fn finds_words_within(&self) -> bool {
        matches!(self.filter.terms.as_slice(), [_, .., Term { test: Test::Words(_), .. }])
    }

    /// The texts that rows are searched for.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.filter.words()
    }

    pub fn set_filter(&mut self, text: &str) -> Result<(), FilterError> {
        self.filter = Filter::parse(self.table, text)?;
        if self.text != text {
            self.text = text.into();
            self.view = None;
        }
        Ok(())
    }

    /// Sorts by a field; if it is sorted by it already, the other way round.
    pub fn sort_by(&mut self, field: &'static Field) {
        let turned = matches!(self.sort.keys.as_slice(), [only] if only.field == field && !only.descending);
        self.sort = Sort::by(field, turned);
        self.view = None;
    }

    /// Sorts rows with equal keys by one more; one that is there is turned round, then taken out.
    ///
    /// # Errors
    /// A sentence, where a further key could make no difference.
    pub fn sort_also_by(&mut self, field: &'static Field) -> Result<(), String> {
        self.sort = self.sort.with(field)?;
        self.view = None;
        Ok(())
    }

    /// The filter with one more condition.
    pub fn with(&self, condition: &str) -> String {
        format!("{} {condition}", self.text).trim().into()
    }

    /// The condition that one dropped last; empty where there is none.
    pub fn last_condition(&self) -> String {
        conditions(&self.text).last().map(ToString::to_string).unwrap_or_default()
    }

    /// The filter without its last condition.
    pub fn without_last(&self) -> String {
        conditions(&self.text).split_last().map(|(_, rest)| rest.join(" ")).unwrap_or_default()
    }
}

/// The condition that keeps, or leaves out, rows with this value in this field.
pub fn value_condition(field: &Field, value: &Value, keep: bool) -> String {
    shown_condition(field, &row::display(field, value), keep)
}

/// Like [`value_condition`], of a value as a person sees it.
pub fn shown_condition(field: &Field, value: &str, keep: bool) -> String {
    let operator = if keep { ":" } else { "!=" };
    let text = match field.kind {
        _ if value.is_empty() => String::new(),
        // Of a time it is the day that people mean.
        Kind::Time => value.chars().take(10).collect(),
        _ => quoted(value),
    };
    format!("{}{operator}{text}", field.short)
}

/// Words to find as conditions: whatever characters they hold, they are words.
pub fn word_conditions(typed: &str) -> String {
    let words = typed.split_whitespace().map(|word| {
        let plain = word.chars().all(char::is_alphanumeric);
        if plain { word.to_string() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A filter's conditions as they are typed: a space in quotes does not part them.
pub fn conditions(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = None;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !quoted {
            out.extend(start.take().map(|start| &text[start..at]));
            continue;
        }
        start.get_or_insert(at);
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
    }
    out.extend(start.map(|start| &text[start..]));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Test;

    #[test]
    fn conditions_part_at_spaces_outside_of_quotes() {
        assert_eq!(conditions(r#" a:b  c:"d \" e" "f g""#), ["a:b", r#"c:"d \" e""#, r#""f g""#]);
        assert!(conditions("  ").is_empty());
    }

    #[test]
    fn words_to_find_stay_words() {
        for typed in ["-x", "a:b", "say \"hi\"", "back\\slash", "plain"] {
            let filter = Filter::parse(Table::Ledger, &word_conditions(typed)).unwrap();
            assert!(filter.terms.iter().all(|term| !term.negated && matches!(term.test, Test::Words(_))), "{typed}");
        }
    }

    #[test]
    fn a_cell_makes_a_condition_that_can_be_read() {
        for (name, value, keep, expected) in [
            ("source_system_key", Value::Text("HR, old".into()), true, "source:\"HR, old\""),
            ("source_system_key", Value::Null, false, "source!="),
            ("created_on", Value::Int(0), true, "created:1970-01-01"),
            ("ledger_status", Value::Int(166840001), false, "status!=Certified"),
            ("live", Value::Int(1), true, "live:Yes"),
            ("rank", Value::Int(3), true, "rank:3"),
        ] {
            let field = Table::Ledger.field(name).unwrap();
            let condition = value_condition(field, &value, keep);
            assert_eq!(condition, expected);
            Filter::parse(Table::Ledger, &condition).unwrap();
        }
    }
}
