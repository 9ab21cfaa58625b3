//! The evidence library: one file for many uses, reuse, ends, the scanner, hostile files, and the way of old rows into it.

use crate::office::house::{House, Person, houses};
use crate::world::{measure, person, worlds};
use access::Role;
use calendar::Period;
use db::{Reach, Stmt, args};
use figures::evidence::{About, Clamd, Filter, Scan, Subject, Swept, Topic, Upload};
use jiff::civil::date;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};
use uuid::Uuid;

const Q2: &str = "2026-Q2";
const Q3: &str = "2026-Q3";

fn figure(house: &House, period: &str) -> Subject {
    Subject::Figure { measure: measure("so_htx"), period: period.parse::<Period>().unwrap(), unit: house.commune }
}

fn pdf(words: &str) -> Vec<u8> {
    format!("%PDF-1.4\n{words}\n%%EOF\n").into_bytes()
}

/// The address of the file page that a list leads to first.
fn first_file(body: &str) -> String {
    let at = body.split("href=\"/evidence/file/").nth(1).unwrap_or_else(|| panic!("no file in {body}"));
    format!("/evidence/file/{}", at.split('"').next().unwrap())
}

async fn add(who: &Person<'_>, house: &House, period: &str, name: &str, bytes: &[u8], more: &[(&str, &str)]) -> crate::office::house::Answer {
    let unit = house.commune.to_string();
    let mut form = vec![("unit", unit.as_str()), ("measure", "so_htx"), ("period", period)];
    form.extend_from_slice(more);
    who.upload("/evidence", &form, (name, bytes)).await
}

/// One file proves two periods and a criterion; the second upload of the same bytes is the same file.
#[tokio::test]
async fn one_file_proves_many() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let said = [("number", "12/QĐ-UBND"), ("issued", "2026-06-30"), ("issuer", "UBND tỉnh Bắc Ninh"), ("valid_until", "2026-12-31")];
        add(&officer, &house, Q2, "Quyết định công nhận.pdf", &pdf("a"), &said).await.is(303);
        let page = format!("/evidence?unit={}&measure=so_htx&period={Q3}", house.commune);
        let list = officer.get(&page).await;
        list.is(200).has("Chưa có minh chứng nào").has("Dùng lại minh chứng đã có").has("cùng chỉ tiêu, kỳ khác").has("Quyết định công nhận.pdf");
        let value = list.hidden("file");
        let form = [("unit", house.commune.to_string()), ("measure", "so_htx".to_owned()), ("period", Q3.to_owned()), ("file", value.clone())];
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        officer.post("/evidence/reuse", &form).await.is(303);
        officer.post("/evidence/reuse", &form[..3]).await.is(422).has("Chưa chọn minh chứng nào");
        let list = officer.get(&page).await;
        list.has("12/QĐ-UBND 30/06/2026").has("còn 40 ngày hiệu lực").has("chưa quét vi-rút");
        let again = add(&officer, &house, Q3, "ten khac.pdf", &pdf("a"), &[]).await;
        assert!(again.to().ends_with("done=evidence_known"), "{again:?}");
        assert!(!officer.get(&page).await.body.contains("ten khac"), "the same bytes are one file");
        officer.get(&format!("/enter?unit={}&period={Q3}", house.commune)).await.has("Minh chứng (1)");

        // A criterion of a set uses it too.
        let set = Uuid::from_u128(0x5e7);
        let criterion = format!("unit={}&set={set}&indicator=8.4&period=2026", house.commune);
        officer.get(&format!("/evidence?{criterion}")).await.is(200).has("Chỉ tiêu 8.4");
        let form: Vec<(&str, String)> =
            vec![("unit", house.commune.to_string()), ("set", set.to_string()), ("indicator", "8.4".into()), ("period", "2026".into()), ("file", value)];
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        officer.post("/evidence/reuse", &form).await.is(303);
        let (library, today) = (house.world.figures.evidence(), house.world.figures.clock().today());
        let ctx = person("reader", Role::Viewer, house.commune);
        let subject = Subject::criterion(set, "8.4", "2026".parse().unwrap(), house.commune);
        assert_eq!(library.list_for(&ctx, &subject).await.unwrap().len(), 1);
        assert!(library.has_valid(&ctx, &subject, date(2026, 12, 31)).await.unwrap());
        assert!(!library.has_valid(&ctx, &subject, date(2027, 1, 1)).await.unwrap(), "it ends with its last day");
        let topic = Topic::set(set, "2026".parse().unwrap());
        let count = library.counts(&ctx, topic, house.commune, today).await.unwrap()["8.4"];
        assert_eq!((count.all, count.valid, count.expiring, count.expired), (1, 1, 1, 0));
        assert_eq!(library.counts_everywhere(topic, date(2027, 1, 1)).await.unwrap()[&(house.commune, "8.4".to_owned())].expired, 1);
        assert!(library.list_for(&person("xa", Role::Viewer, house.neighbour), &subject).await.is_err());

        let file = first_file(&officer.get(&page).await.body);
        officer.get(&file).await.is(200).has("quý II/2026").has("quý III/2026").has("Chỉ tiêu 8.4").has("UBND tỉnh Bắc Ninh").has("<iframe class=\"preview\"");
        let shown = officer.get(&format!("{file}/inline")).await;
        assert_eq!((shown.status, shown.bytes), (200, pdf("a")));
        assert!(shown.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
        assert!(shown.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'self'"));

        // Unlinking asks for a reason and leaves its line.
        let id = file.rsplit('/').next().unwrap();
        let unit = house.commune.to_string();
        let form = [("unit", unit.as_str()), ("measure", "so_htx"), ("period", Q3), ("file", id)];
        officer.post("/evidence/unlink", &form).await.is(422).has("Gỡ minh chứng phải có lý do");
        officer.post("/evidence/unlink", &[&form[..], &[("reason", "gắn nhầm kỳ")]].concat()).await.is(303);
        officer.get(&page).await.has("Chưa có minh chứng nào");
        officer.get(&file).await.has("gắn nhầm kỳ").has("gỡ");
        officer.post("/evidence/unlink", &[&form[..], &[("reason", "gắn nhầm kỳ")]].concat()).await.is(404);
        assert_eq!(house.world.figures.verify().await.unwrap().differences, 0);
    }
}

