//! What comes back to the workbench: answers to its questions, outcomes of its acts, and what follows on the screen.

use super::actions::Place;
use super::app::App;
use super::desk::Desk;
use super::overlay::{Overlay, Step};
use super::pane::Pane;
use super::read::{Answer, Answered, Slot, Trouble};
use super::write::Done;
use crate::engine::{Mode, Outcome};
use crate::model::Table;
use crate::model::query::Count;
use crate::model::text::grouped;

impl App {
    pub(super) fn answered(&mut self, answered: Answered) {
        let Answered { slot, ticket, answer } = answered;
        if !matches!(answer, Ok(Answer::Found(_))) {
            self.desk.was_read(ticket);
        }
        match slot {
            Slot::Rows(table) | Slot::Count(table) => {
                let gave_way = matches!(answer, Err(Trouble::Replaced)) && self.place == Place::Pane(table);
                self.with_table(table, |pane, desk, height| pane.answered(ticket, answer, desk, height));
                if gave_way {
                    // To another pane that one came back from meanwhile.
                    self.with_pane(|pane, desk, height| pane.enter(desk, height));
                }
                self.tell_totals();
            }
            Slot::Overview => {
                self.home.answered(ticket, answer, &mut self.desk);
                self.tell_totals();
            }
            Slot::Beside(table) => {
                self.with_table(table, |pane, _, _| pane.beside.answered(ticket, answer));
            }
            Slot::Copy => self.rows_copied(answer),
            Slot::Overlay | Slot::Field | Slot::Deck | Slot::Triage | Slot::Stopped | Slot::Facets => {
                // One that led on gets its answers too, for when one comes back to it.
                let aside = self.trail.iter_mut().flat_map(|stop| &mut stop.over);
                let mut overlays = self.overlays.iter_mut().chain(aside);
                let Some(overlay) = overlays.find(|overlay| overlay.awaits(ticket)) else { return };
                match answer {
                    Ok(answer) => overlay.answered(answer),
                    Err(trouble) => {
                        overlay.missed(ticket);
                        if let Trouble::Failed(problem) = trouble {
                            self.desk.complain(problem);
                        }
                    }
                }
            }
        }
    }

    /// An unfiltered listing is as long as its table, which home knows.
    fn tell_totals(&mut self) {
        for pane in self.panes.iter_mut().filter(|pane| !pane.listing.is_filtered()) {
            if let Some(n) = self.home.rows(pane.spec.table) {
                pane.window.counted(Count { n, exact: true });
            }
        }
    }

    pub(super) fn done(&mut self, done: Done) {
        let Done { ticket, mode, outcome } = done;
        self.desk.written(ticket, outcome.as_ref().ok().and_then(|outcome| outcome.operation));
        self.tell_overlays(|overlay, desk| overlay.done(ticket, &outcome, desk));
        if mode != Mode::DryRun {
            match &outcome {
                Ok(outcome) => {
                    self.tell(outcome);
                    self.with_pane(|pane, _, _| pane.reveal());
                    // A legal hold changes no row, and what stands beside one all the same.
                    self.panes.iter_mut().for_each(|pane| pane.beside.forget());
                    let tables = if self.store_changed { Table::ALL.to_vec() } else { outcome.tables.clone() };
                    self.outdate(&tables, Pane::enter);
                    self.look_at(outcome.imported);
                }
                Err(error) => {
                    self.desk.complain(error.to_string());
                    if self.store_changed {
                        self.outdate(&Table::ALL, Pane::follow);
                    }
                }
            }
            self.store_changed = false;
        }
    }

    /// Gives the overlays what one of them waits for, whatever lies over it and whatever it led on to; what it says is to
    /// happen then happens to it, and what lies over it goes with it.
    pub(super) fn tell_overlays(&mut self, mut tell: impl FnMut(&mut dyn Overlay, &mut Desk) -> Option<Step>) {
        let App { overlays, trail, desk, .. } = self;
        let mut told = overlays.iter_mut().enumerate().rev();
        if let Some((at, step)) = told.find_map(|(at, overlay)| Some((at, tell(overlay.as_mut(), desk)?))) {
            if !matches!(step, Step::Stay) {
                overlays.truncate(at + 1);
                self.carry_out(step);
            }
            return;
        }
        for stop in trail {
            let mut told = stop.over.iter_mut().enumerate();
            if let Some((at, step)) = told.find_map(|(at, overlay)| Some((at, tell(overlay.as_mut(), desk)?))) {
                stop.over.truncate(if matches!(step, Step::Stay) { at + 1 } else { at });
                return;
            }
        }
    }

    fn tell(&mut self, outcome: &Outcome) {
        // The sentence ends with how many were held back.
        let text = match outcome.held_back.as_slice() {
            [] => outcome.told(),
            [held] => format!("{}: {}", outcome.summary, held.reason),
            [held, ..] => format!("{}: {} {}, …", outcome.summary, grouped(held.rows), held.reason),
        };
        if outcome.operation.is_some() { self.desk.say(text) } else { self.desk.complain(text) }
    }

    /// Puts the cursor on a row that was added here, if what is listed has it.
    fn look_at(&mut self, added: Option<(Table, i64)>) {
        let Some((table, id)) = added else { return };
        self.with_pane(|pane, desk, height| {
            if pane.spec.table == table {
                pane.list_at(pane.listing.clone(), id, desk, height);
            }
        });
    }

    /// Rows of these tables have changed: what is shown of them is read again, the rest when it is shown.
    pub(super) fn outdate(&mut self, tables: &[Table], read: fn(&mut Pane, &mut Desk, usize)) {
        self.panes.iter_mut().filter(|pane| tables.contains(&pane.spec.table)).for_each(Pane::outdate);
        self.with_pane(read);
        self.overlays.iter_mut().for_each(|overlay| overlay.outdated(&mut self.desk));
        self.home.refresh(&mut self.desk);
    }
}
