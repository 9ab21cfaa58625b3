//! Conditions over fields that are numbers, texts or yes/no, written in CEL: `broadcasts >= 5 && result == 'met'`.
//!
//! Three answers: yes, no, and not known because something is missing. `known(x)` asks for what is there. A guard opens into
//! its parts (what stands between the outermost `&&`), so that a page can tick them off one by one.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use rust_decimal::Decimal;

use crate::compile::parsed;
use crate::{FormulaError, token};

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(Decimal),
    /// A text; dates are ISO and compare as such.
    Text(String),
}

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// Something it needs is missing.
    NotKnown,
}

/// A condition that has been read and checked; judging it cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    source: String,
    inputs: Vec<String>,
    parts: Vec<Part>,
}

/// One of the conditions that must all hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// As it was written, near enough.
    pub text: String,
    /// The names it uses.
    pub inputs: Vec<String>,
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Value(GuardValue),
    Input(String),
    Known(String),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(&'static str, Box<Node>, Box<Node>),
    Count(char, Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
}

/// The longest text in a guard, in characters.
const LONGEST_TEXT: usize = 200;
/// What stands for the texts while the rest is read; no input can bear it.
const STAND_IN: &str = "__text_";

impl Guard {
    /// Reads and checks a guard.
    ///
    /// # Errors
    /// [`FormulaError`] as for formulas; [`FormulaError::NotACondition`] when it gives a number or a text.
    pub fn parse(source: &str) -> Result<Guard, FormulaError> {
        let (plain, texts) = without_texts(source)?;
        let tokens = token::read(&plain)?;
        let mut inputs: Vec<String> = tokens.iter().filter(|t| t.is_input && !t.text.starts_with(STAND_IN)).map(|t| t.text.to_owned()).collect();
        inputs.sort_unstable();
        inputs.dedup();
        let root = parsed(&plain, |tree| node(tree, &texts))?;
        let mut parts = Vec::new();
        split(root, &mut parts);
        if parts.iter().any(|part| !part.root.is_condition()) {
            return Err(FormulaError::NotACondition);
        }
        Ok(Guard { source: source.to_owned(), inputs, parts })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names it uses, sorted, each once.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The conditions that must all hold.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What it says over the values.
    pub fn judge(&self, value: &dyn Fn(&str) -> Option<GuardValue>) -> Verdict {
        let verdicts = self.parts.iter().map(|part| part.judge(value));
        verdicts.fold(Verdict::Yes, |all, one| match (all, one) {
            (Verdict::No, _) | (_, Verdict::No) => Verdict::No,
            (Verdict::NotKnown, _) | (_, Verdict::NotKnown) => Verdict::NotKnown,
            _ => Verdict::Yes,
        })
    }
}

impl Part {
    /// What this condition says.
    pub fn judge(&self, value: &dyn Fn(&str) -> Option<GuardValue>) -> Verdict {
        match eval(&self.root, value) {
            Some(GuardValue::Flag(true)) => Verdict::Yes,
            Some(_) => Verdict::No,
            None => Verdict::NotKnown,
        }
    }
}

/// Takes the texts in quotes out, so that only harmless characters reach the parser.
fn without_texts(source: &str) -> Result<(String, Vec<String>), FormulaError> {
    let (mut plain, mut texts) = (String::with_capacity(source.len()), Vec::new());
    let mut letters = source.chars().enumerate();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' && letter != '"' {
            plain.push(letter);
            continue;
        }
        let mut text = String::new();
        loop {
            match letters.next() {
                Some((_, end)) if end == letter => break,
                Some((_, '\\')) | None => return Err(FormulaError::Character { what: letter, at: at + 1 }),
                Some((_, other)) => text.push(other),
            }
        }
        if text.chars().count() > LONGEST_TEXT {
            return Err(FormulaError::TooLong);
        }
        plain.push_str(&format!(" {STAND_IN}{} ", texts.len()));
        texts.push(text);
    }
    if source.contains(STAND_IN) {
        return Err(FormulaError::Syntax(format!("“{STAND_IN}” cannot be a name")));
    }
    Ok((plain, texts))
}

