//! Made-up data to try the platform with; marked as such on every page. Always the same on every machine.

mod cases;
mod evidence;
mod recognised;

use crate::app::App;
use access::{DemoPost, Role};
use calendar::{Period, PeriodKind};
use figures::{Kind, Known, Value};
use places::Level;
use places::facts::unit_id;
use std::sync::Arc;
use uuid::Uuid;

/// Provinces with plans of their own, in both eras: Bắc Giang (now Bắc Ninh), Thanh Hóa, Hồ Chí Minh City and what joined them.
const PROVINCES: &[&str] = &["p:old:24", "p:old:27", "p:old:38", "p:old:74", "p:old:77", "p:old:79"];
const CATALOG: &str = "demo";

/// An account that anybody may use: login (also the password), name, role, unit as code and level.
const ACCOUNTS: &[(&str, &str, Role, &str, Level)] = &[
    ("canbo", "Nguyễn Thị Hoa", Role::Officer, "07330", Level::Commune),
    ("duyet", "Trần Văn Bình", Role::Reviewer, "24", Level::Province),
    ("quantri", "Lê Minh Châu", Role::Administrator, "", Level::Nation),
];

/// Accounts with posts: login (also the password), name, code and level of the place, organisation there, title.
const POSTS: &[(&str, &str, &str, Level, &str, &str)] = &[
    ("vanthu", "Phạm Thị Mai", "07330", Level::Commune, "van-phong", "Văn thư"),
    ("chutich", "Ngô Văn Thắng", "07330", Level::Commune, "ubnd", "Chủ tịch"),
    ("chuyenvien", "Đỗ Minh Đức", "07330", Level::Commune, "phong-kinh-te", "Chuyên viên"),
    ("thamdinh", "Hoàng Thu Hà", "24", Level::Province, "so-nnmt", "Chuyên viên thẩm định"),
    ("chutichtinh", "Nguyễn Hồng Sơn", "24", Level::Province, "ubnd", "Chủ tịch"),
    ("mattran", "Vũ Thị Lành", "07330", Level::Commune, "mttq", "Chủ tịch"),
];

/// The accounts as lines for people: login and password, role, unit.
pub fn accounts(app: &App) -> Vec<String> {
    let (atlas, today) = (app.places.atlas(), app.figures.clock().today());
    let line = |(login, _, role, code, level): &(&str, &str, Role, &str, Level)| {
        let unit = if code.is_empty() { atlas.nation() } else { atlas.coded(code, Some(*level), today) };
        let place = unit.map(|u| atlas.full_name(u, today)).unwrap_or_default();
        format!("{login:<11} / {login:<11}  {}, {place}", role.label(ui::Lang::Vi))
    };
    let post = |(login, _, code, level, _, title): &(&str, &str, &str, Level, &str, &str)| {
        let place = atlas.coded(code, Some(*level), today).map(|u| atlas.full_name(u, today)).unwrap_or_default();
        format!("{login:<11} / {login:<11}  {title}, {place}")
    };
    ACCOUNTS.iter().map(line).chain(POSTS.iter().map(post)).collect()
}

/// Whether the database holds made-up figures.
///
/// # Errors
/// What the database says.
pub async fn is_loaded(app: &App) -> Result<bool, db::DbError> {
    Ok(places::store::catalog(app.figures.db(), CATALOG).await?.0 > 0)
}

/// Adds the demo accounts, and the figures on the first start.
///
/// # Errors
/// What the database says.
pub async fn seed(app: &App) -> anyhow::Result<()> {
    let atlas = app.places.atlas();
    let today = app.figures.clock().today();
    let phuc_hoa = atlas.coded("07330", Some(Level::Commune), today).unwrap_or_default();
    let unit = |code: &str, level| if code.is_empty() { atlas.nation() } else { atlas.coded(code, Some(level), today) }.unwrap_or_default();
    let accounts: Vec<_> = ACCOUNTS.iter().map(|(login, name, role, code, level)| (*login, *name, *login, *role, unit(code, *level))).collect();
    app.access.seed_demo(&accounts).await?;
    let posts: Vec<_> =
        POSTS.iter().map(|(login, name, code, level, organisation, title)| DemoPost { login, name, unit: unit(code, *level), organisation, title }).collect();
    app.access.seed_demo_posts(&posts).await?;
    let db = app.figures.db();
    if is_loaded(app).await? {
        return work(app).await;
    }
    // The load is one transaction: whatever is there is all of it, even if the mark after it was not reached.
    if !figures::store::slices(db).await?.is_empty() {
        return rest(app).await;
    }
    let at = calendar::micros(app.figures.clock().now());
    let mut load = app.figures.bulk("dữ liệu minh họa", at).await?;
    let catalog = app.figures.catalog();
    // A weight goes in before what it weighs.
    let mut measures: Vec<&Arc<Known>> = catalog.current().filter(|k| !k.measure.computed()).collect();
    measures.sort_by_key(|k| catalog.weight_of(k.measure.id).is_empty());
    for known in measures {
        for period in periods(known, app) {
            let view = atlas.on(known.window(period).1);
            let mut values = Vec::new();
            // What the centre reports about itself lies under no province; the period in which a target of the programme closed covers the country.
            let whole = known.measure.def.level == Level::Nation || closes(known, period);
            let tops = if whole { atlas.nation().into_iter().collect() } else { provinces(&atlas, &view) };
            for top in tops {
                for unit in view.under(top, known.measure.def.level) {
                    if view.reports(unit, &known.measure.reporters())
                        && let Some(value) = made_up(known, unit, period, unit == phuc_hoa)
                    {
                        values.push((unit, value));
                    }
                }
            }
            if !values.is_empty() {
                load.slice(known.measure.id, period, values).await?;
            }
        }
    }
    let report = load.finish().await?;
    tracing::info!(lines = report.lines, figures = report.figures, "demo data loaded");
    rest(app).await
}

