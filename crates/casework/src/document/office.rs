//! Offices: who keeps registers and dossiers, and which hat somebody wears there.
//!
//! The People's Committee of a place with its office, divisions and service centre keeps one register: its id is the place's.
//! A department, the Party's committee, the Front and other bodies keep their own: their id is the organisation's.

use crate::Casework;
use access::{Context, Post, PostKind, Role, db_error};
use db::{Db, DbError, Tx, args};
use places::{Atlas, Level};
use ui::{AppError, Lang};
use uuid::Uuid;

db::statements! {
    PEOPLE: Shared = "SELECT a.id, a.name, g.role FROM role_grant g JOIN account a ON a.id = g.account_id \
                      WHERE g.unit_id = $1 AND a.disabled = 0 AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) \
                      AND g.field = '' AND g.role IN ('officer', 'reviewer') ORDER BY a.name, a.id";
    HOLDERS: Shared = "SELECT a.id, a.name, p.kind, o.id, o.kind FROM post_holder h JOIN post p ON p.id = h.post_id JOIN organisation o ON o.id = p.organisation_id \
                       JOIN account a ON a.id = h.account_id WHERE o.unit_id = $1 AND a.disabled = 0 AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) \
                       ORDER BY a.name, a.id";
    ORGANISATION: Shared = "SELECT o.unit_id, o.kind, n.name FROM organisation o JOIN organisation_name n ON n.organisation_id = o.id \
                            WHERE o.id = $1 AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) ORDER BY n.valid_from DESC LIMIT 1";
    EVER: Shared = "SELECT o.unit_id, o.kind, n.name FROM organisation o JOIN organisation_name n ON n.organisation_id = o.id WHERE o.id = $1 ORDER BY n.valid_from DESC LIMIT 1";
    BESIDE: Shared = "SELECT o.id, o.kind, n.name FROM organisation o JOIN organisation_name n ON n.organisation_id = o.id \
                      WHERE o.unit_id = $1 AND o.valid_from <= $2 AND (o.valid_to IS NULL OR o.valid_to > $2) AND n.valid_from <= $2 ORDER BY o.id, n.valid_from";
}

/// Kinds of organisations that share the register of the People's Committee of their place.
pub(super) const SHARED: [&str; 4] = ["people-committee", "office", "division", "service-centre"];
/// Kinds that keep no registers of administrative documents here.
pub(super) const WITHOUT: [&str; 8] =
    ["people-council", "party-cell", "village", "community-digital-team", "cooperative", "enterprise", "provider", "military"];

/// What somebody does in an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hat {
    /// Văn thư: registers, issues, files.
    Clerk,
    /// Chuyên viên: works on dossiers.
    Officer,
    /// Lãnh đạo: assigns, signs, closes.
    Head,
}

impl Hat {
    /// Its name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Hat::Clerk => l.t("văn thư", "clerk"),
            Hat::Officer => l.t("chuyên viên", "officer"),
            Hat::Head => l.t("lãnh đạo", "head"),
        }
    }
}

/// Whether a post signs for the office: heads of its own organisation do, heads of a division inside it do not.
fn signs(kind: PostKind, organisation_kind: &str) -> bool {
    matches!(kind, PostKind::Head | PostKind::Deputy) && (organisation_kind == "people-committee" || !SHARED.contains(&organisation_kind))
}

/// The office that a post belongs to.
fn office_of(post: &Post) -> Option<Uuid> {
    let kind = post.organisation_kind.as_str();
    if WITHOUT.contains(&kind) {
        return None;
    }
    Some(if SHARED.contains(&kind) { post.unit } else { post.organisation })
}

/// An office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Id: of the place, or of the organisation with a register of its own.
    pub id: Uuid,
    /// The place it works for.
    pub unit: Uuid,
    /// Tenant of that place.
    pub tenant: Uuid,
    /// Level of that place.
    pub level: Level,
    /// Name as it signs.
    pub name: String,
}

impl Office {
    /// Whether somebody wears a hat in this very office, in the post they act in; a role further up gives none here.
    /// Whoever has no post acts by roles held in the very place: an officer then keeps the register too, a reviewer is the head.
    pub fn wears(&self, ctx: &Context, hat: Hat) -> bool {
        match ctx.post() {
            Some(post) => {
                office_of(post) == Some(self.id)
                    && match hat {
                        Hat::Clerk => post.kind == PostKind::Clerk,
                        Hat::Officer => true,
                        Hat::Head => signs(post.kind, &post.organisation_kind),
                    }
            }
            None => {
                let role = if hat == Hat::Head { Role::Reviewer } else { Role::Officer };
                self.id == self.unit && ctx.may(role, &[self.unit])
            }
        }
    }

    /// Whether somebody works here at all, and so sees what is inside.
    pub fn works_here(&self, ctx: &Context) -> bool {
        self.wears(ctx, Hat::Officer) || self.wears(ctx, Hat::Head)
    }

