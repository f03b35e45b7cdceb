//! The workbench in process: a key goes in, the state changes, the store is asked, a frame of 160×45 is drawn.
//!
//! As in the program the first frame does not wait for the store; unlike there one thread does all of it, so that the times
//! are those of the work and not of the machine's scheduler. The PTY benchmarks have the threads.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use steward::engine::Engine;
use steward::store::{Reader, Store};
use steward::tui::app::{App, Person};
use steward::tui::desk::Effect;
use steward::tui::event::Event;
use steward::tui::read::{self, Answered, Ask, Slot, Trouble};
use steward::tui::theme::Theme;
use steward::tui::zone::Zone;
use steward::tui::{Options, keys, screen, write};

use super::clock::{NOW, PERSON, now};
use super::thread_time;

const SIZE: (u16, u16) = (160, 45);

/// What a key took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    /// Until the first frame: the state alone.
    pub frame: Duration,
    /// Until the frame with the rows that were asked for.
    pub rows: Duration,
    /// What of that this thread had the processor.
    pub processor: Duration,
    /// What the lane for slow answers had to do besides: counts, facets, home.
    pub slow: Duration,
}

pub struct Workbench {
    pub app: App,
    reader: Reader,
    engine: Option<Engine>,
    terminal: Terminal<TestBackend>,
}

impl Workbench {
    /// Opens a store; `engine` carries out what is written, without one nothing is.
    pub fn open(path: &Path, engine: Option<Engine>) -> Workbench {
        let store = Store::open(path).expect("the store");
        let reader = store.reader_at(Arc::new(now)).expect("a reader");
        let options = Options { now, ..Options::plain(Theme::default(), Zone::fixed(0)) };
        let person = Person { login: PERSON.into(), roles: "admin,steward,reviewer,support,auditor".into() };
        let app = App::new("bench.db".into(), person, &options, SIZE);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a screen");
        let mut workbench = Workbench { app, reader, engine, terminal };
        workbench.settle();
        workbench
    }

    /// Presses keys by their names, parted by spaces; `'text'` types a text. Answers what the last one took.
    pub fn keys(&mut self, script: &str) -> Took {
        let mut took = Took::default();
        for (at, part) in script.split('\'').enumerate() {
            if at % 2 == 1 {
                part.chars().for_each(|c| took = self.press(if c == ' ' { "Space".into() } else { c.to_string() }));
            } else {
                part.split_whitespace().for_each(|name| took = self.press(name.into()));
            }
        }
        took
    }

    fn press(&mut self, name: String) -> Took {
        let key = keys::press(&name).unwrap_or_else(|| panic!("there is no key {name}"));
        self.time(Event::Key(key))
    }

    fn time(&mut self, event: Event) -> Took {
        let (begun, before) = (Instant::now(), thread_time());
        self.app.handle(event);
        self.draw();
        let frame = begun.elapsed();
        let (slow, slow_processor) = self.settle();
        self.draw();
        let processor = (thread_time() - before).saturating_sub(slow_processor);
        Took { frame, rows: begun.elapsed() - slow, processor, slow }
    }

    /// Carries out what the workbench asks for until it asks for nothing more; answers the time of the slow lane, and
    /// what of that it had the processor.
    fn settle(&mut self) -> (Duration, Duration) {
        let mut slow = (Duration::ZERO, Duration::ZERO);
        loop {
            let effects = self.app.desk.take_effects();
            if effects.is_empty() {
                return slow;
            }
            for effect in effects {
                match effect {
                    Effect::Read(ask) if is_slow(ask.slot) => {
                        let (begun, before) = (Instant::now(), thread_time());
                        self.answer(ask);
                        slow = (slow.0 + begun.elapsed(), slow.1 + (thread_time() - before));
                    }
                    Effect::Read(ask) => self.answer(ask),
                    Effect::Write(job) => {
                        let engine = self.engine.as_mut().expect("nothing is written without an engine");
                        let done = write::run(engine, job);
                        self.app.handle(Event::Done(done));
                    }
                    _ => {}
                }
            }
        }
    }

    fn answer(&mut self, ask: Ask) {
        let answer = read::answer(&self.reader, &ask.request).map_err(|error| Trouble::Failed(format!("{error:#}")));
        self.app.handle(Event::Answered(Answered { slot: ask.slot, ticket: ask.ticket, answer }));
    }

    /// Draws the state; answers how long that took.
    pub fn draw(&mut self) -> Duration {
        let begun = Instant::now();
        let app = &self.app;
        self.terminal
            .draw(|frame| {
                screen::draw(app, frame.buffer_mut());
            })
            .expect("a frame");
        begun.elapsed()
    }

    pub fn text(&self) -> String {
        let cells = self.terminal.backend().buffer().content().chunks(SIZE.0.into());
        cells.map(|line| line.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
    }

    /// Somebody else's write was noticed.
    pub fn store_changed(&mut self) -> Took {
        self.time(Event::StoreChanged)
    }
}

/// Whether an answer comes by way of the lane for slow ones, which no page waits for.
fn is_slow(slot: Slot) -> bool {
    matches!(slot, Slot::Count(_) | Slot::Overview | Slot::Facets)
}

/// The day on which the stores are looked at.
pub const TODAY: i64 = NOW;
