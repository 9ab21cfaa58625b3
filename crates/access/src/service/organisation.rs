use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::organisation::{Body, OrganisationKind, Standard, organisation_id, post_id};
use crate::post::PostKind;
use crate::role::{Grant, Role};
use crate::store::organisation::{self as store, OrganisationRow, PostRole, SuccessorRow};
use db::Tx;
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use ui::AppError;
use uuid::Uuid;

/// An organisation as it is on a day.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// Id, for life.
    pub id: Uuid,
    /// Code of its kind, see [`OrganisationKind`].
    pub kind: String,
    /// The place it belongs to.
    pub unit: Uuid,
    /// The organisation above it.
    pub parent: Option<Uuid>,
    /// Key in the facts when it is one that every place has, such as `so-nnmt`; otherwise empty.
    pub standard: String,
    /// Name on the day asked for.
    pub name: String,
    /// Short form in document numbers, such as `UBND`; may be empty.
    pub abbreviation: String,
    /// First day.
    pub from: Date,
    /// First day on which it no longer was.
    pub to: Option<Date>,
}

impl Organisation {
    /// Whether it was there on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// On whose side it stands; `None` for a kind that the facts no longer know.
    pub fn body(&self) -> Option<Body> {
        OrganisationKind::coded(&self.kind).map(|kind| kind.body)
    }
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Organisation {
        let OrganisationRow { id, kind, unit, parent, standard, from, to, name, abbreviation } = row;
        Organisation { id, kind, unit, parent, standard, name, abbreviation, from, to }
    }
}

/// What a new organisation needs.
#[derive(Clone, Debug, Default)]
pub struct NewOrganisation {
    /// Code of its kind.
    pub kind: String,
    /// The place it belongs to.
    pub unit: Uuid,
    /// The organisation above it.
    pub parent: Option<Uuid>,
    /// Full name, up to 200 characters.
    pub name: String,
    /// Short form in document numbers; may be empty.
    pub abbreviation: String,
    /// First day; today if `None`.
    pub from: Option<Date>,
    /// The decision that founded it; may be empty.
    pub basis: String,
}

/// One organisation taking over what another had open.
#[derive(Clone, Debug)]
pub struct Succession {
    /// The one that ends.
    pub from: Uuid,
    /// The one that goes on with it.
    pub to: Uuid,
    /// First day on which the old one is no more.
    pub effective: Date,
    /// The decision.
    pub basis: String,
    /// For whoever opens what was moved.
    pub note: String,
}

/// What [`HandOver::hand_over`] answers: how many things it moved.
pub type Moved<'a> = Pin<Box<dyn Future<Output = Result<u64, AppError>> + Send + 'a>>;

/// Whoever keeps things open at organisations (dossiers, cases, tasks) registers one of these with [`Access::add_hand_over`]
/// and moves them to the successor, each with the note, in the transaction of the take-over.
pub trait HandOver: Send + Sync {
    /// Moves what is open; how many things that were.
    fn hand_over<'a>(&'a self, tx: &'a mut Tx, ctx: &'a Context, succession: &'a Succession) -> Moved<'a>;
}

/// What [`Access::make_standard`] made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MadeStandard {
    /// Places looked at.
    pub units: usize,
    /// New organisations.
    pub organisations: usize,
    /// New posts.
    pub posts: usize,
}

pub(crate) fn organisation_not_found() -> AppError {
    AppError::new("organisation_not_found", 404)
        .say("Không có cơ quan, tổ chức này.", "There is no such organisation.")
        .mend("Xem lại danh sách cơ quan của đơn vị.", "Look at the list of the place's organisations.")
}

pub(crate) fn text(value: &str, longest: usize) -> String {
    lang::clean(value).chars().take(longest).collect()
}

fn name_of(value: &str) -> Result<String, AppError> {
    let name = lang::clean(value);
    if (1..=200).contains(&name.chars().count()) {
        return Ok(name);
    }
    Err(AppError::new("name_invalid", 422)
        .say("Tên cơ quan cần có và không quá 200 ký tự.", "An organisation needs a name of at most 200 characters.")
        .mend("Nhập tên đầy đủ theo quyết định thành lập.", "Enter the full name as in the decision that founded it.")
        .at("name"))
}

