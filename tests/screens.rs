//! What people see: key scripts against golden frames, on a store that the real engine built.

#[path = "screens/buttons.rs"]
mod buttons;
#[path = "screens/flows.rs"]
mod flows;
#[path = "screens/footer.rs"]
mod footer;
#[path = "screens/forms.rs"]
mod forms;
#[path = "screens/harness.rs"]
mod harness;
#[path = "screens/hostile.rs"]
mod hostile;
#[path = "hostile/mod.rs"]
mod hostile_store;
#[path = "screens/items.rs"]
mod items;
#[path = "screens/late.rs"]
mod late;
#[path = "screens/learnt.rs"]
mod learnt;
#[path = "screens/left_out.rs"]
mod left_out;
#[path = "screens/list.rs"]
mod list;
#[path = "screens/map.rs"]
mod map;
#[path = "screens/mouse.rs"]
mod mouse;
#[path = "screens/order.rs"]
mod order;
#[path = "screens/over_keys.rs"]
mod over_keys;
#[path = "screens/overlays.rs"]
mod overlays;
#[path = "screens/past.rs"]
mod past;
#[path = "screens/record.rs"]
mod record;
#[path = "screens/seen.rs"]
mod seen;
#[path = "screens/sight.rs"]
mod sight;
#[path = "screens/triage.rs"]
mod triage;
#[path = "screens/two_desks.rs"]
mod two_desks;
#[path = "screens/undone.rs"]
mod undone;
#[path = "screens/workbench.rs"]
mod workbench;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::channel;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use harness::Harness;
use steward::engine::{Command, Import, ImportRow, MapKey, Rows, Verb};
use steward::model::Table;
use steward::model::choice::Relationship;
use steward::model::query::{Position, Query};
use steward::tui::event::Event;
use steward::tui::lanes::Lanes;
use steward::tui::read::{Ask, Request, Slot};
use steward::tui::theme::Theme;
use steward::tui::{actions, keys};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 45);
const LEAST: (u16, u16) = (60, 16);

/// A cut target id (`01a2..ade0`) is another in each store: what differs is put out of sight.
fn alike(frame: &str) -> String {
    let is_id = |word: &str| {
        let hex = |part: &str| part.len() == 4 && part.chars().all(|c| c.is_ascii_hexdigit());
        word.split_once("..").is_some_and(|(head, tail)| hex(head) && hex(tail))
    };
    frame.split(' ').map(|word| if is_id(word) { "xxxx..xxxx" } else { word }).collect::<Vec<_>>().join(" ")
}

/// The frame that a key script leads to is the one kept in `tests/screens`.
fn golden(name: &str, harness: &Harness) {
    insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, alike(&harness.text()));
    });
}

#[track_caller]
fn shows(harness: &Harness, part: &str) {
    let text = harness.text();
    assert!(text.contains(part), "no \"{part}\" in\n{text}");
}

#[track_caller]
fn lacks(harness: &Harness, part: &str) {
    let text = harness.text();
    assert!(!text.contains(part), "\"{part}\" in\n{text}");
}

#[test]
fn home_says_what_needs_attention() {
    golden("home", &Harness::agency(SMALL));
    golden("home_large", &Harness::agency(LARGE));
    golden("home_least", &Harness::agency(LEAST));
}

#[test]
fn home_says_that_work_lies_beside_the_file() {
    let mut harness = Harness::agency(SMALL);
    let said = "-wal holds work that nobody is at";
    assert!(!harness.text().contains(said));
    // Who may not write the file cannot write it back either.
    let store = harness.store();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o444)).unwrap();
    harness.reader = store.reader().unwrap();
    harness.send(Event::StoreChanged);
    shows(harness.keys("0"), said);
}

#[test]
fn home_of_an_empty_store_says_how_to_begin() {
    golden("home_empty", &Harness::empty(SMALL));
    golden("pane_empty", Harness::empty(SMALL).keys("5"));
}

#[test]
fn each_pane_shows_its_first_view() {
    let mut harness = Harness::agency(SMALL);
    let names = ["identifiers", "value_maps", "commit_policies", "sync_jobs", "sync_items", "ledger"];
    for (key, name) in (1..).zip(names) {
        golden(name, harness.keys(&key.to_string()));
    }
}

