//! Whether each theme can be read: the contrast of each role, by itself and on the row under the cursor (WCAG 2.2, 1.4.3).

use ratatui::style::{Color, Modifier, Style};

use super::{Depth, ROLES, Role, THEMES, Theme, rgb};

type Rgb = (u8, u8, u8);

/// The 16 colours as xterm has them; other terminals are near to that.
const SIXTEEN: [(Color, Rgb); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

fn seen(colour: Option<Color>, by_itself: Rgb) -> Rgb {
    match colour {
        None | Some(Color::Reset) => by_itself,
        Some(Color::Rgb(r, g, b)) => (r, g, b),
        Some(Color::Indexed(index @ 16..)) => rgb(index),
        Some(colour) => SIXTEEN.iter().find(|(known, _)| *known == colour).unwrap().1,
    }
}

fn luminance((r, g, b): Rgb) -> f64 {
    let part = |part: u8| match f64::from(part) / 255.0 {
        low @ ..=0.04045 => low / 12.92,
        high => ((high + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

fn contrast(style: Style, (text, ground): (Rgb, Rgb)) -> f64 {
    let (mut fg, mut bg) = (seen(style.fg, text), seen(style.bg, ground));
    if style.add_modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fg, &mut bg);
    }
    if style.add_modifier.contains(Modifier::DIM) {
        let half = |one: u8, other: u8| ((u16::from(one) + u16::from(other)) / 2) as u8;
        fg = (half(fg.0, bg.0), half(fg.1, bg.1), half(fg.2, bg.2));
    }
    let (one, other) = (luminance(fg), luminance(bg));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

const ON_BLACK: (Rgb, Rgb) = ((229, 229, 229), (0, 0, 0));
const ON_GREY: (Rgb, Rgb) = ((212, 212, 212), (30, 30, 30));
const ON_WHITE: (Rgb, Rgb) = ((0, 0, 0), (255, 255, 255));
const ON_PAPER: (Rgb, Rgb) = ((70, 90, 97), (253, 246, 227));

/// The grounds that a theme is made for.
fn grounds(theme: &str) -> &'static [(Rgb, Rgb)] {
    match theme {
        "dark" => &[ON_BLACK, ON_GREY],
        "light" => &[ON_WHITE, ON_PAPER],
        _ => &[ON_BLACK, ON_GREY, ON_WHITE, ON_PAPER],
    }
}

#[test]
fn every_role_of_every_theme_is_read_by_itself_and_under_the_cursor() {
    let mut faint = Vec::new();
    for (name, _) in THEMES {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = Theme::named(name).unwrap().fitted(depth);
            let roles = ROLES.iter().map(|(name, role)| (*name, *role)).chain([("plain", Role::Plain)]);
            for ((role_name, role), ground) in roles.flat_map(|role| grounds(name).iter().map(move |on| (role, *on))) {
                // Lines, and what is said beside something else, may be fainter than what is read.
                let least = if matches!(role, Role::Rule | Role::Quiet | Role::Tab) { 2.9 } else { 4.0 };
                let style = theme.style(role);
                let chosen = style.patch(theme.tint(Role::Selected));
                for (what, style, least) in [("by itself", style, least), ("under the cursor", chosen, 4.5)] {
                    let found = contrast(style, ground);
                    if found < least {
                        faint.push(format!("{name}, {depth:?}: {role_name} {what} on {:?}: {found:.1}", ground.1));
                    }
                }
            }
        }
    }
    assert!(faint.is_empty(), "too faint:\n{}", faint.join("\n"));
}
