//! The filter language's meaning: what a person typed, as data. The parser stands in `filter_parse`.
//!
//! `field:value` · `field:a,b` · `field!=x` · `field>v` · `field>=v` · `field<v` · `field<=v` · `field~part` ·
//! `field:` (empty) · `is:word` · bare words search the table's text columns · quotes · `-` negates.

use super::table::{Field, Table};

/// A conjunction of terms; no terms match every row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub negated: bool,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The field equals one of the values; `None` stands for an empty field.
    OneOf(&'static Field, Vec<Option<Operand>>),
    Compare(&'static Field, Comparison, Operand),
    /// The field's text holds the part, ASCII case aside.
    Contains(&'static Field, String),
    /// The active row's state has this code: `is:pending`.
    Is(&'static Field, i64),
    /// Any of the table's text fields holds the part.
    Words(String),
    /// The current value behind the row is stale: `is:stale`.
    Stale,
    /// The row holds the current value of its field: `is:current`.
    Current,
    /// Another map in use decides the same code of the same source otherwise: `is:conflict`.
    Conflict,
    /// The map's canonical code is no active entry of its list: `is:retired-code`.
    RetiredCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// A value to compare with, read by the field's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    Int(i64),
    Text(String),
    /// The name of a linked row or the login of a person.
    Name(String),
    /// A day, month or year was given: from the first value up to, but not including, the second.
    Span(i64, i64),
}

/// What is wrong with a filter, where, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("In the filter, at character {at}: {problem}")]
pub struct FilterError {
    /// The place of the wrong word, counted in characters from 1.
    pub at: usize,
    pub problem: String,
}

impl Filter {
    /// Reads a filter for one table.
    pub fn parse(table: Table, text: &str) -> Result<Filter, FilterError> {
        super::filter_parse::parse(table, text)
    }

    /// Reads a filter of what is to be changed.
    ///
    /// # Errors
    /// As [`Filter::parse`], and where it says nothing: what is listed by it is every row, as a script's unset variable
    /// leaves it, and nobody means that.
    pub fn narrowing(table: Table, text: &str) -> Result<Filter, FilterError> {
        match says_nothing(text) {
            true => Err(FilterError { at: 1, problem: format!("{SAYS_NOTHING}.") }),
            false => Filter::parse(table, text),
        }
    }

    /// Whether it names rows one by one: by their names, and not by what they hold.
    pub fn names_rows(&self, table: Table) -> bool {
        let name = table.fields()[0].name;
        self.terms.iter().any(|term| !term.negated && matches!(&term.test, Test::OneOf(field, _) if field.name == name))
    }

    /// The texts that are looked for inside of other texts: each row is read for that.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter(|term| !term.negated).filter_map(|term| match &term.test {
            Test::Words(part) | Test::Contains(_, part) => Some(part.as_str()),
            _ => None,
        })
    }

    pub fn and(mut self, term: Term) -> Filter {
        self.terms.push(term);
        self
    }
}

impl Term {
    pub fn new(test: Test) -> Term {
        Term { negated: false, test }
    }

    /// `is:stale`
    pub fn is_stale(&self) -> bool {
        !self.negated && self.test == Test::Stale
    }
}

/// What is wrong with a filter of what is to be changed that says nothing.
pub const SAYS_NOTHING: &str = "it says nothing, which would mean every row; say which, for example is:pending";

/// Whether no word of a filter narrows anything: there is none, or only quotes, dashes and blanks, as in `""` or `-`.
pub fn says_nothing(text: &str) -> bool {
    super::filter_parse::says_nothing(text)
}

/// Writes a value so that the parser reads it back as one word.
pub fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "_-.+/@#&".contains(c));
    if plain { value.to_string() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}