/// Words are found with and without tones; by unit, end and use; and only what the reader may see.
#[tokio::test]
async fn the_library_is_searched() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        let other = house.person("lan", Role::Officer, house.neighbour).await;
        let province = house.person("binh", Role::Reviewer, house.province).await;
        add(&officer, &house, Q2, "Báo cáo.pdf", &pdf("a"), &[("issuer", "UBND xã"), ("valid_until", "2026-10-01"), ("issued", "2026-01-01")]).await.is(303);
        add(&officer, &house, Q2, "Bảo cáo khác.pdf", &pdf("b"), &[]).await.is(303);
        let unit = house.commune.to_string();
        let link = [("unit", unit.as_str()), ("measure", "so_htx"), ("period", Q2), ("url", "https://bacninh.gov.vn/quyet-dinh/924")];
        officer.upload("/evidence", &link, ("", b"")).await.is(303);
        officer.upload("/evidence", &[&link[..3], &[("url", "javascript:alert(1)")]].concat(), ("", b"")).await.is(422).has("bắt đầu bằng https://");
        let has = |answer: &crate::office::house::Answer| ["Báo cáo.pdf", "Bảo cáo khác.pdf", "bacninh.gov.vn"].map(|n| answer.body.contains(n));
        assert_eq!(has(&officer.get("/evidence/library").await), [true; 3]);
        assert_eq!(has(&officer.get("/evidence/library?q=bao+cao").await), [true, true, false]);
        assert_eq!(has(&officer.get("/evidence/library?q=b%C3%A1o").await), [true, false, false], "typed tones are respected");
        assert_eq!(has(&officer.get("/evidence/library?q=924").await), [false, false, true]);
        assert_eq!(has(&officer.get("/evidence/library?state=expired").await), [true, false, false]);
        assert_eq!(has(&officer.get("/evidence/library?state=unused").await), [false; 3]);
        assert_eq!(has(&province.get("/evidence/library").await), [true; 3]);
        assert_eq!(has(&province.get(&format!("/evidence/library?unit={}", house.commune)).await), [true; 3]);
        assert_eq!(has(&province.get(&format!("/evidence/library?unit={}", house.neighbour)).await), [false; 3]);
        assert_eq!(has(&other.get("/evidence/library").await), [false; 3]);
        other.get(&format!("/evidence/library?unit={}", house.commune)).await.is(404);
        let found = officer.get("/api/v1/evidence?q=bao%20cao&limit=1").await;
        let list: serde_json::Value = serde_json::from_str(&found.body).unwrap();
        assert_eq!(
            (list["items"][0]["name"].as_str(), list["items"][0]["scan"].as_str(), list["items"][0]["uses"].as_i64()),
            (Some("Bảo cáo khác.pdf"), Some("unscanned"), Some(1))
        );
        let next = officer.get(&format!("/api/v1/evidence?q=bao%20cao&limit=1&next={}", list["next"].as_str().unwrap())).await;
        let next: serde_json::Value = serde_json::from_str(&next.body).unwrap();
        assert_eq!(
            (next["items"][0]["name"].as_str(), next["items"][0]["valid_until"].as_str(), &next["next"]),
            (Some("Báo cáo.pdf"), Some("2026-10-01"), &serde_json::Value::Null)
        );
        assert_eq!(other.get("/api/v1/evidence").await.body.matches("\"id\"").count(), 0);

        // What a document says may be mended by those who brought it.
        let file = first_file(&officer.get("/evidence/library?q=b%E1%BA%A3o").await.body);
        officer.post(&file, &[("number", "7/BC"), ("issued", "2026-02-01"), ("valid_until", "2026-01-01")]).await.is(422).has("trước ngày văn bản");
        officer.post(&file, &[("number", "7/BC"), ("issued", "2026-02-01"), ("valid_until", "")]).await.is(303);
        province.get(&file).await.is(200).has("7/BC");
        province.post(&file, &[("number", "8/BC")]).await.is(403);
        other.get(&file).await.is(404);
    }
}

