//! What is below what a preview tells: the reason, the number and the buttons, in the order in which one goes through them.

use ratatui::layout::{Position, Rect};

use super::{CONTROLS, Focus, Preview, Stage};
use crate::engine::Rows;
use crate::model::text::grouped;
use crate::tui::bulk::{Bulk, Reason};
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::overlay::buttons::{self, CANCEL};
use crate::tui::paint::Paint;
use crate::tui::proposal::Proposal;
use crate::tui::theme::Role;

impl Preview {
    /// Everything that can have the focus, as it stands on the screen.
    pub(super) fn order(&self) -> Vec<Focus> {
        let mut order = Vec::new();
        order.extend(self.lists().then_some(Focus::List));
        order.extend((self.what.reason() != Reason::Unasked).then_some(Focus::Reason));
        order.extend(self.needs_number().then_some(Focus::Number));
        order.extend(self.buttons());
        order
    }

    fn buttons(&self) -> Vec<Focus> {
        let own = (!self.own_held().is_empty()).then_some(Focus::Own);
        std::iter::once(Focus::Go).chain(own).chain([Focus::Cancel]).collect()
    }

    /// What a button says.
    pub(super) fn says(&self, button: Focus) -> String {
        match button {
            Focus::Own => format!("Your own {} alone", grouped(self.own_held().len() as i64)),
            Focus::Cancel => CANCEL.into(),
            _ => self.go_text(),
        }
    }

    fn go_text(&self) -> String {
        let n = self.outcome().map_or(String::new(), |outcome| format!(" {}", grouped(outcome.changed)));
        format!("{}{n}", self.what.title())
    }

    /// Entries that the person had a hand in and that are held back beside others: a reason lifts that for them alone.
    pub(super) fn own_held(&self) -> &[i64] {
        match &self.stage {
            Stage::Ready(outcome) if outcome.changed > 0 => &outcome.own_held,
            _ => &[],
        }
    }

    /// Leaves the others out, and asks for a reason that is for what the person had a hand in alone.
    pub(super) fn take_own_alone(&mut self, desk: &mut Desk) {
        let what = match (&self.what, &self.stage) {
            (Proposal::Rows(what, _), Stage::Ready(outcome)) => Some((*what, outcome.own_held.clone())),
            (_, Stage::Ready(outcome)) => Some((Bulk::Decide(crate::engine::Verb::Certify), outcome.own_held.clone())),
            _ => None,
        };
        let Some((what, entries)) = what else { return };
        self.what = Proposal::Rows(what, Rows::Ids(entries));
        (self.own_alone, self.focus, self.top) = (true, Focus::Reason, 0);
        self.reason = Entry::default();
        self.count(desk);
    }

    pub(super) fn draw_controls(&self, paint: &mut Paint, area: Rect) {
        let field = |paint: &mut Paint, line: u16, label: &str, entry: &Entry, focus: bool| {
            let area = layout::line(area, line);
            let pointer = if focus { '>' } else { ' ' };
            let from = paint.put_at(area, area.x, &format!("{pointer}{label} [ "), Role::Plain);
            let room = area.right().saturating_sub(from + 3);
            entry.draw(paint, Rect { x: from, width: room, ..area }, focus);
            paint.put_right(area, from, "] ", Role::Plain);
        };
        if self.what.reason() != Reason::Unasked {
            field(paint, 0, self.what.reason_kept(), &self.reason, self.focus == Focus::Reason);
        }
        if self.needs_number() {
            field(paint, 1, "Type how many rows will change", &self.number, self.focus == Focus::Number);
        }
        self.with_buttons(|texts, here| buttons::draw(paint, layout::line(area, 2), texts, here));
    }

    fn with_buttons<T>(&self, then: impl FnOnce(&[&str], Option<usize>) -> T) -> T {
        let buttons = self.buttons();
        let texts: Vec<String> = buttons.iter().map(|button| self.says(*button)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        then(&texts, buttons.iter().position(|button| *button == self.focus))
    }

    /// The button or field at a place of the screen.
    pub(super) fn control_at(&self, at: Position, areas: &Areas) -> Option<Focus> {
        let controls = layout::bottom(areas.content, CONTROLS);
        let line = at.y.checked_sub(controls.y).filter(|_| controls.contains(at))?;
        let there = match line {
            0 => Focus::Reason,
            1 => Focus::Number,
            _ => {
                let button = self.with_buttons(|texts, here| buttons::at(controls, texts, here, at.x))?;
                self.buttons().get(button).copied()?
            }
        };
        self.order().contains(&there).then_some(there)
    }
}
