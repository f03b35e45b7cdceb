//! Where rows are exported to: a file whose ending says what is written into it.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Hint, Overlay, Place, Step};
use crate::exchange::Format;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::entry::Entry;
use crate::tui::export::{Job, Told, What, resolved};
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::read::Chosen;
use crate::tui::theme::Role;

/// Lines of the form.
const LINES: u16 = 5;

#[derive(Debug)]
pub struct ExportForm {
    chosen: Chosen,
    /// The rows in words.
    what: String,
    entry: Entry,
    /// There is such a file, and Enter takes its place.
    exists: bool,
    problem: Option<String>,
    running: Option<u64>,
}

impl ExportForm {
    /// `name`: the file's name that is offered.
    pub fn new(chosen: Chosen, what: String, name: &str) -> ExportForm {
        let entry = Entry::new(name);
        ExportForm { chosen, what, entry, exists: false, problem: None, running: None }
    }

    fn path(&self) -> &str {
        self.entry.text().trim()
    }

    fn format(&self) -> Format {
        Format::guess(&resolved(self.path()))
    }

    fn changed(&mut self) {
        (self.exists, self.problem) = (false, None);
    }

    /// Gives the file the ending of the other format.
    fn turn(&mut self) {
        let ending = if self.format() == Format::Csv { "ndjson" } else { "csv" };
        let path = self.path();
        let name = path.rsplit('/').next().unwrap_or_default();
        let stem = match name.rfind('.').filter(|at| *at > 0) {
            Some(at) => &path[..path.len() - name.len() + at],
            None => path,
        };
        let path = format!("{stem}.{ending}");
        self.entry.set(&path);
        self.changed();
    }

    fn write(&mut self, desk: &mut Desk) {
        if self.path().is_empty() {
            self.problem = Some("A file is needed, such as rows.csv.".into());
            return;
        }
        let (chosen, path, overwrite) = (self.chosen.clone(), self.path().to_string(), self.exists);
        self.running = desk.export(|ticket| Job { ticket, chosen, path, overwrite });
    }
}

impl Overlay for ExportForm {
    fn place(&self) -> Place {
        Place::Bottom(LINES)
    }

    fn title(&self) -> String {
        "Export".into()
    }

    fn hints(&self) -> Vec<Hint> {
        let enter = if self.exists { "write over it" } else { "export" };
        vec![("Enter", enter), ("Tab", "other format"), ("Ctrl+U", "clear"), ("Esc", "cancel")]
    }

    fn key(&mut self, key: &KeyEvent, name: &str, desk: &mut Desk) -> Step {
        match name {
            "Esc" => return Step::Close,
            "Enter" => self.write(desk),
            "Tab" | "Shift+Tab" => self.turn(),
            _ if self.entry.key(key) => self.changed(),
            _ => {}
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str, _desk: &mut Desk) -> Step {
        self.entry.paste(text);
        self.changed();
        Step::Stay
    }

    fn export_told(&mut self, told: &Told) -> Option<Step> {
        self.running.filter(|running| *running == told.ticket)?;
        match &told.what {
            What::Begun | What::Rows(_) | What::Done(..) => return Some(Step::Close),
            What::Exists => self.exists = true,
            // The message line says why.
            What::Failed(_) => {}
        }
        self.running = None;
        None
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let area = layout::bottom(areas.content, LINES);
        paint.clear(area);
        paint.rule(layout::line(area, 0), "Export");
        let cells = usize::from(area.width).saturating_sub(10);
        let told = |paint: &mut Paint, at, label: &str, text: &str, role| {
            let line = layout::line(area, at);
            let x = paint.put_at(line, line.x, &format!(" {label:<8} "), Role::Quiet);
            paint.put_at(line, x, &cut::cut_shown(text.into(), cells), role);
        };
        told(paint, 1, "Rows", &self.what, Role::Plain);
        let line = layout::line(area, 2);
        let x = paint.put_at(line, line.x, " File     ", Role::Heading);
        self.entry.draw(paint, Rect { x, width: line.right().saturating_sub(x + 1), ..line }, true);
        let format = match self.format() {
            Format::Csv => "CSV, every column; an apostrophe before what a spreadsheet would run",
            Format::Ndjson => "NDJSON, every column, an object a line, every text as it is stored",
        };
        told(paint, 3, "Format", format, Role::Plain);
        match &self.problem {
            Some(problem) => told(paint, 4, "", problem, Role::Error),
            None if self.exists => {
                told(paint, 4, "", "There is such a file already: Enter again writes over it.", Role::Error)
            }
            None => told(paint, 4, "", "Only you may read the file. Ctrl+C stops the writing of it.", Role::Quiet),
        }
    }
}
