//! Every command that a sentence of the program names is one, with all the arguments that it needs.

use std::fs;
use std::path::Path;

use clap::Parser;

use super::Args;

/// What stands for an argument in a sentence: a word in capitals, or what is filled in.
fn filled(word: &str) -> String {
    let name = word.trim_matches(['"', '\'', '\\']);
    let capitals = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    match () {
        () if name.contains('{') || capitals => "1".into(),
        () => name.into(),
    }
}

/// The commands that a literal names: from `steward` and a command's name to the end of the sentence.
fn named(literal: &str, commands: &[String]) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for part in literal.split("steward ").skip(1) {
        let first = part.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ',', ';', ')']);
        if !commands.iter().any(|command| command == first) {
            continue;
        }
        let mut words = Vec::new();
        let mut quoted = false;
        for word in part.split_whitespace() {
            let inside = quoted;
            quoted ^= word.matches('"').count() % 2 == 1;
            let end = word.ends_with(['.', ',', ';', ':', ')']) && !quoted;
            let word = word.trim_end_matches(['.', ',', ';', ':', ')']);
            // Behind the arguments a sentence goes on in small letters.
            let argument = words.is_empty()
                || word.starts_with("--")
                || word.contains('{')
                || filled(word) == "1"
                || BELOW.contains(&word)
                || inside;
            if !argument {
                break;
            }
            if !inside {
                words.push(filled(word));
            }
            if end {
                break;
            }
        }
        // Whichever table it is.
        if words.len() > 1 && ["list", "prove", "show"].contains(&words[0].as_str()) && words[1] == "1" {
            words[1] = "ledger".into();
        }
        out.push(words);
    }
    out
}

/// Words of a command line that are no placeholders: what stands below a command, and tables.
const BELOW: [&str; 15] = [
    "list", "add", "set", "lift", "codes", "policies", "value-maps", "identifiers", "bindings", "sync-items", "ledger",
    "sync-jobs", "steward", "mapped_users", "allow",
];

/// The literals of a source, as one line each.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default().replace("\\\n", " ");
    let mut out = Vec::new();
    let mut rest = source.as_str();
    while let Some(start) = rest.find('"') {
        let text = &rest[start + 1..];
        let end = text.char_indices().scan(false, |escaped, (at, c)| {
            let ends = c == '"' && !*escaped;
            *escaped = c == '\\' && !*escaped;
            Some((at, ends))
        });
        let Some((end, _)) = end.into_iter().find(|(_, ends)| *ends) else { break };
        let line = text[..end].split_whitespace().collect::<Vec<_>>().join(" ").replace("\\\"", "\"");
        out.push(line);
        rest = &text[end + 1..];
    }
    out
}

fn sources(folder: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.extension().is_some_and(|end| end == "rs") {
            true if !path.ends_with("hints_tests.rs") => out.push(fs::read_to_string(&path).unwrap()),
            _ if path.is_dir() => sources(&path, out),
            _ => {}
        }
    }
}

#[test]
fn every_command_that_a_sentence_names_can_be_followed() {
    let commands: Vec<String> = super::commands().iter().map(|(name, _)| name.clone()).collect();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut followed, mut wrong) = (0, Vec::new());
    for literal in files.iter().flat_map(|file| literals(file)) {
        for words in named(&literal, &commands) {
            followed += 1;
            let args = std::iter::once("steward").chain(words.iter().map(String::as_str));
            if let Err(error) = Args::try_parse_from(args) {
                let said = error.to_string().lines().take(3).collect::<Vec<_>>().join(" ");
                wrong.push(format!("{literal}\n    steward {}: {said}", words.join(" ")));
            }
        }
    }
    assert!(followed > 40, "only {followed} were found");
    assert!(wrong.is_empty(), "{} cannot be followed:\n{}", wrong.len(), wrong.join("\n"));
}
