//! What completes a field of a form, and what is known of its text: codes of a list, and names that the store knows.

use std::collections::HashMap;

use ratatui::layout::Rect;

use super::scrolled;
use crate::model::{Field, shown};
use crate::store::{CodeEntry, RecordName};
use crate::tui::desk::Desk;
use crate::tui::layout;
use crate::tui::paint::Paint;
use crate::tui::read::{Answer, Names, Request, Slot};
use crate::tui::theme::Role;

/// Offers that one may go through; who wants another one types more of it.
const OFFERED: usize = 60;
/// Lines for offers where they lie over something else.
pub const LINES: u16 = 4;
/// What is said of them without a screen.
pub const SPOKEN: usize = 9;
/// The field whose text must be a code of the list.
pub const CANONICAL: &str = "canonical_code_value";
/// The field whose text names a record.
pub const TARGET: &str = "target_id";
/// The field that names several sources in their order.
const RANKING: &str = "authoritative_sources";

/// A text to take, and what there is to know of it.
pub type Offer = (String, String);

#[derive(Debug, Default)]
pub struct Offers {
    codes: Vec<CodeEntry>,
    records: Vec<RecordName>,
    exact: Option<CodeEntry>,
    /// A list without codes is not loaded, and then any code may be right.
    loaded: bool,
    asked: Option<u64>,
    /// Names that the store knows, by their kind, and those that were asked for.
    names: HashMap<Names, Vec<String>>,
    asked_names: Option<(u64, Names)>,
}

impl Offers {
    /// Asks for the codes that a text may mean.
    pub fn look_up(&mut self, request: Request, desk: &mut Desk) {
        self.asked = Some(desk.ask(Slot::Overlay, request));
    }

    /// Asks for names of a kind, once.
    pub fn want(&mut self, names: Option<Names>, desk: &mut Desk) {
        if let Some(names) = names.filter(|names| !self.names.contains_key(names) && self.asked_names.is_none()) {
            self.asked_names = Some((desk.ask(Slot::Field, Request::Names(names)), names));
        }
    }

    pub fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket) || self.asked_names.is_some_and(|(asked, _)| asked == ticket)
    }

    pub fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Names(known) => {
                if let Some((_, names)) = self.asked_names.take() {
                    self.names.insert(names, known);
                }
            }
            Answer::Codes { offered, exact, loaded } => {
                self.asked = None;
                (self.codes, self.exact, self.loaded) = (offered, exact, loaded);
            }
            Answer::Records(records) => {
                self.asked = None;
                self.records = records;
            }
            _ => {}
        }
    }

    /// Without names there are no completions; asking again and again would be no help.
    pub fn missed(&mut self, ticket: u64) {
        if let Some((_, names)) = self.asked_names.take_if(|(asked, _)| *asked == ticket) {
            self.names.insert(names, Vec::new());
        }
    }

    /// The names of a kind, once they are there.
    pub fn known(&self, names: Names) -> Option<&[String]> {
        self.names.get(&names).map(Vec::as_slice)
    }

    pub fn codes(&self) -> Vec<Offer> {
        let retired = |active| if active { "" } else { "  (retired)" };
        let code = |entry: &CodeEntry| (entry.code.clone(), format!("{}{}", entry.label, retired(entry.active)));
        self.codes.iter().take(OFFERED).map(code).collect()
    }

    /// Records by their ids, each with its keys and its label.
    pub fn records(&self) -> Vec<Offer> {
        let record = |record: &RecordName| {
            let keys: Vec<String> = record.keys.iter().map(|(source, key)| format!("{source}:{key}")).collect();
            let label = if record.label.is_empty() { String::new() } else { format!("{}, ", record.label) };
            (record.target.clone(), format!("{label}{}", keys.join(", ")))
        };
        self.records.iter().map(record).collect()
    }

    /// Names of a kind that hold what was begun, those that begin with it first.
    pub fn names(&self, names: Names, begun: &str) -> Vec<Offer> {
        let folded = begun.trim().to_lowercase();
        let fits = |name: &&String| name.to_lowercase().contains(&folded) && **name != begun;
        let known = self.known(names).unwrap_or_default().iter().filter(fits);
        let (first, then): (Vec<&String>, Vec<&String>) =
            known.partition(|name| name.to_lowercase().starts_with(&folded));
        first.into_iter().chain(then).take(OFFERED).map(|name| (name.clone(), String::new())).collect()
    }

    /// What a field's text may go on as.
    pub fn of_field(&self, field: &Field, text: &str) -> Vec<Offer> {
        names_of(field).map_or(Vec::new(), |names| self.names(names, begun(field, text).1))
    }

    /// What is wrong with a text that must name something the store has, as far as that is known by now.
    pub fn problem(&self, field: &Field, text: &str, list: &str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        match field.name {
            CANONICAL if self.asked.is_none() && self.loaded => match &self.exact {
                None => Some(format!("not in code list {}", shown(list))),
                Some(code) if !code.active => Some("retired".into()),
                Some(_) => None,
            },
            "code_list" => self.is_new(field, text).then(|| "no such code list".into()),
            _ => None,
        }
    }

    /// Of a name that may be new: whether it is, so that a slip of the pen shows.
    pub fn note(&self, field: &Field, text: &str) -> Option<&'static str> {
        let may_be_new = matches!(field.name, "source_system_key" | "target_table" | "field_name");
        let text = text.trim();
        (may_be_new && !text.is_empty() && text != "*" && self.is_new(field, text)).then_some("new to the store")
    }

    fn is_new(&self, field: &Field, text: &str) -> bool {
        let known = names_of(field).and_then(|names| self.known(names));
        let same = |name: &String| name.to_lowercase() == text.to_lowercase();
        known.is_some_and(|known| !known.iter().any(same))
    }
}

