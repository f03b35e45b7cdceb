//! The person's settings: one TOML file, of which each key is documented in `assets/settings.toml` and by [`document`].
//!
//! Nothing is guessed: a file with anything wrong in it is refused as a whole, and each thing that is wrong is named with
//! its line. A file that is not there means the defaults. The program never writes this file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::actions::ACTIONS;
use super::folders;
use super::keymap::{self, Binding, Keymap, Problem};
use super::over_keys::OVER_KEYS;
use super::panes::{PaneSpec, View};
use super::theme::{Depth, Theme};
use super::zone::{DATE_FORMS, DateForm, Zone};
use crate::exchange::rights;
use crate::model::text::nearest;
use crate::model::{Shown, Table};

/// The settings as a person first sees them, but for the keys.
const DOCUMENTED: &str = include_str!("../../assets/settings.toml");

const NAMES: [&str; 6] = ["theme", "time-zone", "date-form", "mouse", "start", "keys"];

/// What comes up first.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    Home,
    /// Where one left off.
    Last,
    Pane(Table, Option<&'static View>),
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub theme: Theme,
    /// Whether the person chose it; else it may follow the terminal's background.
    pub theme_chosen: bool,
    pub zone: Zone,
    pub keymap: Keymap,
    pub mouse: bool,
    pub start: Start,
}

/// Where the settings are read from; none where nobody knows the person's home.
pub fn path() -> Option<PathBuf> {
    folders::config().map(|folder| folder.join("settings.toml"))
}

/// The person's settings, or the defaults.
///
/// # Errors
/// A line for each thing that is wrong, with the file and the line in it.
pub fn read() -> anyhow::Result<Settings> {
    match path() {
        Some(path) => read_from(&path),
        None => Ok(Settings::default()),
    }
}

/// The settings in a file, or the defaults if there is none.
///
/// # Errors
/// As [`read`].
pub fn read_from(path: &Path) -> anyhow::Result<Settings> {
    let name = Shown(&path.to_string_lossy()).to_string();
    let text = match rights::as_person(|| fs::read_to_string(path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(error) => anyhow::bail!("The settings {name} cannot be read: {error}."),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    Settings::parse(&text, folder).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|(line, text)| format!("{name}, line {line}: {text}")).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

/// The default file: every key with what it does.
pub fn document() -> String {
    let mut text = format!("{DOCUMENTED}\n{KEYS}");
    for action in ACTIONS {
        let keys: Vec<String> = action.keys.iter().map(|key| format!("{key:?}")).collect();
        let binding = format!("#{} = [{}]", keymap::name(action.id), keys.join(", "));
        text.push_str(&format!("{binding:<34} # {}\n", action.title));
    }
    text.push_str(KEYS_OVER);
    for own in OVER_KEYS {
        let keys: Vec<String> = own.keys.iter().map(|key| format!("{key:?}")).collect();
        let binding = format!("#{} = [{}]", own.name, keys.join(", "));
        text.push_str(&format!("{binding:<34} # {}\n", own.title));
    }
    text
}

const KEYS_OVER: &str = "\
# Keys of what lies over a screen. They apply only there, so that a key may be for something else elsewhere. Esc, Enter,
# Tab, the arrows, the paging keys, digits and F1 (every key) mean the same everywhere and stay; so do the keys of the
# preview, which are these alone. Where a text is typed, characters and the keys that edit it (Ctrl+U, Ctrl+W, ...) are text.
";

const KEYS: &str = "\
# Keys by the name of the action; the first is the one that is shown. [] leaves an action without a key: it is found by
# its words then. Keys are written as c, C, Ctrl+A, Shift+Up, F5, Space. A key has one action; Ctrl+C, Ctrl+L,
# Ctrl+Z, Ctrl+Q and Esc keep theirs. What lies over a screen (forms, lists) has keys of its own, further below.
[keys]
";

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            theme: Theme::from_environment(),
            theme_chosen: false,
            zone: Zone::LOCAL,
            keymap: Keymap::default(),
            mouse: true,
            start: Start::Home,
        }
    }
}

