//! Made-up registers and work dossiers of the demonstration: what they show was done by the same use cases as everything else.

use crate::app::App;
use access::{Context, Who};
use casework::document::Office;
use casework::document::file::Incoming;
use casework::dossier::draft::NewDraft;
use casework::dossier::{Given, Issuing, ListItem, NewDossier, Signing, Step};
use casework::register::NewDocument;
use jiff::{SignedDuration, Timestamp};
use places::Level;
use ui::AppError;
use uuid::Uuid;

/// A letter signed with a key made for the demonstration, and the root that it leads to.
const SIGNED: &[u8] = include_bytes!("demo_files/da-ky.pdf");
const ROOT: &[u8] = include_bytes!("demo_files/root.pem");

/// How far a made-up dossier has come.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    Assigned,
    Submitted,
    Signed,
    Closed,
    ClosedOnPaper,
}

/// Code, title, kind and subject of the draft, days since it came, days until it is due, how far.
const DOSSIERS: &[(&str, &str, &str, &str, i64, i64, Until)] = &[
    ("01.KT", "Rà soát hộ trồng vải thiều bán hàng trên mạng", "bao_cao", "Kết quả rà soát hộ trồng vải thiều bán hàng trên mạng", 20, -6, Until::Closed),
    ("02.KT", "Lắp camera an ninh tại nhà văn hóa thôn", "to_trinh", "Xin chủ trương lắp camera an ninh tại nhà văn hóa thôn", 16, -2, Until::Closed),
    ("03.KT", "Sửa đường liên thôn sau bão", "cong_van", "V/v hỗ trợ sửa đường liên thôn sau bão", 14, 1, Until::ClosedOnPaper),
    ("04.KT", "Tập huấn tổ công nghệ số cộng đồng", "ke_hoach", "Tập huấn tổ công nghệ số cộng đồng quý tới", 9, 2, Until::Signed),
    ("05.KT", "Báo cáo tiêu chí thông tin và truyền thông", "bao_cao", "Kết quả thực hiện tiêu chí thông tin và truyền thông", 6, 0, Until::Submitted),
    ("06.KT", "Đăng ký sản phẩm OCOP mới", "cong_van", "V/v đăng ký sản phẩm OCOP mới", 5, -1, Until::Assigned),
    ("07.KT", "Góp ý dự thảo kế hoạch xã nông thôn mới thông minh", "cong_van", "V/v góp ý dự thảo kế hoạch", 2, 8, Until::Assigned),
];

struct Cast {
    office: Office,
    clerk: Context,
    officer: Context,
    head: Context,
}

/// Adds registers and dossiers of the demo commune, once.
///
/// # Errors
/// What the database says.
pub async fn seed(app: &App) -> anyhow::Result<()> {
    let today = app.figures.clock().today();
    let Some(commune) = app.places.atlas().coded("07330", Some(Level::Commune), today) else { return Ok(()) };
    let system = app.access.system();
    let person = async |login: &str| -> anyhow::Result<Context> {
        let account = app.access.find_account(&system, login).await?.ok_or_else(|| anyhow::anyhow!("no demo account {login}"))?;
        let who = Who::Account { id: account.id, login: login.to_owned(), name: account.name };
        let mut ctx = Context::new(who, system.at, ui::Prefs::default(), "demo", Vec::new());
        for post in app.access.posts_of(account.id, today).await? {
            ctx = ctx.in_post(post);
        }
        Ok(ctx)
    };
    let cast = Cast {
        office: app.casework.office(&system, commune).await?,
        clerk: person("vanthu").await?,
        officer: person("chuyenvien").await?,
        head: person("chutich").await?,
    };
    if !app.casework.dossier_list(&cast.clerk, &cast.office, i64::from(today.year())).await?.is_empty() {
        return Ok(());
    }
    if let Some(province) = app.places.atlas().on(today).province(commune) {
        app.casework.trust(&system, province, ROOT, "chứng thư làm ra để dùng thử").await?;
    }
    let items: Vec<ListItem> = DOSSIERS
        .iter()
        .map(|(code, title, ..)| ListItem {
            code: (*code).to_owned(),
            title: (*title).to_owned(),
            heading: "Kinh tế".into(),
            keeper: "Phòng Kinh tế".into(),
            ..ListItem::default()
        })
        .collect();
    app.casework.save_list(&cast.clerk, &cast.office, i64::from(today.year()), &items).await?;
    for (n, made) in DOSSIERS.iter().enumerate() {
        dossier(app, &cast, n, made).await?;
    }
    tracing::info!(dossiers = DOSSIERS.len(), "demo dossiers made");
    Ok(())
}

