//! What lies over a screen: plain data on a stack. The top one gets the keys first.
//!
//! An overlay asks its questions and runs its commands by way of the desk and answers each key with a [`Step`]; the app
//! carries the step out. None has an event loop, and none knows the others.

mod about;
pub mod all_keys;
mod binding;
mod buttons;
mod choices;
pub mod columns;
pub mod edit_input;
mod effect;
pub mod export;
pub mod facets;
pub mod filter_form;
pub mod finder;
pub mod form;
mod form_field;
pub mod form_kind;
pub mod full;
pub mod history;
pub mod legal_hold;
pub mod map;
pub mod map_marked;
pub mod map_past;
pub mod menu;
pub mod messages;
mod offers;
pub mod picker;
pub mod preview;
pub mod prompt;
pub mod reason;
pub mod record;
pub mod send;
mod split;
pub mod touched;
pub mod triage;
pub mod views;

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use crossterm::event::KeyEvent;
use ratatui::layout::{Position, Rect};

use super::actions::Id;
use super::columns::Columns;
use super::desk::Desk;
use super::export::Told;
use super::layout::Areas;
use super::listing::Listing;
use super::over_keys::Over;
use super::paint::Paint;
use super::pane::Bookmark;
use super::panes::Target;
use super::read::Answer;
use super::state::{Change, SavedView};
use crate::engine::{Command, Error, Mode, Outcome, Rows};
use crate::model::Table;

/// What the app is to do after an overlay took a key.
#[derive(Debug)]
pub enum Step {
    Stay,
    Close,
    /// Put another overlay over this one.
    Over(Box<dyn Overlay>),
    /// Close, and put another overlay in its place.
    Instead(Box<dyn Overlay>),
    /// Close: it was done to these rows.
    Acted(Rows),
    /// Close, and the form that it came from too: it was done to these rows, if to any that are listed.
    CloseBoth(Option<Rows>),
    /// Close, then do what the action does.
    Act(Id),
    /// Close, then go to rows of a table; the place is kept for `Backspace`.
    Go(Table, Target),
    /// Close, and where the list has come down to one row, open it.
    Found,
    /// Close, then show the view of this name.
    View(String),
    /// Close, then lay the columns out.
    Columns(Columns),
    /// Close, and keep what is listed as this view.
    Saved(SavedView),
    /// Change what is remembered of the store, and stay open.
    Keep(Change),
    /// Close, then list this.
    List(Listing),
    /// Close, and put the listing back where it stood.
    Restore(Bookmark),
    /// List by this filter at once and stay open.
    Filter(String),
    /// Close, then go to the row with this number.
    GoToRow(i64),
    /// Close, then run a command; the word says what is being done.
    Run(&'static str, Command, Mode),
}

/// A key and what it does here, for the footer.
pub type Hint = (&'static str, &'static str);

/// What an overlay says where there is no cursor (`--plain`): lines about it, and what can be chosen by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    pub about: Vec<String>,
    pub choices: Vec<String>,
}

/// What follows when something was chosen by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// There is no such choice.
    Nothing,
    /// It is chosen, and that is all.
    Chosen,
    /// It is a button or a command: Enter does it.
    Press,
    /// It is a field: a text is typed into it.
    Type,
}

/// Where an overlay is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Instead of the content.
    Content,
    /// Over the content's lowest lines.
    Bottom(u16),
    /// In the message line, with its remark in the status line.
    Line,
}

pub trait Overlay: Debug {
    fn place(&self) -> Place {
        Place::Content
    }

    /// What stands in the view line.
    fn title(&self) -> String;

    fn hints(&self) -> Vec<Hint>;

    /// Keys that anyone would try, and that the footer leaves out: for the list of every key.
    fn more_keys(&self) -> Vec<Hint> {
        Vec::new()
    }

    /// Which keys settings can change here and now; none while a text is typed that they would be part of.
    fn keys(&self) -> Option<Over> {
        None
    }

    /// What its keys act on, by a number that is another one where that is something else; none where the person typed or
    /// chose it all.
    fn at_hand(&self) -> Option<u64> {
        None
    }

    /// Whether it lists keys itself, and so takes the key for that.
    fn is_help(&self) -> bool {
        false
    }

    /// Takes a click of the mouse on what it has drawn.
    fn click(&mut self, _at: Position, _areas: &Areas, _desk: &mut Desk) -> Step {
        Step::Stay
    }

    /// Takes a notch of the wheel; false leaves it to the arrow keys.
    fn wheel(&mut self, _at: Position, _down: bool, _desk: &mut Desk) -> bool {
        false
    }

    /// Takes a key, by its press and by its name.
    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step;

    fn paste(&mut self, _text: &str, _desk: &mut Desk) -> Step {
        Step::Stay
    }

    /// Whether the answer with this ticket is to its latest question.
    fn awaits(&self, _ticket: u64) -> bool {
        false
    }

    /// Takes the answer that it awaits.
    fn answered(&mut self, _answer: Answer) {}

    /// The answer with this ticket, which it awaits, does not come; where something failed the message line says what.
    fn missed(&mut self, _ticket: u64) {}

    /// Asks for what it has come to need, after each event.
    fn follow(&mut self, _desk: &mut Desk) {}

    /// What it shows may have changed in the store.
    fn outdated(&mut self, _desk: &mut Desk) {}

    /// Whether `Backspace` comes back to it from where it led.
    fn stays(&self) -> bool {
        false
    }

    /// Takes the outcome of a command of its own; `None` if it was another's.
    fn done(&mut self, _ticket: u64, _outcome: &Result<Outcome, Error>, _desk: &mut Desk) -> Option<Step> {
        None
    }

    /// What is said of it without a cursor; `None` where its lines on the screen say it well enough.
    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        None
    }

    /// Chooses by place among what [`Overlay::spoken`] numbers.
    fn pick(&mut self, _at: usize) -> Picked {
        Picked::Nothing
    }

    /// Takes what an export of its own says.
    fn export_told(&mut self, _told: &Told) -> Option<Step> {
        None
    }

    /// Draws into the area that its place stands for.
    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk);
}

/// A number for what keys act on: another one where any part is another one.
pub(super) fn hand(parts: impl Debug) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    format!("{parts:?}").hash(&mut hasher);
    Some(hasher.finish())
}

/// Rows that one notch of the wheel moves.
pub const NOTCH: usize = 3;

/// Moves a choice in a list by a key; false if the key is none that moves.
pub(super) fn choose(name: &str, at: &mut usize, len: usize) -> bool {
    let last = len.saturating_sub(1);
    *at = match name {
        "Up" => at.saturating_sub(1),
        "Down" => (*at + 1).min(last),
        "PgUp" => at.saturating_sub(10),
        "PgDn" => (*at + 10).min(last),
        // Where a text is typed over the list, Ctrl+A and Ctrl+E go to its ends.
        "Home" => 0,
        "End" => last,
        _ => return false,
    };
    true
}

/// The first entry to draw so that the chosen one is in sight.
pub(super) fn scrolled(at: usize, height: usize) -> usize {
    (at + 1).saturating_sub(height.max(1))
}

/// The entry at a place in a list that is drawn by [`scrolled`].
pub(super) fn entry_at(at: Position, area: Rect, chosen: usize, len: usize) -> Option<usize> {
    let line = usize::from(at.y.checked_sub(area.y)?);
    let entry = scrolled(chosen, area.height.into()) + line;
    (area.contains(at) && entry < len).then_some(entry)
}
