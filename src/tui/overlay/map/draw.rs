//! The map screen drawn: the codes over or beside what is told of one; where there is plenty of room the lists at the left.

use ratatui::layout::{Position, Rect};

use super::super::{entry_at, scrolled};
use super::mouse::Spot;
use super::{MapCodes, Part, told};
use crate::model::text::grouped;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas, PaneAreas};
use crate::tui::paint::{Paint, Span};
use crate::tui::theme::Role;

/// Cells of the lists at the left, and the width from which on they stand there.
const LISTS: u16 = 26;
const PLENTY: u16 = 150;

/// Where the lists stand, if beside the codes, and the parts of the rest.
fn parts(map: &MapCodes, content: Rect) -> (Option<Rect>, PaneAreas) {
    let entries = match &map.family {
        Some(family) => family.members.len(),
        None => map.rows.len(),
    };
    let entries = u16::try_from(entries).unwrap_or(u16::MAX);
    if content.width < PLENTY {
        return (None, layout::record(content, entries));
    }
    let lists = Rect { width: LISTS, ..content };
    let rest = Rect { x: content.x + LISTS + 1, width: content.width - LISTS - 1, ..content };
    (Some(lists), layout::record(rest, entries))
}

/// The lines that the detail has room for, and those it has.
pub(super) fn detail(map: &MapCodes, desk: &Desk) -> Option<(usize, usize)> {
    let areas = layout::areas(desk.size.0, desk.size.1)?;
    let (_, area) = parts(map, areas.content).1.detail?;
    Some((area.height.into(), told::lines(map, area.width.into()).len()))
}

/// What stands at a place of the screen, as [`draw`] puts it there.
pub(super) fn spot(map: &MapCodes, at: Position, desk: &Desk) -> Option<Spot> {
    let areas = layout::areas(desk.size.0, desk.size.1)?;
    let (lists, parts) = parts(map, areas.content);
    let heads = Rect { height: parts.heading.height + parts.list.height, ..parts.heading };
    let instead = (lists.is_none() && map.part == Part::Lists).then_some(heads);
    if let Some(area) = lists.filter(|area| area.contains(at)).or(instead.filter(|area| area.contains(at))) {
        let entries = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        return Some(entry_at(at, entries, map.list_at, map.codes.lists.len()).map_or(Spot::Lists, Spot::List));
    }
    if heads.contains(at) {
        let (chosen, len) = match &map.family {
            Some(family) => (family.at, family.members.len()),
            None => (map.rows.at, map.rows.len()),
        };
        return Some(entry_at(at, parts.list, chosen, len).map_or(Spot::Codes, Spot::Code));
    }
    let (_, area) = parts.detail.filter(|(_, area)| area.contains(at))?;
    let line = first_line(map, told::lines(map, area.width.into()).len(), area) + usize::from(at.y - area.y);
    let numbered = told::numbered(map, area.width.into());
    let typed = map.search.is_some() && at.y == area.y;
    Some(if numbered.contains(&line) && !typed { Spot::Numbered(line - numbered.start) } else { Spot::Detail })
}

/// The first line of the detail that is shown, of so many.
fn first_line(map: &MapCodes, lines: usize, area: Rect) -> usize {
    let height = usize::from(area.height);
    match &map.search {
        // The code that was chosen stays in sight.
        Some(search) => scrolled(lines - search.codes.len() + search.at.unwrap_or_default(), height),
        None => map.top.min(lines.saturating_sub(height)),
    }
}

pub(super) fn draw(map: &MapCodes, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
    let (lists, parts) = parts(map, areas.content);
    if let Some(area) = lists {
        draw_lists(map, paint, area);
        let line = Rect { x: area.right(), width: 1, ..area };
        (0..line.height).for_each(|at| paint.put(layout::line(line, at), "│", Role::Rule));
    }
    if lists.is_none() && map.part == Part::Lists {
        draw_lists(map, paint, Rect { height: parts.heading.height + parts.list.height, ..parts.heading });
    } else {
        draw_codes(map, paint, &parts);
    }
    draw_detail(map, paint, &parts);
}

/// Draws the entries that are in sight, each with its spans, and the look of the one under the cursor.
fn entries(paint: &mut Paint, area: Rect, (at, len): (usize, usize), spans: impl Fn(usize) -> Vec<Span>) {
    let height = usize::from(area.height);
    for (line, entry) in (0..).zip((0..len).skip(scrolled(at, height)).take(height)) {
        let area = layout::line(area, line);
        paint.spans(area, &spans(entry));
        if entry == at {
            paint.tint(area, Role::Selected);
        }
    }
}

fn draw_lists(map: &MapCodes, paint: &mut Paint, area: Rect) {
    let role = if map.part == Part::Lists { Role::ColumnHere } else { Role::Column };
    paint.put(layout::line(area, 0), "  Code list", role);
    paint.put_right(layout::line(area, 0), area.x, "Waiting", role);
    let lists = &map.codes.lists;
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    entries(paint, area, (map.list_at, lists.len()), |at| {
        lists.get(at).map_or(Vec::new(), |list| told::list(list, at == map.list_at, area.width.into()))
    });
}

fn draw_codes(map: &MapCodes, paint: &mut Paint, parts: &PaneAreas) {
    let role = if map.part == Part::Codes { Role::ColumnHere } else { Role::Column };
    let width = usize::from(parts.list.width);
    paint.put(parts.heading, &told::heading(map, width), role);
    if let Some(family) = &map.family {
        let member = |at: usize| family.members.get(at).map(|member| told::member(member, at == family.at, width));
        return entries(paint, parts.list, (family.at, family.members.len()), |at| member(at).unwrap_or_default());
    }
    let rows = &map.rows;
    let row = |at: usize| rows.get(at).map(|row| told::row(row, at == rows.at, width));
    entries(paint, parts.list, (rows.at, rows.len()), |at| row(at).unwrap_or_default());
    if rows.len() == 0 {
        let problem = map.codes.problem.as_deref().unwrap_or_default();
        let lines = [problem, told::empty(map)].into_iter().filter(|text| !text.is_empty());
        for (at, text) in (0..).zip(lines) {
            paint.stored(layout::line(parts.list, at), &format!(" {text}"), Role::Quiet);
        }
    }
}

fn draw_detail(map: &MapCodes, paint: &mut Paint, parts: &PaneAreas) {
    let Some((line, area)) = parts.detail else { return };
    if parts.beside {
        (0..line.height).for_each(|at| paint.put(layout::line(line, at), "│", Role::Rule));
    } else {
        let heading = map.here().map_or(String::new(), |row| {
            format!("{}, {} waiting", cut::cut(&row.card.code, 40), grouped(row.card.waiting))
        });
        paint.rule(line, &heading);
    }
    if let Some(score) = &map.score {
        return draw_entry(paint, layout::line(area, 0), told::SCORED, score);
    }
    let lines = told::lines(map, area.width.into());
    paint.lines(area, &lines, first_line(map, lines.len(), area));
    if let Some(search) = &map.search {
        draw_entry(paint, layout::line(area, 0), told::TYPED, &search.entry);
    }
}

fn draw_entry(paint: &mut Paint, area: Rect, label: &str, entry: &crate::tui::entry::Entry) {
    paint.clear(area);
    let from = paint.put_at(area, area.x, label, Role::Plain);
    let room = area.right().saturating_sub(from + 3);
    entry.draw(paint, Rect { x: from, width: room, ..area }, true);
    paint.put_right(area, from, "] ", Role::Plain);
}
