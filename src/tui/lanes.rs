//! The threads that answer what is asked of the store, each with a reader of its own.
//!
//! A person looks at one thing at a time, so a newer request for rows, for a count and so on takes the place of an older
//! one, even of one that is running; the older one is answered too, as replaced. What takes the place of what stands in
//! [`Queue`], a plain value; the threads only carry it out.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::event::{Event, report_panic};
use super::read::{Answered, Ask, Slot, Trouble, answer_as_found};
use crate::store::{Interrupt, Reader, Store};

/// How often the store is asked whether somebody else wrote to it.
const POLL: Duration = Duration::from_secs(1);

/// How long who quits waits for a thread that was told to end.
const PATIENCE: Duration = Duration::from_millis(400);

/// The reading threads of a workbench.
pub struct Lanes {
    quick: Lane,
    slow: Lane,
}

impl Lanes {
    /// Starts the threads; answers and changes by other people go to `sink`.
    pub fn start(store: &Store, sink: impl Fn(Event) + Clone + Send + 'static) -> anyhow::Result<Lanes> {
        Ok(Lanes {
            quick: Lane::start(store.reader()?, sink.clone(), true)?,
            slow: Lane::start(store.reader()?, sink, false)?,
        })
    }

    /// Asks, and answers for the requests that will not be read because this one takes their place.
    pub fn ask(&self, ask: Ask) -> Vec<Answered> {
        if ask.slot.is_slow() { self.slow.ask(ask) } else { self.quick.ask(ask) }
    }

    /// Stops what is read for a slot, or all that is read, and answers for what will not be read.
    pub fn stop(&self, slot: Option<Slot>) -> Vec<Answered> {
        let mut stopped = self.quick.stop(slot);
        stopped.extend(self.slow.stop(slot));
        stopped
    }
}

/// Waits for a thread that was told to end, so that its connection is closed: the last one to close writes back what lies
/// beside the store's file. Who quits does not wait long; the next program to open the store does what was not done.
pub(super) fn join(thread: JoinHandle<()>) {
    let begun = Instant::now();
    while !thread.is_finished() {
        if begun.elapsed() > PATIENCE {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    // A thread that panicked has said so already.
    let _ = thread.join();
}

/// The requests of one lane.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<Ask>,
    running: Option<Slot>,
    /// Why what is running was told to end.
    ending: Option<Trouble>,
    /// Nothing more is to be read.
    closed: bool,
}

impl Queue {
    /// Takes a request in. Answers for those that it takes the place of, and says whether what is running has to end.
    pub fn ask(&mut self, ask: Ask) -> (Vec<Answered>, bool) {
        let replaced = self.withdraw(Trouble::Replaced, |old| ask.slot.replaces(old));
        self.waiting.push_back(ask);
        replaced
    }

    /// Stops what is asked for a slot, or all; answers as [`Queue::ask`] does.
    pub fn stop(&mut self, slot: Option<Slot>) -> (Vec<Answered>, bool) {
        self.withdraw(Trouble::Stopped, |asked| slot.is_none_or(|slot| slot == asked))
    }

    fn withdraw(&mut self, trouble: Trouble, is_meant: impl Fn(Slot) -> bool) -> (Vec<Answered>, bool) {
        let (gone, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|ask: &Ask| is_meant(ask.slot));
        self.waiting = waiting;
        let gone: VecDeque<Ask> = gone;
        let ends = self.running.is_some_and(is_meant);
        let answers = gone.iter().map(|ask| Answered::with(ask, trouble.clone())).collect();
        if ends {
            self.ending = Some(trouble);
        }
        (answers, ends)
    }

    /// The next request, which runs from now on.
    pub fn begin(&mut self) -> Option<Ask> {
        let ask = self.waiting.pop_front()?;
        self.running = Some(ask.slot);
        Some(ask)
    }

    /// What ran has ended; answers why it was told to, if it was.
    pub fn finish(&mut self) -> Option<Trouble> {
        self.running = None;
        self.ending.take()
    }
}

/// One reading thread with its queue.
struct Lane {
    shared: Arc<Shared>,
    interrupt: Interrupt,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
}

impl Shared {
    /// A thread that panicked while it held the queue leaves it as good as it was: the queue is plain data.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn start(reader: Reader, sink: impl Fn(Event) + Send + 'static, watch: bool) -> anyhow::Result<Lane> {
        let shared = Arc::new(Shared::default());
        let interrupt = reader.interrupt();
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("reader".into()).spawn(move || {
            report_panic(&sink, || serve(&reader, &for_thread, &sink, watch));
        })?;
        Ok(Lane { shared, interrupt, thread: Some(thread) })
    }

    fn ask(&self, ask: Ask) -> Vec<Answered> {
        let replaced = self.carry_out(|queue| queue.ask(ask));
        self.shared.work.notify_one();
        replaced
    }

    fn stop(&self, slot: Option<Slot>) -> Vec<Answered> {
        self.carry_out(|queue| queue.stop(slot))
    }

    /// Interrupts under the lock, so that what is interrupted is what is running and not what comes next.
    fn carry_out(&self, work: impl FnOnce(&mut Queue) -> (Vec<Answered>, bool)) -> Vec<Answered> {
        let mut queue = self.shared.lock();
        let (answers, ends) = work(&mut queue);
        if ends {
            self.interrupt.interrupt();
        }
        answers
    }
}

