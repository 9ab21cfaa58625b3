//! Villages: kept by their commune, with ids of our own and free names.

use super::{CATALOG, Places};
use crate::atlas::Atlas;
use crate::model::{Change, ChangeKind, Level, Part, Unit, Version};
use crate::pages::unit_unknown;
use crate::plan::{Edit, Plan, capital};
use crate::store::{self, change};
use access::{Context, Role, audit, db_error, lock_tenant};
use db::Tx;
use jiff::civil::Date;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// The kinds of villages, by region; anything else is refused so that lists stay comparable.
pub const VILLAGE_KINDS: [&str; 14] = ["thôn", "bản", "ấp", "xóm", "buôn", "làng", "bon", "plei", "phum", "sóc", "khóm", "khu", "khu phố", "tổ dân phố"];

/// A village as somebody writes it: `Thôn 3`, `Tổ dân phố Đông`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VillageName {
    /// Kind in lower case.
    pub kind: String,
    /// Name without its kind.
    pub name: String,
}

impl VillageName {
    /// Reads a kind and a free name.
    ///
    /// # Errors
    /// 422 `village_kind_unknown`, `village_name_missing`.
    pub fn read(text: &str) -> Result<VillageName, AppError> {
        let text = lang::clean(text);
        let (prefix, name) = lang::strip_kind(&text);
        let kind = prefix.map(|p| p.word()).filter(|k| VILLAGE_KINDS.contains(k)).ok_or_else(|| {
            let shown: String = text.chars().take(60).collect();
            AppError::new("village_kind_unknown", 422)
                .say(
                    format!("“{shown}” chưa ghi là thôn, bản, ấp, xóm hay tổ dân phố."),
                    format!("“{shown}” does not say whether it is a thôn, bản, ấp, xóm or tổ dân phố."),
                )
                .mend(
                    format!("Ghi loại trước tên, ví dụ: Thôn 3. Các loại: {}.", VILLAGE_KINDS.join(", ")),
                    format!("Write the kind before the name, such as Thôn 3. The kinds: {}.", VILLAGE_KINDS.join(", ")),
                )
                .at("names")
        })?;
        if name.is_empty() || name.chars().count() > 80 {
            return Err(AppError::new("village_name_missing", 422)
                .say("Tên còn trống hoặc quá dài.", "The name is missing or too long.")
                .mend("Ghi tên trong 80 chữ.", "Write at most 80 letters.")
                .at("names"));
        }
        Ok(VillageName { kind: kind.to_owned(), name })
    }

    fn full(&self) -> String {
        capital(&format!("{} {}", self.kind, self.name))
    }
}

/// What is done to villages on a day, by which document.
#[derive(Clone, Debug)]
pub struct VillageAct {
    /// First day of the new state.
    pub from: Date,
    /// Document of the commune; may be empty.
    pub basis: String,
}

impl Places {
    /// Whether somebody may keep the villages of a commune: its officers and administrators.
    pub fn may_keep_villages(&self, ctx: &Context, commune: Uuid) -> bool {
        let path = self.atlas().path(commune, ctx.today());
        !path.is_empty() && (ctx.may(Role::Officer, &path) || ctx.may(Role::Administrator, &path))
    }

