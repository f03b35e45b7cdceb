//! What the map screen says: each list and code in one line, and of one code its label, the effect of deciding it, its
//! suggestions, what was decided about its like, and some records.

use super::family::{Family, Member};
use super::rows::{Row, State};
use super::{MapCodes, Part, name};
use crate::engine::Outcome;
use crate::engine::suggest::Candidate;
use crate::model::choice::Relationship;
use crate::model::text::{counted, grouped};
use crate::model::{sentence, shown};
use crate::store::{CodeEntry, SampleItem, WaitingCode, WaitingList};
use crate::tui::cut;
use crate::tui::deck::{Card, Earlier};
use crate::tui::desk::Desk;
use crate::tui::over_keys::Over;
use crate::tui::overlay::{Hint, Spoken};
use crate::tui::paint::Span;
use crate::tui::theme::Role;

/// Cells before the first column: cursor, a space, state and a space.
const GUTTER: usize = 4;
const WAITING: usize = 8;
const DECISION: usize = 10;
/// Cells of the word before a text, of a canonical code, and of a score with what parts it.
const LABEL: usize = 9;
const CODE: usize = 9;
const SCORE: usize = 6;
/// A code of more characters is said in full.
const LONG: usize = 30;
/// Lines of one text.
const LINES: usize = 4;

pub(super) fn title(map: &MapCodes) -> String {
    let others = map.codes.lists.iter().filter(|list| Some(&list.name) != map.codes.list.as_ref()).count();
    let others = match others {
        0 => String::new(),
        n => format!("; Tab: {} more", counted(n as i64, "list")),
    };
    match (&map.codes.list, map.codes.headline.as_str()) {
        (Some(list), _) if map.left == 0 && map.rows.len() > 0 => {
            format!("Every code of {} is decided{others}", shown(list))
        }
        (_, headline) if !headline.is_empty() => format!("{headline}{others}"),
        (Some(list), _) => format!("Map codes of {}", shown(list)),
        (None, _) => "Map codes".into(),
    }
}

pub(super) fn hints(map: &MapCodes) -> Vec<Hint> {
    if map.score.is_some() {
        return vec![("Type", "the lowest score"), ("Enter", "preview"), ("Esc", "back")];
    }
    if map.search.is_some() {
        return vec![("Type", "to search"), ("Up/Down", "choose"), ("Enter", "map"), ("Esc", "back")];
    }
    if map.part == Part::Lists {
        return vec![("Up/Down", "list"), ("Enter", "its codes"), ("Tab", "codes"), ("Esc", "close")];
    }
    let mut hints = Vec::new();
    if map.open_here().is_some() {
        hints.extend((!map.candidates().is_empty()).then_some(("1-9", "map")));
        hints.extend([("0", "no match"), ("/", "search")]);
        hints.extend(if map.family.is_some() { [("Space", "drop")] } else { [("=", "family")] });
        hints.extend([("s", "skip"), ("f", "flag"), ("w/n/~", "how exact")]);
        hints.extend(map.candidates().iter().any(|one| one.code.is_some()).then_some(("!", "not this")));
    }
    hints.extend(map.decides.then_some(("u", "undo")));
    hints.extend((map.decides && map.rows.len() > 0).then_some(("A", "bulk")));
    hints.extend(map.here().map(|_| ("o", "items")));
    let suggests = map.part == Part::Codes && map.left > 0;
    hints.push(("Tab", if suggests { "suggestions" } else { "lists" }));
    hints.push(("Esc", if map.family.is_some() { "back" } else { "close" }));
    hints
}

/// Cells for a source: names of a dozen letters are common.
fn source_width(width: usize) -> usize {
    (width / 6).clamp(10, 18)
}

/// Cells for a source's code.
fn code_width(width: usize) -> usize {
    width.saturating_sub(GUTTER + source_width(width) + WAITING + DECISION + 4)
}

pub(super) fn heading(map: &MapCodes, width: usize) -> String {
    let code = match (&map.family, &map.codes.list) {
        (Some(_), _) => "Decided together".to_string(),
        (None, Some(list)) => format!("Code of {}", shown(list)),
        (None, None) => "Code".into(),
    };
    let columns = [
        cut::fit(&code, code_width(width)),
        cut::fit("Source", source_width(width)),
        cut::fit_right("Waiting", WAITING),
    ];
    format!("{}{}  Decision", " ".repeat(GUTTER), columns.join(" "))
}

fn columns(card: &WaitingCode, width: usize) -> String {
    let source = card.source.as_deref().unwrap_or("(any)");
    let columns = [cut::fit(&card.code, code_width(width)), cut::fit(source, source_width(width))];
    format!("{} {}  ", columns.join(" "), cut::fit_right(&grouped(card.waiting), WAITING))
}

