//! Signs that mean something: `<5` is not `5+`, `A+` not `A-`, 10² not 102, kΩ not kO, −5 not 5. Those that stand for no more
//! than a gap between two words, such as the hyphen of `Firm-Fixed`, are none of them.
//!
//! A text is first made [`legible`]: ASCII but for symbols that no letters stand for. Then each place of it is asked
//! whether a sign stands there ([`sign_at`]); what it belongs to is the word before or after it.

use unicode_normalization::UnicodeNormalization;

/// Which word a sign belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// A sign, as one compares it, and how many characters it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub side: Side,
    pub text: String,
    pub len: usize,
}

/// Words by which a text says the opposite, in common languages, transliterated.
const NEGATIONS: [&str; 65] = [
    "arent", "aucun", "aucune", "bez", "cannot", "cant", "degil", "didnt", "doesnt", "dont", "ei", "ej", "except",
    "excepting", "excl", "excluding", "fara", "geen", "hasnt", "ikke", "ilman", "ingen", "ingenting", "inte", "isnt",
    "kein", "keine", "keinen", "keiner", "keines", "mai", "nao", "ne", "nein", "neither", "nem", "net", "never",
    "nicht", "nie", "niet", "nincs", "no", "non", "none", "nor", "not", "nu", "nunca", "ohne", "pas", "sans", "sem",
    "senza", "sin", "utan", "uten", "uden", "wasnt", "werent", "without", "wont", "xwris", "yok", "zonder",
];

/// Words by which a number is a bound.
const BOUNDS: [&str; 16] = [
    "above", "after", "before", "below", "beyond", "least", "less", "max", "min", "minus", "more", "most", "over",
    "plus", "than", "under",
];

/// Whether a folded word says the opposite of what stands beside it.
pub fn is_negation(word: &str) -> bool {
    NEGATIONS.contains(&word)
}

/// Whether a folded word may never be taken for one that adds nothing.
pub fn adds_always(word: &str) -> bool {
    is_negation(word) || BOUNDS.contains(&word)
}

/// A text in ASCII, transliterated; symbols that no letters stand for are left as they are, and what letters stand for is
/// told apart from them: `µ` is `u`, `Ω` is `ohm`, `²` is `^2`.
pub fn legible(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|c| c.is_alphabetic()).count();
        if run == 0 {
            at += push_sign(&chars[at..], &mut out);
        } else {
            let letters = &chars[at..at + run];
            let symbols = are_symbols(letters, &chars);
            for (place, letter) in letters.iter().enumerate() {
                // Within a word of other letters it is one of them, but for those of units.
                let edge = place == 0 || place + 1 == run || matches!(letter, 'μ' | 'Ω');
                push_letter(*letter, symbols && edge, &mut out);
            }
            at += run;
        }
    }
    out
}

fn push_letter(letter: char, symbols: bool, out: &mut String) {
    match greek_name(letter) {
        // The micro sign and the ohm sign are no letters of any text.
        Some(name) if symbols || matches!(letter, 'µ' | '\u{2126}') => out.push_str(name),
        _ if ('\u{ff21}'..='\u{ff5a}').contains(&letter) => out.extend(letter.nfkc()),
        _ => out.push_str(any_ascii::any_ascii_char(letter)),
    }
}

/// Whether the Greek letters among some letters are symbols and no Greek: they stand beside other letters, or alone in a
/// text that is not Greek, or are those of units.
fn are_symbols(letters: &[char], text: &[char]) -> bool {
    let greek = |c: &char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}');
    if !letters.iter().all(greek) {
        return true;
    }
    let of_units = letters.iter().all(|c| matches!(c, 'μ' | 'Ω'));
    let written = |run: &[char]| run.len() > 1 && run.iter().all(greek);
    of_units || letters.len() == 1 && !text.split(|c| !c.is_alphabetic()).any(written)
}

fn greek_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        'μ' | 'µ' => "u",
        'Ω' | '\u{2126}' => "ohm",
        'α' => "alpha",
        'β' => "beta",
        'γ' | 'Γ' => "gamma",
        'δ' | 'Δ' => "delta",
        'ε' => "epsilon",
        'θ' | 'Θ' => "theta",
        'κ' => "kappa",
        'λ' | 'Λ' => "lambda",
        'π' | 'Π' => "pi",
        'ρ' => "rho",
        'σ' | 'Σ' => "sigma",
        'τ' => "tau",
        'φ' | 'Φ' => "phi",
        'χ' => "chi",
        'ψ' | 'Ψ' => "psi",
        'ω' => "omega",
        _ => return None,
    })
}

