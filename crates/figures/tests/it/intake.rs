//! Workbooks through HTTP: the round trip, foreign workbooks, hostile files.

use crate::world::{measure, now, worlds};
use access::{Access, NewAccount, NewGrant, Options, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use calamine::{Reader as _, Xlsx, open_workbook_from_rs};
use calendar::Clock;
use figures::{Figures, Intent, Origin, Value};
use rust_xlsxwriter::{Format, Workbook};
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;
use testkit::TestDb;
use tower::ServiceExt as _;
use uuid::Uuid;

struct House {
    db: TestDb,
    figures: Figures,
    access: Access,
    router: Router,
}

struct Answer {
    status: u16,
    to: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

async fn houses() -> Vec<House> {
    let mut out = Vec::new();
    for w in worlds().await {
        let figures = w.figures;
        let centre = figures.places().atlas().nation().unwrap();
        let options = Options { demo: true, ..Options::new(centre) };
        let access = Access::new((*w.db).clone(), Clock::fixed(now()), Arc::new(figures.places().clone()), options);
        let router = access.layer(figures::intake::routes().with_state(figures.clone()).into_router(()));
        out.push(House { db: w.db, figures, access, router });
    }
    out
}

impl House {
    async fn person(&self, login: &str, role: Role, unit: Uuid) -> Browser<'_> {
        let system = self.access.system();
        let new = NewAccount { login: login.into(), name: format!("Cô {login}"), unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = self.access.add_account(&system, new).await.unwrap();
        let grant = NewGrant { role, unit, from: system.today(), to: None, basis: String::new() };
        self.access.grant(&system, id, grant).await.unwrap();
        let cookie = self.access.open_session(&system, id).await.unwrap();
        Browser { house: self, cookie: format!("{}={cookie}", self.access.cookie_name()) }
    }

    fn commune(&self) -> Uuid {
        self.figures.places().atlas().coded("07330", Some(places::Level::Commune), self.figures.clock().today()).unwrap()
    }

    fn province(&self, code: &str) -> Uuid {
        self.figures.places().atlas().coded(code, Some(places::Level::Province), self.figures.clock().today()).unwrap()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        let stmt = db::Stmt { name: "test", sql, reach: db::Reach::National };
        self.db.all(&stmt, vec![]).await.unwrap()[0].int(0).unwrap()
    }
}

struct Browser<'a> {
    house: &'a House,
    cookie: String,
}

impl Browser<'_> {
    async fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header("host", "gate.test").header(header::COOKIE, &self.cookie).header(header::CONTENT_TYPE, kind);
        let response = self.house.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let to = response.headers().get(header::LOCATION).map_or(String::new(), |v| v.to_str().unwrap().to_owned());
        Answer { status: response.status().as_u16(), to, bytes: to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "text/plain", Vec::new()).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(n, v)| format!("{}={}", ui::percent_encode(n), ui::percent_encode(v))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", body.join("&").into_bytes()).await
    }

    /// Brings a file; where it went.
    async fn bring(&self, name: &str, file: &[u8], unit: Option<Uuid>) -> Answer {
        let mut body = Vec::new();
        if let Some(unit) = unit {
            write!(body, "--X\r\nContent-Disposition: form-data; name=\"unit\"\r\n\r\n{unit}\r\n").unwrap();
        }
        write!(body, "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").unwrap();
        body.extend(file);
        body.extend(b"\r\n--X--\r\n");
        self.send("POST", "/intake", "multipart/form-data; boundary=X", body).await
    }

    /// Brings a good file and waits until nothing works on it any more; its address and its page.
    async fn taken(&self, name: &str, file: &[u8], unit: Option<Uuid>) -> (String, String) {
        let answer = self.bring(name, file, unit).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = self.settled(&answer.to).await;
        (answer.to, page)
    }

    async fn settled(&self, path: &str) -> String {
        for _ in 0..600 {
            let page = self.get(path).await;
            assert_eq!(page.status, 200, "{}", page.text());
            if !page.text().contains("data-live") {
                return page.text().split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{path} never settles");
    }
}

/// The number under a label of the tiles.
fn tile(page: &str, label: &str) -> usize {
    let at = page.find(&format!("<small>{label}</small><b>")).unwrap_or_else(|| panic!("no {label} in {page}"));
    page[at..].split("<b>").nth(1).unwrap().split('<').next().unwrap().parse().unwrap()
}

/// The form as a workbook whose cells can be set: (column key, row) → place.
struct Filled {
    sheet: calamine::Range<calamine::Data>,
    key: String,
}

impl Filled {
    fn open(bytes: &[u8]) -> Filled {
        let mut file: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
        let key = file.worksheet_range("_cl").unwrap().get_value((1, 1)).unwrap().to_string();
        Filled { sheet: file.worksheet_range("Số liệu").unwrap(), key }
    }

    fn col(&self, key: &str) -> u32 {
        (0..self.sheet.end().unwrap().1 + 1).find(|c| self.sheet.get_value((0, *c)).is_some_and(|v| *v == *key)).unwrap_or_else(|| panic!("no column {key}"))
    }

    /// The same form with other values, as a person would fill it in.
    fn save(&self, row: u32, values: &[(&str, &str)]) -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Số liệu").unwrap();
        let (last_row, last_col) = self.sheet.end().unwrap();
        for r in 0..=last_row {
            for c in 0..=last_col {
                match self.sheet.get_value((r, c)) {
                    Some(calamine::Data::Float(n)) => drop(sheet.write_number(r, c as u16, *n).unwrap()),
                    Some(calamine::Data::String(t)) => drop(sheet.write_string(r, c as u16, t).unwrap()),
                    _ => {}
                }
            }
        }
        for (key, value) in values {
            let col = self.col(key) as u16;
            match value.parse::<f64>() {
                Ok(n) if !value.contains(',') => drop(sheet.write_number(row, col, n).unwrap()),
                _ => drop(sheet.write_string(row, col, value.trim_start_matches('\'')).unwrap()),
            }
        }
        let keys = book.add_worksheet();
        keys.set_name("_cl").unwrap().set_very_hidden(true);
        keys.write_string(0, 1, "cl/1").unwrap();
        keys.write_string(1, 1, &self.key).unwrap();
        book.save_to_buffer().unwrap()
    }
}