/// Two communes bring the same bytes: one file, and neither sees the other's use.
#[tokio::test]
async fn the_same_bytes_of_two_communes_are_one_file() {
    for house in houses().await {
        let library = house.world.figures.evidence();
        let (here, there) = (person("hoa", Role::Officer, house.commune), person("lan", Role::Officer, house.neighbour));
        let mine = figure(&house, Q3);
        let theirs = Subject::Figure { measure: measure("so_htx"), period: Q3.parse().unwrap(), unit: house.neighbour };
        let file = |name: &str| vec![Upload { name: name.into(), bytes: pdf("chung") }];
        library.attach(&here, &mine, &About::default(), file("a.pdf")).await.unwrap();
        let added = library.attach(&there, &theirs, &About::default(), file("b.pdf")).await.unwrap();
        assert_eq!((added.linked, added.known), (1, 1));
        let piece = library.list_for(&there, &theirs).await.unwrap().remove(0);
        assert_eq!(piece.unit, house.commune);
        assert_eq!(library.open(&there, piece.unit, piece.id).await.unwrap().1, pdf("chung"));
        assert_eq!(library.uses(&there, &piece).await.unwrap().len(), 1);
        library.unlink(&there, &theirs, piece.id, "nhầm").await.unwrap();
        assert_eq!(library.piece(&there, piece.unit, piece.id).await.unwrap_err().status, 404);
    }
}

/// How the made-up clamd behaves.
const ANSWERS: u8 = 0;
const SILENT: u8 = 1;
const HANGS_UP: u8 = 2;
const TOO_LARGE: u8 = 3;

/// Speaks INSTREAM as clamd does, finding what contains EICAR.
async fn converse(mut socket: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, mode: u8) {
    let mut head = [0; 10];
    if socket.read_exact(&mut head).await.is_err() || &head != b"zINSTREAM\0" || mode == HANGS_UP {
        return;
    }
    let mut bytes = Vec::new();
    loop {
        let mut length = [0; 4];
        if socket.read_exact(&mut length).await.is_err() {
            return;
        }
        let mut chunk = vec![0; u32::from_be_bytes(length) as usize];
        if chunk.is_empty() {
            break;
        }
        socket.read_exact(&mut chunk).await.unwrap();
        bytes.extend(chunk);
        if mode == TOO_LARGE && bytes.len() > 100_000 {
            let _ = socket.write_all(b"INSTREAM size limit exceeded. ERROR\0").await;
            return;
        }
    }
    let infected = bytes.windows(5).any(|w| w == b"EICAR");
    match mode {
        SILENT => tokio::time::sleep(Duration::from_secs(60)).await,
        _ => socket.write_all(if infected { &b"stream: Eicar-Test-Signature FOUND\0"[..] } else { b"stream: OK\0" }).await.unwrap(),
    }
}

