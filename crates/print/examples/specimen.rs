//! Writes one file of each kind into a folder, to be looked at in an office program, and says how long each took:
//! `cargo run --release -p print --example specimen -- folder font.ttf`.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use print::{
    Block, Book, Cell, CellProblem, Column, Fill, Fonts, Kind, Language, Report, Table, TemplateColumn, TemplateRow, TemplateSpec, annotate_xlsx, png_from_svg,
    template, template_xlsx, to_csv, to_docx, to_xlsx,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    std::fs::create_dir_all(&folder)?;
    let made = jiff::civil::date(2026, 11, 22);
    let table = Table {
        title: "Xã đạt chuẩn nông thôn mới thông minh".into(),
        subtitle: "Số liệu minh họa, quý III/2026".into(),
        columns: vec![
            Column::new("Mã", Kind::Text),
            Column::new("Xã", Kind::Text),
            Column::new("Dân số", Kind::Number { decimals: 0 }),
            Column::new("Diện tích (ha)", Kind::Number { decimals: 2 }),
            Column::new("Hồ sơ trên môi trường mạng", Kind::Percent { decimals: 1 }),
            Column::new("Ngày báo cáo", Kind::Date),
        ],
        rows: (0..24).map(row).collect(),
        notes: vec!["Tỷ lệ tính trên các xã đã báo cáo.".into()],
    };
    let book = |rows: usize| Book {
        language: Language::Vi,
        made,
        sheets: vec![Table { rows: (0..rows).map(row).collect(), ..table.clone() }],
        about: vec![("Địa chỉ".into(), "/chi-tieu/ho-so-mang?ky=2026-q3".into()), ("Lúc".into(), "22/11/2026 15:30".into())],
        definitions: None,
    };
    let save = |name: &str, began: Instant, bytes: &[u8]| -> std::io::Result<()> {
        writeln!(std::io::stdout(), "{name:24} {:>9} bytes {:>7} ms", bytes.len(), began.elapsed().as_millis())?;
        std::fs::write(folder.join(name), bytes)
    };

    let began = Instant::now();
    save("bang.xlsx", began, &to_xlsx(&book(24))?)?;
    let began = Instant::now();
    save("bang-200000-o.xlsx", began, &to_xlsx(&book(33_334))?)?;
    let began = Instant::now();
    save("bang.csv", began, &to_csv(&table))?;
    let began = Instant::now();
    let form = template_xlsx(&spec(12, 6))?;
    save("mau.xlsx", began, &form)?;
    let bad = |row: u32, col: u32| CellProblem {
        sheet: template::DATA_SHEET.into(),
        row,
        col,
        message: "Số hộ có mạng lớn hơn tổng số hộ của xã. Kiểm tra lại hai số, hoặc ghi lý do.".into(),
    };
    let began = Instant::now();
    let problems = [bad(6, 3), bad(8, 5), bad(40, 4)];
    save("mau-can-sua.xlsx", began, &annotate_xlsx(&form, &problems, &["Đã nhận 69 ô, còn 3 ô cần sửa.".into()])?)?;
    let began = Instant::now();
    let form = template_xlsx(&spec(3_321, 57))?;
    save("mau-ca-nuoc.xlsx", began, &form)?;
    let problems: Vec<CellProblem> = (5..3_326).step_by(7).flat_map(|row| [bad(row, 4), bad(row, 30)]).collect();
    let began = Instant::now();
    save("mau-ca-nuoc-can-sua.xlsx", began, &annotate_xlsx(&form, &problems, &[])?)?;

    let font = std::fs::read(std::env::args().nth(2).ok_or("name a font file after the folder")?)?;
    let fonts = Fonts::new(vec![font])?;
    let began = Instant::now();
    let png = png_from_svg(CHART, 2.0, &fonts)?;
    save("bieu-do.png", began, &png)?;
    let report = Report {
        superior: "UBND tỉnh Thanh Hóa".into(),
        body_name: "Ủy ban nhân dân xã Thiệu Trung".into(),
        number: None,
        symbol: "BC-UBND".into(),
        place: "Thiệu Trung".into(),
        date: Some(made),
        title: "Báo cáo".into(),
        summary: "Kết quả xây dựng nông thôn mới thông minh quý III năm 2026".into(),
        blocks: vec![
            Block::Heading { level: 1, text: "I. KẾT QUẢ CHUNG".into() },
            Block::Paragraph("Đến ngày 30/9/2026, 21 trên 24 xã đã báo cáo; tỷ lệ hồ sơ xử lý trên môi trường mạng đạt 85,3%. Số liệu trong văn bản này là số liệu minh họa.".into()),
            Block::Picture { png, width_px: 640, height_px: 240, alt: "Biểu đồ cột: 85,3% hồ sơ trên môi trường mạng".into() },
            Block::Note("Nguồn: trang chỉ tiêu, lúc 15:30 ngày 22/11/2026; 21/24 xã đã báo cáo.".into()),
            Block::Table(Table { rows: (0..60).map(row).collect(), ..table }),
        ],
        signer_title: "TM. Ủy ban nhân dân\nChủ tịch".into(),
        signer_name: Some("Lê Thị Hậu".into()),
        recipients: vec!["Văn phòng điều phối tỉnh".into(), "Thường trực Đảng ủy".into()],
    };
    let began = Instant::now();
    save("bao-cao.docx", began, &to_docx(&report)?)?;
    Ok(())
}