/// Row 6 of the form is the first to fill.
const FIRST: u32 = 5;

#[tokio::test]
async fn a_form_makes_the_round_trip() {
    for house in houses().await {
        let label = house.db.label();
        let commune = house.commune();
        let officer = house.person("hoa", Role::Officer, commune).await;
        let home = officer.get("/intake").await.text();
        assert!(home.contains("Xã Phúc Hòa") && home.contains("/intake/demo.xlsx"), "{home}");
        let form = officer.get(&format!("/intake/template.xlsx?unit={commune}&period=2026-Q3&before=1")).await;
        assert_eq!(form.status, 200, "{}", form.text());
        let form = Filled::open(&form.bytes);
        let file = form.save(
            FIRST,
            &[
                ("so_htx", "6"),
                ("htx_so", "'hai"),
                ("tong_so_thon", "500"),
                ("can_bo_tap_huan.n", "45"),
                ("can_bo_tap_huan.of", "40"),
                ("von_huy_dong", "'1.234"),
                ("thon_lom_song", "'-"),
                ("san_pham_ocop", "'4 sản phẩm"),
            ],
        );
        let (job, page) = officer.taken("bao-cao.xlsx", &file, None).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "thay đổi"), tile(&page, "đã có sẵn"), tile(&page, "cần sửa")), (2, 0, 0, 5), "{label}: {page}");
        assert_eq!(house.count("SELECT count(*) FROM ledger").await, 0, "a dry run writes nothing");
        for code in ["htx_so", "tong_so_thon", "can_bo_tap_huan.n", "von_huy_dong", "thon_lom_song"] {
            let cell = format!("Số liệu!{}6", letters(form.col(code)));
            assert!(page.contains(&cell), "{label}: {code} {cell} {page}");
        }
        // A point that could mean two things, and a dash, are asked.
        let style = format!("style.{}", form.col("von_huy_dong"));
        let dash = format!("dash.{}", form.col("thon_lom_song"));
        let answer = officer.post(&format!("{job}/answer"), &[(&style, "vi"), (&dash, "zero")]).await;
        assert_eq!(answer.status, 303);
        let page = officer.settled(&job).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "cần sửa")), (4, 3), "{page}");
        assert_eq!(officer.post(&format!("{job}/write"), &[("intent", "submit")]).await.status, 303);
        let page = officer.settled(&job).await;
        assert!(page.contains("Đã nhận 4 giá trị, 3 chỗ cần sửa"), "{label}: {page}");
        assert_eq!(house.count("SELECT count(*) FROM ledger WHERE state = 1").await, 4);
        assert_eq!(house.count("SELECT count(*) FROM act WHERE source = 'workbook' AND file_name = 'bao-cao.xlsx' AND length(file_hash) = 64").await, 1);
        let cell = format!("Số liệu!{}6", letters(form.col("von_huy_dong")));
        let stmt = db::Stmt { name: "test", sql: "SELECT num FROM ledger WHERE cell = $1", reach: db::Reach::National };
        assert_eq!(house.db.all(&stmt, db::args![&cell]).await.unwrap()[0].int(0).unwrap(), 12_340);

        // The rest comes back in the same workbook, each bad cell marked at its own place.
        let marked = officer.get(&format!("{job}/marked.xlsx")).await;
        assert_eq!(marked.status, 200);
        let comments = part(&marked.bytes, "comments");
        for code in ["htx_so", "tong_so_thon", "can_bo_tap_huan.n"] {
            assert!(comments.contains(&format!("ref=\"{}6\"", letters(form.col(code)))), "{code}: {comments}");
        }
        assert!(comments.contains("Có 45 trong tổng số 40"), "{comments}");
        assert!(!comments.contains(&format!("ref=\"{}6\"", letters(form.col("so_htx")))));

        // The same file twice changes nothing, and says that it is known.
        let (again, page) = officer.taken("bao-cao.xlsx", &file, None).await;
        assert!(page.contains("Chính tệp này đã được nhận lúc"), "{page}");
        officer.post(&format!("{again}/answer"), &[(&style, "vi"), (&dash, "zero")]).await;
        let page = officer.settled(&again).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "thay đổi"), tile(&page, "đã có sẵn")), (0, 0, 4), "{page}");
        assert!(page.contains("Không có giá trị nào để ghi"));

        // The marked workbook can be mended and brought again.
        let mended = Filled::open(&marked.bytes).save(FIRST, &[("htx_so", "2"), ("tong_so_thon", "9"), ("can_bo_tap_huan.n", "30"), ("von_huy_dong", "1234")]);
        let (_, page) = officer.taken("bao-cao-sua.xlsx", &mended, None).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "đã có sẵn"), tile(&page, "cần sửa")), (3, 3, 1), "{page}");
        assert_eq!(house.figures.verify().await.unwrap().differences, 0);
    }
}

