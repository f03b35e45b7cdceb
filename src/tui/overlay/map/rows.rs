//! The codes in the order in which they were read. A code that is decided stays where it stood, with what it was decided
//! to be, so that nothing moves under the cursor.

use std::collections::{HashMap, HashSet};

use crate::store::WaitingCode;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// Left for later.
    Skipped,
    Mapped(String),
    NoMatch,
    Flagged,
    /// Somebody else decided it.
    Gone,
}

impl State {
    pub fn is_open(&self) -> bool {
        matches!(self, State::Open | State::Skipped)
    }
}

#[derive(Debug)]
pub(super) struct Row {
    pub card: WaitingCode,
    pub state: State,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    places: HashMap<i64, usize>,
    /// The code under the cursor.
    pub at: usize,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn get(&self, at: usize) -> Option<&Row> {
        self.rows.get(at)
    }

    pub fn here(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    pub fn waits(&self, map: i64) -> bool {
        self.places.get(&map).and_then(|at| self.rows.get(*at)).is_some_and(|row| row.state.is_open())
    }

    /// Puts the cursor on a code, if it is there.
    pub fn go_to(&mut self, map: i64) {
        self.at = self.places.get(&map).copied().unwrap_or(self.at);
    }

    /// Takes the codes that wait now: new ones come last, those that are gone are shown as decided. Answers the first one
    /// that waits again.
    pub fn show(&mut self, cards: Vec<WaitingCode>) -> Option<i64> {
        let open: HashSet<i64> = cards.iter().map(|card| card.map).collect();
        for row in self.rows.iter_mut().filter(|row| row.state.is_open() && !open.contains(&row.card.map)) {
            row.state = State::Gone;
        }
        let mut back = None;
        for card in cards {
            let Some(row) = self.places.get(&card.map).and_then(|at| self.rows.get_mut(*at)) else {
                self.places.insert(card.map, self.rows.len());
                self.rows.push(Row { card, state: State::Open });
                continue;
            };
            if !row.state.is_open() {
                row.state = State::Open;
                back.get_or_insert(card.map);
            }
            row.card = card;
        }
        back
    }

    /// The items that wait for codes which were flagged here.
    pub fn flagged(&self) -> i64 {
        self.rows.iter().filter(|row| row.state == State::Flagged).map(|row| row.card.waiting).sum()
    }

    pub fn mark(&mut self, maps: &[i64], state: &State) {
        for map in maps {
            if let Some(row) = self.places.get(map).and_then(|at| self.rows.get_mut(*at)) {
                row.state = state.clone();
            }
        }
    }

    /// On to the next code that waits; from the last one back to the first that was left.
    pub fn move_on(&mut self) {
        let waits = |at: &usize| self.rows.get(*at).is_some_and(|row| row.state == State::Open);
        let left = |at: &usize| self.rows.get(*at).is_some_and(|row| row.state.is_open());
        let next = (self.at + 1..self.rows.len()).find(waits).or_else(|| (0..self.rows.len()).find(waits));
        self.at = next.or_else(|| (0..self.rows.len()).find(left)).unwrap_or(self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(map: i64) -> WaitingCode {
        let code = format!("C{map}");
        let (name, code_list) = (String::new(), String::new());
        WaitingCode { map, name, source: None, code_list, code, label: None, waiting: 1, row_version: 1 }
    }

    #[test]
    fn codes_keep_their_places_whatever_becomes_of_them() {
        let mut rows = Rows::default();
        assert_eq!(rows.show([4, 2, 9].map(card).into()), None);
        rows.mark(&[4], &State::Mapped("J".into()));
        rows.move_on();
        assert_eq!(rows.show([9, 7].map(card).into()), None);
        let states: Vec<(i64, bool)> = rows.rows.iter().map(|row| (row.card.map, row.state.is_open())).collect();
        assert_eq!((states, rows.at), (vec![(4, false), (2, false), (9, true), (7, true)], 1));
        assert_eq!(rows.show([4, 9, 7].map(card).into()), Some(4));
        assert_eq!(rows.here().map(|row| &row.state), Some(&State::Gone));
    }

    #[test]
    fn one_moves_on_past_what_is_decided_and_at_last_to_what_was_skipped() {
        let mut rows = Rows::default();
        rows.show([1, 2, 3].map(card).into());
        rows.mark(&[1, 2], &State::Skipped);
        rows.move_on();
        assert_eq!(rows.at, 2);
        rows.mark(&[3], &State::NoMatch);
        rows.move_on();
        assert_eq!(rows.at, 0);
        rows.mark(&[1, 2], &State::Flagged);
        rows.move_on();
        assert_eq!(rows.at, 0);
    }
}
