//! The workbench without threads and without a terminal, on a store that the real engine built.
//!
//! A key script goes in and a frame comes out. After each key everything the workbench asked for is carried out at once,
//! until it asks for nothing more, so that a frame depends on nothing but the script.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Position;
use steward::demo;
use steward::engine::{Actor, Command, Context, Delivery, Engine, Import, ImportRow, Mode, Outcome, Seen};
use steward::model::Row;
use steward::model::record::{Cell, Record};
use steward::model::time::Micros;
use steward::model::width;
use steward::store::{Reader, Store};
use steward::tui::app::{App, Person};
use steward::tui::desk::Effect;
use steward::tui::event::Event;
use steward::tui::read::{self, Answered, Ask, Trouble};
use steward::tui::state::State;
use steward::tui::theme::Theme;
use steward::tui::write::Work;
use steward::tui::zone::Zone;
use steward::tui::{Options, export, keys, screen, write};
use tempfile::TempDir;
use uuid::Uuid;

use crate::late::Late;

/// 22 November 2026, 09:14 UTC: no test depends on the day it runs.
const NOW: Micros = 1_795_338_840_000_000;
pub const ROLES: &str = "admin,steward,reviewer,support,auditor";

fn now() -> Micros {
    NOW
}

pub struct Harness {
    pub app: App,
    pub engine: Engine,
    pub reader: Reader,
    /// What was put on the clipboard, and whether the workbench ended.
    pub copied: Vec<String>,
    /// What is remembered of the store.
    pub state: State,
    pub ended: bool,
    /// Whether reads and writes wait until the test lets them go on.
    pub hold_reads: bool,
    /// Reading lanes that answer when the test says so.
    pub late: Option<Late>,
    pub hold_writes: bool,
    /// Whether keys come before a frame is drawn, and as soon as anything happens.
    pub sudden: bool,
    /// Whether exports are told to stop as soon as they begin.
    pub stop_exports: bool,
    /// What was written, or refused, in order; and the frame that was drawn last.
    pub acts: Vec<Act>,
    drawn: String,
    held_reads: Vec<Ask>,
    held: Vec<write::Job>,
    /// The frames in which something was asked for: the last ticket that was given by then.
    asked: BTreeMap<u64, (String, String)>,
    /// Removes the store when the test is over.
    folder: Arc<TempDir>,
}

/// What the workbench had done.
#[derive(Clone)]
pub struct Act {
    pub work: Work,
    pub mode: Mode,
    /// The frame that was drawn last when it was asked for, and the key that asked for it.
    pub drawn: String,
    pub key: String,
    /// The one row that it was about, as it was before.
    pub before: Option<Row>,
    /// None: it was refused, or stopped.
    pub outcome: Option<Outcome>,
}

impl Harness {
    /// The workbench of an agency with two sources, just opened.
    pub fn agency(size: (u16, u16)) -> Harness {
        let mut harness = Harness::empty(size);
        fill(&mut harness.engine);
        harness.send(Event::StoreChanged);
        harness
    }

    /// The workbench of a new store.
    pub fn empty(size: (u16, u16)) -> Harness {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::create(&folder.path().join("agency.db"), context("druiz")).unwrap();
        Harness::on("druiz", engine, folder, size)
    }

    /// The workbench of the demo.
    pub fn demo(size: (u16, u16)) -> Harness {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = demo::create(&folder.path().join("demo.db"), "druiz", NOW).unwrap();
        Harness::on("druiz", Engine::open(&store, context("druiz")).unwrap(), folder, size)
    }

    /// Somebody else's workbench on the same store.
    pub fn beside(&self, login: &str, size: (u16, u16)) -> Harness {
        let add = Command::AddUser {
            login: login.into(),
            full_name: None,
            roles: ROLES.split(',').map(String::from).collect(),
        };
        let mut admin = Engine::open(&self.store(), context("druiz")).unwrap();
        admin.run(&add, &Mode::Real).unwrap();
        Harness::on(login, Engine::open(&self.store(), context(login)).unwrap(), self.folder.clone(), size)
    }