pub(super) fn row(row: &Row, here: bool, width: usize) -> Vec<Span> {
    let (mark, role, decision) = match &row.state {
        State::Open => ('?', Role::Waiting, String::new()),
        State::Skipped => ('-', Role::Waiting, "skipped".into()),
        State::Mapped(code) => ('+', Role::Good, cut::cut(code, DECISION).into_owned()),
        State::NoMatch => ('0', Role::Good, "no match".into()),
        State::Flagged => ('!', Role::Waiting, "flagged".into()),
        State::Gone => ('+', Role::Quiet, "decided".into()),
    };
    let text = if row.state.is_open() { Role::Plain } else { Role::Quiet };
    vec![
        (if here { "> " } else { "  " }.into(), Role::Plain),
        (format!("{mark} "), role),
        (columns(&row.card, width), text),
        (decision, role),
    ]
}

pub(super) fn member(member: &Member, here: bool, width: usize) -> Vec<Span> {
    let taken = if member.taken { "[x] " } else { "[ ] " };
    let remark = if member.alike { "look-alike" } else { "" };
    vec![
        (if here { ">" } else { " " }.into(), Role::Plain),
        (taken.into(), if member.taken { Role::Marked } else { Role::Quiet }),
        (columns(&member.card, width.saturating_sub(1)), Role::Plain),
        (remark.into(), Role::Quiet),
    ]
}

pub(super) fn list(list: &WaitingList, here: bool, width: usize) -> Vec<Span> {
    let name = cut::fit(&list.name, width.saturating_sub(2 + WAITING + 1));
    let items = cut::fit_right(&grouped(list.items), WAITING);
    vec![(format!("{} {name}", if here { '>' } else { ' ' }), Role::Plain), (format!(" {items}"), Role::Quiet)]
}

/// Which of [`lines`] are suggestions, or codes that the search found.
pub(super) fn numbered(map: &MapCodes, width: usize) -> std::ops::Range<usize> {
    let Some(row) = map.here() else { return 0..0 };
    match &map.search {
        Some(search) => {
            let lines = lines(map, width).len();
            lines - search.codes.len()..lines
        }
        None => {
            let head = head(map, row, width).lines.len();
            head..head + map.choices()
        }
    }
}

/// What stands in the detail instead of lines that scroll: what is typed there.
pub(super) const TYPED: &str = " Search   [ ";
pub(super) const SCORED: &str = " Accept every best suggestion with at least this score  [ ";

/// What is told of the code under the cursor, in so many cells.
pub(super) fn lines(map: &MapCodes, width: usize) -> Vec<Vec<Span>> {
    let Some(row) = map.here() else { return Vec::new() };
    let mut lines = head(map, row, width);
    if let Some(search) = &map.search {
        if search.codes.is_empty() && !search.is_asking() {
            lines.put("", "No code of the list holds this, by code or by label.", Role::Quiet);
        }
        let codes = search.codes.iter().enumerate();
        lines.lines.extend(codes.map(|(at, code)| entry(code, Some(at) == search.at, width)));
        return lines.lines;
    }
    match (map.card(), map.card.of(&name(row))) {
        (Some(card), _) => lines.card(map, card, width),
        (None, Some(_)) => lines.put("", "It could not be read; F5 in the pane reads everything again.", Role::Quiet),
        (None, None) => lines.put("", "reading…", Role::Quiet),
    }
    lines.lines
}

/// What stands above the codes to choose from. While one searches the first line is the one that is typed in.
fn head(map: &MapCodes, row: &Row, width: usize) -> Lines {
    let mut lines = Lines { lines: Vec::new(), cells: width.saturating_sub(LABEL + 3) };
    let WaitingCode { code, label, .. } = &row.card;
    match label.as_deref().filter(|label| !label.trim().is_empty() && *label != code.as_str()) {
        _ if map.search.is_some() => lines.lines.push(Vec::new()),
        Some(label) => lines.put("Label", &shown(label), Role::Plain),
        None => {}
    }
    if map.search.is_none() && code.chars().count() > LONG {
        lines.put("Code", &shown(code), Role::Plain);
    }
    lines.put("Effect", &effect(map, row), Role::Note);
    lines
}

