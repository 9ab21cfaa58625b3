//! Made-up reports: one issued, the next one begun with its words.

use super::service::{NewReport, ToIssue};
use crate::Programme;
use access::Context;
use calendar::{Cutoff, Period, PeriodKind};
use places::Level;
use ui::AppError;

impl Programme {
    /// Issues a made-up report of the demo's commune for the quarter before the last and begins the one after it; begins those of
    /// three provinces. What is there already stays.
    ///
    /// # Errors
    /// What the database says.
    pub async fn seed_demo_reports(&self, ctx: &Context) -> Result<(), AppError> {
        let atlas = self.atlas();
        let Some(last) = Period::containing(PeriodKind::Quarter, ctx.today(), &Cutoff::calendar()).and_then(Period::previous) else { return Ok(()) };
        if let (Some(commune), Some(before)) = (atlas.coded("07330", Some(Level::Commune), ctx.today()), last.previous()) {
            let id = self.begin_report(ctx, &NewReport { template: "xa-quy".into(), unit: commune, period: before }).await?;
            let report = self.report(ctx, id).await?;
            if report.issues.is_empty() {
                let words = |code: &str, words: &str| (code.to_owned(), words.to_owned(), 0);
                let sections = [
                    words("kho-khan", "Cán bộ phụ trách kiêm nhiệm nhiều xã sau sắp xếp; đường truyền ở hai thôn chưa ổn định."),
                    words("phuong-huong", "Tiếp tục đưa hồ sơ công việc lên môi trường mạng; đề nghị tỉnh hỗ trợ tập huấn tổ công nghệ số cộng đồng."),
                ];
                self.write_report(ctx, id, &sections, (&report.signer_title, "Ngô Văn Thắng"), &report.recipients).await?;
                let day = last.first_day().saturating_add(jiff::ToSpan::days(9));
                self.issue_report(ctx, id, &ToIssue { number: Some(112), day, seen: 0, reason: String::new() }).await?;
            }
            self.begin_report(ctx, &NewReport { template: "xa-quy".into(), unit: commune, period: last }).await?;
        }
        for code in ["24", "38", "79"] {
            if let Some(unit) = atlas.coded(code, Some(Level::Province), ctx.today()) {
                self.begin_report(ctx, &NewReport { template: "tinh-quy".into(), unit, period: last }).await?;
            }
        }
        Ok(())
    }
}
