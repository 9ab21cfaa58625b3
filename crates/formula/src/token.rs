//! A first reading that lets only harmless text through to the parser, and bounds it: the parser recurses, and a stack
//! overflow cannot be caught.

use crate::{FormulaError, MAX_CHARS, MAX_DEPTH, MAX_OPERATORS};

/// A word or mark of the formula.
pub(crate) struct Token<'a> {
    pub text: &'a str,
    /// A measure code, not a function or a literal.
    pub is_input: bool,
}

pub(crate) fn read(source: &str) -> Result<Vec<Token<'_>>, FormulaError> {
    if source.chars().count() > MAX_CHARS {
        return Err(FormulaError::TooLong);
    }
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut parens, mut nested, mut operators) = (0usize, 0usize, 0usize);
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = match first {
            'a'..='z' | 'A'..='Z' | '_' => word_len(rest),
            '0'..='9' => number_len(rest),
            '=' | '!' | '<' | '>' | '&' | '|' if two_marks(rest) => 2,
            '+' | '-' | '*' | '/' | '%' | '(' | ')' | ',' | '?' | ':' | '<' | '>' | '!' => 1,
            _ => 0,
        };
        let (text, after) = rest.split_at_checked(len).unwrap_or(("", rest));
        let after_trimmed = after.trim_start();
        // "//" would start a comment; a number run into a word is neither.
        let glued = first.is_ascii_digit() && after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.'));
        if text.is_empty() || glued || (first == '/' && after.starts_with('/')) {
            let at = source.len() - if glued { after } else { rest }.len();
            let what = source.get(at..).and_then(|tail| tail.chars().next()).unwrap_or(first);
            let at = source.get(..at).map_or(0, |head| head.chars().count()) + 1;
            return Err(FormulaError::Character { what, at });
        }
        match first {
            '(' => parens += 1,
            ')' => parens = parens.saturating_sub(1),
            // Signs and conditions nest to the right; counting them all is simple and more than enough.
            '!' if len == 1 => nested += 1,
            '?' => nested += 1,
            '-' if !tokens.last().is_some_and(|t: &Token<'_>| ends_operand(t.text)) => nested += 1,
            _ => {}
        }
        let is_word = first.is_ascii_alphabetic() || first == '_';
        operators += usize::from(!is_word && !first.is_ascii_digit() && first != ')');
        if parens + nested > MAX_DEPTH {
            return Err(FormulaError::TooDeep);
        }
        if operators > MAX_OPERATORS {
            return Err(FormulaError::TooMany);
        }
        let is_input = is_word && !matches!(text, "true" | "false") && !after_trimmed.starts_with('(');
        tokens.push(Token { text, is_input });
        rest = after_trimmed;
    }
    if tokens.is_empty() { Err(FormulaError::Empty) } else { Ok(tokens) }
}

fn word_len(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Digits, perhaps a point and digits.
fn number_len(text: &str) -> usize {
    let digits = |t: &str| t.find(|c: char| !c.is_ascii_digit()).unwrap_or(t.len());
    let whole = digits(text);
    let fraction = text.get(whole..).and_then(|t| t.strip_prefix('.')).map_or(0, digits);
    if fraction > 0 { whole + 1 + fraction } else { whole }
}

fn two_marks(text: &str) -> bool {
    ["==", "!=", "<=", ">=", "&&", "||"].iter().any(|marks| text.starts_with(marks))
}

fn ends_operand(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ')'))
}
