//! Finding evidence again: the picker of what can be reused, and the pages of the library.

use super::{Library, Piece, SOON, Scan, Subject, Use};
use crate::store::evidence as store;
use access::{Context, Role, Who, db_error};
use places::Level;
use std::collections::HashMap;
use ui::AppError;
use uuid::Uuid;

/// Something that may be reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The file.
    pub piece: Piece,
    /// What it proves now; the one nearest to the subject.
    pub used_for: Option<Subject>,
    /// Whether it proved the same indicator in another period.
    pub same: bool,
}

/// Which evidence is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Has ended.
    Expired,
    /// Ends within [`SOON`] days.
    Expiring,
    /// Not scanned, or not scannable.
    Unscanned,
    /// A virus was found.
    Infected,
    /// Linked to nothing now.
    Unused,
}

impl State {
    /// All of them.
    pub const ALL: [State; 5] = [State::Expired, State::Expiring, State::Unscanned, State::Infected, State::Unused];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            State::Expired => "expired",
            State::Expiring => "expiring",
            State::Unscanned => "unscanned",
            State::Infected => "infected",
            State::Unused => "unused",
        }
    }

    /// Reads [`State::word`].
    pub fn parse(word: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// A question to the library.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of the name, number, issuer or address; matched with or without tones.
    pub text: String,
    /// Brought for or used by this unit; for a unit above communes, everything below it.
    pub unit: Option<Uuid>,
    /// See [`State`].
    pub state: Option<State>,
    /// Only before this file: the next page.
    pub before: Option<Uuid>,
    /// Files of a page.
    pub limit: usize,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub piece: Piece,
    /// How many subjects it proves now.
    pub uses: i64,
}

/// A page of the library, the newest first.
#[derive(Clone, Debug, Default)]
pub struct FoundPage {
    /// The files.
    pub items: Vec<Found>,
    /// Goes on before this file.
    pub next: Option<Uuid>,
}

/// Files read at a time from one tenant.
const BATCH: i64 = 200;
/// Batches read for one page at most: a rare word is then looked for on the next page.
const MOST_BATCHES: usize = 25;
/// Offers of the picker.
const OFFERS: usize = 60;

impl Library {
    /// What a unit has that could prove a subject too: first what proved the same indicator in other periods, the latest first.
    ///
    /// # Errors
    /// 404 for those who may not look into the unit.
    pub async fn offers(&self, ctx: &Context, subject: &Subject) -> Result<Vec<Offer>, AppError> {
        let tenant = self.seen_tenant(ctx, subject.unit())?;
        let db = self.figures.db();
        let mut live: HashMap<Uuid, Vec<Use>> = HashMap::new();
        for u in store::uses_of_unit(db, tenant, subject.unit()).await.map_err(db_error)? {
            let list = live.entry(u.file).or_default();
            list.retain(|old| old.subject != u.subject);
            if u.linked {
                list.push(u);
            }
        }
        let near = |s: &Subject| s.topic().kind == subject.topic().kind && s.topic().id == subject.topic().id && s.item() == subject.item();
        let mut out = Vec::new();
        for piece in store::newest(db, tenant, Uuid::max(), Some(subject.unit()), "", BATCH).await.map_err(db_error)? {
            let uses = live.get(&piece.id).map(Vec::as_slice).unwrap_or_default();
            if piece.scan == Scan::Infected || uses.iter().any(|u| u.subject == *subject) {
                continue;
            }
            let best = uses.iter().max_by_key(|u| (near(&u.subject), u.subject.period().to_i64()));
            out.push(Offer { same: best.is_some_and(|u| near(&u.subject)), used_for: best.map(|u| u.subject.clone()), piece });
        }
        let latest = |o: &Offer| o.used_for.as_ref().map_or(0, |s| s.period().to_i64());
        out.sort_by_key(|o| (!o.same, std::cmp::Reverse(if o.same { latest(o) } else { 0 })));
        out.truncate(OFFERS);
        Ok(out)
    }

