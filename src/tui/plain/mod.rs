//! The workbench as linear text (`--plain`), for screen readers, dumb terminals and scripts: no cursor movement, no lines
//! of boxes, no spinners; each change is said once.
//!
//! It is the same program: the same state ([`App`]), the same table of actions, the same panes and the same commands. Only
//! the ends differ. A line that is read becomes keys or an action, and [`scene`] puts what there is now into sentences, of
//! which those are printed that were not true before. What the workbench asks for is carried out at once, one after the
//! other, since nobody looks at a screen meanwhile; what takes long is told of, and Ctrl+C stops it ([`watch`]).

mod scene;
mod watch;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;

use super::actions::Id;
use super::app::App;
use super::desk::Effect;
use super::event::Event;
use super::first_run::{CHOICES, Choice, FirstRun, Missing};
use super::lanes::Others;
use super::overlay::{Picked, Place};
use super::read::{self, Answered, Trouble};
use super::{Options, export, keymap, keys, state, write};
use crate::engine::{Context, Engine};
use crate::model::{sentence, shown};
use crate::store::{Reader, Store};
use scene::{Scene, choices};
use watch::Watch;

/// How often it is told how far the engine is: a person who hears it is not to be talked over.
const TOLD_EVERY: Duration = Duration::from_secs(3);

/// The size that the state believes in: pages of ten rows.
const SIZE: (u16, u16) = (100, 27);

/// Where lines come from and where sentences go; `prompt` stands before each line that a person types.
pub struct Ends<'a> {
    pub input: &'a mut dyn BufRead,
    pub output: &'a mut dyn Write,
    pub prompt: bool,
}

impl Ends<'_> {
    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.output, "{text}")
    }

    /// The next line; none at the end of the input.
    fn line(&mut self) -> io::Result<Option<String>> {
        if self.prompt {
            write!(self.output, "> ")?;
        }
        self.output.flush()?;
        let mut bytes = Vec::new();
        let read = self.input.read_until(b'\n', &mut bytes)?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).trim().to_string()))
    }
}