/// Letters of a column.
fn letters(col: u32) -> String {
    if col < 26 { char::from(b'A' + col as u8).to_string() } else { format!("{}{}", letters(col / 26 - 1), letters(col % 26)) }
}

/// The first part of a package whose name contains a word.
fn part(bytes: &[u8], word: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let name = (0..zip.len()).map(|i| zip.by_index(i).unwrap().name().to_owned()).find(|n| n.contains(word) && n.ends_with(".xml")).unwrap();
    let mut text = String::new();
    zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_province_has_one_row_per_commune_and_corrections_need_a_word() {
    for house in houses().await {
        let province = house.province("24");
        let officer = house.person("hoa", Role::Officer, province).await;
        let form = officer.get(&format!("/intake/template.xlsx?unit={province}&period=2026-Q3")).await;
        assert_eq!(form.status, 200);
        let form = Filled::open(&form.bytes);
        assert_eq!(form.sheet.end().unwrap().0 - FIRST + 1, 99, "Bắc Ninh has 99 communes and wards");
        let commune = house.commune();
        let row = (FIRST..).find(|r| form.sheet.get_value((*r, 0)).unwrap().to_string() == commune.to_string()).unwrap();
        let system = access::Context::system(now());
        let entry = |n: i64| figures::Entry {
            unit: commune,
            measure: measure("tong_so_thon"),
            period: "2026-Q3".parse().unwrap(),
            value: Value::Number(n),
            reason: None,
            cell: None,
            seen: None,
        };
        house.figures.enter(&system, &[entry(9)], &Origin::default(), Intent::Accept).await.unwrap();
        let (job, page) = officer.taken("tinh.xlsx", &form.save(row, &[("tong_so_thon", "10")]), None).await;
        assert!(page.contains("Sau khi bạn tải mẫu này") || page.contains("đã được duyệt"), "{page}");
        assert_eq!(tile(&page, "cần sửa"), 1, "{page}");
        let field = page.split("name=\"reason.").nth(1).map(|t| format!("reason.{}", t.split('"').next().unwrap()));
        let field = field.expect("a field for the explanation");
        officer.post(&format!("{job}/answer"), &[(&field, "đếm sót một thôn")]).await;
        let page = officer.settled(&job).await;
        assert_eq!((tile(&page, "thay đổi"), tile(&page, "cần sửa")), (1, 0), "{page}");
        officer.post(&format!("{job}/write"), &[("intent", "draft")]).await;
        assert!(officer.settled(&job).await.contains("bản nháp"));
        assert_eq!(house.count("SELECT count(*) FROM ledger WHERE state = 0 AND reason = 'đếm sót một thôn'").await, 1);
    }
}

#[tokio::test]
async fn others_and_closed_periods_are_refused() {
    for house in houses().await {
        let commune = house.commune();
        let officer = house.person("hoa", Role::Officer, commune).await;
        let other = house.person("lan", Role::Officer, house.province("38")).await;
        let viewer = house.person("xem", Role::Reviewer, house.province("24")).await;
        assert_eq!(viewer.get("/intake").await.status, 403);
        assert_eq!(other.get(&format!("/intake/template.xlsx?unit={commune}&period=2026-Q3")).await.status, 403);
        let form = Filled::open(&officer.get(&format!("/intake/template.xlsx?unit={commune}&period=2026-Q3")).await.bytes);
        let file = form.save(FIRST, &[("tong_so_thon", "9")]);
        // Somebody else's form: every value is refused with the reason.
        let (job, page) = other.taken("a.xlsx", &file, None).await;
        assert!(page.contains("Bạn không có vai trò nhập số liệu tại Xã Phúc Hòa"), "{page}");
        assert_eq!(tile(&page, "mới"), 0);
        // Somebody else's job does not exist.
        assert_eq!(officer.get(&job).await.status, 404);
        assert_eq!(officer.post(&format!("{job}/write"), &[]).await.status, 404);
        let round = figures::store::rooms::Round { due: None, closed_at: Some(1), closed_by: Some("x".into()), reason: String::new() };
        let atlas = house.figures.places().atlas();
        let province = house.province("24");
        let mut tx = house.db.begin().await.unwrap();
        let period: calendar::Period = "2026-Q3".parse().unwrap();
        figures::store::rooms::save_round(&mut tx, atlas.unit(province).unwrap().tenant, province, period.to_i64(), &round).await.unwrap();
        tx.commit().await.unwrap();
        let (_, page) = officer.taken("a.xlsx", &file, None).await;
        assert!(page.contains("đã khóa sổ"), "{page}");
    }
}

/// A report as offices keep them: titles, two rows of merged headings, numbered columns, groups, hidden rows, sums.
fn foreign() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Biểu 01").unwrap();
    let plain = Format::new();
    let old = Format::new().set_font_name(".VnTime");
    sheet.merge_range(0, 0, 0, 5, "BIỂU TỔNG HỢP KINH TẾ TẬP THỂ QUÝ III NĂM 2026", &plain).unwrap();
    for (col, text) in [(0, "TT"), (1, "Mã số"), (2, "Tên đơn vị"), (5, "Vốn huy động (tỷ đồng)")] {
        sheet.merge_range(2, col, 3, col, text, &plain).unwrap();
    }
    sheet.merge_range(2, 3, 2, 4, "Hợp tác xã", &plain).unwrap();
    sheet.write_string(3, 3, "Đang hoạt động").unwrap();
    sheet.write_string(3, 4, "Có ứng dụng công nghệ số").unwrap();
    for col in 0..6u16 {
        sheet.write_number(4, col, f64::from(col) + 1.0).unwrap();
    }
    sheet.write_string(5, 2, "tỉnh Bắc Ninh").unwrap();
    let rows: [(&str, &str, f64, f64, &str); 5] = [
        ("7330", "x· Phóc Hßa", 6.0, 2.0, "1.000,5 triệu"),
        ("", "X. Tân Yên", 4.0, 1.0, "2,5"),
        ("", "P. Vũ Ninh", 3.0, 0.0, "120"),
        ("", "Xã Không Có Thật", 3.0, 0.0, "1,5 tỷ"),
        ("", "Lạng Giang", 5.0, 2.0, "1,5 tỷ"),
    ];
    for (at, (code, name, all, digital, money)) in (6u32..).zip(rows) {
        sheet.write_number(at, 0, f64::from(at - 5)).unwrap();
        if !code.is_empty() {
            sheet.write_number(at, 1, code.parse::<f64>().unwrap()).unwrap();
        }
        sheet.write_string_with_format(at, 2, name, if at == 6 { &old } else { &plain }).unwrap();
        sheet.write_number(at, 3, all).unwrap();
        sheet.write_number(at, 4, digital).unwrap();
        sheet.write_string(at, 5, money).unwrap();
    }
    sheet.write_string(11, 2, "xã Yên Thế").unwrap();
    sheet.write_number(11, 3, 99.0).unwrap();
    sheet.set_row_hidden(11).unwrap();
    sheet.write_string(12, 2, "Tổng cộng").unwrap();
    sheet.write_formula(12, 3, rust_xlsxwriter::Formula::new("SUM(D7:D12)").set_result("21")).unwrap();
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_foreign_workbook_is_mapped_once() {
    for house in houses().await {
        let province = house.province("24");
        let officer = house.person("hoa", Role::Officer, province).await;
        let (job, page) = officer.taken("bieu-01.xlsx", &foreign(), Some(province)).await;
        assert!(page.contains("Từng cột là gì") && page.contains("quý III/2026"), "{page}");
        assert!(page.contains("xã Phúc Hòa"), "the old font is shown decoded: {page}");
        let fields = selected(&page);
        let of = |name: &str| fields.iter().find(|f| f.0 == name).map(|f| f.1.as_str());
        assert_eq!(
            (of("col.1"), of("col.2"), of("col.3"), of("col.4"), of("col.5")),
            (Some("@code"), Some("@name"), Some("so_htx"), Some("htx_so"), Some("von_huy_dong")),
            "{fields:?}"
        );
        assert_eq!(of("col.0"), Some(""));
        let form: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(officer.post(&format!("{job}/map"), &form).await.status, 303);
        let page = officer.settled(&job).await;
        assert!(page.contains("Không thấy “Xã Không Có Thật”"), "{page}");
        assert!(page.contains("1 dòng tổng cộng được bỏ qua") && page.contains("1 dòng ẩn được bỏ qua"), "{page}");
        assert!(page.contains("Biểu 01!B7: “7.330” được hiểu là Xã Phúc Hòa"), "{page}");
        // Cooperatives are asked of communes, not of wards: Vũ Ninh is a ward.
        assert!(page.contains("Chỉ tiêu này do xã báo cáo"), "{page}");
        assert_eq!(tile(&page, "mới"), 9, "{page}");
        officer.post(&format!("{job}/write"), &[("intent", "submit")]).await;
        officer.settled(&job).await;
        let stmt = db::Stmt { name: "test", sql: "SELECT num FROM ledger WHERE measure_id = $1 ORDER BY num", reach: db::Reach::National };
        let money: Vec<i64> = house.db.all(&stmt, db::args![measure("von_huy_dong")]).await.unwrap().iter().map(|r| r.int(0).unwrap()).collect();
        // 1.000,5 triệu; 1,5 tỷ; and 2,5 in the unit of the heading.
        assert_eq!(money, [10_005, 15_000, 25_000], "{}", house.db.label());
        // The next workbook of this shape is understood at once.
        let (_, page) = officer.taken("bieu-01-quy-4.xlsx", &foreign(), Some(province)).await;
        assert!(page.contains("đã nhớ từ lần trước"), "{page}");
    }
}

/// What a browser would send of a page's form: chosen options and values of inputs.
fn selected(page: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for select in page.split("<select ").skip(1) {
        let name = select.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let inside = select.split("</select>").next().unwrap();
        let chosen = inside.split("<option value=\"").skip(1).find(|o| o.split('>').next().unwrap().ends_with(" selected"));
        out.push((name, chosen.map_or(String::new(), |o| o.split('"').next().unwrap().to_owned())));
    }
    for name in ["first", "period"] {
        let at = page.find(&format!("name=\"{name}\"")).unwrap();
        out.push((name.to_owned(), page[at..].split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()));
    }
    out
}

#[tokio::test]
async fn other_formats_and_double_rows() {
    for house in houses().await {
        let province = house.province("24");
        let officer = house.person("hoa", Role::Officer, province).await;
        let csv = "Số liệu quý III/2026;;\nTên xã;Hợp tác xã đang hoạt động;Tổng số thôn\nPhúc Hoà;6;9\nphuc hoa;5;9\nTân Yên;4;-\n";
        let (job, page) = officer.taken("so-lieu.csv", csv.as_bytes(), Some(province)).await;
        let fields = selected(&page);
        let form: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        officer.post(&format!("{job}/map"), &form).await;
        let page = officer.settled(&job).await;
        assert!(page.contains("có nhiều dòng"), "{page}");
        assert_eq!(tile(&page, "mới"), 1, "{page}");
        let key = page.split("name=\"twice.").nth(1).unwrap().split('"').next().unwrap();
        officer.post(&format!("{job}/answer"), &[(&format!("twice.{key}"), "2"), ("dash.2", "unknown")]).await;
        let page = officer.settled(&job).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "cần sửa")), (4, 0), "{page}");
        let marked = officer.get(&format!("{job}/marked.xlsx")).await;
        assert_eq!(marked.status, 200, "a copy of a file that is no .xlsx");
        assert!(marked.bytes.starts_with(b"PK"));

        let row = |a: &str, b: &str| {
            format!("<table:table-row><table:table-cell office:value-type=\"string\"><text:p>{a}</text:p></table:table-cell>{b}</table:table-row>")
        };
        let text = |t: &str| format!("<table:table-cell office:value-type=\"string\"><text:p>{t}</text:p></table:table-cell>");
        let number = |n: &str| format!("<table:table-cell office:value-type=\"float\" office:value=\"{n}\"><text:p>{n}</text:p></table:table-cell>");
        let ods = ods(&format!(
            "<table:table table:name=\"S\">{}{}{}</table:table>",
            row("Quý III/2026", ""),
            row("Tên xã", &text("Tổng số thôn")),
            row("Xã Phúc Hòa", &number("9"))
        ));
        let (job, page) = officer.taken("so-lieu.ods", &ods, Some(province)).await;
        let fields = selected(&page);
        let form: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        officer.post(&format!("{job}/map"), &form).await;
        let page = officer.settled(&job).await;
        assert_eq!((tile(&page, "mới"), tile(&page, "cần sửa")), (1, 0), "{page}");
        // Cancelled: the bytes are forgotten.
        assert_eq!(officer.post(&format!("{job}/cancel"), &[]).await.status, 303);
        assert!(officer.get(&job).await.text().contains("Đã hủy"));
        assert_eq!(house.count("SELECT count(*) FROM import_job WHERE state = 'cancelled' AND length(content) = 0").await, 1);
        assert_eq!(officer.post(&format!("{job}/write"), &[]).await.status, 409);
    }
}

