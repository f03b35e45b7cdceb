//! The order of trust among sources, as a policy's `authoritative_sources` states it (engine.md, step 5).
//!
//! ```text
//! ranking   = place (next place)*          next = ">" | "," | ";" | line break
//! place     = name ("=" name)*             name = "*" | any text without the signs above
//! ```
//!
//! `HR > PAYROLL = FIN > *` puts HR first, PAYROLL and FIN level after it, and every other source last. A line break
//! beside another sign, another line break or an end only wraps the text. A name keeps its inner spaces.

use super::name;

/// The characters that `authoritative_sources` may have.
const MAX_CHARS: usize = 500;
const NEXT_PLACE: [char; 3] = ['>', ',', ';'];
const SIGNS: [char; 4] = ['>', ',', ';', '='];
const LINE_BREAKS: [char; 2] = ['\n', '\r'];

/// Where a source stands in a policy's `authoritative_sources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Listed, by name or by `*`. A source that is not, never writes a value (row 8).
    pub authoritative: bool,
    /// 0 is the highest; sources joined by `=` share one.
    pub rank: i64,
    /// Listed by its own name, as row 3 asks.
    pub by_name: bool,
}

/// A parsed `authoritative_sources`. The default has no names and makes all sources equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The sources listed by name, each with its rank.
    named: Vec<(String, i64)>,
    /// The rank of `*`, where there is one.
    others: Option<i64>,
    places: i64,
}

/// Why a ranking cannot be read. An item that needs it is held with `ST031`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RankingError {
    #[error("The list of sources has {0} characters, and {MAX_CHARS} is the most; shorten it or use *.")]
    TooLong(usize),
    #[error("A source is missing before or after a sign, as in A > > B; write a list like HR > PAYROLL = FIN > *.")]
    EmptyPlace,
    #[error("{0} stands in the list twice; a source has one place.")]
    Twice(String),
}

impl Default for Ranking {
    fn default() -> Ranking {
        Ranking { named: Vec::new(), others: Some(0), places: 1 }
    }
}

impl Ranking {
    /// Reads `authoritative_sources`; a blank text makes all sources equal: authoritative, rank 0, none by name.
    ///
    /// # Errors
    ///
    /// A text over 500 characters, a place without a name, and a name (or `*`) that stands there twice.
    pub fn parse(text: &str) -> Result<Ranking, RankingError> {
        let chars = text.chars().count();
        if chars > MAX_CHARS {
            return Err(RankingError::TooLong(chars));
        }
        let line = on_one_line(text);
        if line.is_empty() {
            return Ok(Ranking::default());
        }
        let mut ranking = Ranking { named: Vec::new(), others: None, places: 0 };
        for place in line.split(NEXT_PLACE) {
            for name in place.split('=') {
                ranking.add(name.trim())?;
            }
            ranking.places += 1;
        }
        Ok(ranking)
    }

    /// Where `source` stands; names compare without case.
    ///
    /// Without a place of its own or of `*` it is not authoritative, and ranks after all that are.
    pub fn place(&self, source: &str) -> Place {
        match (self.rank_by_name(source), self.others) {
            (Some(rank), _) => Place { authoritative: true, rank, by_name: true },
            (None, Some(rank)) => Place { authoritative: true, rank, by_name: false },
            (None, None) => Place { authoritative: false, rank: self.places, by_name: false },
        }
    }

    /// The sources listed by name.
    pub fn names(self) -> impl Iterator<Item = String> {
        self.named.into_iter().map(|(name, _)| name)
    }

    /// Adds a name to the place that is being read.
    fn add(&mut self, name: &str) -> Result<(), RankingError> {
        let rank = self.places;
        let listed = match name {
            "" => return Err(RankingError::EmptyPlace),
            "*" => self.others.replace(rank).is_some(),
            _ => self.rank_by_name(name).is_some(),
        };
        if listed {
            return Err(RankingError::Twice(name.to_owned()));
        }
        if name != "*" {
            self.named.push((name.to_owned(), rank));
        }
        Ok(())
    }

    fn rank_by_name(&self, source: &str) -> Option<i64> {
        self.named.iter().find(|(listed, _)| name::same(listed, source)).map(|(_, rank)| *rank)
    }
}

