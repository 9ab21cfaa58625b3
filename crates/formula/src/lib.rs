//! Formulas over measures, written in CEL and computed exactly.
//!
//! The `cel` crate reads the language; the arithmetic is our own, because CEL's doubles are not exact, refuse
//! `a * 100` for a double and an integer, and know no missing value. The part of CEL allowed here:
//! numbers, `true`, `false`, measure codes, `+ - * / %`, comparisons, `&& || !`, `? :`, parentheses and the functions
//! `known(x)`, `min(…)`, `max(…)`, `abs(x)`, `round(x)`, `round(x, places)`.
//!
//! A missing input makes what needs it missing (never zero); `known(x)` asks, and `false && x` is false whatever `x` is.
//! Division by zero is missing too. Numbers carry 28 digits; results, and both sides of a comparison, are rounded
//! half away from zero to [`PLACES`] decimals.
//!
//! [`Guard`] is the same language with texts, for conditions over the fields of a case.

mod compile;
mod error;
mod eval;
mod guard;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

pub use error::FormulaError;
pub use guard::{Guard, GuardValue, Part, Verdict};

/// The decimals of a result.
pub const PLACES: u32 = 9;
/// The longest formula, in characters.
pub const MAX_CHARS: usize = 2_000;
/// The deepest nesting of parentheses, conditions and signs together.
pub const MAX_DEPTH: usize = 24;
/// The most operators and calls.
pub const MAX_OPERATORS: usize = 200;

/// A formula that has been read and checked: evaluating it cannot fail but by overflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    source: String,
    inputs: Vec<String>,
    root: eval::Node,
    boolean: bool,
}

impl Formula {
    /// Reads and checks a formula.
    ///
    /// # Errors
    /// [`FormulaError`] for text too long or too deep, syntax, unknown functions, and numbers mixed with conditions.
    pub fn parse(source: &str) -> Result<Formula, FormulaError> {
        let tokens = token::read(source)?;
        let (root, boolean) = compile::compile(source)?;
        let mut inputs: Vec<String> = tokens.iter().filter(|t| t.is_input).map(|t| t.text.to_owned()).collect();
        inputs.sort_unstable();
        inputs.dedup();
        Ok(Formula { source: source.to_owned(), inputs, root, boolean })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The measure codes it uses, sorted, each once.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Whether the result is a condition (yes or no) rather than a number.
    pub fn is_boolean(&self) -> bool {
        self.boolean
    }

    /// The result over the inputs; an absent input counts as missing. A condition gives 1 or 0.
    /// `Ok(None)`: missing, because an input is or something is divided by zero.
    ///
    /// # Errors
    /// [`FormulaError::Overflow`] beyond 28 digits.
    pub fn eval(&self, inputs: &BTreeMap<String, Option<Decimal>>) -> Result<Option<Decimal>, FormulaError> {
        self.eval_with(|code| inputs.get(code).copied().flatten())
    }

    /// [`Formula::eval`] with the inputs from a function.
    ///
    /// # Errors
    /// [`FormulaError::Overflow`].
    pub fn eval_with(&self, input: impl Fn(&str) -> Option<Decimal>) -> Result<Option<Decimal>, FormulaError> {
        Ok(eval::eval(&self.root, &input)?.map(|value| eval::rounded(value).normalize()))
    }

    /// The result of a condition.
    ///
    /// # Errors
    /// [`FormulaError::NotACondition`] if the formula gives a number; [`FormulaError::Overflow`].
    pub fn eval_bool(&self, inputs: &BTreeMap<String, Option<Decimal>>) -> Result<Option<bool>, FormulaError> {
        if !self.boolean {
            return Err(FormulaError::NotACondition);
        }
        Ok(self.eval(inputs)?.map(|value| !value.is_zero()))
    }

    /// The formula's text with each input replaced, to show it with its numbers or titles put in.
    pub fn show_with(&self, mut input: impl FnMut(&str) -> String) -> String {
        let mut out = String::with_capacity(self.source.len());
        let mut rest = self.source.as_str();
        // The source was read once, so it reads again.
        for token in token::read(&self.source).unwrap_or_default() {
            let Some((between, after)) = rest.split_once(token.text) else {
                break;
            };
            out.push_str(between);
            if token.is_input {
                out.push_str(&input(token.text));
            } else {
                out.push_str(token.text);
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}