fn ods(tables: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        (
            "content.xml",
            format!(
                "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
            ),
        ),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune()).await;
        let workbook = foreign();
        let damaged = &workbook[..workbook.len() / 2];
        for (name, file, code) in [
            ("a.xlsm", &workbook[..], "upload_macros"),
            ("a.xls", &workbook[..], "upload_wrong_extension"),
            ("a.xlsx", damaged, "upload_damaged"),
            ("a.xlsx", b"", "upload_empty"),
            ("a.exe", b"MZ", "upload_unknown_kind"),
            ("a.csv", b"<html><table>", "upload_wrong_extension"),
            ("", b"a;b", "upload_empty"),
        ] {
            let answer = officer.bring(name, file, None).await;
            assert_eq!(answer.status, 422, "{name}");
            assert!(answer.text().contains(code), "{name}: {}", answer.text());
        }
        let huge = "a;b\n".repeat(60_000);
        assert!(officer.bring("a.csv", huge.as_bytes(), None).await.text().contains("upload_too_many_rows"));
        assert_eq!(house.count("SELECT count(*) FROM import_job").await, 0);
        // A sheet without any table says so.
        let (_, page) = officer.taken("a.csv", "xin chào;bạn\n".as_bytes(), None).await;
        assert!(page.contains("no_table") && page.contains("Không thấy bảng số liệu"), "{page}");
    }
}

