//! Every stable code with which `/api/v1` refuses, and what it means. `type` of a problem links here: `/api/v1/docs#<code>`.

/// A code and its meaning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    pub code: &'static str,
    /// HTTP status; 0 for one that stands only in the result of a row.
    pub status: u16,
    pub vi: &'static str,
    pub en: &'static str,
}

const fn p(code: &'static str, status: u16, vi: &'static str, en: &'static str) -> Problem {
    Problem { code, status, vi, en }
}

/// In order of status, then code.
pub(super) const ALL: &[Problem] = &[
    p("bad_body", 400, "Nội dung JSON không đọc được; “at” nói dòng và cột.", "The JSON body cannot be read; “at” names line and column."),
    p("bad_period", 400, "Kỳ viết sai, ví dụ đúng: 2026-Q3.", "The period is not written right, such as 2026-Q3."),
    p("bad_request", 400, "Yêu cầu không đọc được.", "The request cannot be read."),
    p("cursor_invalid", 400, "Con trỏ “next” không thuộc danh sách này.", "The cursor “next” does not belong to this list."),
    p("date_unreadable", 422, "Ngày viết sai, ví dụ đúng: 30/6/2025.", "The date is not written right, such as 30/6/2025."),
    p("idempotency_key_required", 400, "Thiếu header Idempotency-Key, hoặc viết sai.", "The header Idempotency-Key is missing or not right."),
    p("parameter_conflict", 400, "Hai tham số không dùng chung được.", "Two parameters that do not go together."),
    p("parameter_invalid", 400, "Giá trị của một tham số chưa đúng.", "The value of a parameter is not right."),
    p("parameter_missing", 400, "Thiếu một tham số bắt buộc.", "A required parameter is missing."),
    p("parameter_repeated", 400, "Tham số chỉ được có một lần.", "A parameter that may be given once."),
    p("too_many_values", 400, "Danh sách trong một tham số quá dài.", "The list of a parameter is too long."),
    p("unknown_parameter", 400, "Tên tham số không có; câu trả lời kể các tên dùng được.", "There is no such parameter; the answer lists those there are."),
    p("wrong_period", 400, "Chỉ tiêu không báo cáo theo loại kỳ này.", "The measure is not reported for such a period."),
    p("sign_in_required", 401, "Cần mã truy cập hoặc đăng nhập.", "A token or a sign-in is needed."),
    p("token_invalid", 401, "Mã truy cập sai, hết hạn hoặc đã thu hồi.", "The token is wrong, expired or revoked."),
    p("cross_site", 403, "Yêu cầu gửi từ một trang khác.", "Sent from another site."),
    p("own_figure", 403, "Không tự duyệt số mình nhập.", "One cannot accept one's own figure."),
    p("password_change_required", 403, "Mật khẩu dùng một lần cần được thay trước.", "The one-time password must be replaced first."),
    p("proof_required", 403, "Việc này cần chứng tỏ lại là chính bạn vừa xong.", "This needs a fresh proof that it is you."),
    p("person_required", 403, "Việc này không làm được bằng mã truy cập.", "This cannot be done with a token."),
    p(
        "other_body",
        403,
        "Việc của Ủy ban nhân dân; người gọi làm việc ở Mặt trận, Đảng ủy hay Hội đồng nhân dân.",
        "Up to the People's Committee; the caller acts for the Front, the Party or the Council.",
    ),
    p("role_required", 403, "Mã truy cập hay tài khoản không có vai trò cần thiết tại nơi này.", "The token or account lacks the role in this place."),
    p(
        "token_scope",
        403,
        "Mã truy cập không được tạo cho phần này của API, hoặc chỉ được đọc.",
        "The token was not made for this part of the API, or only to read.",
    ),
    p("not_found", 404, "Không có địa chỉ này.", "There is no such address."),
    p("unit_not_on_map", 404, "Nơi này không có trên bản đồ của ngày được đọc.", "The place is not on the map that is read."),
    p("unknown_change", 404, "Không có thay đổi địa giới này.", "There is no such change of units."),
    p("unknown_group", 404, "Không có nhóm này.", "There is no such group."),
    p("unknown_measure", 404, "Không có chỉ tiêu này, hoặc không công khai.", "There is no such measure, or it is not public."),
    p("unknown_unit", 404, "Không có nơi này vào ngày đó.", "There is no such place on that day."),
    p(
        "villages_not_public",
        404,
        "Số liệu từng thôn chỉ dành cho người có vai trò tại địa bàn.",
        "Figures of single villages are for those with a role in the place.",
    ),
    p("method_not_allowed", 405, "Địa chỉ này không nhận phương thức đó.", "The address does not take that method."),
    p("not_acceptable", 406, "Không có dạng dữ liệu được yêu cầu.", "None of the forms asked for is offered."),
    p("changed_meanwhile", 409, "Số liệu đã đổi từ lúc bạn xem; không có gì được ghi.", "The figure changed since you saw it; nothing was written."),
    p("closed_period", 409, "Kỳ đã khóa sổ; ở kết quả từng dòng cũng dùng mã này.", "The period is closed; also in the result of a row."),
    p("conflict", 409, "Hai người ghi cùng lúc; gửi lại.", "Two writers met; send again."),
    p("idempotency_key_reused", 409, "Idempotency-Key đã dùng cho nội dung khác.", "The Idempotency-Key was used for another body."),
    p("nothing_to_submit", 409, "Không có số liệu nháp nào để nộp.", "There is no draft to submit."),
    p("too_large", 413, "Nội dung quá lớn.", "The body is too large."),
    p("unsupported_media_type", 415, "Nội dung phải là application/json.", "The body must be application/json."),
    p("one_at_a_time", 422, "Duyệt ít nhất một số; trả lại đúng một số.", "Accept at least one figure; return exactly one."),
    p("reason_required", 422, "Trả lại phải có lý do.", "A return needs a reason."),
    p("too_many_items", 422, "Quá nhiều dòng trong một lần gửi.", "Too many rows in one request."),
    p("unprocessable", 422, "Nội dung không xử lý được.", "The body cannot be processed."),
    p("internal", 500, "Lỗi của máy chủ, đã được ghi lại; báo kèm request_id.", "A fault of ours, recorded; tell us the request_id."),
    p(
        "database_busy",
        503,
        "Hệ thống bận ghi; thử lại sau vài giây với cùng Idempotency-Key.",
        "Busy writing; try again in seconds with the same Idempotency-Key.",
    ),
    p("database_read_only", 503, "Hiện chỉ đọc được.", "For the moment only reading works."),
    p("database_unavailable", 503, "Cơ sở dữ liệu không trả lời.", "The database does not answer."),
    p("ambiguous_number", 0, "Số có thể hiểu hai cách, như 1,234.", "A number with two readings, such as 1,234."),
    p("changed_by_other", 0, "Người khác vừa ghi số này (so với “seen”).", "Somebody else wrote the figure meanwhile (by “seen”)."),
    p("closed_unit", 0, "Nơi này không tồn tại vào cuối kỳ.", "The place did not exist at the end of the period."),
    p("recorded_measure", 0, "Chỉ tiêu do hệ thống ghi, không nhập.", "The measure is recorded by the platform, not entered."),
    p("computed_measure", 0, "Chỉ tiêu được tính, không nhập.", "The measure is computed, not entered."),
    p("future_period", 0, "Kỳ chưa bắt đầu.", "The period has not begun."),
    p("measure_retired", 0, "Chỉ tiêu không còn thu thập.", "The measure is no longer collected."),
    p("more_than_all", 0, "Phần lớn hơn toàn bộ (n > of).", "The part is more than the whole (n > of)."),
    p("number_as_text", 0, "Số phải viết trong dấu nháy.", "Numbers must be written in quotes."),
    p("number_invalid", 0, "Không phải một số.", "Not a number."),
    p("reason_for_correction", 422, "Sửa số đã duyệt cần lý do.", "Correcting an accepted figure needs a reason."),
    p("status_invalid", 0, "“status” chỉ nhận not_known hoặc not_applicable.", "“status” takes not_known or not_applicable."),
    p("text_too_long", 0, "Chữ quá dài.", "The words are too long."),
    p("too_many_decimals", 0, "Quá nhiều chữ số sau dấu phẩy.", "Too many decimals."),
    p("twice", 0, "Cùng một số có hai lần trong lượt gửi.", "The same figure occurs twice in the request."),
    p("unusual_change", 422, "Khác nhiều so với kỳ trước; thêm “reason” nếu đúng.", "Very different from the last period; add “reason” if it is right."),
    p("value_conflict", 0, "Dòng có nhiều loại giá trị cùng lúc.", "A row with several kinds of values."),
    p("value_kind", 0, "Loại giá trị không hợp với chỉ tiêu.", "The kind of value does not fit the measure."),
    p("value_missing", 0, "Dòng không có giá trị.", "A row without a value."),
    p("value_out_of_range", 0, "Giá trị ngoài khoảng cho phép.", "The value is out of range."),
    p("wrong_level", 0, "Cấp này không báo cáo chỉ tiêu đó.", "This level does not report the measure."),
];

