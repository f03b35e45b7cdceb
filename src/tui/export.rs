//! Rows into a file, beside the keys: on a thread with a reader of its own, with progress, and stopped when asked.
//!
//! What is written has no name; it takes the file's name only when it is whole. It is readable by its owner
//! alone, and never takes the place of another file unless the person said so.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::event::{Event, report_panic};
use super::read::Chosen;
use crate::exchange::{CsvRows, Format, WholeFile, json_line};
use crate::model::{Row, Shown};
use crate::store::{Interrupt, Reader, Store};

/// What is to be written where; what it says of itself carries the same ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub ticket: u64,
    pub chosen: Chosen,
    /// As the person typed it.
    pub path: String,
    /// Whether it may take the place of a file.
    pub overwrite: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub ticket: u64,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The draft is there and rows are being written.
    Begun,
    /// So many are written.
    Rows(i64),
    /// The file is there, with so many rows.
    Done(i64, String),
    /// There is such a file, and nobody said that it may go. Nothing was written.
    Exists,
    /// Nothing was written under the file's name; the sentence says why.
    Failed(String),
}

/// Why an export ends before its end.
enum End {
    Stopped,
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> End {
        End::Failed(error)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Failed(error.into())
    }
}

/// The file that a person means: `~` is their home.
pub fn resolved(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Writes one export.
pub fn run(reader: &Reader, job: &Job, stopped: &dyn Fn() -> bool, tell: &mut dyn FnMut(Told)) {
    let path = resolved(&job.path);
    let mut say = |what| tell(Told { ticket: job.ticket, what });
    let end = match path.symlink_metadata() {
        Ok(file) if file.is_dir() => What::Failed(format!("{} is a folder. Name a file in it.", Shown(&job.path))),
        Ok(_) if !job.overwrite => What::Exists,
        _ => match write(reader, job, &path, stopped, &mut say) {
            Ok(rows) => What::Done(rows, job.path.clone()),
            Err(End::Stopped) => What::Failed("Stopped: no file was written.".into()),
            // An interrupted query is what stopping looks like from inside.
            Err(End::Failed(_)) if stopped() => What::Failed("Stopped: no file was written.".into()),
            Err(End::Failed(error)) => What::Failed(format!("{}: {}", Shown(&job.path), reason(&error))),
        },
    };
    say(end);
}

fn reason(error: &anyhow::Error) -> String {
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => "Its folder does not exist. Make it, or name another.".into(),
        Some(io::ErrorKind::PermissionDenied) => "You may not write there. Name another folder.".into(),
        Some(io::ErrorKind::AlreadyExists) => "There is such a file now. Name another.".into(),
        _ => format!("It cannot be written: {error:#}."),
    }
}

fn write(
    reader: &Reader,
    job: &Job,
    path: &Path,
    stopped: &dyn Fn() -> bool,
    say: &mut dyn FnMut(What),
) -> Result<i64, End> {
    let draft = WholeFile::begin(path)?;
    say(What::Begun);
    let out = BufWriter::new(draft.file());
    let rows = match Format::guess(path) {
        Format::Csv => {
            let mut csv = CsvRows::new(out, job.chosen.query.table, false)?;
            let rows = each(reader, job, stopped, say, |row| csv.write(row))?;
            csv.finish()?;
            rows
        }
        Format::Ndjson => {
            let mut out = out;
            let rows = each(reader, job, stopped, say, |row| json_line(&mut out, &row.json()))?;
            out.flush()?;
            rows
        }
    };
    if job.overwrite {
        draft.replace()?
    } else {
        draft.place()?
    };
    Ok(rows)
}

/// Hands each row on, and answers their number.
fn each(
    reader: &Reader,
    job: &Job,
    stopped: &dyn Fn() -> bool,
    say: &mut dyn FnMut(What),
    mut take: impl FnMut(&Row) -> io::Result<()>,
) -> Result<i64, End> {
    let mut written = 0;
    let mut page = |rows: &[Row]| {
        if stopped() {
            return Err(End::Stopped);
        }
        rows.iter().try_for_each(&mut take)?;
        written += rows.len() as i64;
        say(What::Rows(written));
        Ok(())
    };
    match &job.chosen.ids {
        Some(ids) => page(&reader.rows(&job.chosen.query, ids)?)?,
        None => drop(reader.pages(&job.chosen.query, usize::MAX, page)?),
    }
    Ok(written)
}

/// The exports of a workbench, one at a time. Dropped, it stops the one that runs, so that no draft stays behind.
pub struct Exports {
    store: Store,
    sink: Box<dyn Fn() -> Box<dyn Fn(Event) + Send>>,
    running: Option<Running>,
}

struct Running {
    stop: Arc<AtomicBool>,
    interrupt: Interrupt,
    thread: JoinHandle<()>,
}

impl Exports {
    pub fn new(store: Store, sink: impl Fn(Event) + Clone + Send + 'static) -> Exports {
        Exports { store, sink: Box::new(move || Box::new(sink.clone())), running: None }
    }

    pub fn start(&mut self, job: Job) {
        let sink = (self.sink)();
        let ticket = job.ticket;
        self.running = self
            .spawn(job)
            .map_err(|error| {
                sink(Event::Export(Told { ticket, what: What::Failed(format!("Nothing was exported: {error:#}.")) }));
            })
            .ok();
    }

    fn spawn(&self, job: Job) -> anyhow::Result<Running> {
        let reader = self.store.reader()?;
        let interrupt = reader.interrupt();
        let stop = Arc::new(AtomicBool::new(false));
        let (for_thread, sink) = (Arc::clone(&stop), (self.sink)());
        let thread = thread::Builder::new().name("export".into()).spawn(move || {
            report_panic(&sink, || {
                let stopped = || for_thread.load(Ordering::Relaxed);
                run(&reader, &job, &stopped, &mut |told| sink(Event::Export(told)));
            });
        })?;
        Ok(Running { stop, interrupt, thread })
    }

    /// Stops what runs: its draft is thrown away.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.stop.store(true, Ordering::Relaxed);
            running.interrupt.interrupt();
        }
    }
}

impl Drop for Exports {
    fn drop(&mut self) {
        self.stop();
        if let Some(running) = self.running.take() {
            // A thread that panicked has said so already.
            let _ = running.thread.join();
        }
    }
}
