//! The mouse on what lies over a screen: it chooses and scrolls, and decides nothing.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use steward::tui::event::Event;

use super::harness::Harness;
use super::{LARGE, LEAST, SMALL, lacks, shows};

fn mouse(harness: &mut Harness, kind: MouseEventKind, (column, row): (u16, u16)) {
    harness.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn click(harness: &mut Harness, at: (u16, u16)) -> &mut Harness {
    mouse(harness, MouseEventKind::Down(MouseButton::Left), at);
    harness
}

fn wheel(harness: &mut Harness, down: bool, at: (u16, u16)) -> &mut Harness {
    let kind = if down { MouseEventKind::ScrollDown } else { MouseEventKind::ScrollUp };
    mouse(harness, kind, at);
    harness
}

/// Where a text stands in the frame.
#[track_caller]
fn place(harness: &Harness, part: &str) -> (u16, u16) {
    let text = harness.text();
    let found =
        (0..).zip(text.lines()).find_map(|(row, line)| line.find(part).map(|at| (line[..at].chars().count(), row)));
    let (column, row) = found.unwrap_or_else(|| panic!("no \"{part}\" in\n{text}"));
    (column as u16, row)
}

/// The last line of the content.
fn last_content(harness: &Harness) -> u16 {
    harness.app.desk.size.1 - 5
}

#[test]
fn a_code_and_a_suggestion_are_chosen_by_a_click_and_decided_by_a_key() {
    for size in [LEAST, SMALL, LARGE] {
        let mut harness = Harness::agency(size);
        harness.keys("M");
        let before = harness.rows_of_log();
        let code = place(&harness, "? T&M");
        shows(click(&mut harness, code), "> ? T&M");
        let first = place(&harness, "1 Y");
        lacks(&harness, ">1 Y");
        click(&mut harness, first);
        shows(&harness, ">1 Y");
        assert_eq!(harness.rows_of_log(), before, "a click decides nothing");
        shows(harness.keys("Enter"), "Decided \"T&M\"");
    }
}

#[test]
fn lists_are_chosen_by_a_click_beside_the_codes_and_instead_of_them() {
    let mut harness = Harness::demo(LARGE);
    harness.keys("M");
    let text = harness.text();
    let lists: Vec<&str> =
        text.lines().skip(5).map(|line| line.split_whitespace().next().unwrap_or_default()).collect();
    assert!(!lists.is_empty());
    let mut small = Harness::demo(SMALL);
    small.keys("M Left");
    let second =
        small.text().lines().nth(6).unwrap_or_default().split_whitespace().next().unwrap_or_default().to_string();
    assert!(!second.is_empty());
    shows(click(&mut small, (4, 6)), &format!("Code of {second}"));
    shows(click(&mut harness, (4, 6)), &format!("Code of {second}"));
}

#[test]
fn the_wheel_moves_the_part_that_it_is_over() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("M");
    let first = |harness: &Harness| harness.text().lines().position(|line| line.starts_with("> ?"));
    let (top, moved) = (first(&harness), first(wheel(&mut harness, true, (4, 6))));
    assert_eq!(moved, top.map(|top| top + 3));
    assert_eq!(first(wheel(&mut harness, false, (4, 6))), top);
    let low = last_content(&harness);
    let before = harness.text();
    wheel(&mut harness, true, (4, low));
    assert_eq!(first(&harness), top, "the codes stay");
    assert_eq!(wheel(&mut harness, false, (4, low)).text(), before);
}

#[test]
fn groups_fields_and_operations_are_chosen_by_a_click() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("W");
    let second = |harness: &Harness| harness.text().lines().nth(6).unwrap_or_default().to_string();
    assert!(!second(&harness).starts_with('>'));
    click(&mut harness, (10, 6));
    assert!(second(&harness).starts_with('>'), "{}", harness.text());
    let detail = last_content(&harness);
    shows(click(&mut harness, (10, detail)), "Up/Down scroll");
    shows(click(&mut harness, (10, 5)), "Up/Down group");

    harness.keys("Esc / '10217' Enter");
    click(&mut harness, (10, 6));
    assert!(second(&harness).starts_with('>'), "{}", harness.text());

    harness.keys("Esc U");
    click(&mut harness, (10, 6));
    let chosen = second(&harness);
    assert!(chosen.starts_with('>'), "{}", harness.text());
    let number = chosen.split_whitespace().nth(1).unwrap_or_default().to_string();
    shows(&harness, &format!("Operation {number}: "));
}

#[test]
fn a_preview_s_button_takes_two_clicks_and_the_wheel_looks_through_its_sample() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("W T");
    let button = |harness: &Harness| {
        let (x, y) = place(harness, "[ Retry");
        (x + 2, y)
    };
    let before = harness.rows_of_log();
    let at = button(&harness);
    shows(click(&mut harness, at), "[> Retry");
    lacks(&harness, "[> Cancel <]");
    let text = harness.text();
    if text.contains('↓') {
        for _ in 0..30 {
            wheel(&mut harness, true, (4, 8));
        }
        lacks(&harness, "↓");
    }
    assert_eq!(harness.rows_of_log(), before);
    shows(click(&mut harness, at), "Retried ");
    assert_eq!(harness.rows_of_log(), before + 1);
}