    fn on(login: &str, engine: Engine, folder: impl Into<Arc<TempDir>>, size: (u16, u16)) -> Harness {
        let store: Store = engine.store().clone();
        let reader = store.reader_at(Arc::new(now)).unwrap();
        let options =
            Options { now, commands: steward::cli::commands(), ..Options::plain(Theme::default(), Zone::fixed(0)) };
        let person = Person { login: login.into(), roles: ROLES.into() };
        let app = App::new("agency.db".into(), person, &options, size);
        let mut harness = Harness {
            app,
            engine,
            reader,
            copied: Vec::new(),
            state: State::default(),
            ended: false,
            hold_reads: false,
            late: None,
            hold_writes: false,
            sudden: false,
            stop_exports: false,
            acts: Vec::new(),
            drawn: String::new(),
            held_reads: Vec::new(),
            held: Vec::new(),
            asked: BTreeMap::new(),
            folder: folder.into(),
        };
        harness.settle();
        harness
    }

    /// Presses keys by their names, parted by spaces; `'text'` types a text.
    pub fn keys(&mut self, script: &str) -> &mut Harness {
        for (at, part) in script.split('\'').enumerate() {
            if at % 2 == 1 {
                part.chars().for_each(|c| self.press(if c == ' ' { "Space".into() } else { c.to_string() }));
            } else {
                part.split_whitespace().for_each(|name| self.press(name.into()));
            }
        }
        self
    }

    fn press(&mut self, name: String) {
        let key = keys::press(&name).unwrap_or_else(|| panic!("there is no key {name}"));
        if !self.sudden {
            // Whoever reads a script has seen each frame and had the time to look at it.
            self.app.rested();
        }
        self.send(Event::Key(key));
    }

    pub fn send(&mut self, event: Event) {
        let key = match &event {
            Event::Key(key) => keys::name(key),
            _ => String::new(),
        };
        self.app.handle(event);
        self.asked.entry(self.app.desk.last_ticket).or_insert_with(|| (self.drawn.clone(), key));
        self.settle();
    }

