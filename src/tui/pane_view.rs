//! Draws a pane: the list with its columns, and the detail of the row under the cursor.

use ratatui::layout::Rect;

use super::columns::Column;
use super::cut;
use super::desk::Desk;
use super::layout::{self, PaneAreas};
use super::paint::Paint;
use super::pane::Pane;
use super::panes::Width;
use super::state_mark;
use super::theme::Role;
use super::zone::Zone;
use crate::model::query::Sort;
use crate::model::{Field, Kind, Row};

/// Cells before the first column: cursor, mark, state and a space.
const GUTTER: u16 = 4;
/// Cells of a label in the detail.
const LABEL: usize = 21;
/// Cells of the mark behind the title of a column that is sorted by.
const SORT_MARK: usize = 3;
/// So wide a column of names gets by itself.
const LONGEST_NAME: usize = 16;
/// Lines of what there is to say about a row.
const ADVICE: usize = 4;
/// The label of the value in force.
const IN_FORCE: &str = "In force";
const HELD: &str = "Legal hold";

/// Draws the pane into its part of the screen; `all` is the number of rows in the table, where it is known.
pub fn draw(pane: &Pane, all: Option<i64>, paint: &mut Paint, areas: PaneAreas, desk: &Desk) {
    let columns = columns(pane, areas.list, desk.zone);
    draw_headings(pane, &columns, paint, areas.heading);
    let rows = pane.window.visible(areas.list.height.into());
    for (at, (row, here)) in (0..).zip(rows) {
        draw_row(pane, row, here, &columns, paint, layout::line(areas.list, at), desk);
    }
    if pane.window.is_empty() {
        draw_empty(pane, all, paint, areas.list, desk);
    }
    let Some((line, area)) = areas.detail else { return };
    if areas.beside {
        for at in 0..line.height {
            paint.put(layout::line(line, at), "│", Role::Rule);
        }
        draw_record(pane, paint, area, desk);
    } else {
        let heading = pane.selected().map_or(String::new(), |row| row.name().to_string());
        paint.rule(line, &heading);
        draw_detail(pane, paint, area, desk);
    }
}

/// A column on the screen: its place among the pane's columns, where it begins and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    at: usize,
    x: u16,
    width: u16,
}

/// The columns that fit: the first always, then from the leftmost one on with which the cursor's is in sight.
fn columns(pane: &Pane, area: Rect, zone: Zone) -> Vec<Placed> {
    let all = pane.columns.shown();
    let room = area.width.saturating_sub(GUTTER);
    // A time that a clock shows twice has its offset behind it.
    let longest = |field: &Field| {
        let rows = pane.window.visible(area.height.into()).filter(|_| zone.may_be_long());
        rows.map(|(row, _)| zone.display(row, field.name).len() as u16).max().unwrap_or(0)
    };
    // What a person gave one column leaves room for another.
    let least = |column: &Column| match (column.given, column.width()) {
        (Some(_), _) => column.least().min(room / 2),
        (None, Width::Name) => column.least().max(pane.window.longest(column.field).min(LONGEST_NAME) as u16),
        // What no text of it takes, its title neither, is for those whose texts are cut.
        (None, Width::Cells(cells)) if matches!(column.field.kind, Kind::Text(_)) && !pane.window.is_empty() => {
            let title = cut::width(column.title) + SORT_MARK;
            cells.min(pane.window.longest(column.field).max(title) as u16)
        }
        (None, Width::Cells(cells)) if column.field.kind == Kind::Time => cells.max(longest(column.field)),
        (None, _) => column.least(),
    };
    let least: Vec<u16> = all.iter().map(least).collect();
    let fits_until = |from: usize, end: usize| {
        let used = all.iter().enumerate().filter(|(at, _)| *at == 0 || (from..=end).contains(at));
        used.map(|(at, _)| least[at] + 1).sum::<u16>() <= room + 1
    };
    let from = (1..=pane.column.max(1)).find(|from| fits_until(*from, pane.column)).unwrap_or(pane.column.max(1));
    let end = (from..all.len()).take_while(|end| fits_until(from, *end)).last().unwrap_or(from);
    let shown: Vec<usize> = std::iter::once(0).chain(from..=end.min(all.len().saturating_sub(1))).collect();
    let used: u16 = shown.iter().filter_map(|at| least.get(*at)).map(|least| least + 1).sum();
    let mut spare = (room + 1).saturating_sub(used);
    // Those first that need no more than some: what they leave is for the others.
    let mut fills: Vec<usize> = shown.iter().copied().filter(|at| matches!(all[*at].width(), Width::Fill(_))).collect();
    fills.sort_by_key(|at| most(&all[*at]));
    let mut widths = least.clone();
    for (at, left) in fills.iter().zip((1..=fills.len() as u16).rev()) {
        let more = (spare / left).min(most(&all[*at]).saturating_sub(least[*at]));
        widths[*at] += more;
        spare -= more;
    }
    let mut x = GUTTER;
    let place = |at: usize| {
        let width = widths[at];
        let placed = Placed { at, x, width };
        x += width + 1;
        placed
    };
    shown.into_iter().map(place).collect()
}