/// What the decision under the cursor is, and what it would do.
fn effect(map: &MapCodes, row: &Row) -> String {
    match &row.state {
        State::Open | State::Skipped => {}
        State::Mapped(code) => return format!("decided: {}", shown(code)),
        State::NoMatch => return "decided: no match".into(),
        State::Flagged => return "flagged: its items go on waiting".into(),
        State::Gone => return "decided, at once with others or by somebody else".into(),
    }
    if !map.decides {
        return "deciding takes the role steward".into();
    }
    if map.family.as_ref().is_some_and(|family| family.taken().is_empty()) {
        return "no code is taken along; Space takes one up again".into();
    }
    let means = match map.relationship {
        Relationship::Equal => "",
        Relationship::Wider => ", which is meant wider,",
        Relationship::Narrower => ", which is meant narrower,",
        Relationship::Inexact => ", which is meant inexactly,",
    };
    let told = || map.effect.text(released).unwrap_or_else(|| "…".into());
    match map.target() {
        Some(Some(target)) => format!("{}{means} {}", shown(target), told()),
        Some(None) => format!("{NO_MATCH} {}", told()),
        None if map.search.is_some() => "choose a code".into(),
        None if map.card().is_none() => String::new(),
        None => format!("no suggestion: {}, which {}", without_suggestion(map), told()),
    }
}

const NO_MATCH: &str = "no match";

/// What one does where no suggestion is right.
pub(super) fn without_suggestion(map: &MapCodes) -> String {
    let search = map.keymap.shown_over(Some(Over::Codes), "/").map(|key| format!("{key} searches the list, "));
    format!("{}0 says that there is no match", search.unwrap_or_default())
}

fn released(outcome: &Outcome) -> String {
    let mut text = format!(
        "releases {}, changes {}",
        counted(outcome.released, "item"),
        counted(outcome.values_changed, "current value")
    );
    if outcome.outbound > 0 {
        text += &format!(", sends {} out", counted(outcome.outbound, "value"));
    }
    for held in &outcome.held_back {
        text += &format!("; {} left alone: {}", counted(held.rows, "code"), shown(&held.reason));
    }
    text
}

struct Lines {
    lines: Vec<Vec<Span>>,
    cells: usize,
}

impl Lines {
    fn put(&mut self, label: &str, text: &str, role: Role) {
        let mut label = label.to_string();
        for text in cut::wrapped_shown(text, self.cells, LINES) {
            self.lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, role)]);
            label.clear();
        }
    }

    fn heading(&mut self, text: &str) {
        self.lines.push(vec![(format!(" {text}"), Role::Heading)]);
    }

    fn card(&mut self, map: &MapCodes, card: &Card, width: usize) {
        for (at, one) in card.candidates.iter().enumerate() {
            self.lines.push(candidate(one, at, map, width));
        }
        if map.offers_no_match() {
            let here = map.choice == card.candidates.len();
            let role = if here { Role::Heading } else { Role::Plain };
            self.lines.push(vec![(format!("{}0 {NO_MATCH}", pointer(here, map)), role)]);
        }
        if map.family.is_none() && !card.family.is_empty() {
            self.put("=", &family(&card.family), Role::Plain);
        }
        if !card.earlier.is_empty() {
            self.heading("DECIDED BEFORE ABOUT LABELS LIKE THIS");
            card.earlier.iter().for_each(|earlier| self.put("", &decided(earlier), Role::Plain));
        }
        if !card.samples.is_empty() {
            self.heading("RECORDS THAT WAIT FOR IT");
            card.samples.iter().for_each(|item| self.put(&shown(&item.target_table), &sample(item), Role::Plain));
        }
    }
}

/// What stands before a suggestion: whether the arrows are there.
fn pointer(here: bool, map: &MapCodes) -> char {
    if here && map.part == Part::Card { '>' } else { ' ' }
}

fn candidate(one: &Candidate, at: usize, map: &MapCodes, width: usize) -> Vec<Span> {
    let here = at == map.choice;
    let rest = width.saturating_sub(3 + CODE + SCORE + 2);
    let label = rest / 2;
    let (code, words) = one.code.as_deref().map_or((NO_MATCH, ""), |code| (code, one.label.as_str()));
    let role = if here { Role::Heading } else { Role::Plain };
    vec![
        (format!("{}{} {} ", pointer(here, map), at + 1, cut::fit(code, CODE - 1)), role),
        (
            format!("{:.2}  ", one.score),
            if one.score >= crate::engine::suggest::SURE { Role::Good } else { Role::Quiet },
        ),
        (format!("{}  ", cut::fit(words, label)), role),
        (cut::cut(&one.reason, rest - label).into_owned(), Role::Quiet),
    ]
}

fn entry(code: &CodeEntry, here: bool, width: usize) -> Vec<Span> {
    let retired = if code.active { "" } else { "  (retired)" };
    let text = format!(
        "{}  {} {}{retired}",
        if here { '>' } else { ' ' },
        cut::fit(&code.code, CODE + 3),
        cut::cut(&code.label, width.saturating_sub(CODE + 18))
    );
    vec![(text, if code.active { Role::Plain } else { Role::Quiet })]
}

