//! Money of one task: who may write it, how it is shown.

use super::model::{LARGEST, Row, Source, Stage, Totals};
use super::store;
use crate::Programme;
use crate::task::{Task, line, store as tasks};
use access::{Context, Role, db_error};
use db::Tx;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use ui::form::{Field, Kind};
use ui::{AppError, Html, Lang, escape};
use uuid::Uuid;

/// The block of money on a task's page.
pub(crate) struct TaskMoney {
    pub table: Html,
    pub fields: Vec<Field>,
    pub open: bool,
}

/// Đồng as millions of đồng, exact.
pub(crate) fn millions(dong: i64) -> Decimal {
    Decimal::try_new(dong, 6).unwrap_or_default().normalize()
}

/// An amount in words with its unit: `1.234,5 triệu đồng`, `300 công`.
pub(crate) fn shown(source: Source, amount: Option<i64>, l: Lang) -> String {
    match amount {
        None => l.t("chưa biết", "not known").to_owned(),
        Some(n) if source.money() => money_words(n, l),
        Some(n) => format!("{} {}", l.number(n.into(), 0), source.unit()),
    }
}

/// Đồng in words: `1.234,5 triệu đồng`.
pub(crate) fn money_words(dong: i64, l: Lang) -> String {
    format!("{} {}", l.number(millions(dong), 6), l.t("triệu đồng", "million đồng"))
}

impl Programme {
    /// Money of a task as the page shows it.
    pub(crate) async fn task_money(&self, ctx: &Context, task: &Task) -> Result<TaskMoney, AppError> {
        let rows = store::of_task(self.db(), task.tenant, task.id).await.map_err(db_error)?;
        Ok(TaskMoney { table: table(&rows, ctx.lang), fields: fields(ctx), open: false })
    }

    /// Writes money of a task: each row replaces that of its year and source; the history keeps what was there.
    ///
    /// # Errors
    /// 401/403, 404 `unknown_task`, 422 `amount_invalid`, `year_invalid`, `source_ended`.
    pub async fn set_task_money(&self, ctx: &Context, id: Uuid, rows: &[Row]) -> Result<(), AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut task = self.task_locked(&mut tx, ctx, id, None).await?;
        self.set_money_in(&mut tx, ctx, &mut task, rows).await?;
        tx.commit().await.map_err(db_error)
    }

    pub(crate) async fn set_money_in(&self, tx: &mut Tx, ctx: &Context, task: &mut Task, rows: &[Row]) -> Result<(), AppError> {
        if !self.figures().may(ctx, Role::Officer, task.owner.unit) && !self.may_give(ctx, task) && !self.figures().may(ctx, Role::Reviewer, task.owner.unit) {
            return Err(crate::task::refuse(ctx, Role::Officer));
        }
        let before: BTreeMap<(i16, Source), Row> =
            store::of_task_tx(tx, task.tenant, task.id).await.map_err(db_error)?.into_iter().map(|r| ((r.year, r.source), r)).collect();
        let at = calendar::micros(ctx.at);
        let mut said = Vec::new();
        for row in rows {
            checked(row)?;
            let old = before.get(&(row.year, row.source));
            if old == Some(row) {
                continue;
            }
            store::save(tx, task.tenant, task.id, row, ctx.author_name(), at).await.map_err(db_error)?;
            said.push(change(old, row));
        }
        if said.is_empty() {
            return Ok(());
        }
        task.seq += 1;
        let words = said.join("\n");
        let event = self.event(ctx, task.seq, "money", None, &words);
        tasks::save(tx, task, at).await.map_err(db_error)?;
        tasks::add_event(tx, task.tenant, task.id, &event).await.map_err(db_error)?;
        access::audit(tx, ctx, task.tenant, "task.money", &task.id.to_string(), serde_json::json!({"what": words})).await.map_err(db_error)
    }
}

fn checked(row: &Row) -> Result<(), AppError> {
    let wrong = |code, at: &'static str, vi: String, en: String| Err(AppError::new(code, 422).say(vi, en).mend("Sửa lại ô này.", "Mend it.").at(at));
    if !(2000..=2100).contains(&row.year) {
        return wrong("year_invalid", "year", "Năm phải từ 2000 đến 2100.".into(), "The year must lie between 2000 and 2100.".into());
    }
    if !row.source.existed(row.year) {
        return wrong(
            "source_ended",
            "source",
            format!("Cấp huyện kết thúc ngày 30/6/2025 nên năm {} không có ngân sách huyện.", row.year),
            format!("Districts ended on 30 June 2025; there is no district budget in {}.", row.year),
        );
    }
    for stage in Stage::ALL {
        if row.at(stage).is_some_and(|n| !(0..=LARGEST).contains(&n)) {
            return wrong(
                "amount_invalid",
                stage.word(),
                "Số tiền không âm và không quá 100 nghìn tỷ đồng.".into(),
                "Not negative, at most 100 trillion đồng.".into(),
            );
        }
    }
    if row.price.is_some_and(|n| !(0..=LARGEST / 1_000).contains(&n)) {
        return wrong("amount_invalid", "price", "Đơn giá không hợp lệ.".into(), "The price is not valid.".into());
    }
    Ok(())
}