/// The cells that a column has use for: an id has 36 characters.
fn most(column: &Column) -> u16 {
    if column.field.name == "target_id" { column.least().max(36) } else { u16::MAX }
}

fn cell(area: Rect, placed: &Placed) -> Rect {
    Rect { x: area.x + placed.x, width: placed.width, ..area }.intersection(area)
}

fn is_number(field: Option<&Field>) -> bool {
    field.is_some_and(|field| matches!(field.kind, Kind::Int | Kind::Hundredths))
}

fn draw_headings(pane: &Pane, columns: &[Placed], paint: &mut Paint, area: Rect) {
    for placed in columns {
        let column = &pane.columns.shown()[placed.at];
        let field = Some(column.field);
        let mark = sort_mark(&pane.listing.sort, column.field);
        let width = placed.width.into();
        let title = mark.map_or(column.title.to_string(), |mark| marked_title(column.title, &mark, width));
        let title = if is_number(field) { cut::fit_right(&title, width) } else { cut::fit(&title, width) };
        let role = if placed.at == pane.column { Role::ColumnHere } else { Role::Column };
        paint.put(cell(area, placed), &title, role);
    }
}

/// A title with its mark, which stays where there is no room for both.
fn marked_title(title: &str, mark: &str, width: usize) -> String {
    let room = width.saturating_sub(cut::width(mark));
    match cut::width(title) < room {
        true => format!("{title} {mark}"),
        false => format!("{}{mark}", cut::cut(title, room)),
    }
}

/// The direction in which a column sorts, with its place where there are several.
fn sort_mark(sort: &Sort, field: &'static Field) -> Option<String> {
    let (place, descending) = match sort.key(field) {
        Some((place, key)) => (place, key.descending),
        None if sort.keys.is_empty() && field.kind == Kind::Name => (1, sort.newest),
        None => return None,
    };
    let place = if sort.keys.len() > 1 { place.to_string() } else { String::new() };
    Some(format!("{place}{}", if descending { 'v' } else { '^' }))
}

fn draw_row(pane: &Pane, row: &Row, here: bool, columns: &[Placed], paint: &mut Paint, area: Rect, desk: &Desk) {
    let (state, role) = state_mark::of(row);
    let marked = pane.is_marked(row);
    let pointer = if here { ">" } else { " " };
    paint.spans(
        area,
        &[
            (pointer.into(), Role::Plain),
            if marked { ("*".into(), Role::Marked) } else { (" ".into(), Role::Plain) },
            (state.to_string(), role),
        ],
    );
    for placed in columns {
        let column = &pane.columns.shown()[placed.at];
        let field = Some(column.field);
        let text = desk.zone.display(row, column.field.name);
        let width = placed.width.into();
        let text = if is_number(field) { cut::fit_right(&text, width) } else { cut::cut(&text, width).into_owned() };
        let is_state = field.is_some_and(|field| field.name == pane.spec.table.state_field());
        let role = match (marked, is_state) {
            (true, _) => Role::Marked,
            (false, true) => role,
            (false, false) => Role::Plain,
        };
        let area = cell(area, placed);
        paint.put(area, &text, role);
        let found = pane.listing.words().flat_map(|word| cut::occurrences(&text, word));
        for (at, width) in found {
            let x = area.x + at as u16;
            paint.tint(Rect { x, width: width as u16, ..area }.intersection(area), Role::Found);
        }
    }
    if let Some(what) = pane.changed().filter(|_| here) {
        let what = format!("  {what} ");
        let width = (cut::width(&what) as u16).min(area.width);
        let part = Rect { x: area.right() - width, width, ..area };
        paint.clear(part);
        paint.put(part, &what, Role::Note);
    }
    if here {
        paint.tint(area, Role::Selected);
        if let Some(placed) = columns.iter().find(|placed| placed.at == pane.column) {
            paint.tint(cell(area, placed), Role::Column);
        }
    }
}

fn draw_empty(pane: &Pane, all: Option<i64>, paint: &mut Paint, area: Rect, desk: &Desk) {
    for (at, text) in (0..).zip(pane.emptiness(all, desk.keymap)) {
        let line = layout::line(area, at);
        paint.put_at(line, line.x + GUTTER, &text, Role::Quiet);
    }
}

