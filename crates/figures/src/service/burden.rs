//! The burden of reporting: how many fields people fill by hand, so that a platform that asks too much is seen to do so.

use super::Figures;
use crate::store;
use access::{Context, Role, Who, db_error};
use calendar::{Period, PeriodKind};
use db::{DbError, Tx};
use places::Level;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use ui::AppError;
use uuid::Uuid;

/// Fields filled for a unit in one month, by the way they came: `form` typed by hand, `workbook` brought in a file,
/// `api` sent by another system; domains above add words of their own, such as `dossier`.
pub type Filled = BTreeMap<String, i64>;

/// Ways in which nothing is typed by hand.
pub const NOT_TYPED: [&str; 2] = ["workbook", "api"];

/// The burden under a unit over some months.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Burden {
    /// The months, oldest first.
    pub months: Vec<Period>,
    /// Communes in the order of the tree, each with what was filled per month; empty where nothing was.
    pub units: Vec<(Uuid, Vec<Filled>)>,
}

/// How many of the fields were typed by hand.
pub fn typed(filled: &Filled) -> i64 {
    filled.iter().filter(|(source, _)| !NOT_TYPED.contains(&source.as_str())).map(|(_, fields)| fields).sum()
}

/// Counts the fields that a person filled, by unit (each unit once), in the transaction that keeps them. What the platform itself writes is not counted.
///
/// # Errors
/// What the database says.
pub async fn count_typed(tx: &mut Tx, ctx: &Context, tenant: Uuid, source: &str, filled: impl IntoIterator<Item = (Uuid, usize)>) -> Result<(), DbError> {
    let today = ctx.today();
    let Some(month) = Period::month(today.year(), today.month().into()).filter(|_| ctx.who != Who::System) else { return Ok(()) };
    let filled = filled.into_iter().filter(|(_, fields)| *fields > 0).map(|(unit, fields)| (unit, i64::try_from(fields).unwrap_or(i64::MAX)));
    store::typed::add(tx, tenant, month.to_i64(), source, filled).await
}

impl Figures {
    /// How many fields were filled in each of the last months for each commune under a unit.
    ///
    /// # Errors
    /// 401/403 without a role in the unit, 404 `unknown_unit`; what the database says.
    pub async fn burden(&self, ctx: &Context, under: Uuid, months: usize) -> Result<Burden, AppError> {
        let atlas = self.places().atlas();
        if atlas.unit(under).is_none() {
            return Err(super::unknown_unit());
        }
        ctx.require(Role::Viewer, &atlas.path(under, ctx.today()))?;
        let today = ctx.today();
        let mut span: Vec<Period> = Vec::new();
        let mut at = Period::containing(PeriodKind::Month, today, &calendar::Cutoff::calendar());
        while let Some(month) = at.filter(|_| span.len() < months.clamp(1, 36)) {
            span.push(month);
            at = month.previous();
        }
        span.reverse();
        let communes = atlas.on(today).under(under, Level::Commune);
        let tenants: BTreeSet<Uuid> = communes.iter().filter_map(|u| atlas.unit(*u)).map(|u| u.tenant).collect();
        let mut rows: HashMap<Uuid, Vec<Filled>> = HashMap::new();
        if let (Some(first), Some(last)) = (span.first(), span.last()) {
            for tenant in tenants {
                for (unit, month, source, fields) in store::typed::of_tenant(self.db(), tenant, first.to_i64(), last.to_i64()).await.map_err(db_error)? {
                    let row = rows.entry(unit).or_insert_with(|| vec![Filled::new(); span.len()]);
                    let place = span.iter().position(|p| p.to_i64() == month);
                    if let Some(filled) = place.and_then(|place| row.get_mut(place)) {
                        *filled.entry(source).or_default() += fields;
                    }
                }
            }
        }
        let empty = vec![Filled::new(); span.len()];
        Ok(Burden { units: communes.into_iter().map(|u| (u, rows.remove(&u).unwrap_or_else(|| empty.clone()))).collect(), months: span })
    }
}
