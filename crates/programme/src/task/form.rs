//! The form of a task: what is typed becomes units, deadlines, words; errors stand beside the field.

use super::model::{Due, Party, Task, Words};
use super::service::{NewTask, unknown_unit};
use crate::Programme;
use access::{Context, UnitDirectory as _};
use jiff::civil::Date;
use ui::form::{Field, Kind};
use ui::{AppError, Lang};
use uuid::Uuid;

/// The pairs of a form; a name may come several times.
pub(crate) type Typed = Vec<(String, String)>;

pub(crate) fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
}

/// A date as people or browsers write it; none for an empty box.
pub(crate) fn date(text: &str, at: &'static str) -> Result<Option<Date>, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse().or_else(|_| lang::parse_date(text));
    let wrong =
        |vi: &str, en: &str| AppError::new("date_unreadable", 422).say(vi, en).mend("Viết ngày theo dạng 30/6/2026.", "Write the date as 30/6/2026.").at(at);
    match read {
        Ok(date) if (1900..=2200).contains(&Date::year(date)) => Ok(Some(date)),
        Ok(_) => Err(wrong("Năm phải từ 1900 đến 2200.", "The year must lie between 1900 and 2200.")),
        Err(problem) => Err(wrong(problem.vi(), problem.en())),
    }
}

impl Programme {
    /// A unit by id, official code or name on a day.
    pub(crate) fn unit_named(&self, text: &str, on: Date) -> Option<Uuid> {
        let places = self.figures().places();
        let text = lang::clean(text);
        match text.parse::<Uuid>() {
            Ok(id) => places.atlas().unit(id).map(|u| u.id),
            Err(_) => places.atlas().coded(&text, None, on).or_else(|| places.find(&text, on).map(|found| found.0)),
        }
    }

    /// A party as people write it: a unit; an office and its unit with a comma between; or an office of a unit that is understood.
    pub(crate) fn party_named(&self, text: &str, usual: Option<Uuid>, on: Date) -> Option<Party> {
        let text = lang::clean(text);
        if text.is_empty() {
            return None;
        }
        let whole = self.unit_named(&text, on);
        // An address of which only the end is a place begins with an office.
        if let Some((body, unit)) = text.rsplit_once(',')
            && let Some(unit) = self.unit_named(unit, on)
            && whole.is_none_or(|whole| whole == unit)
        {
            return Some(Party { unit, body: lang::clean(body), organisation: None });
        }
        if let Some(unit) = whole {
            return Some(Party { unit, ..Party::default() });
        }
        usual.map(|unit| Party { unit, body: text, organisation: None })
    }

    /// Reads the form of a task. `home` is the unit whose offices need not name it.
    ///
    /// # Errors
    /// 404 `unknown_unit`, 422 `date_unreadable`, `deadline_invalid`.
    pub(crate) fn read_task(&self, ctx: &Context, typed: &Typed, home: Option<Uuid>) -> Result<NewTask, AppError> {
        let today = ctx.today();
        let text = |name: &str| value(typed, name).to_owned();
        let owner = match value(typed, "owner").trim() {
            "" => None,
            named => Some(self.party_named(named, home, today).ok_or_else(|| unknown_unit("owner"))?),
        };
        let province = owner.as_ref().and_then(|o| self.figures().places().atlas().on(today).province(o.unit)).or(home);
        let mut support = Vec::new();
        for line in value(typed, "support").lines().filter(|l| !l.trim().is_empty()).take(60) {
            support.push(self.party_named(line, province, today).ok_or_else(|| unknown_unit("support"))?);
        }
        Ok(NewTask {
            words: Words {
                plan: text("plan"),
                target: text("target"),
                goal: text("goal"),
                number: text("number"),
                title: text("title"),
                output: text("output"),
            },
            owner,
            support,
            assigned: date(value(typed, "assigned"), "assigned")?,
            due: due(typed)?,
        })
    }
}

