//! Whose turn it is: of two runs of one delivery the later one waits until the first is done or gone, and goes on from there
//! (engine.md, "One delivery").

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use uuid::Uuid;

use super::{Engine, Error, Refusal};
use crate::model::Shown;
use crate::model::table::Table;
use crate::model::time::{Clock, short_local};
use crate::store::{Lease, LeaseKeeper, Store};

/// How often a run renews its lease beside its chunks, which do so, too.
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// How often a run that waits looks whether its turn has come.
const LOOKS_EVERY: Duration = Duration::from_millis(200);

/// Is told whom a run waits for, again and again; false gives up.
pub(super) type Waits = Option<Box<dyn FnMut(&str) -> bool + Send>>;

impl Engine {
    /// From here on a delivery that another run is taking in waits for its turn, and `tell` hears whom it waits for, again
    /// and again; where that answers false, it gives up. Until then it is refused at once.
    pub fn wait_for_turn(&mut self, tell: impl FnMut(&str) -> bool + Send + 'static) {
        self.waits = Some(Box::new(tell));
    }

    /// Waits a moment for the run that owns a job.
    pub(super) fn wait_for(&mut self, job: i64, lease: &Lease) -> Result<(), Error> {
        let name = Table::SyncJobs.row_name(job);
        let Lease { person, host, process, taken, .. } = lease;
        let said = format!(
            "{name} is being taken in by {} (process {} on {}, since {})",
            Shown(person),
            process.number,
            Shown(host),
            short_local(*taken)
        );
        let Some(tell) = &mut self.waits else {
            return Err(Refusal::Delivery(format!("{said}. Deliver it again when that is over.")).into());
        };
        if !tell(&format!("{said}. Waiting for it to end.")) {
            return Err(Refusal::Delivery(format!("{said}. This run took in nothing, and waits no more.")).into());
        }
        std::thread::sleep(LOOKS_EVERY);
        Ok(())
    }
}

/// A run's turn, kept while it lives: its lease is renewed beside what it does, and ends with it.
pub(super) struct Turn {
    whole: Sender<()>,
    keeper: Option<JoinHandle<()>>,
}

impl Turn {
    pub fn keep(store: &Store, clock: Clock, job: i64, token: Uuid) -> Result<Turn, Error> {
        let keeper = LeaseKeeper::open(store, job, token)?;
        let (whole, ended) = mpsc::channel();
        let keeper = std::thread::spawn(move || {
            loop {
                match ended.recv_timeout(RENEWED_EVERY) {
                    // Where it cannot be renewed now, the next chunk finds out why.
                    Err(RecvTimeoutError::Timeout) => drop(keeper.renew(clock())),
                    // The last chunk has ended it.
                    Ok(()) => break,
                    // Whoever comes next need not wait for a run that stopped; at worst they wait for its process to end.
                    Err(RecvTimeoutError::Disconnected) => {
                        drop(keeper.end());
                        break;
                    }
                }
            }
        });
        Ok(Turn { whole, keeper: Some(keeper) })
    }

    /// The delivery is whole, and its lease has ended.
    pub fn finish(self) {
        // The thread waits for nothing else.
        let _ = self.whole.send(());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (unused, _) = mpsc::channel();
        drop(std::mem::replace(&mut self.whole, unused));
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}
