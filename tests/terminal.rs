//! The real binary in a real terminal: it starts, shows every pane, quits, and leaves the terminal as it found it.
//!
//! What stands in the panes is tested elsewhere; here it only matters that each comes up.

use std::fs;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use steward::model::Table;

const STEWARD: &str = env!("CARGO_BIN_EXE_steward");

const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

/// How long a slow machine may take for one frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// Texts that tell the screens apart.
const HOME: &str = "NEEDS ATTENTION";
const HELP: &str = "Help:";

const LEFT_ALTERNATE_SCREEN: &[u8] = b"\x1b[?1049l";
const CURSOR_SHOWN: &[u8] = b"\x1b[?25h";

#[test]
fn the_panes_come_up_and_quitting_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    // The shell notes how the terminal was set before and after, and with which code steward ended.
    let script = format!("stty -g > before; '{STEWARD}' --store '{store}'; echo $? > code; stty -g > after");
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", &script]);
    let mut terminal = Terminal::start(shell, folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    for (key, table) in ["1", "2", "3", "4", "5", "6"].into_iter().zip(Table::ALL) {
        terminal.press(key);
        let row = format!("{}-0", table.info().prefix);
        terminal.wait_for(table.info().title, |screen| shows(screen, &row));
    }
    terminal.press("0");
    terminal.wait_for("home", |screen| shows(screen, HOME));
    terminal.press("?");
    terminal.wait_for("help", |screen| shows(screen, HELP));
    terminal.press("\x1b");
    terminal.wait_for("home behind help", |screen| shows(screen, HOME) && !shows(screen, HELP));
    terminal.press("q");

    let bytes = terminal.end(PATIENCE);
    assert_restored(&bytes);
    let noted = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(noted("code").trim(), "0");
    assert_eq!(noted("after"), noted("before"), "the settings that stty shows");
}

#[test]
fn sigterm_ends_the_workbench_within_a_second_and_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    let kill = format!("kill -TERM {}", terminal.program.0.process_id().unwrap());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let bytes = terminal.end(Duration::from_secs(1));
    assert_restored(&bytes);
}

#[test]
fn a_terminal_that_vanishes_ends_the_workbench_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    let mut program = terminal.hang_up();
    let (sender, ended) = channel();
    let mut killer = program.0.clone_killer();
    let waiting = thread::spawn(move || sender.send(program.0.wait().is_ok()));
    let ended = ended.recv_timeout(Duration::from_secs(1));
    if ended.is_err() {
        killer.kill().unwrap();
    }
    waiting.join().unwrap().unwrap();
    assert_eq!(ended, Ok(true), "it did not end");
}

fn workbench(store: &str) -> CommandBuilder {
    let mut steward = CommandBuilder::new(STEWARD);
    steward.args(["--store", store]);
    steward
}

/// A store made by the real program, without a terminal.
fn demo_store(folder: &Path) -> String {
    let store = folder.join("demo.db").to_str().unwrap().to_string();
    let made = Command::new(STEWARD).args(["--store", &store, "demo"]).env("HOME", folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    store
}

fn shows(screen: &vt100::Screen, text: &str) -> bool {
    screen.contents().contains(text)
}

/// The terminal was given back: the last of each pair of sequences is the one that undoes.
fn assert_restored(bytes: &[u8]) {
    let last = |sequence: &[u8]| bytes.windows(sequence.len()).rposition(|window| window == sequence);
    let text = String::from_utf8_lossy(bytes);
    assert!(last(LEFT_ALTERNATE_SCREEN) > last(b"\x1b[?1049h"), "the alternate screen was left\n{text}");
    assert!(last(b"\x1b[?1000l") > last(b"\x1b[?1000h"), "the mouse was given back\n{text}");
    assert!(last(CURSOR_SHOWN).is_some() && last(CURSOR_SHOWN) > last(b"\x1b[?25l"), "the cursor was shown\n{text}");
}

/// A program in a pseudo-terminal of 80 columns and 24 rows, with what it has drawn so far.
struct Terminal {
    program: Program,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
    screen: vt100::Parser,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(mut command: CommandBuilder, home: &Path) -> Terminal {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        command.env("HOME", home);
        command.cwd(home);
        let program = Program(pty.slave.spawn_command(command).unwrap());
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
            program,
            keys,
            output,
            bytes: Vec::new(),
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            master: pty.master,
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

    /// Waits until the program has ended, and answers all that it wrote.
    fn end(mut self, within: Duration) -> Vec<u8> {
        let deadline = Instant::now() + within;
        let gone = loop {
            match self.take_output(deadline) {
                Ok(()) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(gone, RecvTimeoutError::Disconnected, "still there; on the screen is\n{}", self.screen().contents());
        self.program.0.wait().unwrap();
        self.bytes
    }

    /// Closes the terminal behind the program's back.
    fn hang_up(self) -> Program {
        let Terminal { program, mut keys, output, master, .. } = self;
        // The reading thread holds the terminal open until it finds, with the next output, that nobody listens.
        drop(output);
        keys.write_all(b"1").unwrap();
        drop((keys, master));
        program
    }
}

struct Program(Box<dyn Child + Send + Sync>);

impl Drop for Program {
    /// A test that fails leaves no program behind.
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
        }
    }
}
