//! The arithmetic: exact decimals, missing values, conditions as 1 and 0.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{FormulaError, PLACES};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Constant(Decimal),
    Input(String),
    Known(Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Abs(Box<Node>),
    Round(Box<Node>, u32),
    Extreme { largest: bool, nodes: Vec<Node> },
    If(Box<Node>, Box<Node>, Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
}

impl Binary {
    pub(crate) fn is_condition(self) -> bool {
        !matches!(self, Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Modulo)
    }
}

type Outcome = Result<Option<Decimal>, FormulaError>;

pub(crate) fn eval(node: &Node, input: &impl Fn(&str) -> Option<Decimal>) -> Outcome {
    Ok(match node {
        Node::Constant(value) => Some(*value),
        Node::Input(code) => input(code),
        Node::Known(inner) => Some(truth(eval(inner, input)?.is_some())),
        Node::Not(inner) => eval(inner, input)?.map(|value| truth(value.is_zero())),
        Node::Negate(inner) => eval(inner, input)?.map(|value| -value),
        Node::Abs(inner) => eval(inner, input)?.map(|value| value.abs()),
        Node::Round(inner, places) => eval(inner, input)?.map(|value| round_to(value, *places)),
        Node::Extreme { largest, nodes } => {
            let values = nodes.iter().map(|node| eval(node, input)).collect::<Result<Option<Vec<_>>, _>>()?;
            values.and_then(|values| if *largest { values.into_iter().max() } else { values.into_iter().min() })
        }
        Node::If(test, yes, no) => match eval(test, input)? {
            None => None,
            Some(value) => eval(if value.is_zero() { no } else { yes }, input)?,
        },
        Node::Binary(operator @ (Binary::And | Binary::Or), left, right) => {
            // The value that decides alone, even beside a missing one.
            let decisive = *operator == Binary::Or;
            let left = eval(left, input)?.map(|value| !value.is_zero());
            if left == Some(decisive) {
                return Ok(Some(truth(decisive)));
            }
            let right = eval(right, input)?.map(|value| !value.is_zero());
            match (left, right) {
                (_, Some(right)) if right == decisive => Some(truth(decisive)),
                (Some(_), Some(_)) => Some(truth(!decisive)),
                _ => None,
            }
        }
        Node::Binary(operator, left, right) => match (eval(left, input)?, eval(right, input)?) {
            (Some(left), Some(right)) => binary(*operator, left, right)?,
            _ => None,
        },
    })
}

fn binary(operator: Binary, left: Decimal, right: Decimal) -> Outcome {
    let compare = || rounded(left).cmp(&rounded(right));
    let exact = match operator {
        Binary::Divide | Binary::Modulo if right.is_zero() => return Ok(None),
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => left.checked_div(right),
        Binary::Modulo => left.checked_rem(right),
        Binary::Equal | Binary::And | Binary::Or => Some(truth(compare().is_eq())),
        Binary::NotEqual => Some(truth(compare().is_ne())),
        Binary::Less => Some(truth(compare().is_lt())),
        Binary::LessEqual => Some(truth(compare().is_le())),
        Binary::Greater => Some(truth(compare().is_gt())),
        Binary::GreaterEqual => Some(truth(compare().is_ge())),
    };
    exact.map(Some).ok_or(FormulaError::Overflow)
}

fn truth(yes: bool) -> Decimal {
    if yes { Decimal::ONE } else { Decimal::ZERO }
}

fn round_to(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// As results and comparisons see a number: 1/3*3 is 1.
pub(crate) fn rounded(value: Decimal) -> Decimal {
    round_to(value, PLACES)
}
