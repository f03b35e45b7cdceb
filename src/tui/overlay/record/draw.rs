//! Draws a record: the list of its fields, and beside or below it what is told of one of them.

use ratatui::layout::Rect;

use super::super::scrolled;
use super::{Part, Record, told};
use crate::store::{InForce, RecordField};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::state_mark;
use crate::tui::theme::Role;

/// Cells before the first column: cursor, pin, state and a space.
const GUTTER: usize = 4;
const SOURCE: usize = 9;
const STATUS: usize = 9;
const STALE: usize = 5;

/// What stands where there is no value.
const NONE: &str = "(none)";
const EMPTY: &str = "(empty)";

pub(super) fn draw(record: &Record, paint: &mut Paint, areas: &Areas, desk: &Desk) {
    let parts = record.areas(areas);
    draw_headings(paint, parts.heading, record.part);
    if record.fields.is_empty() {
        let text = if record.asked.is_some() { " reading…" } else { " Nothing was ever said of this record." };
        paint.put(parts.list, text, Role::Quiet);
    }
    let height = usize::from(parts.list.height);
    let fields = record.fields.iter().enumerate().skip(scrolled(record.at, height)).take(height);
    for (line, (at, field)) in (0..).zip(fields) {
        let area = layout::line(parts.list, line);
        paint.spans(area, &spans(field, at == record.at, area.width.into()));
        if at == record.at {
            paint.tint(area, Role::Selected);
        }
    }
    let Some((line, area)) = parts.detail else { return };
    let heading = record.here().map_or(String::new(), |field| field.name.clone());
    if parts.beside {
        for at in 0..line.height {
            paint.put(layout::line(line, at), "│", Role::Rule);
        }
    } else {
        paint.rule(line, &heading);
    }
    draw_detail(record, paint, area, desk);
}

fn draw_detail(record: &Record, paint: &mut Paint, area: Rect, desk: &Desk) {
    let lines = told::lines(record, area.width.into(), desk.zone);
    let height = usize::from(area.height);
    let top = record.top.min(lines.len().saturating_sub(height));
    for (at, spans) in (0..).zip(lines.iter().skip(top).take(height)) {
        paint.spans(layout::line(area, at), spans);
    }
    // That the lines go on is said where the last one ends, in the column that no sentence takes.
    let end = Rect { x: area.right().saturating_sub(1), width: area.width.min(1), ..area };
    if top > 0 {
        paint.put(layout::line(end, 0), "↑", Role::Note);
    }
    if top + height < lines.len() {
        paint.put(layout::line(end, area.height.saturating_sub(1)), "↓", Role::Note);
    }
}

/// Cells of the field's name, and of its value.
fn widths(width: usize) -> (usize, usize) {
    let name = (width / 4).clamp(12, 24);
    let taken = GUTTER + name + SOURCE + STATUS + STALE + 5;
    (name, width.saturating_sub(taken))
}

fn draw_headings(paint: &mut Paint, area: Rect, part: Part) {
    let (name, value) = widths(area.width.into());
    let role = if part == Part::Fields { Role::ColumnHere } else { Role::Column };
    let cells = |text: &str, width: usize| format!("{} ", cut::fit(text, width));
    let text = [("Field", name), ("In force", value), ("Source", SOURCE), ("Status", STATUS), ("Stale", STALE)]
        .map(|(text, width)| cells(text, width))
        .concat();
    paint.put_at(area, area.x + GUTTER as u16, &text, role);
}

fn spans(field: &RecordField, chosen: bool, width: usize) -> Vec<Span> {
    let (name, value) = widths(width);
    let pointer = if chosen { ">" } else { " " };
    let start = |pin: &str| (format!("{pointer}{pin}"), Role::Plain);
    let label = (format!("{} ", cut::fit(&field.name, name)), Role::Quiet);
    let Some(in_force) = &field.in_force else {
        let (mark, status, role) =
            if field.pending > 0 { ('?', "Pending", Role::Waiting) } else { (' ', "", Role::Quiet) };
        let text = format!("{} {} {status}", cut::fit(NONE, value), " ".repeat(SOURCE));
        return vec![start(" "), (format!("{mark} "), role), label, (text, Role::Quiet)];
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