/// Writes what begins with no letter; answers how many characters it took.
fn push_sign(rest: &[char], out: &mut String) -> usize {
    let c = rest[0];
    if superscript(c).is_some() {
        return push_raised(rest, out);
    }
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{2796}' => out.push('-'),
        '\u{2795}' => out.push('+'),
        '≠' => out.push_str("!="),
        '≤' | '≦' | '⩽' => out.push_str("<="),
        '≥' | '≧' | '⩾' => out.push_str(">="),
        '≈' | '∼' | '≃' | '≅' => out.push('~'),
        '♯' => out.push('#'),
        '′' => out.push('\''),
        '″' => out.push('"'),
        '⁄' | '∕' => out.push('/'),
        '∗' => out.push('*'),
        // The dot between units is a gap.
        '⋅' | '∙' => out.push(' '),
        '¼' | '½' | '¾' | '\u{2150}'..='\u{215e}' | '↉' => {
            if out.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                out.push(' ');
            }
            out.push_str(any_ascii::any_ascii_char(c));
        }
        '\u{ff01}'..='\u{ff5e}' | '\u{fe50}'..='\u{fe6b}' => out.extend(c.nfkc()),
        '\u{3371}'..='\u{33df}' => push_square(c, out),
        c if is_symbol(c) && !any_ascii::any_ascii_char(c).contains(|c: char| c.is_ascii_alphanumeric()) => out.push(c),
        c => out.push_str(any_ascii::any_ascii_char(c)),
    }
    1
}

fn superscript(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁺' => '+',
        '⁻' => '-',
        _ => return None,
    })
}

/// A raised number is a power; raised signs without one are charges, and stand where they stand.
fn push_raised(rest: &[char], out: &mut String) -> usize {
    let raised: String = rest.iter().map_while(|c| superscript(*c)).collect();
    if raised.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit()) {
        out.push('^');
    }
    out.push_str(&raised);
    raised.len()
}

/// A unit in one character, such as `㎡`: its digits are powers.
fn push_square(c: char, out: &mut String) {
    let mut letters = false;
    for part in c.nfkc() {
        if part.is_ascii_digit() && letters {
            out.push('^');
        }
        letters = part.is_alphabetic();
        push_letter(part, true, out);
    }
}

/// Whether a character is a symbol: of money, mathematics, measuring, or a picture; no bullet.
fn is_symbol(c: char) -> bool {
    matches!(c,
        '¢'..='¥' | '¬' | '°' | '±' | '×' | '÷' | '‰' | '‱'
        | '\u{20a0}'..='\u{20cf}' | '\u{2190}'..='\u{23ff}' | '\u{2600}'..='\u{27ef}'
        | '\u{2900}'..='\u{2bff}' | '\u{1f300}'..='\u{1faff}')
}

/// The sign at a place of a legible text, if one stands there.
pub fn sign_at(text: &[char], at: usize) -> Option<Sign> {
    let around = Around::of(text, at);
    let sign = |side: Side, text: &str, len: usize| Some(Sign { side, text: text.into(), len });
    let c = text[at];
    match c {
        '<' | '>' => {
            let len = 1 + usize::from(matches!(text.get(at + 1), Some('=' | '>')));
            let read: String = text[at..at + len].iter().collect();
            sign(Side::Before, &read, len)
        }
        '!' if text.get(at + 1) == Some(&'=') => sign(Side::Before, "!=", 2),
        '!' if around.right() && !around.left() => sign(Side::Before, "!", 1),
        '~' if around.next_seen.is_some_and(is_word) && !around.left() => sign(Side::Before, "~", 1),
        '^' => sign(Side::Before, "^", 1),
        '%' => sign(Side::After, "%", 1),
        '$' if around.next_seen.is_some_and(is_word) => sign(Side::Before, "$", 1),
        '$' => sign(Side::After, "$", 1),
        '*' if around.left() && !around.right() => sign(Side::After, "*", 1),
        '#' if around.left() && !around.right() => {
            let number = around.next_seen.is_some_and(|c| c.is_ascii_digit());
            (around.run_before() == 1 || !number).then(|| Sign { side: Side::After, text: "#".into(), len: 1 })
        }
        '?' if around.right() && !around.left() => sign(Side::Before, "?", 1),
        // Who asks a whole question does not doubt its answer.
        '?' if !around.right() && text.iter().filter(|c| c.is_whitespace()).count() < 3 => sign(Side::After, "?", 1),
        '+' => plus(&around),
        '-' => minus(&around),
        '.' if around.next_digit() && (around.prev_digit() || !around.left()) => sign(Side::Before, ".", 1),
        ',' if is_decimal_comma(text, at) => sign(Side::Before, ".", 1),
        '/' if around.prev_digit() && around.next_digit() || is_unit_slash(text, at) => sign(Side::Before, "/", 1),
        ':' if around.prev_digit() && around.next_digit() => sign(Side::Before, ":", 1),
        '\'' | '"' if around.prev_digit() && !around.right() && !is_quoted(text, c) => {
            sign(Side::After, &c.to_string(), 1)
        }
        c if !c.is_ascii() => {
            let after = around.prev_seen.is_some_and(is_word) && !around.right();
            sign(if after { Side::After } else { Side::Before }, &c.to_string(), 1)
        }
        _ => None,
    }
}

