//! One workbook to try, with deliberate faults in it; only where data are made up anyway.

use super::form::{self, Wanted};
use crate::service::Figures;
use access::Context;
use calendar::{Period, PeriodKind};
use lang::legacy::{Encoding, encode};
use places::Level;
use print::{Cell, template_xlsx};
use ui::AppError;
use uuid::Uuid;

/// The commune of the demonstration.
const COMMUNE: &str = "07330";

/// The commune of the demonstration, if the places hold it.
pub fn commune(figures: &Figures) -> Option<Uuid> {
    figures.places().atlas().coded(COMMUNE, Some(Level::Commune), figures.clock().today())
}

/// The newest quarter that has ended.
pub fn period(figures: &Figures) -> Option<Period> {
    let catalog = figures.catalog();
    let known = catalog.current().find(|k| k.measure.def.period == PeriodKind::Quarter && !k.measure.computed())?;
    figures.recent_periods(known, 1).pop()
}

/// Faults by code of measure: what is put into its first column, and into the second of a share.
fn faults(code: &str) -> Option<[Option<Cell>; 2]> {
    let text = |t: &str| Some(Cell::Text(t.to_owned()));
    Some(match code {
        // Above the range of the definition.
        "so_htx" => [Some(Cell::Int(1_200)), None],
        // Words instead of a number.
        "htx_so" => [text("khoảng ba"), None],
        // More than all.
        "can_bo_tap_huan" => [Some(Cell::Int(45)), Some(Cell::Int(40))],
        // A point that could mean two things.
        "von_huy_dong" => [text("1.234"), None],
        // Zero, or not known?
        "thon_lom_song" => [text("-"), None],
        "thon_thong_minh" => [text("2 thôn"), None],
        "tong_so_thon" => [Some(Cell::Int(9)), None],
        "san_pham_ocop" => [text("  4 "), None],
        "thanh_vien_to_so" => [Some(Cell::Int(48)), None],
        "ho_ban_hang_mang" => [text("57 người bán"), None],
        "ho_so_mang_xa" => [text("1.040"), text("1.210")],
        _ => return None,
    })
}

/// The workbook: name and bytes.
///
/// # Errors
/// 404 outside of a demonstration; otherwise as [`form::make`].
pub async fn make(figures: &Figures, ctx: &Context) -> Result<(String, Vec<u8>), AppError> {
    let place = if ctx.demo { commune(figures).zip(period(figures)) } else { None };
    let Some((unit, period)) = place else { return Err(AppError::new("not_found", 404)) };
    let (_, mut spec) = form::spec(figures, ctx, Wanted { unit, period, before: false }).await?;
    let codes: Vec<(String, usize)> = spec.columns.iter().map(|c| (c.key.clone(), if c.kind == print::Fill::Percent { 2 } else { 1 })).collect();
    for row in &mut spec.rows {
        // The code lost its zero on the way through a number, the name was typed with an old font.
        let name = row.labels.get(1).map(|c| c.shown(0)).unwrap_or_default();
        row.labels = vec![Cell::Text(COMMUNE.trim_start_matches('0').to_owned()), Cell::Text(encode(&name, Encoding::Tcvn3).unwrap_or(name))];
        row.values = Vec::new();
        for (code, width) in &codes {
            let [first, second] = faults(code).unwrap_or_default();
            row.values.push(first);
            if *width == 2 {
                row.values.push(second);
            }
        }
        if let Some(last) = row.values.last_mut() {
            *last = encode("có thêm hai hợp tác xã mới", Encoding::Tcvn3).map(Cell::Text);
        }
    }
    spec.guide.insert(0, "Tệp dùng thử: các lỗi trong này là cố ý, để xem hệ thống giải thích thế nào.".to_owned());
    let bytes = tokio::task::spawn_blocking(move || template_xlsx(&spec)).await.ok().and_then(Result::ok);
    Ok(("thu-nhap-so-lieu.xlsx".to_owned(), bytes.ok_or_else(|| AppError::new("internal", 500))?))
}
