//! Which canonical code a source's code means: type to search the code list, Enter maps.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Picked, Spoken, Step, choose, hand, scrolled};
use crate::engine::{Command, Error, MapKey, Mode, Outcome, Seen};
use crate::model::choice::Relationship;
use crate::model::text::counted;
use crate::model::{Row, shown};
use crate::store::CodeEntry;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::theme::Role;

#[derive(Debug)]
pub struct Picker {
    map_id: i64,
    /// The value map, once it is read.
    map: Option<Row>,
    codes: Vec<CodeEntry>,
    /// So many of them, the first, are suggested.
    suggested: usize,
    entry: Entry,
    at: usize,
    /// Somebody chose the code under the cursor: else it stands there by its letter alone.
    chosen: bool,
    relationship: Relationship,
    asked: Option<u64>,
    running: Option<u64>,
}

impl Picker {
    pub fn open(map_id: i64, desk: &mut Desk) -> Picker {
        let mut picker = Picker {
            map_id,
            map: None,
            codes: Vec::new(),
            suggested: 0,
            entry: Entry::default(),
            at: 0,
            chosen: false,
            relationship: Relationship::Equal,
            asked: None,
            running: None,
        };
        picker.search(desk);
        picker
    }

    fn search(&mut self, desk: &mut Desk) -> Step {
        (self.at, self.chosen) = (0, false);
        let part = self.entry.text().to_string();
        self.asked = Some(desk.ask(Slot::Overlay, Request::Candidates { map: self.map_id, part }));
        Step::Stay
    }

    fn map(&mut self, desk: &mut Desk) {
        // The codes on the screen may still be those of an earlier search: what is mapped must be what is shown as found.
        let chosen = if self.asked.is_none() { self.codes.get(self.at) } else { None };
        let Some(code) = chosen else {
            desk.complain("Choose one of the codes of the list; import codes if it should have more.");
            return;
        };
        if !self.is_meant() {
            desk.complain("No code is suggested for this one: choose with the arrows, or type to search.");
            return;
        }
        if !code.active {
            desk.complain(format!("{} is retired; choose another code.", shown(&code.code)));
            return;
        }
        let command = Command::Map {
            map: MapKey::Id(self.map_id),
            canonical: code.code.clone(),
            relationship: self.relationship,
        };
        self.running = desk.write("Mapping", command, self.mode());
    }

    /// Whether the code at the cursor is one that somebody went to or searched for, or that is suggested: until then none is.
    fn is_meant(&self) -> bool {
        self.chosen || self.at < self.suggested || !self.entry.text().is_empty()
    }

    /// Somebody else may have decided the map since it was shown.
    fn mode(&self) -> Mode {
        self.map.as_ref().map_or(Mode::Real, |map| Mode::AsSeen(Seen::of(map)))
    }

    fn turn_relationship(&mut self) {
        let all = Relationship::ALL;
        let at = all.iter().position(|one| *one == self.relationship).unwrap_or_default();
        self.relationship = all[(at + 1) % all.len()];
    }

    fn draw_code(&self, paint: &mut Paint, area: ratatui::layout::Rect, at: usize, code: &CodeEntry) {
        let chosen = at == self.at && self.is_meant();
        let retired = match code.active {
            true if at < self.suggested => "  (suggested)",
            true => "",
            false => "  (retired)",
        };
        let pointer = if chosen { '>' } else { ' ' };
        let width = usize::from(area.width).saturating_sub(20 + retired.len());
        let text = format!(" {pointer} {} {}{retired}", cut::fit(&code.code, 16), cut::cut(&code.label, width));
        paint.put(area, &text, if code.active { Role::Plain } else { Role::Quiet });
        if chosen {
            paint.tint(area, Role::Selected);
        }
    }
}

impl Overlay for Picker {
    fn title(&self) -> String {
        match &self.map {
            Some(map) => {
                format!("Map the code of {} in code list {}", shown(map.name()), shown(map.text("code_list")))
            }
            None => "Map a code".into(),
        }
    }