fn node(tree: &IdedExpr, texts: &[String]) -> Result<Node, FormulaError> {
    let unused = || FormulaError::Syntax("this part of CEL is not used here".into());
    match &tree.expr {
        Expr::Ident(name) => match name.strip_prefix(STAND_IN) {
            Some(at) => at.parse::<usize>().ok().and_then(|at| texts.get(at)).map(|t| Node::Value(GuardValue::Text(t.clone()))).ok_or_else(unused),
            None => Ok(Node::Input(name.clone())),
        },
        Expr::Literal(LiteralValue::Boolean(yes)) => Ok(Node::Value(GuardValue::Flag(*yes.inner()))),
        Expr::Literal(LiteralValue::Int(whole)) => Ok(Node::Value(GuardValue::Number(Decimal::from(*whole.inner())))),
        Expr::Literal(LiteralValue::Double(double)) => {
            Decimal::from_str_exact(&double.inner().to_string()).map(|d| Node::Value(GuardValue::Number(d))).map_err(|_| FormulaError::Overflow)
        }
        Expr::Call(call) if call.target.is_none() => {
            let args = call.args.iter().map(|arg| node(arg, texts)).collect::<Result<Vec<_>, _>>()?;
            self::call(&call.func_name, args)
        }
        _ => Err(unused()),
    }
}

fn call(name: &str, args: Vec<Node>) -> Result<Node, FormulaError> {
    let shown = name.trim_matches('_').to_owned();
    let wrong = || FormulaError::Arguments(shown.clone());
    let mixed = || FormulaError::Mixed(shown.clone());
    let condition = |node: &Node| node.may_be_condition();
    if name == op::LOGICAL_AND || name == op::LOGICAL_OR {
        if !args.iter().all(condition) {
            return Err(mixed());
        }
        let mut nodes = args.into_iter();
        let first = nodes.next().ok_or_else(wrong)?;
        return Ok(nodes.fold(first, |l, r| if name == op::LOGICAL_AND { Node::And(Box::new(l), Box::new(r)) } else { Node::Or(Box::new(l), Box::new(r)) }));
    }
    if name == op::LOGICAL_NOT || name == "known" {
        let [one]: [Node; 1] = args.try_into().map_err(|_| wrong())?;
        return match (name, one) {
            ("known", Node::Input(input)) => Ok(Node::Known(input)),
            ("known", _) => Err(wrong()),
            (_, one) if condition(&one) => Ok(Node::Not(Box::new(one))),
            _ => Err(mixed()),
        };
    }
    if name == op::CONDITIONAL {
        let [test, yes, no]: [Node; 3] = args.try_into().map_err(|_| wrong())?;
        return if condition(&test) { Ok(Node::If(Box::new(test), Box::new(yes), Box::new(no))) } else { Err(mixed()) };
    }
    let compare = [(op::EQUALS, "=="), (op::NOT_EQUALS, "!="), (op::LESS, "<"), (op::LESS_EQUALS, "<="), (op::GREATER, ">"), (op::GREATER_EQUALS, ">=")];
    let count = [(op::ADD, '+'), (op::SUBSTRACT, '-'), (op::MULTIPLY, '*')];
    let found = compare.iter().find(|(word, _)| *word == name);
    let sum = count.iter().find(|(word, _)| *word == name);
    if found.is_none() && sum.is_none() {
        return Err(FormulaError::UnknownFunction(shown.chars().take(60).collect()));
    }
    let [left, right]: [Node; 2] = args.try_into().map_err(|_| wrong())?;
    match (found, sum) {
        (Some((_, sign)), _) => Ok(Node::Compare(sign, Box::new(left), Box::new(right))),
        (None, Some((_, sign))) => Ok(Node::Count(*sign, Box::new(left), Box::new(right))),
        (None, None) => Err(wrong()),
    }
}

impl Node {
    fn is_condition(&self) -> bool {
        match self {
            Node::Value(value) => matches!(value, GuardValue::Flag(_)),
            Node::If(_, yes, no) => yes.is_condition() && no.is_condition(),
            Node::Count(..) => false,
            _ => true,
        }
    }

    /// An input may be a flag; only what surely is none is refused.
    fn may_be_condition(&self) -> bool {
        self.is_condition()
    }