    /// Refuses whoever does not wear the hat.
    ///
    /// # Errors
    /// 404 to strangers, from whom even the existence is kept; 403 `hat_required` to those who work here.
    pub fn require(&self, ctx: &Context, hat: Hat) -> Result<(), AppError> {
        if self.wears(ctx, hat) {
            return Ok(());
        }
        if !self.works_here(ctx) {
            return Err(office_unknown());
        }
        Err(AppError::new("hat_required", 403)
            .say(
                format!("Việc này do {} của {} làm.", hat.label(Lang::Vi), self.name),
                format!("This is done by the {} of {}.", hat.label(Lang::En), self.name),
            )
            .mend("Chuyển cho đúng người, hoặc nhờ quản trị phân công.", "Hand it to the right person, or ask the administrator for the post."))
    }

    /// Refuses whoever does not work here.
    ///
    /// # Errors
    /// 404.
    pub fn require_inside(&self, ctx: &Context) -> Result<(), AppError> {
        if self.works_here(ctx) { Ok(()) } else { Err(office_unknown()) }
    }
}

/// The refusal of an office that does not exist, or not for the one who asks.
pub fn office_unknown() -> AppError {
    AppError::new("unknown_office", 404)
        .say("Không có cơ quan này, hoặc bạn không làm việc ở đó.", "There is no such office, or you do not work there.")
        .mend("Chọn cơ quan của bạn ở trang Hồ sơ công việc.", "Choose your office on the page Work dossiers.")
}

/// Somebody of an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Account.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Whether they sign for it.
    pub head: bool,
    /// Last day of an absence that is running, ISO; empty for those who are there.
    pub away: String,
}

