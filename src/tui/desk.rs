//! What the workbench asks of the world outside of it: reads, writes, the clipboard, the end.
//!
//! State never calls out. It leaves effects on the desk; the loop in [`super::run`] (or a test) takes them from there and
//! brings the answers back as events. Each request gets a ticket, and an answer with an old ticket is nobody's.

use std::collections::{HashSet, VecDeque};

use super::actions::Id;
use super::export;
use super::keymap::Keymap;
use super::read::{Ask, Request, Slot};
use super::state::Change;
use super::theme::Role;
use super::write::{Job, Work};
use super::zone::Zone;
use crate::engine::{Command, Mode};
use crate::model::pace::Pace;
use crate::model::sentence;
use crate::model::text::counted;
use crate::model::time::Micros;

/// Acts on single rows that may follow one that runs.
const NEXT: usize = 32;
/// Messages that are kept.
const LOG: usize = 500;
/// From so many items on it is said how far a decision is.
const TOLD_FROM: i64 = 2_000;

/// One thing to do outside of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Read(Ask),
    Write(Job),
    /// Write rows into a file, beside the keys.
    Export(export::Job),
    StopExport,
    /// Stop what is being written: the operation that runs is taken back whole, and those before it stand.
    StopWriting,
    /// Stop what is being read for a slot, or all that is.
    StopReading(Option<Slot>),
    /// Draw the whole screen, whatever the terminal shows.
    Redraw,
    /// Put a text on the person's clipboard.
    Copy(String),
    /// Keep a change to what is remembered of the store.
    Remember(Change),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    Suspend,
    Quit,
}

/// A sentence for the message line, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    pub role: Role,
}

/// A command on its way through the writing thread.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Writing {
    ticket: u64,
    what: String,
    /// A dry run changes nothing, so nobody has to wait for its end.
    rehearsal: bool,
    /// Nobody waits for it and nothing is said of it; whatever else is written takes its place.
    beside: bool,
    /// How many of how many items went on, where there are many.
    released: Option<(i64, i64)>,
    begun: Micros,
    /// The operation that it takes back.
    undoes: Option<i64>,
    /// That is an undo, so that what it took back is done again.
    redoes: bool,
    /// What is done to one row; nothing where it is about more.
    act: Option<Work>,
    stopping: bool,
}

/// What is to be written once what runs is done.
#[derive(Debug)]
enum Next {
    Work(Work, Mode),
    /// Takes back what is the last operation by then.
    Undo,
}

/// An export on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Exporting {
    ticket: u64,
    rows: i64,
    stopping: bool,
}

#[derive(Debug)]
pub struct Desk {
    pub zone: Zone,
    pub keymap: Keymap,
    /// The terminal's columns and lines.
    pub size: (u16, u16),
    /// What the command line does, by name, as the finder tells it.
    pub commands: &'static [(String, String)],
    /// Whether the mouse is the workbench's; else the terminal marks text with it.
    pub mouse: bool,
    now: fn() -> Micros,
    effects: Vec<Effect>,
    message: Option<Message>,
    /// What was said, with its time; the oldest go when there are many.
    log: VecDeque<(Micros, Message)>,
    /// The tickets of what is asked and not answered.
    reading: HashSet<u64>,
    writing: Option<Writing>,
    next: VecDeque<(Writing, Next)>,
    /// What was done here and not taken back since, the last one last.
    operations: Vec<i64>,
    /// The undos made here since something new was done, each of which can be taken back.
    undos: Vec<i64>,
    exporting: Option<Exporting>,
    pub last_ticket: u64,
}

impl Desk {
    pub fn new(zone: Zone, now: fn() -> Micros) -> Desk {
        Desk {
            zone,
            keymap: Keymap::default(),
            size: (80, 24),
            commands: &[],
            mouse: true,
            now,
            effects: Vec::new(),
            message: None,
            log: VecDeque::new(),
            reading: HashSet::new(),
            writing: None,
            next: VecDeque::new(),
            operations: Vec::new(),
            undos: Vec::new(),
            exporting: None,
            last_ticket: 0,
        }
    }

    pub fn now(&self) -> Micros {
        (self.now)()
    }

    fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Asks the store something; the answer comes back with the ticket.
    pub fn ask(&mut self, slot: Slot, request: Request) -> u64 {
        let ticket = self.ticket();
        self.reading.insert(ticket);
        self.effects.push(Effect::Read(Ask { slot, ticket, request }));
        ticket
    }

    /// Takes note that a question was answered, or will not be.
    pub fn was_read(&mut self, ticket: u64) {
        self.reading.remove(&ticket);
    }

    /// Whether answers are on their way.
    pub fn is_reading(&self) -> bool {
        !self.reading.is_empty()
    }

