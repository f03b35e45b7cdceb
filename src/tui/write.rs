//! Writing beside the keys: one thread owns the engine and runs one command after the other.

use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use anyhow::Context as _;

use super::event::Event;
use super::lanes;
use super::sending::{self, Sending};
use crate::engine::{Command, Engine, Error, Mode, Outcome};

/// What can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    Command(Command),
    /// Values into a file for their receiver, which then count as sent.
    Send(Sending),
}

impl Work {
    /// Whether it is about one row, and so is done before a person could wait for it.
    pub fn is_short(&self) -> bool {
        let Work::Command(command) = self else { return false };
        match command {
            Command::Decide { rows, .. } | Command::Retry { rows, .. } | Command::Park { rows, .. } => rows.is_one(),
            Command::Unpark { rows } | Command::Close { rows, .. } => rows.is_one(),
            Command::EditRetry { .. } | Command::Pin { .. } | Command::Flag { .. } | Command::RejectMatch { .. } => {
                true
            }
            _ => false,
        }
    }
}

impl From<Command> for Work {
    fn from(command: Command) -> Work {
        Work::Command(command)
    }
}

/// Something to do; its outcome carries the same ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub ticket: u64,
    pub work: Work,
    pub mode: Mode,
}

#[derive(Debug)]
pub struct Done {
    pub ticket: u64,
    pub mode: Mode,
    pub outcome: Result<Outcome, Error>,
}

/// Runs one job; what is about very many rows in several operations, so that others can write in between.
pub fn run(engine: &mut Engine, job: Job) -> Done {
    let outcome = match &job.work {
        Work::Command(command) => engine.run_in_chunks(command, &job.mode),
        Work::Send(sending) => sending::run(engine, sending, &job.mode),
    };
    Done { ticket: job.ticket, mode: job.mode, outcome }
}

/// What was to be worked out, and nobody waits for any more, since something else is to be written.
fn given_up(job: &Job) -> Done {
    let outcome = Err(anyhow::anyhow!("Stopped: nothing was changed.").into());
    Done { ticket: job.ticket, mode: job.mode.clone(), outcome }
}

/// Where the writing thread takes its jobs from. Dropped, the thread ends with what it was given, and is waited for a while.
pub struct Jobs {
    sender: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// # Errors
    /// The thread has ended.
    pub fn send(&self, job: Job) -> anyhow::Result<()> {
        let sent = self.sender.as_ref().and_then(|sender| sender.send(job).ok());
        sent.context("The writing thread has ended")
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            lanes::join(thread);
        }
    }
}

/// Starts the writing thread; outcomes go to `sink`.
pub fn start(mut engine: Engine, sink: impl Fn(Event) + Clone + Send + 'static) -> anyhow::Result<Jobs> {
    let told = sink.clone();
    engine.on_progress(move |released, of| told(Event::Released(released, of)));
    let (jobs, inbox) = channel::<Job>();
    let thread = thread::Builder::new().name("writer".into()).spawn(move || {
        super::event::report_panic(&sink, || {
            let mut next = inbox.recv().ok();
            while let Some(job) = next {
                let behind = inbox.try_recv().ok();
                let done =
                    if behind.is_some() && job.mode == Mode::DryRun { given_up(&job) } else { run(&mut engine, job) };
                sink(Event::Done(done));
                next = behind.or_else(|| inbox.recv().ok());
            }
        });
    })?;
    Ok(Jobs { sender: Some(jobs), thread: Some(thread) })
}
