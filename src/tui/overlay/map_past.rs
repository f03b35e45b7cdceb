//! The past of a value map: who decided it and when, and what came through it. Enter leads to those items.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Spoken, Step};
use crate::model::filter::quoted;
use crate::model::text::{counted, grouped};
use crate::model::{Row, Table, shown};
use crate::store::{CameThrough, MapDeed};
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::{Paint, Span};
use crate::tui::panes::Target;
use crate::tui::read::{Answer, Request, Slot};
use crate::tui::theme::Role;
use crate::tui::zone::Zone;

/// Lines of one text.
const LINES: usize = 6;
const LABEL: usize = 16;

#[derive(Debug)]
pub struct MapPast {
    id: i64,
    name: String,
    /// What the map says: its code, and what it stands for.
    about: Vec<(&'static str, String)>,
    past: Option<(Vec<MapDeed>, CameThrough)>,
    asked: Option<u64>,
    top: usize,
}

impl MapPast {
    pub fn open(id: i64, row: &Row, desk: &mut Desk) -> MapPast {
        let about = [
            ("Source code", "source_code"),
            ("Source label", "source_label"),
            ("Source", "source_system_key"),
            ("Code list", "code_list"),
            ("Stands for", "canonical_code_value"),
            ("State", "state"),
            ("Confidence", "confidence"),
        ];
        let about = about.map(|(title, name)| (title, shown(&row.display(name)).into_owned()));
        let about = about.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        let mut past = MapPast { id, name: row.name().into(), about, past: None, asked: None, top: 0 };
        past.read(desk);
        past
    }

    fn read(&mut self, desk: &mut Desk) {
        self.asked = Some(desk.ask(Slot::Facets, Request::MapPast(self.id)));
    }

    fn lines(&self, cells: usize, zone: Zone) -> Vec<Vec<Span>> {
        let mut lines = Vec::new();
        let mut put = |label: &str, text: &str, role| {
            let mut label = label.to_string();
            for text in cut::wrapped_shown(text, cells.saturating_sub(LABEL + 3), LINES) {
                lines.push(vec![(format!(" {label:<LABEL$} "), Role::Quiet), (text, role)]);
                label.clear();
            }
        };
        self.about.iter().for_each(|(label, text)| put(label, text, Role::Plain));
        let Some((deeds, through)) = &self.past else {
            let text = if self.asked.is_some() { "reading…" } else { "It could not be read." };
            put("", text, Role::Quiet);
            return lines;
        };
        put("Came through it", &came(through), Role::Heading);
        put("", &through.examples.join(", "), Role::Quiet);
        for deed in deeds {
            put(&zone.minute(deed.at), &told(deed), Role::Plain);
        }
        lines
    }

    fn scroll(&mut self, name: &str, desk: &Desk) {
        let Some(areas) = layout::areas(desk.size.0, desk.size.1) else { return };
        let height = usize::from(areas.content.height);
        let lines = self.lines(areas.content.width.into(), desk.zone).len();
        self.top = match name {
            "Up" | "k" => self.top.saturating_sub(1),
            "Down" | "j" => self.top + 1,
            "PgUp" => self.top.saturating_sub(height),
            "PgDn" => self.top + height,
            "Home" | "g" => 0,
            "End" | "G" => lines,
            _ => return,
        };
        self.top = self.top.min(lines.saturating_sub(height));
    }
}

fn came(through: &CameThrough) -> String {
    let (items, entries) = (counted(through.items, "item"), counted(through.entries, "ledger entry"));
    let waiting = if through.waiting > 0 { format!("; {} waiting", grouped(through.waiting)) } else { String::new() };
    format!("{items}, which brought {entries}, {} of them in force{waiting}", grouped(through.current))
}

fn told(deed: &MapDeed) -> String {
    let who = match &deed.on_behalf_of {
        Some(person) => format!("{} for {}", shown(&deed.actor), shown(person)),
        None => shown(&deed.actor).into_owned(),
    };
    let reason = deed.reason.as_ref().map_or(String::new(), |reason| format!(", because: {}", shown(reason)));
    format!("{who}, operation {}: {}{reason}", deed.operation, shown(&deed.summary))
}

impl Overlay for MapPast {
    fn title(&self) -> String {
        format!("The past of {}", shown(&self.name))
    }

    fn hints(&self) -> Vec<Hint> {
        vec![("Up/Down", "scroll"), ("Enter", "its items"), ("Esc", "close")]
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" | "Backspace" | "q" => return Step::Close,
            "Enter" => {
                let items = Target::Filter(format!("map:{}", quoted(&self.name)));
                return Step::Go(Table::SyncItems, items);
            }
            name => self.scroll(name, desk),
        }
        Step::Stay
    }

    fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    fn answered(&mut self, answer: Answer) {
        if let Answer::MapPast(deeds, through) = answer {
            self.asked = None;
            self.past = Some((deeds, through));
        }
    }

    fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
    }

    fn outdated(&mut self, desk: &mut Desk) {
        // What came through may take long to count: a count that is on its way is let come.
        if self.asked.is_none() {
            self.read(desk);
        }
    }

    fn stays(&self) -> bool {
        true
    }

    fn spoken(&self, desk: &Desk) -> Option<Spoken> {
        let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
        let lines = self.lines(2_000, desk.zone).into_iter().map(text);
        Some(Spoken { about: lines.filter(|line| !line.trim().is_empty()).collect(), choices: Vec::new() })
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, desk: &Desk) {
        let lines = self.lines(areas.content.width.into(), desk.zone);
        paint.lines(areas.content, &lines, self.top);
    }
}
