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
    let left = ["-wal", "-shm"].map(|suffix| Path::new(&format!("{store}{suffix}")).exists());
    assert_eq!(left, [false, false], "what the last one out leaves beside the file");
    let noted = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(noted("code").trim(), "0");
    assert_eq!(noted("after"), noted("before"), "the settings that stty shows");
}

#[test]
fn sigterm_ends_the_workbench_within_a_second_and_restores_the_terminal() {
    ended_by("TERM");
}

#[test]
fn the_workbench_says_within_two_seconds_that_its_store_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    fs::rename(&store, folder.path().join("elsewhere.db")).unwrap();
    let begun = Instant::now();
    terminal.wait_for("what became of the store", |screen| shows(screen, "was removed or renamed"));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    terminal.press("q");
    terminal.end(PATIENCE);
}

fn ended_by(signal: &str) {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    terminal.signal(signal);
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

#[test]
fn sighup_ends_the_workbench_within_a_second_and_restores_the_terminal() {
    ended_by("HUP");
}

#[test]
fn sigterm_on_the_first_run_ends_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("none.db").to_str().unwrap().to_string();
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the choices", |screen| shows(screen, "There is no store at"));
    terminal.signal("TERM");
    assert_restored(&terminal.end(Duration::from_secs(1)));
}

#[test]
fn the_first_run_makes_an_empty_store_by_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("new.db").to_str().unwrap().to_string();
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the choices", |screen| shows(screen, "There is no store at"));
    terminal.press("oother.db\r");
    terminal.wait_for("what is not there", |screen| shows(screen, "There is no store at other.db yet."));
    terminal.wait_for("the choices alone", |screen| !shows(screen, "File:"));
    terminal.press("e");
    // Nothing of the question stays on the screen.
    terminal.wait_for("home alone", |screen| shows(screen, "THIS STORE IS EMPTY") && !shows(screen, "type its path"));
    terminal.wait_for("the empty store", |screen| shows(screen, "THIS STORE IS EMPTY"));
    terminal.press("5");
    terminal.wait_for("what fills it", |screen| shows(screen, "There are no rows yet."));
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

#[test]
fn it_is_suspended_and_continued_by_a_key() {
    suspended_and_continued(|terminal| terminal.press("\x1a"));
}

#[test]
fn it_is_suspended_and_continued_by_a_signal() {
    suspended_and_continued(|terminal| terminal.signal("TSTP"));
}

fn suspended_and_continued(suspend: fn(&mut Terminal)) {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| screen.alternate_screen() && shows(screen, HOME));
    terminal.press("6");
    terminal.wait_for("the ledger", |screen| shows(screen, "LED-0"));
    suspend(&mut terminal);
    terminal.wait_for("the shell's screen", |screen| !screen.alternate_screen());
    assert_restored(&terminal.bytes);
    // A continuation that comes before the stop would be lost.
    terminal.wait_until_stopped();
    // Resized while it slept: what comes back fits.
    terminal.resize(100, 30);
    terminal.signal("CONT");
    terminal.wait_for("the ledger again", |screen| screen.alternate_screen() && shows(screen, "LED-0"));
    terminal.wait_for("the footer at its place", |screen| line(screen, 29).ends_with("q quit"));
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

#[test]
fn it_follows_the_terminal_s_size_down_to_one_cell() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| shows(screen, HOME));
    for (width, height) in [(1, 1), (250, 80), (59, 15), (3, 40), (160, 45), (80, 24)] {
        terminal.resize(width, height);
        terminal.press(if width > 100 { "6" } else { "5" });
    }
    terminal.wait_for("the whole screen", |screen| shows(screen, "ITM-0") && line(screen, 23).ends_with("q quit"));
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

