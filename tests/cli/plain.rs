//! Help, usage, completions, and what needs a terminal.

use crate::harness::Bench;

#[test]
fn help_and_version_are_no_errors() {
    let bench = Bench::empty();
    let help = bench.run(&["--help"]).ok();
    for command in ["init", "demo", "import", "ingest", "list", "map", "certify", "undo", "verify", "completions"] {
        assert!(help.out.contains(&format!("\n  {command}")), "{command}");
    }
    assert!(bench.run(&["--version"]).ok().out.starts_with("steward "));
    bench.run(&["ingest"]).misused(&["--source", "--table", "--key"]);
}

#[test]
fn completions_are_printed_for_each_shell() {
    let bench = Bench::empty();
    for shell in ["bash", "zsh", "fish"] {
        let ran = bench.run(&["completions", shell]).ok();
        assert!(ran.out.contains("steward") && ran.out.contains("ingest"), "{shell}");
    }
    bench.run(&["completions", "dos"]).misused(&["bash"]);
}

#[test]
fn the_workbench_needs_a_terminal() {
    let bench = Bench::new();
    bench.run(&[]).refused(&["needs a terminal", "steward --help"]);
}
