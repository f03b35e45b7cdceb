//! Where values go out to: the receiver, perhaps one table alone, and the file. The preview then says what would go.
//!
//! Names complete as one types, and a receiver that is none is told before anything is counted.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::buttons::{self, CANCEL};
use super::offers::{Offer, Offers};
use super::preview::Preview;
use super::{Hint, Overlay, Picked, Spoken, Step};
use crate::engine::Export;
use crate::exchange::Format;
use crate::model::shown;
use crate::model::time::rfc3339;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::export::resolved;
use crate::tui::layout::{self, Areas};
use crate::tui::over_keys::Over;
use crate::tui::paint::Paint;
use crate::tui::proposal::Proposal;
use crate::tui::read::{Answer, Names};
use crate::tui::sending::Sending;
use crate::tui::theme::Role;

/// Cells of a line's title.
const LABEL: usize = 10;
/// The lines above what is offered: three to type in, what is written, what follows, and one to press.
const FORM: u16 = 6;

const RECEIVER: usize = 0;
const TABLE: usize = 1;
const FILE: usize = 2;
const TITLES: [&str; 3] = ["Receiver", "Table", "File"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Line(usize),
    /// What is offered for a line: the line, and the offer's place.
    Offer(usize, usize),
    Go,
    Cancel,
}

const ORDER: [Focus; 5] = [Focus::Line(RECEIVER), Focus::Line(TABLE), Focus::Line(FILE), Focus::Go, Focus::Cancel];

#[derive(Debug)]
pub struct SendForm {
    lines: [Entry; 3],
    focus: Focus,
    offers: Offers,
    /// The day, for the file's name.
    day: String,
    /// The file's name is the person's own, and no longer follows the receiver.
    named: bool,
}

impl SendForm {
    pub fn open(desk: &Desk) -> SendForm {
        let day = rfc3339(desk.now()).chars().take(10).collect();
        SendForm {
            lines: Default::default(),
            focus: Focus::Line(RECEIVER),
            offers: Offers::default(),
            day,
            named: false,
        }
    }

    fn text(&self, line: usize) -> &str {
        self.lines[line].text().trim()
    }

    fn names(line: usize) -> Option<Names> {
        match line {
            RECEIVER => Some(Names::Receivers),
            TABLE => Some(Names::Of("table")),
            _ => None,
        }
    }

    /// The line that the cursor is in, or what is offered for.
    fn here(&self) -> Option<usize> {
        match self.focus {
            Focus::Line(line) | Focus::Offer(line, _) => Some(line),
            Focus::Go | Focus::Cancel => None,
        }
    }

    fn offered(&self) -> Vec<Offer> {
        let here = self.here().and_then(|line| Some((Self::names(line)?, self.lines[line].text())));
        here.map_or(Vec::new(), |(names, text)| self.offers.names(names, text))
    }

    /// What is wrong with a line, in a sentence.
    fn problem(&self, line: usize) -> Option<String> {
        let text = self.text(line);
        let known = Self::names(line).and_then(|names| self.offers.known(names));
        let unknown = |known: &[String]| !known.iter().any(|name| name.to_lowercase() == text.to_lowercase());
        match line {
            RECEIVER if known.is_some_and(<[String]>::is_empty) => {
                Some("No source is sent values: a binding with outbound = Yes makes one a receiver.".into())
            }
            RECEIVER if !text.is_empty() && known.is_some_and(unknown) => {
                Some(format!("{} is sent nothing: no binding makes it a receiver.", shown(text)))
            }
            TABLE if !text.is_empty() && known.is_some_and(unknown) => {
                Some(format!("The store knows no table {}.", shown(text)))
            }
            _ => None,
        }
    }

    /// Why it cannot be counted yet.
    fn obstacle(&self) -> Option<String> {
        let missing = |(line, what): (usize, &str)| self.text(line).is_empty().then(|| what.to_string());
        let needed = [(RECEIVER, "A receiver is needed."), (FILE, "A file is needed, such as values.csv.")];
        (0..TITLES.len()).find_map(|line| self.problem(line)).or_else(|| needed.into_iter().find_map(missing))
    }

