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
//! [`desk`] what has to happen outside: the reading [`lanes`] and the writing thread ([`write`]) do that and send
//! events back. Once no event waits, [`screen`] draws the state. The loop stands in [`run`]; a test can do without threads
//! and carry the desk's effects out itself.
//!
//! Two other ways in: [`first_run`] where there is no store yet, and [`plain`], which drives the same state with lines of text.
//! What a person sets stands in [`settings`], what the workbench remembers of a store in [`state`].
//!
//! What is deliberately absent: an event loop within an event loop, drawing on a clock, drawing that asks or changes
//! anything, SQL, and a list of keys beside the table of actions.

mod act;
pub mod actions;
mod allowed;
mod answers;
pub mod app;
mod background;
mod beside;
pub mod bulk;
mod candidates;
mod columns;
mod conditions;
mod copy;
mod cut;
pub mod deck;
pub mod desk;
mod display;
mod entry;
pub mod event;
mod expected;
pub mod export;
mod file_name;
pub mod first_run;
mod folders;
mod footer;
mod hold;
mod home;
mod kept;
pub mod keymap;
pub mod keys;
pub mod lanes;
mod layout;
mod legal;
mod listing;
mod marks;
mod mouse;
mod names;
mod over_keys;
mod overlay;
mod paint;
mod pane;
mod pane_view;
mod panes;
mod pick_up;
pub mod plain;
mod proposal;
pub mod read;
mod retarget;
pub mod screen;
mod seen;
pub mod sending;
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
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context as _, bail};

use app::{App, Person};
use desk::Effect;
use display::Display;
use event::Event;
use export::Exports;
use first_run::{Choice, FirstRun, Missing};
use keymap::Keymap;
use lanes::Lanes;
use settings::{Settings, Start};
use state::{Change, State};
use terminal::Terminal;
use theme::{Depth, Theme};
use write::Jobs;
use zone::Zone;

use crate::engine::{Actor, Context, Engine};
use crate::model::time::{self, Micros};
use crate::store::{Stop, Store};

/// What a person or a test sets about the workbench.
#[derive(Debug, Clone)]
pub struct Options {
    pub theme: Theme,
    /// Whether the theme is that for the terminal's background, which is asked for when it is taken.
    pub follows_background: bool,
    pub zone: Zone,
    pub keymap: Keymap,
    /// Whether the mouse is the workbench's.
    pub mouse: bool,
    /// What comes up first.
    pub start: Start,
    /// What is remembered of this store.
    pub state: State,
    /// What the command line does: each command's name, and what it is for.
    pub commands: &'static [(String, String)],
    /// The time now; what home reckons ages from.
    pub now: fn() -> Micros,
}

impl Options {
    /// Nothing but how it looks and where the clock stands.
    pub fn plain(theme: Theme, zone: Zone) -> Options {
        let keymap = Keymap::default();
        let (start, state, commands, follows_background) = (Start::Home, State::default(), &[], false);
        Options { theme, follows_background, zone, keymap, mouse: true, start, state, commands, now: time::now }
    }

    /// With the theme for the terminal's background, where nobody chose one and the terminal tells.
    fn on_this_terminal(mut self) -> Options {
        if let Some(light) = Some(()).filter(|()| self.follows_background).and_then(|()| background::is_light()) {
            self.theme = Theme::on(light);
        }
        self
    }
}

impl From<Settings> for Options {
    fn from(settings: Settings) -> Options {
        let Settings { theme, theme_chosen, zone, keymap, mouse, start } = settings;
        let follows_background = !theme_chosen && Depth::from_environment() != Depth::None;
        Options { keymap, mouse, start, follows_background, ..Options::plain(theme, zone) }
    }
}

/// Runs the workbench on a terminal until the person quits, and gives the terminal back.
pub fn run(store: &Store, context: Context, options: Options) -> anyhow::Result<()> {
    let options = options.on_this_terminal();
    Front::take(options.mouse)?.work(store, context, options)
}

/// Asks what to do where there is no store, has it done, and goes on with the workbench.
pub fn first_run(missing: &Missing, context: Context, options: Options) -> anyhow::Result<()> {
    let options = options.on_this_terminal();
    let front = Front::take(options.mouse)?;
    match front.choose_store(missing, &options.theme)? {
        Some(store) => front.work(&store, context, options),
        None => Ok(()),
    }
}

/// The terminal with its keys: there from the first screen to the last.
struct Front {
    terminal: Terminal,
    sink: Sender<Event>,
    events: Receiver<Event>,
}

/// What events are sent with.
fn sending(sink: Sender<Event>) -> impl Fn(Event) + Clone + Send + 'static {
    move |event| {
        // Nobody listens any more once the workbench ends.
        let _ = sink.send(event);
    }
}

impl Front {
    fn take(mouse: bool) -> anyhow::Result<Front> {
        if !stdout().is_terminal() || !io::stdin().is_terminal() {
            bail!("The workbench needs a terminal. For scripts there are the commands, and steward --plain.");
        }
        let (sink, events) = channel();
        let terminal = Terminal::take(mouse).context("The terminal could not be set up")?;
        terminal::listen(sending(sink.clone()))?;
        Ok(Front { terminal, sink, events })
    }

