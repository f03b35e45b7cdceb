//! Map: the codes of a list that wait for a decision, those that most items wait for first. Of the code under the cursor
//! its label, some records, numbered suggestions and the effect of taking one; a digit decides and moves on.
//!
//! Codes and suggestions come by way of the reading lanes ([`deck`](crate::tui::deck)) and the effect by a dry run beside
//! the keys, so that no key waits for them. What is said stands in [`told`], how it is drawn in [`draw`], what is decided
//! in [`decide`].

mod decide;
mod draw;
mod family;
mod mouse;
mod rows;
mod search;
mod told;

use crossterm::event::KeyEvent;
use ratatui::layout::Position;

use super::about::About;
use super::effect::Effect;
use super::{Hint, Overlay, Picked, Spoken, Step, choose, hand};
use crate::engine::suggest::Candidate;
use crate::engine::{Error, Outcome};
use crate::model::Table;
use crate::model::choice::Relationship;
use crate::store::WaitingCode;
use crate::tui::deck::{Card, Codes, Decided, Question, Shared, Told};
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Areas;
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::panes::{self, Target};
use crate::tui::read::{Answer, Request, Slot};
use decide::Deed;
use family::Family;
use rows::{Row, Rows};
use search::Search;

/// The part of the screen that the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    Lists,
    #[default]
    Codes,
    Card,
}

#[derive(Debug)]
pub struct MapCodes {
    /// Whether the person's roles let them decide.
    decides: bool,
    /// What its sentences name keys by.
    keymap: Keymap,
    deck: Shared,
    /// The lists, and what is said of the one that is shown; its codes are in `rows`.
    codes: Codes,
    rows: Rows,
    /// Codes of the list that wait.
    left: usize,
    part: Part,
    /// So many items waited for the list's codes when one began.
    once: i64,
    /// The list under the cursor.
    list_at: usize,
    /// The question for the codes; there is reason to ask again once they are there.
    asked: Option<u64>,
    again: bool,
    /// What was decided and the deck does not know yet.
    decided: Vec<Decided>,
    card: About<Card>,
    /// What is known of the code under the cursor may be no longer so.
    renew: bool,
    /// The suggestion under the cursor, and the first line of the detail that is shown.
    choice: usize,
    top: usize,
    /// How the next decision is meant.
    relationship: Relationship,
    family: Option<Family>,
    search: Option<Search>,
    /// The score from which on suggestions are to be accepted, being typed.
    score: Option<Entry>,
    running: Option<(u64, Deed)>,
    effect: Effect,
    /// The code to begin with.
    start: Option<i64>,
    /// Many codes are being decided at once.
    bulk: bool,
    /// What was decided is being taken back: the cursor goes there.
    undone: bool,
}

impl MapCodes {
    /// `from` is the code list to begin with, and the code's map.
    pub fn open(decides: bool, from: Option<(String, i64)>, desk: &mut Desk) -> MapCodes {
        let (list, start) = from.unzip();
        let mut map = MapCodes {
            decides,
            keymap: desk.keymap,
            deck: Shared::default(),
            codes: Codes { list, ..Codes::default() },
            rows: Rows::default(),
            left: 0,
            part: Part::default(),
            once: 0,
            list_at: 0,
            asked: None,
            again: false,
            decided: Vec::new(),
            card: About::default(),
            renew: false,
            choice: 0,
            top: 0,
            relationship: Relationship::Equal,
            family: None,
            search: None,
            score: None,
            running: None,
            effect: Effect::default(),
            start,
            bulk: false,
            undone: false,
        };
        map.read(desk);
        map
    }

    fn read(&mut self, desk: &mut Desk) {
        let question = Question::Codes {
            deck: self.deck.clone(),
            list: self.codes.list.clone(),
            decided: std::mem::take(&mut self.decided),
            // What was set aside as in question is no step on the way.
            once: self.once - self.rows.flagged(),
        };
        self.asked = Some(desk.ask(Slot::Deck, Request::Deck(question)));
    }

    fn here(&self) -> Option<&Row> {
        self.rows.here()
    }

    /// The code under the cursor, if it can be decided.
    fn open_here(&self) -> Option<&WaitingCode> {
        self.here().filter(|row| self.decides && row.state.is_open()).map(|row| &row.card)
    }

    fn card(&self) -> Option<&Card> {
        self.card.of(&name(self.here()?)).flatten()
    }

    fn candidates(&self) -> &[Candidate] {
        self.card().map_or(&[], |card| &card.candidates)
    }