    fn go(&mut self, desk: &mut Desk) -> Step {
        if let Some(obstacle) = self.obstacle() {
            desk.complain(obstacle);
            return Step::Stay;
        }
        let table = Some(self.text(TABLE).to_string()).filter(|table| !table.is_empty());
        let export = Export { source: self.text(RECEIVER).into(), table };
        let sending = Sending { export, path: self.text(FILE).into() };
        Preview::of(Proposal::Send(sending), desk).map_or(Step::Stay, |preview| Step::Over(Box::new(preview)))
    }

    /// The file is called after the receiver until the person calls it otherwise; a name in a path is letters and digits.
    fn follow_receiver(&mut self) {
        if self.named {
            return;
        }
        let safe = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let receiver: String = self.text(RECEIVER).chars().map(safe).collect();
        let path = if receiver.is_empty() { String::new() } else { format!("{receiver}-{}.csv", self.day) };
        self.lines[FILE].set(&path);
    }

    fn changed(&mut self) {
        match self.here() {
            Some(RECEIVER) => self.follow_receiver(),
            Some(FILE) => self.named = true,
            _ => {}
        }
    }

    fn move_focus(&mut self, by: usize) {
        let line = |focus: Focus| if let Focus::Offer(line, _) = focus { Focus::Line(line) } else { focus };
        let at = ORDER.iter().position(|focus| *focus == line(self.focus)).unwrap_or_default();
        self.focus = ORDER[(at + by) % ORDER.len()];
    }

    fn down(&mut self) {
        let len = self.offered().len();
        self.focus = match self.focus {
            Focus::Line(line) if len > 0 => Focus::Offer(line, 0),
            Focus::Offer(line, at) if at + 1 < len => Focus::Offer(line, at + 1),
            _ => return self.move_focus(1),
        };
    }

    fn up(&mut self) {
        self.focus = match self.focus {
            Focus::Offer(line, 0) => Focus::Line(line),
            Focus::Offer(line, at) => Focus::Offer(line, at - 1),
            _ => return self.move_focus(ORDER.len() - 1),
        };
    }

    fn take_offer(&mut self, line: usize, at: usize) {
        if let Some((name, _)) = self.offered().into_iter().nth(at) {
            self.lines[line].set(&name);
            self.changed();
        }
        self.move_focus(1);
    }

    fn draw_offers(&self, paint: &mut Paint, area: Rect) {
        let offered = self.offered();
        let Some(line) = self.here().filter(|_| !offered.is_empty() && area.height > 1) else { return };
        paint.rule(layout::line(area, 0), &format!("{}: what the store knows", TITLES[line]));
        for (y, (n, (name, _))) in (1..area.height).zip(offered.iter().enumerate()) {
            let area = layout::line(area, y);
            let here = matches!(self.focus, Focus::Offer(_, at) if at == n);
            let pointer = if here { '>' } else { ' ' };
            let width = usize::from(area.width).saturating_sub(4);
            paint.put(area, &format!(" {pointer} {}", cut::cut(name, width)), Role::Plain);
            if here {
                paint.tint(area, Role::Selected);
            }
        }
    }
}

impl Overlay for SendForm {
    fn title(&self) -> String {
        "Send out: what waits for a receiver, into a file".into()
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Tab", "next"), ("Shift+Tab", "back"), ("Ctrl+S", "preview")];
        if matches!(self.focus, Focus::Line(_)) && !self.offered().is_empty() {
            hints.insert(0, ("Down", "choose"));
        }
        hints.push(("Esc", "cancel"));
        hints
    }