/// Nobody waits for an answer any more.
impl Drop for Lane {
    fn drop(&mut self) {
        self.carry_out(|queue| {
            queue.closed = true;
            (Vec::new(), queue.running.is_some())
        });
        self.shared.work.notify_one();
        if let Some(thread) = self.thread.take() {
            join(thread);
        }
    }
}

/// What others did to the store, each of it told once.
#[derive(Debug)]
pub(super) struct Others {
    version: Option<i64>,
    lost: Option<String>,
}

impl Others {
    pub fn since_now(reader: &Reader) -> Others {
        Others { version: reader.data_version().ok(), lost: None }
    }

    /// Whether somebody wrote to it.
    pub fn wrote(&mut self, reader: &Reader) -> bool {
        reader.data_version().is_ok_and(|now| self.version.replace(now) != Some(now))
    }

    /// That it is not where it was.
    pub fn took_away(&mut self, reader: &Reader) -> Option<String> {
        let now = reader.lost();
        let before = std::mem::replace(&mut self.lost, now.clone());
        now.filter(|_| self.lost != before)
    }
}

fn serve(reader: &Reader, shared: &Shared, sink: &impl Fn(Event), watch: bool) {
    let mut others = Others::since_now(reader);
    while !shared.lock().closed {
        if let Some(ask) = next(shared) {
            let (slot, ticket) = (ask.slot, ask.ticket);
            let answer = answer_as_found(reader, &ask.request, &mut |found| {
                if matches!(slot, Slot::Rows(_)) {
                    sink(Event::Answered(Answered { slot, ticket, answer: Ok(found) }));
                }
            });
            let ended = shared.lock().finish();
            reader.resume();
            let trouble = |error| ended.unwrap_or_else(|| Trouble::Failed(format!("{error:#}")));
            let answer = answer.map_err(trouble);
            sink(Event::Answered(Answered { slot, ticket, answer }));
        }
        if watch && others.wrote(reader) {
            sink(Event::StoreChanged);
        }
        if watch && let Some(what) = others.took_away(reader) {
            sink(Event::StoreLost(what));
        }
    }
}

/// The next request, or nothing once a poll's time has passed.
fn next(shared: &Shared) -> Option<Ask> {
    let queue = shared.lock();
    let waited = shared.work.wait_timeout_while(queue, POLL, |queue| queue.waiting.is_empty() && !queue.closed);
    let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
    if queue.closed { None } else { queue.begin() }
}
