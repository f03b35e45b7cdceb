//! What happens beside the lines: the engine says how far it is, and Ctrl+C asks it to stop.
//!
//! While nothing is written or exported, Ctrl+C ends the program, as in any other that reads lines.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use signal_hook::consts::SIGINT;
use signal_hook::iterator::{Handle, Signals};

use crate::engine::Engine;

/// How long one waits for news before one looks whether the engine is done.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(super) struct Watch {
    shared: Arc<Shared>,
    progress: Receiver<(i64, i64)>,
    signals: Handle,
    /// How long the last wait was: what is done at once need not be waited for.
    pause: Cell<Duration>,
}

#[derive(Debug, Default)]
struct Shared {
    working: AtomicBool,
    asked: AtomicBool,
}

/// Something is being written or exported, until this is dropped.
pub(super) struct Working(Arc<Shared>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.store(false, Ordering::SeqCst);
    }
}

impl Watch {
    pub fn start(engine: &mut Engine) -> anyhow::Result<Watch> {
        let (tell, progress): (Sender<(i64, i64)>, _) = channel();
        // Whoever is told may be gone, and the engine goes on.
        engine.on_progress(move |released, of| {
            let _ = tell.send((released, of));
        });
        let shared = Arc::new(Shared::default());
        let mut signals = Signals::new([SIGINT])?;
        let (handle, heeding) = (signals.handle(), Arc::clone(&shared));
        thread::Builder::new().name("watch".into()).spawn(move || {
            for signal in signals.forever() {
                if heeding.working.load(Ordering::SeqCst) {
                    heeding.asked.store(true, Ordering::SeqCst);
                } else {
                    // Nothing runs: what the signal does without us. Where that cannot be, it is as good as unheard.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
            }
        })?;
        Ok(Watch { shared, progress, signals: handle, pause: Cell::new(PAUSE) })
    }

    /// From here on Ctrl+C asks to stop.
    pub fn work(&self) -> Working {
        self.shared.asked.store(false, Ordering::SeqCst);
        self.shared.working.store(true, Ordering::SeqCst);
        self.pause.set(Duration::from_micros(200));
        Working(Arc::clone(&self.shared))
    }

    /// Whether Ctrl+C was pressed since the work began.
    pub fn asked(&self) -> bool {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Waits a little, and hands on how far the engine is.
    pub fn wait(&self, tell: &mut dyn FnMut(i64, i64)) {
        let pause = self.pause.get();
        self.pause.set((pause * 2).min(PAUSE));
        thread::sleep(pause);
        if let Some((released, of)) = self.progress.try_iter().last() {
            tell(released, of);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signals.close();
    }
}
