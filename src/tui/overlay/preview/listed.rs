//! The usual reasons in a preview: a digit gives one, as it does where a single row is decided.

use ratatui::layout::Rect;

use super::{Focus, Preview};
use crate::tui::desk::Desk;
use crate::tui::layout;
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// From so many lines of content on the reasons stand there all the time, else only while one is being given.
const ROOMY: u16 = 14;

impl Preview {
    /// The reasons that stand on the screen.
    pub(super) fn listed(&self, content: u16) -> &'static [&'static str] {
        let listed = if content >= ROOMY || self.focus == Focus::Reason { self.what.listed() } else { &[] };
        if self.outcome().is_some() { listed } else { &[] }
    }

    /// Whether a digit gives a reason now: not where it is part of a number or of a reason of one's own.
    pub(super) fn takes_digits(&self) -> bool {
        let typing = self.focus == Focus::Reason && !self.reason.text().is_empty();
        !self.what.listed().is_empty() && self.focus != Focus::Number && !typing
    }

    /// Takes the listed reason of a digit, and goes on to what is left to do; false if the key gives none. Where the reasons
    /// have no room on the screen it only shows them: nobody gives one unseen.
    pub(super) fn choose_reason(&mut self, name: &str, desk: &Desk) -> bool {
        let at = name.parse::<usize>().ok().filter(|_| self.takes_digits()).and_then(|digit| digit.checked_sub(1));
        let Some(reason) = at.and_then(|at| self.what.listed().get(at)) else { return false };
        let content = layout::areas(desk.size.0, desk.size.1).map_or(0, |areas| areas.content.height);
        if self.listed(content).is_empty() {
            self.focus = Focus::Reason;
            return true;
        }
        self.reason.set(reason);
        self.focus = if self.needs_number() { Focus::Number } else { Focus::Go };
        true
    }

    pub(super) fn draw_listed(&self, paint: &mut Paint, area: Rect, listed: &[&str]) {
        for (at, reason) in (0..).zip(listed) {
            let area = layout::line(area, at);
            let given = if self.reason.text() == *reason { '>' } else { ' ' };
            paint.put(area, &format!("  {given}{}  {reason}", at + 1), Role::Plain);
        }
    }
}