#[test]
fn detail_stands_at_the_right_where_there_is_room() {
    golden("sync_items_large", Harness::agency(LARGE).keys("5"));
    golden("sync_items_least", Harness::agency(LEAST).keys("5"));
    golden("ledger_no_detail", Harness::agency(SMALL).keys("6 p"));
}

#[test]
fn what_lies_over_a_screen_fits_the_least_terminal() {
    for (script, name) in [
        ("6 C", "preview_least"),
        ("2 m", "map_least"),
        ("2 E", "form_least"),
        ("2 E Tab Tab Tab Tab Tab", "form_least_end"),
        ("2 E Tab Down", "form_least_codes"),
        ("5 o", "related_least"),
        ("U", "history_least"),
        ("6 f 'x:'", "filter_error_least"),
    ] {
        golden(name, Harness::agency(LEAST).keys(script));
    }
}

#[test]
fn too_small_a_terminal_is_told_the_size_it_needs() {
    for size in [(59, 16), (60, 15), (1, 1), (0, 0)] {
        let text = Harness::agency(size).text();
        assert!("steward needs 60x16".starts_with(text.lines().next().unwrap_or_default()) || size.0 > 20, "{text}");
    }
    shows(&Harness::agency((59, 16)), "steward needs 60x16, this is 59x16");
    shows(&Harness::agency((20, 5)), "steward needs 60x16,\nthis is 20x5");
}

#[test]
fn a_code_is_mapped_and_its_items_go_on() {
    let mut harness = Harness::agency(SMALL);
    golden("map", harness.keys("2 m"));
    golden("map_search", harness.keys("'firm'"));
    golden("map_done", harness.keys("Enter"));
    shows(&harness, "to J: 11 items released");
    // The next code is under the cursor; from an item its map is as near.
    golden("map_from_item", harness.keys("5 Down Down m"));
    shows(harness.keys("Esc u"), "Took back operation");
}

#[test]
fn a_code_without_a_match_and_one_in_question_are_decided_too() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("2 m Ctrl+N"), "has no match: 11 items released");
    shows(harness.keys("m Ctrl+F"), "Flagged");
    shows(harness.keys("v 4"), "Flagged");
}

#[test]
fn one_entry_is_certified_rejected_and_revoked_at_once() {
    let mut harness = Harness::agency(SMALL);
    golden("certified", harness.keys("6 c"));
    golden("reject_reason", harness.keys("r"));
    shows(harness.keys("Enter"), "A reason is needed");
    shows(harness.keys("'no such vendor' Enter"), "Rejected LED-");
    shows(harness.keys("v 2 Down"), "d revoke");
    shows(harness.keys("d 'too early' Enter"), "Revoked LED-");
    shows(harness.keys("u"), "Took back operation");
    // What does not apply to a row is not offered and does nothing.
    lacks(&harness, "c certify ");
    shows(harness.keys("c"), "c does nothing here");
}

#[test]
fn many_are_certified_by_way_of_the_preview() {
    let mut harness = Harness::agency(SMALL);
    golden("preview", harness.keys("6 C"));
    // Cancel has the focus: a hasty Enter changes nothing.
    shows(harness.keys("Enter"), "25 of 52 rows");
    golden("preview_note", harness.keys("C Tab 'checked' Tab"));
    golden("preview_done", harness.keys("Enter"));
    shows(&harness, "Certified 25 ledger entries");
    shows(harness.keys("u"), "25 of 52 rows");
}

#[test]
fn marks_and_rules_choose_what_a_bulk_action_is_for() {
    let mut harness = Harness::agency(SMALL);
    golden("marked", harness.keys("6 Space Down Space"));
    shows(harness.keys("C"), "the 2 rows you marked");
    shows(harness.keys("Esc R"), "Reason, kept with each entry");
    shows(harness.keys("Tab Tab Enter"), "A reason is needed");
    shows(harness.keys("Esc X Ctrl+A"), "all matching marked");
    shows(harness.keys("C"), "all rows that match: is:pending");
    // A rule is a rule about one filter: with another one it is gone.
    lacks(harness.keys("Esc f Ctrl+U 'is:rejected' Enter"), "all matching marked");
}

#[test]
fn who_mapped_a_code_does_not_certify_it_without_a_reason() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("2 m 'firm' Enter 6 C");
    golden("preview_four_eyes", &harness);
    // A note for all is none for those: it is asked for by a button of theirs, and everything is counted again.
    shows(harness.keys("Tab 'checked with the vendor' Tab"), "[> Certify 25 <]");
    shows(&harness, "Held back     11 rows");
    golden("preview_four_eyes_alone", harness.keys("Right Enter"));
    golden("preview_four_eyes_note", harness.keys("'nobody else is here' Tab"));
    shows(harness.keys("Enter"), "Certified 11 ledger entries");
}

