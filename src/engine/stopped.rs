//! What there is to know about a group of items that did not go on: the codes that they wait for, and the binding by which
//! their field's values are read.

use super::Error;
use crate::model::fact::Binding;
use crate::rules::binding;
use crate::store::{GroupCode, Reader, TriageGroup};

/// The codes and the binding of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stopped {
    /// Those that most of its items wait for first.
    pub codes: Vec<GroupCode>,
    /// None: no row speaks of the field.
    pub binding: Option<Binding>,
    /// The list that the field's values are looked up in, by the binding or by its name.
    pub code_list: Option<String>,
}

/// Reads what there is to know about a group, looking at so many items at most, the newest.
///
/// # Errors
/// Where the store cannot be read.
pub fn stopped(reader: &Reader, group: &TriageGroup, items: i64) -> Result<Stopped, Error> {
    let codes = reader.triage_codes(group, items)?;
    let Some(field) = &group.field_name else { return Ok(Stopped { codes, ..Stopped::default() }) };
    let bindings = reader.bindings()?;
    let binding = binding::of_field(&bindings, &group.target_table, field, &group.source);
    let lists = reader.code_lists()?;
    let code_list = binding::code_list(binding, &lists, &group.target_table, field).map(str::to_string);
    Ok(Stopped { codes, binding: binding.cloned(), code_list })
}