/// The names that complete a field, but for codes, which are looked up as one types.
pub fn names_of(field: &Field) -> Option<Names> {
    match field.name {
        CANONICAL => None,
        RANKING => Some(Names::Of("source")),
        _ => Names::of(field),
    }
}

/// A field's text up to the name that was begun last, and that.
fn begun<'a>(field: &Field, text: &'a str) -> (&'a str, &'a str) {
    let at = if field.name == RANKING { text.rfind(['>', '=', ',', ';', '\n']).map(|at| at + 1) } else { None };
    let (before, begun) = text.split_at(at.unwrap_or_default());
    (before, begun.trim())
}

/// A field's text with an offer in the place of what was begun.
pub fn completed(field: &Field, text: &str, offer: &str) -> String {
    match begun(field, text).0 {
        "" => offer.into(),
        before => format!("{before} {offer}"),
    }
}

/// Draws what is offered below a heading, so that the one that is chosen is in sight; an arrow says that there are more.
pub fn draw(
    paint: &mut Paint,
    area: Rect,
    heading: &str,
    (offered, chosen): (&[Offer], Option<usize>),
    text: impl Fn(&Offer, usize) -> String,
) {
    paint.clear(area);
    paint.rule(layout::line(area, 0), heading);
    let skip = scrolled(chosen.unwrap_or(0), usize::from(area.height.saturating_sub(1)));
    for (line, (n, offer)) in (1..area.height).zip(offered.iter().enumerate().skip(skip)) {
        let area = layout::line(area, line);
        let here = chosen == Some(n);
        let pointer = if here { '>' } else { ' ' };
        paint.put(area, &format!(" {pointer} {}", text(offer, area.width.into())), Role::Plain);
        if here {
            paint.tint(area, Role::Selected);
        }
    }
    if offered.len() > skip + usize::from(area.height.saturating_sub(1)) {
        let end = Rect { x: area.right().saturating_sub(1), width: 1, ..area };
        paint.put(layout::line(end, area.height.saturating_sub(1)), "↓", Role::Note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Table;

    #[test]
    fn in_a_ranking_the_name_that_was_begun_last_is_completed() {
        let ranking = Table::CommitPolicies.field(RANKING).unwrap();
        assert_eq!(completed(ranking, "hr", "HR"), "HR");
        assert_eq!(completed(ranking, "HR >fi", "FIN"), "HR > FIN");
        assert_eq!(completed(ranking, "HR > FIN = ", "CRM"), "HR > FIN = CRM");
        let source = Table::Identifiers.field("source_system_key").unwrap();
        assert_eq!(completed(source, "a>b", "HR"), "HR");
    }

    #[test]
    fn names_that_begin_so_come_first_and_new_ones_are_told() {
        let source = Table::Identifiers.field("source_system_key").unwrap();
        let mut offers = Offers::default();
        assert_eq!(offers.note(source, "HR"), None, "nothing is known yet");
        offers.names.insert(Names::Of("source"), ["CHR", "FIN", "HR"].map(String::from).into());
        let named: Vec<String> = offers.of_field(source, "h").into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, ["HR", "CHR"]);
        assert_eq!((offers.note(source, "hr"), offers.note(source, "HRR")), (None, Some("new to the store")));
    }
}
