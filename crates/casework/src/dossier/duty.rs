//! What is due for somebody in registers and dossiers, for the page Hôm nay.

use super::Stage;
use crate::Casework;
use crate::document::Hat;
use crate::document::desk::due_tag;
use crate::register::waits_too_long;
use access::{Context, db_error};
use work::{Answer, Duty, DutySource, Urgency};

/// Dossiers that one holds, drafts to be issued, documents that have arrived.
#[derive(Clone, Debug)]
pub struct DossierDuties(pub Casework);

impl DutySource for DossierDuties {
    fn name(&self) -> &'static str {
        "dossier"
    }

    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>> {
        Box::pin(async move {
            let (l, today) = (ctx.lang, ctx.today());
            let mut out = Vec::new();
            let limit = i64::try_from(most).unwrap_or(100);
            for office in self.0.my_offices(ctx).await? {
                for d in self.0.held_dossiers(ctx, &office, limit).await? {
                    let due = d.deadline();
                    let tag = due_tag(due, today, l);
                    out.push(Duty {
                        key: format!("dossier:{}", d.id),
                        title: format!("{} {}", d.code, d.title),
                        about: format!("{} · {}", office.name, Stage::from_word(&d.stage).label(l)),
                        verb: match Stage::from_word(&d.stage) {
                            Stage::Sign => l.t("Ký", "Sign"),
                            Stage::Close => l.t("Kết thúc", "Close"),
                            _ => l.t("Xử lý", "Work on it"),
                        }
                        .to_owned(),
                        href: format!("/dossiers/{}/{}", office.id, d.id),
                        // The end of the day in Vietnam.
                        due: due
                            .and_then(|d| d.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).ok())
                            .map(|z| calendar::micros(z.timestamp()) + 86_399_000_000),
                        urgency: match tag.as_ref().map(|t| t.0) {
                            Some("late") => Urgency::Late,
                            Some("wait") => Urgency::Soon,
                            _ => Urgency::Open,
                        },
                        due_words: tag.map(|t| t.1).unwrap_or_default(),
                        ..Duty::default()
                    });
                }
                if office.wears(ctx, Hat::Clerk) {
                    for d in self.0.drafts_to_issue(ctx, &office).await? {
                        out.push(Duty {
                            key: format!("issue:{}", d.id),
                            title: d.title.clone(),
                            about: format!("{} · {}", office.name, l.t("đã ký, chờ cấp số", "signed, to be issued")),
                            verb: l.t("Phát hành", "Issue").to_owned(),
                            href: format!("/dossiers/{}/{}/drafts/{}", office.id, d.dossier, d.id),
                            urgency: if d.urgency > 0 { Urgency::Late } else { Urgency::Soon },
                            ..Duty::default()
                        });
                    }
                    let arrived = self.0.arrivals(ctx, &office).await?;
                    if let Some(first) = arrived.first() {
                        out.push(Duty {
                            key: format!("arrivals:{}", office.id),
                            title: format!("{} {}", arrived.len(), l.t("văn bản vừa gửi đến, chờ vào sổ", "documents have arrived, to be registered")),
                            about: format!("{} · {}", office.name, first.symbol),
                            verb: l.t("Vào sổ", "Register").to_owned(),
                            href: format!("/registers?office={}", office.id),
                            urgency: if arrived.iter().any(|d| d.urgency > 0) { Urgency::Late } else { Urgency::Soon },
                            ..Duty::default()
                        });
                    }
                    let from = today.saturating_sub(jiff::Span::new().days(30)).to_string();
                    let recent =
                        crate::register::store::newest(self.0.db(), office.tenant, office.id, false, (&from, &today.to_string()), uuid::Uuid::max(), 200)
                            .await
                            .map_err(db_error)?;
                    let late = recent.iter().filter(|d| d.handed_at.is_none() && waits_too_long(d, today)).count();
                    if late > 0 {
                        out.push(Duty {
                            key: format!("same-day:{}", office.id),
                            title: format!("{late} {}", l.t("văn bản đến quá hạn chuyển trong ngày", "incoming documents past the same-day rule")),
                            about: office.name.clone(),
                            verb: l.t("Chuyển", "Hand on").to_owned(),
                            href: format!("/registers?office={}", office.id),
                            urgency: Urgency::Late,
                            ..Duty::default()
                        });
                    }
                }
            }
            out.truncate(most);
            Ok(out)
        })
    }
}
