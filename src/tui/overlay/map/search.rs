//! Searching the code list for what no suggestion names: type a part of a code or label.

use crossterm::event::KeyEvent;

use super::super::choose;
use crate::store::CodeEntry;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::read::{Request, Slot};

#[derive(Debug)]
pub(super) struct Search {
    list: String,
    pub entry: Entry,
    pub codes: Vec<CodeEntry>,
    /// The code under the cursor: none before a person typed or chose, so that Enter alone decides nothing.
    pub at: Option<usize>,
    asked: Option<u64>,
}

impl Search {
    pub fn open(list: &str, desk: &mut Desk) -> Search {
        let mut search =
            Search { list: list.into(), entry: Entry::default(), codes: Vec::new(), at: None, asked: None };
        search.ask(desk);
        search
    }

    fn ask(&mut self, desk: &mut Desk) {
        self.at = (!self.entry.text().trim().is_empty()).then_some(0);
        let (list, part) = (self.list.clone(), self.entry.text().to_string());
        self.asked = Some(desk.ask(Slot::Overlay, Request::Codes { list, part }));
    }

    /// The code under the cursor, once it is one that was found for what stands there.
    pub fn chosen(&self) -> Option<&CodeEntry> {
        self.codes.get(self.at?).filter(|_| self.asked.is_none())
    }

    pub fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    pub fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) {
        let mut at = self.at.unwrap_or_default();
        if choose(name, &mut at, self.codes.len()) {
            self.at = Some(if self.at.is_none() { 0 } else { at }).filter(|at| *at < self.codes.len());
        } else if self.entry.key(key) {
            self.ask(desk);
        }
    }

    pub fn paste(&mut self, text: &str, desk: &mut Desk) {
        self.entry.paste(text);
        self.ask(desk);
    }

    pub fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    pub fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
    }

    pub fn found(&mut self, codes: Vec<CodeEntry>) {
        self.asked = None;
        self.codes = codes;
    }
}
