//! From CEL's syntax tree to ours, with types checked.

use std::thread;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use cel::parser::Parser;
use rust_decimal::Decimal;

use crate::eval::{Binary, Node};
use crate::{FormulaError, MAX_DEPTH};

/// Virtual memory only; 200 operators need 2 to 4 MB in a debug build.
const STACK: usize = 64 << 20;
/// The parser counts several levels for each of ours.
const PARSER_DEPTH: u16 = MAX_DEPTH as u16 * 4;

/// The tree, and whether its result is a condition.
///
/// Read on a thread of its own: the parser takes kilobytes of stack per operator and is known to panic on odd text.
/// The first reading bounds the operators, so the stack suffices; a panic ends only that thread.
pub(crate) fn compile(source: &str) -> Result<(Node, bool), FormulaError> {
    parsed(source, node)
}

/// Hands the syntax tree of a text that [`crate::token::read`] let through to `each`, on a thread of its own.
pub(crate) fn parsed<T: Send>(source: &str, each: impl FnOnce(&IdedExpr) -> Result<T, FormulaError> + Send) -> Result<T, FormulaError> {
    let unread = || FormulaError::Syntax("?".into());
    let read = || {
        let tree = Parser::new().max_recursion_depth(PARSER_DEPTH).parse(source).map_err(|errors| {
            let first = errors.errors.first().map(|error| error.msg.chars().take(200).collect());
            first.map_or_else(unread, FormulaError::Syntax)
        })?;
        each(&tree)
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read).map_err(|_| unread())?;
        thread.join().unwrap_or_else(|_| Err(unread()))
    })
}

fn node(tree: &IdedExpr) -> Result<(Node, bool), FormulaError> {
    match &tree.expr {
        Expr::Ident(code) => Ok((Node::Input(code.clone()), false)),
        Expr::Literal(value) => literal(value),
        Expr::Call(call) if call.target.is_none() => {
            let args = call.args.iter().map(node).collect::<Result<Vec<_>, _>>()?;
            self::call(&call.func_name, args)
        }
        _ => Err(FormulaError::Syntax("this part of CEL is not used here".into())),
    }
}

fn literal(value: &LiteralValue) -> Result<(Node, bool), FormulaError> {
    let number = match value {
        LiteralValue::Boolean(yes) => {
            return Ok((Node::Constant(Decimal::from(u8::from(*yes.inner()))), true));
        }
        LiteralValue::Int(whole) => Some(Decimal::from(*whole.inner())),
        // The shortest text of a double is the number as it was written, up to 15 digits.
        LiteralValue::Double(double) => Decimal::from_str_exact(&double.inner().to_string()).ok(),
        _ => {
            return Err(FormulaError::Syntax("text has no place in a formula".into()));
        }
    };
    number.map(|number| (Node::Constant(number), false)).ok_or(FormulaError::Overflow)
}

fn call(name: &str, args: Vec<(Node, bool)>) -> Result<(Node, bool), FormulaError> {
    let shown = name.trim_matches('_');
    let all = |wanted: bool| args.iter().all(|(_, boolean)| *boolean == wanted);
    let number = |ok: bool| {
        if ok { Ok(()) } else { Err(FormulaError::Mixed(shown.into())) }
    };
    let binary = match name {
        op::ADD => Some(Binary::Add),
        op::SUBSTRACT => Some(Binary::Subtract),
        op::MULTIPLY => Some(Binary::Multiply),
        op::DIVIDE => Some(Binary::Divide),
        op::MODULO => Some(Binary::Modulo),
        op::EQUALS => Some(Binary::Equal),
        op::NOT_EQUALS => Some(Binary::NotEqual),
        op::LESS => Some(Binary::Less),
        op::LESS_EQUALS => Some(Binary::LessEqual),
        op::GREATER => Some(Binary::Greater),
        op::GREATER_EQUALS => Some(Binary::GreaterEqual),
        op::LOGICAL_AND => Some(Binary::And),
        op::LOGICAL_OR => Some(Binary::Or),
        _ => None,
    };
    if let Some(binary) = binary {
        let boolean = match binary {
            Binary::And | Binary::Or => all(true),
            Binary::Equal | Binary::NotEqual => all(true) || all(false),
            _ => all(false),
        };
        number(boolean)?;
        let mut nodes = args.into_iter().map(|(node, _)| node);
        let first = nodes.next().ok_or_else(|| FormulaError::Arguments(shown.into()))?;
        let root = nodes.fold(first, |left, right| Node::Binary(binary, Box::new(left), Box::new(right)));
        return Ok((root, binary.is_condition()));
    }
    let wrong = || FormulaError::Arguments(shown.into());
    match name {
        op::CONDITIONAL => {
            let [(test, test_bool), (yes, yes_bool), (no, no_bool)]: [(Node, bool); 3] = args.try_into().map_err(|_| wrong())?;
            number(test_bool && yes_bool == no_bool)?;
            Ok((Node::If(Box::new(test), Box::new(yes), Box::new(no)), yes_bool))
        }
        op::LOGICAL_NOT => {
            number(all(true))?;
            Ok((Node::Not(one(args).ok_or_else(wrong)?), true))
        }
        op::NEGATE => {
            number(all(false))?;
            Ok((Node::Negate(one(args).ok_or_else(wrong)?), false))
        }
        "known" => Ok((Node::Known(one(args).ok_or_else(wrong)?), true)),
        "abs" => {
            number(all(false))?;
            Ok((Node::Abs(one(args).ok_or_else(wrong)?), false))
        }
        "round" => {
            number(all(false))?;
            let mut nodes = args.into_iter().map(|(node, _)| node);
            let value = nodes.next().ok_or_else(wrong)?;
            let places = match (nodes.next(), nodes.next()) {
                (None, _) => 0,
                (Some(Node::Constant(places)), None) => {
                    u32::try_from(places).ok().filter(|p| *p <= crate::PLACES && places.fract().is_zero()).ok_or_else(wrong)?
                }
                _ => return Err(wrong()),
            };
            Ok((Node::Round(Box::new(value), places), false))
        }
        "min" | "max" if args.is_empty() => Err(wrong()),
        "min" | "max" => {
            number(all(false))?;
            let nodes = args.into_iter().map(|(node, _)| node).collect();
            Ok((Node::Extreme { largest: name == "max", nodes }, false))
        }
        _ => Err(FormulaError::UnknownFunction(shown.chars().take(60).collect())),
    }
}

fn one(args: Vec<(Node, bool)>) -> Option<Box<Node>> {
    let mut args = args.into_iter();
    match (args.next(), args.next()) {
        (Some((node, _)), None) => Some(Box::new(node)),
        _ => None,
    }
}