impl Access {
    /// An organisation by id, named as of a day. Organisations are public knowledge.
    ///
    /// # Errors
    /// What the database says.
    pub async fn organisation(&self, id: Uuid, on: Date) -> Result<Option<Organisation>, AppError> {
        Ok(store::find(self.db(), id, on).await.map_err(db_error)?.map(Organisation::from))
    }

    /// The organisations that a place had on a day, in Vietnamese order of their names.
    ///
    /// # Errors
    /// What the database says.
    pub async fn organisations_of(&self, unit: Uuid, on: Date) -> Result<Vec<Organisation>, AppError> {
        let rows = store::of_unit(self.db(), unit, on).await.map_err(db_error)?;
        let mut all: Vec<Organisation> = rows.into_iter().map(Organisation::from).filter(|o| o.exists_on(on)).collect();
        all.sort_by_cached_key(|o| lang::sort_key(&o.name));
        Ok(all)
    }

    /// The organisation of a place that the facts call by `key`, such as `so-nnmt`, if it was made and existed on the day.
    ///
    /// # Errors
    /// What the database says.
    pub async fn standard_organisation(&self, unit: Uuid, key: &str, on: Date) -> Result<Option<Organisation>, AppError> {
        Ok(self.organisation(organisation_id(unit, key), on).await?.filter(|o| o.exists_on(on)))
    }