impl Settings {
    /// Reads a settings file's text; `folder` is where it lies, and where the person's own themes are looked for.
    pub fn parse(text: &str, folder: &Path) -> Result<Settings, Vec<Problem>> {
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line(text, span.start));
            vec![(line, format!("This is not TOML: {}.", Shown(error.message())))]
        })?;
        let mut settings = Settings::default();
        let mut form = DateForm::default();
        let mut problems: Vec<Problem> = Vec::new();
        for (key, value) in table.get_ref() {
            let at = line(text, key.span().start);
            let read = match key.get_ref().as_ref() {
                "theme" => word(value).and_then(|name| theme(name, folder)).map(|theme| {
                    (settings.theme, settings.theme_chosen) = (theme, true);
                }),
                "time-zone" => word(value).and_then(Zone::parse).map(|zone| settings.zone = zone),
                "date-form" => word(value).and_then(date_form).map(|chosen| form = chosen),
                "mouse" => yes(value).map(|mouse| settings.mouse = mouse),
                "start" => word(value).and_then(start).map(|start| settings.start = start),
                "keys" => {
                    match bindings(value, text).and_then(|bindings| Keymap::with(&bindings)) {
                        Ok(keymap) => settings.keymap = keymap,
                        Err(wrong) => problems.extend(wrong),
                    }
                    Ok(())
                }
                unknown => Err(no_setting(unknown)),
            };
            problems.extend(read.err().map(|problem| (at, problem)));
        }
        settings.zone = settings.zone.with_form(form);
        problems.sort();
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}

/// The line of a place in a text, from 1 on.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn word<'a>(value: &'a Spanned<DeValue<'_>>) -> Result<&'a str, String> {
    let value = value.get_ref();
    value.as_str().ok_or_else(|| format!("A text in quotes is needed here, not {}.", a(value)))
}

fn yes(value: &Spanned<DeValue<'_>>) -> Result<bool, String> {
    let value = value.get_ref();
    value.as_bool().ok_or_else(|| format!("Write true or false here, without quotes, not {}.", a(value)))
}

fn a(value: &DeValue<'_>) -> String {
    match value.type_str() {
        kind @ ("array" | "integer" | "inline-table") => format!("an {kind}"),
        kind => format!("a {kind}"),
    }
}

fn no_setting(name: &str) -> String {
    let hint = nearest(name, NAMES).map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    format!("There is no setting \"{}\".{hint} steward settings lists them all.", Shown(name))
}

fn date_form(name: &str) -> Result<DateForm, String> {
    let found = DATE_FORMS.into_iter().find(|(known, _)| *known == name).map(|(_, form)| form);
    let names = DATE_FORMS.map(|(name, _)| name).join(", ");
    found.ok_or_else(|| format!("There is no date form \"{}\"; there are {names}.", Shown(name)))
}

/// A theme of ours, or of the person's own, with the colours that the terminal has.
fn theme(name: &str, folder: &Path) -> Result<Theme, String> {
    if name == "auto" {
        return Ok(Theme::from_environment());
    }
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c));
    let path = folder.join("themes").join(format!("{name}.theme"));
    let theme = match Theme::named(name) {
        Err(_) if plain && path.exists() => {
            let shown = Shown(&path.to_string_lossy()).to_string();
            let text = rights::as_person(|| fs::read_to_string(&path))
                .map_err(|error| format!("{shown} cannot be read: {error}."))?;
            Theme::parse(&text).map_err(|problem| format!("{shown}, {}.", Shown(&problem)))
        }
        Err(problem) => Err(format!("{problem} Your own would be {}.", Shown(&path.to_string_lossy()))),
        theme => theme,
    };
    theme.map(|theme| theme.fitted(Depth::from_environment()))
}

/// `home`, `last`, `ledger`, `ledger: Pending`.
fn start(text: &str) -> Result<Start, String> {
    let (table, view) = match text.split_once(':') {
        Some((table, view)) => (table.trim(), Some(view.trim())),
        None => (text, None),
    };
    match (table, view) {
        ("home", None) => return Ok(Start::Home),
        ("last", None) => return Ok(Start::Last),
        _ => {}
    }
    let Some(table) = Table::find(table) else {
        let tables = Table::ALL.map(|table| table.info().name).join(", ");
        return Err(format!("\"{}\" cannot come up first; there are home, last, {tables}.", Shown(table)));
    };
    let Some(name) = view else { return Ok(Start::Pane(table, None)) };
    let views = PaneSpec::of(table).views;
    match views.iter().find(|view| view.name.eq_ignore_ascii_case(name)) {
        Some(view) => Ok(Start::Pane(table, Some(view))),
        None => {
            let names: Vec<&str> = views.iter().map(|view| view.name).collect();
            let title = table.info().title;
            Err(format!("{title} has no view \"{}\"; there are {}.", Shown(name), names.join("; ")))
        }
    }
}