fn family(others: &[WaitingCode]) -> String {
    let items: i64 = others.iter().map(|card| card.waiting).sum();
    let codes: Vec<String> = others.iter().map(|card| cut::cut(&card.code, 40).into_owned()).collect();
    let others = counted(others.len() as i64, "other spelling");
    format!("{others}, {}: {}", counted(items, "item"), codes.join(", "))
}

fn decided(earlier: &Earlier) -> String {
    let times = counted(i64::from(earlier.times), "time");
    let label = shown(&earlier.label);
    match (&earlier.code, earlier.chosen) {
        (Some(code), true) => format!("{label}: {}, {times}", shown(code)),
        (Some(code), false) => format!("{label}: not {}, {times}", shown(code)),
        (None, _) => format!("{label}: no match, {times}"),
    }
}

fn sample(item: &SampleItem) -> String {
    let beside = item.beside.iter().map(|(name, value)| format!("{}: {}", shown(name), cut::cut(value, 40)));
    let own = format!("{}: {}", shown(&item.field_name), cut::cut(&item.raw_value, 40));
    let fields: Vec<String> = std::iter::once(own).chain(beside).collect();
    format!("{}  {}", shown(&item.external_key), fields.join("; "))
}

fn members(family: &Family) -> Vec<String> {
    let taken = |member: &Member| match (member.taken, member.alike) {
        (true, _) => "taken along",
        (false, true) => "looks alike, not taken along",
        (false, false) => "left out",
    };
    let one = |member: &Member| format!("{}, {}", shown(&member.card.code), taken(member));
    let here = family.members.get(family.at).map(|member| format!("Space changes: {}", shown(&member.card.code)));
    family.members.iter().map(one).chain(here).collect()
}

/// What is said where there is no cursor.
pub(super) fn spoken(map: &MapCodes, _desk: &Desk) -> Spoken {
    let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
    let mut about: Vec<String> = map.codes.problem.iter().map(|problem| sentence(problem)).collect();
    if let Some(score) = &map.score {
        about.push(format!("Accept every best suggestion with at least this score: {}", shown(score.text())));
        return Spoken { about, choices: Vec::new() };
    }
    if map.part == Part::Lists {
        let one = |list: &WaitingList| {
            format!("{}, {}, {}", shown(&list.name), counted(list.codes, "code"), counted(list.items, "item"))
        };
        return Spoken { about, choices: map.codes.lists.iter().map(one).collect() };
    }
    let Some(row) = map.here() else {
        about.push(empty(map).into());
        return Spoken { about, choices: Vec::new() };
    };
    let source = row.card.source.as_deref().map_or("any source".into(), shown);
    let waiting = counted(row.card.waiting, "item");
    let wait = if row.card.waiting == 1 { "waits" } else { "wait" };
    about.push(format!("Code {} of {source}: {waiting} {wait} for it", shown(&row.card.code)));
    about.extend(map.family.iter().flat_map(members));
    // The suggestions are numbered, and a search's codes: they are choices.
    let head = head(map, row, SPOKEN).lines.len();
    let numbered = map.search.as_ref().map_or(map.choices(), |search| search.codes.len());
    let chosen = |at: usize| map.search.is_some() && at >= head || (head..head + numbered).contains(&at);
    let lines = lines(map, SPOKEN).into_iter().enumerate().filter(|(at, _)| !chosen(*at));
    about.extend(lines.map(|(_, spans)| text(spans)).filter(|line| !line.trim().is_empty()));
    let choices = match &map.search {
        Some(search) => {
            search.codes.iter().map(|code| format!("{}, {}", shown(&code.code), shown(&code.label))).collect()
        }
        None => {
            let no_match = map.offers_no_match().then(|| "No match".to_string());
            map.candidates().iter().map(said).chain(no_match).collect()
        }
    };
    Spoken { about, choices }
}

/// Cells of a line that is said and not shown: as good as none is broken.
const SPOKEN: usize = 2_000;

fn said(one: &Candidate) -> String {
    let code = match &one.code {
        Some(code) => format!("{}, {}", shown(code), shown(&one.label)),
        None => "No match".into(),
    };
    format!("{code}, {:.2}, {}", one.score, shown(&one.reason))
}

/// What is said where no code waits.
pub(super) fn empty(map: &MapCodes) -> &'static str {
    match (map.asked, &map.codes.problem) {
        (Some(_), _) => "reading…",
        (None, Some(_)) => "Its codes cannot be decided yet; Tab chooses another list.",
        (None, None) => "Every code that was delivered is decided.",
    }
}