async fn clamd() -> (Arc<Clamd>, Arc<AtomicU8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp:{}", listener.local_addr().unwrap());
    let mode = Arc::new(AtomicU8::new(ANSWERS));
    let now = Arc::clone(&mode);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, now.load(Ordering::SeqCst)));
        }
    });
    (Arc::new(Clamd::at(&address).unwrap().patience(Duration::from_millis(400))), mode)
}

/// With a scanner nothing is given out before it is clean; infected, slow and gone are each their own case.
#[tokio::test]
async fn nothing_is_served_before_it_is_clean() {
    for house in houses().await {
        let (scanner, mode) = clamd().await;
        let (figures, library) = (house.world.figures.clone(), house.world.figures.evidence());
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        // Brought while there was no scanner.
        add(&officer, &house, Q2, "cu.pdf", &pdf("EICAR đã có từ trước"), &[]).await.is(303);
        let old = first_file(&officer.get(&format!("/evidence?unit={}&measure=so_htx&period={Q2}", house.commune)).await.body);
        officer.get(&format!("{old}/content")).await.is(200);
        figures.set_scanner(Some(scanner), true);
        officer.get(&format!("{old}/content")).await.is(409).has("chưa được quét");
        assert!(!officer.get(&old).await.body.contains("<iframe"), "no preview of what is not clean");

        let page = format!("/evidence?unit={}&measure=so_htx&period={Q3}", house.commune);
        add(&officer, &house, Q3, "sach.pdf", &pdf("sạch"), &[]).await.is(303);
        let clean = first_file(&officer.get(&page).await.body);
        officer.get(&clean).await.has("đã quét, sạch");
        officer.get(&format!("{clean}/inline")).await.is(200);
        add(&officer, &house, Q3, "virus.pdf", &pdf("EICAR"), &[]).await.is(422).has("Eicar-Test-Signature").has("mã độc");
        assert!(!officer.get(&page).await.body.contains("virus.pdf"));

        // A scanner that is slow, or gone, keeps the file back and says so; nobody's work is lost.
        for (trouble, name) in [(SILENT, "cham.pdf"), (HANGS_UP, "mat.pdf")] {
            mode.store(trouble, Ordering::SeqCst);
            add(&officer, &house, Q3, name, &pdf(name), &[]).await.is(303);
            officer.get(&page).await.has(name).has("chờ quét vi-rút");
        }
        mode.store(SILENT, Ordering::SeqCst);
        let swept = library.sweep().await.unwrap();
        assert_eq!((swept.later, swept.clean, swept.infected), (3, 0, 0), "each is tried and left for later");
        assert_eq!(library.sweep().await.unwrap(), Swept::default(), "what was just tried waits its turn");
        let ctx = access::Context::system(figures.clock().now());
        let waiting = library.search(&ctx, &Filter { state: Some(figures::evidence::State::Unscanned), limit: 10, ..Filter::default() }).await.unwrap();
        assert_eq!(waiting.items.len(), 3);
        assert!(!library.served(Scan::Unscanned));

        // A look at the same database ten minutes later finds what is infected among them.
        let later = {
            let clock = calendar::Clock::fixed(figures.clock().now() + jiff::SignedDuration::from_mins(10));
            figures::Figures::open(places::Places::open((*house.world.db).clone(), clock).await.unwrap()).await.unwrap()
        };
        mode.store(HANGS_UP, Ordering::SeqCst);
        let (scanner, second) = clamd().await;
        later.set_scanner(Some(scanner), true);
        second.store(HANGS_UP, Ordering::SeqCst);
        assert_eq!(later.evidence().sweep().await.unwrap(), Swept { later: 1, ..Swept::default() }, "a scanner that is gone ends the round");
        second.store(ANSWERS, Ordering::SeqCst);
        assert_eq!(later.evidence().sweep().await.unwrap(), Swept { clean: 2, infected: 1, ..Swept::default() });
        officer.get(&format!("{old}/content")).await.is(422).has("mã độc");
        assert!(!officer.get(&old).await.is(200).has("Máy quét tìm thấy mã độc").body.contains("<iframe"));
        let subject = figure(&house, Q2);
        assert!(!library.has_valid(&ctx, &subject, figures.clock().today()).await.unwrap(), "infected evidence proves nothing");
        // The same bytes are refused when they come again, whatever the scanner says then.
        figures.set_scanner(None, true);
        add(&officer, &house, Q3, "lai.pdf", &pdf("EICAR đã có từ trước"), &[]).await.is(422).has("mã độc");
        assert_eq!(access::verify_audit(&house.world.db, figures.places().atlas().unit(house.commune).unwrap().tenant).await.unwrap().broken_at, None);
    }
}

