//! What the keys of the map screen decide.

use std::collections::BTreeSet;

use crossterm::event::KeyEvent;

use super::family::Family;
use super::rows::State;
use super::search::Search;
use super::{MapCodes, Part, told};
use crate::engine::{Command, MapChoice, MapKey, Mode};
use crate::model::choice::Relationship;
use crate::model::shown;
use crate::tui::deck::{Decided, Question};
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::over_keys::Over;
use crate::tui::overlay::Step;
use crate::tui::overlay::preview::Preview;
use crate::tui::proposal::Proposal;
use crate::tui::read::{Request, Slot};

/// The score that bulk acceptance offers, in hundredths: from there on hardly any suggestion is wrong.
pub(super) const OFFERED: u8 = (crate::engine::suggest::SURE * 100.0) as u8;

/// Below this score a suggestion is no more than a help for whoever looks.
const LEAST: &str = "0.5";

/// Below it nothing is chosen before somebody goes to it.
const LEAST_CHOSEN: f32 = 0.5;

/// A score as a person types it.
fn hundredths(text: &str) -> Option<u8> {
    let score: f32 = text.trim().replace(',', ".").parse().ok()?;
    (0.5..=1.0).contains(&score).then_some((score * 100.0).round() as u8)
}

/// What is being written.
#[derive(Debug)]
pub(super) enum Deed {
    Decide(Decided),
    Flag(i64),
    RejectMatch,
    Undo,
}

impl MapCodes {
    /// Whether "no match" stands behind the suggestions, so that its effect can be seen as that of any of them.
    pub(super) fn offers_no_match(&self) -> bool {
        !self.candidates().is_empty() && self.candidates().iter().all(|one| one.code.is_some())
    }

    /// What there is to choose from: the suggestions, and no match.
    pub(super) fn choices(&self) -> usize {
        self.candidates().len() + usize::from(self.offers_no_match())
    }

    /// The cursor stays on what it was on, wherever that stands among the suggestions by now.
    pub(super) fn choose_again(&mut self, chosen: Option<Option<String>>) {
        let suggested = |code: &Option<String>| self.candidates().iter().position(|one| one.code == *code);
        let no_match = || self.offers_no_match().then(|| self.candidates().len());
        let at = chosen.and_then(|code| suggested(&code).or_else(|| no_match().filter(|_| code.is_none())));
        self.choice = at.unwrap_or_default();
    }

    /// The codes that a decision is for: the one under the cursor, or of its family those that are taken along.
    pub(super) fn maps(&self) -> Vec<i64> {
        match (&self.family, self.open_here()) {
            (_, None) => Vec::new(),
            (Some(family), _) => family.taken(),
            (None, Some(card)) => vec![card.map],
        }
    }

    /// What Enter would decide: a canonical code, or no match.
    pub(super) fn target(&self) -> Option<Option<&str>> {
        match &self.search {
            Some(search) => search.chosen().filter(|code| code.active).map(|code| Some(code.code.as_str())),
            None => match self.candidates().get(self.choice) {
                Some(candidate) => Some(candidate.code.as_deref()),
                None => (self.offers_no_match() && self.choice == self.candidates().len()).then_some(None),
            },
        }
    }

    /// Whether the best suggestion is no more than a help, and nobody went to it: then nothing is chosen yet.
    fn is_unsure(&self) -> bool {
        let best = self.candidates().get(self.choice).filter(|_| self.search.is_none() && self.part != Part::Card);
        best.is_some_and(|best| best.score < LEAST_CHOSEN)
    }

    /// The command whose effect is shown; where nothing is suggested, that of no match, which no Enter decides.
    pub(super) fn wanted(&self) -> Option<Command> {
        let only_no_match = self.search.is_none() && self.card().is_some_and(|card| card.candidates.is_empty());
        let target = self.target().or(only_no_match.then_some(None))?.map(str::to_string);
        Some(self.command(self.maps(), target)).filter(|_| self.running.is_none() && !self.maps().is_empty())
    }

    fn command(&self, maps: Vec<i64>, canonical: Option<String>) -> Command {
        let choice = |map| MapChoice { relationship: self.relationship, ..MapChoice::of(map, canonical.clone()) };
        let left_out = self.family.as_ref().map_or_else(Vec::new, Family::left_out);
        Command::MapMany { choices: maps.into_iter().map(choice).collect(), reason: None, left_out }
    }

    /// Takes a key that decides; false if it does nothing of that kind.
    pub(super) fn decide_key(&mut self, name: &str, desk: &mut Desk) -> bool {
        match (name, name.parse::<usize>()) {
            ("0", _) => self.decide(None, desk),
            (_, Ok(number)) => self.accept(number - 1, desk),
            ("Enter", _) if self.is_unsure() => desk.say(
                "No suggestion is sure enough to be taken so: a digit takes one, Right goes to them, / searches the list.",
            ),
            ("Enter", _) => match self.target().map(|target| target.map(str::to_string)) {
                Some(target) => self.decide(target, desk),
                None => self.accept(self.choice, desk),
            },
            ("f", _) => self.flag(desk),
            ("s", _) => self.skip(),
            ("w", _) => self.mean(Relationship::Wider),
            ("n", _) => self.mean(Relationship::Narrower),
            ("~", _) => self.mean(Relationship::Inexact),
            ("/", _) => self.open_search(desk),
            ("=", _) if self.family.is_none() => self.open_family(desk),
            ("!", _) => self.reject(desk),
            ("A", _) => self.score = Some(Entry::new(&format!("0.{OFFERED}"))),
            ("u", _) => {
                self.running = desk.undo().map(|ticket| (ticket, Deed::Undo));
            }
            _ => return false,
        }
        true
    }