    /// The organisations directly below another on a day, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn organisations_below(&self, parent: Uuid, on: Date) -> Result<Vec<Organisation>, AppError> {
        let rows = store::children(self.db(), parent, on).await.map_err(db_error)?;
        let mut all: Vec<Organisation> = rows.into_iter().map(Organisation::from).filter(|o| o.exists_on(on)).collect();
        all.sort_by_cached_key(|o| lang::sort_key(&o.name));
        Ok(all)
    }

    /// Who went over into whom, as far as an organisation took part.
    ///
    /// # Errors
    /// What the database says.
    pub async fn successions_of(&self, id: Uuid) -> Result<Vec<Succession>, AppError> {
        let rows = store::successors(self.db(), id).await.map_err(db_error)?;
        Ok(rows.into_iter().map(|r| Succession { from: r.from, to: r.to, effective: r.effective, basis: r.basis, note: r.note }).collect())
    }

    /// The organisation that goes on with what another had on a day: itself while it exists, otherwise its first successor
    /// that does; `None` when it ended without one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn heir_of_organisation(&self, id: Uuid, on: Date) -> Result<Option<Organisation>, AppError> {
        let mut at = id;
        // A chain of take-overs longer than this is a circle.
        for _ in 0..16 {
            let Some(found) = self.organisation(at, on).await? else { return Ok(None) };
            if found.exists_on(on) {
                return Ok(Some(found));
            }
            let next = store::successors(self.db(), at).await.map_err(db_error)?.into_iter().find(|s| s.from == at && s.effective <= on);
            match next {
                Some(next) => at = next.to,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    pub(crate) fn require_admin_of(&self, ctx: &Context, unit: Uuid) -> Result<(), AppError> {
        ctx.require_person()?;
        ctx.require(Role::Administrator, &self.path(unit, ctx.today()))
    }

    /// Founds an organisation that is not one of the standard ones.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the place; 422 `kind_unknown`, `name_invalid`, `parent_unknown`.
    pub async fn add_organisation(&self, ctx: &Context, new: NewOrganisation) -> Result<Uuid, AppError> {
        self.require_admin_of(ctx, new.unit)?;
        let kind = OrganisationKind::coded(&new.kind).ok_or_else(|| {
            AppError::new("kind_unknown", 422)
                .say("Chưa chọn loại cơ quan.", "The kind of organisation has not been chosen.")
                .mend("Chọn một loại trong danh sách.", "Choose one of the list.")
                .at("kind")
        })?;
        let row = OrganisationRow {
            id: Uuid::now_v7(),
            kind: kind.code.clone(),
            unit: new.unit,
            parent: new.parent,
            standard: String::new(),
            from: new.from.unwrap_or_else(|| ctx.today()),
            to: None,
            name: name_of(&new.name)?,
            abbreviation: text(&new.abbreviation, 40),
        };
        let mut tx = self.begin().await?;
        if let Some(parent) = new.parent
            && store::find_in(&mut tx, parent, ctx.today()).await.map_err(db_error)?.is_none()
        {
            return Err(AppError::new("parent_unknown", 422).at("parent"));
        }
        store::add(&mut tx, &row, &text(&new.basis, 300)).await.map_err(db_error)?;
        let detail = json!({"kind": row.kind, "unit": row.unit, "name": row.name, "from": row.from.to_string(), "basis": text(&new.basis, 300)});
        self.act_on(tx, ctx, "organisation.add", "organisation", row.id, detail).await?;
        Ok(row.id)
    }

    /// Gives an organisation another name from a day on; the old name stays with its days.
    ///
    /// # Errors
    /// 401/403; 404; 422 `name_invalid`, `dates_invalid` before its first day.
    pub async fn rename_organisation(&self, ctx: &Context, id: Uuid, from: Date, name: &str, abbreviation: &str, basis: &str) -> Result<(), AppError> {
        let name = name_of(name)?;
        let (mut tx, row) = self.managed_organisation(ctx, id).await?;
        if from < row.from {
            return Err(AppError::new("dates_invalid", 422)
                .say("Tên mới không thể có trước ngày thành lập.", "A name cannot begin before the organisation did.")
                .mend("Sửa ngày.", "Mend the day.")
                .at("from"));
        }
        store::rename(&mut tx, id, from, &name, &text(abbreviation, 40), &text(basis, 300)).await.map_err(db_error)?;
        let detail = json!({"before": row.name, "after": name, "from": from.to_string(), "basis": text(basis, 300)});
        self.act_on(tx, ctx, "organisation.rename", "organisation", id, detail).await
    }

    /// Ends an organisation from a day on that is not after today, with a successor that takes over what is open, or without
    /// one. Its posts end with it; the organisations below it hang under the successor. Returns how many things moved.
    ///
    /// # Errors
    /// 401/403 unless the caller administers both places; 404; 409 `organisation_ended`; 422 `successor_invalid`,
    /// `dates_invalid`; what the registered [`HandOver`]s say.
    pub async fn end_organisation(&self, ctx: &Context, id: Uuid, effective: Date, successor: Option<Uuid>, basis: &str, note: &str) -> Result<u64, AppError> {
        let today = ctx.today();
        let (mut tx, row) = self.managed_organisation(ctx, id).await?;
        if effective > today || effective <= row.from {
            return Err(AppError::new("dates_invalid", 422)
                .say("Ngày kết thúc phải sau ngày thành lập và không muộn hơn hôm nay.", "It ends after it began and not later than today.")
                .mend("Ghi ngày có hiệu lực của quyết định khi ngày đó đã đến.", "Enter the day of the decision once it has come.")
                .at("effective"));
        }
        let basis = text(basis, 300);
        let note = text(note, 500);
        if !store::close(&mut tx, id, effective).await.map_err(db_error)? {
            return Err(AppError::new("organisation_ended", 409)
                .say("Cơ quan này đã kết thúc trước đó.", "This organisation has ended before.")
                .mend("Mở lại trang của cơ quan.", "Open its page again."));
        }
        let mut moved = 0;
        if let Some(to) = successor {
            let invalid = || {
                AppError::new("successor_invalid", 422)
                    .say("Cơ quan tiếp nhận phải là cơ quan khác và đang hoạt động.", "The successor must be another organisation that exists.")
                    .mend("Chọn cơ quan tiếp nhận khác.", "Choose another successor.")
                    .at("successor")
            };
            let other = store::find_in(&mut tx, to, today).await.map_err(db_error)?.map(Organisation::from).ok_or_else(invalid)?;
            if to == id || !other.exists_on(today) {
                return Err(invalid());
            }
            ctx.require(Role::Administrator, &self.path(other.unit, today))?;
            store::move_children(&mut tx, id, to).await.map_err(db_error)?;
            let succession = Succession { from: id, to, effective, basis: basis.clone(), note: note.clone() };
            for port in self.hand_overs() {
                moved += port.hand_over(&mut tx, ctx, &succession).await?;
            }
            let line = SuccessorRow { from: id, to, effective, basis: basis.clone(), note: note.clone(), moved: i64::try_from(moved).unwrap_or(i64::MAX) };
            store::succeed(&mut tx, &line).await.map_err(db_error)?;
        }
        let detail = json!({"name": row.name, "effective": effective.to_string(), "successor": successor, "basis": basis, "note": note, "moved": moved});
        self.act_on(tx, ctx, "organisation.end", "organisation", id, detail).await?;
        Ok(moved)
    }

    /// Registers who moves open things when an organisation is taken over; call it at start.
    pub fn add_hand_over(&self, port: Arc<dyn HandOver>) {
        self.inner.hand_overs.write().unwrap_or_else(PoisonError::into_inner).push(port);
    }

    fn hand_overs(&self) -> Vec<Arc<dyn HandOver>> {
        self.inner.hand_overs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the standard organisations of a place, and of all places below it, with their posts and the roles of these,
    /// as `facts/organisations/standard.toml` lists them. What is there already stays as it is.
    ///
    /// # Errors
    /// 401/403 unless the caller administers the place.
    pub async fn make_standard(&self, ctx: &Context, unit: Uuid, below: bool) -> Result<MadeStandard, AppError> {
        self.require_admin_of(ctx, unit)?;
        let today = ctx.today();
        let mut made = MadeStandard::default();
        let mut tx = self.begin().await?;
        let mut queue = vec![unit];
        while let Some(at) = queue.pop() {
            made.units += 1;
            self.make_at(&mut tx, at, today, &mut made).await?;
            // The nation's three thousand places would hold up every other writer: province by province.
            if below && self.inner.units.standing(at, today).is_none_or(|s| s.level != "nation") {
                queue.extend(self.inner.units.below(at, today));
            }
        }
        let detail = json!({"units": made.units, "organisations": made.organisations, "posts": made.posts});
        self.act_on(tx, ctx, "organisation.standard", "unit", unit, detail).await?;
        Ok(made)
    }

    async fn make_at(&self, tx: &mut Tx, unit: Uuid, today: Date, made: &mut MadeStandard) -> Result<(), AppError> {
        let Some(standing) = self.inner.units.standing(unit, today) else { return Ok(()) };
        for standard in Standard::of(standing.level, &standing.kind).filter(|s| !s.optional) {
            // A place younger than the rule has its organisations since it exists.
            let from = if self.inner.units.standing(unit, standard.from).is_some() { standard.from } else { today };
            let parent = (!standard.parent.is_empty()).then(|| organisation_id(unit, &standard.parent));
            let row = OrganisationRow {
                id: organisation_id(unit, &standard.key),
                kind: standard.kind.clone(),
                unit,
                parent,
                standard: standard.key.clone(),
                from,
                to: None,
                name: standard.named(&standing.full_name, &standing.name),
                abbreviation: standard.abbreviation.clone(),
            };
            if !store::add(tx, &row, "").await.map_err(db_error)? {
                continue;
            }
            made.organisations += 1;
            for post in &standard.posts {
                let Some(kind) = PostKind::parse(&post.kind) else { continue };
                let id = post_id(row.id, &post.title);
                if !store::add_post(tx, id, row.id, kind, &post.title, from).await.map_err(db_error)? {
                    continue;
                }
                made.posts += 1;
                for role in post.roles.iter().filter_map(|role| Role::parse(role)) {
                    let grant = Grant { role, unit, from, to: None };
                    let role = PostRole { id: Uuid::new_v5(&id, role.as_str().as_bytes()), grant, field: None };
                    store::add_role(tx, id, &role).await.map_err(db_error)?;
                }
            }
        }
        Ok(())
    }

    /// Begins the transaction of an act on an organisation whose place the caller administers.
    pub(crate) async fn managed_organisation(&self, ctx: &Context, id: Uuid) -> Result<(Tx, OrganisationRow), AppError> {
        ctx.require_person()?;
        ctx.require_somewhere(Role::Administrator)?;
        let mut tx = self.begin().await?;
        let row = store::find_in(&mut tx, id, ctx.today()).await.map_err(db_error)?.ok_or_else(organisation_not_found)?;
        ctx.require(Role::Administrator, &self.path(row.unit, ctx.today()))?;
        Ok((tx, row))
    }

    /// The names of organisations on a day, for lists of other things; unknown ones are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn organisation_names(&self, ids: &[Uuid], on: Date) -> Result<HashMap<Uuid, String>, AppError> {
        let mut names = HashMap::new();
        for id in ids {
            if !names.contains_key(id)
                && let Some(found) = self.organisation(*id, on).await?
            {
                names.insert(*id, found.name);
            }
        }
        Ok(names)
    }
}