/// Without a scanner the installation decides; a scanner behind a socket of the system is the same scanner.
#[tokio::test]
async fn the_installation_decides_without_a_scanner() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    add(&officer, &house, Q3, "a.pdf", &pdf("a"), &[]).await.is(303);
    let page = format!("/evidence?unit={}&measure=so_htx&period={Q3}", house.commune);
    let file = first_file(&officer.get(&page).await.body);
    officer.get(&file).await.has("chưa quét vi-rút");
    house.world.figures.set_scanner(None, false);
    officer.get(&format!("{file}/content")).await.is(409);

    let folder = std::env::temp_dir().join(format!("clamd-{}", Uuid::now_v7().simple()));
    let listener = UnixListener::bind(&folder).unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, TOO_LARGE));
        }
    });
    let scanner = Clamd::at(&format!("unix:{}", folder.display())).unwrap();
    house.world.figures.set_scanner(Some(Arc::new(scanner)), false);
    add(&officer, &house, Q3, "nho.pdf", &pdf("nhỏ"), &[]).await.is(303);
    add(&officer, &house, Q3, "lon.pdf", &pdf(&"x".repeat(300_000)), &[]).await.is(303);
    officer.get(&page).await.has("đã quét, sạch").has("máy quét không quét được");
    std::fs::remove_file(&folder).unwrap();
    let gone = Clamd::at(&format!("unix:{}", folder.display())).unwrap();
    house.world.figures.set_scanner(Some(Arc::new(gone)), true);
    assert_eq!(house.world.figures.evidence().sweep().await.unwrap(), Swept { later: 1, ..Swept::default() });
}

/// Files made to harm are refused with what to do, and leave nothing behind.
#[tokio::test]
async fn hostile_files_are_refused() {
    let house = houses().await.remove(0);
    let officer = house.person("hoa", Role::Officer, house.commune).await;
    let zipped = |parts: &[(&str, &[u8])]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let zeros = vec![0; 220_000_000];
    let bomb = zipped(&[("word/document.xml", b"<w/>"), ("word/media/a.bin", &zeros)]);
    drop(zeros);
    let jar = [pdf("x"), zipped(&[("Evil.class", b"x")])].concat();
    let macros = zipped(&[("xl/workbook.xml", b"<w/>"), ("xl/vbaProject.bin", b"x")]);
    let cases: [(&str, &[u8], &str); 6] = [
        ("bom.docx", &bomb, "phình ra quá lớn"),
        ("hai.pdf", &jar, "ghép phía sau"),
        ("macro.xlsx", &macros, "macro"),
        ("trang.pdf", b"<html><script>alert(1)</script>", "loại tệp này không nhận"),
        ("anh.jpg", b"\xff\xd8\xff\xe1\xff\xff", "hỏng"),
        ("chuong-trinh.png", b"MZ\x90\0", "loại tệp này không nhận"),
    ];
    for (name, bytes, said) in cases {
        add(&officer, &house, Q3, name, bytes, &[]).await.is(422).has(said);
    }
    let huge = vec![b'x'; 200_000_000];
    let answer = add(&officer, &house, Q3, "lon.pdf", &huge, &[]).await;
    answer.is(413).has("quá lớn");
    officer.get("/evidence/library").await.has("Kho còn trống");
    for bad in ["/evidence/file/x/y", &format!("/evidence/file/{}/{}", house.commune, Uuid::nil()), &format!("/evidence/file/{}/x/inline", house.commune)] {
        officer.get(bad).await.is(404);
    }
    let criterion = format!("/evidence?unit={}&period=2026&set=x&indicator=8.4", house.commune);
    officer.get(&criterion).await.is(404);
}

