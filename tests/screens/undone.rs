//! Where the cursor stands after something was taken back.

use super::harness::Harness;
use super::{SMALL, shows};

/// The row under the cursor.
fn here(harness: &Harness) -> String {
    let text = harness.text();
    let line =
        text.lines().skip(5).find(|line| line.starts_with('>')).unwrap_or_else(|| panic!("no cursor in\n{text}"));
    line.split_whitespace().nth(1).unwrap_or_default().to_string()
}

/// Whatever was done to the row, undo leaves the cursor on it, and with it whoever goes on from there.
#[test]
fn undo_leaves_the_cursor_where_it_was() {
    let cases = [
        ("certified, in the list of what is pending", "6", "c"),
        ("certified, among all", "6 f Ctrl+U Enter", "c"),
        ("rejected by a digit", "6", "r 1"),
        ("sorted otherwise", "6 s", "c"),
    ];
    for (case, list, act) in cases {
        let mut harness = Harness::agency(SMALL);
        harness.keys(list).keys("Down Down Down");
        let row = here(&harness);
        harness.keys(act).keys("u");
        assert_eq!(here(&harness), row, "{case}:\n{}", harness.text());
        // One that went on has the cursor stay where that was, too.
        harness.keys(act).keys("Down Down");
        let row = here(&harness);
        harness.keys("u");
        assert_eq!(here(&harness), row, "{case}, gone on:\n{}", harness.text());
    }
}

#[test]
fn a_long_act_shows_a_bar_and_how_far_it_is() {
    use steward::tui::event::Event;
    for (size, full) in [(SMALL, 40), (super::LARGE, 80)] {
        let mut harness = Harness::agency(size);
        harness.hold_writes = true;
        harness.keys("6 c");
        harness.app.handle(Event::Released(25_000, 50_000));
        shows(&harness, "Certifying… 25,000 of 50,000 rows. Ctrl+C stops it.");
        let text = harness.text();
        let bar = text.lines().find(|line| line.contains('━')).unwrap_or_else(|| panic!("no bar in\n{text}"));
        assert_eq!(bar.matches('━').count(), full, "{text}");
    }
}

#[test]
fn the_finder_knows_what_is_done_elsewhere() {
    let cases = [
        ("'cert'", "Certify this entry", true),
        ("'ingest'", "steward ingest", false),
        ("'ck up'", "steward backup", false),
        ("'park'", "NOT FOR THIS ROW", false),
    ];
    for (words, said, here) in cases {
        let mut harness = Harness::agency(SMALL);
        harness.keys("6 :").keys(words);
        assert!(harness.text().contains(said), "{words}:\n{}", harness.text());
        // What is done elsewhere says where, and the words stay.
        if !here {
            harness.keys("End Enter");
            let text = harness.text();
            assert!(text.contains("in a shell: steward") || text.contains("not for what the cursor"), "{text}");
        }
    }
}
