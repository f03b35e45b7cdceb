//! Draws a record: the list of its fields, and beside or below it what is told of one of them.

use super::super::split::Split;
use super::{Record, told};
use crate::store::{InForce, RecordField, StoppedItem};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::Areas;
use crate::tui::paint::{Paint, Span};
use crate::tui::state_mark;
use crate::tui::theme::Role;
use crate::tui::zone::Zone;

/// Cells before the first column: cursor, pin, state and a space.
const GUTTER: usize = 4;
const SOURCE: usize = 9;
const STATUS: usize = 9;
const STALE: usize = 5;
const DAY: usize = 10;
/// Cells of a value that waits.
const WAITING: usize = 200;

/// What stands where there is no value.
const NONE: &str = "(none)";
const EMPTY: &str = "(empty)";

pub(super) fn draw(record: &Record, paint: &mut Paint, areas: &Areas, desk: &Desk) {
    let parts = Split::areas(areas.content, record.fields.len());
    let heading = heading(parts.heading.width.into());
    let field = |at: usize, width| {
        record.fields.get(at).map_or(Vec::new(), |f| spans(f, at == record.split.at, width, desk.zone))
    };
    record.split.draw_list(paint, &parts, &heading, record.fields.len(), field);
    if record.fields.is_empty() {
        let text = if record.asked.is_some() { " reading…" } else { " Nothing was ever said of this record." };
        paint.put(parts.list, text, Role::Quiet);
    }
    let heading = record.here().map_or("", |field| &field.name);
    record.split.draw_detail(paint, &parts, heading, |width| told::lines(record, width, desk.zone));
}

/// Cells of the field's name, and of its value.
fn widths(width: usize) -> (usize, usize) {
    let name = (width / 4).clamp(12, 24);
    let taken = GUTTER + name + SOURCE + STATUS + STALE + 5;
    (name, width.saturating_sub(taken))
}

fn heading(width: usize) -> String {
    let (name, value) = widths(width);
    let columns = [("Field", name), ("In force", value), ("Source", SOURCE), ("Status", STATUS), ("Stale", STALE)];
    let cells = columns.map(|(text, width)| format!("{} ", cut::fit(text, width))).concat();
    format!("{}{cells}", " ".repeat(GUTTER))
}

fn spans(field: &RecordField, chosen: bool, width: usize, zone: Zone) -> Vec<Span> {
    let (name, value) = widths(width);
    let pointer = if chosen { ">" } else { " " };
    let start = |pin: &str| (format!("{pointer}{pin}"), Role::Plain);
    let label = (format!("{} ", cut::fit(&field.name, name)), Role::Quiet);
    let Some(in_force) = &field.in_force else {
        let (mark, role, text, source, status) = match &field.stopped {
            _ if field.pending > 0 => ('?', Role::Waiting, waiting(field), waiting_source(field), "Pending"),
            Some(item) => {
                let (mark, role) = state_mark::item(item.state);
                (mark, role, why_empty(item, zone), item.source.as_str(), item.state.label())
            }
            None => (' ', Role::Quiet, NONE.to_string(), "", ""),
        };
        return vec![
            start(" "),
            (format!("{mark} "), role),
            label,
            (format!("{} {} ", cut::fit(&text, value), cut::fit(source, SOURCE)), Role::Quiet),
            (status.into(), role),
        ];
    };
    let (mark, role) = state_mark::ledger(in_force.status);
    let (stale, stale_role) = stale(in_force);
    vec![
        start(if in_force.pinned { "P" } else { " " }),
        (format!("{mark} "), role),
        label,
        (format!("{} ", fit_value(in_force, value)), Role::Plain),
        (format!("{} ", cut::fit(&in_force.source, SOURCE)), Role::Plain),
        (format!("{} ", cut::fit(in_force.status.label(), STATUS)), role),
        (stale.into(), stale_role),
    ]
}

/// What waits to become the value, where it is one alone.
fn waiting(field: &RecordField) -> String {
    match field.open.as_slice() {
        [only] if field.pending == 1 => format!("{NONE} → {}", cut::cut(only.text("value"), WAITING)),
        _ => NONE.into(),
    }
}

fn waiting_source(field: &RecordField) -> &str {
    match field.open.as_slice() {
        [only] if field.pending == 1 => only.text("source_system_key"),
        _ => "",
    }
}

/// Why there is no value: the code of what was delivered last, and since when.
fn why_empty(item: &StoppedItem, zone: Zone) -> String {
    let day: String = zone.minute(item.since).chars().take(DAY).collect();
    format!("{} since {day}", item.code.as_deref().unwrap_or(NONE))
}

fn fit_value(in_force: &InForce, width: usize) -> String {
    cut::fit(in_force.value.as_deref().unwrap_or(EMPTY), width)
}

fn stale(in_force: &InForce) -> (&'static str, Role) {
    match (in_force.stale, in_force.stale_on) {
        (true, _) => ("stale", Role::Waiting),
        (false, Some(_)) => ("no", Role::Quiet),
        (false, None) => ("never", Role::Quiet),
    }
}
