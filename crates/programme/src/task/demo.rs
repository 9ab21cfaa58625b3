//! Made-up tasks, money and works to try the platform with; each is marked as made up. The same on every machine for the same day.

use super::model::{Act, Due, Party, Proof, State, Task, Words};
use super::store;
use crate::Programme;
use crate::funding::{NewWorks, Row, Source};
use access::{Context, db_error};
use db::Tx;
use jiff::ToSpan as _;
use jiff::civil::Date;
use places::Level;
use places::facts::fact_id;
use ui::AppError;
use uuid::Uuid;

/// A made-up task: number, group of Decision 924, title, output, office, helping office, days since it was given, deadline in working
/// days, state.
type Sample = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, i32, u32, State);

const SAMPLES: &[Sample] = &[
    (
        "1.1",
        "Tuyên truyền, nâng cao nhận thức",
        "Chiến dịch truyền thông về chuyển đổi số tại thôn, bản",
        "Kế hoạch truyền thông và báo cáo kết quả",
        "Sở Văn hóa, Thể thao và Du lịch",
        "Hội Nông dân",
        70,
        30,
        State::Confirmed,
    ),
    (
        "2.1",
        "Chính quyền số",
        "Đưa toàn bộ hồ sơ công việc cấp xã lên môi trường mạng",
        "Báo cáo tỷ lệ hồ sơ xử lý trên môi trường mạng",
        "Sở Khoa học và Công nghệ",
        "Văn phòng UBND",
        45,
        40,
        State::Working,
    ),
    (
        "2.2",
        "Chính quyền số",
        "Rà soát dịch vụ công trực tuyến ở các xã sau sắp xếp",
        "Danh mục dịch vụ công kèm đường dẫn",
        "Văn phòng UBND",
        "Sở Khoa học và Công nghệ",
        40,
        20,
        State::Returned,
    ),
    (
        "3.1",
        "Kinh tế số",
        "Hỗ trợ hợp tác xã truy xuất nguồn gốc bằng mã QR",
        "Ít nhất 30 sản phẩm có mã truy xuất",
        "Sở Nông nghiệp và Môi trường",
        "Liên minh Hợp tác xã",
        60,
        25,
        State::Working,
    ),
    (
        "3.2",
        "Kinh tế số",
        "Đưa sản phẩm OCOP lên sàn thương mại điện tử",
        "Danh sách gian hàng đang hoạt động",
        "Sở Công Thương",
        "Sở Nông nghiệp và Môi trường",
        12,
        30,
        State::Accepted,
    ),
    (
        "4.1",
        "Xã hội số",
        "Củng cố tổ công nghệ số cộng đồng ở thôn",
        "Quyết định kiện toàn và danh sách thành viên",
        "Sở Khoa học và Công nghệ",
        "Đoàn Thanh niên",
        25,
        15,
        State::Done,
    ),
    (
        "5.1",
        "Đào tạo",
        "Tập huấn cán bộ quản lý các cấp về chuyển đổi số",
        "Danh sách học viên và kết quả kiểm tra",
        "Sở Nội vụ",
        "Trường Chính trị",
        8,
        45,
        State::New,
    ),
    (
        "7.1",
        "Hạ tầng số và dữ liệu số",
        "Xóa thôn lõm sóng di động",
        "Biên bản đo kiểm từng thôn",
        "Sở Khoa học và Công nghệ",
        "Các doanh nghiệp viễn thông",
        90,
        60,
        State::Working,
    ),
];

/// The task that is handed down to communes.
const DOWN: &str = "2.1";
/// Communes of a province that get their part.
const PARTS: usize = 24;

/// The target of Decision 924 that a made-up task serves; empty for those that serve none by themselves.
fn serves(number: &str) -> &'static str {
    match number {
        "2.1" => "G1d",
        "2.2" => "G4",
        "3.1" => "E1",
        "4.1" => "S1",
        "5.1" => "G8",
        _ => "",
    }
}

/// A number below `of` that depends only on its inputs.
fn pick(unit: Uuid, salt: &str, of: u64) -> u64 {
    Uuid::new_v5(&unit, salt.as_bytes()).as_u64_pair().0 % of.max(1)
}

