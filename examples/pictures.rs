//! Draws the README's pictures: `cargo run --release --example pictures` writes one SVG a screen into `docs/pictures`.
//!
//! The frames are the program's own: the demo is built in a folder of its own, key scripts lead the real workbench to each
//! screen, and the cells of its frame become rectangles and text. Nothing is drawn by hand. The demo's identifiers hold a
//! part of chance, so that two runs differ in them.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use steward::demo;
use steward::engine::{Actor, Context, Engine};
use steward::model::time::Micros;
use steward::store::{Reader, Store};
use steward::tui::app::{App, Person};
use steward::tui::desk::Effect;
use steward::tui::event::Event;
use steward::tui::first_run::{FirstRun, Missing};
use steward::tui::read::{self, Answered, Trouble};
use steward::tui::theme::Theme;
use steward::tui::zone::Zone;
use steward::tui::{Options, keys, screen, write};
use unicode_width::UnicodeWidthStr;

/// 22 November 2026, 09:14 UTC.
const NOW: Micros = 1_795_338_840_000_000;
const SIZE: (u16, u16) = (100, 30);
const WIDE: (u16, u16) = (160, 45);

/// Each picture: its name, the keys that lead to it, the size, the theme.
const PICTURES: [(&str, &str, (u16, u16), &str); 22] = [
    ("home", "", SIZE, "dark"),
    ("identifiers", "1", SIZE, "dark"),
    ("value-maps", "2", SIZE, "dark"),
    ("commit-policies", "3", SIZE, "dark"),
    ("sync-jobs", "4", SIZE, "dark"),
    ("sync-items", "5", SIZE, "dark"),
    ("ledger", "6", SIZE, "dark"),
    ("ledger-wide", "6 Down Down", WIDE, "dark"),
    ("ledger-light", "6 Down Down", SIZE, "light"),
    ("record", "6 v 5 Enter", WIDE, "dark"),
    ("map", "2 m", SIZE, "dark"),
    ("codes", "M Down Down", SIZE, "dark"),
    ("accept", "M A Ctrl+U '0.6' Enter", SIZE, "dark"),
    ("form", "2 E", SIZE, "dark"),
    ("values", "5 v 5 Right Right F", SIZE, "dark"),
    ("triage", "W", SIZE, "dark"),
    ("input", "5 E", SIZE, "dark"),
    ("filter", "5 f", SIZE, "dark"),
    ("send", "6 O", SIZE, "dark"),
    ("preview", "6 f Ctrl+U 'is:pending source:HR' Enter C", SIZE, "dark"),
    ("history", "U", SIZE, "dark"),
    ("help", "6 ?", SIZE, "dark"),
];

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&folder)?;
    let scratch = tempfile::tempdir()?;
    let (store, _) = demo::create(&scratch.path().join("demo.db"), "druiz", NOW)?;
    for (name, script, size, theme) in PICTURES {
        let buffer = Workbench::open(&store, size, theme)?.lead(script)?;
        std::fs::write(folder.join(format!("{name}.svg")), svg(&buffer, theme == "light"))?;
    }
    let missing = Missing {
        path: "steward.db".into(),
        demo: "demo.db".into(),
        make: std::sync::Arc::new(|_| anyhow::bail!("Nothing is made for a picture.")),
    };
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, 10));
    FirstRun::new(&missing).draw(&mut buffer, &theme("dark")?);
    std::fs::write(folder.join("first-run.svg"), svg(&buffer, false))?;
    Ok(())
}

fn theme(name: &str) -> Result<Theme> {
    Theme::named(name).map_err(anyhow::Error::msg)
}

/// The workbench without threads: what it asks for is carried out at once.
struct Workbench {
    app: App,
    engine: Engine,
    reader: Reader,
}

impl Workbench {
    fn open(store: &Store, size: (u16, u16), look: &str) -> Result<Workbench> {
        let clock = std::sync::Arc::new(|| NOW);
        let reader = store.reader_at(clock.clone())?;
        let engine = Engine::open(store, Context::at(Actor::new("druiz"), clock))?;
        let options = Options { now: || NOW, ..Options::plain(theme(look)?, Zone::fixed(0)) };
        let roles = "admin,steward,reviewer,support,auditor".to_string();
        let app = App::new("demo.db".into(), Person { login: "druiz".into(), roles }, &options, size);
        let mut workbench = Workbench { app, engine, reader };
        workbench.settle();
        Ok(workbench)
    }