#[tokio::test]
async fn the_demo_workbook_shows_its_faults() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune()).await;
        let demo = officer.get("/intake/demo.xlsx").await;
        assert_eq!(demo.status, 200, "{}", demo.text());
        let (job, page) = officer.taken("thu.xlsx", &demo.bytes, None).await;
        for words in [
            "ngoài khoảng",
            "không phải là số",
            "phần lớn hơn toàn bộ",
            "hàng nghìn",
            "bằng 0 hay chưa biết",
            "phông cũ, đọc là “Xã Phúc Hòa”",
            "được hiểu là Xã Phúc Hòa",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(officer.get(&format!("{job}/marked.xlsx")).await.status, 200);
        let other = house.person("lan", Role::Officer, house.province("38")).await;
        assert_eq!(other.get("/intake/demo.xlsx").await.status, 403);
    }
}

#[tokio::test]
async fn a_lost_task_is_taken_up_again() {
    for house in houses().await {
        let commune = house.commune();
        let officer = house.person("hoa", Role::Officer, commune).await;
        let form = Filled::open(&officer.get(&format!("/intake/template.xlsx?unit={commune}&period=2026-Q3")).await.bytes);
        let (job, _) = officer.taken("a.xlsx", &form.save(FIRST, &[("tong_so_thon", "9")]), None).await;
        // As a crash in the midst of writing leaves it.
        let stmt = db::Stmt { name: "test", sql: "UPDATE import_job SET state = 'writing', changed_at = 1", reach: db::Reach::Shared };
        house.db.exec(&stmt, vec![]).await.unwrap();
        let page = officer.get(&job).await.text();
        assert!(page.contains("bị ngắt giữa chừng") && !page.contains("data-live"), "{page}");
        assert_eq!(officer.post(&format!("{job}/resume"), &[]).await.status, 303);
        assert_eq!(tile(&officer.settled(&job).await, "mới"), 1);
    }
}

#[tokio::test]
async fn schema_and_statements_obey_the_tenancy_rules() {
    let all = [access::SCHEMA, places::SCHEMA, figures::SCHEMA];
    for db in testkit::databases(&all).await {
        let mut found = db::lint::schema(&db, &all).await.unwrap();
        found.extend(db::lint::statements(&db, &[figures::SCHEMA]).await.unwrap().into_iter().filter(|f| f.contains("intake")));
        assert!(found.is_empty(), "{}: {found:#?}", db.label());
    }
}