    /// Adds villages to a commune. Their ids, in order.
    ///
    /// # Errors
    /// 401, 403; 404 `unknown_unit`; 422 `village_name_taken`, `village_date`, `village_level`.
    pub async fn add_villages(&self, ctx: &Context, commune: Uuid, names: &[VillageName], act: &VillageAct) -> Result<Vec<Uuid>, AppError> {
        let (mut tx, atlas, home) = self.open_register(ctx, commune).await?;
        check_day(&atlas, commune, act.from)?;
        let mut units = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let twin = names.iter().take(at).any(|other| lang::canonical(&other.full()) == lang::canonical(&name.full()));
            if twin || taken(&atlas, commune, name, act.from, &[]) {
                return Err(name_taken(name));
            }
            units.push(Unit { id: Uuid::now_v7(), tenant: home, level: Level::Village, point: None, area: None, versions: vec![version(commune, name, act)] });
        }
        if units.is_empty() {
            return Err(AppError::new("village_name_missing", 422)
                .say("Chưa ghi thôn nào.", "No village was given.")
                .mend("Mỗi dòng một thôn.", "One village per line.")
                .at("names"));
        }
        store::save_units(&mut tx, &units).await.map_err(db_error)?;
        let detail = serde_json::json!({"names": names.iter().map(VillageName::full).collect::<Vec<_>>(), "from": act.from, "basis": act.basis});
        self.close_register(ctx, tx, home, "village.add", commune, detail).await?;
        Ok(units.iter().map(|u| u.id).collect())
    }

    /// Gives a village another name or kind from a day on.
    ///
    /// # Errors
    /// As [`Places::add_villages`]; 422 `village_not_living`.
    pub async fn rename_village(&self, ctx: &Context, commune: Uuid, village: Uuid, name: &VillageName, act: &VillageAct) -> Result<(), AppError> {
        let (mut tx, atlas, home) = self.open_register(ctx, commune).await?;
        let old = living(&atlas, commune, village, act.from)?.clone();
        if taken(&atlas, commune, name, act.from, &[village]) {
            return Err(name_taken(name));
        }
        let kind = if *old.kind == *name.kind { ChangeKind::Rename } else { ChangeKind::Retype };
        let mut plan = empty(kind, act);
        plan.edits.push(Edit::Close { unit: village, from: old.from, was: old.to, to: act.from });
        plan.versions.push((village, Version { code: old.code.clone(), ..version(commune, name, act) }));
        plan.change.parts.push(edge(village, Some(village)));
        self.write(ctx, &mut tx, &plan).await?;
        let detail = serde_json::json!({"before": old.full_name, "after": name.full(), "from": act.from, "basis": act.basis});
        self.close_register(ctx, tx, home, "village.rename", village, detail).await
    }

    /// Makes one village of several of the same commune. The id of the new one.
    ///
    /// # Errors
    /// As [`Places::rename_village`]; 422 `village_too_few`.
    pub async fn merge_villages(&self, ctx: &Context, commune: Uuid, villages: &[Uuid], name: &VillageName, act: &VillageAct) -> Result<Uuid, AppError> {
        let (mut tx, atlas, home) = self.open_register(ctx, commune).await?;
        let mut villages = villages.to_vec();
        villages.sort_unstable();
        villages.dedup();
        if villages.len() < 2 {
            return Err(AppError::new("village_too_few", 422)
                .say("Nhập cần chọn ít nhất hai thôn.", "A merge needs two villages.")
                .mend("Đánh dấu các thôn cần nhập.", "Tick the villages to merge.")
                .at("names"));
        }
        let mut plan = empty(ChangeKind::Merge, act);
        let new = Unit { id: Uuid::now_v7(), tenant: home, level: Level::Village, point: None, area: None, versions: Vec::new() };
        for village in &villages {
            let old = living(&atlas, commune, *village, act.from)?;
            plan.edits.push(Edit::Close { unit: *village, from: old.from, was: old.to, to: act.from });
            plan.change.parts.push(edge(*village, Some(new.id)));
        }
        if taken(&atlas, commune, name, act.from, &villages) {
            return Err(name_taken(name));
        }
        plan.versions.push((new.id, version(commune, name, act)));
        let id = new.id;
        plan.created.push(new);
        self.write(ctx, &mut tx, &plan).await?;
        let before: Vec<String> = villages.iter().map(|v| atlas.full_name(*v, act.from)).collect();
        let detail = serde_json::json!({"before": before, "after": name.full(), "from": act.from, "basis": act.basis});
        self.close_register(ctx, tx, home, "village.merge", id, detail).await?;
        Ok(id)
    }

    /// Ends villages without an heir.
    ///
    /// # Errors
    /// As [`Places::rename_village`].
    pub async fn close_villages(&self, ctx: &Context, commune: Uuid, villages: &[Uuid], act: &VillageAct) -> Result<(), AppError> {
        let (mut tx, atlas, home) = self.open_register(ctx, commune).await?;
        let mut before = Vec::new();
        for village in villages {
            let old = living(&atlas, commune, *village, act.from)?;
            let mut plan = empty(ChangeKind::Abolish, act);
            plan.edits.push(Edit::Close { unit: *village, from: old.from, was: old.to, to: act.from });
            plan.change.parts.push(edge(*village, None));
            before.push(old.full_name.to_string());
            self.write(ctx, &mut tx, &plan).await?;
        }
        if before.is_empty() {
            return Err(AppError::new("village_too_few", 422)
                .say("Chưa chọn thôn nào.", "No village is ticked.")
                .mend("Đánh dấu các thôn cần kết thúc.", "Tick the villages that end.")
                .at("names"));
        }
        let detail = serde_json::json!({"villages": before, "from": act.from, "basis": act.basis});
        self.close_register(ctx, tx, home, "village.close", commune, detail).await
    }

    /// The register of a commune, opened for writing: a transaction, the newest places, the tenant.
    async fn open_register(&self, ctx: &Context, commune: Uuid) -> Result<(Tx, Arc<Atlas>, Uuid), AppError> {
        let atlas = self.current().await;
        let unit = atlas.unit(commune).ok_or_else(unit_unknown)?;
        if unit.level != Level::Commune {
            return Err(AppError::new("village_level", 422)
                .say("Thôn, bản chỉ thuộc xã, phường, đặc khu.", "Villages belong to communes, wards and special zones only.")
                .mend("Mở trang của xã.", "Open the page of the commune."));
        }
        let home = unit.tenant;
        let path = atlas.path(commune, ctx.today());
        if path.is_empty() {
            let name = atlas.full_name(commune, ctx.today());
            return Err(AppError::new("village_commune_ended", 422)
                .say(format!("{name} đã kết thúc."), format!("{name} has ended."))
                .mend("Ghi thôn ở đơn vị đã tiếp nhận.", "Keep the villages at the unit that took it over."));
        }
        if !ctx.may(Role::Administrator, &path) {
            ctx.require(Role::Officer, &path)?;
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, home).await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok((tx, self.atlas(), home))
    }

    async fn write(&self, ctx: &Context, tx: &mut Tx, plan: &Plan) -> Result<(), AppError> {
        change::apply(tx, plan, None, ctx.author_name(), calendar::micros(ctx.at)).await.map_err(db_error)
    }

    async fn close_register(&self, ctx: &Context, mut tx: Tx, home: Uuid, act: &str, subject: Uuid, detail: serde_json::Value) -> Result<(), AppError> {
        store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        audit(&mut tx, ctx, home, act, &subject.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(())
    }
}

