//! A scanner of Rust source, just good enough for house rules: words and signs, no comments, no text.

/// One word, number or sign, and the line it stands on. `::` is one sign; a literal is `"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

impl Token {
    /// Whether this is a name or keyword.
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The tokens of a file. Comments and doc comments are gone, text literals are all `"`.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: source, line: 1, tokens: Vec::new() };
    while scanner.step() {}
    scanner.tokens
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    /// Takes one token, comment or stretch of space. Answers whether anything was left.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else { return false };
        let second = self.rest.chars().nth(1);
        match (first, second) {
            ('/', Some('/')) => self.skip(self.rest.find('\n').unwrap_or(self.rest.len())),
            ('/', Some('*')) => self.skip(block_comment(self.rest)),
            ('"', _) => self.literal(quoted(self.rest, '"')),
            ('\'', _) => match character(self.rest) {
                Some(length) => self.literal(length),
                None => self.skip(1),
            },
            (':', Some(':')) => self.take(2),
            _ if first.is_whitespace() => self.skip(first.len_utf8()),
            _ if is_word(first) => self.word(),
            _ => self.take(first.len_utf8()),
        }
        true
    }

    fn word(&mut self) {
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(length);
        let opens = after.trim_start_matches('#').starts_with('"');
        if matches!(word, "r" | "br" | "cr") && opens {
            self.literal(length + raw(after));
        } else if matches!(word, "b" | "c") && after.starts_with('"') {
            self.literal(length + quoted(after, '"'));
        } else if word == "b" && after.starts_with('\'') {
            self.literal(length + character(after).unwrap_or(1));
        } else {
            self.take(length);
        }
    }

    fn take(&mut self, length: usize) {
        let text = self.rest.get(..length).unwrap_or_default().to_owned();
        self.tokens.push(Token { text, line: self.line });
        self.skip(length);
    }

    fn literal(&mut self, length: usize) {
        self.tokens.push(Token { text: "\"".to_owned(), line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a literal with escapes, both quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw string from its first `#` or quote on.
fn raw(text: &str) -> usize {
    let hashes = text.find('"').unwrap_or(0);
    let end = format!("\"{}", "#".repeat(hashes));
    let body = text.get(hashes + 1..).unwrap_or_default();
    body.find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len())
}

/// The length of a character literal; none where the quote begins a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut rest = text.chars().skip(1);
    match (rest.next()?, rest.next()?) {
        ('\\', _) => Some(quoted(text, '\'')),
        (c, '\'') => Some(c.len_utf8() + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> String {
        tokens(source).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_text_are_no_code() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), "a c g");
        assert_eq!(words(r##"a "b \" c" r#"d " e"# b"f" 'g' '\'' b'h' i"##), r#"a " " " " " " i"#);
    }

    #[test]
    fn lifetimes_are_not_characters_and_lines_are_counted() {
        assert_eq!(words("fn f<'a>(x: &'a str)"), "fn f < a > ( x : & a str )");
        assert_eq!(tokens("a\n\"\n\"\nb").last().map(|token| token.line), Some(4));
    }

    #[test]
    fn a_path_sign_is_one_token() {
        assert_eq!(words("crate::a::{b}"), "crate :: a :: { b }");
    }
}