#[test]
fn a_preview_that_no_longer_holds_is_counted_again() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 C");
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: Rows::Ids(vec![1]), reason: None });
    shows(harness.keys("Tab Tab Enter"), "The rows have changed since the preview");
    shows(&harness, "24 ledger entries");
    shows(&harness, "[> Cancel <]");
    shows(harness.keys("Tab Tab Enter"), "Certified 24 ledger entries");
}

#[test]
fn a_value_map_is_edited_in_a_form_that_checks() {
    let mut harness = Harness::agency(SMALL);
    golden("form", harness.keys("2 E"));
    golden("form_problem", harness.keys("Tab 'X9' Tab 'two'"));
    shows(&harness, "Confidence: a number from 0 to 1, such as 0.95.");
    shows(harness.keys("Shift+Tab Ctrl+S"), "Canonical Code Value: not in code list contract_type.");
    shows(harness.keys("Esc"), "2 changes not saved: Esc again drops them");
    golden("form_codes", harness.keys("Ctrl+U 'fixed' Down Down"));
    harness.keys("Enter Ctrl+U '0.95' Tab Right");
    golden("form_filled", &harness);
    golden("form_saved", harness.keys("Ctrl+S"));
}

#[test]
fn a_draft_stays_when_somebody_else_changed_the_row() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("2 E 'my label'");
    let map = MapKey::Id(2);
    harness.elsewhere(&Command::Flag { map, note: Some("look at this".into()) });
    shows(harness.keys("Ctrl+S"), "meanwhile");
    shows(&harness, "my label");
}

#[test]
fn help_is_searched_and_runs_what_it_lists() {
    let mut harness = Harness::agency(SMALL);
    golden("help", harness.keys("6 ?"));
    golden("help_search", harness.keys("'sort'"));
    shows(harness.keys("Enter"), "by Ledger ID");
    shows(harness.keys(": 'history' Enter"), "every operation, the newest first");
}

#[test]
fn a_wrong_filter_is_answered_as_it_is_typed() {
    let mut harness = Harness::agency(LARGE);
    shows(harness.keys("6 f 'statuz:x'"), "Did you mean status?");
    let mut harness = Harness::agency(SMALL);
    golden("filter_error", harness.keys("6 f 'statuz:x'"));
    shows(harness.keys("Enter"), "Did you mean");
    shows(harness.keys("Ctrl+U 'value~vendor table:contract' Enter"), "value~vendor table:contract");
    harness.send(Event::Resize(LARGE.0, LARGE.1));
    shows(harness.keys("Right Right Right ="), "value~vendor table:contract field:Vendor");
    shows(harness.keys("!"), "field!=Vendor");
    shows(&harness, "No row matches.");
    lacks(harness.keys("-"), "field!=Vendor");
}

#[test]
fn words_are_found_as_they_are_typed_and_given_up_with_the_place_kept() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Down Down Down");
    golden("find", harness.keys("/ '日本'"));
    shows(&harness, "1 of 52 rows");
    let back = harness.keys("Esc").text();
    assert!(back.contains(">  ? LED-0000007") || back.contains("> ? LED-0000007"), "{back}");
    shows(harness.keys("/ 'vendor 1' Enter n n N"), "Row 2 of");
}

#[test]
fn links_lead_there_and_back_with_the_place_kept() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("5 Down Down Down Down");
    let before = harness.text();
    golden("related", harness.keys("o"));
    golden("related_map", harness.keys("Enter"));
    shows(harness.keys("o 1"), "map:MAP-0000004 is:held");
    shows(harness.keys("Backspace"), "> ? MAP-0000004");
    assert_eq!(harness.keys("Backspace").text(), before);
    // The pane that one went to lists again what it listed before.
    shows(harness.keys("2"), "View: Unmapped first");
}

#[test]
fn home_opens_the_rows_behind_a_number_and_comes_back() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("Down Enter"), "View: Not applied (v)   Filter: state:held,failed is:active");
    shows(harness.keys("Backspace"), "NEEDS ATTENTION");
    shows(harness.keys("G Enter"), "source:LEGACY");
}

