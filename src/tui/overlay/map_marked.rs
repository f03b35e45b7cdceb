//! One canonical code for all value maps that are marked: it is chosen from their list, and the preview says what follows.

use std::collections::BTreeSet;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::preview::Preview;
use super::{Hint, Overlay, Picked, Spoken, Step, choose, hand, scrolled};
use crate::engine::Rows;
use crate::model::choice::StateCode;
use crate::model::text::counted;
use crate::model::{Row, shown};
use crate::store::CodeEntry;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::proposal::Proposal;
use crate::tui::read::{Answer, Chosen, MARKED, Request, Slot};
use crate::tui::theme::Role;

/// Lines above the codes: what is mapped, and the search.
const ABOVE: u16 = 4;

#[derive(Debug)]
pub struct MapMarked {
    /// What was marked, to be unmarked once it is done.
    rows: Rows,
    maps: Vec<Row>,
    list: Option<String>,
    problem: Option<String>,
    codes: Vec<CodeEntry>,
    entry: Entry,
    at: usize,
    /// Somebody chose the code under the cursor: else it stands there by its letter alone.
    chosen: bool,
    asked_maps: Option<u64>,
    asked: Option<u64>,
}

impl MapMarked {
    pub fn open(chosen: Chosen, rows: Rows, desk: &mut Desk) -> MapMarked {
        let asked_maps = Some(desk.ask(Slot::Facets, Request::Marked(chosen)));
        MapMarked {
            rows,
            maps: Vec::new(),
            list: None,
            problem: None,
            codes: Vec::new(),
            entry: Entry::default(),
            at: 0,
            chosen: false,
            asked_maps,
            asked: None,
        }
    }

    fn take(&mut self, mut maps: Vec<Row>, more: bool) {
        self.asked_maps = None;
        maps.retain(|map| map.int("statecode") == Some(StateCode::Active.code()));
        let lists: BTreeSet<String> = maps.iter().map(|map| map.text("code_list").to_string()).collect();
        self.problem = match lists.len() {
            _ if more => Some(format!("More than {MARKED} value maps are marked; mark fewer.")),
            0 => Some("No value map that is in use is marked.".into()),
            1 => None,
            n => Some(format!(
                "The marked maps are of {n} code lists ({}): one code is for maps of one list.",
                lists.iter().map(|list| shown(list)).collect::<Vec<_>>().join(", ")
            )),
        };
        self.list = lists.into_iter().next();
        self.maps = maps;
    }

    fn search(&mut self, desk: &mut Desk) {
        (self.at, self.chosen) = (0, false);
        if let Some(list) = self.list.clone().filter(|_| self.problem.is_none()) {
            let part = self.entry.text().to_string();
            self.asked = Some(desk.ask(Slot::Overlay, Request::Codes { list, part }));
        }
    }

    fn preview(&mut self, desk: &mut Desk) -> Step {
        if let Some(problem) = &self.problem {
            desk.complain(problem.clone());
            return Step::Stay;
        }
        let meant = self.chosen || !self.entry.text().is_empty();
        let code = if self.asked.is_none() && meant { self.codes.get(self.at) } else { None };
        match code {
            None => desk.complain("Choose one of the codes of the list: with the arrows, or type to search."),
            Some(code) if !code.active => {
                desk.complain(format!("{} is retired; choose another code.", shown(&code.code)))
            }
            Some(code) => {
                let maps = self.maps.iter().map(|map| map.id).collect();
                let proposal = Proposal::MapMarked { maps, canonical: code.code.clone(), rows: self.rows.clone() };
                return Preview::of(proposal, desk).map_or(Step::Stay, |preview| Step::Over(Box::new(preview)));
            }
        }
        Step::Stay
    }