/// A key that comes together with a change of the size is answered, and so is the change.
#[test]
fn keys_that_come_with_a_resize_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| shows(screen, HOME));
    for round in 0..60 {
        let (key, row, rows) = if round % 2 == 0 { ("5", "ITM-0", 30) } else { ("6", "LED-0", 24) };
        if round % 3 == 0 {
            terminal.press(key);
            terminal.resize(80, rows);
        } else {
            terminal.resize(80, rows);
            terminal.press(key);
        }
        let footer = usize::from(rows) - 1;
        terminal.wait_for("the pane", |screen| shows(screen, row) && line(screen, footer).ends_with("q quit"));
    }
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

/// What is on a screen that was smaller for a moment is lost, also where the size is the old one when one looks.
#[test]
fn a_screen_that_was_small_for_a_moment_is_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    let whole = |screen: &vt100::Screen| shows(screen, HOME) && line(screen, 23).ends_with("q quit");
    terminal.wait_for("the whole screen", |screen| whole(screen) && shows(screen, "Ledger 1,377"));
    terminal.signal("STOP");
    terminal.wait_until_stopped();
    terminal.resize(1, 1);
    terminal.resize(80, 24);
    assert!(!whole(terminal.screen()), "the screen kept what it showed");
    terminal.signal("CONT");
    terminal.wait_for("the whole screen again", whole);
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

#[test]
fn pasted_text_goes_where_text_goes_and_the_mouse_chooses_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| shows(screen, HOME));
    terminal.press("6");
    terminal.wait_for("the ledger", |screen| shows(screen, "Row 1 of "));
    let status =
        |screen: &vt100::Screen| screen.contents().lines().find(|line| line.contains("Row 1 of ")).map(str::to_string);
    let all = status(terminal.screen());
    // As keys this would certify, and quit.
    terminal.press("\x1b[200~cq\x1b[201~");
    terminal.wait_for("the refusal", |screen| shows(screen, "Nothing here takes pasted text"));
    terminal.press("/\x1b[200~home\r\n_state\x1b[201~");
    terminal.wait_for("the text", |screen| shows(screen, "Find: home") && shows(screen, "_state"));
    terminal.press("\x1b");
    // A click on the rows that were found would be lost when all rows come back.
    terminal.wait_for("all rows", |screen| !shows(screen, "Find:") && status(screen) == all);
    terminal.press("\x1b[<0;10;9M\x1b[<0;10;9m");
    terminal.wait_for("the clicked row", |screen| shows(screen, "Row 4 of "));
    terminal.press("q");
    assert_restored(&terminal.end(PATIENCE));
}

#[test]
fn a_value_is_copied_by_way_of_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| shows(screen, HOME));
    terminal.press("6");
    terminal.wait_for("the ledger", |screen| shows(screen, "Row 1 of "));
    terminal.press("y");
    terminal.wait_for("the message", |screen| shows(screen, "Ledger ID copied"));
    terminal.press("q");
    let bytes = terminal.end(PATIENCE);
    let text = String::from_utf8_lossy(&bytes);
    // TEVELT is the beginning of "LED-" in base64.
    assert!(text.contains("\x1b]52;c;TEVELT"), "{text}");
}

#[test]
fn only_the_colours_that_are_wanted_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    fs::create_dir_all(folder.path().join(".config/steward/themes")).unwrap();
    fs::write(folder.path().join(".config/steward/settings.toml"), "theme = \"mine\"").unwrap();
    fs::write(folder.path().join(".config/steward/themes/mine.theme"), "title = #ff8800\nwaiting = 208\nkey = cyan")
        .unwrap();
    // What the environment says, and the kinds of colour that come: of the 16, of the 256, any.
    for (name, value, sixteen, indexed, any) in [
        ("NO_COLOR", "1", false, false, false),
        ("TERM", "xterm", true, false, false),
        ("TERM", "xterm-256color", true, true, false),
        ("COLORTERM", "truecolor", true, true, true),
    ] {
        let mut command = workbench(&store);
        command.env(name, value);
        let mut terminal = Terminal::start_with(command, folder.path(), name != "TERM");
        terminal.wait_for("the first frame", |screen| shows(screen, HOME));
        terminal.press("q");
        let bytes = terminal.end(PATIENCE);
        let kinds = colours(&bytes);
        assert_eq!(kinds, (sixteen, indexed, any), "{name}={value}");
    }
}