#[test]
fn a_record_is_shown_in_full_and_a_link_is_followed() {
    let mut harness = Harness::agency(SMALL);
    golden("record", harness.keys("6 Down Down Down P"));
    golden("record_end", harness.keys("End"));
    harness.keys("Esc 5 Right Right Right Right Right Right Right");
    shows(&harness, "column Integration Sync Job");
    shows(harness.keys("Enter"), "> ! JOB-0000003");
}

#[test]
fn history_shows_and_undoes_any_operation() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 c c c U");
    golden("history", &harness);
    golden("history_undone", harness.keys("Down u"));
    shows(harness.keys("Down Down u"), "Undone by operation 11.");
    lacks(&harness, "u undo");
}

#[test]
fn rows_stay_under_the_cursor_when_others_write() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Down Down Down Down");
    shows(&harness, "> ? LED-0000009");
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: Rows::Ids(vec![1, 3]), reason: None });
    shows(&harness, "> ? LED-0000009");
    shows(&harness, "Row 3 of 23");
    // Far below the first screen, too, a row keeps its number.
    harness.keys("PgDn PgDn");
    shows(&harness, "Row 17 of 23");
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: Rows::Ids(vec![5]), reason: None });
    shows(&harness, "Row 16 of 22");
    harness.keys("g Down");
    // The row itself has left the list: it stays and says so, and no key acts on it, until the cursor moves.
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: Rows::Ids(vec![9]), reason: None });
    shows(&harness, "> + LED-0000009");
    shows(&harness, "Certified by druiz");
    let log = harness.rows_of_log();
    for key in ["c", "r", "d"] {
        harness.keys(key);
        assert!(harness.app.overlays.is_empty() && harness.rows_of_log() == log, "{key}");
    }
    shows(harness.keys("c"), "Move the cursor");
    shows(harness.keys("Down"), "> ? LED-0000011");
    lacks(&harness, "LED-0000009");
}

#[test]
fn other_panes_show_what_others_wrote_when_one_comes_to_them() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("2 5");
    let map = MapKey::Id(2);
    harness.elsewhere(&Command::Map { map, canonical: "J".into(), relationship: Relationship::Equal });
    lacks(harness.keys("2"), "MAP-0000002");
}

#[test]
fn keys_are_answered_while_a_command_runs_and_a_doubled_key_is_one_operation() {
    let mut harness = Harness::agency(SMALL);
    harness.hold_writes = true;
    golden("working", harness.keys("6 c"));
    shows(harness.keys("c"), "Working: Certifying");
    shows(harness.keys("Down Down"), "> ? LED-0000005");
    shows(harness.keys("q"), "quit when it is done, or stop it with Ctrl+C");
    assert!(!harness.ended);
    harness.release_writes();
    shows(&harness, "24 of 52 rows");
    assert!(harness.keys("q").ended);
}

#[test]
fn keys_are_answered_while_a_reader_is_slow_and_late_answers_are_dropped() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 Down");
    harness.hold_reads = true;
    shows(harness.keys("f Ctrl+U 'value~LLC' Enter"), "Filter: value~LLC");
    shows(&harness, "reading…");
    shows(harness.keys("f Ctrl+U 'source:LEGACY' Enter Down"), "> ? LED-0000005");
    shows(harness.keys("0"), "NEEDS ATTENTION");
    shows(harness.keys("6 ?"), "Help: what the keys do in Ledger");
    harness.release_reads();
    shows(harness.keys("Esc"), "Filter: source:LEGACY");
    shows(&harness, "Row 1 of 3");
}

#[test]
fn a_key_that_comes_before_the_rows_it_leads_to_is_not_lost() {
    let mut prompt = Harness::agency(SMALL);
    let row = |harness: &Harness| harness.text().lines().find(|line| line.starts_with(" Row ")).map(str::to_string);
    prompt.keys("6 v 6 PgDn PgDn PgDn PgDn");
    let mut late = Harness::agency(SMALL);
    late.keys("6 v 6").hold_reads = true;
    late.keys("PgDn PgDn PgDn PgDn");
    assert_ne!(row(&late), row(&prompt));
    late.release_reads();
    assert_eq!(row(&late), row(&prompt));
    assert!(row(&late).is_some());
}

