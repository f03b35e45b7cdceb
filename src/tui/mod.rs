//! The workbench: home and a pane for each of the six tables, over a store, at the keyboard.
//!
//! ```text
//!  steward | agency.db                       D. Ruiz (reviewer)   title    ┐
//!  0 Home   1 Identifiers  [2 Value Maps]  3 Policies | 4 Jobs    tabs     ├ screen, from layout
//!  View: Unmapped first (v)   Filter: is:proposed    849 rows     view     ┘
//! ──────────────────────────────────────────────────────────────
//!      Map          Source code     Code list       Waiting v     ┐ pane_view draws a pane: its window
//! >  ? MAP-0000001  FFP             contract_type         584     │ of rows, described in panes/;
//!    ? MAP-0000002  CPFF            contract_type         301     ┘ or home; or the overlay on top
//! ── MAP-0000001 ───────────────────────────────────────────────
//!  Source code      FFP                                           ┐ the detail, also pane_view
//!  Source label     Firm fixed price                              ┘
//! ──────────────────────────────────────────────────────────────
//!  Row 1 of 849 | by Waiting Items, highest first                 status   ┐
//!  Mapped FFP to J: 584 items released.                           message  ├ screen; desk holds the message
//!  m map  E edit  Enter open  o related  f filter  ? help         hints    ┘ and actions the keys
//! ```
//!
//! An event (a key, a page, an outcome) comes through one channel to [`app`], which changes its state and leaves on the
//! [`desk`] what has to happen outside: the reading lanes ([`read`]) and the writing thread ([`write`]) do that and send
//! events back. Once no event waits, [`screen`] draws the state. The loop stands in [`run`]; a test can do without threads
//! and carry the desk's effects out itself.
//!
//! What is deliberately absent: an event loop within an event loop, drawing on a clock, drawing that asks or changes
//! anything, SQL, and a list of keys beside the table of actions.

mod act;
pub mod actions;
pub mod app;
mod beside;
mod columns;
mod conditions;
mod copy;
mod cut;
pub mod desk;
mod entry;
pub mod event;
pub mod export;
mod folders;
mod home;
mod kept;
pub mod keymap;
pub mod keys;
mod layout;
mod listing;
mod marks;
mod mouse;
mod names;
mod overlay;
mod paint;
mod pane;
mod pane_view;
mod panes;
mod pick_up;
pub mod read;
pub mod screen;
pub mod settings;
pub mod state;
mod state_mark;
mod take_out;
mod terminal;
pub mod theme;
mod window;
pub mod write;
pub mod zone;

use std::io::{self, IsTerminal, stdout};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context as _, bail};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use app::{App, Person};
use desk::Effect;
use event::Event;
use export::Exports;
use keymap::Keymap;
use read::{Answered, Lanes};
use settings::{Settings, Start};
use state::{Change, State};
use terminal::Terminal;
use theme::Theme;
use write::Job;
use zone::Zone;

use crate::engine::{Actor, Context, Engine};
use crate::model::time::{self, Micros};
use crate::store::{Stop, Store};

/// What a person or a test sets about the workbench.
#[derive(Debug, Clone)]
pub struct Options {
    pub theme: Theme,
    pub zone: Zone,
    pub keymap: Keymap,
    /// Whether the mouse is the workbench's.
    pub mouse: bool,
    /// What comes up first.
    pub start: Start,
    /// What is remembered of this store.
    pub state: State,
    /// The time now; what home reckons ages from.
    pub now: fn() -> Micros,
}

impl Options {
    /// Nothing but how it looks and where the clock stands.
    pub fn plain(theme: Theme, zone: Zone) -> Options {
        let keymap = Keymap::default();
        Options { theme, zone, keymap, mouse: true, start: Start::Home, state: State::default(), now: time::now }
    }
}

impl From<Settings> for Options {
    fn from(settings: Settings) -> Options {
        let Settings { theme, zone, keymap, mouse, start } = settings;
        Options { keymap, mouse, start, ..Options::plain(theme, zone) }
    }
}