const CHART: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='240' font-family='sans-serif'><text x='16' y='32' font-size='18' font-weight='bold'>85,3% hồ sơ được xử lý trên môi trường mạng</text><rect x='16' y='60' width='520' height='40' fill='#4b7f3a'/><text x='546' y='87' font-size='16'>Đã đạt</text><rect x='16' y='120' width='89' height='40' fill='#b9b9b1'/><text x='115' y='147' font-size='16'>Chưa báo cáo</text></svg>";

fn row(index: usize) -> Vec<Cell> {
    let number = i64::try_from(index).unwrap_or(0);
    vec![
        Cell::Text(format!("{index:05}")),
        Cell::Text(format!("Xã Thiệu Trung {index}")),
        Cell::Int(8_000 + number * 37),
        Cell::Number(rust_decimal::Decimal::new(123_456 + number, 2)),
        Cell::Number(rust_decimal::Decimal::new(853 + number % 100, 1)),
        Cell::Date(jiff::civil::date(2026, 9, 30)),
    ]
}

fn spec(rows: usize, columns: usize) -> TemplateSpec {
    let column = |index: usize| TemplateColumn {
        key: format!("m{index}"),
        title: format!("Tỷ lệ hộ có mạng Internet băng rộng, chỉ tiêu {index}"),
        unit: "hộ".into(),
        hint: "Quyết định 924/QĐ-TTg: hộ có thuê bao băng rộng cố định hoặc di động đang hoạt động trong kỳ.".into(),
        kind: match index % 4 {
            1 => Fill::YesNo,
            2 if columns < 50 => Fill::Percent,
            3 => Fill::List(vec!["Chưa làm".into(), "Đang làm".into(), "Xong".into()]),
            _ => Fill::Number { decimals: 1, min: Some(0.into()), max: Some(100_000.into()) },
        },
        locked: index == 4,
    };
    let value = |index: usize| index.is_multiple_of(4).then_some(Cell::Int(1_250));
    TemplateSpec {
        language: Language::Vi,
        made: jiff::civil::date(2026, 11, 22),
        title: "Biểu nhập số liệu nông thôn mới thông minh, quý III/2026".into(),
        guide: vec!["1. Chỉ nhập vào ô trắng.".into(), "2. Lưu lại rồi nộp lên trang Nhập số liệu.".into()],
        key: "minh-hoa".into(),
        label_titles: vec!["Mã".into(), "Xã".into()],
        columns: (0..columns).map(column).collect(),
        rows: (0..rows)
            .map(|index| TemplateRow {
                key: format!("don-vi-{index}"),
                labels: vec![Cell::Text(format!("{index:05}")), Cell::Text(format!("Xã Thiệu Trung {index}"))],
                values: (0..columns).map(value).collect(),
            })
            .collect(),
        absent: vec!["Không áp dụng".into()],
    }
}
