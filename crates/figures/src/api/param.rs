//! Parameters, each described once in both languages: for the reader of the documents, and for the parser that refuses all others.

use super::asked::{LEVELS, TREES};
use serde_json::{Value, json};

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum In {
    Query,
    Path,
    Header,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    Text,
    /// Repeated, or with commas; at most so many.
    List(usize),
    Number(usize, usize, usize),
    Words(&'static [&'static str]),
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    pub name: &'static str,
    pub place: In,
    pub required: bool,
    pub takes: Takes,
    pub example: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
}

impl Param {
    /// As OpenAPI says it.
    pub fn openapi(&self) -> Value {
        let (place, required) = match self.place {
            In::Query => ("query", self.required),
            In::Path => ("path", true),
            In::Header => ("header", self.required),
        };
        let mut out = json!({
            "name": self.name, "in": place, "required": required, "schema": self.schema(),
            "description": self.en, "x-vi": self.vi,
        });
        if let (Takes::List(_), Some(map)) = (self.takes, out.as_object_mut()) {
            map.insert("style".into(), json!("form"));
            map.insert("explode".into(), json!(false));
        }
        if let (false, Some(map)) = (self.example.is_empty(), out.as_object_mut()) {
            let example = if let Takes::List(_) = self.takes { json!(self.example.split(',').collect::<Vec<_>>()) } else { json!(self.example) };
            let example = if let Takes::Number(..) = self.takes { json!(self.example.parse::<u32>().unwrap_or_default()) } else { example };
            map.insert("example".into(), example);
        }
        out
    }

    fn schema(&self) -> Value {
        match self.takes {
            Takes::Text => json!({"type": "string"}),
            Takes::List(most) => json!({"type": "array", "items": {"type": "string"}, "maxItems": most}),
            Takes::Number(least, most, default) => json!({"type": "integer", "minimum": least, "maximum": most, "default": default}),
            Takes::Words(words) => json!({"type": "string", "enum": words}),
        }
    }
}

const fn query(name: &'static str, takes: Takes, example: &'static str, vi: &'static str, en: &'static str) -> Param {
    Param { name, place: In::Query, required: false, takes, example, vi, en }
}

/// A text without an example, as a parameter of its own.
pub(super) const fn own(name: &'static str, vi: &'static str, en: &'static str) -> Param {
    query(name, Takes::Text, "", vi, en)
}
pub(super) const CODE: Param = Param { place: In::Path, ..query("code", Takes::Text, "so_ho", "Mã chỉ tiêu.", "Code of the measure.") };
pub(super) const MEASURES: Param = Param {
    required: true,
    ..query(
        "measure",
        Takes::List(100),
        "so_ho,thu_nhap_dau_nguoi",
        "Mã chỉ tiêu; lặp lại hoặc cách nhau bằng dấu phẩy.",
        "Codes of measures; repeated or separated by commas.",
    )
};
pub(super) const SOME_MEASURES: Param = Param { required: false, example: "", ..MEASURES };
pub(super) const MEASURE: Param = Param { takes: Takes::Text, example: "so_ho", vi: "Mã chỉ tiêu.", en: "Code of the measure.", ..MEASURES };
pub(super) const PERIODS: Param = query(
    "period",
    Takes::List(12),
    "2025",
    "Kỳ: 2026, 2026-H1, 2026-9M, 2026-Q3, 2026-06 hoặc 2026-06-14; kỳ dài hơn kỳ của chỉ tiêu được cộng từ các kỳ nhỏ. Bỏ trống: kỳ mới nhất đã kết thúc.",
    "Periods: 2026, 2026-H1, 2026-9M, 2026-Q3, 2026-06 or 2026-06-14; one longer than the measure's is made of its parts. Absent: the newest that has ended.",
);
pub(super) const PERIOD: Param = Param { takes: Takes::Text, ..PERIODS };
pub(super) const THE_PERIOD: Param =
    Param { required: true, example: "2026-Q3", vi: "Kỳ báo cáo, ví dụ 2026-Q3.", en: "Reporting period, such as 2026-Q3.", ..PERIOD };
