//! The suggestions of a preview, of which single ones are left out: a list with a cursor among what the preview says. The
//! numbers follow what is left out.

use std::collections::BTreeSet;

use super::{Focus, Preview, Stage, told};
use crate::tui::desk::Desk;
use crate::tui::overlay::Picked;
use crate::tui::paint::Span;
use crate::tui::theme::Role;

/// Where one is in the list, and what was left out when the numbers were counted.
#[derive(Debug, Default)]
pub(super) struct Leaving {
    at: usize,
    counted: BTreeSet<i64>,
}

impl Preview {
    pub(super) fn lists(&self) -> bool {
        self.what.sample() > 0
    }

    /// Takes note that the numbers are counted for what is left out now.
    pub(super) fn counts_without(&mut self) {
        self.leaving.counted = self.what.left_out().cloned().unwrap_or_default();
    }

    /// Whether something was left out, or taken up again, since they were.
    pub(super) fn is_outdated(&self) -> bool {
        self.what.left_out().is_some_and(|left_out| *left_out != self.leaving.counted)
    }

    /// Takes a key in the list of suggestions; false if it is none that does anything there.
    pub(super) fn list_key(&mut self, name: &str, desk: &mut Desk) -> bool {
        let last = self.what.suggestions().len().saturating_sub(1);
        let page = self.room_on(desk).saturating_sub(1).max(1);
        let at = self.leaving.at;
        self.leaving.at = match name {
            "Space" => {
                let map = self.what.suggestions().get(at).map(|(map, ..)| *map);
                map.into_iter().for_each(|map| self.what.leave_out(map));
                // What is being counted is counted to its end: the numbers come anew after it.
                if matches!(self.stage, Stage::Ready(_) | Stage::Failed(_)) {
                    self.count(desk);
                }
                at + 1
            }
            "Up" | "k" => at.saturating_sub(1),
            "Down" | "j" => at + 1,
            "PgUp" => at.saturating_sub(page),
            "PgDn" => at + page,
            "Home" | "g" => 0,
            "End" | "G" => last,
            _ => return false,
        }
        .min(last);
        self.show_cursor(desk);
        true
    }

    /// Scrolls as far as the cursor needs; at the first suggestion to the very beginning.
    fn show_cursor(&mut self, desk: &Desk) {
        let room = self.room_on(desk).max(1);
        let heading = usize::from(self.leaving.at >= self.what.sample());
        let line = self.before_list(desk.size.0.into()) + self.leaving.at + heading;
        self.top = if self.leaving.at == 0 { 0 } else { self.top.clamp((line + 1).saturating_sub(room), line) };
    }

    /// Lines above the first suggestion, the list's heading among them.
    fn before_list(&self, width: usize) -> usize {
        self.above(width).len() + 1
    }

    /// Whether everything that has to be looked at has been in sight, now that so many lines are.
    pub(super) fn sees_sample(&self, room: usize, width: usize) -> bool {
        self.top + room >= self.before_list(width) + self.what.sample()
    }

    /// The suggestions where there is no cursor: choosing one leaves it out or takes it up again.
    pub(super) fn spoken_list(&self) -> impl Iterator<Item = String> {
        self.what.suggestions().into_iter().map(|(map, code, suggested)| {
            let taken = if self.is_left_out(*map) { "left out" } else { "taken" };
            let spans = told::suggestion(code, suggested).into_iter();
            format!("{taken}: {}", spans.map(|(text, _)| text).collect::<String>())
        })
    }

    pub(super) fn pick_in_list(&mut self, at: usize) -> Picked {
        if at >= self.what.suggestions().len() {
            return Picked::Nothing;
        }
        (self.focus, self.leaving.at) = (Focus::List, at);
        Picked::Press
    }

    fn is_left_out(&self, map: i64) -> bool {
        self.what.left_out().is_some_and(|left_out| left_out.contains(&map))
    }

    /// The suggestions, those that have to be looked at first.
    pub(super) fn list_lines(&self, lines: &mut Vec<Vec<Span>>) {
        let (all, sample) = (self.what.suggestions(), self.what.sample());
        let heading = |text: String| vec![(text, Role::Heading)];
        lines.push(heading(match all.len() {
            n if n == sample => format!(" ALL {n} SUGGESTIONS, THE LEAST SURE FIRST"),
            n => format!(" ALL {n} SUGGESTIONS, FIRST {sample} TO LOOK AT: THE LEAST SURE, SOME OF THE OTHERS"),
        }));
        for (at, (map, code, suggested)) in all.iter().enumerate() {
            if at == sample {
                lines.push(heading(format!(" THE OTHERS, {}, THE LEAST SURE FIRST", all.len() - sample)));
            }
            let taken = !self.is_left_out(*map);
            let here = self.focus == Focus::List && at == self.leaving.at;
            let mark = format!("{}[{}] ", if here { '>' } else { ' ' }, if taken { 'x' } else { ' ' });
            let role = if taken { Role::Marked } else { Role::Quiet };
            lines.push(std::iter::once((mark, role)).chain(told::suggestion(code, suggested)).collect());
        }
    }
}
