//! The parser of the filter language. It works on characters so that an error names the place a person sees.

use super::choice::{ItemState, JobState, LedgerStatus, MapState, StateCode};
use super::filter::{Comparison, Filter, FilterError, Operand, Term, Test};
use super::is_blank;
use super::row::parse_hundredths;
use super::table::{Field, Kind, OF_JOB, Table};
use super::text::nearest;
use super::time;

/// One word as typed: where it stands (from 0), its characters, and which of them were quoted.
struct Word {
    at: usize,
    chars: Vec<(char, bool)>,
}

pub(super) fn parse(table: Table, text: &str) -> Result<Filter, FilterError> {
    let terms = words(text)?.into_iter().map(|word| term(table, word)).collect::<Result<_, _>>()?;
    Ok(Filter { terms })
}

pub(super) fn says_nothing(text: &str) -> bool {
    // What cannot be read is told as such when it is read.
    words(text).is_ok_and(|words| words.iter().all(|word| is_idle(&word.chars)))
}

/// Whether a word looks for nothing: every row that has any text holds it.
fn is_idle(chars: &[(char, bool)]) -> bool {
    match chars.iter().position(|&(c, quoted)| !quoted && ":=!<>~".contains(c)) {
        // `value~""`; a dash or a quote is looked for in one field for a reason, but stands in each row's name.
        Some(end) => chars[end].0 == '~' && is_blank(&text_of(&chars[end + 1..])),
        None => {
            is_blank(&text_of(chars).replace(['-', '\'', '"', '`', '‘', '’', '“', '”', '‐', '‑', '–', '—', '−'], ""))
        }
    }
}

fn error(at: usize, problem: String) -> FilterError {
    FilterError { at: at + 1, problem }
}

fn words(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut out: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let mut quote: Option<usize> = None;
    let mut chars = text.chars().enumerate();
    while let Some((at, c)) = chars.next() {
        if c.is_whitespace() && quote.is_none() {
            out.extend(open.take());
            continue;
        }
        let word = open.get_or_insert_with(|| Word { at, chars: Vec::new() });
        match c {
            '"' => quote = if quote.is_none() { Some(at) } else { None },
            '\\' if quote.is_some() => match chars.next() {
                Some((_, escaped)) => word.chars.push((escaped, true)),
                None => break,
            },
            _ => word.chars.push((c, quote.is_some())),
        }
    }
    if let Some(at) = quote {
        return Err(error(at, "the quote that begins here is not closed.".into()));
    }
    out.extend(open);
    Ok(out)
}

fn term(table: Table, word: Word) -> Result<Term, FilterError> {
    let minus = word.chars.len() > 1 && word.chars[0] == ('-', false);
    let chars = &word.chars[usize::from(minus)..];
    let at = word.at + usize::from(minus);
    let Some(end) = chars.iter().position(|&(c, quoted)| !quoted && ":=!<>~".contains(c)) else {
        return Ok(Term { negated: minus, test: Test::Words(text_of(chars)) });
    };
    let name = text_of(&chars[..end]);
    let (operator, length) =
        operator(&chars[end..]).ok_or_else(|| error(at + end, "an operator is one of : != > >= < <= ~.".into()))?;
    let value = &chars[end + length..];
    if name.eq_ignore_ascii_case("is") && operator == Operator::Equal {
        return Ok(Term { negated: minus, test: state_word(table, at, &text_of(value))? });
    }
    let field = field(table, at, &name)?;
    let value_at = at + end + length;
    let test = match operator {
        // No column holds it: it is told by whole names alone.
        _ if *field == OF_JOB => Test::OneOf(field, jobs(operator, at, value_at, value)?),
        Operator::Equal | Operator::NotEqual => Test::OneOf(field, alternatives(field, value_at, value)?),
        Operator::Contains => Test::Contains(field, text_of(value)),
        Operator::Compare(comparison) => {
            if field.looked_up
                || matches!(field.kind, Kind::Choice(_) | Kind::Flag | Kind::User | Kind::Link(_) | Kind::Guid)
            {
                return Err(error(at, format!("{} has no order; use {}:value.", field.name, field.short)));
            }
            Test::Compare(field, comparison, operand(field, value_at, &text_of(value))?)
        }
    };
    Ok(Term { negated: minus != (operator == Operator::NotEqual), test })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Contains,
    Compare(Comparison),
}

/// The operator that the characters begin with, and its length.
fn operator(chars: &[(char, bool)]) -> Option<(Operator, usize)> {
    let second = chars.get(1).filter(|(_, quoted)| !quoted).map(|(c, _)| *c);
    Some(match (chars[0].0, second) {
        ('!', Some('=')) => (Operator::NotEqual, 2),
        ('>', Some('=')) => (Operator::Compare(Comparison::AtLeast), 2),
        ('<', Some('=')) => (Operator::Compare(Comparison::AtMost), 2),
        ('>', _) => (Operator::Compare(Comparison::Greater), 1),
        ('<', _) => (Operator::Compare(Comparison::Less), 1),
        (':' | '=', _) => (Operator::Equal, 1),
        ('~', _) => (Operator::Contains, 1),
        _ => return None,
    })
}