fn days_ago(today: Date, days: i32) -> Date {
    today.checked_sub(days.days()).unwrap_or(today)
}

impl Programme {
    /// Adds made-up tasks, money, works and reports in three provinces, once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seed_demo(&self, ctx: &Context) -> Result<(), AppError> {
        self.seed_demo_plan(ctx).await?;
        let atlas = self.atlas();
        let view = atlas.on(ctx.today());
        for code in ["24", "38", "79"] {
            let Some(province) = atlas.coded(code, Some(Level::Province), ctx.today()) else { continue };
            let mut communes = view.under(province, Level::Commune);
            communes.retain(|u| atlas.version(*u, ctx.today()).is_some_and(|v| &*v.kind == "xã"));
            communes.sort_by_key(|u| pick(*u, "part", u64::MAX));
            // The commune of the demo's officer always has its part.
            communes.sort_by_key(|u| atlas.coded("07330", Some(Level::Commune), ctx.today()) != Some(*u));
            communes.truncate(PARTS);
            self.seed_province(ctx, province, &communes).await?;
        }
        Ok(())
    }

    async fn seed_province(&self, ctx: &Context, province: Uuid, communes: &[Uuid]) -> Result<(), AppError> {
        let Some(tenant) = self.tenant_of(province) else { return Ok(()) };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        // All tenants first and in one order.
        let mut tenants: Vec<Uuid> = communes.iter().filter_map(|u| self.tenant_of(*u)).chain([tenant]).collect();
        tenants.sort_unstable();
        tenants.dedup();
        for tenant in tenants {
            access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        }
        for sample in SAMPLES {
            let (number, goal, title, output, office, helper, ago, days, state) = *sample;
            let id = fact_id(&format!("demo-task:{province}:{number}"));
            let mut task = Task {
                tenant,
                id,
                parent: None,
                words: Words {
                    plan: "924".into(),
                    target: serves(number).into(),
                    goal: goal.into(),
                    number: number.into(),
                    title: title.into(),
                    output: output.into(),
                },
                owner: self.with_office(Party { unit: province, body: office.into(), organisation: None }, ctx.today()).await?,
                support: vec![Party { unit: province, body: helper.into(), organisation: None }],
                issuer: province,
                assigned: days_ago(ctx.today(), ago),
                due: Due::Days(days),
                state: State::New,
                seq: 1,
                done_on: None,
                done_by: None,
                everybody: false,
                synthetic: true,
                made_by: "dữ liệu minh họa".into(),
                made_at: calendar::micros(ctx.at),
            };
            if !self.add_task(&mut tx, ctx, &task).await? {
                return Ok(());
            }
            self.drive(&mut tx, ctx, &mut task, state).await?;
            self.set_money_in(&mut tx, ctx, &mut task, &money(province, number, ctx.today().year())).await?;
            if number == DOWN {
                self.seed_parts(&mut tx, ctx, &mut task, communes).await?;
            }
        }
        for unit in communes.iter().take(14) {
            let value = 1_000_000 * i64::try_from(300 + pick(*unit, "works", 2_500)).unwrap_or(0);
            let share = i64::try_from(40 + pick(*unit, "share", 61)).unwrap_or(100);
            let works = NewWorks {
                id: None,
                title: "Đường trục thôn và mương thoát nước".into(),
                accepted: value,
                arranged: value / 100 * share,
                document: "biên bản nghiệm thu (minh họa)".into(),
                as_of: ctx.today(),
                removed: false,
            };
            self.save_works_in(&mut tx, ctx, *unit, &works, true).await?;
        }
        tx.commit().await.map_err(db_error)?;
        self.figures().tell();
        Ok(())
    }

    async fn seed_parts(&self, tx: &mut Tx, ctx: &Context, task: &mut Task, communes: &[Uuid]) -> Result<(), AppError> {
        let states = [State::New, State::Accepted, State::Working, State::Working, State::Done, State::Confirmed];
        for (nth, unit) in communes.iter().enumerate() {
            let mut part = self.part(ctx, task, *unit, Some(Due::Days(20)));
            part.id = fact_id(&format!("demo-task:{}:{unit}", task.id));
            part.assigned = days_ago(ctx.today(), 20 + i32::try_from(pick(*unit, "ago", 20)).unwrap_or(0));
            self.add_task(tx, ctx, &part).await?;
            store::add_child(tx, (task.tenant, task.id), *unit, (part.tenant, part.id)).await.map_err(db_error)?;
            // The first is the commune of the demo's officer, who must find something to do.
            let at = if nth == 0 { 2 } else { usize::try_from(pick(*unit, "state", 6)).unwrap_or(0) };
            self.drive(tx, ctx, &mut part, states.get(at).copied().unwrap_or(State::New)).await?;
            let year = ctx.today().year();
            let thousand = i64::try_from(20 + pick(*unit, "money", 120)).unwrap_or(20) * 1_000_000;
            let row =
                |source, planned: i64, price| Row { year, source, planned: Some(planned), allocated: Some(planned / 4 * 3), spent: Some(planned / 2), price };
            let rows = [row(Source::Commune, thousand, None), row(Source::People, thousand / 5, None), row(Source::Labour, 40, Some(250_000))];
            self.set_money_in(tx, ctx, &mut part, &rows).await?;
        }
        task.seq += 1;
        let event = self.event(ctx, task.seq, "cascade", None, &format!("{} đơn vị", communes.len()));
        store::save(tx, task, event.at).await.map_err(db_error)?;
        store::add_event(tx, task.tenant, task.id, &event).await.map_err(db_error)
    }

    /// Moves a made-up task on to a state, with proof on the way.
    async fn drive(&self, tx: &mut Tx, ctx: &Context, task: &mut Task, state: State) -> Result<(), AppError> {
        let steps: &[Act] = match state {
            State::New => &[],
            State::Accepted => &[Act::Accept],
            State::Working => &[Act::Accept, Act::Start],
            State::Done => &[Act::Accept, Act::Start, Act::Finish],
            State::Confirmed => &[Act::Accept, Act::Start, Act::Finish, Act::Confirm],
            State::Returned => &[Act::Accept, Act::Start, Act::Finish, Act::Return],
            State::Cancelled => &[Act::Cancel],
        };
        for act in steps {
            if *act == Act::Finish {
                let proof = Proof {
                    id: fact_id(&format!("demo-proof:{}", task.id)),
                    name: String::new(),
                    media: String::new(),
                    size: 0,
                    sha256: String::new(),
                    number: "45/BC (minh họa)".into(),
                    issued: Some(days_ago(ctx.today(), 3).to_string()),
                    issuer: "đơn vị chủ trì".into(),
                    who_name: "dữ liệu minh họa".into(),
                    at: calendar::micros(ctx.at),
                    scan: None,
                };
                store::add_proof(tx, task.tenant, task.id, &proof).await.map_err(db_error)?;
            }
            let words = if act.needs_reason() { "Thiếu danh mục của các xã mới, đề nghị bổ sung." } else { "" };
            self.move_in(tx, ctx, task, *act, words).await?;
        }
        Ok(())
    }
}

/// Made-up money of a task of a province over two years.
fn money(province: Uuid, number: &str, year: i16) -> Vec<Row> {
    let mut out = Vec::new();
    for (year, done) in [(year - 1, 100), (year, 55)] {
        for (source, weight) in
            [(Source::Central, 5), (Source::Province, 8), (Source::Combined, 3), (Source::Credit, 2), (Source::Enterprise, 4), (Source::Cooperative, 1)]
        {
            if pick(province, &format!("{number}{year}{}", source.word()), 3) == 0 {
                continue;
            }
            let planned = i64::try_from(pick(province, &format!("{number}{}", source.word()), 90) + 10).unwrap_or(10) * weight * 10_000_000;
            out.push(Row {
                year,
                source,
                planned: Some(planned),
                allocated: Some(planned / 100 * (done + 100) / 2),
                spent: Some(planned / 100 * done),
                price: None,
            });
        }
    }
    out
}
