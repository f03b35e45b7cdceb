//! The filter, as a line of text and field by field: both show the same filter and each follows the other.
//!
//! The line has the focus first, so that who knows the language types at once; Down leads to the fields. `Tab` completes:
//! choices, and the sources, tables, fields and code lists that the store knows.

use std::collections::HashMap;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Hint, Overlay, Picked, Spoken, Step, scrolled};
use crate::model::filter::{Filter, quoted};
use crate::model::{Field, Kind, in_quotes, sentence, shown};
use crate::tui::conditions::{Conditions, alternatives, condition};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::layout::{self, Areas};
use crate::tui::listing::{Listing, conditions};
use crate::tui::paint::Paint;
use crate::tui::panes::PaneSpec;
use crate::tui::read::{Answer, Names, Request, Slot};
use crate::tui::theme::Role;

/// Cells of a field's title.
const LABEL: usize = 22;
/// Completions that are kept: one looks at a line of them.
const OFFERED: usize = 60;

/// What Tab does: puts one offer after the other where a word was begun.
#[derive(Debug, Default)]
struct Offers {
    /// The text before the word that was begun.
    base: String,
    words: Vec<String>,
    taken: Option<usize>,
}

#[derive(Debug)]
pub struct FilterForm {
    before: Listing,
    fields: Vec<&'static Field>,
    text: Entry,
    /// The field with the cursor; none while that is in the line of text.
    at: Option<usize>,
    /// The line of the field with the cursor.
    input: Entry,
    names: HashMap<Names, Vec<String>>,
    asked: Option<(u64, Names)>,
    offers: Offers,
}

impl FilterForm {
    pub fn open(spec: &'static PaneSpec, before: Listing, desk: &mut Desk) -> FilterForm {
        let text = if before.text().is_empty() { String::new() } else { format!("{} ", before.text()) };
        let mut form = FilterForm {
            fields: spec.fields().chain(spec.table.more_filtered()).collect(),
            text: Entry::new(&text),
            at: None,
            input: Entry::default(),
            names: HashMap::new(),
            asked: None,
            offers: Offers::default(),
            before,
        };
        form.look_up(desk);
        form
    }

    fn table(&self) -> crate::model::Table {
        self.before.query().table
    }

