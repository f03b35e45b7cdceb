//! Putting text on the screen: roles instead of styles, and nothing outside of the buffer.
//!
//! `put` takes the program's own words and texts that are visible already; stored texts go through `stored`.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::cut;
use super::layout;
use super::theme::{Role, Theme};
use crate::model::width::{cells, is_uncertain};

/// Visible text and what it is.
pub type Span = (String, Role);

pub struct Paint<'a> {
    pub buffer: &'a mut Buffer,
    theme: &'a Theme,
    /// Where the terminal's cursor is to stand, if anywhere.
    pub cursor: Option<Position>,
}

impl<'a> Paint<'a> {
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Paint<'a> {
        Paint { buffer, theme, cursor: None }
    }

    /// Writes visible text from `x` on, at most to the area's end, and answers where it ended.
    pub fn put_at(&mut self, area: Rect, x: u16, text: &str, role: Role) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() || x >= area.right() {
            return x;
        }
        let style = self.theme.style(role);
        let mut x = x;
        for grapheme in text.graphemes(true) {
            let width = cells(grapheme) as u16;
            if x + width > area.right() {
                break;
            }
            // What has no width of its own is no text: `shown` writes it as a mark.
            if width > 0 && !grapheme.contains(char::is_control) {
                self.put_grapheme(Position::new(x, area.y), grapheme, width, style);
                x += width;
            }
        }
        x
    }

    /// Writes a grapheme into its cells; the first holds it, and says how many they are where the buffer would not know.
    fn put_grapheme(&mut self, at: Position, grapheme: &str, width: u16, style: Style) {
        let cell = &mut self.buffer[at];
        cell.reset();
        cell.set_symbol(grapheme).set_style(style);
        let one_part = width == 1 || grapheme.chars().nth(1).is_none();
        let known = one_part && !is_uncertain(grapheme) && grapheme.cell_width() == width;
        if let (false, Some(width)) = (known, NonZeroU16::new(width)) {
            cell.set_diff_option(CellDiffOption::ForcedWidth(width));
        }
        for x in at.x + 1..at.x + width {
            let cell = &mut self.buffer[(x, at.y)];
            cell.reset();
            if !known {
                // A sign of the grapheme may stand in it, which whatever comes there later is to be drawn over.
                cell.set_diff_option(CellDiffOption::AlwaysUpdate);
            }
        }
    }

    /// Writes visible text into an area's first line.
    pub fn put(&mut self, area: Rect, text: &str, role: Role) {
        self.put_at(area, area.x, text, role);
    }

    /// Writes a stored text into an area's first line, cut to its width.
    pub fn stored(&mut self, area: Rect, text: &str, role: Role) {
        self.put(area, &cut::cut(text, area.width.into()), role);
    }

    /// Writes visible texts one after the other; where they do not fit, the end is marked as cut.
    pub fn spans(&mut self, area: Rect, spans: &[Span]) {
        let mut x = area.x;
        for (text, role) in spans {
            let room = usize::from(area.right().saturating_sub(x));
            x = self.put_at(area, x, &cut::cut_shown(text.as_str().into(), room), *role);
        }
    }

    /// Writes lines from one of them on, as far as there is room. That they go on above or below is said in the last
    /// column, which no sentence takes.
    pub fn lines(&mut self, area: Rect, lines: &[Vec<Span>], top: usize) {
        let height = usize::from(area.height);
        for (at, spans) in (0..).zip(lines.iter().skip(top).take(height)) {
            self.spans(layout::line(area, at), spans);
        }
        let end = Rect { x: area.right().saturating_sub(1), width: area.width.min(1), ..area };
        if top > 0 {
            self.put(layout::line(end, 0), "↑", Role::Note);
        }
        if top + height < lines.len() {
            self.put(layout::line(end, area.height.saturating_sub(1)), "↓", Role::Note);
        }
    }

    /// Writes visible text at the right end of an area's first line, if it fits behind `from`.
    pub fn put_right(&mut self, area: Rect, from: u16, text: &str, role: Role) {
        let width = cut::width(text) as u16;
        if let Some(x) = area.right().checked_sub(width).filter(|x| *x > from) {
            self.put_at(area, x, text, role);
        }
    }

    /// Writes a visible sentence into the first of some lines, and where it is long, from a later one of them down to it.
    pub fn sentence(&mut self, rising: &[Rect], text: &str, role: Role) {
        let cells = rising.first().map_or(0, |area| usize::from(area.width).saturating_sub(2));
        let lines = cut::wrapped_shown(text, cells, rising.len());
        for (area, line) in rising.iter().zip(lines.iter().rev()) {
            self.clear(*area);
            self.put_at(*area, area.x + 1, line, role);
        }
    }

    /// A line across an area, with a heading in it.
    pub fn rule(&mut self, area: Rect, heading: &str) {
        let line = "─".repeat(area.width.into());
        self.put(area, &line, Role::Rule);
        if !heading.is_empty() {
            let text = format!(" {} ", cut::cut(heading, area.width.saturating_sub(6).into()));
            self.put_at(area, area.x + 2, &text, Role::Heading);
        }
    }

    /// Gives an area a role's look, over what stands there.
    pub fn tint(&mut self, area: Rect, role: Role) {
        self.buffer.set_style(area.intersection(self.buffer.area), self.theme.tint(role));
    }

    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
    }
}
