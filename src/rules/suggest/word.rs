//! How alike two words are: by their letters, by how they sound, by one being short for the other.

use rapidfuzz::distance::osa;

use super::signs::is_negation;

/// A word with the forms that comparing takes, made once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub text: String,
    /// Spelled by sound: letters that languages use for each other are one.
    pub sound: String,
    /// The consonants of the sound.
    pub bones: String,
    digits: bool,
}

impl Form {
    pub fn new(text: &str) -> Form {
        let sound = sound(text);
        let bones = bones(&sound);
        Form { text: text.to_string(), sound, bones, digits: text.bytes().any(|c| c.is_ascii_digit()) }
    }

    /// From 0 to 1; under [`FLOOR`] it is 0. Numbers are the same or not at all alike.
    pub fn alike(&self, other: &Form) -> f32 {
        if self.text == other.text {
            return 1.0;
        }
        if self.digits || other.digits {
            return 0.0;
        }
        if inflected(&self.text, &other.text) && !is_negation(&self.text) && !is_negation(&other.text) {
            return 0.96;
        }
        let letters = near(&self.text, &other.text);
        let sound = near(&self.sound, &other.sound) * 0.97;
        let (short, long) = (self.bones.len().min(other.bones.len()), self.bones.len().max(other.bones.len()));
        let bones = if short >= 3 || (short == 2 && long == 2) { near(&self.bones, &other.bones) } else { 0.0 };
        let mixed = 0.45 * sound.max(letters) + 0.5 * bones;
        let spelled = letters.max(sound).max(mixed);
        let begun = begun(&self.text, &other.text);
        let spelled = spelled + (1.0 - spelled) * 0.3 * begun;
        let best = spelled.max(shortened(self, other)).min(0.95);
        if best < FLOOR { 0.0 } else { best }
    }

    /// Whether a text is the word with one letter changed, added, dropped or two swapped, and both are long enough for that
    /// to say little: eight letters, the first the same.
    pub fn is_slip_of(&self, text: &str) -> bool {
        !self.digits
            && self.text.len().min(text.len()) >= 8
            && self.text.as_bytes()[0] == text.as_bytes()[0]
            && osa::distance(self.text.bytes(), text.bytes()) == 1
    }
}

/// What is less alike is not alike.
pub const FLOOR: f32 = 0.55;

/// 1 less the share of letters to change, add, drop or swap.
fn near(a: &str, b: &str) -> f32 {
    let args = osa::Args::default().score_cutoff(0.4);
    osa::normalized_similarity_with_args(a.bytes(), b.bytes(), &args).map_or(0.0, |near| near as f32)
}

/// The share of the shorter word that both begin with; from three letters on.
fn begun(a: &str, b: &str) -> f32 {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    if same < 3 { 0.0 } else { same as f32 / a.len().min(b.len()) as f32 }
}

/// Whether the words differ by an ending of number or tense.
pub fn inflected(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let Some(rest) = long.strip_prefix(short) else {
        // city, cities
        return short.len() > 3
            && short.strip_suffix('y').and_then(|stem| long.strip_prefix(stem)).is_some_and(|rest| rest == "ies");
    };
    short.len() >= 3 && matches!(rest, "s" | "es" | "d" | "ed")
}

/// How surely one word is short for the other: `dept`, `st`, `rep`, also by sound.
fn shortened(a: &Form, b: &Form) -> f32 {
    let (short, long) = if a.text.len() < b.text.len() { (a, b) } else { (b, a) };
    let (spelled, whole) = (short.text.as_str(), long.text.as_str());
    if spelled.len() < 2 || spelled.as_bytes()[0] != whole.as_bytes()[0] {
        return 0.0;
    }
    if whole.starts_with(spelled) {
        return if spelled.len() >= 3 { 0.8 } else { 0.65 };
    }
    if short.sound.len() >= 4 && long.sound.starts_with(&short.sound) {
        return 0.75;
    }
    if spelled.len() > 5 || spelled.len() * 10 > whole.len() * 7 {
        return 0.0;
    }
    let mut rest = whole.bytes();
    let in_order = spelled.bytes().all(|wanted| rest.any(|c| c == wanted));
    let ends = spelled.bytes().last() == whole.bytes().last();
    if in_order && ends { 0.75 } else { 0.0 }
}

/// The word by sound. Each rule takes letters that scripts and languages write for one sound.
fn sound(text: &str) -> String {
    const GROUPS: [(&str, &str); 19] = [
        ("dzh", "j"),
        ("tch", "c"),
        ("tsh", "c"),
        ("sch", "s"),
        ("dj", "j"),
        ("zh", "j"),
        ("kh", "k"),
        ("gh", "g"),
        ("ph", "f"),
        ("sh", "s"),
        ("ch", "c"),
        ("th", "t"),
        ("ts", "s"),
        ("tz", "s"),
        ("ck", "k"),
        ("qu", "k"),
        ("ou", "u"),
        ("oo", "u"),
        ("ee", "i"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (spelled, taken) = match GROUPS.iter().find(|(group, _)| rest.starts_with(group)) {
            Some((group, sound)) => (*sound, group.len()),
            None => (one_sound(first, rest.as_bytes().get(1).copied(), out.is_empty()), first.len_utf8()),
        };
        if !out.ends_with(spelled) || spelled.is_empty() {
            out.push_str(spelled);
        }
        rest = &rest[taken..];
    }
    out
}

fn one_sound(letter: char, next: Option<u8>, begins: bool) -> &'static str {
    match letter {
        'a' => "a",
        'e' | 'i' | 'y' => "i",
        'o' | 'u' => "u",
        'c' if matches!(next, Some(b'e' | b'i' | b'y')) => "s",
        'c' | 'k' | 'q' => "k",
        'h' if !begins => "",
        'h' => "h",
        'w' | 'v' => "v",
        's' | 'z' => "s",
        'x' => "ks",
        'b' => "b",
        'd' => "d",
        'f' => "f",
        'g' => "g",
        'j' => "j",
        'l' => "l",
        'm' => "m",
        'n' => "n",
        'p' => "p",
        'r' => "r",
        't' => "t",
        _ => "",
    }
}

/// The consonants of a sound: `v` may have been a `w`, which scripts without vowels write for one, and `j` a `g`.
fn bones(sound: &str) -> String {
    sound.chars().filter(|c| !matches!(c, 'a' | 'i' | 'u' | 'v')).map(|c| if c == 'j' { 'g' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> f32 {
        Form::new(a).alike(&Form::new(b))
    }

    #[test]
    fn spelling_sound_and_short_forms_count() {
        for (a, b, least) in [
            ("material", "materials", 0.95),
            ("recieve", "receive", 0.85),
            ("tadzhik", "tajik", 0.85),
            ("kolor", "colour", 0.7),
            ("dept", "department", 0.75),
            ("st", "saint", 0.7),
            ("govt", "government", 0.7),
        ] {
            assert!(alike(a, b) >= least, "{a} {b} {}", alike(a, b));
            assert_eq!(alike(a, b), alike(b, a), "{a} {b}");
        }
    }

    #[test]
    fn numbers_and_strangers_are_not_alike() {
        for (a, b) in [("10", "11"), ("2019", "2020"), ("fixed", "labor"), ("cat", "dog"), ("b12", "b13")] {
            assert_eq!(alike(a, b), 0.0, "{a} {b}");
        }
    }
}
