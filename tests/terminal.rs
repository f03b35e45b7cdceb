//! The real binary in a real terminal: it starts, shows every pane, quits, and leaves the terminal as it found it.
//!
//! What stands in the panes is tested elsewhere; here it only matters that each comes up.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use steward::model::Table;

const STEWARD: &str = env!("CARGO_BIN_EXE_steward");

const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// How long a slow machine may take for one frame.
const PATIENCE: Duration = Duration::from_secs(30);

const LEFT_ALTERNATE_SCREEN: &[u8] = b"\x1b[?1049l";
const CURSOR_SHOWN: &[u8] = b"\x1b[?25h";

#[test]
fn the_panes_come_up_and_quitting_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    // The shell says how the terminal was set before and after, and with which code steward ended.
    let mut shell = CommandBuilder::new("sh");
    let script = format!("echo before $(stty -g); {STEWARD} --store '{store}'; echo exit $?; echo after $(stty -g)");
    shell.args(["-c", &script]);
    let mut terminal = Terminal::start(shell, folder.path());
    terminal
        .wait_for("the first frame", |screen| screen.alternate_screen() && screen.contents().contains("Identifiers"));
    for (key, table) in ["1", "2", "3", "4", "5", "6"].into_iter().zip(Table::ALL) {
        terminal.press(key);
        let row = format!("{}-0", table.info().prefix);
        terminal.wait_for(table.info().title, |screen| screen.contents().contains(&row));
    }
    terminal.press("0");
    terminal.wait_for("home", |screen| !screen.contents().contains("LED-0"));
    let home = terminal.screen().contents();
    terminal.press("?");
    terminal.wait_for("help", |screen| screen.contents() != home);
    terminal.press("\x1b");
    terminal.wait_for("home after help", |screen| screen.contents() == home);
    terminal.press("q");

    let (status, bytes) = terminal.end(PATIENCE);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(status.success(), "{status:?}\n{text}");
    assert!(text.contains("exit 0"), "{text}");
    assert_restored(&bytes);
    let setting =
        |word: &str| text.lines().find_map(|line| line.trim().split(&format!("{word} ")).nth(1)).map(String::from);
    assert_eq!(setting("before"), setting("after"), "stty's settings");
}

#[test]
fn sigterm_ends_the_workbench_within_a_second_and_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut steward = CommandBuilder::new(STEWARD);
    steward.args(["--store", &store]);
    let mut terminal = Terminal::start(steward, folder.path());
    terminal
        .wait_for("the first frame", |screen| screen.alternate_screen() && screen.contents().contains("Identifiers"));
    let kill = format!("kill -TERM {}", terminal.child.process_id().unwrap());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let (_, bytes) = terminal.end(Duration::from_secs(1));
    assert_restored(&bytes);
}

/// A store made by the real program, without a terminal.
fn demo_store(folder: &Path) -> String {
    let store = folder.join("demo.db").to_str().unwrap().to_string();
    let made = Command::new(STEWARD).args(["--store", &store, "demo"]).env("HOME", folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    store
}

/// The terminal was given back: the last of each pair of sequences is the one that undoes.
fn assert_restored(bytes: &[u8]) {
    let last = |sequence: &[u8]| bytes.windows(sequence.len()).rposition(|window| window == sequence);
    let text = String::from_utf8_lossy(bytes);
    assert!(last(LEFT_ALTERNATE_SCREEN) > last(b"\x1b[?1049h"), "the alternate screen was left\n{text}");
    assert!(last(CURSOR_SHOWN).is_some() && last(CURSOR_SHOWN) > last(b"\x1b[?25l"), "the cursor was shown\n{text}");
}

/// A program in a pseudo-terminal of 80 columns and 24 rows, with what it has drawn so far.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
    screen: vt100::Parser,
    /// Closing it would hang up on the program.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(mut command: CommandBuilder, home: &Path) -> Terminal {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        command.env("HOME", home);
        command.cwd(home);
        let child = pty.slave.spawn_command(command).unwrap();
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        // It ends with the program: reading fails once nobody holds the other side.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Terminal {
            child,
            keys,
            output,
            bytes: Vec::new(),
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            _master: pty.master,
        }
    }

    fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn wait_for(&mut self, what: &str, ready: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready(self.screen()) {
            let more = self.take_output(deadline);
            assert!(more.is_ok(), "waiting for {what}: {more:?}; on the screen is\n{}", self.screen().contents());
        }
    }

    fn take_output(&mut self, deadline: Instant) -> Result<(), RecvTimeoutError> {
        let part = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now()))?;
        self.screen.process(&part);
        self.bytes.extend(part);
        Ok(())
    }

    /// Waits until the program has ended, and answers how, and all that it wrote.
    fn end(mut self, within: Duration) -> (ExitStatus, Vec<u8>) {
        let deadline = Instant::now() + within;
        let gone = loop {
            match self.take_output(deadline) {
                Ok(()) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(gone, RecvTimeoutError::Disconnected, "still there; on the screen is\n{}", self.screen().contents());
        (self.child.wait().unwrap(), std::mem::take(&mut self.bytes))
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
        }
    }
}