    fn hints(&self) -> Vec<Hint> {
        vec![
            ("Type", "to search"),
            ("Enter", "map"),
            ("Tab", "how exact"),
            ("Ctrl+N", "no match"),
            ("Ctrl+F", "flag"),
            ("Esc", "cancel"),
        ]
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Picker)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        // The first step leads to the first code.
        if name == "Down" && !self.is_meant() && !self.codes.is_empty() {
            self.chosen = true;
            return Step::Stay;
        }
        if choose(name, &mut self.at, self.codes.len()) {
            self.chosen = true;
            return Step::Stay;
        }
        match name {
            "Esc" => return Step::Close,
            "Enter" => self.map(desk),
            "Tab" => self.turn_relationship(),
            "Ctrl+N" => {
                let command = Command::NoMatch { map: MapKey::Id(self.map_id) };
                self.running = desk.write("Deciding", command, self.mode());
            }
            "Ctrl+F" => {
                let command = Command::Flag { map: MapKey::Id(self.map_id), note: None };
                self.running = desk.write("Flagging", command, self.mode());
            }
            _ if self.entry.key(key) => return self.search(desk),
            _ => {}
        }
        Step::Stay
    }

    fn at_hand(&self) -> Option<u64> {
        hand((self.map.as_ref().map(Seen::of), self.codes.iter().map(|code| &code.code).collect::<Vec<_>>()))
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        self.entry.paste(text);
        self.search(desk)
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let Answer::Candidates { map, codes, suggested } = answer {
            self.asked = None;
            self.map = map;
            self.codes = codes;
            self.suggested = suggested;
            self.at = self.at.min(self.codes.len().saturating_sub(1));
        }
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        self.running.take_if(|running| *running == ticket)?;
        Some(if outcome.is_ok() { Step::Close } else { Step::Stay })
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let mut about = Vec::new();
        if let Some(map) = &self.map {
            for (label, name) in [("Source code", "source_code"), ("Source label", "source_label")] {
                about.push(format!("{label}: {}", shown(map.text(name))));
            }
            about.push(format!("Waiting: {}", counted(map.int("waiting").unwrap_or_default(), "item")));
            about.push(format!("It means {} the canonical code; Tab changes this.", how(self.relationship)));
            about.push("A number maps to that code; words search for another.".into());
        }
        let line = |code: &CodeEntry| {
            let retired = if code.active { "" } else { " (retired)" };
            format!("{}, {}{retired}", shown(&code.code), shown(&code.label))
        };
        Some(Spoken { about, choices: self.codes.iter().map(line).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let there = at < self.codes.len();
        self.at = if there { at } else { self.at };
        self.chosen |= there;
        if there { Picked::Press } else { Picked::Nothing }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        let Some(map) = &self.map else {
            let text = if self.asked.is_some() { " reading…" } else { " The value map is gone." };
            return paint.put(area, text, Role::Quiet);
        };
        let width = usize::from(area.width).saturating_sub(16);
        let put = |paint: &mut Paint, line: u16, label: &str, text: &str| {
            let area = layout::line(area, line);
            paint.spans(area, &[(format!(" {label:<14}"), Role::Quiet), (text.into(), Role::Plain)]);
        };
        let source = map.text("source_system_key");
        let label = if map.text("source_label").is_empty() { "(none)" } else { map.text("source_label") };
        put(paint, 0, "Source code", &cut::cut(map.text("source_code"), width));
        put(paint, 1, "Source label", &cut::cut(label, width));
        put(paint, 2, "Source", &cut::cut(if source.is_empty() { "any" } else { source }, width));
        let effect = format!("{} wait for this decision", counted(map.int("waiting").unwrap_or_default(), "item"));
        put(paint, 3, "Effect", &effect);
        put(paint, 4, "It means", &format!("{} the canonical code (Tab changes this)", how(self.relationship)));
        let search = layout::line(area, 5);
        let from = paint.put_at(search, search.x, " Search        [ ", Role::Plain);
        let room = search.right().saturating_sub(from + 3);
        self.entry.draw(paint, ratatui::layout::Rect { x: from, width: room, ..search }, true);
        paint.put_right(search, from, "] ", Role::Plain);
        let height = usize::from(area.height.saturating_sub(6));
        if self.codes.is_empty() && self.asked.is_none() {
            let text = if self.entry.text().is_empty() {
                " The list has no codes yet: steward import codes FILE --list NAME"
            } else {
                " No code of the list holds this, by code or by label."
            };
            paint.put(layout::line(area, 6), text, Role::Quiet);
        }
        let skip = scrolled(self.at, height);
        for (line, (at, code)) in (6..).zip(self.codes.iter().enumerate().skip(skip).take(height)) {
            self.draw_code(paint, layout::line(area, line), at, code);
        }
    }
}

fn how(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Equal => "the same as",
        Relationship::Wider => "something wider than",
        Relationship::Narrower => "something narrower than",
        Relationship::Inexact => "about the same as",
    }
}
