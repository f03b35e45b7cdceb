//! The real binary in a pseudo-terminal of 160×45, and how long it takes from a key to the frame that answers it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const STEWARD: &str = env!("CARGO_BIN_EXE_steward");

pub const ROWS: u16 = 45;
pub const COLUMNS: u16 = 160;

/// How long anything may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct Terminal {
    program: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the workbench on a store.
    pub fn start(store: &Path, home: &Path) -> Terminal {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(STEWARD);
        command.args(["--store", store.to_str().expect("a path")]);
        command.env("TERM", "xterm-256color");
        command.env("HOME", home);
        command.cwd(home);
        let program = pty.slave.spawn_command(command).expect("the program");
        let mut reader = pty.master.try_clone_reader().expect("its output");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pty.master.take_writer().expect("its keys");
        let (rows, columns) = (ROWS.try_into().expect("rows"), COLUMNS.try_into().expect("columns"));
        Terminal { program, keys, output, screen: vt100::Parser::new(rows, columns, 0), _master: pty.master }
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a key");
        self.keys.flush().expect("a key");
    }

    /// Takes in what the program draws until the screen is as wanted; answers how long that took.
    pub fn wait_for(&mut self, what: &str, ready: impl Fn(&str) -> bool) -> Duration {
        let begun = Instant::now();
        while !ready(&self.text()) {
            let rest = PATIENCE.saturating_sub(begun.elapsed());
            match self.output.recv_timeout(rest) {
                Ok(part) => self.screen.process(&part),
                Err(error) => panic!("waiting for {what}: {error}; on the screen is\n{}", self.text()),
            }
        }
        begun.elapsed()
    }

    /// Presses a key and waits for the screen that it leads to.
    pub fn time(&mut self, key: &str, what: &str, ready: impl Fn(&str) -> bool) -> Duration {
        let begun = Instant::now();
        self.press(key);
        self.wait_for(what, ready);
        begun.elapsed()
    }

    /// Takes in what is drawn until nothing came for a while.
    pub fn drain(&mut self, quiet: Duration) {
        while let Ok(part) = self.output.recv_timeout(quiet) {
            self.screen.process(&part);
        }
    }

    /// The program's id, to look at its memory.
    pub fn process(&self) -> String {
        self.program.process_id().map_or("self".into(), |id| id.to_string())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