/// The keys that the file gives to actions: a text or a list of texts each.
fn bindings(value: &Spanned<DeValue<'_>>, text: &str) -> Result<Vec<Binding>, Vec<Problem>> {
    let at = line(text, value.span().start);
    let Some(table) = value.get_ref().as_table() else {
        return Err(vec![(at, "Keys are a section of their own: [keys], then action = [\"key\"].".into())]);
    };
    let mut out = Vec::new();
    let mut problems = Vec::new();
    for (action, keys) in table {
        let line = line(text, action.span().start);
        let listed = match keys.get_ref() {
            DeValue::Array(keys) => keys.iter().map(|key| key.get_ref().as_str().map(ToString::to_string)).collect(),
            one => one.as_str().map(|key| vec![key.to_string()]),
        };
        match listed {
            Some(keys) => out.push(Binding { action: action.get_ref().to_string(), keys, line }),
            None => problems.push((line, "Keys are texts in quotes: [\"c\", \"F2\"].".to_string())),
        }
    }
    // In the file's order, so that of two lines that want one key the later one is named.
    out.sort_by_key(|binding| binding.line);
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::actions::Id;

    fn parse(text: &str) -> Result<Settings, Vec<Problem>> {
        Settings::parse(text, Path::new("nowhere"))
    }

    #[track_caller]
    fn wrong(text: &str, line: usize, part: &str) {
        let problems = parse(text).unwrap_err();
        assert!(problems.iter().any(|(at, problem)| *at == line && problem.contains(part)), "{problems:?}");
    }

    #[test]
    fn the_documented_file_is_the_default_with_and_without_its_remarks() {
        assert!(parse(&document()).is_ok());
        // Each line that is commented out is a setting as it can be written.
        let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ");
        let lines = document();
        let uncommented: Vec<&str> =
            lines.lines().map(|line| if is_setting(line) { &line[1..] } else { line }).collect();
        let settings = parse(&uncommented.join("\n")).unwrap();
        assert!(matches!(settings.start, Start::Home) && settings.mouse && settings.zone == Zone::LOCAL);
        for (own, given) in ACTIONS.iter().zip(settings.keymap.actions()) {
            assert_eq!(own.keys.first(), given.keys.first(), "{:?}", own.id);
        }
        for name in NAMES {
            assert!(document().contains(&format!("{name} =")) || document().contains(&format!("[{name}]")), "{name}");
        }
    }

    #[test]
    fn settings_are_read() {
        let text = "theme = \"light\"\ntime-zone = \"Europe/Berlin\"\ndate-form = \"dotted\"\nmouse = false\n\
                    start = \"ledger: stale\"\n[keys]\ncopy = \"F9\"\nundo = [\"F8\", \"u\"]\n";
        let settings = parse(text).unwrap();
        assert_eq!(settings.zone.minute(0), "01.01.1970 01:00");
        assert!(!settings.mouse);
        assert!(matches!(settings.start, Start::Pane(Table::Ledger, Some(view)) if view.name == "Stale"));
        assert_eq!(settings.keymap.key(Id::Undo), "F8");
        assert_eq!(settings.keymap.bound("F9").map(|action| action.id), Some(Id::Copy));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        wrong("\n\nthem = \"dark\"", 3, "Did you mean theme?");
        wrong("mouse = true\ntheme = \"pink\"", 2, "There is no theme \"pink\"");
        wrong("mouse = \"yes\"", 1, "true or false");
        wrong("theme = 3", 1, "not an integer");
        wrong("\ntime-zone = \"Mars\"", 2, "There is no time zone");
        wrong("date-form = \"long\"", 1, "iso, month-first");
        wrong("start = \"ledgr\"", 1, "there are home, last");
        wrong("start = \"ledger: None\"", 1, "Pending; Certified");
        wrong("keys = 3", 1, "[keys]");
        wrong("[keys]\ncopy = 3", 2, "in quotes");
        wrong("[keys]\n\ncopy = [\"c\"]", 3, "copy (line 3)");
        wrong("theme = \"dark", 1, "not TOML");
        wrong("theme = \"dark\"\ntheme = \"mono\"", 2, "not TOML");
        let problems = parse("them = 1\nstrat = 2").unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn a_theme_of_one_s_own_is_read_and_its_fault_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("themes")).unwrap();
        fs::write(folder.path().join("themes/mine.theme"), "title = bold\nkey = sparkly").unwrap();
        let problems = Settings::parse("theme = \"mine\"", folder.path()).unwrap_err();
        assert!(problems[0].1.contains("mine.theme, line 2: unknown word in sparkly"), "{problems:?}");
        fs::write(folder.path().join("themes/mine.theme"), "title = bold").unwrap();
        assert!(Settings::parse("theme = \"mine\"", folder.path()).is_ok());
        assert!(Settings::parse("theme = \"../mine\"", folder.path()).is_err());
    }
}