/// What was asked is answered or handed back, and what was asked last is answered.
#[test]
fn lanes_answer_what_was_asked_last() {
    let harness = Harness::agency(SMALL);
    let (sink, events) = channel();
    let lanes = Lanes::start(&harness.store(), move |event| drop(sink.send(event))).unwrap();
    let ask = |ticket| {
        let query = Query::all(Table::SyncItems);
        let request = Request::Page { query, position: Position::First, limit: 50 };
        lanes.ask(Ask { slot: Slot::Rows(Table::SyncItems), ticket, request })
    };
    let mut over: Vec<u64> = (1..=50).flat_map(ask).map(|over| over.ticket).collect();
    while !over.contains(&50) {
        if let Event::Answered(answered) = events.recv().unwrap() {
            assert!(answered.ticket < 50 || answered.answer.is_ok());
            over.push(answered.ticket);
        }
    }
    over.sort_unstable();
    assert_eq!(over, (1..=50).collect::<Vec<_>>());
}

#[test]
fn listings_are_paged_sorted_and_numbered() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("5 v 5 G"), "Row 81 of 81");
    shows(harness.keys("PgUp PgUp"), "Row 67 of 81");
    shows(harness.keys("g"), "Row 1 of 81");
    shows(harness.keys("PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn"), "Row 81 of 81");
    golden("sorted", harness.keys("g Right s s"));
    golden("columns", harness.keys("Right Right Right Right Right Right Right"));
}

#[test]
fn a_cell_is_copied_as_it_is_stored() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6 Down Down Down Right Right Right Right y"), "Value copied");
    assert_eq!(harness.copied, ["Two\nlines\u{202e} and more"]);
}

#[test]
fn pasted_text_is_text_and_no_keys() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6");
    harness.send(Event::Paste("c\nC".into()));
    shows(&harness, "25 of 52 rows");
    harness.keys("/");
    harness.send(Event::Paste("vendor\n02\n".into()));
    shows(&harness, "Find: vendor 02");
    // By values, by names of entries and by keys of their records.
    shows(&harness, "15 of 52 rows");
}

#[test]
fn a_person_is_offered_what_their_roles_allow() {
    let mut harness = Harness::agency(SMALL);
    harness.app.person.roles = "auditor".into();
    for (key, hint) in [("2", "m map"), ("6", "c certify"), ("6", "u undo"), ("6", "C certify all")] {
        lacks(harness.keys(key), hint);
    }
    shows(harness.keys("6 c"), "c takes the role reviewer or admin; yours: auditor.");
    shows(harness.keys("2 m"), "m takes the role steward or admin; yours: auditor.");
    shows(harness.keys("Ctrl+C"), "Nothing runs that could be stopped.");
}

#[test]
fn footer_and_help_list_what_works_here_and_nothing_else() {
    let mut harness = Harness::agency(LARGE);
    for place in ["0", "1", "2", "3", "4", "5", "6"] {
        harness.keys(place);
        for action in actions::ACTIONS.iter().filter(|action| !action.hint.is_empty()) {
            let hint = format!(" {} {} ", action.key(), harness.app.word(action));
            let listed = harness.text().lines().last().is_some_and(|line| format!("{line} ").contains(&hint));
            assert!(!listed || harness.app.applies(action.id), "{hint} in {place}");
        }
    }
}

/// What a person's roles and the row allow is all that help and palette list.
#[test]
fn help_and_palette_list_exactly_what_the_row_allows() {
    const TALL: (u16, u16) = (160, 90);
    for roles in ["admin,steward,reviewer,support", "steward", "reviewer", "support", "auditor"] {
        for place in ["0", "1", "2", "3", "4", "5", "6", "6 v Down Enter", "5 v Down Down Down Enter"] {
            for list in ["?", ":"] {
                let mut harness = Harness::agency(TALL);
                harness.app.person.roles = roles.into();
                harness.keys(place);
                let allowed = harness.app.applicable();
                let text = harness.keys(list).text();
                let listed = |title: &str| text.lines().any(|line| line.trim_end().ends_with(title));
                for action in actions::ACTIONS {
                    let is_allowed = allowed.iter().any(|allowed| allowed.id == action.id);
                    assert_eq!(listed(action.title), is_allowed, "{} for {roles} at {place} in\n{text}", action.title);
                }
            }
        }
    }
}

