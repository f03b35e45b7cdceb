//! The mouse on the map screen: it chooses lists, codes, members and suggestions, and decides nothing.

use ratatui::layout::Position;

use super::super::{NOTCH, Step};
use super::{MapCodes, Part, draw};
use crate::tui::desk::Desk;

/// What stands at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    List(usize),
    Lists,
    /// A code, or a member of the family that is shown instead.
    Code(usize),
    Codes,
    /// A suggestion, or a code that the search found.
    Numbered(usize),
    Detail,
}

impl MapCodes {
    pub(super) fn click_at(&mut self, at: Position, desk: &mut Desk) -> Step {
        let Some(spot) = draw::spot(self, at, desk) else { return Step::Stay };
        match (spot, &mut self.search, &mut self.family) {
            // What is typed is finished, or left, before anything else.
            _ if self.score.is_some() => {}
            (Spot::Numbered(found), Some(search), _) => search.at = Some(found),
            (_, Some(_), _) => {}
            (Spot::List(list), ..) => {
                self.list_at = list;
                return self.choose_list(desk);
            }
            (Spot::Lists, ..) => self.part = Part::Lists,
            (Spot::Code(member), _, Some(family)) => (self.part, family.at) = (Part::Codes, member),
            (Spot::Code(code), ..) => {
                self.part = Part::Codes;
                if self.rows.at != code {
                    self.rows.at = code;
                    self.come();
                }
            }
            (Spot::Codes, ..) => self.part = Part::Codes,
            (Spot::Numbered(choice), ..) => (self.part, self.choice) = (Part::Card, choice),
            (Spot::Detail, ..) => self.part = Part::Card,
        }
        Step::Stay
    }

    /// The part under the wheel moves, whichever has the arrows.
    pub(super) fn wheel_at(&mut self, at: Position, down: bool, desk: &Desk) -> bool {
        let part = match draw::spot(self, at, desk) {
            _ if self.search.is_some() || self.score.is_some() => return false,
            Some(Spot::List(_) | Spot::Lists) => Part::Lists,
            Some(Spot::Code(_) | Spot::Codes) => Part::Codes,
            Some(Spot::Numbered(_) | Spot::Detail) => {
                let last = draw::detail(self, desk).map_or(0, |(height, lines)| lines.saturating_sub(height));
                self.top = if down { (self.top + NOTCH).min(last) } else { self.top.saturating_sub(NOTCH) };
                return true;
            }
            None => return true,
        };
        let arrows = std::mem::replace(&mut self.part, part);
        let name = if down { "Down" } else { "Up" };
        for _ in 0..NOTCH {
            match &mut self.family {
                Some(family) if part == Part::Codes => drop(family.key(name)),
                _ => self.go(name, desk),
            }
        }
        self.part = arrows;
        true
    }
}