/// What changed, for the history.
fn change(old: Option<&Row>, new: &Row) -> String {
    let l = Lang::Vi;
    let mut parts = Vec::new();
    for stage in Stage::ALL {
        let (was, is) = (old.and_then(|o| o.at(stage)), new.at(stage));
        if was != is {
            let from = if was.is_some() { format!("{} → ", shown(new.source, was, l)) } else { String::new() };
            parts.push(format!("{} {from}{}", stage.label(l), shown(new.source, is, l)));
        }
    }
    if old.and_then(|o| o.price) != new.price {
        parts.push(format!("đơn giá {}", new.price.map_or_else(|| "bỏ".to_owned(), |p| l.number(p.into(), 0))));
    }
    format!("{} {}: {}", new.source.label(l), new.year, parts.join(", "))
}

/// A table of rows with their total in đồng.
fn table(rows: &[Row], l: Lang) -> Html {
    let rows: Vec<&Row> = rows.iter().filter(|r| !r.empty()).collect();
    if rows.is_empty() {
        return Html::trusted(format!("<p class=\"muted\">{}</p>", l.t("Chưa ghi kinh phí.", "No money is recorded.")));
    }
    let mut out = format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table><thead><tr><th scope=\"col\">{1}</th><th scope=\"col\">{2}</th>",
        l.t("Kinh phí", "Money"),
        l.t("Nguồn", "Source"),
        l.t("Năm", "Year"),
    );
    for stage in Stage::ALL {
        out.push_str(&format!("<th scope=\"col\" class=\"r\">{}<small>{}</small></th>", stage.label(l), l.t("triệu đồng", "million đồng")));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &rows {
        let price = row.price.filter(|_| !row.source.money()).map(|p| format!("<small>{} {} đồng</small>", l.t("đơn giá", "price"), l.number(p.into(), 0)));
        out.push_str(&format!("<tr><th scope=\"row\">{}{}</th><td class=\"num\">{}</td>", escape(row.source.label(l)), price.unwrap_or_default(), row.year));
        for stage in Stage::ALL {
            let amount = match row.at(stage) {
                Some(n) if row.source.money() => l.number(millions(n), 6),
                other => shown(row.source, other, l),
            };
            out.push_str(&format!("<td class=\"r num\">{}</td>", escape(&amount)));
        }
        out.push_str("</tr>");
    }
    let totals = Totals::of(rows.iter().copied());
    out.push_str(&format!("</tbody><tfoot><tr><th scope=\"row\" colspan=\"2\">{}</th>", l.t("Cộng, quy ra tiền", "Total, in money")));
    for stage in Stage::ALL {
        out.push_str(&format!("<td class=\"r num\">{}</td>", l.number(millions(totals.all().at(stage)), 6)));
    }
    out.push_str("</tr></tfoot></table></div>");
    if totals.unvalued() > 0 {
        out.push_str(&format!(
            "<p class=\"muted small\">{}</p>",
            l.t("Ngày công hoặc đất chưa có đơn giá nên chưa tính vào dòng cộng.", "Labour or land without a price is not in the total.")
        ));
    }
    Html::trusted(out)
}

fn fields(ctx: &Context) -> Vec<Field> {
    let l = ctx.lang;
    let sources = Source::ALL
        .map(|s| (s.word().to_owned(), format!("{} ({})", s.label(l), if s.money() { l.t("triệu đồng", "million đồng") } else { s.unit() })))
        .to_vec();
    let number = |name: &'static str, vi: &'static str, en: &'static str| Field::new(name, l.t(vi, en)).kind(Kind::Number);
    vec![
        number("year", "Năm", "Year").value(ctx.today().year().to_string()),
        Field::new("source", l.t("Nguồn", "Source")).kind(Kind::Select(sources)),
        number("planned", "Kế hoạch", "Planned").hint(l.t("Để trống nghĩa là chưa biết, không phải bằng 0", "Empty means not known, not zero")),
        number("allocated", "Đã bố trí", "Allocated"),
        number("spent", "Đã chi", "Spent"),
        number("price", "Đơn giá một ngày công hoặc m² đất", "Price of a day of work or m² of land")
            .unit("đồng")
            .hint(l.t("Chỉ cho ngày công và đất; có thể để trống", "For labour and land only; may be empty")),
    ]
}

/// An amount as typed: money in millions of đồng, labour and land in their own units; none for an empty box.
pub(super) fn typed_amount(text: &str, source: Source, at: &'static str) -> Result<Option<i64>, AppError> {
    let text = line(text, 60);
    if text.is_empty() {
        return Ok(None);
    }
    let hints =
        lang::NumberHints { unit: if source.money() { "triệu đồng" } else { "" }, whole: !source.money(), style: Some(lang::NumberStyle::Vietnamese) };
    let value = lang::parse_number(&text, hints).map_err(|p| AppError::new("amount_invalid", 422).say(p.vi(), p.en()).at(at))?.value;
    let scale = if source.money() { 6 } else { 0 };
    figures::scale(value, scale).map(Some).ok_or_else(|| {
        AppError::new("amount_invalid", 422)
            .say("Số tiền quá lớn hoặc lẻ hơn một đồng.", "The amount is too large or has parts of a đồng.")
            .mend("Ghi theo triệu đồng, như 1.234,5.", "Write millions of đồng, such as 1.234,5.")
            .at(at)
    })
}