/// A footer that has no room drops whole hints, and keeps the way out.
#[test]
fn footers_are_never_cut() {
    let scripts = [
        "0", "2 m", "2 E", "6 C", "6 f", "6 f Down Down Down", "6 x", "6 /", "6 r", "6 o", "6 v", "6 v s", "6 |",
        "6 Ctrl+G", "6 Enter", "6", "5", "5 F", "1 Enter", "1 Enter Tab", "1 Enter o", "6 P", "5 E", "5 T", "W",
        "W Tab", "W T", "U", "?", "1 E", "1 d", "O", "6 A", "6 Delete", "5 E Ctrl+U",
    ];
    for script in scripts {
        let mut harness = Harness::agency(SMALL);
        harness.keys(script);
        for width in 60..100 {
            harness.send(Event::Resize(width, 20));
            let text = harness.text();
            let footer = text.lines().last().unwrap_or_default();
            let ends = ["q quit", "close", "cancel", "give up", "leave as it was"];
            assert!(ends.iter().any(|end| footer.ends_with(end)), "{script} at {width}: {footer}");
        }
    }
}

#[test]
fn a_running_write_is_stopped_and_taken_back_whole() {
    let mut harness = Harness::agency(SMALL);
    harness.hold_writes = true;
    shows(harness.keys("6 c"), "Working: Certifying… Ctrl+C stops it.");
    shows(harness.keys("Ctrl+C"), "Stopped: nothing was changed.");
    shows(&harness, "25 of 52 rows");
    lacks(&harness, "Working");
    // A preview that one leaves stops counting, and quitting need not wait for one either.
    harness.keys("C Esc");
    lacks(&harness, "Working");
    assert!(harness.keys("C q").ended || harness.keys("Ctrl+Q").ended);
}

#[test]
fn a_long_sentence_takes_as_many_lines_as_it_needs_and_its_marks_are_not_marked_again() {
    let mut harness = Harness::agency(LEAST);
    harness.keys("6 f Ctrl+U");
    harness.send(Event::Paste("stat\u{202e}uz:x".into()));
    shows(&harness, "\"stat⟨U+202E⟩uz\"");
    harness.keys("Esc");
    harness.app.desk.complain("word ".repeat(20) + "end of it.");
    shows(&harness, "end of it.");
    harness.app.desk.complain("\"⟨U+202E⟩\" is not a user.");
    shows(&harness, "\"⟨U+202E⟩\" is not a user.");
}

#[test]
fn a_row_is_gone_to_by_its_number() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("5 v 5 Ctrl+G '57' Enter"), "Row 57 of 81");
    shows(&harness, "> ! ITM-0000025");
    shows(harness.keys("Up"), "Row 56 of 81");
    shows(harness.keys("Ctrl+G '900' Enter"), "Row 81 of 81");
    shows(harness.keys("Ctrl+G '1' Enter"), "Row 1 of 81");
    shows(harness.keys("Ctrl+G 'x' Enter"), "A number of digits is needed");
    // The number stays right when rows are read again, however far down one is.
    harness.keys("Esc 6 v 6 Ctrl+G '45' Enter");
    harness.elsewhere(&Command::Decide { verb: Verb::Certify, rows: Rows::Ids(vec![5]), reason: None });
    shows(&harness, "Row 45 of 52");
}

#[test]
fn the_value_in_force_stands_beside_an_entry() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("6"), "In force              (none) → Vendor 01 LLC");
    shows(harness.keys("c v 2"), "In force              this entry");
    harness.send(Event::Resize(LARGE.0, LARGE.1));
    shows(&harness, "In force              this entry");
}

#[test]
fn values_of_a_column_are_counted_and_one_is_kept() {
    let mut harness = Harness::agency(SMALL);
    golden("facets", harness.keys("5 v 5 Right Right F"));
    shows(harness.keys("Down Enter"), "Filter: field:");
    shows(harness.keys("- F !"), "Filter: field!=");
    // A state is counted by its label.
    shows(harness.keys("- Right Right F"), "> Applied");
    shows(harness.keys("Enter"), "Filter: state:Applied");
}

#[test]
fn an_identifier_opens_its_record() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 c 1 v 2 g Enter");
    shows(harness.keys("Enter"), "> + LED-");
    shows(harness.keys("Backspace"), "[1 Identifiers]");
}