    /// Presses keys by their names, parted by spaces; `'text'` types a text. Answers the frame.
    fn lead(mut self, script: &str) -> Result<Buffer> {
        for (at, part) in script.split('\'').enumerate() {
            if at % 2 == 1 {
                self.app.handle(Event::Paste(part.into()));
                self.settle();
                continue;
            }
            for name in part.split_whitespace() {
                let key = keys::press(name).with_context(|| format!("there is no key {name}"))?;
                self.app.handle(Event::Key(key));
                self.settle();
            }
        }
        let (width, height) = self.app.desk.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        screen::draw(&self.app, &mut buffer);
        Ok(buffer)
    }

    fn settle(&mut self) {
        loop {
            let effects = self.app.desk.take_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Read(ask) => {
                        let answer = read::answer(&self.reader, &ask.request);
                        let answer = answer.map_err(|error| Trouble::Failed(format!("{error:#}")));
                        self.app.handle(Event::Answered(Answered { slot: ask.slot, ticket: ask.ticket, answer }));
                    }
                    Effect::Write(job) => {
                        let done = write::run(&mut self.engine, job);
                        self.app.handle(Event::Done(done));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Pixels of a cell, and where a line of text stands in it.
const CELL: (f32, f32) = (8.4, 18.0);
const BASELINE: f32 = 13.5;

/// The frame as a picture. Each run of text has the width of its cells, whatever font shows it.
fn svg(buffer: &Buffer, light: bool) -> String {
    let (width, height) = (buffer.area.width, buffer.area.height);
    let (front, back) = if light { ("#1c1c1c", "#ffffff") } else { ("#d8d8d8", "#16181d") };
    let (w, h) = (f32::from(width) * CELL.0 + 16.0, f32::from(height) * CELL.1 + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{back}\"/>\n<g transform=\"translate(8 8)\" fill=\"{front}\">\n"
    );
    for (y, cells) in (0u16..).zip(buffer.content().chunks(usize::from(width).max(1))) {
        line(&mut out, y, cells, (front, back));
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// One line of cells, in runs of one look each.
fn line(out: &mut String, y: u16, cells: &[Cell], page: (&str, &str)) {
    let mut at = 0;
    while at < cells.len() {
        let look = Look::of(&cells[at], page);
        let mut text = String::new();
        let mut end = at;
        while end < cells.len() && Look::of(&cells[end], page) == look {
            let symbol = cells[end].symbol();
            text.push_str(symbol);
            end += symbol.width().max(1);
        }
        look.write(out, (at, end.min(cells.len())), y, &text);
        at = end;
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    front: String,
    back: Option<String>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell, page: (&str, &str)) -> Look {
        let front = colour(cell.fg).unwrap_or(page.0.into());
        let back = colour(cell.bg);
        let has = |modifier| cell.modifier.contains(modifier);
        let (front, back) = match (has(Modifier::REVERSED), back) {
            (true, back) => (back.unwrap_or(page.1.into()), Some(front)),
            (false, back) => (front, back),
        };
        let (bold, dim) = (has(Modifier::BOLD), has(Modifier::DIM));
        Look { front, back, bold, dim, underlined: has(Modifier::UNDERLINED) }
    }

    fn write(&self, out: &mut String, (from, to): (usize, usize), y: u16, text: &str) {
        let (x, width) = (from as f32 * CELL.0, (to - from) as f32 * CELL.0);
        let top = f32::from(y) * CELL.1;
        if let Some(back) = &self.back {
            let height = CELL.1;
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{back}\"/>"
            );
        }
        if text.trim().is_empty() && !self.underlined {
            return;
        }
        let mut look = format!(" fill=\"{}\"", self.front);
        look.push_str(if self.bold { " font-weight=\"bold\"" } else { "" });
        look.push_str(if self.dim { " opacity=\"0.65\"" } else { "" });
        look.push_str(if self.underlined { " text-decoration=\"underline\"" } else { "" });
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let y = top + BASELINE;
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
             xml:space=\"preserve\"{look}>{text}</text>"
        );
    }
}

/// The colours of a terminal's palette as most have them; none for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    let named = match colour {
        Color::Reset => return None,
        Color::Black => "#000000",
        Color::Red => "#cd3131",
        Color::Green => "#23a55a",
        Color::Yellow => "#c8a415",
        Color::Blue => "#2472c8",
        Color::Magenta => "#bc3fbc",
        Color::Cyan => "#2aa1b3",
        Color::Gray => "#b0b0b0",
        Color::DarkGray => "#767676",
        Color::LightRed => "#f14c4c",
        Color::LightGreen => "#4cd787",
        Color::LightYellow => "#f5f543",
        Color::LightBlue => "#5aa5f5",
        Color::LightMagenta => "#e070e0",
        Color::LightCyan => "#43d0e0",
        Color::White => "#ffffff",
        Color::Rgb(r, g, b) => return Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(_) => return None,
    };
    Some(named.into())
}