/// The detail below the list: the description's lines, two fields each where it says so.
fn draw_detail(pane: &Pane, paint: &mut Paint, area: Rect, desk: &Desk) {
    let Some(row) = pane.selected() else { return };
    let mut at = 0;
    if let Some(advice) = (pane.spec.advice)(row) {
        for text in cut::wrapped(&advice, usize::from(area.width).saturating_sub(2), ADVICE) {
            paint.put_at(layout::line(area, at), area.x + 1, &text, Role::Note);
            at += 1;
        }
    }
    let in_force = pane.beside.text(row, usize::from(area.width).saturating_sub(LABEL + 6) / 2, desk.zone, desk.now());
    if let Some(text) = in_force {
        let line = layout::line(area, at);
        paint.spans(line, &[(format!(" {} ", cut::fit(IN_FORCE, LABEL)), Role::Quiet), (text, Role::Heading)]);
        at += 1;
    }
    for hold in pane.beside.holds(row, desk.zone) {
        let line = layout::line(area, at);
        paint.spans(line, &[(format!(" {} ", cut::fit(HELD, LABEL)), Role::Quiet), (hold, Role::Waiting)]);
        at += 1;
    }
    // What says nothing has the last lines, which may have no room.
    let says = |names: &&&[&str]| names.iter().any(|name| !desk.zone.display(row, name).is_empty());
    let (first, last): (Vec<&&[&str]>, Vec<&&[&str]>) = pane.spec.detail.iter().partition(says);
    for names in first.into_iter().chain(last) {
        let line = layout::line(area, at);
        let share = area.width / names.len().max(1) as u16;
        for (n, name) in (0..).zip(names.iter()) {
            let part = Rect { x: line.x + n * share, width: share, ..line };
            draw_field(row, name, paint, part, desk);
        }
        at += 1;
    }
}

fn draw_field(row: &Row, name: &str, paint: &mut Paint, area: Rect, desk: &Desk) {
    let Some(field) = row.table.field(name) else { return };
    let text = desk.zone.display(row, name);
    // A time with its offset takes of the space behind its label.
    let room = usize::from(area.width).saturating_sub(3);
    let label = match field.kind {
        Kind::Time => LABEL.min(room.saturating_sub(text.len())).max(cut::width(field.title)),
        _ => LABEL,
    };
    let x = paint.put_at(area, area.x, &format!(" {} ", cut::fit(field.title, label)), Role::Quiet);
    let rest = Rect { x, width: area.right().saturating_sub(x + 1), ..area };
    paint.stored(rest, &text, Role::Plain);
}

/// The detail beside the list: what the description names first, a field a line, long texts on several.
fn draw_record(pane: &Pane, paint: &mut Paint, area: Rect, desk: &Desk) {
    let Some(row) = pane.selected() else { return };
    paint.spans(
        layout::line(area, 0),
        &[(format!(" {}", cut::cut(row.name(), usize::from(area.width))), Role::Heading)],
    );
    let mut at = 1;
    let cells = usize::from(area.width).saturating_sub(LABEL + 3);
    let mut put = |label: &str, texts: Vec<String>, role: Role| {
        let mut label = label;
        for text in texts {
            let line = layout::line(area, at);
            paint.spans(line, &[(format!(" {} ", cut::fit(label, LABEL)), Role::Quiet), (text, role)]);
            label = "";
            at += 1;
        }
    };
    if let Some(advice) = (pane.spec.advice)(row) {
        put("What to do", cut::wrapped(&advice, cells, 4), Role::Note);
    }
    if let Some(text) = pane.beside.text(row, cells * 2, desk.zone, desk.now()) {
        put(IN_FORCE, cut::wrapped_shown(&text, cells, 5), Role::Heading);
    }
    for hold in pane.beside.holds(row, desk.zone) {
        put(HELD, cut::wrapped_shown(&hold, cells, 4), Role::Waiting);
    }
    for field in pane.spec.fields().skip(1) {
        let texts = cut::wrapped(&desk.zone.display(row, field.name), cells, 6);
        put(field.title, if texts.is_empty() { vec![String::new()] } else { texts }, Role::Plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::panes;

    #[test]
    fn the_cursor_s_column_is_in_sight_and_columns_fit_at_every_width() {
        for spec in panes::ALL {
            let mut pane = Pane::new(spec);
            for (column, width) in (0..spec.columns.len()).flat_map(|at| (60..250).step_by(9).map(move |w| (at, w))) {
                pane.column = column;
                let columns = columns(&pane, Rect::new(0, 0, width, 9), Zone::fixed(0));
                assert!(columns.iter().any(|placed| placed.at == column), "{:?} {column} {width}", spec.table);
                let end = columns.iter().map(|placed| placed.x + placed.width).max().unwrap();
                assert!(end <= width, "{:?} {column} {width}", spec.table);
            }
        }
    }
}