    /// Looks into the library.
    ///
    /// # Errors
    /// 403 `role_required` for those without a role; 404 for a unit they may not look into.
    pub async fn search(&self, ctx: &Context, filter: &Filter) -> Result<FoundPage, AppError> {
        ctx.require_somewhere(Role::Viewer)?;
        let atlas = self.figures.places().atlas();
        let view = atlas.on(ctx.today());
        let mut exact = None;
        let tenants = match filter.unit {
            Some(unit) => {
                let own = self.seen_tenant(ctx, unit)?;
                match view.level(unit) {
                    Some(Level::Nation) => self.tenants(ctx),
                    Some(Level::Province) => self.tenants(ctx).into_iter().filter(|t| *t == own || self.leads_to(*t, unit, ctx)).collect(),
                    _ => {
                        exact = Some(unit);
                        vec![own]
                    }
                }
            }
            None => self.tenants(ctx),
        };
        let needle = lang::fold(&filter.text);
        let toned = lang::canonical(&filter.text);
        let today = ctx.today();
        let until = match filter.state {
            Some(State::Expired) => today.yesterday().ok(),
            Some(State::Expiring) => today.checked_add(jiff::Span::new().days(SOON)).ok(),
            _ => None,
        };
        let until = until.map(|d| d.to_string()).unwrap_or_default();
        let mut hits: Vec<Found> = Vec::new();
        let mut cut = None;
        for tenant in tenants {
            let (found, stopped) = self.of_tenant(ctx, tenant, filter, exact, &until, (&needle, &toned)).await?;
            hits.extend(found);
            cut = cut.max(stopped);
        }
        hits.sort_by_key(|f| std::cmp::Reverse(f.piece.id));
        // Whatever lies beyond where one tenant stopped reading belongs to the next page.
        if let Some(cut) = cut {
            hits.retain(|f| f.piece.id >= cut);
        }
        let more = hits.len() > filter.limit;
        hits.truncate(filter.limit);
        let next = if more { hits.last().map(|f| f.piece.id) } else { cut };
        Ok(FoundPage { items: hits, next })
    }

    /// What one tenant has for a page, and the id where reading stopped before its end.
    async fn of_tenant(
        &self,
        ctx: &Context,
        tenant: Uuid,
        filter: &Filter,
        exact: Option<Uuid>,
        until: &str,
        words: (&str, &str),
    ) -> Result<(Vec<Found>, Option<Uuid>), AppError> {
        let (db, today) = (self.figures.db(), ctx.today());
        let mut before = filter.before.unwrap_or(Uuid::max());
        let mut out = Vec::new();
        for _ in 0..MOST_BATCHES {
            let batch = store::newest(db, tenant, before, exact, until, BATCH).await.map_err(db_error)?;
            let (Some(first), Some(last)) = (batch.first().map(|p| p.id), batch.last().map(|p| p.id)) else { return Ok((out, None)) };
            let full = batch.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
            let counts = store::count_uses(db, tenant, last, first).await.map_err(db_error)?;
            for piece in batch {
                let uses = counts.get(&piece.id).copied().unwrap_or(0);
                let state = match filter.state {
                    None => true,
                    Some(State::Expired) => piece.expired(today),
                    Some(State::Expiring) => piece.expiring(today),
                    Some(State::Unscanned) => matches!(piece.scan, Scan::Unscanned | Scan::Refused),
                    Some(State::Infected) => piece.scan == Scan::Infected,
                    Some(State::Unused) => uses == 0,
                };
                if state && says(&piece, words) && (exact.is_some() || self.figures.may(ctx, Role::Viewer, piece.unit)) {
                    out.push(Found { piece, uses });
                }
            }
            if !full {
                return Ok((out, None));
            }
            before = last;
            if out.len() > filter.limit {
                break;
            }
        }
        Ok((out, Some(before)))
    }

    /// The tenants in which somebody may look at something.
    fn tenants(&self, ctx: &Context) -> Vec<Uuid> {
        let atlas = self.figures.places().atlas();
        let own: Vec<Uuid> = ctx.units_with(Role::Viewer).iter().filter_map(|u| atlas.unit(*u).map(|u| u.tenant)).collect();
        let all = self.figures.tenant_list();
        all.iter().copied().filter(|t| ctx.who == Who::System || own.contains(t) || self.figures.may(ctx, Role::Viewer, *t)).collect()
    }

    /// Whether a tenant's top unit became part of a province.
    fn leads_to(&self, tenant: Uuid, province: Uuid, ctx: &Context) -> bool {
        self.figures.paths_of(&self.figures.places().atlas(), ctx, tenant).iter().any(|path| path.contains(&province))
    }
}

/// Whether all words stand in a piece: with tones when they were typed with tones, else without.
fn says(piece: &Piece, (folded, toned): (&str, &str)) -> bool {
    if folded.is_empty() {
        return true;
    }
    let a = &piece.about;
    let text = format!("{} {} {} {}", piece.name, a.number, a.issuer, piece.url.as_deref().unwrap_or_default());
    let with_tones = folded != toned;
    let (hay, needle) = if with_tones { (lang::canonical(&text), toned) } else { (lang::fold(&text), folded) };
    needle.split_whitespace().all(|word| hay.contains(word))
}
