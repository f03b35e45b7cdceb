//! A list over or beside what there is to say of the entry under the cursor: where one is in both, and how one moves.
//!
//! `Tab` goes from the list to the detail and back; the arrows choose in the one and scroll in the other.

use ratatui::layout::{Position, Rect};

use super::{NOTCH, choose, entry_at, scrolled};
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas, PaneAreas};
use crate::tui::paint::{Paint, Span};
use crate::tui::theme::Role;

/// The part of the screen that the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Part {
    #[default]
    List,
    Detail,
}

#[derive(Debug, Default)]
pub(super) struct Split {
    /// The entry under the cursor.
    pub at: usize,
    pub part: Part,
    /// The first line of the detail that is shown.
    top: usize,
}

impl Split {
    /// The parts of the content for so many entries.
    pub fn areas(content: Rect, entries: usize) -> PaneAreas {
        layout::record(content, u16::try_from(entries).unwrap_or(u16::MAX))
    }

    /// Takes a key; false if it is none that moves. `lines` says how many lines the detail has in so many cells.
    pub fn key(&mut self, name: &str, entries: usize, lines: impl FnOnce(usize) -> usize, desk: &Desk) -> bool {
        match name {
            "Tab" | "Shift+Tab" if self.part == Part::List => self.part = Part::Detail,
            "Tab" | "Shift+Tab" | "Left" | "h" => self.part = Part::List,
            "Right" | "l" => self.part = Part::Detail,
            "Up" | "k" | "Down" | "j" | "PgUp" | "PgDn" | "Home" | "g" | "End" | "G" => match self.part {
                Part::List => self.choose(name, entries),
                Part::Detail => self.scroll(name, entries, lines, desk),
            },
            _ => return false,
        }
        true
    }

    /// Keeps the cursor on an entry that has moved, or near one that is gone.
    pub fn place(&mut self, at: Option<usize>, entries: usize) {
        self.at = at.unwrap_or(self.at).min(entries.saturating_sub(1));
    }

    /// Puts the cursor on an entry of the list.
    pub fn go_to(&mut self, at: usize) {
        *self = Split { at, ..Split::default() };
    }

    /// Takes a click: an entry is chosen, and the part that was clicked has the arrows.
    pub fn click(&mut self, at: Position, areas: &Areas, entries: usize) {
        let parts = Split::areas(areas.content, entries);
        if let Some(entry) = entry_at(at, parts.list, self.at, entries) {
            self.go_to(entry);
        } else if parts.detail.is_some_and(|(_, detail)| detail.contains(at)) {
            self.part = Part::Detail;
        }
    }

    /// Takes a notch of the wheel: the part under it moves, whichever has the arrows.
    pub fn wheel(
        &mut self,
        at: Position,
        down: bool,
        entries: usize,
        lines: impl Fn(usize) -> usize,
        desk: &Desk,
    ) -> bool {
        let Some(areas) = layout::areas(desk.size.0, desk.size.1) else { return false };
        let detail = Split::areas(areas.content, entries).detail;
        let name = if down { "Down" } else { "Up" };
        for _ in 0..NOTCH {
            match detail.filter(|(_, detail)| detail.contains(at)) {
                Some(_) => self.scroll(name, entries, &lines, desk),
                None => self.choose(name, entries),
            }
        }
        true
    }

    fn choose(&mut self, name: &str, entries: usize) {
        let before = self.at;
        match name {
            "Home" | "g" => self.at = 0,
            "End" | "G" => self.at = entries.saturating_sub(1),
            "k" => self.at = self.at.saturating_sub(1),
            "j" => self.at = (self.at + 1).min(entries.saturating_sub(1)),
            _ => {
                choose(name, &mut self.at, entries);
            }
        }
        if self.at != before {
            self.top = 0;
        }
    }

    fn scroll(&mut self, name: &str, entries: usize, lines: impl FnOnce(usize) -> usize, desk: &Desk) {
        let areas = layout::areas(desk.size.0, desk.size.1).map(|areas| Split::areas(areas.content, entries));
        let Some((_, detail)) = areas.and_then(|areas| areas.detail) else { return };
        let height = usize::from(detail.height);
        self.top = match name {
            "Up" | "k" => self.top.saturating_sub(1),
            "Down" | "j" => self.top.saturating_add(1),
            "PgUp" => self.top.saturating_sub(height),
            "PgDn" => self.top.saturating_add(height),
            "Home" | "g" => 0,
            _ => usize::MAX,
        };
        self.top = self.top.min(lines(detail.width.into()).saturating_sub(height));
    }

    /// Draws the headings, and the entries that are in sight, each by its place and the cells it has.
    pub fn draw_list(
        &self,
        paint: &mut Paint,
        parts: &PaneAreas,
        heading: &str,
        entries: usize,
        spans: impl Fn(usize, usize) -> Vec<Span>,
    ) {
        let role = if self.part == Part::List { Role::ColumnHere } else { Role::Column };
        paint.put(parts.heading, heading, role);
        let height = usize::from(parts.list.height);
        for (line, at) in (0..).zip((0..entries).skip(scrolled(self.at, height)).take(height)) {
            let area = layout::line(parts.list, line);
            paint.spans(area, &spans(at, area.width.into()));
            if at == self.at {
                paint.tint(area, Role::Selected);
            }
        }
    }

    /// Draws the line between the parts, and the detail below its heading or beside the list.
    pub fn draw_detail(
        &self,
        paint: &mut Paint,
        parts: &PaneAreas,
        heading: &str,
        lines: impl FnOnce(usize) -> Vec<Vec<Span>>,
    ) {
        let Some((line, area)) = parts.detail else { return };
        if parts.beside {
            (0..line.height).for_each(|at| paint.put(layout::line(line, at), "│", Role::Rule));
        } else {
            paint.rule(line, heading);
        }
        let lines = lines(area.width.into());
        paint.lines(area, &lines, self.top.min(lines.len().saturating_sub(area.height.into())));
    }
}
