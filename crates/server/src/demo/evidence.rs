//! Made-up evidence of the demo commune: a document with an end that is near, one that has ended, one of last year, a link.

use crate::app::App;
use access::Context;
use calendar::Period;
use figures::evidence::{About, Subject, Upload};
use jiff::Span;
use uuid::Uuid;

/// A page that says what it is. Its letters are plain, because the fonts every viewer has know no Vietnamese.
fn pdf(words: &str) -> Vec<u8> {
    let text = format!("BT /F1 18 Tf 60 760 Td (DU LIEU MINH HOA - DEMONSTRATION ONLY) Tj 0 -40 Td /F1 13 Tf ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (nth, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", nth + 1));
    }
    let table = out.len();
    out.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1));
    out.into_bytes()
}

/// Attaches the made-up documents, if the library has none of them yet.
///
/// # Errors
/// What the database says; a refusal is logged and leaves the demo without the document.
pub(super) async fn seed(app: &App, commune: Uuid) -> anyhow::Result<()> {
    let (library, ctx) = (app.figures.evidence(), Context::system(app.figures.clock().now()));
    let today = ctx.today();
    let day = |days: i64| today.checked_add(Span::new().days(days)).ok();
    let catalog = app.figures.catalog();
    let Some(measure) = catalog.coded("so_htx").map(|k| k.measure.id) else { return Ok(()) };
    let quarter = |n: i16| Period::quarter(today.year(), n).map(|period| Subject::Figure { measure, period, unit: commune });
    let year = Period::year(today.year());
    let about = |number: &str, issued: i64, until: Option<i64>| About {
        number: number.to_owned(),
        issued: day(issued),
        issuer: "UBND xã (dữ liệu minh họa)".to_owned(),
        valid_until: until.and_then(day),
    };
    let documents = [
        (quarter(1), "Danh sách hợp tác xã đang hoạt động.pdf", "Danh sach hop tac xa dang hoat dong", about("05/DS-UBND", -200, Some(35))),
        (quarter(2), "Báo cáo kinh tế tập thể 6 tháng.pdf", "Bao cao kinh te tap the 6 thang", about("41/BC-UBND", -140, Some(-10))),
        (
            year.map(|period| Subject::criterion(criteria::set_id(criteria::demo::SET), "8.4", period, commune)),
            "Quyết định giao chỉ tiêu chuyển đổi số.pdf",
            "Quyet dinh giao chi tieu chuyen doi so",
            about("17/QĐ-UBND", -250, None),
        ),
    ];
    for (subject, name, words, about) in documents {
        let Some(subject) = subject else { continue };
        let file = Upload { name: name.to_owned(), bytes: pdf(words) };
        if let Err(refused) = library.attach(&ctx, &subject, &about, vec![file]).await {
            tracing::warn!(code = refused.code, name, "demo evidence was refused");
        }
    }
    if let Some(subject) = quarter(1)
        && let Err(refused) = library.attach_link(&ctx, &subject, &about("", -90, None), "https://example.com/minh-hoa/hop-tac-xa").await
    {
        tracing::warn!(code = refused.code, "demo evidence was refused");
    }
    Ok(())
}
