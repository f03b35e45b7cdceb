//! What lies over a screen: its footer against the keys that it takes, and its frames at every size.

use steward::tui::keys;

use super::harness::Harness;
use super::{LARGE, LEAST, SMALL, golden, shows};

/// What opens each of them, and whether every key is a text there.
const OVERLAYS: &[(&str, bool)] = &[
    ("6 C", false),
    ("6 i", false),
    ("2 m", true),
    ("2 E", true),
    ("3 E", true),
    ("2 a", true),
    ("5 E", true),
    ("1 E", true),
    ("1 d", false),
    ("6 A", false),
    ("6 Delete", false),
    ("O", true),
    ("5 o", false),
    ("6 v", false),
    ("6 v s", true),
    ("6 |", false),
    ("6 f", true),
    ("6 : 'legal' Enter", true),
    ("2 X Space m", true),
    ("6 f Down Down", true),
    ("6 Right Right F", false),
    ("6 r", true),
    ("6 /", true),
    ("6 Ctrl+G", true),
    ("6 x", true),
    ("6 Enter", false),
    ("6 P", false),
    ("U", false),
    ("W", false),
    ("M", false),
    ("?", true),
    (":", true),
    ("2 Enter", false),
    ("2 v 2 Ctrl+R", false),
];

/// The frame, what was copied, and whether anything lies over the screen: what a key may change.
fn seen(harness: &Harness) -> (String, usize, usize, bool) {
    (harness.text(), harness.copied.len(), harness.app.overlays.len(), harness.ended)
}

fn opened(script: &str) -> Harness {
    // Where there is least room there is most to scroll.
    let mut harness = Harness::demo(LEAST);
    harness.keys(script);
    assert!(!harness.app.overlays.is_empty(), "{script} opens nothing:\n{}", harness.text());
    harness
}

/// The keys that a hint stands for, as far as it names them.
fn named(hint: &str) -> Vec<String> {
    match hint {
        "Arrows" => ["Up", "Down", "Left", "Right"].map(String::from).into(),
        "/" => vec!["/".into()],
        _ if hint.len() == 3 && hint.as_bytes()[1] == b'-' => {
            let (first, last) = (hint.as_bytes()[0], hint.as_bytes()[2]);
            (first..=last).map(|key| char::from(key).to_string()).collect()
        }
        _ => hint.split('/').filter(|key| keys::press(key).is_some()).map(String::from).collect(),
    }
}

/// Opens it again, in the same workbench where that can be.
fn reopen(harness: &mut Harness, script: &str) {
    harness.keys("Esc Esc Esc Esc Esc Esc 0");
    for pane in ["2", "3", "5", "6"] {
        // The list that the script expects.
        harness.keys(pane).keys("v 1 g");
    }
    harness.keys("0").keys(script);
    if harness.app.overlays.is_empty() {
        *harness = opened(script);
    }
}

#[test]
fn every_key_in_an_overlays_footer_does_something() {
    let mut idle = Vec::new();
    for (script, _) in OVERLAYS {
        let mut harness = opened(script);
        for (hint, word) in harness.app.overlays.last().unwrap().hints() {
            let keys = named(hint);
            let mut does = |key: &String| {
                // From the first or last place, a key that moves may have nowhere to go; without a change there is none to
                // put back.
                ["", "Down", "Tab", "7", "Right"].iter().any(|before| {
                    reopen(&mut harness, script);
                    harness.keys(before);
                    let was = seen(&harness);
                    seen(harness.keys(key)) != was
                })
            };
            // A word stands for what one types.
            if !keys.is_empty() && !keys.iter().any(&mut does) {
                idle.push(format!("{script}: {hint} {word}"));
            }
        }
    }
    assert!(idle.is_empty(), "these do nothing:\n{}", idle.join("\n"));
}

/// Where letters are no text, one that the footer does not name does nothing.
#[test]
fn an_overlay_takes_no_letter_that_its_footer_does_not_name() {
    let mut hidden = Vec::new();
    for (script, _) in OVERLAYS.iter().filter(|(_, text)| !text) {
        let mut harness = opened(script);
        let hints = harness.app.overlays.last().unwrap().hints();
        let named: Vec<String> = hints.iter().flat_map(|(hint, _)| named(hint)).collect();
        // The silent twins of the arrows, of Esc and of Enter among values, and the key that opened it, which closes it, too.
        let twins = ["h", "j", "k", "l", "g", "G", "q", "=", script.rsplit(' ').next().unwrap_or_default()];
        for key in ('a'..='z').chain('A'..='Z').chain("!=|-+~.;<>".chars()).map(|key| key.to_string()) {
            if named.contains(&key) || twins.contains(&key.as_str()) {
                continue;
            }
            let was = seen(&harness);
            if seen(harness.keys(&key)) != was {
                hidden.push(format!("{script}: {key}"));
                harness = opened(script);
            }
        }
    }
    assert!(hidden.is_empty(), "these are taken and not named:\n{}", hidden.join("\n"));
}

#[test]
fn every_screen_has_its_frame_at_every_size() {
    for (script, name) in [
        ("1", "identifiers"),
        ("2", "value_maps"),
        ("3", "commit_policies"),
        ("4", "sync_jobs"),
        ("6", "ledger"),
        ("?", "help"),
        ("5 Right Right F", "facets"),
        ("6 c c : 'messages' Enter", "messages"),
    ] {
        golden(&format!("{name}_least"), Harness::agency(LEAST).keys(script));
        golden(&format!("{name}_large"), Harness::agency(LARGE).keys(script));
    }
    for (script, name) in
        [("6 C", "preview_large"), ("U", "history_large"), ("2 E", "form_large"), ("6 r", "reject_large")]
    {
        golden(name, Harness::agency(LARGE).keys(script));
    }
    golden("reject_least", Harness::agency(LEAST).keys("6 r"));
}

/// From a name, which each row has for itself, one gets to what rows have in common.
#[test]
fn the_values_of_one_column_lead_to_those_of_another() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 F"), "Values of Ledger Status: 1 value in 25 rows");
    shows(harness.keys("Left"), "Values of Ledger Status");
    shows(harness.keys("Right"), "Values of Aspect Key: 2 values in 25 rows");
    shows(harness.keys("l"), "Values of Value");
    shows(harness.keys("h Down Enter"), "Filter: is:pending field:");
    // From a column that has values one begins there.
    shows(harness.keys("4 Right F"), "Values of Submitted: ");
}