fn text_of(chars: &[(char, bool)]) -> String {
    chars.iter().map(|(c, _)| c).collect()
}

fn field(table: Table, at: usize, name: &str) -> Result<&'static Field, FilterError> {
    table.filtered(name).ok_or_else(|| {
        let names = table.fields().iter().flat_map(|field| [field.short, field.name]);
        let names = names.chain(table.more_filtered().map(|field| field.short));
        let hint = nearest(name, names).map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        error(at, format!("{} has no column \"{}\".{hint}", table.info().title, super::Shown(name)))
    })
}

/// The jobs by which rows came.
fn jobs(
    operator: Operator,
    at: usize,
    value_at: usize,
    value: &[(char, bool)],
) -> Result<Vec<Option<Operand>>, FilterError> {
    let whole = matches!(operator, Operator::Equal | Operator::NotEqual);
    let jobs = alternatives(&OF_JOB, value_at, value)?;
    match whole && jobs.iter().all(Option::is_some) {
        true => Ok(jobs),
        false => Err(error(at, "job names whole jobs here; use job:JOB-0000001.".into())),
    }
}

/// The values between unquoted commas; an empty one stands for an empty field.
fn alternatives(field: &'static Field, at: usize, chars: &[(char, bool)]) -> Result<Vec<Option<Operand>>, FilterError> {
    let mut out = Vec::new();
    let mut start = at;
    for part in chars.split(|&c| c == (',', false)) {
        out.push(if part.is_empty() { None } else { Some(operand(field, start, &text_of(part))?) });
        start += part.len() + 1;
    }
    Ok(out)
}

fn operand(field: &'static Field, at: usize, text: &str) -> Result<Operand, FilterError> {
    let wrong = |expected: String| error(at, format!("{} {expected}, not \"{}\".", field.name, super::Shown(text)));
    match field.kind {
        Kind::Text(_) | Kind::Name => Ok(Operand::Text(text.into())),
        Kind::Link(_) | Kind::User | Kind::Guid => Ok(Operand::Name(text.into())),
        Kind::Int => text.parse().map(Operand::Int).map_err(|_| wrong("is a whole number".into())),
        Kind::Hundredths => {
            parse_hundredths(text).map(Operand::Int).ok_or_else(|| wrong("is a number from 0 to 1 like 0.95".into()))
        }
        Kind::Time => {
            time_span(text).ok_or_else(|| wrong("is a date like 2026-11-22 or a time like 2026-11-22T09:14".into()))
        }
        Kind::Flag => match text.to_lowercase().as_str() {
            "yes" | "true" | "1" => Ok(Operand::Int(1)),
            "no" | "false" | "0" => Ok(Operand::Int(0)),
            _ => Err(wrong("is yes or no".into())),
        },
        Kind::Choice(set) => {
            set.code(text).map(Operand::Int).ok_or_else(|| wrong(format!("is one of {}", set.labels())))
        }
    }
}

/// A time as an instant; a day, month or year as the span it covers.
fn time_span(text: &str) -> Option<Operand> {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>()[..] {
        [year] if digits(year, 4) => {
            let next = year.parse::<u32>().ok()? + 1;
            span(&format!("{year}-01-01"), &format!("{next:04}-01-01"))
        }
        [year, month] if digits(year, 4) && digits(month, 2) => {
            let (y, m) = (year.parse::<u32>().ok()?, month.parse::<u32>().ok()?);
            let next = if m == 12 { format!("{:04}-01-01", y + 1) } else { format!("{y:04}-{:02}-01", m + 1) };
            span(&format!("{year}-{month}-01"), &next)
        }
        [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            let start = time::parse(text)?;
            Some(Operand::Span(start, start + time::DAY))
        }
        _ => time::parse(text).map(Operand::Int),
    }
}

fn span(from: &str, to: &str) -> Option<Operand> {
    Some(Operand::Span(time::parse(from)?, time::parse(to)?))
}

/// `is:pending` and its like: the options of the table's state, whether the row is active, and a few words of ours.
fn state_word(table: Table, at: usize, word: &str) -> Result<Test, FilterError> {
    match (table, word.to_lowercase().as_str()) {
        (Table::Ledger, "stale") => return Ok(Test::Stale),
        (Table::Ledger, "current") => return Ok(Test::Current),
        (Table::Ledger, "live") => return one_of(table, "live", 1),
        (Table::Ledger, "pinned") => return one_of(table, "pinned", 1),
        (Table::ValueMaps, "conflict") => return Ok(Test::Conflict),
        (Table::ValueMaps, "retired-code") => return Ok(Test::RetiredCode),
        (Table::ValueMaps, "unmapped") => return state_word(table, at, MapState::Proposed.label()),
        (_, "inactive") => return one_of(table, "statecode", StateCode::Inactive.code()),
        _ => {}
    }
    let set = match table {
        Table::SyncItems => ItemState::SET,
        Table::ValueMaps => MapState::SET,
        Table::SyncJobs => JobState::SET,
        Table::Ledger => LedgerStatus::SET,
        Table::Identifiers | Table::CommitPolicies => StateCode::SET,
    };
    match set.code(word) {
        Some(code) => Ok(Test::Is(field(table, 0, table.state_field())?, code)),
        None if word.eq_ignore_ascii_case("active") => one_of(table, "statecode", StateCode::Active.code()),
        None => {
            let more = match table {
                Table::Ledger => ", stale, current, live, pinned",
                Table::ValueMaps => ", unmapped, conflict, retired-code",
                _ => "",
            };
            let problem = format!("is: takes one of {}{more}, not \"{}\".", set.labels(), super::Shown(word));
            Err(error(at, problem))
        }
    }
}

