//! What there is, in sentences, and which of them are news.
//!
//! A row in a list is one line of `column: value` parts, the row under the cursor one such line a field. What lies over a
//! pane says itself ([`Overlay::spoken`]); where it does not, the lines of its own frame are read out without their rules.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::text::grouped;
use crate::model::width::cells;
use crate::model::{Row, shown};
use crate::tui::app::App;
use crate::tui::layout;
use crate::tui::overlay::Overlay;
use crate::tui::paint::Paint;
use crate::tui::pane::{Marks, Pane};
use crate::tui::screen;

/// Below the width from which details stand beside, and high enough for any of them.
const FRAME: (u16, u16) = (118, 200);
/// Rows of one page.
const ROWS: usize = 10;

/// What was said last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scene {
    place: String,
    /// What is listed there: of another listing all rows are news.
    listing: Option<String>,
    /// Rows or entries as they were numbered: their ids or places.
    rows: Vec<(i64, String)>,
    row: Option<(i64, Vec<String>)>,
    overlay: Option<Over>,
}

/// What lies over a pane: its title, lines about it, and what can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Over {
    title: String,
    about: Vec<String>,
    choices: Vec<String>,
}

impl Scene {
    /// What has this number in what was said.
    pub fn numbered(&self, number: usize) -> Option<i64> {
        self.rows.get(number.checked_sub(1)?).map(|(id, _)| *id)
    }

    /// Everything is to be said again.
    pub fn forget(&mut self) {
        *self = Scene::default();
    }

    pub fn forget_overlay(&mut self) {
        self.overlay = None;
    }

    pub fn forget_row(&mut self) {
        self.row = None;
    }

    /// Takes in what there is now, and answers what of it is news.
    pub fn follow(&mut self, app: &App) -> Vec<String> {
        if let Some(overlay) = app.overlays.last() {
            return self.follow_overlay(overlay.as_ref(), app);
        }
        let came_back = self.overlay.take().is_some();
        let mut news = Vec::new();
        let place = place(app);
        let elsewhere = place != self.place;
        let (rows, row) = match app.pane() {
            Some(pane) => (rows(pane, app), pane.selected().map(|row| (row.id, detail(pane, row, app)))),
            None => (home(app), None),
        };
        if elsewhere || came_back {
            news.push(place.clone());
        }
        self.place = place;
        // A list that only moved on by a row is the row's news.
        let known = rows.iter().any(|(id, _)| self.rows.iter().any(|(old, _)| old == id));
        let listing = Some(app.pane().map_or(String::new(), listing));
        let same_listing = listing == self.listing;
        let same_list = known && same_listing && app.pane().is_some();
        self.listing = listing;
        if !same_list && (rows != self.rows || !same_listing) {
            news.extend((1..).zip(&rows).map(|(at, (_, text))| format!("{at}. {text}")));
            self.rows = rows;
            if self.rows.is_empty() {
                news.extend(empty(app));
            }
        }
        if row != self.row {
            news.extend(changes(self.row.as_ref(), row.as_ref()));
            self.row = row;
        }
        news
    }

    fn follow_overlay(&mut self, overlay: &dyn Overlay, app: &App) -> Vec<String> {
        let over = over(overlay, app);
        let old = self.overlay.replace(over.clone()).unwrap_or_default();
        let mut news = Vec::new();
        if old.title != over.title {
            news.push(over.title.clone());
        }
        news.extend(over.about.into_iter().filter(|line| !old.about.contains(line)));
        // Of other choices all are news, of the same ones those that read otherwise now.
        let other =
            old.choices.len() != over.choices.len() || !over.choices.iter().any(|line| old.choices.contains(line));
        news.extend(over.choices.into_iter().filter(|line| other || !old.choices.contains(line)));
        news
    }
}

/// Where one is, in a sentence.
fn place(app: &App) -> String {
    let Some(pane) = app.pane() else { return "Home: what needs attention. A number opens the rows behind it.".into() };
    let marks = match &pane.marks {
        Marks::None => String::new(),
        Marks::Ids(ids) => format!(", {} marked", grouped(ids.len() as i64)),
        Marks::Rule(_) => ", all that match are marked".into(),
    };
    let column = pane.field().map_or(String::new(), |field| format!(", column {}", field.title));
    let count = screen::count_text(app, pane);
    format!("{}: {}{marks}{column}.", listing(pane), count.trim())
}

/// What a pane lists.
fn listing(pane: &Pane) -> String {
    let title = pane.spec.table.info().title;
    let view = pane.listing.view.as_ref().map_or(String::new(), |view| format!(", view {}", shown(view)));
    let filter = match pane.listing.text() {
        "" => String::new(),
        text => format!(", filter {}", shown(text)),
    };
    // A view that is named after its order has said it.
    let order = screen::sorted(&pane.listing);
    let order = if view.ends_with(&format!(", {order}")) { String::new() } else { format!(", {order}") };
    format!("{title}{view}{filter}{order}")
}

fn home(app: &App) -> Vec<(i64, String)> {
    let said = app.home.said(&app.desk);
    said.into_iter().filter_map(|(at, text)| Some((at? as i64, text))).collect()
}

/// What fills an empty list.
fn empty(app: &App) -> Vec<String> {
    match app.pane() {
        Some(pane) => {
            let said = pane.emptiness(app.home.rows(pane.spec.table), app.desk.keymap);
            said.into_iter().filter(|text| !text.is_empty()).collect()
        }
        None => app.home.said(&app.desk).into_iter().map(|(_, text)| text).collect(),
    }
}

