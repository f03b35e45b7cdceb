//! The terminal: taken over, given back whatever happens, and watched in case it goes away.
//!
//! The event source of crossterm reads a vanished terminal in a loop for ever, so a watch of its own looks for that and for
//! the signals that ask a program to end; the thread that reads keys is then simply left behind.

use std::io::{self, IsTerminal, Write};
use std::sync::Once;
use std::thread;
use std::time::Duration;

use crossterm::cursor::Show;
use crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event as TerminalEvent,
    KeyEventKind,
};
use crossterm::execute;
use crossterm::style::ResetColor;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::event::{Event, report_panic};

/// How often the watch looks: well within the second in which the program has to end.
const WATCH: Duration = Duration::from_millis(200);

/// The terminal in our hands; given back when dropped.
pub struct Terminal(());

impl Terminal {
    pub fn take(mouse: bool) -> anyhow::Result<Terminal> {
        restore_on_panic();
        enter()?;
        take_mouse(mouse)?;
        Ok(Terminal(()))
    }

    /// Gives the terminal back, stops until the shell continues the program, and takes the terminal again.
    pub fn suspend(&self, mouse: bool) -> anyhow::Result<()> {
        leave();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        enter()?;
        take_mouse(mouse)?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Errors are of no use here: the terminal may be gone.
fn leave() {
    let _ = execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, ResetColor, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// A panic's message must not be written into the alternate screen, where it would vanish.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            before(panic);
        }));
    });
}

/// Takes the mouse, or leaves it to the terminal, which then marks text with it.
pub fn take_mouse(take: bool) -> io::Result<()> {
    if take { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
}

/// Puts a text on the clipboard of the person's terminal, also over SSH (OSC 52).
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    write!(out, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
    out.flush()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

/// Starts the threads that read keys and watch for the end.
pub fn listen(sink: impl Fn(Event) + Clone + Send + 'static) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP])?;
    let for_watch = sink.clone();
    thread::Builder::new().name("watch".into()).spawn(move || {
        report_panic(&for_watch, || {
            while io::stdout().is_terminal() {
                // The thread that draws gives the terminal back: else the shell would have it as we left it.
                let (stops, ends): (Vec<i32>, Vec<i32>) = signals.pending().partition(|signal| *signal == SIGTSTP);
                if !ends.is_empty() {
                    break;
                }
                if !stops.is_empty() {
                    for_watch(Event::Suspend);
                }
                thread::sleep(WATCH);
            }
            for_watch(Event::End);
        });
    })?;
    thread::Builder::new().name("keys".into()).spawn(move || report_panic(&sink, || read_keys(&sink)))?;
    Ok(())
}

fn read_keys(sink: &impl Fn(Event)) {
    loop {
        match event::read() {
            Ok(TerminalEvent::Key(key)) if key.kind != KeyEventKind::Release => sink(Event::Key(key)),
            Ok(TerminalEvent::Mouse(mouse)) => sink(Event::Mouse(mouse)),
            Ok(TerminalEvent::Paste(text)) => sink(Event::Paste(text)),
            Ok(TerminalEvent::Resize(width, height)) => sink(Event::Resize(width, height)),
            Ok(_) => {}
            Err(_) => return sink(Event::End),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_pads_to_four() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(super::base64(text.as_bytes()), expected);
        }
    }
}