    /// Has a command run. One runs at a time. What is asked for while another is about one row follows it: keys may come
    /// faster than the disk. While a longer one runs it is refused with a sentence, and there is no ticket. `what` says in
    /// a word what is being done: `Certifying`.
    pub fn write(&mut self, what: &str, work: impl Into<Work>, mode: Mode) -> Option<u64> {
        let work = work.into();
        let rehearsal = mode == Mode::DryRun;
        let act = work.is_short().then(|| work.clone());
        let writing = Writing { ticket: self.ticket(), what: what.into(), rehearsal, act, ..Writing::default() };
        self.submit(writing, Next::Work(work, mode))
    }

    fn submit(&mut self, writing: Writing, next: Next) -> Option<u64> {
        let ticket = writing.ticket;
        match self.writing.as_ref().filter(|writing| !writing.beside) {
            None => {
                self.message = None;
                self.start(writing, next);
                return self.writing.as_ref().map(|writing| writing.ticket);
            }
            // A doubled key is one act.
            Some(_) if writing.act.is_some() && self.acts().any(|act| Some(act) == writing.act.as_ref()) => {
                return None;
            }
            Some(running) if running.act.is_some() && self.next.len() < NEXT => self.next.push_back((writing, next)),
            Some(running) => {
                let text = format!("{} is still going on; Ctrl+C stops it.", running.what);
                self.complain(text);
                return None;
            }
        }
        Some(ticket)
    }

    /// What is being done to single rows, and what is to follow.
    fn acts(&self) -> impl Iterator<Item = &Work> {
        self.writing
            .iter()
            .chain(self.next.iter().map(|(writing, _)| writing))
            .filter_map(|writing| writing.act.as_ref())
    }

    fn start(&mut self, mut writing: Writing, next: Next) {
        let (work, mode) = match (next, writing.undoes.or(self.operations.last().copied())) {
            (Next::Work(work, mode), _) => (work, mode),
            (Next::Undo, Some(operation)) => {
                writing.undoes = Some(operation);
                (Command::Undo { operation: Some(operation) }.into(), Mode::Real)
            }
            (Next::Undo, None) => {
                let history = self.keymap.key(Id::History);
                let text = format!("Nothing that was done here is left to take back. {history} shows what was before.");
                return self.complain(text);
            }
        };
        self.begin(writing, work, mode);
    }

    /// Takes the last operation back that was done here. What is older is not done by a key pressed once too often: the
    /// history names it.
    pub fn undo(&mut self) -> Option<u64> {
        self.submit_undo(None)
    }

    pub fn undo_operation(&mut self, operation: i64) -> Option<u64> {
        self.submit_undo(Some(operation))
    }

    /// Does again what was taken back here last, where nothing new was done since.
    pub fn redo(&mut self) -> Option<u64> {
        let Some(undo) = self.undos.last().copied() else {
            let history = self.keymap.key(Id::History);
            self.complain(format!(
                "Nothing was taken back here since something new was done. {history} shows what was before."
            ));
            return None;
        };
        let what = "Doing again".into();
        let writing = Writing { ticket: self.ticket(), what, undoes: Some(undo), redoes: true, ..Writing::default() };
        self.submit(writing, Next::Undo)
    }

    fn submit_undo(&mut self, undoes: Option<i64>) -> Option<u64> {
        let writing = Writing { ticket: self.ticket(), what: "Undoing".into(), undoes, ..Writing::default() };
        self.submit(writing, Next::Undo)
    }

    /// Has a command's effect worked out beside the keys; none while something is written that somebody waits for.
    pub fn rehearse(&mut self, command: Command) -> Option<u64> {
        if self.writing.as_ref().is_some_and(|writing| !writing.beside) {
            return None;
        }
        let ticket = self.ticket();
        self.begin(
            Writing { ticket, rehearsal: true, beside: true, ..Writing::default() },
            command.into(),
            Mode::DryRun,
        );
        Some(ticket)
    }

