//! The six tables as panes: descriptions only. Nothing in here handles a key or draws.
//!
//! A pane is columns, named views, links to other tables and row actions whose plan says what the action would do to this
//! row, or `None`, which hides its key. One implementation ([`super::pane`]) serves all six.

mod commit_policies;
mod identifiers;
mod ledger;
mod plans;
mod sync_items;
mod sync_jobs;
mod value_maps;

use super::bulk::Bulk;
use crate::engine::{Attested, Reevaluated, Verb};
use crate::model::filter::quoted;
use crate::model::{Field, Row, Table, Value};
use crate::store::FieldKey;

/// A static description of one table's pane.
#[derive(Debug)]
pub struct PaneSpec {
    pub table: Table,
    /// The tab's word where there is room for some, and for little; the table's title where there is plenty.
    pub tab: [&'static str; 2],
    /// The first stays in sight when the others move sideways.
    pub columns: &'static [Column],
    /// The detail's fields, one or two a line.
    pub detail: &'static [&'static [&'static str]],
    /// The first is the one that the pane opens with.
    pub views: &'static [View],
    pub links: &'static [Link],
    pub actions: &'static [RowAction],
    /// What can be done to all marked or matching rows, by way of the preview.
    pub bulk: &'static [Bulk],
    /// A sentence about the row for the detail, for example what went wrong and what to do.
    pub advice: fn(&Row) -> Option<String>,
    /// The field whose value in force the detail shows beside the row's own.
    pub in_force: fn(&Row) -> Option<FieldKey>,
    /// Where the cause of what went wrong with the row stands.
    pub cause: fn(&Row) -> Option<(Table, Target)>,
    /// The target record that the row is about, which Enter opens.
    pub record: fn(&Row) -> Option<Subject>,
    /// What fills the table, said where it is empty.
    pub filled_by: &'static str,
}

#[derive(Debug)]
pub struct Column {
    /// The field's full name.
    pub field: &'static str,
    pub title: &'static str,
    pub width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Cells(u16),
    /// That of the longest name in memory: it follows from the number of the row, and tables grow.
    Name,
    /// At least so much, and a share of what is left.
    Fill(u16),
}

/// A filter and an order under a name, both as a person would type them.
#[derive(Debug)]
pub struct View {
    pub name: &'static str,
    pub filter: &'static str,
    pub sort: &'static str,
}

/// From a row to rows of a table.
#[derive(Debug)]
pub struct Link {
    pub title: &'static str,
    pub to: Table,
    pub target: fn(&Row) -> Option<Target>,
}

/// Where a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One row by its id, among all rows; the name is for people.
    Row(i64, String),
    Filter(String),
}

/// A target record, and where there is one the field of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub table: String,
    pub target: String,
    pub field: Option<String>,
}

#[derive(Debug)]
pub struct RowAction {
    pub act: RowAct,
    pub plan: fn(&Row) -> Option<Plan>,
}

/// What can be asked of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowAct {
    Map,
    Edit,
    Certify,
    /// Every entry that is the same change as this one.
    CertifyAlike,
    Reject,
    Revoke,
    Reopen,
    Recertify,
    Pin,
    Unpin,
    Retry,
    /// Or take a parked one up again.
    Park,
    /// Set it aside for good.
    Close,
    /// Decide again on what the row brought about.
    Reevaluate,
    /// Who decided the row, and what came of it.
    Past,
    /// Vouch for the record or the delivery that the row is about, or for its table.
    Attest,
    AttestTable,
}

impl RowAct {
    /// Whether it changes something, and does not only show or go somewhere.
    pub fn changes(self) -> bool {
        self != RowAct::Past
    }
}

/// What an action would do to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Choose the canonical code of the value map with this id.
    Map(i64),
    /// Edit the row's fields that are named.
    Edit(&'static [&'static str]),
    Decide(Verb),
    /// Do this to all rows that match a filter, by way of the preview.
    Preview(Bulk, String),
    /// Hold the current value of the row's field, or let it go.
    Pin(bool),
    Retry,
    /// Edit the row's copy of the input, and try it again.
    EditInput,
    /// Set the row aside, or take it up again.
    Park(bool),
    Close,
    /// Take the value map or identifier with this id and version out of use.
    Retire(i64, i64),
    Attest(Attested),
    /// Take back what the delivery of the job with this id said.
    Withdraw(i64),
    Reevaluate(Reevaluated),
    /// Tell what was done to the value map with this id, and what came through it.
    Past(i64),
}

/// The roles of which one is needed (engine.md, "Roles").
pub const STEWARD: &[&str] = &["steward", "admin"];
pub const REVIEWER: &[&str] = &["reviewer", "admin"];
pub const ADMIN: &[&str] = &["admin"];
pub const EVERYBODY: &[&str] = &crate::engine::ROLES;
pub const SUPPORT: &[&str] = &["support", "steward", "admin"];

