//! Documents and plans in the search of the platform.

use super::library::validity_tag;
use super::words;
use crate::document::Validity;
use crate::service::Programme;
use access::Context;
use figures::pages::{Finder, Found};
use places::pages::BoxFuture;

/// Finds documents by number and words, with the plans they issue; register it with [`figures::Figures::add_finder`].
#[derive(Clone, Debug)]
pub struct ProgrammeFinder(pub Programme);

impl Finder for ProgrammeFinder {
    fn heading(&self) -> (&'static str, &'static str) {
        ("Văn bản, kế hoạch", "Documents and plans")
    }

    fn find<'a>(&'a self, ctx: &'a Context, q: &'a str, most: usize) -> BoxFuture<'a, Vec<Found>> {
        Box::pin(async move {
            let l = ctx.lang;
            let register = self.0.current().await;
            let documents = match self.0.find_documents(q).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::warn!(%error, "the library could not be searched");
                    Vec::new()
                }
            };
            let atlas = self.0.atlas();
            let mut out = Vec::new();
            for kept in documents {
                let (_, validity) = validity_tag(&register, &kept, ctx);
                let plans: Vec<_> = register.plans_of_document(&kept.about.code).collect();
                out.push(Found {
                    label: format!("{}: {}", kept.about.number, kept.about.title),
                    sub: format!("{} · {validity}", kept.about.issuer),
                    href: format!("/documents/{}", kept.about.code),
                    old: register.validity(&kept, ctx.today()) == Validity::Ended,
                });
                for plan in plans {
                    let targets = register.targets(&atlas, plan).len();
                    out.push(Found {
                        label: words::short_title(plan, l),
                        sub: format!("{targets} {}", l.t("mục tiêu và kết quả tính được", "targets with what is computed")),
                        href: format!("/plans/{}", plan.def.plan.code),
                        old: false,
                    });
                }
            }
            // Plans without a document of their own are found by their titles.
            let asked = lang::fold(q);
            for plan in register.plans().filter(|p| p.def.plan.document.is_none() && asked.chars().count() > 2) {
                if lang::fold(&format!("{} {}", plan.def.plan.title_vi, plan.def.plan.code)).contains(&asked) {
                    out.push(Found {
                        label: plan.def.plan.title(l).to_owned(),
                        sub: words::days(plan, l),
                        href: format!("/plans/{}", plan.def.plan.code),
                        old: false,
                    });
                }
            }
            out.truncate(most);
            out
        })
    }
}