    fn show(&mut self, codes: Codes) {
        let Codes { lists, list, headline, cards, problem } = codes;
        if self.codes.list != list {
            self.rows = Rows::default();
            self.once = 0;
        }
        self.once = self.once.max(cards.iter().map(|card| card.waiting).sum());
        // A list that is done is none of them any more: the one that most items wait for comes next.
        self.list_at = lists.iter().position(|known| Some(&known.name) == list.as_ref()).unwrap_or(0);
        self.codes = Codes { lists, list, headline, cards: Vec::new(), problem };
        self.left = cards.len();
        let back = self.rows.show(cards);
        if let Some(map) = self.start.take().or(back.filter(|_| std::mem::take(&mut self.undone))) {
            self.rows.go_to(map);
            self.come();
        }
        // Codes may be read anew for somebody else's sake before they are decided.
        if self.here().is_some_and(|row| !row.state.is_open()) && std::mem::take(&mut self.bulk) {
            self.rows.move_on();
            self.come();
        }
        self.renew = true;
        self.effect.forget();
        let (rows, family) = (&self.rows, &mut self.family);
        if let Some(family) = family {
            family.keep(|map| rows.waits(map));
        }
    }

    /// The cursor came to another code.
    fn come(&mut self) {
        (self.choice, self.top) = (0, 0);
        self.family = None;
        self.search = None;
    }

    fn choose_list(&mut self, desk: &mut Desk) -> Step {
        let list = self.codes.lists.get(self.list_at).map(|list| list.name.clone());
        self.part = Part::Codes;
        if list.is_some() && list != self.codes.list {
            self.codes.list = list;
            self.rows = Rows::default();
            self.once = 0;
            self.come();
            self.read(desk);
        }
        Step::Stay
    }

    fn turn(&mut self, forward: bool) {
        self.part = match (self.part, forward) {
            (Part::Lists, true) | (Part::Card, false) => Part::Codes,
            // Where nothing is left to decide there is nothing to suggest.
            (Part::Codes, true) if self.left == 0 => Part::Lists,
            (Part::Codes, true) => Part::Card,
            (Part::Card, true) | (Part::Codes, false) => Part::Lists,
            (Part::Lists, false) => Part::Card,
        };
    }

    fn go(&mut self, name: &str, desk: &Desk) {
        let name = match name {
            "j" => "Down",
            "k" => "Up",
            name => name,
        };
        match self.part {
            Part::Lists => {
                choose(name, &mut self.list_at, self.codes.lists.len());
            }
            Part::Codes => {
                let before = self.rows.at;
                let len = self.rows.len();
                let at = &mut self.rows.at;
                match name {
                    "Home" | "g" => *at = 0,
                    "End" | "G" => *at = len.saturating_sub(1),
                    name => {
                        choose(name, at, len);
                    }
                }
                if self.rows.at != before {
                    self.come();
                }
            }
            Part::Card => match name {
                "PgDn" | "PgUp" | "Home" | "g" | "End" | "G" => self.scroll(name, desk),
                name => {
                    let len = self.choices();
                    choose(name, &mut self.choice, len);
                }
            },
        }
    }

    fn scroll(&mut self, name: &str, desk: &Desk) {
        let Some((height, lines)) = draw::detail(self, desk) else { return };
        self.top = match name {
            "PgDn" => self.top + height,
            "PgUp" => self.top.saturating_sub(height),
            "Home" | "g" => 0,
            _ => lines,
        };
        self.top = self.top.min(lines.saturating_sub(height));
    }

    /// The items that wait for the code under the cursor.
    fn items(&self) -> Step {
        let Some(row) = self.here() else { return Step::Stay };
        let Target::Filter(map) = panes::rows_with(&[("map", &row.card.name)]) else { return Step::Stay };
        let held = if row.state.is_open() { " is:held" } else { "" };
        Step::Go(Table::SyncItems, Target::Filter(format!("{map}{held}")))
    }

    fn close(&mut self, desk: &mut Desk) -> Step {
        desk.end_rehearsal();
        Step::Close
    }
}

/// What a code is known by among the answers.
fn name(row: &Row) -> String {
    row.card.map.to_string()
}

impl Overlay for MapCodes {
    fn title(&self) -> String {
        told::title(self)
    }

    fn hints(&self) -> Vec<Hint> {
        told::hints(self)
    }

    fn keys(&self) -> Option<Over> {
        (self.search.is_none() && self.score.is_none()).then_some(Over::Codes)
    }

    fn click(&mut self, at: Position, _areas: &Areas, desk: &mut Desk) -> Step {
        self.click_at(at, desk)
    }