    fn inputs(&self, out: &mut Vec<String>) {
        match self {
            Node::Value(_) => {}
            Node::Input(name) | Node::Known(name) => out.push(name.clone()),
            Node::Not(one) => one.inputs(out),
            Node::And(l, r) | Node::Or(l, r) | Node::Compare(_, l, r) | Node::Count(_, l, r) => {
                l.inputs(out);
                r.inputs(out);
            }
            Node::If(test, yes, no) => {
                test.inputs(out);
                yes.inputs(out);
                no.inputs(out);
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Node::Value(GuardValue::Flag(yes)) => yes.to_string(),
            Node::Value(GuardValue::Number(number)) => number.normalize().to_string(),
            Node::Value(GuardValue::Text(text)) => format!("'{text}'"),
            Node::Input(name) => name.clone(),
            Node::Known(name) => format!("known({name})"),
            Node::Not(one) => format!("!{}", one.inner()),
            Node::And(l, r) => format!("{} && {}", l.inner(), r.inner()),
            Node::Or(l, r) => format!("{} || {}", l.inner(), r.inner()),
            Node::Compare(sign, l, r) => format!("{} {sign} {}", l.inner(), r.inner()),
            Node::Count(sign, l, r) => format!("{} {sign} {}", l.inner(), r.inner()),
            Node::If(test, yes, no) => format!("{} ? {} : {}", test.inner(), yes.inner(), no.inner()),
        }
    }

    /// With parentheses where it is not a single word, a comparison beside `&&` or a product.
    fn inner(&self) -> String {
        match self {
            Node::And(..) | Node::Or(..) | Node::If(..) => format!("({})", self.text()),
            _ => self.text(),
        }
    }
}

fn split(root: Node, parts: &mut Vec<Part>) {
    match root {
        Node::And(left, right) => {
            split(*left, parts);
            split(*right, parts);
        }
        root => {
            let mut inputs = Vec::new();
            root.inputs(&mut inputs);
            inputs.sort_unstable();
            inputs.dedup();
            parts.push(Part { text: root.text(), inputs, root });
        }
    }
}

fn eval(node: &Node, value: &dyn Fn(&str) -> Option<GuardValue>) -> Option<GuardValue> {
    let flag = |node: &Node| match eval(node, value) {
        Some(GuardValue::Flag(yes)) => Some(yes),
        // A number or text where a condition belongs is no yes.
        Some(_) => Some(false),
        None => None,
    };
    match node {
        Node::Value(value) => Some(value.clone()),
        Node::Input(name) => value(name),
        Node::Known(name) => Some(GuardValue::Flag(value(name).is_some())),
        Node::Not(one) => flag(one).map(|yes| GuardValue::Flag(!yes)),
        Node::And(l, r) => match (flag(l), flag(r)) {
            (Some(false), _) | (_, Some(false)) => Some(GuardValue::Flag(false)),
            (Some(true), Some(true)) => Some(GuardValue::Flag(true)),
            _ => None,
        },
        Node::Or(l, r) => match (flag(l), flag(r)) {
            (Some(true), _) | (_, Some(true)) => Some(GuardValue::Flag(true)),
            (Some(false), Some(false)) => Some(GuardValue::Flag(false)),
            _ => None,
        },
        Node::If(test, yes, no) => match flag(test) {
            Some(true) => eval(yes, value),
            Some(false) => eval(no, value),
            None => None,
        },
        Node::Compare(sign, l, r) => {
            let (l, r) = (eval(l, value)?, eval(r, value)?);
            Some(GuardValue::Flag(compared(sign, &l, &r)))
        }
        Node::Count(sign, l, r) => match (eval(l, value)?, eval(r, value)?) {
            (GuardValue::Number(l), GuardValue::Number(r)) => match sign {
                '+' => l.checked_add(r),
                '-' => l.checked_sub(r),
                _ => l.checked_mul(r),
            }
            .map(GuardValue::Number),
            _ => None,
        },
    }
}

/// Values of two kinds are never equal and never ordered.
fn compared(sign: &str, l: &GuardValue, r: &GuardValue) -> bool {
    let order = match (l, r) {
        (GuardValue::Number(l), GuardValue::Number(r)) => Some(l.cmp(r)),
        (GuardValue::Text(l), GuardValue::Text(r)) => Some(l.cmp(r)),
        (GuardValue::Flag(l), GuardValue::Flag(r)) if matches!(sign, "==" | "!=") => Some(l.cmp(r)),
        _ => None,
    };
    match (sign, order) {
        ("==", order) => order.is_some_and(|o| o.is_eq()),
        ("!=", order) => order.is_none_or(|o| o.is_ne()),
        ("<", Some(order)) => order.is_lt(),
        ("<=", Some(order)) => order.is_le(),
        (">", Some(order)) => order.is_gt(),
        (">=", Some(order)) => order.is_ge(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(name: &str) -> Option<GuardValue> {
        match name {
            "broadcasts" => Some(GuardValue::Number(Decimal::from(3))),
            "result" => Some(GuardValue::Text("đạt".into())),
            "from" => Some(GuardValue::Text("2026-02-05".into())),
            "agreed" => Some(GuardValue::Flag(true)),
            _ => None,
        }
    }

    #[test]
    fn three_answers() {
        for (text, verdict) in [
            ("broadcasts >= 3", Verdict::Yes),
            ("broadcasts >= 5", Verdict::No),
            ("result == 'đạt' && agreed", Verdict::Yes),
            ("result != \"đạt\" || !agreed", Verdict::No),
            ("from < '2026-03-01'", Verdict::Yes),
            ("missing > 1", Verdict::NotKnown),
            ("missing > 1 && broadcasts > 9", Verdict::No),
            ("!known(missing) || broadcasts * 100 >= missing * 2", Verdict::Yes),
            ("known(missing)", Verdict::No),
            ("agreed ? broadcasts + 2 == 5 : false", Verdict::Yes),
            ("result > 1", Verdict::No),
            ("result == 1", Verdict::No),
            ("true", Verdict::Yes),
        ] {
            let guard = Guard::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(guard.judge(&value), verdict, "{text}");
        }
        for (text, code) in [
            ("broadcasts", ""),
            ("broadcasts + 1", "formula.not_a_condition"),
            ("1", "formula.not_a_condition"),
            ("'a'", "formula.not_a_condition"),
            ("'a", "formula.character"),
            ("a.b", "formula.character"),
            ("f(x)", "formula.unknown_function"),
            ("(1 + 1) && true", "formula.mixed"),
            ("", "formula.empty"),
            ("__text_0 == 'a'", "formula.syntax"),
        ] {
            let found = Guard::parse(text);
            assert_eq!(found.err().map_or("", |e| e.code()), code, "{text}");
        }
    }

    #[test]
    fn a_guard_opens_into_its_parts() {
        let guard = Guard::parse("broadcasts >= 5 && (result == 'đạt' || agreed) && known(missing)").unwrap();
        assert_eq!(guard.inputs(), ["agreed", "broadcasts", "missing", "result"]);
        let parts: Vec<(&str, Verdict)> = guard.parts().iter().map(|p| (p.text.as_str(), p.judge(&value))).collect();
        assert_eq!(parts, [("broadcasts >= 5", Verdict::No), ("result == 'đạt' || agreed", Verdict::Yes), ("known(missing)", Verdict::No)]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            if let Ok(guard) = Guard::parse(&text) {
                let _ = guard.judge(&value);
            }
        }

        /// Parts and whole agree, and their texts read back to the same answers.
        #[test]
        fn parts_agree_with_the_whole(words in proptest::collection::vec(0..8usize, 1..5)) {
            let all = ["broadcasts >= 5", "agreed", "missing > 1", "result == 'x'", "(agreed || missing == 2)", "!agreed", "known(broadcasts)", "broadcasts < 9"];
            let text = words.iter().map(|w| all[*w]).collect::<Vec<_>>().join(" && ");
            let guard = Guard::parse(&text).unwrap();
            prop_assert_eq!(guard.parts().len(), words.len());
            let again = Guard::parse(&guard.parts().iter().map(|p| p.root.inner()).collect::<Vec<_>>().join(" && ")).unwrap();
            prop_assert_eq!(again.judge(&value), guard.judge(&value));
        }
    }
}