    /// Carries out what the workbench asks for until it asks for nothing more.
    fn settle(&mut self) {
        loop {
            let effects = self.app.desk.take_effects();
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Read(ask) if self.hold_reads => self.held_reads.push(ask),
                    Effect::Read(ask) => match &mut self.late {
                        Some(late) => late.ask(ask).into_iter().for_each(|over| self.app.handle(Event::Answered(over))),
                        None => self.answer(&ask),
                    },
                    Effect::StopReading(slot) => {
                        let stopped = self.late.as_mut().map(|late| late.stop(slot)).unwrap_or_default();
                        stopped.into_iter().for_each(|over| self.app.handle(Event::Answered(over)));
                    }
                    Effect::Write(job) if self.hold_writes => self.held.push(job),
                    Effect::Write(job) => self.write(job),
                    Effect::Copy(text) => self.copied.push(text),
                    Effect::Remember(change) => self.state.apply(change),
                    Effect::Quit => self.ended = true,
                    Effect::StopWriting => self.stop_writes(),
                    Effect::Export(mut job) => {
                        // Whatever keys a test presses, files are written into its own folder.
                        job.path = self.folder.path().join(&job.path).to_string_lossy().into_owned();
                        let mut told = Vec::new();
                        export::run(&self.reader, &job, &|| self.stop_exports, &mut |event| told.push(event));
                        told.into_iter().for_each(|told| self.app.handle(Event::Export(told)));
                    }
                    Effect::StopExport | Effect::Redraw | Effect::Suspend | Effect::Mouse(_) => {}
                }
            }
        }
    }

    fn answer(&mut self, ask: &Ask) {
        let answered = self.read(ask);
        self.app.handle(Event::Answered(answered));
    }

    pub fn read(&self, ask: &Ask) -> Answered {
        let answer = read::answer(&self.reader, &ask.request).map_err(|error| Trouble::Failed(format!("{error:#}")));
        Answered { slot: ask.slot, ticket: ask.ticket, answer }
    }

    fn write(&mut self, mut job: write::Job) {
        if let Work::Send(sending) = &mut job.work {
            sending.path = self.folder.path().join(&sending.path).to_string_lossy().into_owned();
        }
        let before = match job.mode {
            Mode::AsSeen(Seen { table, id, .. }) => self.reader.row(table, id).unwrap(),
            _ => None,
        };
        let (work, mode) = (job.work.clone(), job.mode.clone());
        let (drawn, key) = self.asked.range(job.ticket..).next().map(|(_, asked)| asked.clone()).unwrap_or_default();
        let done = write::run(&mut self.engine, job);
        let outcome = done.outcome.as_ref().ok().cloned();
        self.acts.push(Act { work, mode, drawn, key, before, outcome });
        self.app.handle(Event::Done(done));
    }

    /// Lets the reads go on that were held back, the newest first: answers may come in any order.
    pub fn release_reads(&mut self) {
        self.hold_reads = false;
        for ask in std::mem::take(&mut self.held_reads).into_iter().rev() {
            self.answer(&ask);
        }
        self.settle();
    }

    /// Lets the writes go on that were held back.
    pub fn release_writes(&mut self) {
        self.hold_writes = false;
        for job in std::mem::take(&mut self.held) {
            self.write(job);
        }
        self.settle();
    }

    /// Takes back what was held back, as the engine does with what it is told to stop.
    fn stop_writes(&mut self) {
        for job in std::mem::take(&mut self.held) {
            let outcome = Err(anyhow::anyhow!("Stopped: nothing was changed.").into());
            self.app.handle(Event::Done(write::Done { ticket: job.ticket, mode: job.mode, outcome }));
        }
    }

    /// The screen as text, and where the terminal's cursor stands.
    pub fn frame(&self) -> (String, Option<Position>) {
        let (width, height) = self.app.desk.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut cursor = None;
        terminal.draw(|frame| cursor = screen::draw(&self.app, frame.buffer_mut())).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content().chunks(usize::from(width).max(1)).map(line);
        (lines.collect::<Vec<_>>().join("\n"), cursor)
    }

    /// Draws a frame; where one has `rested`, there was time to look at it.
    pub fn look(&mut self, rested: bool) {
        self.drawn = self.text();
        if rested { self.app.rested() } else { self.app.drawn() }
    }

    pub fn text(&self) -> String {
        self.frame().0
    }

    /// How many operations the log has.
    pub fn rows_of_log(&self) -> usize {
        self.reader.operations(None, 100_000).unwrap().len()
    }

    pub fn store(&self) -> Store {
        self.engine.store().clone()
    }

    /// What stands in a file that the workbench wrote; nothing if it wrote none.
    pub fn file(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(name)).ok()
    }

    /// Runs a command as somebody else, past the workbench, as another process would.
    pub fn elsewhere(&mut self, command: &Command) {
        self.engine.run(command, &Mode::Real).unwrap();
        self.send(Event::StoreChanged);
    }
}

/// One line of cells as text; a wide character hides the cells behind it.
fn line(cells: &[ratatui::buffer::Cell]) -> String {
    let mut text = String::new();
    let mut hidden = 0;
    for cell in cells {
        if hidden == 0 {
            text.push_str(cell.symbol());
            hidden = width::cells(cell.symbol());
        }
        hidden = hidden.saturating_sub(1);
    }
    text.trim_end().to_string()
}

/// A clock that stands still and ids that count.
fn context(login: &str) -> Context {
    let count = AtomicU64::new(0);
    let ids = move || {
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(count.fetch_add(1, Ordering::Relaxed)))
    };
    Context { ids: Arc::new(ids), host: "desk".into(), ..Context::at(Actor::new(login), Arc::new(now)) }
}

