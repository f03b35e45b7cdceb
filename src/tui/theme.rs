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

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    None,
    Sixteen,
    Indexed,
    True,
}

impl Depth {
    /// What the environment says: `NO_COLOR` (https://no-color.org), `COLORTERM`, `TERM`.
    pub fn from_environment() -> Depth {
        let value = |name| std::env::var(name).unwrap_or_default();
        Depth::of(&value("NO_COLOR"), &value("COLORTERM"), &value("TERM"))
    }

    fn of(no_color: &str, colorterm: &str, term: &str) -> Depth {
        match (no_color, colorterm) {
            ("", "truecolor" | "24bit") => Depth::True,
            ("", _) if term.contains("direct") => Depth::True,
            ("", _) if term.contains("256color") => Depth::Indexed,
            ("", _) => Depth::Sixteen,
            _ => Depth::None,
        }
    }

    /// The nearest colour that the terminal has.
    fn fit(self, colour: Color) -> Option<Color> {
        match (self, colour) {
            (Depth::None, _) => None,
            (Depth::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(cube(r, g, b))),
            (Depth::Sixteen, Color::Rgb(r, g, b)) => Some(sixteen(r, g, b)),
            (Depth::Sixteen, Color::Indexed(index @ 16..)) => {
                let (r, g, b) = rgb(index);
                Some(sixteen(r, g, b))
            }
            _ => Some(colour),
        }
    }
}

/// The nearest of the 6×6×6 colours that most terminals have.
fn cube(r: u8, g: u8, b: u8) -> u8 {
    let step = |part: u8| if part < 48 { 0 } else { ((u16::from(part) - 35) / 40) as u8 };
    16 + 36 * step(r) + 6 * step(g) + step(b)
}

/// The red, green and blue of a colour from 16 on.
fn rgb(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return (grey, grey, grey);
    }
    let part = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    let index = index - 16;
    (part(index / 36), part(index / 6 % 6), part(index % 6))
}

/// The nearest of the colours that each terminal has, by which parts are on and how bright they are.
fn sixteen(r: u8, g: u8, b: u8) -> Color {
    let most = r.max(g).max(b);
    let least = r.min(g).min(b);
    if most - least < 32 {
        return match most {
            0..48 => Color::Black,
            48..128 => Color::DarkGray,
            128..208 => Color::Gray,
            _ => Color::White,
        };
    }
    let on = |part: u8| u16::from(part) * 2 > u16::from(most);
    let bright = most > 191;
    match (on(r), on(g), on(b), bright) {
        (true, false, false, false) => Color::Red,
        (true, false, false, true) => Color::LightRed,
        (false, true, false, false) => Color::Green,
        (false, true, false, true) => Color::LightGreen,
        (true, true, false, false) => Color::Yellow,
        (true, true, false, true) => Color::LightYellow,
        (true, false, true, false) => Color::Magenta,
        (true, false, true, true) => Color::LightMagenta,
        (false, true, true, false) => Color::Cyan,
        (false, true, true, true) => Color::LightCyan,
        (true, true, true, _) => Color::White,
        (false, false, _, false) => Color::Blue,
        (false, false, _, true) => Color::LightBlue,
    }
}

impl Theme {
    /// A theme by its name, or a sentence with the names there are.
    pub fn named(name: &str) -> Result<Theme, String> {
        Theme::text(name).and_then(Theme::parse)
    }

    /// The lines of one of the program's themes, for a person to begin their own from.
    pub fn text(name: &str) -> Result<&'static str, String> {
        let found = THEMES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        found.ok_or_else(|| {
            let names = THEMES.map(|(name, _)| name).join(", ");
            format!("There is no theme \"{}\"; there are {names}.", crate::model::Shown(name))
        })
    }

    /// The theme of a person who chose none.
    pub fn from_environment() -> Theme {
        Theme::on(is_light(&std::env::var("COLORFGBG").unwrap_or_default()))
    }

    /// The theme for a light background, or for a dark one.
    pub fn on(light: bool) -> Theme {
        Theme::named(if light { "light" } else { "dark" }).unwrap_or_default().fitted(Depth::from_environment())
    }

    /// The theme with the colours that a terminal has; without any, the one that was made to need none.
    pub fn fitted(mut self, depth: Depth) -> Theme {
        if depth == Depth::None {
            return Theme::named("mono").unwrap_or_default();
        }
        for style in self.styles.values_mut() {
            style.fg = style.fg.and_then(|colour| depth.fit(colour));
            style.bg = style.bg.and_then(|colour| depth.fit(colour));
        }
        self
    }

    pub fn parse(text: &str) -> Result<Theme, String> {
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

    /// The look that a role gives to what stands there already. The row under the cursor is to be read whatever stands in
    /// it: colours that were made for another background give way.
    pub fn tint(&self, role: Role) -> Style {
        match role {
            Role::Selected => {
                let bare = Style::new().fg(Color::Reset).bg(Color::Reset);
                bare.remove_modifier(Modifier::DIM | Modifier::REVERSED).patch(self.style(role))
            }
            role => self.style(role),
        }
    }

    /// The program's theme after another one, for whoever looks which suits them.
    pub fn after(name: Option<&str>) -> (&'static str, Theme) {
        let at = THEMES.iter().position(|(known, _)| Some(*known) == name).map_or(0, |at| at + 1);
        let (name, text) = THEMES[at % THEMES.len()];
        (name, Theme::parse(text).unwrap_or_default().fitted(Depth::from_environment()))
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

/// Whether a terminal says in `COLORFGBG` (`foreground;background`) that its background is light.
fn is_light(colours: &str) -> bool {
    colours.contains(';') && matches!(colours.rsplit(';').next(), Some("7" | "15"))
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
#[path = "theme_contrast_tests.rs"]
mod contrast;

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

    #[test]
    fn colours_fit_the_terminal() {
        let theme = Theme::parse("key = #ff8800 on #101010\nnote = 196").unwrap();
        let colours = |depth| {
            let theme = theme.clone().fitted(depth);
            (theme.style(Role::Key).fg, theme.style(Role::Key).bg, theme.style(Role::Note).fg)
        };
        assert_eq!(colours(Depth::True).0, Some(Color::Rgb(255, 136, 0)));
        assert_eq!(
            colours(Depth::Indexed),
            (Some(Color::Indexed(208)), Some(Color::Indexed(16)), Some(Color::Indexed(196)))
        );
        assert_eq!(colours(Depth::Sixteen), (Some(Color::LightYellow), Some(Color::Black), Some(Color::LightRed)));
        assert_eq!(theme.clone().fitted(Depth::None), Theme::named("mono").unwrap());
        assert_eq!(Depth::of("1", "truecolor", "xterm-256color"), Depth::None);
        assert_eq!(Depth::of("", "truecolor", "xterm"), Depth::True);
        assert_eq!(Depth::of("", "", "xterm-256color"), Depth::Indexed);
        assert_eq!(Depth::of("", "", "vt100"), Depth::Sixteen);
        assert!(is_light("0;15") && is_light("0;default;7") && !is_light("15;0") && !is_light("") && !is_light("7"));
    }
}
