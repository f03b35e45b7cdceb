//! What one sees without looking for it, in the smallest usual terminal and in a large one.

use super::harness::Harness;
use super::{LARGE, SMALL, golden, lacks, shows};

#[test]
fn a_rejected_entry_says_why_beside_the_list_and_below_it() {
    for (size, name) in [(SMALL, "rejected"), (LARGE, "rejected_large")] {
        let mut harness = Harness::agency(size);
        harness.keys("6 r 2").keys("f Ctrl+U 'is:rejected' Enter");
        golden(name, &harness);
        shows(&harness, "The value is out of date.");
    }
}

/// Whoever certifies stale values again sees since when they are, and which values they vouch for.
#[test]
fn stale_values_say_since_when_and_what_they_are() {
    for (size, name) in [(SMALL, "recertify"), (LARGE, "recertify_large")] {
        let mut harness = Harness::demo(size);
        harness.keys("6 f Ctrl+U 'is:stale' Enter");
        shows(&harness, "this entry, stale since 20");
        golden(name, harness.keys("C"));
        shows(&harness, "VALUES VOUCHED FOR AGAIN");
        lacks(&harness, "(none)");
    }
}

/// Texts that need less than their column leave the cells to those that are cut.
#[test]
fn columns_use_the_width_there_is() {
    let mut harness = Harness::agency(SMALL);
    let value = "Two⏎lines⟨U+202E⟩ a";
    shows(harness.keys("6"), value);
    let mut harness = Harness::agency(LARGE);
    golden("ledger_wide", harness.keys("6 p"));
    shows(&harness, "Two⏎lines⟨U+202E⟩ and more");
}

#[test]
fn home_fills_a_large_terminal_with_what_was_done_last() {
    let mut harness = Harness::demo(LARGE);
    golden("home_demo_large", &harness);
    shows(&harness, "LATEST OPERATIONS");
    let blank = harness.text().lines().filter(|line| line.trim().is_empty()).count();
    assert!(blank < 15, "{blank} lines are empty:\n{}", harness.text());
    harness.keys("6 c 0");
    shows(&harness, "Certified LED-");
}

#[test]
fn the_theme_is_switched_inside() {
    let mut harness = Harness::agency(SMALL);
    let mut seen = Vec::new();
    for name in ["dark", "light", "high-contrast", "mono", "dark"] {
        shows(
            harness.keys(": 'theme' Enter"),
            &format!("Theme {name}. To keep it: theme = \"{name}\" in the settings."),
        );
        seen.push(harness.app.theme.clone());
    }
    assert_eq!(seen[0], seen[4]);
    assert_ne!(seen[0], seen[1]);
}
