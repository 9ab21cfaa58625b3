//! Every operation of `/api/v1` of figures, described once: for OpenAPI, for the readable page, and for the parser of its parameters.

use super::param::{self, In, Param};
use axum::http::Uri;
use ui::AppError;
use ui::api::Query;

/// What an operation answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A list of a schema, as JSON or CSV, and as GeoJSON where the flag is set.
    List(&'static str, bool),
    /// One object of a schema.
    One(&'static str),
    /// Something that is no data: this document, a page.
    Media(&'static str),
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub id: &'static str,
    /// Whether a role is needed at all.
    pub signed_in: bool,
    pub vi: &'static str,
    pub en: &'static str,
    pub says_vi: &'static str,
    pub says_en: &'static str,
    pub params: &'static [Param],
    /// Schema and example of the body.
    pub body: Option<(&'static str, &'static str)>,
    pub answer: Answer,
    /// Path and query of an example that works on the demonstration.
    pub example: &'static str,
    /// Codes of refusals special to it.
    pub errors: &'static [&'static str],
}

impl Operation {
    /// Reads the parameters of a request; those that are not described are refused.
    ///
    /// # Errors
    /// 400 `unknown_parameter`.
    pub fn read(&self, uri: &Uri) -> Result<Query, AppError> {
        let known: Vec<&str> = self.params.iter().filter(|p| p.place == In::Query).map(|p| p.name).collect();
        Query::read(uri, &known)
    }
}

/// Refusals that every reading of a list can meet.
const READ: &[&str] =
    &["unknown_parameter", "parameter_repeated", "parameter_missing", "parameter_invalid", "too_many_values", "cursor_invalid", "not_acceptable"];

pub(super) const MEASURES: Operation = Operation {
    method: "GET",
    path: "/api/v1/measures",
    id: "listMeasures",
    signed_in: false,
    vi: "Danh mục chỉ tiêu",
    en: "Measures",
    says_vi: "Mọi chỉ tiêu đang thu thập, mỗi chỉ tiêu ở phiên bản mới nhất, theo thứ tự của mã.",
    says_en: "Every measure in use, each in its newest version, in order of the codes.",
    params: &[param::LIMIT, param::NEXT, param::FLAT],
    body: None,
    answer: Answer::List("MeasureVersion", false),
    example: "/api/v1/measures?limit=2",
    errors: READ,
};
pub(super) const MEASURE: Operation = Operation {
    method: "GET",
    path: "/api/v1/measures/{code}",
    id: "getMeasure",
    signed_in: false,
    vi: "Một chỉ tiêu",
    en: "One measure",
    says_vi: "Mọi phiên bản định nghĩa của một chỉ tiêu, mới nhất trước. Số liệu luôn giữ phiên bản lúc nhập.",
    says_en: "Every version of the definition of a measure, the newest first. A figure keeps the version it was entered under.",
    params: &[param::CODE, param::FLAT],
    body: None,
    answer: Answer::List("MeasureVersion", false),
    example: "/api/v1/measures/so_ho",
    errors: &["unknown_measure", "unknown_parameter", "not_acceptable"],
};
pub(super) const FIGURES: Operation = Operation {
    method: "GET",
    path: "/api/v1/figures",
    id: "listFigures",
    signed_in: false,
    vi: "Số liệu",
    en: "Figures",
    says_vi: "Số liệu của các chỉ tiêu tại các nơi, xếp theo mã chỉ tiêu, kỳ, mã nơi. Chọn nơi bằng unit, hoặc bằng under và level; không chọn gì thì là cả nước. Tỷ lệ luôn kèm tử số, mẫu số và phần còn thiếu. GeoJSON cho tọa độ của từng nơi.",
    says_en: "Figures of measures at places, in order of measure, period and code of the place. Choose places by unit, or by under and level; without either, the country. A percentage always carries its two numbers and what is missing. GeoJSON adds where each place is.",
    params: &[param::MEASURES, param::PERIODS, param::UNITS, param::UNDER, param::LEVEL, param::TREE, param::LIMIT, param::NEXT, param::FORMAT],
    body: None,
    answer: Answer::List("Figure", true),
    example: "/api/v1/figures?measure=so_ho&period=2025&under=24&level=commune&limit=2",
    errors: &[
        "unknown_measure",
        "unknown_unit",
        "unit_not_on_map",
        "villages_not_public",
        "bad_period",
        "wrong_period",
        "parameter_conflict",
        "unknown_parameter",
        "parameter_repeated",
        "parameter_missing",
        "parameter_invalid",
        "too_many_values",
        "cursor_invalid",
        "not_acceptable",
    ],
};
pub(super) const TREND: Operation = Operation {
    method: "GET",
    path: "/api/v1/figures/trend",
    id: "figureTrend",
    signed_in: false,
    vi: "Diễn biến của một chỉ tiêu tại một nơi",
    en: "A measure at a place over time",
    says_vi: "Các kỳ liên tiếp, cũ nhất trước; kỳ chưa có nơi này thì không có giá trị.",
    says_en: "Periods in a row, the oldest first; a period before the place existed has no value.",
    params: &[param::MEASURE, param::UNIT, param::LAST, param::UNTIL, param::TREE, param::FLAT],
    body: None,
    answer: Answer::List("Figure", false),
    example: "/api/v1/figures/trend?measure=so_htx&unit=24&last=4",
    errors: &[
        "unknown_measure",
        "unknown_unit",
        "bad_period",
        "wrong_period",
        "unknown_parameter",
        "parameter_repeated",
        "parameter_missing",
        "parameter_invalid",
        "not_acceptable",
    ],
};
pub(super) const EXPLAIN: Operation = Operation {
    method: "GET",
    path: "/api/v1/figures/explain",
    id: "explainFigure",
    signed_in: false,
    vi: "Vì sao có số này?",
    en: "Why this number?",
    says_vi: "Mở một số liệu ra tới định nghĩa, công thức, các phần cộng thành, nơi cũ được chuyển sang, các dòng sổ cái và minh chứng. Người nhập, tệp và minh chứng chỉ hiện cho người có vai trò tại nơi đó.",
    says_en: "Opens a figure down to its definition, formula, the parts it adds up from, the former units it was carried from, its ledger lines and evidence. People, files and evidence are shown only to those with a role in the place.",
    params: &[param::MEASURE, param::UNIT, param::PERIOD, param::TREE],
    body: None,
    answer: Answer::One("Explained"),
    example: "/api/v1/figures/explain?measure=ty_le_htx_so&unit=24&period=2026-Q3",
    errors: &[
        "unknown_measure",
        "unknown_unit",
        "unit_not_on_map",
        "bad_period",
        "wrong_period",
        "unknown_parameter",
        "parameter_missing",
        "parameter_invalid",
    ],
};
pub(super) const EVIDENCE: Operation = Operation {
    method: "GET",
    path: "/api/v1/evidence",
    id: "listEvidence",
    signed_in: true,
    vi: "Kho minh chứng",
    en: "The evidence library",
    says_vi: "Tệp và đường dẫn minh chứng của các nơi bạn có vai trò, mới nhất trước, không kèm nội dung tệp. “total” là số dòng của trang này.",
    says_en: "Files and links that prove figures and criteria in the places where you hold a role, the newest first, without their bytes. “total” counts the items of this page.",
    params: &[param::Q, param::EVIDENCE_UNIT, param::EVIDENCE_STATE, param::LIMIT, param::NEXT, param::FLAT],
    body: None,
    answer: Answer::List("EvidenceNote", false),
    example: "/api/v1/evidence?state=expiring",
    errors: &[
        "unknown_unit",
        "unknown_parameter",
        "parameter_repeated",
        "parameter_invalid",
        "cursor_invalid",
        "not_acceptable",
        "sign_in_required",
        "role_required",
        "not_found",
    ],
};
pub(super) const COMPLETENESS: Operation = Operation {
    method: "GET",
    path: "/api/v1/completeness",
    id: "listCompleteness",
    signed_in: false,
    vi: "Đã báo cáo đủ chưa",
    en: "Completeness",
    says_vi: "Với từng nơi: bao nhiêu giá trị phải báo cáo trong kỳ, bao nhiêu đã duyệt, chờ duyệt, không áp dụng, còn thiếu; tính trên mọi chỉ tiêu nhập tay của kỳ, hoặc những chỉ tiêu được nêu.",
    says_en: "For each place: how many values are due in the period, how many are accepted, awaiting, not applicable or missing; over all entered measures of the period, or those named.",
    params: &[param::THE_PERIOD, param::UNDER, param::LEVEL, param::SOME_MEASURES, param::LIMIT, param::NEXT, param::FORMAT],
    body: None,
    answer: Answer::List("Completeness", true),
    example: "/api/v1/completeness?period=2026-Q3&under=24&level=commune&limit=2",
    errors: &[
        "unknown_measure",
        "unknown_unit",
        "unit_not_on_map",
        "villages_not_public",
        "bad_period",
        "wrong_period",
        "unknown_parameter",
        "parameter_repeated",
        "parameter_missing",
        "parameter_invalid",
        "too_many_values",
        "cursor_invalid",
        "not_acceptable",
    ],
};
pub(super) const ENTER: Operation = Operation {
    method: "POST",
    path: "/api/v1/figures",
    id: "enterFigures",
    signed_in: true,
    vi: "Nhập số liệu hàng loạt",
    en: "Enter figures in bulk",
    says_vi: "Tới 50.000 giá trị một lần. Mỗi dòng được nhận hoặc từ chối riêng; những dòng nhận được ghi cùng một lúc, hoặc không dòng nào. Cần vai trò cán bộ nhập liệu tại nơi báo cáo. submit = true thì nộp lên cấp trên, nếu không thì lưu nháp; dry_run = true chỉ thử. Số viết thành chữ số trong chuỗi, dấu chấm hoặc dấu phẩy trước phần thập phân, không dấu nghìn.",
    says_en: "Up to 50,000 values at once. Each row is taken or refused by itself; those taken are written together or not at all. Needs the role officer in the reporting unit. submit = true hands them to the level above, else they are drafts; dry_run = true only tries. Numbers are digits in a string, a point or comma before the decimals, no thousands marks.",
    params: &[param::KEY],
    body: Some((
        "EnterRequest",
        r#"{"period": "2026-Q3", "submit": true, "items": [{"unit": "07330", "measure": "so_htx", "value": "6"}, {"unit": "07330", "measure": "htx_so", "status": "not_known", "reason": "đang rà soát"}]}"#,
    )),
    answer: Answer::One("Entered"),
    example: "/api/v1/figures",
    errors: &[
        "idempotency_key_required",
        "idempotency_key_reused",
        "bad_body",
        "too_many_items",
        "bad_period",
        "sign_in_required",
        "role_required",
        "token_invalid",
        "token_scope",
        "too_large",
        "unsupported_media_type",
        "database_busy",
    ],
};
pub(super) const SUBMIT: Operation = Operation {
    method: "POST",
    path: "/api/v1/submissions",
    id: "submitPeriod",
    signed_in: true,
    vi: "Nộp số liệu của một kỳ",
    en: "Submit a period",
    says_vi: "Nộp mọi số liệu nháp của một nơi trong một kỳ lên cấp trên.",
    says_en: "Hands all drafts of a unit and period to the level above.",
    params: &[param::KEY],
    body: Some(("SubmitRequest", r#"{"unit": "07330", "period": "2026-Q3"}"#)),
    answer: Answer::One("Submission"),
    example: "/api/v1/submissions",
    errors: &[
        "idempotency_key_required",
        "idempotency_key_reused",
        "bad_body",
        "bad_period",
        "unknown_unit",
        "unknown_measure",
        "closed_period",
        "nothing_to_submit",
        "reason_for_correction",
        "unusual_change",
        "sign_in_required",
        "role_required",
        "token_invalid",
        "token_scope",
        "unsupported_media_type",
        "database_busy",
    ],
};
pub(super) const DECIDE: Operation = Operation {
    method: "POST",
    path: "/api/v1/acceptances",
    id: "decideFigures",
    signed_in: true,
    vi: "Duyệt hoặc trả lại",
    en: "Accept or return",
    says_vi: "decision = accept duyệt tất cả hoặc không số nào; decision = return trả lại đúng một số, kèm lý do. seq là số thứ tự dòng sổ cái bạn đã xem (ở figures/explain); nếu số đã đổi từ lúc đó thì không làm gì. Cần vai trò người duyệt ở cấp trên nơi báo cáo.",
    says_en: "decision = accept accepts all or none; decision = return gives exactly one back, with a reason. seq is the position of the ledger line you have seen (in figures/explain); if the figure changed since, nothing is done. Needs the role reviewer above the reporting unit.",
    params: &[param::KEY],
    body: Some(("DecideRequest", r#"{"decision": "accept", "items": [{"unit": "07330", "measure": "so_htx", "period": "2026-Q3", "seq": 1}]}"#)),
    answer: Answer::One("Decided"),
    example: "/api/v1/acceptances",
    errors: &[
        "idempotency_key_required",
        "idempotency_key_reused",
        "bad_body",
        "too_many_items",
        "one_at_a_time",
        "bad_period",
        "unknown_unit",
        "unknown_measure",
        "changed_meanwhile",
        "own_figure",
        "reason_required",
        "sign_in_required",
        "role_required",
        "token_invalid",
        "token_scope",
        "unsupported_media_type",
        "database_busy",
    ],
};
/// Answered by `access`, which knows no OpenAPI.
const ME: Operation = Operation {
    method: "GET",
    path: "/api/v1/me",
    id: "whoAmI",
    signed_in: true,
    vi: "Tôi là ai",
    en: "Who am I",
    says_vi: "Tài khoản hoặc mã truy cập đang gọi và các vai trò của nó hôm nay.",
    says_en: "The account or token that calls, and its roles today.",
    params: &[],
    body: None,
    answer: Answer::One("Me"),
    example: "/api/v1/me",
    errors: &["sign_in_required", "token_invalid", "password_change_required"],
};
/// Answered by `access`.
const ORGANISATIONS: Operation = Operation {
    method: "GET",
    path: "/api/v1/organisations",
    id: "listOrganisations",
    signed_in: false,
    vi: "Cơ quan, tổ chức của một nơi",
    en: "Organisations of a place",
    says_vi: "Các cơ quan, tổ chức mà một nơi có vào một ngày: UBND, HĐND, Đảng ủy, Mặt trận, sở, phòng, trung tâm. Luôn trả về một trang.",
    says_en: "The organisations that a place had on a day: committee, council, Party, Front, departments, centres. Always one page.",
    params: &[
        Param { place: In::Query, required: true, ..param::own("unit", "Id của nơi.", "Id of the place.") },
        Param { place: In::Query, ..param::own("on", "Ngày, ví dụ 2025-06-30; bỏ trống là hôm nay.", "Day, such as 2025-06-30; today without.") },
    ],
    body: None,
    answer: Answer::List("Organisation", false),
    example: "",
    errors: &[],
};
/// Answered by `access`.
const ORGANISATION: Operation = Operation {
    method: "GET",
    path: "/api/v1/organisations/{id}",
    id: "getOrganisation",
    signed_in: false,
    vi: "Một cơ quan, tổ chức",
    en: "One organisation",
    says_vi: "Một cơ quan, tổ chức với tên hôm nay, và ai kế thừa nếu nó đã kết thúc.",
    says_en: "One organisation by today's name, and who goes on with what it had if it ended.",
    params: &[Param { place: In::Path, required: true, ..param::own("id", "Id của cơ quan.", "Id of the organisation.") }],
    body: None,
    answer: Answer::One("Organisation"),
    example: "",
    errors: &["not_found"],
};
pub(super) const OPENAPI: Operation = Operation {
    method: "GET",
    path: "/api/v1/openapi.json",
    id: "openapi",
    signed_in: false,
    vi: "Mô tả OpenAPI 3.1",
    en: "OpenAPI 3.1 description",
    says_vi: "Tài liệu này cho máy đọc.",
    says_en: "This document for machines.",
    params: &[],
    body: None,
    answer: Answer::Media("application/json"),
    example: "/api/v1/openapi.json",
    errors: &["unknown_parameter"],
};
pub(super) const DOCS: Operation = Operation {
    method: "GET",
    path: "/api/v1/docs",
    id: "docs",
    signed_in: false,
    vi: "Trang hướng dẫn API",
    en: "Guide to the API",
    says_vi: "Tài liệu này cho người đọc.",
    says_en: "This document for people.",
    params: &[],
    body: None,
    answer: Answer::Media("text/html"),
    example: "/api/v1/docs",
    errors: &[],
};

/// All of them, in the order of the page.
pub(super) const ALL: [&Operation; 15] =
    [&MEASURES, &MEASURE, &FIGURES, &TREND, &EXPLAIN, &EVIDENCE, &COMPLETENESS, &ENTER, &SUBMIT, &DECIDE, &ME, &ORGANISATIONS, &ORGANISATION, &OPENAPI, &DOCS];
