//! Keys that a person gave to what lies over a screen.

use std::path::Path;

use steward::tui::settings::{self, Settings};

use super::harness::Harness;
use super::{LARGE, SMALL, lacks, shows};

fn with(settings: &str, mut harness: Harness) -> Harness {
    harness.app.desk.keymap = Settings::parse(settings, Path::new("nowhere")).unwrap().keymap;
    harness
}

#[test]
fn keys_of_the_map_screen_are_those_of_the_settings_but_in_a_text() {
    let settings =
        "[keys]\ncodes-skip = \"x\"\ncodes-flag = [\"s\", \"F6\"]\ncodes-wider = []\ncodes-search = \"F7\"\n";
    let mut harness = with(settings, Harness::agency(LARGE));
    shows(harness.keys("M"), " x skip  s flag  n/~ how exact");
    shows(harness.keys("x"), "skipped");
    shows(harness.keys("w"), "w does nothing here; F1 shows the keys that do.");
    shows(harness.keys("f"), "f does nothing here");
    shows(harness.keys("s"), "flagged");
    // Sentences name them, too.
    shows(harness.keys("9"), "No suggestion has this number; F7 searches the list, 0 says that there is no match.");
    shows(harness.keys("F7 'xsf'"), "xsf");
}

#[test]
fn keys_of_forms_are_those_of_the_settings() {
    let settings = "[keys]\nform-save = \"F2\"\npicker-no-match = \"F3\"\n";
    let mut harness = with(settings, Harness::agency(SMALL));
    shows(harness.keys("2 E"), "F2 save");
    lacks(harness.keys("Ctrl+S"), "Saved");
    shows(&harness, "F2 save");
    lacks(harness.keys("F2"), "F2 save");
    shows(harness.keys("m"), "F3 no match");
}

#[test]
fn keys_of_triage_and_records_are_those_of_the_settings() {
    let settings = "[keys]\ntriage-retry-all = \"F4\"\nrecord-pin = \"x\"\n";
    let mut harness = with(settings, Harness::demo(SMALL));
    shows(harness.keys("W"), "F4 retry all");
    shows(&harness, "F4 tries ");
    lacks(&harness, "T tries ");
    shows(harness.keys("F4"), "Retry: check before you commit");
    shows(harness.keys("Esc Esc / '10217' Enter"), "Record");
    shows(&harness, "x pin");
    shows(harness.keys("x"), "unpin");
}

/// What keeps its meaning in whatever lies over a screen.
const FIXED: [&str; 19] = [
    "Left/Right", "Esc", "Enter", "Tab", "Shift+Tab", "Up/Down", "Down", "Up", "PgDn", "PgUp/PgDn", "Space", "Type",
    "0", "1-9", "1-5", "Ctrl+U", "F1", "?", "q",
];

#[test]
fn every_key_of_every_overlay_is_fixed_or_can_be_set() {
    let document = settings::document();
    let (_, over) = document.split_once("# Keys of what lies over a screen.").unwrap();
    let names = over.lines().filter_map(|line| line.strip_prefix('#')?.split_once(" = ").map(|(name, _)| name));
    let none: String = names.filter(|name| !name.contains(' ')).map(|name| format!("{name} = []\n")).collect();
    assert!(none.lines().count() > 30, "{none}");
    let scripts = [
        "M", "M /", "M A", "2 m", "2 E", "5 E", "6 C", "W", "W Tab", "1 Enter", "6 P", "U", "5 F", "6 |", "6 v", "6 x",
        "6 r", "6 o", "2 a",
    ];
    for script in scripts {
        let mut harness = with(&format!("[keys]\n{none}"), Harness::agency((400, 45)));
        harness.keys(script);
        let text = harness.text();
        let footer = text.lines().last().unwrap_or_default();
        for hint in footer.split("  ").filter(|hint| !hint.trim().is_empty()) {
            let key = hint.split_whitespace().next().unwrap_or_default();
            assert!(FIXED.contains(&key), "{script}: {key} of {footer}");
        }
    }
}
