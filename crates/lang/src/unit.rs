//! Units as people write them beside a number: tỷ đồng, nghìn ha, sào, công, tạ.

use rust_decimal::Decimal;

use crate::fold::fold;

/// What a unit measures; the base unit is in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A bare scale word (1): nghìn, triệu, tỷ.
    Count,
    /// Money (đồng).
    Money,
    /// Area (m²).
    Area,
    /// Length (m).
    Length,
    /// Mass (kg).
    Mass,
}

/// A unit as a multiple of its quantity's base unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub quantity: Quantity,
    /// How many base units one of these is.
    pub factor: Decimal,
    /// The other customary size, where regions differ: sào 360 m² (Bắc) or 500 m² (Trung), mẫu ten times that,
    /// công 1.000 m² or, by the old measuring rod, 1.296 m².
    pub other: Option<Decimal>,
}

impl Unit {
    pub(crate) const ONE: Unit = Unit::new(Quantity::Count, 1);

    const fn new(quantity: Quantity, factor: i64) -> Unit {
        Unit { quantity, factor: Decimal::from_parts(factor as u32, (factor >> 32) as u32, 0, false, 0), other: None }
    }

    const fn or(self, other: u32) -> Unit {
        Unit { other: Some(Decimal::from_parts(other, 0, 0, false, 0)), ..self }
    }

    /// Reads "tỷ đồng", "triệu", "nghìn tấn", "m2", "ha", with or without tones; `None` if it is no unit known here
    /// ("hộ", "người" are labels, not units).
    pub fn parse(text: &str) -> Option<Unit> {
        let text = fold(text);
        let text = text.trim_end_matches('.');
        if let Some(unit) = simple(text) {
            return Some(unit);
        }
        let (first, rest) = text.split_once(' ')?;
        let (scale, unit) = (scale(first)?, simple(rest)?);
        Some(Unit {
            quantity: unit.quantity,
            factor: unit.factor.checked_mul(scale.factor)?,
            other: unit.other.and_then(|other| other.checked_mul(scale.factor)),
        })
    }
}

fn scale(word: &str) -> Option<Unit> {
    Some(Unit::new(
        Quantity::Count,
        match word {
            "nghin" | "ngan" => 1_000,
            "trieu" | "tr" => 1_000_000,
            "ty" | "ti" => 1_000_000_000,
            _ => return None,
        },
    ))
}

fn simple(word: &str) -> Option<Unit> {
    use Quantity::{Area, Length, Mass, Money};
    if let Some(unit) = scale(word) {
        return Some(unit);
    }
    Some(match word {
        "dong" | "d" | "vnd" | "vnđ" => Unit::new(Money, 1),
        "m2" | "m²" | "met vuong" => Unit::new(Area, 1),
        "ha" | "hecta" | "hec-ta" | "hec ta" => Unit::new(Area, 10_000),
        "km2" | "km²" | "ki-lo-met vuong" => Unit::new(Area, 1_000_000),
        "sao" => Unit::new(Area, 360).or(500),
        "mau" => Unit::new(Area, 3_600).or(5_000),
        "cong" | "cong dat" => Unit::new(Area, 1_000).or(1_296),
        "m" | "met" => Unit::new(Length, 1),
        "km" | "ki-lo-met" => Unit::new(Length, 1_000),
        "kg" | "can" | "ki-lo-gam" => Unit::new(Mass, 1),
        "yen" => Unit::new(Mass, 10),
        "ta" => Unit::new(Mass, 100),
        "tan" => Unit::new(Mass, 1_000),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_units() {
        let of = |text| Unit::parse(text).map(|u| (u.quantity, u.factor.to_string()));
        assert_eq!(of("tỷ đồng"), Some((Quantity::Money, "1000000000".into())));
        assert_eq!(of("TRIỆU"), Some((Quantity::Count, "1000000".into())));
        assert_eq!(of("nghìn tấn"), Some((Quantity::Mass, "1000000".into())));
        assert_eq!(of("m²"), Some((Quantity::Area, "1".into())));
        assert_eq!(of("hộ"), None);
        assert_eq!(of("tỷ tỷ hộ"), None);
        assert_eq!(Unit::parse("sào").unwrap().other, Some(Decimal::from(500)));
        assert_eq!(Unit::parse("nghìn công").unwrap().other, Some(Decimal::from(1_296_000)));
    }
}
