//! What people see: key scripts against golden frames, on a store that the real engine built.

#[path = "screens/harness.rs"]
mod harness;

use harness::Harness;

const SMALL: (u16, u16) = (80, 24);

/// The frame that a key script leads to is the one kept in `tests/screens`.
fn golden(name: &str, harness: &Harness) {
    insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, harness.text());
    });
}

#[test]
fn home_says_what_needs_attention() {
    golden("home", &Harness::agency(SMALL));
}

#[test]
fn home_of_an_empty_store_says_how_to_begin() {
    golden("home_empty", &Harness::empty(SMALL));
}

#[test]
fn each_pane_shows_its_first_view() {
    let mut harness = Harness::agency(SMALL);
    for (key, name) in [
        ("1", "identifiers"),
        ("2", "value_maps"),
        ("3", "commit_policies"),
        ("4", "sync_jobs"),
        ("5", "sync_items"),
        ("6", "ledger"),
    ] {
        golden(name, harness.keys(key));
    }
}