    fn keys(&self) -> Option<Over> {
        Some(Over::Send)
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match (name, self.focus) {
            ("Esc", _) | ("Enter", Focus::Cancel) => return Step::Close,
            ("Ctrl+S", _) | ("Enter", Focus::Go) => return self.go(desk),
            ("Enter", Focus::Offer(line, at)) => self.take_offer(line, at),
            ("Down", _) => self.down(),
            ("Up", _) => self.up(),
            ("Tab" | "Enter", _) | ("Right", Focus::Go | Focus::Cancel) => self.move_focus(1),
            ("Shift+Tab", Focus::Offer(line, _)) => self.focus = Focus::Line(line),
            ("Shift+Tab", _) | ("Left", Focus::Go | Focus::Cancel) => self.move_focus(ORDER.len() - 1),
            (_, Focus::Line(line)) if self.lines[line].key(key) => self.changed(),
            _ => {}
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        if let Focus::Line(line) = self.focus {
            self.lines[line].paste(text);
            self.changed();
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.offers.awaits(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        self.offers.answered(answer);
        // Where there is only one receiver, it is the one that is meant.
        let only = match self.offers.known(Names::Receivers) {
            Some([only]) if self.text(RECEIVER).is_empty() => only.clone(),
            _ => return,
        };
        self.lines[RECEIVER].set(&only);
        self.follow_receiver();
    }

    fn missed(&mut self, ticket: u64) {
        self.offers.missed(ticket);
    }

    fn follow(&mut self, desk: &mut Desk) {
        self.offers.want(self.here().and_then(Self::names), desk);
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let title = self.here().map_or("", |line| TITLES[line]);
        let offered = self.offered().into_iter().map(|(name, _)| format!("Offered for {title}: {}", shown(&name)));
        let problems = (0..TITLES.len()).filter_map(|line| self.problem(line));
        let said = |line: usize| match self.text(line) {
            "" => format!("{}: empty", TITLES[line]),
            text => format!("{}: {}", TITLES[line], shown(text)),
        };
        let mut choices: Vec<String> = (0..TITLES.len()).map(said).collect();
        choices.extend(["Preview".to_string(), CANCEL.to_string()]);
        Some(Spoken { about: problems.chain(offered).collect(), choices })
    }

    fn pick(&mut self, at: usize) -> Picked {
        let Some(focus) = ORDER.get(at) else { return Picked::Nothing };
        self.focus = *focus;
        if matches!(focus, Focus::Line(_)) { Picked::Type } else { Picked::Press }
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = areas.content;
        for (line, title) in (0u16..).zip(TITLES) {
            let place = layout::line(area, line);
            let here = self.focus == Focus::Line(line.into());
            let pointer = if here { '>' } else { ' ' };
            let x = paint.put_at(place, place.x, &format!("{pointer} {title:<LABEL$}[ "), Role::Plain);
            let width = place.right().saturating_sub(x + 3);
            self.lines[usize::from(line)].draw(paint, Rect { x, width, ..place }, here);
            paint.put_right(place, x, " ] ", Role::Plain);
        }
        let format = match Format::guess(&resolved(self.text(FILE))) {
            Format::Csv => "CSV, a row a value, every text as it is stored",
            Format::Ndjson => "NDJSON, an object a record, every text as it is stored",
        };
        let cells = usize::from(area.width).saturating_sub(LABEL + 4);
        let text = |paint: &mut Paint, line: u16, text: &str| {
            let place = layout::line(area, line);
            let x = place.x + LABEL as u16 + 4;
            paint.put_at(place, x, &cut::cut_shown(text.into(), cells), Role::Quiet);
        };
        text(paint, 3, format);
        text(paint, 4, "No table: of every table. The preview says what would go.");
        let here = [Focus::Go, Focus::Cancel].iter().position(|button| *button == self.focus);
        buttons::draw(paint, layout::line(area, 5), &["Preview", CANCEL], here);
        let below = Rect { y: area.y + FORM.min(area.height), height: area.height.saturating_sub(FORM), ..area };
        self.draw_offers(paint, below);
        if let Some(problem) = (0..TITLES.len()).find_map(|line| self.problem(line)) {
            paint.put(areas.status, &format!(" {problem}"), Role::Error);
        }
    }
}