fn one_of(table: Table, name: &str, code: i64) -> Result<Test, FilterError> {
    let field = field(table, 0, name)?;
    Ok(Test::OneOf(field, vec![Some(Operand::Int(code))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests(table: Table, text: &str) -> Vec<Term> {
        parse(table, text).unwrap().terms
    }

    #[test]
    fn each_form_is_read() {
        let source = Table::Ledger.field("source").unwrap();
        let status = Table::Ledger.field("status").unwrap();
        let text = |text: &str| Some(Operand::Text(text.into()));
        let term = |negated, test| Term { negated, test };
        for (written, expected) in [
            ("source:HR", term(false, Test::OneOf(source, vec![text("HR")]))),
            ("source:HR,FIN", term(false, Test::OneOf(source, vec![text("HR"), text("FIN")]))),
            ("source:\"HR, old\"", term(false, Test::OneOf(source, vec![text("HR, old")]))),
            ("source!=HR", term(true, Test::OneOf(source, vec![text("HR")]))),
            ("-source:HR", term(true, Test::OneOf(source, vec![text("HR")]))),
            ("-source!=HR", term(false, Test::OneOf(source, vec![text("HR")]))),
            ("source:", term(false, Test::OneOf(source, vec![None]))),
            ("source~pay", term(false, Test::Contains(source, "pay".into()))),
            ("source>=M", term(false, Test::Compare(source, Comparison::AtLeast, Operand::Text("M".into())))),
            ("status:certified", term(false, Test::OneOf(status, vec![Some(Operand::Int(166840001))]))),
            ("is:pending", term(false, Test::Is(status, 166840000))),
            ("is:stale", term(false, Test::Stale)),
            ("-\"two words\"", term(true, Test::Words("two words".into()))),
            ("\"source:HR\"", term(false, Test::Words("source:HR".into()))),
        ] {
            assert_eq!(tests(Table::Ledger, written), vec![expected], "{written}");
        }
        assert_eq!(tests(Table::Ledger, "  a  b ").len(), 2);
        assert!(tests(Table::Ledger, "").is_empty());
    }

    #[test]
    fn a_filter_that_looks_for_nothing_says_nothing() {
        for text in [
            "", " ", "\"\"", "-", "-\"\"", "--", "\"-\"", "''", "-''", "\" \"", "\u{200b}", "\"\" -", "value~",
            "value~\"\"", "-value~\" \"",
        ] {
            assert!(says_nothing(text), "{text:?}");
        }
        for text in [
            "x", "is:pending", "\"\" is:pending", "value:", "value:\"\"", "-value:-", "value~-", "value~'", "id>0",
            "&", "日",
        ] {
            assert!(!says_nothing(text), "{text:?}");
        }
        assert!(!says_nothing("\"open"), "what cannot be read is told when it is read");
    }

    #[test]
    fn days_and_months_are_spans() {
        let [term] = &tests(Table::Ledger, "created:1970-02")[..] else { panic!() };
        let Test::OneOf(_, values) = &term.test else { panic!() };
        assert_eq!(values, &vec![Some(Operand::Span(31 * time::DAY, 59 * time::DAY))]);
    }

    #[test]
    fn a_wrong_word_is_answered_with_its_place_and_the_nearest_name() {
        for (written, at, part) in [
            ("is:pending statuz:x", 12, "Did you mean status?"),
            ("status:lost", 8, "one of Pending, Certified"),
            ("created>soon", 9, "a date like"),
            ("is:lost", 1, "is: takes one of"),
            ("a \"b", 3, "not closed"),
            ("status>pending", 1, "has no order"),
            ("rank:one", 6, "whole number"),
            ("source!HR", 7, "an operator is"),
        ] {
            let error = parse(Table::Ledger, written).unwrap_err();
            assert_eq!(error.at, at, "{written}: {error}");
            assert!(error.problem.contains(part), "{written}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z:=!<>~\"\\\\, -]{0,24}") {
            for table in Table::ALL {
                let _ = parse(table, &text);
            }
        }

        #[test]
        fn a_quoted_value_is_read_back(value in "\\PC{1,12}") {
            let written = format!("source:{}", super::super::filter::quoted(&value));
            let expected = Test::OneOf(Table::Ledger.field("source").unwrap(), vec![Some(Operand::Text(value))]);
            proptest::prop_assert_eq!(&parse(Table::Ledger, &written).unwrap().terms[0].test, &expected);
        }
    }
}