/// Runs the workbench on a terminal until the person quits, and gives the terminal back.
pub fn run(store: &Store, context: Context, mut options: Options) -> anyhow::Result<()> {
    if !stdout().is_terminal() || !io::stdin().is_terminal() {
        bail!("The workbench needs a terminal. For scripts there are the commands: steward list, show, map, certify …");
    }
    let person = person(store, &context.actor)?;
    let engine = Engine::open(store, context)?;
    let (sink, events) = channel();
    let send = move |event| {
        // Nobody listens any more once the workbench ends.
        let _ = sink.send(event);
    };
    let lanes = Lanes::start(store, send.clone())?;
    let exports = Exports::new(store.clone(), send.clone());
    let stop = engine.stop();
    let jobs = write::start(engine, send.clone())?;
    let kept = state::path(store.path());
    options.state = kept.as_deref().map(State::load).unwrap_or_default();
    let terminal = Terminal::take(options.mouse).context("The terminal could not be set up")?;
    terminal::listen(send)?;
    let size = crossterm::terminal::size()?;
    let app = App::new(name(store.path()), person, &options, size);
    let mut workbench = Workbench { app, lanes, jobs, exports, stop, terminal, kept: kept.clone() };
    let ended = workbench.work(&events);
    if let (Some(path), Some(left)) = (kept, workbench.app.left()) {
        // Where one stood is a convenience: that it cannot be kept must not hide how the workbench ended.
        let _ = state::keep(&path, |state| state.left = Some(left));
    }
    ended
}

/// The acting person with the roles that the store gives them.
fn person(store: &Store, actor: &Actor) -> anyhow::Result<Person> {
    let login = actor.on_behalf_of.as_ref().unwrap_or(&actor.login);
    let users = store.reader()?.users()?;
    let user = users.into_iter().find(|user| user.active && user.login == *login);
    Ok(Person { login: login.clone(), roles: user.map(|user| user.roles).unwrap_or_default() })
}

/// What a store is called in the title.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The state and the world outside of it.
struct Workbench {
    app: App,
    lanes: Lanes,
    jobs: Sender<Job>,
    exports: Exports,
    stop: Stop,
    terminal: Terminal,
    /// The file of what is remembered.
    kept: Option<PathBuf>,
}

impl Workbench {
    fn work(&mut self, events: &Receiver<Event>) -> anyhow::Result<()> {
        // Not dropped: it would complain on a terminal that is gone, and the cursor is given back with the terminal.
        let mut screen = ManuallyDrop::new(ratatui::Terminal::new(CrosstermBackend::new(stdout()))?);
        loop {
            for effect in self.app.desk.take_effects() {
                match effect {
                    Effect::Read(ask) => {
                        let replaced = self.lanes.ask(ask);
                        replaced.iter().for_each(|ask| self.app.handle(Event::Answered(Answered::stopped(ask))));
                    }
                    Effect::Write(job) => self.jobs.send(job).context("The writing thread has ended")?,
                    Effect::Export(job) => self.exports.start(job),
                    Effect::StopExport => self.exports.stop(),
                    Effect::StopWriting => self.stop.stop(),
                    Effect::StopReading => self.lanes.stop(),
                    Effect::Copy(text) => terminal::copy(&text)?,
                    Effect::Remember(change) => self.remember(change),
                    Effect::Mouse(take) => terminal::take_mouse(take)?,
                    Effect::Suspend => {
                        self.terminal.suspend(self.app.desk.mouse)?;
                        let (width, height) = crossterm::terminal::size()?;
                        self.app.handle(Event::Resize(width, height));
                        // This draws everything anew; clearing would ask the terminal for its cursor, and the answer
                        // would go to the thread that reads keys.
                        screen.resize(Rect::new(0, 0, width, height))?;
                    }
                    Effect::Quit => return Ok(()),
                }
            }
            let drawn = screen.draw(|frame| {
                if let Some(position) = screen::draw(&self.app, frame.buffer_mut()) {
                    frame.set_cursor_position(position);
                }
            });
            match drawn {
                Err(_) if !stdout().is_terminal() => return Ok(()),
                drawn => drawn.context("The terminal cannot be written to")?,
            };
            let mut next = Some(events.recv().context("Nothing can happen any more")?);
            // All that waits is taken in before the next frame is drawn.
            while let Some(event) = next {
                match event {
                    Event::End => return Ok(()),
                    Event::Broken(what) => bail!("The workbench had to end: {what}"),
                    event => self.app.handle(event),
                }
                next = events.try_recv().ok();
            }
        }
    }

    /// Keeps columns or views at once: a workbench may end in ways that ask nobody.
    fn remember(&mut self, change: Change) {
        let kept = match &self.kept {
            Some(path) => state::keep(path, |state| state.apply(change)),
            None => Err(io::Error::other("nobody knows the home folder")),
        };
        if let Err(error) = kept {
            self.app.desk.complain(format!("This holds until the workbench ends, but cannot be kept: {error}"));
        }
    }
}