    fn field(&self) -> Option<&'static Field> {
        self.at.and_then(|at| self.fields.get(at)).copied()
    }

    fn problem(&self) -> Option<String> {
        Filter::parse(self.table(), self.text.text().trim()).err().map(|error| error.to_string())
    }

    /// What is wrong with a field's condition by itself.
    fn field_problem(&self, field: &Field, rest: &str) -> Option<String> {
        let text = condition(field, rest);
        (!rest.trim().is_empty()).then(|| Filter::parse(self.table(), &text).err()).flatten().map(|error| error.problem)
    }

    fn move_to(&mut self, at: Option<usize>, desk: &mut Desk) {
        self.at = at;
        if let Some(field) = self.field() {
            self.input = Entry::new(Conditions::read(self.table(), self.text.text()).of(field));
        }
        self.look_up(desk);
    }

    fn step(&mut self, by: isize, desk: &mut Desk) {
        // The line of text is the place before the first field.
        let here = self.at.map_or(0, |at| at + 1);
        let to = here.saturating_add_signed(by).min(self.fields.len());
        self.move_to(to.checked_sub(1), desk);
    }

    fn accept(&mut self, desk: &mut Desk) -> Step {
        let mut listing = self.before.clone();
        match listing.set_filter(self.text.text().trim()) {
            Ok(()) => Step::List(listing),
            Err(error) => {
                desk.complain(error.to_string());
                Step::Stay
            }
        }
    }

    /// After a change in the line with the cursor: the other one follows.
    fn changed(&mut self, desk: &mut Desk) {
        self.follow_field();
        self.look_up(desk);
    }

    fn follow_field(&mut self) {
        if let Some(field) = self.field() {
            let mut conditions = Conditions::read(self.table(), self.text.text());
            conditions.set(field, self.input.text());
            self.text.set(&conditions.text());
        }
    }

    /// The field whose value is being typed, and the text up to where that value begins.
    fn typed(&self) -> (Option<&'static Field>, String) {
        let begun = |text: &str, values: &str| {
            let last = alternatives(values).pop().unwrap_or_default().len();
            text[..text.len() - last].to_string()
        };
        if let Some(field) = self.field() {
            let text = self.input.text().trim_end();
            let values = text.trim_start_matches(['!', '=', '<', '>', '~']);
            return (Some(field), begun(text, values));
        }
        let text = self.text.text();
        let last = if text.ends_with(' ') { "" } else { conditions(text).pop().unwrap_or_default() };
        let operator = last.find([':', '=', '<', '>', '~', '!']);
        let named = operator.and_then(|at| Some((at, self.table().filtered(last[..at].trim_start_matches('-'))?)));
        match named {
            Some((at, field)) => {
                (Some(field), begun(text, last[at..].trim_start_matches([':', '!', '=', '<', '>', '~'])))
            }
            None => (None, text[..text.len() - last.len()].to_string()),
        }
    }

    /// Finds what may complete the word that was begun; names that are not at hand are asked for.
    fn look_up(&mut self, desk: &mut Desk) {
        let (field, base) = self.typed();
        let text = if self.at.is_some() { self.input.text().trim_end() } else { self.text.text() };
        let begun = text.get(base.len()..).unwrap_or_default().trim_matches('"').to_lowercase();
        let all: Vec<String> = match field.map(|field| (field, field.kind)) {
            Some((_, Kind::Choice(set))) => set.options.iter().map(|option| option.label.to_string()).collect(),
            Some((_, Kind::Flag)) => vec!["Yes".into(), "No".into()],
            Some((field, _)) => self.known(field, desk),
            None if begun.is_empty() => Vec::new(),
            None => self.fields.iter().map(|field| format!("{}:", field.short)).collect(),
        };
        let (first, then): (Vec<String>, Vec<String>) = all
            .into_iter()
            .filter(|word| word.to_lowercase().contains(&begun))
            .partition(|word| word.to_lowercase().starts_with(&begun));
        let words = first.into_iter().chain(then).take(OFFERED).collect();
        self.offers = Offers { base, words, taken: None };
    }

    fn known(&mut self, field: &Field, desk: &mut Desk) -> Vec<String> {
        let Some(names) = Names::of(field) else { return Vec::new() };
        if let Some(known) = self.names.get(&names) {
            return known.clone();
        }
        if self.asked.is_none_or(|(_, asked)| asked != names) {
            self.asked = Some((desk.ask(Slot::Overlay, Request::Names(names)), names));
        }
        Vec::new()
    }

    /// Puts the next offer where the word was begun, or the one before it.
    fn complete(&mut self, forward: bool) {
        let len = self.offers.words.len();
        if len == 0 {
            return;
        }
        let at = match (self.offers.taken, forward) {
            (None, true) => 0,
            (None, false) => len - 1,
            (Some(at), true) => (at + 1) % len,
            (Some(at), false) => (at + len - 1) % len,
        };
        self.offers.taken = Some(at);
        let Some(word) = self.offers.words.get(at) else { return };
        let word = if word.ends_with(':') && self.at.is_none() { word.clone() } else { quoted(word) };
        let text = format!("{}{word}", self.offers.base);
        if self.at.is_some() {
            self.input.set(&text);
            self.follow_field();
        } else {
            self.text.set(&text);
        }
    }

    /// The fields' lines, each with what is wrong with it below.
    fn draw_fields(&self, paint: &mut Paint, area: Rect) {
        let conditions = Conditions::read(self.table(), self.text.text());
        let skip = self.at.map_or(0, |at| scrolled(at, usize::from(area.height).saturating_sub(1)));
        let mut y = 0;
        for (at, field) in self.fields.iter().enumerate().skip(skip) {
            let here = self.at == Some(at);
            let line = layout::line(area, y);
            if line.height == 0 {
                return;
            }
            let pointer = if here { '>' } else { ' ' };
            let rest = if here { self.input.text() } else { conditions.of(field) };
            let x = paint.put_at(line, line.x, &format!("{pointer} {} [ ", cut::fit(field.title, LABEL)), Role::Plain);
            let width = line.right().saturating_sub(x + 2);
            let space = Rect { x, width, ..line };
            if here {
                self.input.draw(paint, space, true);
            } else {
                paint.stored(space, rest, Role::Plain);
            }
            paint.put_at(line, x + width, " ]", Role::Plain);
            y += 1;
            if let Some(problem) = self.field_problem(field, rest) {
                let line = layout::line(area, y);
                let text = cut::cut_shown(sentence(&problem).into(), usize::from(line.width).saturating_sub(LABEL + 5));
                paint.put_at(line, line.x + LABEL as u16 + 3, &format!("! {text}"), Role::Error);
                y += 1;
            }
        }
    }

    fn draw_offers(&self, paint: &mut Paint, area: Rect) {
        let mut x = paint.put_at(area, area.x, " Tab ", Role::Key);
        let skip = self.offers.taken.unwrap_or_default().saturating_sub(2);
        for (at, word) in self.offers.words.iter().enumerate().skip(skip) {
            let role = if self.offers.taken == Some(at) { Role::Selected } else { Role::Quiet };
            let word = cut::cut(word, 30);
            if x + cut::width(&word) as u16 > area.right() {
                return;
            }
            x = paint.put_at(area, x, &word, role);
            x = paint.put_at(area, x, "  ", Role::Plain);
        }
    }
}