impl Colleague {
    /// Name, and whether they are away.
    pub fn label(&self, l: &Lang) -> String {
        match self.away.parse() {
            Ok(last) => format!("{} ({} {})", self.name, l.t("nghỉ đến", "away until"), lang::show::short_date(last)),
            Err(_) => self.name.clone(),
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// The office of a place's People's Committee.
pub(crate) fn main_office(atlas: &Atlas, ctx: &Context, id: Uuid) -> Option<Office> {
    let unit = atlas.unit(id).filter(|u| u.level != Level::Village)?;
    let place = atlas.full_name(id, ctx.today());
    let name = match (unit.level, ctx.lang) {
        (Level::Nation, l) => l.t("Cơ quan trung ương", "Central office").to_owned(),
        (_, Lang::Vi) => format!("UBND {}", lower_first(&place)),
        (_, Lang::En) => format!("People's Committee of {place}"),
    };
    Some(Office { id, unit: id, tenant: unit.tenant, level: unit.level, name })
}

impl Casework {
    /// An office as of today.
    ///
    /// # Errors
    /// 404 `unknown_office`.
    pub async fn office(&self, ctx: &Context, id: Uuid) -> Result<Office, AppError> {
        let atlas = self.figures().places().atlas();
        if let Some(office) = main_office(&atlas, ctx, id) {
            return Ok(office);
        }
        let row = self.db().opt(&ORGANISATION, args![id, ctx.today().to_string()]).await.map_err(db_error)?.ok_or_else(office_unknown)?;
        let read = || -> Result<(Uuid, String, String), DbError> { Ok((row.uuid(0)?, row.text(1)?, row.text(2)?)) };
        let (unit, kind, name) = read().map_err(db_error)?;
        let unit = atlas.unit(unit).filter(|_| !SHARED.contains(&kind.as_str()) && !WITHOUT.contains(&kind.as_str())).ok_or_else(office_unknown)?;
        Ok(Office { id, unit: unit.id, tenant: unit.tenant, level: unit.level, name })
    }

    /// An office of today or of an earlier day: a body that ended keeps the name it had.
    pub(crate) async fn office_once(&self, ctx: &Context, id: Uuid) -> Result<Office, AppError> {
        match self.office(ctx, id).await {
            Err(error) if error.code == "unknown_office" => {
                let row = self.db().opt(&EVER, args![id]).await.map_err(db_error)?.ok_or(error)?;
                let read = || -> Result<(Uuid, String, String), DbError> { Ok((row.uuid(0)?, row.text(1)?, row.text(2)?)) };
                let (unit, kind, name) = read().map_err(db_error)?;
                let atlas = self.places().atlas();
                let place = atlas.unit(unit).filter(|_| !SHARED.contains(&kind.as_str()) && !WITHOUT.contains(&kind.as_str())).ok_or_else(office_unknown)?;
                Ok(Office { id, unit, tenant: place.tenant, level: place.level, name })
            }
            found => found,
        }
    }

    /// The office of an organisation, also of one that is ending right now, and whether the register is its own; none for bodies without
    /// one. A part of a People's Committee shares that of the whole.
    pub(crate) async fn office_ever(&self, tx: &mut Tx, ctx: &Context, organisation: Uuid) -> Result<Option<(Office, bool)>, AppError> {
        let Some(row) = tx.opt(&EVER, args![organisation]).await.map_err(db_error)? else { return Ok(None) };
        let read = || -> Result<(Uuid, String, String), DbError> { Ok((row.uuid(0)?, row.text(1)?, row.text(2)?)) };
        let (unit, kind, name) = read().map_err(db_error)?;
        let atlas = self.figures().places().atlas();
        if SHARED.contains(&kind.as_str()) {
            return Ok(main_office(&atlas, ctx, unit).map(|office| (office, kind == "people-committee")));
        }
        let place = atlas.unit(unit).filter(|_| !WITHOUT.contains(&kind.as_str()));
        Ok(place.map(|place| (Office { id: organisation, unit, tenant: place.tenant, level: place.level, name }, true)))
    }

    /// The offices where somebody works today: that of the post they act in, or those of their roles.
    ///
    /// # Errors
    /// What the database says.
    pub async fn my_offices(&self, ctx: &Context) -> Result<Vec<Office>, AppError> {
        if let Some(post) = ctx.post() {
            return match office_of(post) {
                Some(id) => Ok(vec![self.office(ctx, id).await?]),
                None => Ok(Vec::new()),
            };
        }
        let atlas = self.figures().places().atlas();
        let mut units = ctx.units_with(Role::Officer);
        units.extend(ctx.units_with(Role::Reviewer));
        units.sort_unstable();
        units.dedup();
        let mut out: Vec<Office> = units.into_iter().filter_map(|u| main_office(&atlas, ctx, u)).collect();
        out.sort_by_cached_key(|o| lang::sort_key(&o.name));
        Ok(out)
    }

    /// Those who work in an office.
    ///
    /// # Errors
    /// What the database says.
    pub async fn colleagues(&self, ctx: &Context, office: &Office) -> Result<Vec<Colleague>, AppError> {
        people(self.db(), office, &ctx.today().to_string()).await.map_err(db_error)
    }

    /// The offices that a document of an office can be sent to: the centre, the province, its departments, the communes below,
    /// and the bodies beside it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn recipients(&self, ctx: &Context, office: &Office) -> Result<Vec<Office>, AppError> {
        let atlas = self.figures().places().atlas();
        let view = atlas.on(ctx.today());
        let mut units: Vec<Uuid> = atlas.nation().into_iter().collect();
        let province = view.province(office.unit);
        units.extend(province);
        units.extend(province.iter().flat_map(|p| view.under(*p, Level::Commune)));
        if office.level == Level::Nation {
            units.extend(view.all(Level::Province));
        }
        units.dedup();
        let mut out: Vec<Office> = units.iter().filter_map(|u| main_office(&atlas, ctx, *u)).filter(|o| o.id != office.id).collect();
        let mut beside: Vec<Uuid> = province.into_iter().chain([office.unit]).collect();
        beside.dedup();
        for unit in beside {
            let Some(place) = atlas.unit(unit) else { continue };
            let rows = self.db().all(&BESIDE, args![unit, ctx.today().to_string()]).await.map_err(db_error)?;
            for row in rows {
                let read = || -> Result<(Uuid, String, String), DbError> { Ok((row.uuid(0)?, row.text(1)?, row.text(2)?)) };
                let (id, kind, name) = read().map_err(db_error)?;
                if id == office.id || SHARED.contains(&kind.as_str()) || WITHOUT.contains(&kind.as_str()) {
                    continue;
                }
                // The newest name comes last.
                match out.iter_mut().find(|o| o.id == id) {
                    Some(known) => known.name = name,
                    None => out.push(Office { id, unit, tenant: place.tenant, level: place.level, name }),
                }
            }
        }
        Ok(out)
    }
}

async fn people(db: &Db, office: &Office, today: &str) -> Result<Vec<Colleague>, DbError> {
    let mut out: Vec<Colleague> = Vec::new();
    let mut add = |id: Uuid, name: String, head: bool| match out.iter_mut().find(|c| c.id == id) {
        Some(known) => known.head |= head,
        None => out.push(Colleague { id, name, head, away: String::new() }),
    };
    for row in db.all(&HOLDERS, args![office.unit, today]).await? {
        let (organisation, kind) = (row.uuid(3)?, row.text(4)?);
        let here = if SHARED.contains(&kind.as_str()) { office.id == office.unit } else { office.id == organisation };
        if here && !WITHOUT.contains(&kind.as_str()) {
            let post = PostKind::parse(&row.text(2)?).ok_or_else(|| DbError::defect("a post of an unknown kind"))?;
            add(row.uuid(0)?, row.text(1)?, signs(post, &kind));
        }
    }
    if office.id == office.unit {
        for row in db.all(&PEOPLE, args![office.unit, today]).await? {
            add(row.uuid(0)?, row.text(1)?, row.text(2)? == "reviewer");
        }
    }
    for (id, last) in crate::case::worker::away(db, today).await? {
        if let Some(colleague) = out.iter_mut().find(|c| c.id == id) {
            colleague.away = last;
        }
    }
    out.sort_by_cached_key(|c| lang::sort_key(&c.name));
    Ok(out)
}