    /// The screen of the first run; none if the person quits.
    fn choose_store(&self, missing: &Missing, theme: &Theme) -> anyhow::Result<Option<Store>> {
        let mut display = Display::new()?;
        let mut asked = FirstRun::new(missing);
        loop {
            if !display.draw(|buffer| asked.draw(buffer, theme))? {
                return Ok(None);
            }
            match self.events.recv().context("Nothing can happen any more")? {
                Event::Key(key) => match asked.key(&key) {
                    first_run::Step::Stay => {}
                    first_run::Step::Quit => return Ok(None),
                    first_run::Step::Make(choice) => self.make(missing, choice)?,
                },
                Event::Paste(text) => asked.paste(&text),
                Event::Made(Ok(store)) => return Ok(Some(store)),
                Event::Made(Err(problem)) => asked.failed(&problem),
                Event::Resize(..) => display.renew(),
                Event::End => return Ok(None),
                Event::Broken(what) => bail!("The workbench had to end: {what}"),
                _ => {}
            }
        }
    }

    /// Makes the store beside the keys.
    fn make(&self, missing: &Missing, choice: Choice) -> anyhow::Result<()> {
        let (make, send) = (missing.make.clone(), sending(self.sink.clone()));
        thread::Builder::new().name("maker".into()).spawn(move || {
            event::report_panic(&send, || send(Event::Made(make(&choice).map_err(|error| format!("{error:#}")))));
        })?;
        Ok(())
    }

    fn work(self, store: &Store, context: Context, mut options: Options) -> anyhow::Result<()> {
        let person = person(store, &context.actor)?;
        let engine = Engine::open(store, context)?;
        let send = sending(self.sink);
        let lanes = Lanes::start(store, send.clone())?;
        let stop = engine.stop();
        let exports = Exports::new(store.clone(), send.clone());
        let jobs = write::start(engine, send)?;
        let kept = state::path(store.path());
        options.state = kept.as_deref().map(State::load).unwrap_or_default();
        let size = crossterm::terminal::size()?;
        let app = App::new(name(store), person, &options, size);
        let mut workbench = Workbench { app, lanes, jobs, exports, stop, terminal: self.terminal, kept: kept.clone() };
        let ended = workbench.work(&self.events);
        if let (Some(path), Some(left)) = (kept, workbench.app.left()) {
            // Where one stood is a convenience: that it cannot be kept must not hide how the workbench ended.
            let _ = state::keep(&path, |state| state.left = Some(left));
        }
        // What is being worked out is nobody's any more; the threads end, and the last one writes back what lies beside the file.
        workbench.stop.stop();
        ended
    }
}

/// The acting person with the roles that the store gives them.
fn person(store: &Store, actor: &Actor) -> anyhow::Result<Person> {
    let login = actor.on_behalf_of.as_ref().unwrap_or(&actor.login);
    let users = store.reader()?.users()?;
    let user = users.into_iter().find(|user| user.active && user.login == *login);
    let roles = match store.read_only() {
        Some(_) => app::READ_ONLY.to_string(),
        None => user.map(|user| user.roles).unwrap_or_default(),
    };
    Ok(Person { login: login.clone(), roles })
}

/// What a store is called in the title.
fn name(store: &Store) -> String {
    let path = store.path();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let read_only = if store.read_only().is_some() { " (read only)" } else { "" };
    format!("{name}{read_only}")
}

/// The state and the world outside of it.
struct Workbench {
    app: App,
    lanes: Lanes,
    jobs: Jobs,
    exports: Exports,
    stop: Stop,
    terminal: Terminal,
    /// The file of what is remembered.
    kept: Option<PathBuf>,
}

impl Workbench {
    fn work(&mut self, events: &Receiver<Event>) -> anyhow::Result<()> {
        let mut display = Display::new()?;
        loop {
            for effect in self.app.desk.take_effects() {
                match effect {
                    Effect::Read(ask) => {
                        let replaced = self.lanes.ask(ask);
                        replaced.into_iter().for_each(|answered| self.app.handle(Event::Answered(answered)));
                    }
                    Effect::Write(job) => self.jobs.send(job)?,
                    Effect::Export(job) => self.exports.start(job),
                    Effect::StopExport => self.exports.stop(),
                    Effect::StopWriting => self.stop.stop(),
                    Effect::StopReading(slot) => {
                        let stopped = self.lanes.stop(slot);
                        stopped.into_iter().for_each(|answered| self.app.handle(Event::Answered(answered)));
                    }
                    Effect::Copy(text) => terminal::copy(&text)?,
                    Effect::Remember(change) => self.remember(change),
                    Effect::Mouse(take) => terminal::take_mouse(take)?,
                    Effect::Suspend => {
                        self.terminal.suspend(self.app.desk.mouse)?;
                        let (width, height) = crossterm::terminal::size()?;
                        self.app.handle(Event::Resize(width, height));
                        display.renew();
                    }
                    Effect::Redraw => display.renew(),
                    Effect::Quit => return Ok(()),
                }
            }
            if !display.draw(|buffer| screen::draw(&self.app, buffer))? {
                return Ok(());
            }
            self.app.drawn();
            let mut next = Some(events.recv().context("Nothing can happen any more")?);
            // All that waits is taken in before the next frame is drawn.
            while let Some(event) = next {
                match event {
                    Event::End => return Ok(()),
                    Event::Broken(what) => bail!("The workbench had to end: {what}"),
                    event => {
                        if matches!(event, Event::Resize(..)) {
                            display.renew();
                        }
                        self.app.handle(event);
                    }
                }
                next = events.try_recv().ok();
            }
        }
    }

    /// Keeps columns or views at once: a workbench may end in ways that ask nobody.
    fn remember(&mut self, change: Change) {
        if let Err(problem) = state::remember(self.kept.as_deref(), change) {
            self.app.desk.complain(problem);
        }
    }
}