/// Runs the workbench on lines of text until the input ends or the person quits.
///
/// # Errors
/// As opening the store; and where the output cannot be written, unless its reader went away.
pub fn run(store: &Store, context: Context, mut options: Options, mut ends: Ends) -> anyhow::Result<()> {
    let person = super::person(store, &context.actor)?;
    let reader = store.reader()?;
    let mut engine = Engine::open(store, context)?;
    let watch = Watch::start(&mut engine)?;
    let kept = state::path(store.path());
    options.state = kept.as_deref().map(state::State::load).unwrap_or_default();
    let app = App::new(super::name(store), person, &options, SIZE);
    let others = Others::since_now(&reader);
    let scene = Scene::default();
    let mut plain =
        Plain { app, reader, engine, others, scene, kept: kept.clone(), watch, typing: false, ended: false };
    let done = plain.converse(&mut ends);
    if let (Some(path), Some(left)) = (kept, plain.app.left()) {
        // Where one stood is a convenience; that it cannot be kept is not worth a sentence.
        let _ = state::keep(&path, |state| state.left = Some(left));
    }
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// Asks what to do where there is no store; none if the person quits.
///
/// # Errors
/// Where the output cannot be written.
pub fn first_run(missing: &Missing, ends: &mut Ends) -> io::Result<Option<Store>> {
    let mut asked = FirstRun::new(missing);
    for text in asked.said() {
        ends.say(&text)?;
    }
    loop {
        for (at, (_, what)) in (1..).zip(CHOICES) {
            ends.say(&format!("{at}. {what}"))?;
        }
        let Some(line) = ends.line()? else { return Ok(None) };
        let choice = match line.as_str() {
            "1" | "e" => asked.empty(),
            "2" | "d" => Choice::Demo,
            "3" | "o" => {
                ends.say("Type the path of the file.")?;
                let Some(path) = ends.line()?.filter(|line| !line.is_empty()) else { continue };
                match asked.other(&path) {
                    Some(choice) => choice,
                    None => {
                        let [missing, _] = asked.said();
                        ends.say(&missing)?;
                        continue;
                    }
                }
            }
            "4" | "q" | "quit" => return Ok(None),
            _ => {
                ends.say("Type one of the numbers.")?;
                continue;
            }
        };
        if choice == Choice::Demo {
            ends.say("Making the demo; this takes some seconds.")?;
            ends.output.flush()?;
        }
        match (missing.make)(&choice) {
            Ok(store) => return Ok(Some(store)),
            Err(error) => ends.say(&sentence(&format!("{error:#}")))?,
        }
    }
}

struct Plain {
    app: App,
    reader: Reader,
    engine: Engine,
    /// The store's state when somebody last wrote to it.
    others: Others,
    /// What was said of what there is.
    scene: Scene,
    /// The file of what is remembered.
    kept: Option<PathBuf>,
    /// How far the engine is, and whether it is to stop.
    watch: Watch,
    /// The next line is the text of the field that was chosen.
    typing: bool,
    ended: bool,
}

impl Plain {
    fn converse(&mut self, ends: &mut Ends) -> io::Result<()> {
        let (store, login) = (shown(&self.app.store).into_owned(), shown(&self.app.person.login).into_owned());
        ends.say(&format!("steward, store {store}, {login}."))?;
        self.reader.read_only_told().iter().try_for_each(|told| ends.say(told))?;
        ends.say(
            "Type a number to choose what has it, a key or words for an action, ? for all actions, list to hear the rows \
             again, quit to end.",
        )?;
        self.settle(ends)?;
        self.speak(ends)?;
        while !self.ended {
            let Some(line) = ends.line()? else { return Ok(()) };
            // What came of that is read before the line is taken; a number means what was said with it.
            let heard = choices(&self.app);
            if self.others.wrote(&self.reader) {
                self.app.handle(Event::StoreChanged);
            }
            self.settle(ends)?;
            self.app.desk.hush();
            if let Some(what) = self.others.took_away(&self.reader) {
                self.app.handle(Event::StoreLost(what));
                self.speak(ends)?;
                continue;
            }
            let leaves = ["list", "?", "esc", "quit", "ctrl+q", ""].contains(&line.to_lowercase().as_str());
            let chooses = line.parse::<usize>().is_ok() || (!self.app.overlays.is_empty() && !leaves);
            if heard != choices(&self.app) && chooses && !self.typing {
                self.app.desk.complain("Somebody else changed what there is to choose from; it is said anew.");
                self.speak(ends)?;
                continue;
            }
            let before = self.scene.clone();
            self.take(&line, ends)?;
            self.settle(ends)?;
            let said = self.speak(ends)?;
            if !said && !self.ended && before == self.scene && !line.is_empty() && !self.typing {
                ends.say("Nothing changed.")?;
            }
        }
        Ok(())
    }

    /// Takes a line: what it means depends on whether something lies over the pane.
    fn take(&mut self, line: &str, ends: &mut Ends) -> io::Result<()> {
        let over = self.app.overlays.last().map(|overlay| overlay.place());
        match (over, line) {
            (_, "Ctrl+Q") => self.ended = true,
            (Some(_), _) if self.typing => {
                self.typing = false;
                self.replace_text(line);
                self.settle(ends)?;
                // On to the next field, as one does at the keyboard: what depends on the text is then counted anew.
                self.press("Tab");
            }
            (Some(Place::Line), "") => self.press("Esc"),
            (Some(Place::Line), "Esc") => self.press("Esc"),
            (Some(Place::Line), text) => {
                self.replace_text(text);
                self.settle(ends)?;
                self.press("Enter");
            }
            (Some(_), line) => self.take_over(line, ends)?,
            (None, line) => self.take_here(line),
        }
        Ok(())
    }

    fn take_over(&mut self, line: &str, ends: &mut Ends) -> io::Result<()> {
        if line.is_empty() || line == "list" {
            self.scene.forget_overlay();
            return Ok(());
        }
        if let Ok(number) = line.parse::<usize>() {
            let App { overlays, desk, .. } = &mut self.app;
            let picked = overlays.last_mut().map(|overlay| {
                let picked = overlay.pick(number.wrapping_sub(1));
                overlay.follow(desk);
                picked
            });
            match picked.unwrap_or(Picked::Nothing) {
                Picked::Press => self.press("Enter"),
                Picked::Chosen => {}
                Picked::Type => {
                    self.typing = true;
                    ends.say("Type the text of this field; an empty line leaves it empty.")?;
                }
                Picked::Nothing if number < 10 => self.press(line),
                Picked::Nothing => self.app.desk.complain(format!("Nothing here has the number {number}.")),
            }
            return Ok(());
        }
        // Words that one says wherever one is; no field takes them for a text.
        let line = match line.to_lowercase().as_str() {
            "quit" => "Ctrl+Q",
            "?" => "F1",
            "esc" => "Esc",
            "enter" => "Enter",
            _ => line,
        };
        if line == "Ctrl+Q" {
            self.ended = true;
            return Ok(());
        }
        let hints = self.app.overlay_hints().unwrap_or_default();
        let listed = hints.iter().any(|(key, _)| key.split('/').any(|key| key == line));
        let named = line.chars().count() > 1 && keys::press(line).is_some();
        match hints.iter().find(|(_, word)| *word == line) {
            _ if listed || named => self.press(line),
            Some((key, _)) if keys::press(key).is_some() => self.press(key),
            _ => self.replace_text(line),
        }
        Ok(())
    }

    fn take_here(&mut self, line: &str) {
        if line.is_empty() || line == "list" {
            self.scene.forget();
        } else if line == "quit" {
            self.act(Id::Quit);
        } else if let Ok(number) = line.parse::<usize>() {
            self.choose(number);
        } else if let Some(action) = self.app.desk.keymap.bound(line) {
            self.act(action.id);
        } else {
            self.find_action(line);
        }
    }

    /// An action by its name or its title; by other words it is looked for in the list of commands.
    fn find_action(&mut self, line: &str) {
        let actions = self.app.desk.keymap.actions();
        let wanted = line.to_lowercase();
        let title = |title: &str| title.split(':').next().is_some_and(|title| title.to_lowercase() == wanted);
        let named = actions.iter().find(|action| keymap::name(action.id) == wanted || title(action.title));
        let found = named.or_else(|| actions.iter().find(|action| self.app.word(action) == wanted));
        if let Some(action) = found {
            return self.act(action.id);
        }
        self.act(Id::Palette);
        self.replace_text(line);
        let choices = self.app.overlays.last().and_then(|overlay| overlay.spoken(&self.app.desk));
        match choices.map_or(0, |spoken| spoken.choices.len()) {
            0 => {
                self.press("Esc");
                let help = self.app.desk.keymap.key(Id::Help);
                self.app.desk.complain(format!("No action here has the words \"{}\"; {help} lists them.", shown(line)));
            }
            1 => self.press("Enter"),
            _ => {}
        }
    }

    fn act(&mut self, id: Id) {
        if self.app.applies(id) {
            self.app.act(id);
            self.app.look_beside();
        } else if let Some(told) = self.app.told_why_not(id, self.app.desk.keymap.key(id)) {
            self.app.desk.say(told);
        } else {
            let help = self.app.desk.keymap.key(Id::Help);
            self.app.desk.say(format!("That does not apply here; {help} lists what does."));
        }
    }

    /// Puts the cursor on what was said with a number.
    fn choose(&mut self, number: usize) {
        let Some(id) = self.scene.numbered(number) else {
            return self.app.desk.complain(format!("Nothing has the number {number}; list says the numbers."));
        };
        if self.app.pane().is_none() {
            self.app.home.choose(id as usize);
            return self.act(Id::Open);
        }
        let there = self.app.with_pane(|pane, desk, height| {
            let at = pane.window.visible(height).position(|(row, _)| row.id == id);
            let (at, line) = (at.and_then(|at| isize::try_from(at).ok()), isize::try_from(pane.window.line()).ok());
            if let (Some(at), Some(line)) = (at, line) {
                pane.step(at - line, desk, height);
            }
            at.is_some()
        });
        if there == Some(true) {
            self.app.look_beside();
            self.scene.forget_row();
        } else {
            self.app.desk.complain(format!("The row with the number {number} has moved; list says the rows anew."));
        }
    }

    fn press(&mut self, name: &str) {
        keys::press(name).into_iter().for_each(|key| self.key(key));
    }

    fn key(&mut self, key: KeyEvent) {
        // What there is was said before the line was read; what others changed since is held against it there.
        self.app.rested();
        self.app.handle(Event::Key(key));
    }

    /// Types a text instead of what stands in the field that has the focus.
    fn replace_text(&mut self, text: &str) {
        self.press("Ctrl+U");
        if !text.is_empty() {
            self.app.handle(Event::Paste(text.into()));
        }
    }

    /// Carries out what the workbench asks for until it asks for nothing more.
    fn settle(&mut self, ends: &mut Ends) -> io::Result<()> {
        loop {
            let effects = self.app.desk.take_effects();
            if effects.is_empty() {
                return Ok(());
            }
            for effect in effects {
                match effect {
                    Effect::Read(ask) => {
                        let answer = read::answer(&self.reader, &ask.request);
                        let answer = answer.map_err(|error| Trouble::Failed(format!("{error:#}")));
                        self.app.handle(Event::Answered(Answered { slot: ask.slot, ticket: ask.ticket, answer }));
                    }
                    Effect::Write(job) => self.write(job, ends)?,
                    Effect::Export(job) => {
                        let mut told = Vec::new();
                        let working = self.watch.work();
                        export::run(&self.reader, &job, &|| self.watch.asked(), &mut |said| told.push(said));
                        drop(working);
                        told.into_iter().for_each(|said| self.app.handle(Event::Export(said)));
                    }
                    Effect::Remember(change) => self.remember(change),
                    // A clipboard takes a sequence that a dumb terminal would print.
                    Effect::Copy(text) => ends.say(&format!("The text: {}", shown(&text)))?,
                    Effect::Quit => self.ended = true,
                    // Nothing runs beside, and there is neither mouse nor screen.
                    Effect::StopWriting
                    | Effect::StopReading(_)
                    | Effect::StopExport
                    | Effect::Redraw
                    | Effect::Mouse(_)
                    | Effect::Suspend => {}
                }
            }
        }
    }

    /// Has the engine write, beside which is told how far it is and Ctrl+C is heeded.
    fn write(&mut self, job: write::Job, ends: &mut Ends) -> io::Result<()> {
        let Plain { app, engine, watch, .. } = self;
        let stop = engine.stop();
        let working = watch.work();
        let (done, said) = thread::scope(|scope| {
            let writing = scope.spawn(|| write::run(engine, job));
            let mut said = Ok(());
            let mut due = Instant::now() + TOLD_EVERY;
            let mut stopping = false;
            while !writing.is_finished() {
                watch.wait(&mut |released, of| app.desk.released(released, of));
                if watch.asked() {
                    // Again each time: what is asked before the engine has begun it forgets.
                    stop.stop();
                    if !std::mem::replace(&mut stopping, true) {
                        app.desk.stop_writing();
                        due = Instant::now();
                    }
                }
                if Instant::now() >= due
                    && let Some(progress) = app.desk.progress()
                {
                    due = Instant::now() + TOLD_EVERY;
                    said = said.and(ends.say(&progress).and_then(|()| ends.output.flush()));
                }
            }
            (writing.join(), said)
        });
        drop(working);
        match done {
            Ok(done) => self.app.handle(Event::Done(done)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        said
    }

    fn remember(&mut self, change: state::Change) {
        if let Err(problem) = state::remember(self.kept.as_deref(), change) {
            self.app.desk.complain(problem);
        }
    }

    /// Says what has become true; answers whether there was anything.
    fn speak(&mut self, ends: &mut Ends) -> io::Result<bool> {
        let message = self.app.desk.message().map(|message| message.text.clone());
        let lines: Vec<String> = message.into_iter().chain(self.scene.follow(&self.app)).collect();
        lines.iter().try_for_each(|line| ends.say(line))?;
        Ok(!lines.is_empty())
    }
}
