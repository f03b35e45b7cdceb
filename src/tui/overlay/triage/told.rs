//! What triage says: each group in one line, and of one group its cause, its values, an example's trace from the delivery
//! to the ledger, and what can be done.

use super::super::binding;
use super::{Lead, Triage};
use crate::engine::{Outcome, Stopped};
use crate::model::text::{counted, grouped};
use crate::model::{Row, Table, Value, code, shown};
use crate::store::TriageGroup;
use crate::tui::cut;
use crate::tui::over_keys::Over;
use crate::tui::paint::Span;
use crate::tui::panes::{self, PaneSpec, Target};
use crate::tui::theme::Role;
use crate::tui::zone::Zone;

/// Cells before the first column: cursor, a space, state and a space.
const GUTTER: usize = 4;
const CODE: usize = 5;
const SOURCE: usize = 9;
const ITEMS: usize = 7;
const JOBS: usize = 4;
const DAY: usize = 10;
/// From so many cells on there is room for the day of the oldest item.
const ROOMY: usize = 72;
/// Cells of the word before a text, values that are named, and lines of one text.
const LABEL: usize = 15;
const VALUES: usize = 8;
const LINES: usize = 12;

/// Cells for the field's name.
fn field_width(width: usize) -> usize {
    let days = if width < ROOMY { 1 } else { 2 };
    width.saturating_sub(GUTTER + CODE + SOURCE + ITEMS + JOBS + 6 + days * (DAY + 1))
}

pub(super) fn heading(width: usize) -> String {
    let first = if width < ROOMY { String::new() } else { format!("{:<DAY$} ", "First seen") };
    let columns = [cut::fit("Code", CODE), cut::fit("Field", field_width(width)), cut::fit("Source", SOURCE)];
    let numbers = [cut::fit_right("Items", ITEMS), cut::fit_right("Jobs", JOBS)];
    format!("{}{} {}  {first}Last seen", " ".repeat(GUTTER), columns.join(" "), numbers.join(" "))
}

pub(super) fn group(group: &TriageGroup, here: bool, width: usize, zone: Zone) -> Vec<Span> {
    let day = |at| zone.minute(at).chars().take(DAY).collect::<String>();
    let (mark, role) = if group.failed == group.items { ('x', Role::Bad) } else { ('!', Role::Waiting) };
    let field = format!("{} {}", group.target_table, group.field_name.as_deref().unwrap_or("(whole records)"));
    let first = if width < ROOMY { String::new() } else { format!("{} ", day(group.first)) };
    let columns = [
        cut::fit(group.code.as_deref().unwrap_or_default(), CODE),
        cut::fit(&field, field_width(width)),
        cut::fit(&group.source, SOURCE),
    ];
    let numbers = [cut::fit_right(&grouped(group.items), ITEMS), cut::fit_right(&grouped(group.jobs), JOBS)];
    vec![
        (if here { "> " } else { "  " }.into(), Role::Plain),
        (format!("{mark} "), role),
        (format!("{} ", columns.join(" ")), Role::Plain),
        (format!("{}  ", numbers.join(" ")), Role::Heading),
        (format!("{first}{}", day(group.last)), Role::Quiet),
    ]
}

/// One hop of the way that a value came, and where it leads.
pub(super) struct Hop {
    label: &'static str,
    text: String,
    pub lead: Option<Lead>,
}

/// The way of an item from its delivery to where it stopped.
pub(super) fn hops(row: &Row, stopped: Option<&Stopped>) -> Vec<Hop> {
    let linked = |name: &str, table| match row.value(name) {
        Value::Link(id, named) => (shown(named).into_owned(), Some((table, Target::Row(*id, named.clone())))),
        _ => ("none".to_string(), None),
    };
    let text = |name: &str| row.text(name);
    let hop = |label, (text, target): (String, Option<(Table, Target)>)| {
        let lead = target.map(|(table, target)| Lead::Rows(table, target));
        Hop { label, text, lead }
    };
    let key = format!("{} {}", shown(text("source_system_key")), shown(text("external_key")));
    let keyed = [("key", "external_key"), ("source", "source_system_key"), ("table", "target_table")];
    let keyed = keyed.map(|(name, field)| (name, text(field)));
    let identifier = keyed.iter().all(|(_, text)| !text.is_empty()).then(|| panes::rows_with(&keyed));
    let raw = format!("\"{}\", {}", cut::cut(text("raw_value"), 60), shown(row.name()));
    let said = if text("process_message").is_empty() { text("code") } else { text("process_message") };
    // A whole record has no field, and so no binding.
    let bound = stopped.filter(|_| !text("field_name").is_empty());
    let binding = Hop {
        label: "Binding",
        text: bound.map_or("none".into(), binding::summary),
        lead: bound.map(|_| Lead::Binding),
    };
    vec![
        hop("Delivery", linked("integration_sync_job", Table::SyncJobs)),
        hop("Identifier", (key, identifier.map(|target| (Table::Identifiers, target)))),
        hop("Raw value", (raw, Some((Table::SyncItems, Target::Row(row.id, row.name().into()))))),
        binding,
        hop("Value map", linked("value_map", Table::ValueMaps)),
        hop("Policy", linked("commit_policy", Table::CommitPolicies)),
        hop("Verdict", (shown(said).into_owned(), (PaneSpec::of(Table::SyncItems).cause)(row))),
        hop("Ledger", linked("ledger", Table::Ledger)),
    ]
}

