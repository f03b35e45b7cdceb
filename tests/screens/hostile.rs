//! Hostile text in every column: the bytes that reach the terminal, by way of the real backend.

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use steward::tui::event::Event;
use steward::tui::screen;

use super::harness::Harness;
use super::hostile_store::{self, TEXT, acting};
use super::{LARGE, LEAST, SMALL};

/// Every screen, and what may lie over it.
const SCRIPTS: &[&str] = &[
    "0", "1", "1 P", "1 P End", "1 o", "1 Enter", "1 Enter Tab", "1 Right F", "2", "2 P", "2 E", "2 o", "2 m",
    "2 Enter", "2 d", "2 Ctrl+R", "2 Right F", "2 a", "3", "3 P", "3 E", "3 o", "3 Ctrl+R", "3 a", "4", "4 P", "4 o",
    "4 Right F", "5", "5 v 5", "5 P", "5 E", "5 o", "5 m", "5 w", "5 T", "5 Z", "5 t", "5 Enter", "5 Right Right F",
    "5 Right =", "6", "6 v 6", "6 P", "6 o", "6 Enter", "6 Enter Tab", "6 C", "6 R", "6 i", "6 r",
    "6 Right Right Right Right !", "6 |", "6 v", "6 f", "6 f Down Down Down", "6 x", "6 y", "6 Y", "6 Space", "6 c",
    "W", "W Down", "W Tab", "W Enter", "W w", "M", "M Down", "M Left", "M /", "1 E", "1 E Down", "1 d", "1 A", "4 A",
    "6 A", "6 Delete", "5 Delete", "O", "O Down", "O Tab Down", "5 E Down", "5 E Ctrl+U", "3 E Tab Tab",
    "3 E Tab Tab Down", "U", "U Down", "U Enter", "?", ":",
];

/// What is sent to a terminal that shows this frame.
fn sent(harness: &Harness) -> String {
    let (width, height) = harness.app.desk.size;
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), TerminalOptions { viewport }).unwrap();
    let drawn = terminal.draw(|frame| {
        if let Some(position) = screen::draw(&harness.app, frame.buffer_mut()) {
            frame.set_cursor_position(position);
        }
    });
    drawn.unwrap();
    drop(terminal);
    String::from_utf8(bytes).unwrap()
}

/// The text without the sequences that the program itself uses: where the cursor goes, whether it is seen, and colours.
fn without_own(sent: &str) -> String {
    let mut out = String::new();
    let mut rest = sent;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        let after =
            rest[at..].strip_prefix("\u{1b}[").unwrap_or_else(|| panic!("{:?} begins no own sequence", &rest[at..]));
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';' && c != '?').unwrap();
        let own = match (&after[..end], &after[end..=end]) {
            ("?25", "h" | "l") => true,
            (parameters, "H" | "m") => !parameters.contains('?'),
            _ => false,
        };
        assert!(own, "ESC [ {} is none of the program's", &after[..=end]);
        rest = &after[end + 1..];
    }
    out + rest
}

#[track_caller]
fn harmless(harness: &Harness, script: &str) {
    let text = without_own(&sent(harness));
    assert_eq!(acting(&text), None, "{script}\n{}", harness.text());
}

#[test]
fn nothing_but_the_programs_own_sequences_reaches_the_terminal() {
    let mut harness = Harness::agency(LARGE);
    hostile_store::fill(harness.store().path());
    harness.send(Event::StoreChanged);
    for size in [LARGE, SMALL, LEAST] {
        harness.send(Event::Resize(size.0, size.1));
        for script in SCRIPTS {
            harness.keys("Esc Esc Esc Esc Esc Esc").keys(script);
            harmless(&harness, script);
        }
    }
    let text = harness.keys("Esc Esc Esc Esc 6 v 6").text();
    assert!(text.contains("x⟨U+001B⟩[2J"), "there is hostile text:\n{text}");
}

/// What a person types or pastes is as little to be trusted, and so are the sentences that repeat it.
#[test]
fn pasted_text_and_the_sentences_about_it_are_harmless() {
    for script in [
        "6 f", "6 /", "6 r", "6 C Tab", "6 Ctrl+G", "6 x", "6 v s", "2 E", "2 m", "2 a", "M /", "?", ":", "5 E", "1 E",
        "O", "O Tab", "6 Delete Tab",
    ] {
        let mut harness = Harness::agency(SMALL);
        harness.keys(script);
        harness.send(Event::Paste(TEXT.into()));
        harmless(&harness, script);
        harness.keys("Enter");
        harmless(&harness, script);
    }
    let mut harness = Harness::agency(SMALL);
    harness.app.desk.complain(TEXT);
    harmless(&harness, "a message");
    harmless(harness.keys(": 'messages' Enter"), "the log of messages");
    harness.app.person.login = TEXT.into();
    harness.app.store = TEXT.into();
    harmless(&harness, "the title");
}