/// A code.
pub(super) fn find(code: &str) -> Option<&'static Problem> {
    ALL.iter().find(|p| p.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The codes written in a source file: the first argument of the makers of refusals.
    fn codes(path: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let quoted = |rest: &str| rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next()).map(str::to_owned);
        ["AppError::new(", "Refusal::new(", "ValueProblem::new("]
            .iter()
            .flat_map(|maker| text.split(maker).skip(1))
            .filter_map(quoted)
            .chain(text.split("StatusCode::").skip(1).filter_map(|rest| quoted(rest.split_once("=> ")?.1)))
            .filter(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            .collect()
    }

    fn sources() -> Vec<std::path::PathBuf> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut all: Vec<_> = [
            "figures/src/value.rs",
            "figures/src/service/enter.rs",
            "figures/src/service/review.rs",
            "figures/src/service/explain.rs",
            "access/src/gate.rs",
            "access/src/access.rs",
            "access/src/context.rs",
            "places/src/pages/mod.rs",
            "access/src/error.rs",
            "access/src/routes.rs",
        ]
        .iter()
        .map(|f| crates.join(f))
        .collect();
        for folder in ["figures/src/api", "places/src/api", "ui/src/api"] {
            if let Ok(files) = std::fs::read_dir(crates.join(folder)) {
                all.extend(files.map(|f| f.unwrap().path()).filter(|f| f.extension().is_some_and(|e| e == "rs")));
            }
        }
        all
    }

    /// Whoever makes a new refusal says here what it means.
    #[test]
    fn every_code_has_a_meaning() {
        let known: BTreeSet<&str> = ALL.iter().map(|p| p.code).collect();
        assert_eq!(known.len(), ALL.len());
        let made: BTreeSet<String> = sources().iter().flat_map(|f| codes(f)).collect();
        assert!(made.len() > 40);
        let without: Vec<&String> = made.iter().filter(|c| !known.contains(c.as_str())).collect();
        assert!(without.is_empty(), "codes without a meaning: {without:?}");
        let idle: Vec<&&str> = known.iter().filter(|c| !made.contains(**c)).collect();
        assert!(idle.is_empty(), "codes that nothing makes: {idle:?}");
    }
}
