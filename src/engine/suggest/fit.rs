//! Which code list the values of a delivered field fit best.

use std::collections::BTreeSet;

use anyhow::Result;

use super::table::Suggester;
use crate::engine::Error;
use crate::rules::binding;
use crate::rules::suggest::{Question, SURE};
use crate::store::{FieldValues, Reader};

/// How well a field's values fit a code list.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Fit {
    pub target_table: String,
    pub field_name: String,
    pub source_system_key: String,
    pub code_list: String,
    /// The share of the newest values, each as often as it came, that have a sure suggestion in the list.
    pub share: f32,
    /// Distinct values that were looked at, and how many of them have one.
    pub values: usize,
    pub fitting: usize,
    /// Distinct values among the newest items; the most frequent of them were looked at.
    pub delivered: usize,
    /// Some that have none.
    pub others: Vec<String>,
    /// The code list that the field's values are looked up in by now.
    pub bound_to: Option<String>,
}

/// Items that are looked at, the newest first.
const NEWEST: i64 = 50_000;

/// Distinct values of a field that are looked at, the most frequent first.
const VALUES: usize = 200;

/// Less is chance.
const LEAST: f32 = 0.3;

/// Examples of values that do not fit.
const OTHERS: usize = 3;

/// The fields of a table among the newest items; none where none of the items is of the table.
pub fn newest_fields(reader: &Reader, target_table: &str) -> Result<BTreeSet<String>, Error> {
    let of_table = |field: &FieldValues| field.target_table.to_lowercase() == target_table.to_lowercase();
    let fields = reader.delivered_fields(NEWEST)?.into_iter().filter(of_table);
    Ok(fields.map(|field| field.field_name).collect())
}

/// The code lists that the fields among the newest items fit, the best first for each field.
pub fn fits(reader: &Reader) -> Result<Vec<Fit>, Error> {
    let (names, bindings) = (reader.code_lists()?, reader.bindings()?);
    let lists: Vec<Suggester> = names.iter().map(|list| Suggester::read(reader, list)).collect::<Result<_, _>>()?;
    let mut out = Vec::new();
    for field in reader.delivered_fields(NEWEST)? {
        let (table, name) = (&field.target_table, &field.field_name);
        let bound = binding::of_field(&bindings, table, name, &field.source);
        let bound_to = binding::code_list(bound, &names, table, name);
        let values = &field.values[..field.values.len().min(VALUES)];
        let items: i64 = values.iter().map(|(_, n)| n).sum();
        // A value is code and label in one: which of the two a source delivers is what one wants to know.
        let questions: Vec<Question> =
            values.iter().map(|(value, _)| Question { code: Some(value.clone()), label: None }).collect();
        let mut fits: Vec<Fit> = Vec::new();
        for list in &lists {
            let answers = list.suggest_all(&questions, 1);
            let sure = |at: &usize| answers[*at].first().is_some_and(|best| best.score >= SURE && best.code.is_some());
            let (with, without): (Vec<usize>, Vec<usize>) = (0..values.len()).partition(sure);
            let share = with.iter().map(|at| values[*at].1).sum::<i64>() as f32 / items.max(1) as f32;
            if share >= LEAST {
                fits.push(Fit {
                    target_table: field.target_table.clone(),
                    field_name: field.field_name.clone(),
                    source_system_key: field.source.clone(),
                    code_list: list.list().to_string(),
                    share,
                    values: values.len(),
                    fitting: with.len(),
                    delivered: field.values.len(),
                    others: without.iter().take(OTHERS).map(|at| values[*at].0.clone()).collect(),
                    bound_to: bound_to.map(str::to_string),
                });
            }
        }
        fits.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.code_list.cmp(&b.code_list)));
        out.extend(fits);
    }
    Ok(out)
}