fn version(commune: Uuid, name: &VillageName, act: &VillageAct) -> Version {
    let basis = lang::clean(&act.basis);
    Version {
        from: act.from,
        to: None,
        kind: name.kind.as_str().into(),
        name: name.name.as_str().into(),
        full_name: name.full().into(),
        code: None,
        parent: Some(commune),
        source: if basis.is_empty() { "xã lập".into() } else { basis.into() },
        source_date: "".into(),
    }
}

fn empty(kind: ChangeKind, act: &VillageAct) -> Plan {
    let basis: Arc<str> = lang::clean(&act.basis).into();
    let change = Change {
        id: Uuid::now_v7(),
        kind,
        effective: act.from,
        decree: Arc::clone(&basis),
        decree_date: None,
        source: if basis.is_empty() { "xã lập".into() } else { basis },
        note: "".into(),
        parts: Vec::new(),
    };
    Plan { change, edits: Vec::new(), created: Vec::new(), versions: Vec::new(), followers: Vec::new(), warnings: Vec::new() }
}

fn edge(from: Uuid, to: Option<Uuid>) -> Part {
    Part { from: Some(from), to, by_population: Some(crate::WHOLE), by_area: Some(crate::WHOLE), is_default: true }
}

/// A village of this commune that lives on a day, began before it, and has nothing planned after.
fn living(atlas: &Atlas, commune: Uuid, village: Uuid, from: Date) -> Result<&Version, AppError> {
    let unit = atlas.unit(village).filter(|u| u.level == Level::Village).ok_or_else(unit_unknown)?;
    let version = unit.on(from).filter(|v| v.parent == Some(commune) && v.from < from && v.to.is_none());
    version.ok_or_else(|| {
        let name = atlas.full_name(village, from);
        AppError::new("village_not_living", 422)
            .say(
                format!("{name} không thuộc xã này vào ngày {}, hoặc đã có thay đổi khác từ ngày đó.", lang::show::short_date(from)),
                format!("{name} does not belong to this commune on {}, or has another change since.", lang::show::short_date(from)),
            )
            .mend("Chọn ngày sau ngày bắt đầu của thôn.", "Choose a day after the village began.")
            .at("from")
    })
}

fn check_day(atlas: &Atlas, commune: Uuid, from: Date) -> Result<(), AppError> {
    if atlas.version(commune, from).is_some() {
        return Ok(());
    }
    let day = lang::show::short_date(from);
    Err(AppError::new("village_date", 422)
        .say(format!("Ngày {day} chưa có (hoặc không còn) xã này."), format!("The commune does not exist on {day}."))
        .mend("Chọn một ngày trong thời gian tồn tại của xã.", "Choose a day on which the commune exists.")
        .at("from"))
}

/// Whether another village of the commune bears the name on a day or later.
fn taken(atlas: &Atlas, commune: Uuid, name: &VillageName, from: Date, but: &[Uuid]) -> bool {
    let key = lang::canonical(&name.full());
    atlas
        .units()
        .iter()
        .filter(|u| u.level == Level::Village && !but.contains(&u.id))
        .flat_map(|u| &u.versions)
        .any(|v| v.parent == Some(commune) && v.to.is_none_or(|to| from < to) && lang::canonical(&v.full_name) == key)
}

fn name_taken(name: &VillageName) -> AppError {
    AppError::new("village_name_taken", 422)
        .say(format!("Xã đã có {}.", name.full()), format!("The commune has a {} already.", name.full()))
        .mend("Thêm điều phân biệt vào tên, hoặc bỏ dòng này.", "Add something that tells them apart, or take the line out.")
        .at("names")
}