    pub(super) fn open_search(&mut self, desk: &mut Desk) {
        if let (Some(_), Some(list)) = (self.open_here(), self.codes.list.clone()) {
            self.search = Some(Search::open(&list, desk));
            self.top = 0;
        }
    }

    pub(super) fn open_family(&mut self, desk: &mut Desk) {
        let Some(own) = self.open_here().cloned() else { return };
        let question = Question::LookAlikes { deck: self.deck.clone(), map: own.map };
        let asked = desk.ask(Slot::Overlay, Request::Deck(question));
        let family = Family::new(own, self.card().map_or(&[], |card| &card.family), asked);
        self.family = Some(family);
        self.part = Part::Codes;
    }

    /// The same key again takes it back.
    fn mean(&mut self, relationship: Relationship) {
        self.relationship = if self.relationship == relationship { Relationship::Equal } else { relationship };
    }

    fn accept(&mut self, at: usize, desk: &mut Desk) {
        match self.candidates().get(at).map(|candidate| candidate.code.clone()) {
            Some(canonical) => self.decide(canonical, desk),
            None if self.open_here().is_none() => self.is_decided(desk),
            None if self.card().is_none() => desk.say("The suggestions for this code are still being read."),
            None => desk.say(format!("No suggestion has this number; {}.", told::without_suggestion(self))),
        }
    }

    fn is_decided(&self, desk: &mut Desk) {
        if self.here().is_some() {
            let undo = desk.keymap.shown_over(Some(Over::Codes), "u").unwrap_or("undo".into());
            desk.say(format!("This code is decided; {undo} takes your last decision back."));
        }
    }

    fn decide(&mut self, canonical: Option<String>, desk: &mut Desk) {
        let maps = self.maps();
        if self.open_here().is_none() {
            return self.is_decided(desk);
        }
        if maps.is_empty() {
            return desk.say("No code is taken along; Space takes one up again.");
        }
        let command = self.command(maps.clone(), canonical.clone());
        let ticket = desk.write("Deciding", command, Mode::Real);
        self.running = ticket.map(|ticket| (ticket, Deed::Decide(Decided { maps, canonical })));
    }

    fn flag(&mut self, desk: &mut Desk) {
        let Some(map) = self.open_here().map(|card| card.map) else { return self.is_decided(desk) };
        let command = Command::Flag { map: MapKey::Id(map), note: None };
        let ticket = desk.write("Flagging", command, Mode::Real);
        self.running = ticket.map(|ticket| (ticket, Deed::Flag(map)));
    }

    fn skip(&mut self) {
        if let Some(map) = self.open_here().map(|card| card.map) {
            self.rows.mark(&[map], &State::Skipped);
            self.rows.move_on();
            self.come();
        }
    }

    /// Says that the suggestion under the cursor is wrong for this code.
    fn reject(&mut self, desk: &mut Desk) {
        let canonical = self.candidates().get(self.choice).and_then(|candidate| candidate.code.clone());
        let Some(map) = self.open_here().map(|card| card.map).filter(|_| !self.candidates().is_empty()) else { return };
        let Some(canonical) = canonical else { return desk.say("Choose the suggestion that is wrong first.") };
        let command = Command::RejectMatch { map: MapKey::Id(map), canonical, note: None };
        let ticket = desk.write("Rejecting", command, Mode::Real);
        self.running = ticket.map(|ticket| (ticket, Deed::RejectMatch));
    }

    /// What was written is done.
    pub(super) fn is_done(&mut self, deed: Deed) {
        // Codes that were asked for before it are no longer so.
        self.asked = None;
        match deed {
            Deed::Decide(decided) => {
                let state = decided.canonical.clone().map_or(State::NoMatch, State::Mapped);
                self.settle(&decided.maps, &state);
                self.decided.push(decided);
            }
            Deed::Flag(map) => self.settle(&[map], &State::Flagged),
            Deed::RejectMatch => self.choice = 0,
            Deed::Undo => self.undone = true,
        }
    }

    fn settle(&mut self, maps: &[i64], state: &State) {
        self.relationship = Relationship::Equal;
        let here = self.here().is_some_and(|row| maps.contains(&row.card.map));
        self.rows.mark(maps, state);
        if here || self.family.is_some() {
            self.rows.move_on();
            self.come();
            self.part = Part::Codes;
        }
    }

    pub(super) fn search_key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, &mut self.search) {
            ("Esc", _) => self.search = None,
            ("Enter", Some(search)) => match search.chosen() {
                Some(code) if code.active => {
                    let code = code.code.clone();
                    self.decide(Some(code), desk);
                }
                Some(code) => desk.complain(format!("{} is retired; choose another code.", shown(&code.code))),
                None => desk.complain("Choose one of the codes of the list; import codes if it should have more."),
            },
            (_, Some(search)) => search.key(key, name, desk),
            (_, None) => {}
        }
        Step::Stay
    }

    pub(super) fn score_key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, &mut self.score) {
            ("Esc", _) => self.score = None,
            ("Enter", Some(score)) => match hundredths(score.text()) {
                Some(hundredths) => {
                    self.score = None;
                    self.bulk = true;
                    let (deck, left_out) = (self.deck.clone(), BTreeSet::new());
                    let proposal = Proposal::Accept { deck, hundredths, found: None, left_out };
                    let preview = Preview::of(proposal, desk);
                    return preview.map_or(Step::Stay, |preview| Step::Over(Box::new(preview)));
                }
                None => desk.complain(format!("A score is a number from {LEAST} to 1, such as 0.90.")),
            },
            (_, Some(score)) => drop(score.key(key)),
            (_, None) => {}
        }
        Step::Stay
    }
}