/// Rows of the time when a file belonged to one figure go into the library: the same bytes become one file with two uses.
#[tokio::test]
async fn old_rows_move_into_the_library() {
    let before = db::Schema { migrations: figures::SCHEMA.migrations.split_at(3).0, ..figures::SCHEMA };
    for db in testkit::databases(&[access::SCHEMA, places::SCHEMA, before]).await {
        let (tenant, m, u, act) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3), Uuid::from_u128(4));
        let old = Stmt {
            name: "test::OLD",
            reach: Reach::Tenant,
            sql: "INSERT INTO evidence (tenant_id, measure_id, period, unit_id, evidence_id, name, media, size, sha256, content, number, issued, issuer, act_id) \
                  VALUES ($1, $2, $3, $4, $5, $6, 'application/pdf', 3, $7, $8, '1/BC', '2025-01-02', 'UBND', $9)",
        };
        let who = Stmt {
            name: "test::ACT",
            reach: Reach::Tenant,
            sql: "INSERT INTO act (tenant_id, act_id, at, who_id, who_name, source, file_name, file_hash, note) VALUES ($1, $2, 7, NULL, 'Cô Hoa', 'form', NULL, NULL, '')",
        };
        db.exec(&who, args![tenant, act]).await.unwrap();
        for (period, id, name, hash) in [("2025", 30_u128, "a", "aa"), ("2026", 20, "b", "aa"), ("2026", 40, "c", "cc")] {
            let period = period.parse::<Period>().unwrap().to_i64();
            db.exec(&old, args![tenant, m, period, u, Uuid::from_u128(id), name, hash, b"pdf".to_vec(), act]).await.unwrap();
        }
        db.migrate(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA]).await.unwrap();
        let subject = |year: &str| Subject::Figure { measure: m, period: year.parse().unwrap(), unit: u };
        let names = async |year| {
            let found = figures::store::evidence::of_subject(&db, tenant, &subject(year)).await.unwrap();
            found.iter().map(|p| (p.id.as_u128(), p.name.clone(), p.about.number.clone(), p.brought_by.clone())).collect::<Vec<_>>()
        };
        let row = |id: u128, name: &str| (id, name.to_owned(), "1/BC".to_owned(), "Cô Hoa".to_owned());
        assert_eq!(names("2025").await, [row(20, "b")], "{}", db.label());
        assert_eq!(names("2026").await, [row(20, "b"), row(40, "c")]);
        assert_eq!(figures::store::evidence::content(&db, tenant, Uuid::from_u128(20)).await.unwrap().unwrap(), b"pdf");
        assert_eq!(figures::store::evidence::content(&db, tenant, Uuid::from_u128(30)).await.unwrap(), None);
    }
}

/// Many files of many units: pages follow each other without a gap or a repetition.
#[tokio::test]
async fn pages_of_the_library_follow_each_other() {
    for world in worlds().await {
        let atlas = world.figures.places().atlas();
        let view = atlas.on(world.figures.clock().today());
        let province = atlas.coded("24", Some(places::Level::Province), view.date()).unwrap();
        let communes = view.under(province, places::Level::Commune);
        let library = world.figures.evidence();
        let officer = person("tinh", Role::Officer, province);
        for (n, commune) in communes.iter().take(6).enumerate() {
            let subject = Subject::criterion(Uuid::from_u128(1), "1.1", "2026".parse().unwrap(), *commune);
            let files = (0..5).map(|k| Upload { name: format!("{n}-{k}.pdf"), bytes: pdf(&format!("{n}-{k}")) }).collect();
            library.attach(&officer, &subject, &About::default(), files).await.unwrap();
        }
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = library.search(&officer, &Filter { before, limit: 7, ..Filter::default() }).await.unwrap();
            seen.extend(page.items.iter().map(|f| f.piece.name.clone()));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 30);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 30, "{}", world.db.label());
        let all = library.counts_everywhere(Topic::set(Uuid::from_u128(1), "2026".parse().unwrap()), view.date()).await.unwrap();
        assert_eq!((all.len(), all.values().map(|c| c.valid).sum::<usize>()), (6, 30));
    }
}