    fn wheel(&mut self, at: Position, down: bool, desk: &mut Desk) -> bool {
        self.wheel_at(at, down, desk)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        if self.score.is_some() {
            return self.score_key(key, name, desk);
        }
        if self.search.is_some() {
            return self.search_key(key, name, desk);
        }
        match name {
            "Esc" | "Backspace" | "q" if self.family.is_some() => self.family = None,
            "Esc" | "Backspace" | "q" => return self.close(desk),
            "Enter" if self.part == Part::Lists => return self.choose_list(desk),
            "o" => return self.items(),
            "Tab" | "Right" | "l" => self.turn(true),
            "Shift+Tab" | "Left" | "h" => self.turn(false),
            _ if self.part == Part::Codes && self.family.as_mut().is_some_and(|family| family.key(name)) => {}
            _ if self.decides && self.decide_key(name, desk) => {}
            _ => self.go(name, desk),
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        if let Some(score) = &mut self.score {
            score.paste(text);
        } else {
            if self.search.is_none() {
                self.open_search(desk);
            }
            if let Some(search) = &mut self.search {
                search.paste(text, desk);
            }
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
            || self.card.awaits(ticket)
            || self.family.as_ref().is_some_and(|family| family.awaits(ticket))
            || self.search.as_ref().is_some_and(|search| search.awaits(ticket))
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Deck(told) => match *told {
                Told::Codes(codes) => {
                    self.asked = None;
                    self.show(codes);
                }
                Told::Card(card) => {
                    let chosen = self.search.is_none().then(|| self.target().map(|code| code.map(str::to_string)));
                    self.card.answered(card);
                    self.choose_again(chosen.flatten());
                }
                Told::LookAlikes(alike) => self.family.iter_mut().for_each(|family| family.offer(alike.clone())),
                Told::Accept(_) => {}
            },
            Answer::Codes { offered, .. } => {
                if let Some(search) = &mut self.search {
                    search.found(offered);
                }
            }
            _ => {}
        }
    }

    fn missed(&mut self, ticket: u64) {
        if self.asked.take_if(|asked| *asked == ticket).is_some() {
            self.again = false;
        }
        self.card.missed(ticket);
        self.family.iter_mut().for_each(|family| family.missed(ticket));
        self.search.iter_mut().for_each(|search| search.missed(ticket));
    }

    fn follow(&mut self, desk: &mut Desk) {
        // Its outcome came while one was elsewhere.
        self.running.take_if(|_| desk.working().is_none());
        if self.asked.is_none() && std::mem::take(&mut self.again) {
            self.read(desk);
        }
        let here = self.here().map(|row| (row.card.map, name(row)));
        if let Some((map, name)) = here
            && (std::mem::take(&mut self.renew) || self.card.is_wanted(&name))
        {
            let question = Question::Card { deck: self.deck.clone(), map };
            self.card.asked(desk.ask(Slot::Field, Request::Deck(question)), &name);
        }
        self.effect.follow(self.wanted(), desk);
    }

    /// Codes that are on their way are let come first: where others write all the time, there would never be any.
    fn outdated(&mut self, desk: &mut Desk) {
        match self.asked {
            Some(_) => self.again = true,
            None => self.read(desk),
        }
    }

    fn stays(&self) -> bool {
        true
    }

    fn at_hand(&self) -> Option<u64> {
        let found = self.search.as_ref().map(|search| &search.codes);
        hand((self.open_here().map(|card| card.map), self.maps(), self.candidates(), found))
    }

    fn done(&mut self, ticket: u64, outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        if self.effect.done(ticket, outcome) {
            return Some(Step::Stay);
        }
        let (_, deed) = self.running.take_if(|(running, _)| *running == ticket)?;
        if outcome.is_ok() {
            self.is_done(deed);
        }
        Some(Step::Stay)
    }

    fn spoken(&self, desk: &Desk) -> Option<Spoken> {
        Some(told::spoken(self, desk))
    }

    fn pick(&mut self, at: usize) -> Picked {
        let (chosen, len) = match (self.part, &mut self.search) {
            (_, Some(search)) => {
                let len = search.codes.len();
                (search.at.get_or_insert_default(), len)
            }
            (Part::Lists, None) => (&mut self.list_at, self.codes.lists.len()),
            _ => {
                let len = self.choices();
                (&mut self.choice, len)
            }
        };
        if at >= len {
            return Picked::Nothing;
        }
        *chosen = at;
        Picked::Press
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        draw::draw(self, paint, areas, desk);
    }
}