    /// The codes that are mapped, and what waits for them.
    fn about(&self) -> [(&'static str, String); 3] {
        let codes: Vec<String> = self.maps.iter().map(|map| shown(map.text("source_code")).into_owned()).collect();
        let waiting = self.maps.iter().filter_map(|map| map.int("waiting")).sum();
        [
            ("Source codes", format!("{}: {}", self.maps.len(), codes.join(", "))),
            ("Code list", shown(self.list.as_deref().unwrap_or_default()).into_owned()),
            ("Effect", format!("{} wait for these decisions", counted(waiting, "item"))),
        ]
    }
}

impl Overlay for MapMarked {
    fn title(&self) -> String {
        format!("Map {}: one code for all that you marked", counted(self.maps.len() as i64, "source code"))
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Type", "to search"), ("Up/Down", "choose"), ("Enter", "preview"), ("Esc", "cancel")]
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        if choose(name, &mut self.at, self.codes.len()) {
            self.chosen = true;
            return Step::Stay;
        }
        match name {
            "Esc" => return Step::Close,
            "Enter" => return self.preview(desk),
            _ if self.entry.key(key) => self.search(desk),
            _ => {}
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        self.entry.paste(text);
        self.search(desk);
        Step::Stay
    }

    fn at_hand(&self) -> Option<u64> {
        let maps: Vec<i64> = self.maps.iter().map(|map| map.id).collect();
        hand((maps, self.codes.iter().map(|code| &code.code).collect::<Vec<_>>()))
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket) || self.asked_maps == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Marked { rows, more } => self.take(rows, more),
            Answer::Codes { offered, .. } => {
                self.asked = None;
                self.codes = offered;
                self.at = self.at.min(self.codes.len().saturating_sub(1));
            }
            _ => {}
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
        if self.asked_maps.take_if(|asked| *asked == ticket).is_some() {
            self.problem = Some("The marked rows could not be read.".into());
        }
    }

    fn follow(&mut self, desk: &mut Desk) {
        let begins = self.list.is_some() && self.codes.is_empty() && self.entry.text().is_empty();
        if begins && self.asked.is_none() && self.problem.is_none() {
            self.search(desk);
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let mut about: Vec<String> = self.about().into_iter().map(|(label, text)| format!("{label}: {text}")).collect();
        about.extend(self.problem.clone());
        about.push("A number previews that code for all; words search for another.".into());
        let line = |code: &CodeEntry| format!("{}, {}", shown(&code.code), shown(&code.label));
        Some(Spoken { about, choices: self.codes.iter().map(line).collect() })
    }

    fn pick(&mut self, at: usize) -> Picked {
        if at >= self.codes.len() {
            return Picked::Nothing;
        }
        (self.at, self.chosen) = (at, true);
        Picked::Press
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        if self.asked_maps.is_some() {
            return paint.put(area, " reading…", Role::Quiet);
        }
        let cells = usize::from(area.width).saturating_sub(16);
        for (line, (label, text)) in (0..).zip(self.about()) {
            let text = cut::cut_shown(text.into(), cells).into_owned();
            paint.spans(layout::line(area, line), &[(format!(" {label:<14}"), Role::Quiet), (text, Role::Plain)]);
        }
        if let Some(problem) = &self.problem {
            return paint.sentence(&areas.rising(), problem, Role::Error);
        }
        let search = layout::line(area, ABOVE - 1);
        let from = paint.put_at(search, search.x, " Search        [ ", Role::Plain);
        let room = search.right().saturating_sub(from + 3);
        self.entry.draw(paint, Rect { x: from, width: room, ..search }, true);
        paint.put_right(search, from, "] ", Role::Plain);
        let height = usize::from(area.height.saturating_sub(ABOVE));
        let skip = scrolled(self.at, height);
        for (line, (at, code)) in (ABOVE..).zip(self.codes.iter().enumerate().skip(skip).take(height)) {
            let place = layout::line(area, line);
            let pointer = if at == self.at { '>' } else { ' ' };
            let retired = if code.active { "" } else { "  (retired)" };
            let width = usize::from(area.width).saturating_sub(20 + retired.len());
            let text = format!(" {pointer} {} {}{retired}", cut::fit(&code.code, 16), cut::cut(&code.label, width));
            paint.put(place, &text, if code.active { Role::Plain } else { Role::Quiet });
            if at == self.at {
                paint.tint(place, Role::Selected);
            }
        }
    }
}