/// The text with each line break turned into `>`, or dropped where it only wraps the text.
fn on_one_line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split(LINE_BREAKS).map(str::trim).filter(|line| !line.is_empty()) {
        if !joined.is_empty() && !joined.ends_with(SIGNS) && !line.starts_with(SIGNS) {
            joined.push('>');
        }
        joined.push_str(line);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn named(rank: i64) -> Place {
        Place { authoritative: true, rank, by_name: true }
    }

    const fn other(rank: i64) -> Place {
        Place { authoritative: true, rank, by_name: false }
    }

    const fn unlisted(rank: i64) -> Place {
        Place { authoritative: false, rank, by_name: false }
    }

    /// Step 5, the places of HR, PAYROLL, FIN and of a source that no list names.
    #[test]
    fn step_5_places() {
        let cases: &[(&str, &str, [Place; 4])] = &[
            ("the example", "HR > PAYROLL = FIN > *", [named(0), named(1), named(1), other(2)]),
            ("blank makes all equal", "", [other(0); 4]),
            ("spaces and lines alone are blank", " \r\n \t", [other(0); 4]),
            ("a star alone is all equal", "*", [other(0); 4]),
            ("commas read as >", "HR, PAYROLL, FIN", [named(0), named(1), named(2), unlisted(3)]),
            ("semicolons read as >", "HR;PAYROLL;FIN", [named(0), named(1), named(2), unlisted(3)]),
            ("lines read as >", "HR\r\nPAYROLL\n\nFIN\n", [named(0), named(1), named(2), unlisted(3)]),
            ("mixed signs all read as >", "HR > PAYROLL, FIN\n*", [named(0), named(1), named(2), other(3)]),
            (
                "a line break beside a sign only wraps",
                "HR >\nPAYROLL =\nFIN\n> *",
                [named(0), named(1), named(1), other(2)],
            ),
            (
                "a line break beside a comma only wraps",
                "HR,\nPAYROLL,\nFIN",
                [named(0), named(1), named(2), unlisted(3)],
            ),
            ("names compare without case", "hr > Payroll", [named(0), named(1), unlisted(2), unlisted(2)]),
            ("a star may share a place", "HR > FIN = *", [named(0), other(1), named(1), other(1)]),
            ("a star may stand before a name", "HR > * > FIN", [named(0), other(1), named(2), other(1)]),
            ("unlisted ranks after all", "HR", [named(0), unlisted(1), unlisted(1), unlisted(1)]),
            ("one level is one rank", "HR=PAYROLL", [named(0), named(0), unlisted(1), unlisted(1)]),
        ];
        for (case, text, expected) in cases {
            let ranking = Ranking::parse(text).expect(case);
            assert_eq!(["HR", "PAYROLL", "FIN", "OTHER"].map(|source| ranking.place(source)), *expected, "{case}");
        }
    }

    #[test]
    fn step_5_unreadable() {
        let cases: &[(&str, &str, RankingError)] = &[
            ("an empty place", "A > > B", RankingError::EmptyPlace),
            ("a sign at the end", "A, B,", RankingError::EmptyPlace),
            ("a sign at the start", "> A", RankingError::EmptyPlace),
            ("a sign alone", ">", RankingError::EmptyPlace),
            ("nothing to be equal to", "A = > B", RankingError::EmptyPlace),
            ("two signs across a line break", "A >\n, B", RankingError::EmptyPlace),
            ("a name twice", "Hr > FIN > HR", RankingError::Twice("HR".to_owned())),
            ("a name twice in one place", "A = a", RankingError::Twice("a".to_owned())),
            ("the star twice", "* > A > *", RankingError::Twice("*".to_owned())),
            ("too long", &"x".repeat(501), RankingError::TooLong(501)),
        ];
        for (case, text, expected) in cases {
            assert_eq!(Ranking::parse(text).as_ref(), Err(expected), "{case}");
        }
    }

    #[test]
    fn names_keep_inner_spaces_and_compare_beyond_ascii() {
        let ranking = Ranking::parse(" Lohn Büro >  Personal ").expect("a ranking");
        assert_eq!(ranking.place("LOHN BÜRO"), named(0));
        assert_eq!(ranking.place("personal"), named(1));
    }

    #[test]
    fn the_longest_text_is_500_characters_not_bytes() {
        assert!(Ranking::parse(&"ü".repeat(500)).is_ok());
    }

    proptest! {
        #[test]
        fn parse_never_panics(text in "(?s).{0,520}", source in ".{0,20}") {
            let _ = Ranking::parse(&text).map(|ranking| ranking.place(&source));
        }

        /// What can be read ranks each source from 0 to the number of places, and by name only where it is listed.
        #[test]
        fn ranks_are_places(text in "[A-Ca-c>,;=* \n]{0,12}", source in "[A-Da-d]") {
            if let Ok(ranking) = Ranking::parse(&text) {
                let place = ranking.place(&source);
                prop_assert!((0..=ranking.places).contains(&place.rank));
                prop_assert_eq!(place.authoritative, place.rank < ranking.places);
                prop_assert!(!place.by_name || text.to_lowercase().contains(&source.to_lowercase()));
            }
        }
    }
}