impl Plan {
    /// The roles of which one is needed.
    pub fn roles(&self) -> &'static [&'static str] {
        match self {
            Plan::Map(_) | Plan::Edit(_) | Plan::Retire(..) | Plan::Reevaluate(Reevaluated::Map(_)) => STEWARD,
            Plan::Reevaluate(_) => ADMIN,
            Plan::Past(_) => EVERYBODY,
            Plan::Decide(_) | Plan::Preview(..) | Plan::Pin(_) | Plan::Attest(_) | Plan::Withdraw(_) => REVIEWER,
            Plan::Retry | Plan::EditInput | Plan::Park(_) | Plan::Close => SUPPORT,
        }
    }
}

/// All panes, in the order of their tabs.
pub const ALL: [&PaneSpec; 6] =
    [&identifiers::PANE, &value_maps::PANE, &commit_policies::PANE, &sync_jobs::PANE, &sync_items::PANE, &ledger::PANE];

impl PaneSpec {
    pub fn of(table: Table) -> &'static PaneSpec {
        match table {
            Table::Identifiers => &identifiers::PANE,
            Table::ValueMaps => &value_maps::PANE,
            Table::CommitPolicies => &commit_policies::PANE,
            Table::SyncJobs => &sync_jobs::PANE,
            Table::SyncItems => &sync_items::PANE,
            Table::Ledger => &ledger::PANE,
        }
    }

    /// The name, then what the detail names, then the table's other fields.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let named = self.detail.iter().copied().flatten().copied();
        let all = self.table.fields();
        let first = named.clone().filter_map(|name| all.iter().find(|field| field.name == name));
        let rest = all.iter().skip(1).filter(move |field| !named.clone().any(|name| name == field.name));
        all.iter().take(1).chain(first).chain(rest)
    }

    /// What an action would do to this row, if the pane has it and the row allows it.
    pub fn plan(&self, act: RowAct, row: &Row) -> Option<Plan> {
        // What can be vouched for follows from what the row is about, in every pane.
        match act {
            RowAct::Attest => return plans::attest(row, (self.record)(row)),
            RowAct::AttestTable => return plans::attest_table(row),
            _ => {}
        }
        self.actions.iter().find(|action| action.act == act).and_then(|action| (action.plan)(row))
    }
}

/// The row that a link field names.
pub(super) fn linked(row: &Row, field: &str) -> Option<Target> {
    match row.value(field) {
        Value::Link(id, name) => Some(Target::Row(*id, name.clone())),
        _ => None,
    }
}

/// The rows whose fields (by their filter names) hold this row's texts; none where one of these is empty.
fn alike(row: &Row, pairs: &[(&str, &str)]) -> Option<Target> {
    let mut terms = Vec::with_capacity(pairs.len());
    for (filter_name, field) in pairs {
        let text = row.text(field);
        if text.is_empty() {
            return None;
        }
        terms.push(format!("{filter_name}:{}", quoted(text)));
    }
    Some(Target::Filter(terms.join(" ")))
}

/// Like [`alike`], with a further condition.
fn alike_and(row: &Row, pairs: &[(&str, &str)], more: &str) -> Option<Target> {
    match alike(row, pairs)? {
        Target::Filter(filter) => Some(Target::Filter(format!("{filter} {more}"))),
        other => Some(other),
    }
}

/// The rows that have these texts in these fields, named as in a filter.
pub(super) fn rows_with(pairs: &[(&str, &str)]) -> Target {
    let terms: Vec<String> = pairs.iter().map(|(name, text)| format!("{name}:{}", quoted(text))).collect();
    Target::Filter(terms.join(" "))
}

/// The record that a row names, and the field that it has in a column of its own.
fn subject(row: &Row, field: Option<&str>) -> Option<Subject> {
    let text = |name: &str| Some(row.text(name).to_string()).filter(|text| !text.is_empty());
    Some(Subject { table: text("target_table")?, target: text("target_id")?, field: field.and_then(text) })
}

fn no_cause(_: &Row) -> Option<(Table, Target)> {
    None
}

fn no_record(_: &Row) -> Option<Subject> {
    None
}

fn no_field(_: &Row) -> Option<FieldKey> {
    None
}

fn no_advice(_: &Row) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Filter;
    use crate::model::query::Sort;

    #[test]
    fn descriptions_name_fields_filters_and_orders_that_there_are() {
        for (at, pane) in ALL.into_iter().enumerate() {
            assert_eq!(pane.table, Table::ALL[at]);
            assert_eq!(PaneSpec::of(pane.table).table, pane.table);
            let columns = pane.columns.iter().map(|column| column.field);
            for name in columns.chain(pane.detail.iter().copied().flatten().copied()) {
                assert!(pane.table.field(name).is_some_and(|field| field.name == name), "{name} in {:?}", pane.table);
            }
            for view in pane.views {
                Filter::parse(pane.table, view.filter).unwrap();
                Sort::parse(pane.table, view.sort).unwrap();
            }
        }
    }
}