/// Code lists, bindings, policies and three deliveries.
fn fill(engine: &mut Engine) {
    let codes = [
        ("J", "Firm Fixed Price"),
        ("K", "Fixed Price with Economic Price Adjustment"),
        ("U", "Cost Plus Fixed Fee"),
        ("Y", "Time and Materials"),
        ("Z", "Labor Hours"),
    ];
    let rows = codes.map(|(code, label)| vec![("code", code), ("label", label)]);
    import(engine, Import::Codes { list: "contract_type".into() }, &rows);
    let binding = [("target_table", "contract"), ("field_name", "Type of Contract"), ("code_list", "contract_type")];
    import(engine, Import::Bindings, &[binding.to_vec()]);
    import(
        engine,
        Import::Policies,
        &[
            vec![("target_table", "contract"), ("commit_mode", "On Certify"), ("auto_certify", "No")],
            vec![
                ("target_table", "contract"),
                ("field_name", "Amount"),
                ("commit_mode", "On Ingest"),
                ("auto_certify", "Yes"),
                ("authoritative_sources", "FPDS > LEGACY"),
                ("stale_after_days", "30"),
            ],
            vec![("target_table", "contact"), ("commit_mode", "On Ingest"), ("auto_certify", "No")],
        ],
    );
    ingest(engine, "FPDS", "contract", "Contract ID", "contracts.csv", (1..=24).map(contract).collect());
    ingest(engine, "LEGACY", "contract", "Contract ID", "old.csv", (1..=3).map(old_contract).collect());
    ingest(engine, "HR", "contact", "Person", "people.csv", people());
}

pub fn import(engine: &mut Engine, into: Import, rows: &[Vec<(&str, &str)>]) {
    let rows = (1..).zip(rows).map(|(line, fields)| ImportRow { line, fields: texts(fields) }).collect();
    engine.run(&Command::Import { into, rows }, &Mode::Real).unwrap();
}

fn texts(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

pub fn ingest(
    engine: &mut Engine,
    source: &str,
    table: &str,
    key: &str,
    file: &str,
    records: Vec<Vec<(&str, String)>>,
) {
    let delivery = Delivery {
        source: source.into(),
        table: table.into(),
        key_column: key.into(),
        entity: None,
        delivery_id: None,
        sha256: format!("{:064x}", file.len()),
        file_name: Some(file.into()),
        submitted: Some(NOW - 3_600_000_000),
        keep_unchanged: false,
        again: false,
    };
    let record = |(line, fields): (u64, Vec<(&str, String)>)| {
        let fields = fields.into_iter().map(|(name, value)| (Arc::from(name), Cell::Text(value))).collect();
        Ok(Record { line, fields })
    };
    let mut records = (2..).zip(records).map(record);
    engine.ingest(&delivery, &mut records, false, &mut |_, _| true).unwrap();
}

fn contract(n: usize) -> Vec<(&'static str, String)> {
    let kind = match n {
        20 => {
            "A type of contract that nobody would call a code, since it goes on for much longer than a hundred characters"
        }
        n if n % 2 == 0 => "FFP",
        n if n % 3 == 0 => "CPFF",
        _ => "T&M",
    };
    let vendor = match n {
        3 => "日本電気 株式会社".to_string(),
        4 => "Two\nlines\u{202e} and more".to_string(),
        5 => "Ωmega \u{1f3d7} Bau ".to_string(),
        n => format!("Vendor {n:02} LLC"),
    };
    vec![
        ("Contract ID", format!("W15-{n:04}")),
        ("Type of Contract", kind.into()),
        ("Vendor", vendor),
        ("Amount", format!("{}00.50", n * 137)),
    ]
}

fn old_contract(n: usize) -> Vec<(&'static str, String)> {
    vec![("Contract ID", format!("OLD-{n}")), ("Type of Contract", "ffp".into()), ("Amount", "1.00".into())]
}

fn people() -> Vec<Vec<(&'static str, String)>> {
    let person = |key: &str, mail: &str| vec![("Person", key.to_string()), ("Mail", mail.to_string())];
    vec![person("P-1", "a.lopez@agency.example"), person("", "lost@agency.example"), person("P-2", &"x".repeat(4100))]
}