    /// Whether the effect with this ticket is still being worked out.
    pub fn is_rehearsing(&self, ticket: u64) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.beside && writing.ticket == ticket)
    }

    /// Stops working out an effect that nobody looks at any more.
    pub fn end_rehearsal(&mut self) {
        if self.writing.take_if(|writing| writing.beside).is_some() {
            self.effects.push(Effect::StopWriting);
        }
    }

    /// What runs beside gives way.
    fn begin(&mut self, writing: Writing, work: Work, mode: Mode) {
        self.end_rehearsal();
        self.effects.push(Effect::Write(Job { ticket: writing.ticket, work, mode }));
        self.writing = Some(Writing { begun: self.now(), ..writing });
    }

    /// Takes note that a command is done, and of the operation that it was.
    pub fn written(&mut self, ticket: u64, operation: Option<i64>) {
        let Some(writing) = self.writing.take_if(|writing| writing.ticket == ticket) else { return };
        match (writing.undoes, operation.filter(|_| !writing.rehearsal)) {
            (Some(undo), Some(operation)) if writing.redoes && !writing.stopping => {
                self.undos.retain(|other| *other != undo);
                self.operations.push(operation);
            }
            // What was stopped half way is still there to be taken back.
            (Some(undone), Some(operation)) if !writing.stopping => {
                self.operations.retain(|other| *other != undone);
                self.undos.push(operation);
            }
            (None, Some(operation)) => {
                self.operations.push(operation);
                self.undos.clear();
            }
            _ => {}
        }
        while self.writing.is_none()
            && let Some((writing, next)) = self.next.pop_front()
        {
            self.start(writing, next);
        }
    }

    /// Takes note of how far an act is; few rows are done before one could read it.
    pub fn released(&mut self, released: i64, of: i64) {
        if let Some(writing) = self.writing.as_mut().filter(|_| of >= TOLD_FROM) {
            writing.released = Some((released, of));
        }
    }

    /// Has what is being written stopped; false if nothing is.
    pub fn stop_writing(&mut self) -> bool {
        let Some(writing) = &mut self.writing else { return false };
        writing.stopping = true;
        self.effects.push(Effect::StopWriting);
        !writing.beside
    }

    /// How far what is being written is, where it is about many rows.
    pub fn pace(&self) -> Option<Pace> {
        let writing = self.writing.as_ref().filter(|writing| !writing.beside)?;
        let (done, of) = writing.released?;
        Some(Pace { done, of, took: self.now() - writing.begun })
    }

    /// What is being written, as a sentence.
    pub fn progress(&self) -> Option<String> {
        let shown = self.writing.as_ref().filter(|writing| !writing.beside);
        let writing = shown.map(|writing| match writing.stopping {
            true => format!("Stopping: {}…", writing.what),
            false => {
                let far = self.pace().map_or(String::new(), |pace| format!(" {}.", pace.told()));
                format!("Working: {}…{far} Ctrl+C stops it.", writing.what)
            }
        });
        writing.or_else(|| {
            let Exporting { rows, stopping, .. } = self.exporting?;
            let rows = counted(rows, "row");
            Some(if stopping {
                "Stopping: exporting…".into()
            } else {
                format!("Exporting: {rows} so far… Ctrl+C stops it.")
            })
        })
    }

    /// What is being written, in a word.
    pub fn working(&self) -> Option<&str> {
        self.writing.as_ref().filter(|writing| !writing.beside).map(|writing| writing.what.as_str())
    }

    /// Whether what is being written would be lost if the program ended now.
    pub fn is_changing(&self) -> bool {
        self.writing.as_ref().is_some_and(|writing| !writing.rehearsal)
    }

    /// Has rows written into a file; none while another export goes on.
    pub fn export(&mut self, job: impl FnOnce(u64) -> export::Job) -> Option<u64> {
        if self.exporting.is_some() {
            self.complain("Another export is still going on; Ctrl+C stops it.");
            return None;
        }
        let ticket = self.ticket();
        self.exporting = Some(Exporting { ticket, rows: 0, stopping: false });
        self.effects.push(Effect::Export(job(ticket)));
        Some(ticket)
    }

    /// Takes note of how far an export is; none where it has ended.
    pub fn exported(&mut self, ticket: u64, rows: Option<i64>) {
        match (&mut self.exporting, rows) {
            (Some(exporting), Some(rows)) if exporting.ticket == ticket => exporting.rows = rows,
            (exporting, _) => drop(exporting.take_if(|exporting| exporting.ticket == ticket)),
        }
    }

    /// Has the export stopped; false if there is none.
    pub fn stop_export(&mut self) -> bool {
        let Some(exporting) = &mut self.exporting else { return false };
        exporting.stopping = true;
        self.effects.push(Effect::StopExport);
        true
    }

    pub fn is_exporting(&self) -> bool {
        self.exporting.is_some()
    }

    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Tells the person something.
    pub fn say(&mut self, text: impl Into<String>) {
        self.tell(&text.into(), Role::Note);
    }

    /// Tells the person what is wrong, in a sentence with its remedy.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.tell(&text.into(), Role::Error);
    }

    fn tell(&mut self, text: &str, role: Role) {
        let message = Message { text: sentence(text), role };
        if self.log.len() == LOG {
            self.log.pop_front();
        }
        self.log.push_back((self.now(), message.clone()));
        self.message = Some(message);
    }

    /// What was said since the workbench began, the oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &(Micros, Message)> + ExactSizeIterator {
        self.log.iter()
    }

    pub fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    pub fn hush(&mut self) {
        self.message = None;
    }
}