/// The deadline of a form: a date, or working days.
pub(crate) fn due(typed: &Typed) -> Result<Due, AppError> {
    if let Some(on) = date(value(typed, "due_on"), "due_on")? {
        return Ok(Due::On(on));
    }
    match value(typed, "due_days").trim() {
        "" => Ok(Due::Open),
        text => text.parse().map(Due::Days).map_err(|_| {
            AppError::new("deadline_invalid", 422)
                .say("Số ngày làm việc phải là số nguyên.", "Working days are a whole number.")
                .mend("Ghi một số từ 1 đến 1.000.", "Write a number from 1 to 1,000.")
                .at("due_days")
        }),
    }
}

/// What the form shows of a task that is there.
pub(super) fn typed_of(p: &Programme, task: &Task, on: Date) -> Typed {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    let w = &task.words;
    let (due_on, due_days) = match task.due {
        Due::Open => (String::new(), String::new()),
        Due::On(date) => (date.to_string(), String::new()),
        Due::Days(days) => (String::new(), days.to_string()),
    };
    let support: Vec<String> = task.support.iter().map(|s| super::words::party(p, s, on)).collect();
    vec![
        pair("number", w.number.clone()),
        pair("title", w.title.clone()),
        pair("goal", w.goal.clone()),
        pair("output", w.output.clone()),
        pair("plan", w.plan.clone()),
        pair("target", w.target.clone()),
        pair("owner", super::words::party(p, &task.owner, on)),
        pair("support", support.join("\n")),
        pair("assigned", task.assigned.to_string()),
        pair("due_on", due_on),
        pair("due_days", due_days),
    ]
}

/// The fields, filled with what was typed.
pub(super) fn fields(l: Lang, typed: &Typed, fixed_owner: bool, plans: Vec<(String, String)>) -> Vec<Field> {
    let now = value(typed, "plan").trim().to_owned();
    let mut choices = vec![(String::new(), l.t("(không thuộc kế hoạch nào)", "(none)").to_owned())];
    // A plan that nobody knows any more stays what it was.
    if !now.is_empty() && !plans.iter().any(|p| p.0 == now) {
        choices.push((now.clone(), now));
    }
    choices.extend(plans);
    let text = |name: &str| value(typed, name).to_owned();
    let field = |name: &'static str, vi: &'static str, en: &'static str| Field::new(name, l.t(vi, en)).value(text(name));
    let owner = field("owner", "Đơn vị chủ trì", "Owner").required();
    let owner = owner.attr("list", "offices");
    let owner = if fixed_owner {
        owner.hint(l.t("Chỉ đổi được bộ phận; đổi đơn vị thì giao một nhiệm vụ khác", "Only the office may change; another unit is another task"))
    } else {
        owner.hint(l.t(
            "Đúng một: tên hay mã đơn vị, hoặc “bộ phận, đơn vị”: Sở Nông nghiệp và Môi trường, Tỉnh Bắc Ninh",
            "Exactly one: a unit's name or code, or “office, unit”",
        ))
    };
    vec![
        field("number", "Số thứ tự trong kế hoạch", "Number in the plan").hint(l.t("Ví dụ 2.1; có thể để trống", "Such as 2.1; may be empty")),
        field("title", "Nhiệm vụ", "Task").required(),
        field("goal", "Mục tiêu", "Goal").hint(l.t("Làm việc này để đạt điều gì", "What it is done for")),
        owner,
        field("support", "Đơn vị phối hợp", "Helpers").kind(Kind::Lines(3)).hint(l.t("Mỗi dòng một đơn vị hoặc bộ phận", "One unit or office per line")),
        field("output", "Sản phẩm", "Output")
            .kind(Kind::Lines(2))
            .hint(l.t("Xong việc thì phải có gì: văn bản, hệ thống, mô hình…", "What must be there in the end")),
        field("due_days", "Thời hạn theo ngày làm việc", "Deadline in working days")
            .kind(Kind::Number)
            .unit(l.t("ngày làm việc kể từ hôm sau", "working days from the next day")),
        field("due_on", "… hoặc vào ngày", "… or on a date").kind(Kind::Date),
        field("plan", "Kế hoạch", "Plan").kind(Kind::Select(choices)),
        field("target", "Mã mục tiêu của kế hoạch", "Target of the plan")
            .hint(l.t("Ví dụ G2: nhiệm vụ hiện ở trang mục tiêu đó", "Such as G2: the task is shown on the page of that target")),
    ]
}