/// Whoever chose no theme has that for the background that the terminal says it has; whoever chose one is not asked about.
#[test]
fn the_theme_follows_the_background_that_the_terminal_says_it_has() {
    const QUESTION: &[u8] = b"\x1b]11;?";
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    // Blue stands for keys in the light theme, cyan in the dark one.
    for (background, blue, cyan) in [("ffff/ffff/ffff", true, false), ("0000/0000/0000", false, true)] {
        let mut terminal = Terminal::start(workbench(&store), folder.path());
        let deadline = Instant::now() + PATIENCE;
        while !terminal.bytes.windows(QUESTION.len()).any(|window| window == QUESTION) {
            terminal.take_output(deadline).unwrap();
        }
        terminal.press(&format!("\x1b]11;rgb:{background}\x1b\\\x1b[?62;22c"));
        terminal.wait_for("the first frame", |screen| shows(screen, HOME));
        terminal.press("q");
        let bytes = terminal.end(PATIENCE);
        let text = String::from_utf8_lossy(&bytes);
        let sent = ["38;5;4;", "38;5;6;"].map(|colour| text.contains(colour));
        assert_eq!(sent, [blue, cyan], "{background}\n{text}");
    }
    fs::create_dir_all(folder.path().join(".config/steward")).unwrap();
    fs::write(folder.path().join(".config/steward/settings.toml"), "theme = \"dark\"").unwrap();
    let mut terminal = Terminal::start(workbench(&store), folder.path());
    terminal.wait_for("the first frame", |screen| shows(screen, HOME));
    terminal.press("q");
    let bytes = terminal.end(PATIENCE);
    assert!(!bytes.windows(QUESTION.len()).any(|window| window == QUESTION));
}

/// A terminal that cannot move its cursor gets lines of text, and no sequence at all.
#[test]
fn a_dumb_terminal_gets_lines() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let mut command = workbench(&store);
    command.env("TERM", "dumb");
    let mut terminal = Terminal::start_with(command, folder.path(), false);
    terminal.wait_for("home", |screen| shows(screen, "Home: what needs attention"));
    terminal.press("value maps\nquit\n");
    let bytes = terminal.end(PATIENCE);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("1. Map: MAP-0") && !text.contains('\x1b'), "{text}");
}

#[test]
fn a_delivery_that_looks_wrong_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let store = demo_store(folder.path());
    let rows: String = (0..20).map(|n| format!("{n},unit1\n")).collect();
    fs::write(folder.path().join("units.csv"), format!("id,unit\n{rows}")).unwrap();
    let file = folder.path().join("units.csv").to_str().unwrap().to_string();
    let jobs = || {
        let args = ["--store", &store, "list", "sync-jobs", "--filter", "source:ARCHIVE", "--json"];
        let ran = Command::new(STEWARD).args(args).env("HOME", folder.path()).output().unwrap();
        String::from_utf8_lossy(&ran.stdout).lines().count()
    };
    for (answer, taken) in [("\n", 0), ("n\n", 0), ("\x04", 0), ("y\n", 1)] {
        let mut command = workbench(&store);
        command.args(["ingest", &file, "--source", "ARCHIVE", "--table", "unit", "--key", "unit"]);
        let mut terminal = Terminal::start(command, folder.path());
        terminal.wait_for("the question", |screen| shows(screen, "Take it in as it is? [y/N]"));
        assert!(terminal.screen().contents().contains("20 of 20 records share their key"), "what looks wrong is told");
        assert!(terminal.screen().contents().contains("--key \"id\""), "and what is probably right");
        terminal.press(answer);
        terminal.end(PATIENCE);
        assert_eq!(jobs(), taken, "after {answer:?}");
    }
}

