//! `steward settings`, and how the workbench takes them.

use crate::harness::Bench;

fn with_settings(text: &str) -> Bench {
    let bench = Bench::agency();
    std::fs::create_dir_all(bench.path("home/.config/steward")).unwrap();
    bench.file("home/.config/steward/settings.toml", text);
    bench
}

#[test]
fn the_printed_file_names_its_place_and_is_in_order_itself() {
    let bench = Bench::empty();
    let printed = bench.run(&["settings"]).ok().out;
    assert!(
        printed.starts_with("# ") && printed.contains("home/.config/steward/settings.toml is not there"),
        "{printed}"
    );
    assert!(printed.contains("#theme = \"auto\"") && printed.contains("#certify = [\"c\"]"), "{printed}");
    assert!(bench.run(&["settings", "--check"]).ok().out.contains("the defaults hold"));
    let bench = with_settings(&printed);
    assert!(bench.run(&["settings", "--check"]).ok().out.contains("is in order"));
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_keeps_the_workbench_from_starting() {
    let bench = with_settings("theme = \"dark\"\nmous = true\n[keys]\ncopy = [\"c\"]\n");
    let expected = ["settings.toml, line 2", "Did you mean mouse?", "settings.toml, line 4", "copy (line 4)"];
    for ran in [bench.run(&["settings", "--check"]), bench.feed(&["--plain"], b"quit\n")] {
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        expected.iter().for_each(|part| assert!(ran.err.contains(part), "{part} is not in {ran:?}"));
    }
    // Beside what could stand in the file it is told, too.
    let ran = bench.run(&["settings"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("#theme = \"auto\"") && expected.iter().all(|part| ran.err.contains(part)), "{ran:?}");
}

#[test]
fn a_theme_is_printed_to_begin_one_s_own_from() {
    let bench = with_settings("theme = \"mine\"\n");
    let theme = bench.run(&["settings", "--theme", "light"]).ok().out;
    assert!(theme.contains("title = bold"), "{theme}");
    std::fs::create_dir_all(bench.path("home/.config/steward/themes")).unwrap();
    assert_eq!(bench.run(&["settings", "--check"]).code, 1);
    bench.file("home/.config/steward/themes/mine.theme", theme);
    bench.run(&["settings", "--check"]).ok();
    bench.run(&["settings", "--theme", "pink"]).refused(&["there are dark, light"]);
}

#[test]
fn settings_hold_in_the_workbench() {
    let bench = with_settings(
        "start = \"sync-items: All, newest first\"\ntime-zone = \"+05:45\"\ndate-form = \"dotted\"\n[keys]\nundo = \"F8\"\n",
    );
    let ran = bench.feed(&["--plain"], b"u\nEsc\n?\n").ok();
    assert!(ran.out.contains("Sync Items, view All, newest first"), "{}", ran.out);
    assert!(!ran.out.contains("newest first, newest first"), "{}", ran.out);
    assert!(ran.out.contains("Undo what you did here last: F8"), "{}", ran.out);
    let dotted = ran.out.split(' ').any(|word| word.len() == 10 && word.matches('.').count() == 2);
    assert!(dotted, "{}", ran.out);
}