/// What is told of the group under the cursor, in so many cells.
pub(super) fn lines(triage: &Triage, width: usize, zone: Zone) -> Vec<Vec<Span>> {
    let Some(group) = triage.here() else { return Vec::new() };
    let mut lines = Vec::new();
    let cells = width.saturating_sub(LABEL + 3);
    let mut put = |label: &str, text: &str, role: Role| {
        let mut label = label.to_string();
        for text in cut::wrapped_shown(text, cells, LINES) {
            lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, role)]);
            label.clear();
        }
    };
    let known = group.code.as_deref().and_then(code::find);
    if let Some(code) = known {
        put("Cause", &format!("{} {}", code.code, code.cause), Role::Heading);
        put("Remedy", code.remedy, Role::Note);
    }
    let seen = format!("{} to {}", zone.minute(group.first), zone.minute(group.last));
    put(
        "Seen",
        &format!("{seen}, in {}; {} tried again", counted(group.jobs, "job"), grouped(group.tried)),
        Role::Plain,
    );
    match (codes(triage, cells), values(triage, cells)) {
        (Some(codes), _) => put("Codes", &codes, Role::Plain),
        (None, Some(values)) => put("Values", &values, Role::Plain),
        (None, None) => {}
    }
    put("To do", &to_do(triage, group), Role::Plain);
    lines.push(Vec::new());
    match (triage.example(), triage.example.of(&super::filter(group))) {
        (Some(example), _) => trace(example, triage.stopped(), cells, &mut lines),
        (None, Some(_)) => lines.push(vec![(" There is no example to read.".into(), Role::Quiet)]),
        (None, None) => lines.push(vec![(" reading…".into(), Role::Quiet)]),
    }
    lines
}

fn trace(example: &Row, stopped: Option<&Stopped>, cells: usize, lines: &mut Vec<Vec<Span>>) {
    lines.push(vec![(" EXAMPLE, THE NEWEST: a digit goes there".into(), Role::Heading)]);
    let mut number = 0;
    for hop in hops(example, stopped) {
        let mut label = if hop.lead.is_some() {
            number += 1;
            format!("{number} {}", hop.label)
        } else {
            format!("  {}", hop.label)
        };
        for text in cut::wrapped_shown(&hop.text, cells, LINES) {
            lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, Role::Plain)]);
            label.clear();
        }
    }
}

/// The codes that the group's items wait for, those that most wait for first.
fn codes(triage: &Triage, cells: usize) -> Option<String> {
    let open: Vec<_> = triage.stopped()?.codes.iter().filter(|code| code.open).collect();
    let named = open.iter().map(|code| (code.code.as_str(), code.items));
    (!open.is_empty()).then(|| counts(named, cells))
}

/// The group's most frequent values with their counts.
fn values(triage: &Triage, cells: usize) -> Option<String> {
    let values = &triage.values()?.values;
    Some(counts(values.iter().map(|(value, n)| (value.as_str(), *n)), cells))
}

fn counts<'a>(values: impl ExactSizeIterator<Item = (&'a str, i64)>, cells: usize) -> String {
    let more = values.len() > VALUES;
    let one = |(value, n): (&str, i64)| format!("{} {}", cut::cut(value, cells / 2), grouped(n));
    let mut texts: Vec<String> = values.take(VALUES).map(one).collect();
    texts.extend(more.then(|| "…".into()));
    texts.join(", ")
}

/// What can be done to the group, and what it would come to.
fn to_do(triage: &Triage, group: &TriageGroup) -> String {
    let mut out = Vec::new();
    // What a person took the key from is not offered.
    let mut does = |own: &str, what: String| {
        let key = triage.keymap.shown_over(Some(Over::Triage), own);
        out.extend(key.map(|key| format!("{key} {what}")));
    };
    match (triage.map(), triage.code()) {
        (None, _) => {}
        (Some(_), Some(code)) => {
            let items = counted(code.items, "item");
            does("m", format!("maps {}: {items} of this group", cut::cut(&code.code, 30)));
        }
        (Some(_), None) => {
            let raw = triage.example().map_or("", |row| row.text("raw_value"));
            does("m", format!("maps {}", cut::cut(raw, 30)));
        }
    }
    if triage.rights.retries {
        let items = if group.items == 1 { "it".into() } else { format!("all {}", counted(group.items, "item")) };
        let told = triage.effect.text(tried).unwrap_or_else(|| "the preview shows what would come of it".into());
        does("T", format!("tries {items} again: {told}"));
        does("Z", format!("sets {} aside", if group.items == 1 { "it" } else { "them" }));
    }
    does("Enter", "lists them".into());
    format!("{}.", out.join("; "))
}

/// What trying a group again would come to, as things stand.
fn tried(outcome: &Outcome) -> String {
    let (on, off) = (outcome.released, outcome.changed - outcome.released);
    let values = counted(outcome.values_changed, "current value");
    match (on, off) {
        (0, _) => "none would go on now".into(),
        (_, 0) => format!("all would go on now, {values} would differ"),
        (on, off) => format!("{} would go on now, {} would not; {values} would differ", grouped(on), grouped(off)),
    }
}
