//! A source file as words: enough of Rust to tell code from comments, literals and tests.

/// A name, `::`, or any other character of the code that is no space; or the content of a string literal.
pub struct Word {
    pub text: String,
    pub line: usize,
}

/// A source file without its comments and test modules.
pub struct Source {
    pub path: String,
    pub words: Vec<Word>,
    pub literals: Vec<Word>,
    pub lines: usize,
    pub documented: bool,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let mut source = Source {
            path: path.into(),
            words: Vec::new(),
            literals: Vec::new(),
            lines: text.lines().count(),
            documented: text.starts_with("//!"),
        };
        // Files of tests stand under `#[cfg(test)] mod tests;`, or `mod verdict_tests;` and the like.
        if !path.ends_with("tests.rs") && !path.contains("/tests/") {
            source.read(text);
            source.drop_tests();
        }
        source
    }

    /// `engine` for files below `src/engine`; none for `main` and `lib`.
    pub fn floor(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        let floor = inner.split('/').next()?.trim_end_matches(".rs");
        (!["main", "lib"].contains(&floor)).then_some(floor)
    }

    /// How many `super` lead from the file's module to the crate.
    pub fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        if ["lib", "main"].contains(&inner) { 0 } else { inner.split('/').count() }
    }

    pub fn complain(&self, word: &Word, problem: &str) -> String {
        format!("{}:{}: {} {problem}", self.path, word.line, word.text)
    }

    fn read(&mut self, text: &str) {
        let mut rest = text;
        let mut line = 1;
        while let Some(c) = rest.chars().next() {
            let (length, kind) = piece(rest, c);
            let (this, after) = rest.split_at(length);
            rest = after;
            match kind {
                Piece::Word => self.words.push(Word { text: this.into(), line }),
                Piece::Literal => {
                    // The quotes stay behind as a word, so that a literal in the code is not nothing.
                    self.words.push(Word { text: "\"".into(), line });
                    self.literals.push(Word { text: this.trim_matches(['r', '#', 'b', 'c', '"']).into(), line });
                }
                Piece::Nothing => {}
            }
            line += this.matches('\n').count();
        }
    }

    /// Drops every item under `#[cfg(test)]`, with its literals.
    fn drop_tests(&mut self) {
        let marker = ["#", "[", "cfg", "(", "test", ")", "]"];
        let is_marker = |words: &[Word]| words.iter().map(|word| word.text.as_str()).eq(marker);
        while let Some(start) = self.words.windows(marker.len()).position(is_marker) {
            let mut depth = 0;
            let end = self.words[start..].iter().position(|word| {
                match word.text.as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                depth == 0 && ["}", ";"].contains(&word.text.as_str())
            });
            let end = end.map_or(self.words.len() - 1, |end| start + end);
            let lines = self.words[start].line..=self.words[end].line;
            self.literals.retain(|literal| !lines.contains(&literal.line));
            self.words.drain(start..=end);
        }
    }
}

enum Piece {
    Word,
    Literal,
    Nothing,
}

/// The length of the piece of code that the text begins with, and what it is.
fn piece(text: &str, first: char) -> (usize, Piece) {
    let until = |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return (until("\n", 0), Piece::Nothing);
    }
    if text.starts_with("/*") {
        return (until("*/", 2), Piece::Nothing);
    }
    let quote = text.trim_start_matches(['b', 'c']);
    let raw = quote.strip_prefix('r').map(|after| after.trim_start_matches('#')).filter(|after| after.starts_with('"'));
    if let Some(raw) = raw {
        let opening = text.len() - raw.len();
        let end = format!("\"{}", "#".repeat(text[..opening].matches('#').count()));
        return (until(&end, opening + 1), Piece::Literal);
    }
    if quote.starts_with('"') && text.len() - quote.len() <= 1 {
        return (closing_quote(text, text.len() - quote.len() + 1), Piece::Literal);
    }
    if first == '\'' {
        return (char_or_lifetime(text), Piece::Nothing);
    }
    if first.is_alphanumeric() || first == '_' {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        return (end.unwrap_or(text.len()), Piece::Word);
    }
    match text.starts_with("::") {
        true => (2, Piece::Word),
        false if first.is_whitespace() => (first.len_utf8(), Piece::Nothing),
        false => (first.len_utf8(), Piece::Word),
    }
}

/// Where the string ends whose content begins at `from`.
fn closing_quote(text: &str, from: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match c {
            '"' if !escaped => return from + at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

fn char_or_lifetime(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        // '\n', '\'' and '\u{1b}': the closing quote is not the escaped one.
        (Some((_, '\\')), Some((escaped, c))) => {
            let from = escaped + c.len_utf8();
            text[from..].find('\'').map_or(text.len(), |at| from + at + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}
