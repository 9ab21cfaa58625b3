//! A report as it is now: its words with the figures put in, tables, drawings, and every number with its source.

use super::fact::Fact;
use super::refs::{Run, parse};
use super::service::Report;
use super::template::{Block, Section, Template};
use crate::Programme;
use crate::funding::{Source, Stage, money_words};
use crate::pages::words;
use crate::task::{Asked, Late, Seen, State, headline, last_day, late_words, party};
use access::{Context, db_error};
use calendar::Period;
use figures::pages::Said;
use figures::{Ask, FigureView, Known, Tree};
use jiff::civil::Date;
use places::Level;
use print::{Cell, Column, Kind, Table};
use std::collections::BTreeMap;
use std::sync::Arc;
use ui::chart::{BarItem, Trend, TrendPoint, bars_svg, trend_svg};
use ui::{AppError, Lang, Tone};
use uuid::Uuid;

/// Reports are in Vietnamese, the language of the form.
const L: Lang = Lang::Vi;
/// Units of a table of places; more stand in the appendix.
const PLACES: usize = 60;
/// Tasks of a table.
const TASKS: usize = 40;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A number, by its place in [`Composed::facts`].
    Fact(usize),
}

/// A piece of the body.
#[derive(Clone, Debug)]
pub enum Part {
    /// A heading with its number.
    Heading(u8, String),
    /// A paragraph.
    Line(Vec<Piece>),
    /// A table.
    Table(Table),
    /// A drawing and its words.
    Drawing(String, String),
    /// Small print.
    Note(String),
}

/// A report put together.
#[derive(Clone, Debug, Default)]
pub struct Composed {
    /// Body.
    pub parts: Vec<Part>,
    /// Every number in it.
    pub facts: Vec<Fact>,
    /// Tables that only the appendix has in full.
    pub more: Vec<Table>,
}

impl Composed {
    /// A number in words.
    pub fn said(&self, nth: usize) -> &str {
        self.facts.get(nth).map_or("", |f| f.shown.as_str())
    }
}

/// What a composition needs on its way.
struct Work<'a> {
    p: &'a Programme,
    ctx: &'a Context,
    report: &'a Report,
    place: String,
    day: Date,
    out: Composed,
}

impl Programme {
    /// Puts a report together from its words and the figures of now. Figures are those of everybody: drafts do not count.
    ///
    /// # Errors
    /// What the database says.
    pub async fn compose(&self, ctx: &Context, report: &Report, template: &Template) -> Result<Composed, AppError> {
        let day = report.period.last_day().min(ctx.today());
        let place = self.atlas().full_name(report.unit, day);
        let mut work = Work { p: self, ctx, report, place, day, out: Composed::default() };
        if ctx.demo || report.synthetic {
            work.out.parts.push(Part::Note("Số liệu trong văn bản này là số liệu minh họa, do máy tạo ra để dùng thử, không phải số thật.".to_owned()));
        }
        let (mut first, mut second) = (0_usize, 0_usize);
        for section in &template.section {
            let number = if section.depth == 1 {
                (first, second) = (first + 1, 0);
                roman(first)
            } else {
                second += 1;
                second.to_string()
            };
            work.out.parts.push(Part::Heading(section.depth, format!("{number}. {}", section.heading)));
            let words = report.sections.iter().find(|s| s.code == section.code).map_or(section.words.as_str(), |s| s.words.as_str());
            work.words(words).await?;
            work.block(section, template).await?;
        }
        let at = crate::task::moment(calendar::micros(ctx.at));
        work.out.parts.push(Part::Note(format!("Số liệu lấy từ Cổng Làng lúc {at}; mỗi số có nguồn, tình trạng và định nghĩa ở phụ lục Excel kèm theo.")));
        if !template.official {
            work.out.parts.push(Part::Note(format!("Bố cục: {}.", template.source)));
        }
        Ok(work.out)
    }
}

/// The period of a measure that a report of a period shows: the same where it can be read so, else the last that had ended by then.
fn period_of(known: &Known, report: Period) -> Option<Period> {
    if known.measure.takes(report) || !report.within(known.measure.def.period).is_empty() {
        return Some(report);
    }
    let last = Period::containing(known.measure.def.period, report.last_day(), &known.cutoff)?;
    if last.last_day() <= report.last_day() { Some(last) } else { last.previous() }
}

