//! Forms and previews have one order: fields from top to bottom, then the buttons from left to right, `Cancel` the last.

use super::harness::Harness;
use super::{LARGE, SMALL, golden, shows};

/// The button that has the focus, and where it stands.
fn here(harness: &Harness) -> Option<(String, usize)> {
    let text = harness.text();
    let line = text.lines().find(|line| line.contains("[> ") && line.contains(" <]"))?;
    let at = line.find("[> ")?;
    let until = line.find(" <]")?;
    Some((line[at + 3..until].to_string(), at))
}

#[test]
fn keys_go_through_the_buttons_as_they_stand() {
    let mapped = "2 m 'firm' Enter";
    let cases = [
        ("a preview", "6 C", vec!["Certify 25", "Cancel"]),
        (
            "a preview with what one had a hand in",
            &format!("{mapped} 6 C"),
            vec!["Certify 25", "Your own 11 alone", "Cancel"],
        ),
        ("the form of a row", "3 E", vec!["Save", "Cancel"]),
        ("the form of a new row", "2 a", vec!["Save", "Cancel"]),
        ("sending out", "O", vec!["Preview", "Cancel"]),
        ("the input of an item", "5 E", vec!["Save and retry", "Cancel"]),
    ];
    for (case, script, buttons) in cases {
        let mut harness = Harness::agency(SMALL);
        harness.keys(script);
        let first = |harness: &Harness| here(harness).is_some_and(|(text, _)| text == buttons[0]);
        let mut steps = 0;
        while !first(&harness) {
            harness.keys("Tab");
            steps += 1;
            assert!(steps < 20, "{case}: Tab does not come to {}:\n{}", buttons[0], harness.text());
        }
        for (key, back) in [("Tab", "Shift+Tab"), ("Right", "Left"), ("Down", "Up")] {
            let mut before = None;
            for (at, button) in buttons.iter().enumerate() {
                let (text, place) = here(&harness).unwrap_or_else(|| panic!("{case}, {key}:\n{}", harness.text()));
                assert_eq!(text, *button, "{case}, {key}");
                assert!(before.is_none_or(|before| before < place), "{case}, {key}: {button}");
                before = Some(place);
                if at + 1 < buttons.len() {
                    harness.keys(key);
                }
            }
            for _ in 1..buttons.len() {
                harness.keys(back);
            }
            assert!(first(&harness), "{case}, {back}:\n{}", harness.text());
        }
    }
}

/// What `< >` means, and what each choice comes to, stands below the fields.
#[test]
fn choices_say_how_they_are_changed_and_what_they_come_to() {
    for (size, name) in [(SMALL, "choices"), (LARGE, "choices_large")] {
        let mut harness = Harness::agency(size);
        golden(name, harness.keys("3 E Right"));
        shows(&harness, "is in force once a reviewer certifies it");
        shows(&harness, "Left/Right change");
        shows(harness.keys("Tab"), "A reviewer certifies each value.");
    }
}