#[test]
fn the_mouse_chooses_tabs_and_rows_and_its_wheel_moves() {
    let mut harness = Harness::agency(SMALL);
    let click = |kind, column, row| Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let left = MouseEventKind::Down(MouseButton::Left);
    let column = harness.text().lines().nth(1).unwrap().find("6 Ledger").unwrap() as u16;
    harness.send(click(left, column, 1));
    shows(&harness, "[6 Ledger]");
    harness.send(click(left, 10, 8));
    shows(&harness, "Row 4 of 25");
    harness.send(click(MouseEventKind::ScrollDown, 10, 8));
    shows(&harness, "Row 7 of 25");
    // A click beside the rows, or while something lies over them, does nothing.
    harness.send(click(left, 10, 20));
    harness.keys("?");
    harness.send(click(left, 10, 8));
    shows(harness.keys("Esc"), "Row 7 of 25");
    shows(harness.keys(": 'mouse' Enter"), "The mouse is the terminal's");
}

#[test]
fn a_digit_that_leads_where_one_is_leads_there() {
    let mut harness = Harness::agency(SMALL);
    let home = harness.text();
    assert_eq!(harness.keys("0").text(), home);
}

/// Stored text of any kind reaches the screen as visible marks alone, on every screen.
#[test]
fn hostile_text_never_reaches_the_terminal() {
    let mut harness = Harness::agency(LARGE);
    let text = "x\u{1b}[2J\u{9b}1m\u{202e}y\u{200b}\u{e0041}\u{7}\r\nz".to_string() + &"\u{338}".repeat(50);
    let fields = |names: &[&str]| {
        let texts = names.iter().map(|name| (name.to_string(), format!("{text}{name}")));
        texts.collect::<std::collections::BTreeMap<_, _>>()
    };
    let row = |fields| vec![ImportRow { line: 1, fields }];
    let mut map = fields(&["map_id", "source_system_key", "source_code", "source_label", "note"]);
    map.insert("code_list".into(), "contract_type".into());
    let policy = fields(&["policy_id", "target_table", "field_name"]);
    let mut identifier = fields(&["identifier_id", "external_key", "source_system_key", "target_table", "target_id"]);
    identifier.insert("new_target".into(), "Yes".into());
    for (into, fields) in [(Import::ValueMaps, map), (Import::Policies, policy), (Import::Identifiers, identifier)] {
        harness.elsewhere(&Command::Import { into, rows: row(fields) });
    }
    for script in [
        "0", "1", "Enter", "Esc o", "Esc 3 v 2", "Enter", "Esc o", "Esc 2 v 6", "Right =", "Enter", "Esc o", "Esc E",
        "Esc m", "Esc U", "Esc / 'z'", "Esc ?",
    ] {
        let shown = harness.keys(script).text();
        let acting = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{e0000}'..='\u{e007f}')
        };
        assert!(!shown.contains(acting), "{script}\n{shown}");
    }
    shows(harness.keys("Esc 2"), "x⟨U+001B⟩[2J");
}

#[test]
fn themes_change_no_word() {
    let mut harness = Harness::agency(SMALL);
    for script in ["0", "6 C", "Esc ?", "Esc 2 E"] {
        harness.keys(script);
        let plain = harness.text();
        for name in ["dark", "light", "high-contrast", "mono"] {
            harness.app.theme = Theme::named(name).unwrap();
            assert_eq!(harness.text(), plain);
        }
    }
}

/// A few hundred keys in an order that is the same in each run, in terminals of every size.
#[test]
fn no_key_at_no_size_makes_it_panic() {
    let mut names: Vec<String> =
        actions::ACTIONS.iter().flat_map(|action| action.keys).map(ToString::to_string).collect();
    names.retain(|name| name != "q" && name != "Ctrl+Q");
    names.extend(
        ["Esc", "Enter", "Tab", "Down", "a", "is:", "9", "Ctrl+S", "Ctrl+R", "Ctrl+N", "Delete"].map(String::from),
    );
    let mut seed: u64 = 20261122;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..8 {
        let mut harness = Harness::agency((next(250) as u16 + 1, next(80) as u16 + 1));
        for _ in 0..150 {
            let name = &names[next(names.len())];
            match keys::press(name) {
                Some(key) => harness.send(Event::Key(key)),
                None => harness.send(Event::Paste(name.clone())),
            }
            if next(10) == 0 {
                harness.send(Event::Resize(next(250) as u16 + 1, next(80) as u16 + 1));
            }
            let (text, cursor) = harness.frame();
            assert!(!text.chars().any(|c| c != '\n' && c.is_control()));
            let (width, height) = harness.app.desk.size;
            assert!(cursor.is_none_or(|cursor| cursor.x < width && cursor.y < height));
        }
    }
}
