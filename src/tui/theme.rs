//! How each part of the screen looks: the one place that knows colours.
//!
//! A theme is a text of `role = style` lines in `assets/themes`, compiled in. Whatever a colour says, a character says too,
//! so that a theme without colours loses nothing.

use std::collections::HashMap;

use ratatui::style::{Color, Modifier, Style};

/// What a part of the screen is, for a theme to say how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Plain,
    Title,
    Tab,
    TabHere,
    Rule,
    Heading,
    /// A column's heading, and that of the column the cursor is in.
    Column,
    ColumnHere,
    Selected,
    Marked,
    Good,
    Waiting,
    Bad,
    Quiet,
    Key,
    Note,
    Error,
    Input,
    /// A text that was looked for.
    Found,
}

const ROLES: [(&str, Role); 18] = [
    ("title", Role::Title),
    ("tab", Role::Tab),
    ("tab-here", Role::TabHere),
    ("rule", Role::Rule),
    ("heading", Role::Heading),
    ("column", Role::Column),
    ("column-here", Role::ColumnHere),
    ("selected", Role::Selected),
    ("marked", Role::Marked),
    ("good", Role::Good),
    ("waiting", Role::Waiting),
    ("bad", Role::Bad),
    ("quiet", Role::Quiet),
    ("key", Role::Key),
    ("note", Role::Note),
    ("error", Role::Error),
    ("input", Role::Input),
    ("found", Role::Found),
];

/// The themes that the program carries.
const THEMES: [(&str, &str); 4] = [
    ("dark", include_str!("../../assets/themes/dark.theme")),
    ("light", include_str!("../../assets/themes/light.theme")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.theme")),
    ("mono", include_str!("../../assets/themes/mono.theme")),
];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Theme {
    styles: HashMap<Role, Style>,
}

impl Theme {
    /// A theme by its name, or a sentence with the names there are.
    pub fn named(name: &str) -> Result<Theme, String> {
        match THEMES.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Theme::parse(text),
            None => {
                let names = THEMES.map(|(name, _)| name).join(", ");
                Err(format!("There is no theme \"{}\"; there are {names}.", crate::model::Shown(name)))
            }
        }
    }

    /// The theme of a person who chose none: without colours where `NO_COLOR` asks for that (https://no-color.org).
    pub fn from_environment() -> Theme {
        let colourless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Theme::named(if colourless { "mono" } else { "dark" }).unwrap_or_default()
    }

    fn parse(text: &str) -> Result<Theme, String> {
        let mut theme = Theme::default();
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (name, words) = line.split_once('=').ok_or(format!("line {number}: not role = style"))?;
            let found = ROLES.iter().find(|(known, _)| *known == name.trim());
            let (_, role) = found.ok_or(format!("line {number}: no role {}", name.trim()))?;
            let style = style(words).ok_or(format!("line {number}: unknown word in {}", words.trim()))?;
            theme.styles.insert(*role, style);
        }
        Ok(theme)
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn style(words: &str) -> Option<Style> {
    let mut style = Style::new();
    let mut background = false;
    for word in words.split_whitespace() {
        style = match word {
            "on" => {
                background = true;
                continue;
            }
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "italic" => style.add_modifier(Modifier::ITALIC),
            "underlined" => style.add_modifier(Modifier::UNDERLINED),
            "reversed" => style.add_modifier(Modifier::REVERSED),
            colour if background => style.bg(colour.parse::<Color>().ok()?),
            colour => style.fg(colour.parse::<Color>().ok()?),
        };
    }
    Some(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_is_read_and_mono_has_no_colour() {
        for (name, _) in THEMES {
            Theme::named(name).unwrap();
        }
        let mono = Theme::named("mono").unwrap();
        assert!(mono.styles.values().all(|style| style.fg.is_none() && style.bg.is_none()));
        assert!(Theme::named("pink").unwrap_err().contains("dark, light"));
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert_eq!(Theme::parse("title = bold\nkey = sparkly").unwrap_err(), "line 2: unknown word in sparkly");
    }
}