/// Whatever is on its way when the program is killed: the whole of it is in the store, or nothing.
#[test]
fn a_kill_during_a_bulk_certify_leaves_no_half_write() {
    for (wait, signal) in [(0, "KILL"), (2, "KILL"), (5, "KILL"), (10, "TERM"), (20, "KILL"), (40, "HUP")] {
        let folder = tempfile::tempdir().unwrap();
        let store = demo_store(folder.path());
        let run = |args: &[&str]| {
            let mut command = Command::new(STEWARD);
            let ran = command.args(["--store", &store]).args(args).env("HOME", folder.path()).output().unwrap();
            (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned())
        };
        let pending = || run(&["list", "ledger", "--filter", "is:pending", "--json"]).1.lines().count();
        let before = pending();
        let mut terminal = Terminal::start(workbench(&store), folder.path());
        terminal.wait_for("the first frame", |screen| shows(screen, HOME));
        terminal.press("6");
        terminal.wait_for("the ledger", |screen| shows(screen, "Row 1 of "));
        terminal.press("C");
        terminal.wait_for("the preview", |screen| shows(screen, &format!("Certify {before}")));
        terminal.press("\t\t\r");
        thread::sleep(Duration::from_millis(wait));
        terminal.signal(signal);
        terminal.end(Duration::from_secs(2));
        let (code, said) = run(&["verify"]);
        assert_eq!(code, Some(14), "sound, without an outside digest: {said}");
        let after = pending();
        assert!(after == 0 || after == before, "{after} of {before} are pending after {signal} at {wait} ms");
    }
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

/// One line of the screen, from 0 on.
fn line(screen: &vt100::Screen, at: usize) -> String {
    screen.contents().lines().nth(at).unwrap_or_default().trim_end().to_string()
}

/// Which kinds of colour were asked for: of the 16, of the 256, any. The 16 are sent as the first of the 256, too.
fn colours(bytes: &[u8]) -> (bool, bool, bool) {
    let text = String::from_utf8_lossy(bytes);
    let (mut sixteen, mut indexed, mut any) = (false, false, false);
    for sequence in text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m')).map(|(numbers, _)| numbers) {
        let numbers: Vec<u16> = sequence.split(';').map_while(|number| number.parse().ok()).collect();
        let mut rest = numbers.as_slice();
        while let [first, after @ ..] = rest {
            rest = match (first, after) {
                (38 | 48, [5, index, after @ ..]) => {
                    *if *index < 16 { &mut sixteen } else { &mut indexed } = true;
                    after
                }
                (38 | 48, [2, _, _, _, after @ ..]) => {
                    any = true;
                    after
                }
                _ => {
                    sixteen |= matches!(first, 30..=37 | 40..=47 | 90..=97 | 100..=107);
                    after
                }
            };
        }
    }
    (sixteen, indexed, any)
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
    fn start(command: CommandBuilder, home: &Path) -> Terminal {
        Terminal::start_with(command, home, true)
    }

    /// Starts a program; `term` says whether the terminal is to be one of 256 colours.
    fn start_with(mut command: CommandBuilder, home: &Path, term: bool) -> Terminal {
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        if term {
            command.env("TERM", "xterm-256color");
        }
        command.env("HOME", home);
        command.env_remove("XDG_CONFIG_HOME");
        command.env_remove("XDG_STATE_HOME");
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

    fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        let (Some(rows), Some(columns)) = (NonZero::new(rows), NonZero::new(columns)) else { return };
        self.screen.screen_mut().set_size(rows, columns);
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.program.0.process_id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn wait_until_stopped(&self) {
        let deadline = Instant::now() + PATIENCE;
        let pid = self.program.0.process_id().unwrap().to_string();
        let state = || Command::new("ps").args(["-o", "stat=", "-p", &pid]).output().unwrap().stdout;
        while !state().starts_with(b"T") {
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
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