/// What is made up beside figures, and the mark that all of it is there.
async fn rest(app: &App) -> anyhow::Result<()> {
    let (atlas, today) = (app.places.atlas(), app.figures.clock().today());
    let spared = atlas.coded("07330", Some(Level::Commune), today).unwrap_or_default();
    let scored = criteria::demo::seed(&app.criteria, provinces, spared).await?;
    tracing::info!(scored, "demo assessments loaded");
    recognised::seed(app).await?;
    evidence::seed(app, spared).await?;
    let mut ctx = app.access.system();
    ctx.demo = true;
    app.programme.seed_demo(&ctx).await?;
    app.programme.seed_demo_reports(&ctx).await?;
    mark(app.figures.db()).await?;
    work(app).await
}

/// Dossiers and cases: made again when they are not there, so that a database of an earlier version gets them too.
async fn work(app: &App) -> anyhow::Result<()> {
    crate::demo_dossiers::seed(app).await?;
    cases::seed(app, app.figures.clock().now()).await?;
    Ok(())
}

async fn mark(db: &db::Db) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    places::store::bump(&mut tx, CATALOG, "").await?;
    tx.commit().await?;
    Ok(())
}

/// The demo provinces on a map: themselves, or those that took them over.
fn provinces(atlas: &places::Atlas, view: &places::MapView) -> Vec<Uuid> {
    let old = jiff::civil::date(2025, 6, 30);
    let mut out: Vec<Uuid> = PROVINCES
        .iter()
        .map(|key| unit_id(key))
        .flat_map(|p| if view.has(p) { vec![p] } else { atlas.heirs(p, old, view.date(), places::Basis::Population).iter().map(|h| h.unit).collect() })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Measures that the targets of Decision 924 count.
const TARGETS: &[&str] = &[
    "ho_so_mang_xa",
    "ho_so_mang_huyen",
    "ho_so_mang_tinh",
    "dat_8_4",
    "dat_8_4_nang_cao",
    "dat_15_2_nang_cao",
    "huyen_dat_9_5",
    "huyen_dat_6_5_nang_cao",
    "huyen_dat_9_2_nang_cao",
    "can_bo_tap_huan",
    "can_bo_tap_huan_huyen",
    "can_bo_tap_huan_tinh",
    "so_htx",
    "htx_so",
    "mo_hinh_lien_ket",
    "mo_hinh_lien_ket_so",
    "dich_vu_thiet_yeu",
    "dich_vu_thiet_yeu_huyen",
    "mo_hinh_thi_diem",
    "thon_thong_minh",
    "tong_so_thon",
];

/// Whether a period is the last one that counts for a target: the end of 2025, or for districts the middle of it.
fn closes(known: &Known, period: Period) -> bool {
    let last = known.window(period).1;
    let day = if known.measure.def.level == Level::District { jiff::civil::date(2025, 6, 30) } else { jiff::civil::date(2025, 12, 31) };
    let next = period.next().map(|p| known.window(p).1);
    TARGETS.contains(&known.measure.def.code.as_str()) && last <= day && next.is_none_or(|n| n > day)
}

fn periods(known: &Known, app: &App) -> Vec<Period> {
    let count = match known.measure.def.period {
        PeriodKind::Year => 3,
        PeriodKind::Half => 5,
        _ => 11,
    };
    app.figures.recent_periods(known, count)
}

/// A number from 0 to 1 that depends only on its inputs.
fn chance(unit: Uuid, salt: &str) -> f64 {
    let id = Uuid::new_v5(&unit, salt.as_bytes());
    let (high, _) = id.as_u64_pair();
    #[expect(clippy::cast_precision_loss, reason = "a made-up share needs no precision")]
    let share = (high >> 12) as f64 / (1u64 << 52) as f64;
    share
}

/// Per code: usual size in a commune, and growth per year.
const SIZES: &[(&str, f64, f64)] = &[
    ("so_ho", 2_100.0, 0.01),
    ("so_nhan_khau", 8_200.0, 0.01),
    ("so_htx", 4.0, 0.06),
    ("mo_hinh_lien_ket", 1.3, 0.15),
    ("mo_hinh_lien_ket_so", 0.5, 0.5),
    ("htx_so", 1.6, 0.3),
    ("san_pham_ocop", 3.0, 0.2),
    ("ho_ban_hang_mang", 40.0, 0.35),
    ("von_huy_dong", 1_800.0, 0.05),
    ("tong_so_thon", 9.0, 0.0),
    ("thon_thong_minh", 1.1, 0.5),
    ("thon_lom_song", 0.7, -0.4),
    ("thanh_vien_to_so", 45.0, 0.05),
    ("thu_nhap_dau_nguoi", 52.0, 0.07),
];

#[expect(clippy::cast_possible_truncation, reason = "made-up sizes are small")]
fn made_up(known: &Known, unit: Uuid, period: Period, in_demo: bool) -> Option<Value> {
    let def = &known.measure.def;
    let stamp = period.to_string();
    // The demo commune has its newest period still to fill in.
    if in_demo && period.in_year() >= 2026 && matches!(def.period, PeriodKind::Quarter) && period.index() >= 3 {
        return None;
    }
    match chance(unit, &format!("{}{stamp}gap", def.code)) {
        x if x < 0.03 => return None,
        x if x < 0.035 => return Some(Value::NotKnown),
        _ => {}
    }
    let years = f64::from(period.in_year() - 2023) + f64::from(period.index()) / 8.0;
    let size = 0.5 + chance(unit, "size");
    let own = 0.8 + 0.4 * chance(unit, &def.code);
    let jitter = 0.97 + 0.06 * chance(unit, &format!("{}{stamp}", def.code));
    let (base, growth) = SIZES.iter().find(|s| s.0 == def.code).map_or((20.0, 0.1), |s| (s.1, s.2));
    let amount = base * size * own * jitter * (1.0 + growth).powf(years);
    Some(match def.kind {
        Kind::Percent => {
            let of = (60.0 * size * own).round();
            let share = (0.55 + 0.35 * chance(unit, &format!("{}share", def.code)) + 0.06 * years).min(1.0);
            Value::Ratio { n: (of * share).round().min(of) as i64, of: of as i64 }
        }
        // A pilot is rare; most provinces have a few.
        Kind::YesNo if def.code == "mo_hinh_thi_diem" => Value::Number(i64::from(chance(unit, &def.code) < 0.02 + 0.01 * years)),
        Kind::YesNo => Value::Number(i64::from(chance(unit, &def.code) < 0.45 + 0.13 * years)),
        Kind::Ordinal => Value::Number(((chance(unit, &def.code) * 2.0 + years * 0.6).floor() as i64).min(i64::try_from(def.steps.len()).unwrap_or(1) - 1)),
        Kind::Text => {
            let words = ["Trồng vải thiều", "Chăn nuôi", "Làng nghề mộc", "Du lịch cộng đồng", "Rau an toàn", "Thủy sản"];
            let at = (chance(unit, &def.code) * 6.0) as usize;
            Value::Words((*words.get(at)?).to_owned())
        }
        Kind::Count => Value::Number(capped(def, amount, size, unit)),
        Kind::Amount => Value::Number((amount * 10f64.powi(def.decimals as i32)).round() as i64),
    })
}

/// Parts never exceed their wholes.
#[expect(clippy::cast_possible_truncation, reason = "made-up sizes are small")]
fn capped(def: &figures::Definition, amount: f64, size: f64, unit: Uuid) -> i64 {
    let whole = |code: &str, base: f64| (base * size * (0.8 + 0.4 * chance(unit, code)) * 0.9).round();
    let most = match def.code.as_str() {
        "htx_so" => whole("so_htx", 4.0),
        "mo_hinh_lien_ket_so" => whole("mo_hinh_lien_ket", 1.3),
        "thon_thong_minh" | "thon_lom_song" => whole("tong_so_thon", 9.0),
        _ => f64::MAX,
    };
    amount.round().clamp(0.0, most) as i64
}