/// Whether a measure can be asked for a place of this level: those of higher levels than its reporters do not say anything below.
fn speaks(known: &Known, level: Option<Level>) -> bool {
    level.is_none_or(|level| level <= known.measure.def.level)
}

impl Work<'_> {
    async fn words(&mut self, words: &str) -> Result<(), AppError> {
        for line in words.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let mut pieces = Vec::new();
            // What cannot be read as a reference stays as it was written.
            for run in parse(line).unwrap_or_else(|_| vec![Run::Text(line.to_owned())]) {
                pieces.push(match run {
                    Run::Text(text) => Piece::Text(text),
                    Run::Figure { code, before } => match self.figure(&code, before).await? {
                        Some(nth) => Piece::Fact(nth),
                        None => Piece::Text(format!("[không có chỉ tiêu {code}]")),
                    },
                });
            }
            self.out.parts.push(Part::Line(pieces));
        }
        Ok(())
    }

    async fn figure(&mut self, code: &str, before: bool) -> Result<Option<usize>, AppError> {
        let Some((known, mut period)) = self.known(code) else { return Ok(None) };
        if before {
            let Some(earlier) = period.previous() else { return Ok(None) };
            period = earlier;
        }
        let view = self.read(&known, &[period]).await?.pop();
        Ok(view.map(|v| self.keep(&v)))
    }

    fn known(&self, code: &str) -> Option<(Arc<Known>, Period)> {
        let catalog = self.p.figures().catalog();
        let newest = catalog.coded(code)?;
        let period = period_of(newest, self.report.period)?;
        let known = catalog.for_period(newest.measure.id, period).unwrap_or(newest);
        (known.measure.def.public || self.p.figures().may_see(self.ctx, known, self.report.unit)).then(|| (Arc::clone(known), period))
    }

    async fn read(&self, known: &Arc<Known>, periods: &[Period]) -> Result<Vec<FigureView>, AppError> {
        let asks: Vec<Ask> = periods.iter().map(|period| Ask { known: Arc::clone(known), period: *period, tree: Tree::Then }).collect();
        self.p.figures().read_many(&asks, self.report.unit).await.map_err(db_error)
    }

    /// Keeps a figure among the numbers of the report; where it stands there.
    fn keep(&mut self, v: &FigureView) -> usize {
        let def = &v.known.measure.def;
        let said = Said::of(v, L);
        let place = self.p.atlas().full_name(v.place, self.day);
        let fact = Fact {
            key: format!("figure:{}:{}:{}", def.code, v.period, v.place),
            title: def.title_vi.clone(),
            place,
            when: v.period.label_vi(),
            shown: said.value.clone().unwrap_or_else(|| format!("({})", said.status)),
            value: v.value.map(|d| d.to_string()),
            n_of: said.n_of,
            status: said.status,
            version: def.version,
            definition: def.definition_vi.clone(),
            href: format!("/why?measure={}&unit={}&period={}", def.code, v.place, v.period),
        };
        self.push(fact)
    }

    fn push(&mut self, fact: Fact) -> usize {
        if let Some(at) = self.out.facts.iter().position(|f| f.key == fact.key) {
            return at;
        }
        self.out.facts.push(fact);
        self.out.facts.len() - 1
    }

    /// Keeps a sum that is no measure.
    fn sum(&mut self, key: &str, title: &str, shown: String, value: i64, href: String) {
        let fact = Fact {
            key: key.to_owned(),
            title: title.to_owned(),
            place: self.place.clone(),
            when: lang::show::short_date(self.day),
            shown,
            value: Some(value.to_string()),
            n_of: String::new(),
            status: "tính từ nhiệm vụ, kinh phí trên Cổng Làng".to_owned(),
            version: 0,
            definition: String::new(),
            href,
        };
        self.push(fact);
    }

    async fn block(&mut self, section: &Section, template: &Template) -> Result<(), AppError> {
        // The programme reports its own tasks; a province all that were given there.
        let tasks_of = if template.level == Level::Nation { template.plan.as_str() } else { "" };
        match section.block {
            Block::None => Ok(()),
            Block::Figures => self.figures(&section.measures).await,
            Block::Places => self.places(&section.measures).await,
            Block::Trend => self.trend(&section.measures).await,
            Block::Tasks => self.tasks(false, tasks_of).await,
            Block::Late => self.tasks(true, tasks_of).await,
            Block::Money => self.money().await,
            Block::Arrears => self.arrears().await,
            Block::Targets => self.targets(&template.plan).await,
        }
    }

    async fn figures(&mut self, codes: &[String]) -> Result<(), AppError> {
        let level = self.p.atlas().unit(self.report.unit).map(|u| u.level);
        let mut rows = Vec::new();
        for code in codes {
            let Some((known, period)) = self.known(code).filter(|(k, _)| speaks(k, level)) else { continue };
            let periods: Vec<Period> = period.previous().into_iter().chain([period]).collect();
            let views = self.read(&known, &periods).await?;
            let Some(now) = views.last() else { continue };
            let before = views.first().filter(|_| views.len() > 1).and_then(|v| Said::of(v, L).value);
            let nth = self.keep(now);
            if let Some(fact) = self.out.facts.get(nth) {
                rows.push(vec![
                    Cell::Int(i64::try_from(rows.len()).unwrap_or(0) + 1),
                    Cell::Text(fact.title.clone()),
                    Cell::Text(fact.when.clone()),
                    Cell::Text(fact.cell()),
                    Cell::Text(fact.n_of.clone()),
                    Cell::Text(before.unwrap_or_default()),
                    Cell::Text(fact.status.clone()),
                ]);
            }
        }
        if rows.is_empty() {
            self.out.parts.push(Part::Note("Chưa có chỉ tiêu nào để trình bày ở mục này.".to_owned()));
            return Ok(());
        }
        let head = |t: &str| Column::new(t, Kind::Text);
        let columns = vec![
            Column::new("TT", Kind::Number { decimals: 0 }),
            head("Chỉ tiêu"),
            head("Kỳ số liệu"),
            head("Kết quả"),
            head("n/N"),
            head("Kỳ trước"),
            head("Tình trạng"),
        ];
        self.out.parts.push(Part::Table(Table { columns, rows, ..Table::default() }));
        Ok(())
    }

    async fn trend(&mut self, codes: &[String]) -> Result<(), AppError> {
        for code in codes {
            let Some((known, period)) = self.known(code) else { continue };
            let mut periods = vec![period];
            while let Some(earlier) = periods.last().and_then(|p| p.previous()).filter(|_| periods.len() < 6) {
                periods.push(earlier);
            }
            periods.reverse();
            let views = self.read(&known, &periods).await?;
            if let Some(now) = views.last() {
                self.keep(now);
                let text = Said::finding(now, &self.place, L);
                if views.iter().filter(|v| v.value.is_some()).count() >= 2 {
                    let number = |v: &FigureView| v.value.and_then(|d| d.to_string().parse::<f64>().ok());
                    let points = views
                        .iter()
                        .map(|v| TrendPoint { label: v.period.label_axis(), value: number(v), value_text: Said::of(v, L).value.unwrap_or_default() })
                        .collect();
                    let suffix = if now.is_percent() { "%".to_owned() } else { String::new() };
                    let svg = trend_svg(&Trend { lang: L, title: text.clone(), points, target: None, suffix });
                    self.out.parts.push(Part::Drawing(svg, format!("{}: {}", known.measure.def.title_vi, text)));
                } else {
                    self.out.parts.push(Part::Line(vec![Piece::Text(format!("{text}."))]));
                }
            }
        }
        Ok(())
    }

    async fn places(&mut self, codes: &[String]) -> Result<(), AppError> {
        for code in codes {
            let Some((known, period)) = self.known(code) else { continue };
            let ask = Ask { known: Arc::clone(&known), period, tree: Tree::Then };
            let below = match self.p.atlas().unit(self.report.unit).map(|u| u.level) {
                Some(Level::Nation) => Level::Province,
                _ => known.measure.def.level,
            };
            let mut views: Vec<FigureView> =
                self.p.figures().read_level(&ask, self.report.unit, below).await.map_err(db_error)?.into_iter().filter(|v| v.of > 0).collect();
            views.sort_by_key(|v| (v.value.is_none(), std::cmp::Reverse(v.value)));
            let percent = views.iter().any(FigureView::is_percent);
            let most = views.iter().filter_map(|v| v.value).max();
            let name = |p: &Programme, v: &FigureView, day| p.atlas().full_name(v.place, day);
            let items: Vec<BarItem> = views
                .iter()
                .take(12)
                .map(|v| BarItem {
                    label: name(self.p, v, self.day),
                    value_text: Said::of(v, L).value.unwrap_or_else(|| "chưa có".to_owned()),
                    share: share(v, percent, most),
                    n_of_text: Said::of(v, L).n_of,
                    tone: Tone::Good,
                    ..BarItem::default()
                })
                .collect();
            let title = format!("{} – {}", known.measure.def.title_vi, period.label_vi());
            if items.len() > 1 {
                self.out.parts.push(Part::Drawing(bars_svg(&title, &items), format!("{title}: {} nơi cao nhất", items.len())));
            }
            let mut rows = Vec::new();
            for v in &views {
                let nth = self.keep(v);
                if let Some(fact) = self.out.facts.get(nth) {
                    let number = Cell::Int(i64::try_from(rows.len()).unwrap_or(0) + 1);
                    rows.push(vec![
                        number,
                        Cell::Text(fact.place.clone()),
                        Cell::Text(fact.cell()),
                        Cell::Text(fact.n_of.clone()),
                        Cell::Text(fact.status.clone()),
                    ]);
                }
            }
            let head = |t: &str| Column::new(t, Kind::Text);
            let columns = vec![Column::new("TT", Kind::Number { decimals: 0 }), head("Nơi"), head("Kết quả"), head("n/N"), head("Tình trạng")];
            let full = Table { title, columns, rows, ..Table::default() };
            let mut short = full.clone();
            if short.rows.len() > PLACES {
                short.notes.push(format!("Bảng này có {PLACES} trên {} nơi; phụ lục Excel có đủ.", short.rows.len()));
                short.rows.truncate(PLACES);
            }
            self.out.parts.push(Part::Table(short));
            self.out.more.push(full);
        }
        Ok(())
    }

    async fn tasks(&mut self, late: bool, plan: &str) -> Result<(), AppError> {
        let asked = Asked { unit: Some(self.report.unit), late, plan: plan.to_owned(), ..Asked::default() };
        let tasks: Vec<Seen> = self.p.tasks(self.ctx, &asked).await?.into_iter().filter(|s| s.task.state != State::Cancelled).collect();
        let href = format!("/tasks?unit={}", self.report.unit);
        let count = |f: &dyn Fn(&Seen) -> bool| i64::try_from(tasks.iter().filter(|s| f(s)).count()).unwrap_or(0);
        let (all, done) = (count(&|_| true), count(&|s| matches!(s.task.state, State::Done | State::Confirmed)));
        let (open, over) = (count(&|s| s.task.state.open()), count(&Seen::is_late));
        for (key, title, n) in [
            ("tasks:all", "Nhiệm vụ", all),
            ("tasks:done", "Nhiệm vụ đã xong", done),
            ("tasks:open", "Nhiệm vụ còn phải làm", open),
            ("tasks:late", "Nhiệm vụ đang trễ", over),
        ] {
            self.sum(key, title, n.to_string(), n, href.clone());
        }
        let line = if all == 0 {
            "Chưa có nhiệm vụ nào được ghi trên hệ thống.".to_owned()
        } else {
            format!(
                "Đến ngày {}, có {all} nhiệm vụ: {done} đã xong, {open} còn phải làm, trong đó {over} đang trễ hạn.",
                lang::show::short_date(self.ctx.today())
            )
        };
        self.out.parts.push(Part::Line(vec![Piece::Text(line)]));
        if tasks.is_empty() {
            return Ok(());
        }
        let head = |t: &str| Column::new(t, Kind::Text);
        let columns = vec![head("Nhiệm vụ"), head("Chủ trì"), head("Hạn"), head("Trạng thái"), head("So với hạn")];
        let row = |s: &Seen| {
            let against = if matches!(s.late, Late::None) { String::new() } else { late_words(s, L).1 };
            vec![
                Cell::Text(headline(&s.task)),
                Cell::Text(party(self.p, &s.task.owner, self.day)),
                Cell::Text(last_day(s, L)),
                Cell::Text(s.task.state.label(L).to_owned()),
                Cell::Text(against),
            ]
        };
        let notes = if tasks.len() > TASKS {
            vec![format!("Bảng này có {TASKS} trên {} nhiệm vụ; phụ lục Excel có đủ.", tasks.len())]
        } else {
            Vec::new()
        };
        let table =
            Table { title: "Tiến độ nhiệm vụ".to_owned(), columns, rows: tasks.iter().take(TASKS).map(row).collect(), notes, ..Table::default() };
        self.out.parts.push(Part::Table(table));
        self.out.more.push(crate::task::task_table(self.p, self.ctx, &tasks));
        Ok(())
    }

    async fn money(&mut self) -> Result<(), AppError> {
        let year = self.report.period.in_year();
        let m = self.p.money_under(self.ctx, self.report.unit, Some(year), "").await?;
        let href = format!("/tasks/money?unit={}&year={year}", self.report.unit);
        let all = m.all.all();
        for stage in Stage::ALL {
            let (key, title) = (format!("money:{}:{year}", stage.word()), format!("Kinh phí {} năm {year}", stage.label(L)));
            self.sum(&key, &title, money_words(all.at(stage), L), all.at(stage), href.clone());
        }
        let owed: i64 = self.p.arrears_under(self.ctx, self.report.unit).await?.values().map(|v| v.0).fold(0, i64::saturating_add);
        self.sum("arrears", "Nợ đọng xây dựng cơ bản", money_words(owed, L), owed, format!("/tasks/works?unit={}", self.report.unit));
        let line = if m.all.empty() {
            format!("Chưa ghi kinh phí năm {year} của nhiệm vụ nào trên hệ thống.")
        } else {
            format!("Năm {year}: kế hoạch {}, đã bố trí {}, đã chi {}.", money_words(all.planned, L), money_words(all.allocated, L), money_words(all.spent, L))
        };
        self.out.parts.push(Part::Line(vec![Piece::Text(line)]));
        self.out.parts.push(Part::Line(vec![Piece::Text(format!("Nợ đọng xây dựng cơ bản ở các công trình đã ghi sổ: {}.", money_words(owed, L)))]));
        if m.all.empty() {
            return Ok(());
        }
        let millions = |n: i64| Cell::Number(crate::funding::millions(n));
        let mut rows: Vec<Vec<Cell>> = m
            .all
            .sources()
            .into_iter()
            .map(|s: Source| {
                let a = m.all.source(s);
                let own = m.all.in_kind(s);
                let name = if s.money() { s.label(L).to_owned() } else { format!("{} ({} {})", s.label(L), L.number(own.planned.into(), 0), s.unit()) };
                vec![Cell::Text(name), millions(a.planned), millions(a.allocated), millions(a.spent)]
            })
            .collect();
        rows.push(vec![Cell::Text("Cộng".to_owned()), millions(all.planned), millions(all.allocated), millions(all.spent)]);
        let number = |t: &str| Column::new(t, Kind::Number { decimals: 1 });
        let table = Table {
            title: format!("Kinh phí theo nguồn, năm {year} (triệu đồng)"),
            columns: vec![Column::new("Nguồn", Kind::Text), number("Kế hoạch"), number("Đã bố trí"), number("Đã chi")],
            rows,
            ..Table::default()
        };
        self.out.parts.push(Part::Table(table));
        self.out.more.push(crate::funding::table(&m, L));
        Ok(())
    }

    /// The targets of a plan as they are computed, each with its verdict in words; its number is one of the report's.
    async fn targets(&mut self, plan: &str) -> Result<(), AppError> {
        let register = self.p.register();
        let Some(plan) = register.plan(plan).cloned() else { return Ok(()) };
        let mut rows = Vec::new();
        for t in self.p.progress(self.ctx, &plan, self.report.unit, false).await? {
            let target = &t.held.target;
            let n_of = words::parts(&t, L);
            let when = t.period.map(|p| p.label_vi()).unwrap_or_default();
            // Without a value what is missing is said; with one, how many places are.
            let gaps = t.tally.missing + t.tally.awaiting;
            let more = match (t.tally.value, gaps) {
                (None, _) => format!(": {}", words::lacks(&t, L).join("; ")),
                (_, 0) => String::new(),
                (_, n) => format!(", còn {} nơi chưa có số", words::whole(n, L)),
            };
            let verdict = t.verdict.label().0;
            let fact = Fact {
                key: format!("target:{}:{}:{}", plan.def.plan.code, target.code, self.report.unit),
                title: target.title_vi.clone(),
                place: self.place.clone(),
                when: when.clone(),
                shown: words::value(&t, L).unwrap_or_else(|| "(chưa có số)".to_owned()),
                value: t.tally.value.map(|v| v.to_string()),
                n_of: n_of.clone(),
                status: format!("{verdict}{more}"),
                version: 0,
                definition: t.reading.as_ref().map(|r| r.title_vi.clone()).unwrap_or_default(),
                href: format!("/plans/{}/targets/{}", plan.def.plan.code, ui::percent_encode(&target.code)),
            };
            let required = words::required(&t, L);
            rows.push(
                [&target.code, &target.title_vi, &required, &fact.cell(), &n_of, &when, &fact.status].map(|text| Cell::Text(text.trim().to_owned())).to_vec(),
            );
            self.push(fact);
        }
        let head = |t: &str| Column::new(t, Kind::Text);
        let columns = vec![head("Mã"), head("Mục tiêu"), head("Mức"), head("Kết quả"), head("n/N"), head("Kỳ số liệu"), head("Đánh giá")];
        let notes = vec![format!("Cách đếm từng mục tiêu và danh sách nơi chưa đạt: trang kế hoạch /plans/{} trên Cổng Làng.", plan.def.plan.code)];
        self.out.parts.push(Part::Table(Table { title: "Kết quả thực hiện mục tiêu".to_owned(), columns, rows, notes, ..Table::default() }));
        Ok(())
    }

    async fn arrears(&mut self) -> Result<(), AppError> {
        let owed: BTreeMap<Uuid, (i64, usize)> = self.p.arrears_under(self.ctx, self.report.unit).await?;
        let mut list: Vec<(&Uuid, &(i64, usize))> = owed.iter().filter(|o| o.1.0 > 0).collect();
        list.sort_by_key(|o| std::cmp::Reverse(o.1.0));
        let rows = list
            .iter()
            .map(|(id, (sum, count))| {
                vec![
                    Cell::Text(self.p.atlas().full_name(**id, self.day)),
                    Cell::Int(i64::try_from(*count).unwrap_or(0)),
                    Cell::Number(crate::funding::millions(*sum)),
                ]
            })
            .collect();
        let columns = vec![
            Column::new("Đơn vị", Kind::Text),
            Column::new("Công trình", Kind::Number { decimals: 0 }),
            Column::new("Nợ đọng (triệu đồng)", Kind::Number { decimals: 1 }),
        ];
        self.out.parts.push(Part::Table(Table { title: "Nợ đọng xây dựng cơ bản".to_owned(), columns, rows, ..Table::default() }));
        Ok(())
    }
}

fn share(v: &FigureView, percent: bool, most: Option<rust_decimal::Decimal>) -> f64 {
    let of = if percent { Some(rust_decimal::Decimal::ONE_HUNDRED) } else { most };
    let part = v.value.zip(of).and_then(|(n, of)| n.checked_div(of));
    part.and_then(|d| d.to_string().parse().ok()).unwrap_or(f64::NAN)
}

/// Roman numbers of headings.
fn roman(n: usize) -> String {
    let signs = [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let (mut left, mut out) = (n, String::new());
    for (value, sign) in signs {
        while left >= value {
            out.push_str(sign);
            left -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn headings_count_as_romans_did() {
        let all: Vec<String> = (1..=12).map(super::roman).collect();
        assert_eq!(all.join(" "), "I II III IV V VI VII VIII IX X XI XII");
    }
}