/// The context so many hours after a moment.
fn at(ctx: &Context, then: Timestamp, hours: i64) -> Context {
    let mut ctx = ctx.clone();
    ctx.at = then.checked_add(SignedDuration::from_hours(hours)).unwrap_or(then).min(ctx.at);
    ctx
}

async fn dossier(app: &App, cast: &Cast, n: usize, made: &(&str, &str, &str, &str, i64, i64, Until)) -> Result<(), AppError> {
    let (code, title, kind, subject, ago, due, until) = *made;
    let work = &app.casework;
    let Cast { office, clerk, officer, head } = cast;
    let then = clerk.at.checked_sub(SignedDuration::from_hours(24 * ago)).unwrap_or(clerk.at);
    let first = at(clerk, then, 0);
    let dated = first.today().yesterday().unwrap_or(first.today());
    let letter = NewDocument {
        kind: "cong_van".into(),
        symbol: format!("{}/UBND-KT", 812 + 7 * n),
        dated: Some(dated),
        title: format!("V/v {}", lower(title)),
        party: "UBND tỉnh Bắc Ninh".into(),
        signer: "Phó Chủ tịch".into(),
        urgency: if n % 4 == 3 { 1 } else { 0 },
        ..NewDocument::default()
    };
    let document = work.register(&first, office, letter, Vec::new()).await?;
    let due = clerk.today().checked_add(jiff::Span::new().days(due)).ok();
    let new = NewDossier { code: code.to_owned(), due, document: Some(document.id), ..NewDossier::default() };
    let id = work.open_dossier(&at(clerk, then, 1), office, &new).await?.id;
    let given = Given { to: account(officer), note: "Tham mưu đúng hạn".into(), ..Given::default() };
    work.assign_dossier(&at(head, then, 2), office, id, None, &given).await?;
    if until == Until::Assigned {
        return Ok(());
    }
    let text = format!("Kính gửi: UBND tỉnh.\n{subject}.\nSố liệu trong bản này do máy tạo ra để dùng thử.");
    let draft = NewDraft { kind: kind.to_owned(), title: subject.to_owned(), recipients: "UBND tỉnh Bắc Ninh".into(), text, ..NewDraft::default() };
    let file = vec![Incoming::of("du thao.pdf", SIGNED)?];
    let draft = work.write_draft(&at(officer, then, 20), office, id, None, &draft, file).await?.id;
    work.say_of_draft(&at(clerk, then, 22), office, id, draft, true, "Đúng thể thức.").await?;
    work.submit_draft(&at(officer, then, 24), office, id, draft, account(head), "Kính trình").await?;
    match until {
        Until::Submitted => return Ok(()),
        Until::ClosedOnPaper => drop(work.sign_draft(&at(head, then, 26), office, id, draft, Signing::ByHand).await?),
        _ => drop(work.sign_draft(&at(head, then, 26), office, id, draft, Signing::Digital(Incoming::of("da ky.pdf", SIGNED)?)).await?),
    }
    if until == Until::Signed {
        return Ok(());
    }
    work.issue_draft(&at(clerk, then, 27), office, id, draft, Issuing::default()).await?;
    if until == Until::ClosedOnPaper {
        work.on_paper(&at(officer, then, 28), office, id, Step::Send, "Gửi bưu điện vì mất mạng sau bão").await?;
    }
    work.close_dossier(&at(officer, then, 30), office, id, None).await.map(drop)
}

fn account(ctx: &Context) -> Uuid {
    ctx.account_id().unwrap_or_default()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
