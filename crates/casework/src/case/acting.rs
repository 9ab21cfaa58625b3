//! Who may act: where an actor of a procedure stands, and whether the person of a context is one.

use crate::Casework;
use crate::procedure::{Actor, Procedure, Stand};
use access::{Body, Context, OrganisationKind, PostKind, Role, Who};
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

/// As what somebody acts in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Code of the actor.
    pub actor: String,
    /// The unit in which the actor stands.
    pub unit: Uuid,
    /// In words, with post and delegation where there are any.
    pub words: String,
}

impl Casework {
    /// The unit in which an actor stands for a case about a unit; the unit itself where there is none above.
    pub(crate) fn stands(&self, actor: &Actor, unit: Uuid, on: Date) -> Uuid {
        let atlas = self.places().atlas();
        match actor.at {
            Stand::Own => unit,
            Stand::Above => atlas.path(unit, on).get(1).copied().unwrap_or(unit),
            Stand::Province => atlas.on(on).province(unit).unwrap_or(unit),
            Stand::Nation => atlas.nation().unwrap_or(unit),
        }
    }

    /// The unit of the actor with a code; the unit of the case where nobody is named.
    pub(crate) fn holder_of(&self, procedure: &Procedure, actor: &str, unit: Uuid, on: Date) -> Uuid {
        procedure.actor(actor).map_or(unit, |a| self.stands(a, unit, on))
    }

    /// Whether the person acts as this actor. The role must be held in the very unit in which the actor stands: a province that
    /// sees all communes does not speak for any of them.
    pub(crate) fn acts_as(&self, ctx: &Context, actor: &Actor, unit: Uuid) -> bool {
        if ctx.who == Who::System {
            return true;
        }
        let stands = self.stands(actor, unit, ctx.today());
        roles(actor).iter().any(|role| ctx.units_with(*role).contains(&stands)) && fits(ctx, actor, stands)
    }

    /// The first of these actors as whom the person acts.
    pub(crate) fn acting(&self, ctx: &Context, procedure: &Procedure, by: &[String], unit: Uuid) -> Option<Acting> {
        by.iter().filter_map(|code| procedure.actor(code)).find(|actor| self.acts_as(ctx, actor, unit)).map(|actor| Acting {
            actor: actor.code.clone(),
            unit: self.stands(actor, unit, ctx.today()),
            words: words(ctx, actor),
        })
    }

    /// Whether the person takes part as any of these actors; an empty list means everybody who sees the case.
    pub(crate) fn is_any(&self, ctx: &Context, procedure: &Procedure, codes: &[String], unit: Uuid) -> bool {
        codes.is_empty() || self.acting(ctx, procedure, codes, unit).is_some()
    }

    /// Whether the person leads those who hold a case: moves work between them, gives more time. The head of the Front of a commune
    /// leads nobody in its People's Committee.
    pub(crate) fn leads(&self, ctx: &Context, procedure: &Procedure, case: &super::CaseRow) -> bool {
        if ctx.who == Who::System {
            return true;
        }
        let body = procedure.actor(&case.holder).map_or("", |a| a.body.as_str());
        ctx.units_with(Role::Reviewer).contains(&case.holder_unit)
            && match ctx.post() {
                None => matches!(body, "" | "executive"),
                Some(post) => {
                    matches!(post.kind, PostKind::Head | PostKind::Deputy)
                        && post.unit == case.holder_unit
                        && (body.is_empty() || post.body().map(side) == Some(body))
                }
            }
    }

    /// Whether the person sees cases about a unit.
    pub(crate) fn sees(&self, ctx: &Context, unit: Uuid) -> bool {
        self.figures().may(ctx, Role::Viewer, unit)
    }
}

/// The roles that make an actor; `any` is whoever works or decides there.
fn roles(actor: &Actor) -> Vec<Role> {
    match Role::parse(&actor.role) {
        Some(role) => vec![role],
        None => vec![Role::Officer, Role::Reviewer],
    }
}

/// Whether the post in which the person acts is of the right kind, in the right place and on the right side. Whoever has no post stands
/// with the executive, as an officer of the place.
fn fits(ctx: &Context, actor: &Actor, stands: Uuid) -> bool {
    match ctx.post() {
        None => actor.needs_no_post(),
        Some(post) => fits_kind(actor, &post.organisation_kind, post.kind.as_str()) && post.unit == stands,
    }
}

/// Whether a post of a kind, in an organisation of a kind, is that of an actor.
pub(crate) fn fits_kind(actor: &Actor, organisation: &str, post: &str) -> bool {
    let body = OrganisationKind::coded(organisation).map(|kind| side(kind.body));
    let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|one| one == word);
    (actor.body.is_empty() || body == Some(actor.body.as_str())) && among(&actor.organisations, organisation) && among(&actor.posts, post)
}

/// The word of a side in procedures.
fn side(body: Body) -> &'static str {
    match body {
        Body::Executive => "executive",
        Body::Council => "council",
        Body::Party => "party",
        Body::Front => "front",
        Body::Police => "police",
        Body::Military => "military",
        Body::Village => "village",
        Body::Cooperative => "cooperative",
        Body::Business => "business",
    }
}

fn words(ctx: &Context, actor: &Actor) -> String {
    ctx.post().map_or_else(|| actor.title_vi.clone(), access::Post::label)
}

/// The refusal of an act that belongs to others, naming them.
pub(crate) fn not_yours(procedure: &Procedure, by: &[String]) -> AppError {
    let names = |vi: bool| {
        let list: Vec<&str> = by.iter().filter_map(|code| procedure.actor(code)).map(|a| if vi { a.title_vi.as_str() } else { a.title_en.as_str() }).collect();
        list.join(", ")
    };
    AppError::new("case_not_yours", 403)
        .say(format!("Việc này thuộc về: {}.", names(true)), format!("This is up to: {}.", names(false)))
        .mend("Nhờ người của đơn vị đó, hoặc xin cấp vai trò.", "Ask somebody there, or ask for the role.")
}

/// As what somebody does something that no actor is named for.
pub(crate) fn said(ctx: &Context) -> String {
    ctx.post().map(access::Post::label).unwrap_or_default()
}