/// Whether a comma groups the digits of a large number, and is no gap.
pub fn groups_digits(text: &[char], at: usize) -> bool {
    text[at] == ',' && Around::of(text, at).prev_digit() && digits_after(text, at) == 3
}

fn is_decimal_comma(text: &[char], at: usize) -> bool {
    Around::of(text, at).prev_digit() && !matches!(digits_after(text, at), 0 | 3)
}

fn digits_after(text: &[char], at: usize) -> usize {
    text[at + 1..].iter().take_while(|c| c.is_ascii_digit()).count()
}

fn is_quoted(text: &[char], quote: char) -> bool {
    text.iter().filter(|c| **c == quote).count().is_multiple_of(2)
}

/// Whether a slash stands between units, and means "per"; in capitals, as in `T/M`, it means "and".
pub fn is_unit_slash(text: &[char], at: usize) -> bool {
    const LONGEST: usize = 4;
    let before = text[..at].iter().rev().take_while(|c| is_word(**c));
    let after = text[at + 1..].iter().take_while(|c| is_word(**c));
    let (n_before, n_after) = (before.clone().count(), after.clone().count());
    let lower = before.chain(after).any(char::is_ascii_lowercase);
    lower && (1..=LONGEST).contains(&n_before) && (1..=LONGEST).contains(&n_after)
}

fn plus(around: &Around) -> Option<Sign> {
    let Around { text, at, run, .. } = *around;
    if text[at..].starts_with(&['+', '/', '-']) {
        return Some(Sign { side: Side::Before, text: "±".into(), len: 3 });
    }
    let (seen_left, seen_right) = (around.prev_seen.is_some_and(is_word), around.next_seen.is_some_and(is_word));
    let side = match (around.left(), around.right()) {
        (true, true) if run == 1 => return None,
        (true, _) => Side::After,
        (false, true) if seen_left && !around.next_digit() => return None,
        (false, true) => Side::Before,
        (false, false) if seen_left && seen_right => return None,
        (false, false) if seen_left => Side::After,
        (false, false) => Side::Before,
    };
    Some(Sign { side, text: "+".repeat(run), len: run })
}

fn minus(around: &Around) -> Option<Sign> {
    let seen_right = around.next_seen.is_some_and(is_word);
    let before = around.run_before();
    let side = match (around.left(), around.right()) {
        (true, true) => return None,
        (false, true) if around.next_digit() => Side::Before,
        (false, true) if around.run == 1 && around.prev_seen.is_none() => Side::Before,
        // A- positive; but Firm- Fixed Price
        (true, false) if seen_right && before <= 2 && !around.prev_digit() => Side::After,
        (true, false) if !seen_right && (before <= 3 || around.prev_digit()) => Side::After,
        (false, false) if !seen_right && (1..=2).contains(&before) => Side::After,
        (false, false) if around.prev_seen.is_none() && around.next_seen.is_some_and(|c| c.is_ascii_digit()) => {
            Side::Before
        }
        _ => return None,
    };
    Some(Sign { side, text: "-".into(), len: around.run })
}

/// What stands around a sign, or a run of one.
struct Around<'a> {
    text: &'a [char],
    at: usize,
    /// How often the character stands there.
    run: usize,
    prev: Option<char>,
    next: Option<char>,
    /// The next characters but for spaces.
    prev_seen: Option<char>,
    next_seen: Option<char>,
}

impl Around<'_> {
    fn of(text: &[char], at: usize) -> Around<'_> {
        let run = text[at..].iter().take_while(|c| **c == text[at]).count();
        let (before, after) = (&text[..at], &text[at + run..]);
        let seen = |c: &&char| !c.is_whitespace();
        // Al-'Iraq: what stands within words hides none.
        let of_word = |c: &&char| !matches!(c, '\'' | '`' | '@');
        Around {
            text,
            at,
            run,
            prev: before.iter().rev().find(of_word).copied(),
            next: after.iter().find(of_word).copied(),
            prev_seen: before.iter().rev().find(seen).copied(),
            next_seen: after.iter().find(seen).copied(),
        }
    }

    fn left(&self) -> bool {
        self.prev.is_some_and(is_word)
    }

    fn right(&self) -> bool {
        self.next.is_some_and(is_word)
    }

    fn prev_digit(&self) -> bool {
        self.prev.is_some_and(|c| c.is_ascii_digit())
    }

    fn next_digit(&self) -> bool {
        self.next.is_some_and(|c| c.is_ascii_digit())
    }

    /// How long the word before is, over spaces.
    fn run_before(&self) -> usize {
        let rest = self.text[..self.at].iter().rev().skip_while(|c| c.is_whitespace());
        rest.take_while(|c| is_word(**c)).count()
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}