pub(super) const UNITS: Param = query(
    "unit",
    Takes::List(200),
    "24,27",
    "Nơi: id, mã chính thức trên bản đồ được đọc, mã nhóm, hoặc vn (cả nước). Không dùng chung với under, level.",
    "Places: id, official code on the map that is read, code of a group, or vn for the country. Not with under or level.",
);
pub(super) const UNIT: Param = Param {
    required: true,
    takes: Takes::Text,
    example: "24",
    vi: "Nơi: id, mã chính thức trên bản đồ được đọc, mã nhóm, hoặc vn (cả nước).",
    en: "Place: id, official code on the map that is read, code of a group, or vn for the country.",
    ..UNITS
};
pub(super) const UNDER: Param = query(
    "under",
    Takes::Text,
    "24",
    "Mọi nơi dưới nơi này; một mình thì là cấp ngay bên dưới. Bỏ trống: cả nước.",
    "All places below this one; by itself those directly below. Absent: the country.",
);
pub(super) const LEVEL: Param = query(
    "level",
    Takes::Words(&LEVELS),
    "commune",
    "Cấp của các nơi cần đọc; có under mà không có level thì là cấp ngay bên dưới.",
    "Level of the places wanted; with under and without level, the one directly below.",
);
pub(super) const TREE: Param = query(
    "tree",
    Takes::Words(&TREES),
    "today",
    "Bản đồ: then là lúc cuối kỳ, today là hôm nay (số liệu được chuyển theo quy tắc của chỉ tiêu).",
    "Map: then, as it was at the end of the period, or today (figures are carried by the rule of the measure).",
);
pub(super) const LIMIT: Param = query("limit", Takes::Number(1, 5_000, 500), "100", "Số mục mỗi trang.", "Items of a page.");
pub(super) const NEXT: Param = query("next", Takes::Text, "", "Con trỏ “next” của trang trước.", "The cursor “next” of the page before.");
pub(super) const FORMAT: Param = query(
    "format",
    Takes::Words(&["json", "csv", "geojson"]),
    "csv",
    "Dạng dữ liệu; thay cho header Accept (application/json, text/csv, application/geo+json).",
    "Form of the answer, instead of the header Accept (application/json, text/csv, application/geo+json).",
);
pub(super) const FLAT: Param = Param {
    takes: Takes::Words(&["json", "csv"]),
    vi: "Dạng dữ liệu; thay cho header Accept (application/json, text/csv).",
    en: "Form of the answer, instead of the header Accept (application/json, text/csv).",
    ..FORMAT
};
pub(super) const Q: Param = query(
    "q",
    Takes::Text,
    "bao cao",
    "Từ trong tên tệp, số, nơi ban hành; có dấu hay không dấu đều được.",
    "Words of the name, number or issuer, with or without tones.",
);
pub(super) const EVIDENCE_UNIT: Param = query(
    "unit",
    Takes::Text,
    "24",
    "Chỉ của nơi này: id hoặc mã chính thức; tỉnh thì gồm mọi nơi bên dưới.",
    "Only of this place: id or official code; of a province, everything below it.",
);
pub(super) const EVIDENCE_STATE: Param = query(
    "state",
    Takes::Words(&["expired", "expiring", "unscanned", "infected", "unused"]),
    "expiring",
    "Chỉ tệp hết hạn, sắp hết hạn (60 ngày), chưa quét, có mã độc hoặc không gắn với gì.",
    "Only what has ended, ends within 60 days, is not scanned, is infected, or proves nothing now.",
);
pub(super) const LAST: Param = query("last", Takes::Number(1, 60, 12), "8", "Số kỳ, tính lùi từ until.", "How many periods, back from until.");
pub(super) const UNTIL: Param =
    query("until", Takes::Text, "2026-Q3", "Kỳ cuối. Bỏ trống: kỳ mới nhất đã kết thúc.", "The last period. Absent: the newest that has ended.");
pub(super) const KEY: Param = Param {
    place: In::Header,
    required: true,
    ..query(
        "Idempotency-Key",
        Takes::Text,
        "bao-cao-q3-07330-1",
        "Tên riêng của lần gửi, 1–128 ký tự ASCII, bạn tự đặt. Gửi lại cùng tên và cùng nội dung thì nhận lại câu trả lời cũ, không ghi hai lần; giữ 30 ngày.",
        "Your own name of this request, 1 to 128 visible ASCII characters. The same name with the same body gets the same answer and writes nothing twice; kept for 30 days.",
    )
};