fn rows(pane: &Pane, app: &App) -> Vec<(i64, String)> {
    let line = |row: &Row| {
        let parts = pane.spec.columns.iter().filter_map(|column| {
            let value = app.desk.zone.display(row, column.field);
            (!value.is_empty()).then(|| format!("{}: {}", column.title, shown(&value)))
        });
        let mark = if pane.is_marked(row) { "marked, " } else { "" };
        format!("{mark}{}", parts.collect::<Vec<_>>().join("; "))
    };
    pane.window.visible(ROWS).map(|(row, _)| (row.id, line(row))).collect()
}

/// The row under the cursor, a field a line, as far as the pane's description names them; Enter says all.
fn detail(pane: &Pane, row: &Row, app: &App) -> Vec<String> {
    let marked = if pane.is_marked(row) { ", marked" } else { "" };
    let number = pane.window.number().map_or(String::new(), |number| format!("Row {}, ", grouped(number)));
    let mut lines = vec![format!("{number}{}{marked}", shown(row.name()))];
    lines.extend(pane.changed().map(|what| format!("{what} meanwhile; no key acts on it until you choose a row")));
    lines.extend((pane.spec.advice)(row).map(|advice| shown(&advice).into_owned()));
    lines.extend(
        pane.beside.text(row, usize::MAX, app.desk.zone, app.desk.now()).map(|text| format!("In force: {text}")),
    );
    lines.extend(pane.beside.holds(row, app.desk.zone).into_iter().map(|hold| format!("Legal hold: {hold}")));
    let named = pane.spec.detail.iter().copied().flatten();
    for field in named.filter_map(|name| row.table.field(name)) {
        let value = app.desk.zone.display(row, field.name);
        if !value.is_empty() {
            lines.push(format!("{}: {}", field.title, shown(&value)));
        }
    }
    lines
}

/// Of another row everything, of the same row what has changed.
fn changes(old: Option<&(i64, Vec<String>)>, new: Option<&(i64, Vec<String>)>) -> Vec<String> {
    let Some((id, lines)) = new else { return Vec::new() };
    match old.filter(|(old, _)| old == id) {
        Some((_, old)) => lines.iter().filter(|line| !old.contains(line)).cloned().collect(),
        None => lines.clone(),
    }
}

fn over(overlay: &dyn Overlay, app: &App) -> Over {
    let (title, spoken) = (overlay.title(), overlay.spoken(&app.desk));
    match spoken {
        Some(spoken) => {
            let choices = (1..).zip(spoken.choices).map(|(at, text)| format!("{at}. {text}")).collect();
            Over { title, about: spoken.about.iter().map(|text| plain_line(text)).collect(), choices }
        }
        None => Over { title, about: frame(overlay, app), choices: Vec::new() },
    }
}

/// The lines that an overlay would draw, without what only makes sense to the eye.
fn frame(overlay: &dyn Overlay, app: &App) -> Vec<String> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, FRAME.0, FRAME.1));
    let Some(areas) = layout::areas(FRAME.0, FRAME.1) else { return Vec::new() };
    let mut paint = Paint::new(&mut buffer, &app.theme);
    overlay.draw(&mut paint, &areas, &app.desk);
    let lines = buffer.content().chunks(usize::from(FRAME.0)).map(|row| {
        let mut text = String::new();
        let mut hidden = 0;
        for cell in row {
            if hidden == 0 {
                text.push_str(cell.symbol());
                hidden = cells(cell.symbol());
            }
            hidden = hidden.saturating_sub(1);
        }
        plain_line(&text)
    });
    let mut lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let hints = app.overlay_hints().into_iter().flatten().map(|(key, word)| format!("{key}: {word}"));
    lines.push(format!("Keys: {}.", hints.collect::<Vec<_>>().join(", ")));
    lines
}

/// A line of a frame as it is said: without rules, pointers and columns of spaces.
fn plain_line(text: &str) -> String {
    let text = text.replace(['─', '│'], " ");
    let (text, here) = match text.strip_prefix('>') {
        Some(rest) => (rest, " (chosen)"),
        None => (text.as_str(), ""),
    };
    // A state has a character for the eye, beside its word.
    let text = text.trim_start();
    let text = ["+ ", "? ", "! ", "x ", "= "].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
    let parts: Vec<&str> = text.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
    let joined = match parts.as_slice() {
        [label, value] => format!("{}: {value}", label.trim_end_matches(':')),
        parts => parts.join(", "),
    };
    if joined.is_empty() { joined } else { format!("{joined}{here}") }
}

/// What the numbers stand for in what lies over a pane.
pub(super) fn choices(app: &App) -> Option<Vec<String>> {
    Some(app.overlays.last()?.spoken(&app.desk)?.choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_frame_lose_what_is_for_the_eye() {
        assert_eq!(plain_line("── Codes of contract_type ─────"), "Codes of contract_type");
        assert_eq!(plain_line(" Source code    FFP   "), "Source code: FFP");
        assert_eq!(plain_line("> J   Firm Fixed Price  retired"), "J, Firm Fixed Price, retired (chosen)");
        assert_eq!(plain_line("────"), "");
        assert_eq!(plain_line(" ? LED-0000001  Pending"), "LED-0000001: Pending");
    }
}