impl Overlay for FilterForm {
    fn title(&self) -> String {
        format!("Filter of {}: type it, or fill it in", self.table().info().title)
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Enter", "apply"), ("Up/Down", "field by field")];
        if !self.offers.words.is_empty() {
            hints.push(("Tab", "complete"));
        }
        hints.extend([("Ctrl+U", "clear"), ("Esc", "leave as it was")]);
        hints
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return Step::Close,
            "Enter" => return self.accept(desk),
            "Down" => self.step(1, desk),
            "Up" => self.step(-1, desk),
            "PgDn" => self.step(10, desk),
            "PgUp" => self.step(-10, desk),
            "Tab" | "Shift+Tab" => self.complete(name == "Tab"),
            _ => {
                let entry = if self.at.is_some() { &mut self.input } else { &mut self.text };
                if entry.key(key) {
                    self.changed(desk);
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, desk: &mut Desk) -> Step {
        let entry = if self.at.is_some() { &mut self.input } else { &mut self.text };
        entry.paste(text);
        self.changed(desk);
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked.is_some_and(|(asked, _)| asked == ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let (Answer::Names(known), Some((_, names))) = (answer, self.asked.take()) {
            self.names.insert(names, known);
        }
    }

    fn missed(&mut self, _ticket: u64) {
        // Without names there are no completions; asking again and again would be no help.
        if let Some((_, names)) = self.asked.take() {
            self.names.insert(names, Vec::new());
        }
    }

    fn follow(&mut self, desk: &mut Desk) {
        // Names that have come complete the word that was begun meanwhile.
        if self.offers.taken.is_none() && self.asked.is_none() {
            self.look_up(desk);
        }
    }

    fn spoken(&self, _desk: &Desk) -> Option<Spoken> {
        let conditions = Conditions::read(self.table(), self.text.text());
        let said = |title: &str, text: &str| match text.trim() {
            "" => format!("{title}: empty"),
            text => format!("{title}: {}", shown(text)),
        };
        let fields = self.fields.iter().map(|field| said(field.title, conditions.of(field)));
        let about = self.problem().map(|problem| sentence(&problem)).into_iter();
        Some(Spoken {
            about: about.chain(["Type a filter, then apply.".into()]).collect(),
            choices: std::iter::once(said("Filter", self.text.text())).chain(fields).collect(),
        })
    }

    fn pick(&mut self, at: usize) -> Picked {
        self.at = at.checked_sub(1).filter(|at| *at < self.fields.len());
        if let Some(field) = self.field() {
            self.input = Entry::new(Conditions::read(self.table(), self.text.text()).of(field));
        }
        Picked::Type
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let area = areas.content;
        let line = layout::line(area, 0);
        let x = paint.put_at(line, line.x, " Filter: ", Role::Heading);
        self.text.draw(paint, Rect { x, width: line.right().saturating_sub(x + 1), ..line }, self.at.is_none());
        paint.rule(layout::line(area, 1), "Field by field: value  a,b  !=leave out  >more  ~part");
        let fields = Rect { y: area.y + 2, height: area.height.saturating_sub(3), ..area };
        self.draw_fields(paint, fields);
        if !self.offers.words.is_empty() {
            self.draw_offers(paint, layout::bottom(area, 1));
        }
        let (problem, quotes) = (self.problem(), in_quotes(self.table(), self.text.text()));
        match (problem, quotes) {
            _ if desk.message().is_some() => {}
            (Some(problem), _) => paint.sentence(&areas.rising(), &sentence(&problem), Role::Error),
            (None, Some(quotes)) => {
                let told = format!("A value with spaces takes quotes: {}", shown(&quotes));
                paint.sentence(&areas.rising(), &told, Role::Note);
            }
            (None, None) => {}
        }
    }
}
