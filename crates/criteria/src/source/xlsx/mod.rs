//! A set as a workbook that people can fill in. It carries everything that the TOML form does: one row per threshold (or per indicator without
//! one) on the sheet of indicators, and a small sheet for each of the other parts.

mod read;
mod write;

pub use read::read_xlsx;
pub use write::write_xlsx;

/// What the set itself says: one line per field.
pub(super) const ABOUT: &str = "Bộ tiêu chí";
/// Criteria.
pub(super) const CRITERIA: &str = "Tiêu chí";
/// Indicators, parts and thresholds.
pub(super) const SHEET: &str = "Chỉ tiêu";
/// Earlier wordings.
pub(super) const FORMER: &str = "Tên trước đây";
/// Flags with thresholds of another region.
pub(super) const RULES: &str = "Quy tắc vùng";
/// Documents that changed the set.
pub(super) const AMENDMENTS: &str = "Văn bản sửa đổi";
/// Commune groups.
pub(super) const GROUPS: &str = "Nhóm xã";
/// Annexes.
pub(super) const ANNEXES: &str = "Phụ lục";
/// Examples.
pub(super) const OBSERVED: &str = "Ví dụ";

/// Columns of the sheet of indicators that say what an indicator is.
pub(super) const INDICATOR: [&str; 24] = [
    "Tiêu chí số",
    "Mã chỉ tiêu",
    "Thuộc chỉ tiêu",
    "Tên chỉ tiêu",
    "Loại",
    "Đơn vị tính",
    "Dấu thường dùng",
    "Mức khác nhau theo",
    "Lấy từ số liệu",
    "Công thức",
    "Đạt bộ tiêu chí",
    "Mã ở bộ gốc",
    "Lựa chọn",
    "Chỉ áp dụng khi",
    "Bắt buộc minh chứng",
    "Cơ quan chủ trì",
    "Hướng dẫn",
    "Sửa đổi bởi",
    "Sửa đổi từ ngày",
    "Cách ghép nội dung",
    "Điểm",
    "Độ tin cậy của tên",
    "Nguồn của tên",
    "Ghi chú",
];

/// Columns of the same sheet that say what is asked of it.
pub(super) const THRESHOLD: [&str; 17] = [
    "Dấu",
    "Mức",
    "Chữ in trong phụ lục",
    "Cao hơn mức của",
    "Cao hơn (%)",
    "Vùng",
    "Năm",
    "Nhóm xã",
    "Tỉnh",
    "Đặc điểm",
    "Từ ngày",
    "Đến ngày",
    "Văn bản",
    "Điều khoản",
    "Độ tin cậy của mức",
    "Nguồn của mức",
    "Ghi chú của mức",
];

/// Parts of a composite: every one; so many; so many points.
pub(super) const ALL: &str = "mọi nội dung";
pub(super) const AT_LEAST: &str = "ít nhất";
pub(super) const POINTS: &str = "từ số điểm";

/// Words in one cell, apart by `;`. One that belongs to a word is written `\;`, and `\` before either is written `\\`.
fn in_one(words: &[String]) -> String {
    let escaped: Vec<String> = words.iter().map(|word| word.replace('\\', "\\\\").replace(';', "\\;")).collect();
    escaped.join("; ")
}

/// The words of such a cell.
fn words(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = (letter == '\\').then(|| letters.next_if(|next| matches!(next, ';' | '\\'))).flatten();
        match (escaped, all.last_mut()) {
            (None, _) if letter == ';' => all.push(String::new()),
            (_, Some(word)) => word.push(escaped.unwrap_or(letter)),
            (_, None) => {}
        }
    }
    all.iter().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_come_back_from_their_cell(all in proptest::collection::vec("[a-zả;\\\\]{1,6}", 0..5)) {
            prop_assert_eq!(words(&in_one(&all)), all);
        }
    }

    #[test]
    fn what_people_type_is_read() {
        assert_eq!(words(" xã;phường ; ; đặc khu"), ["xã", "phường", "đặc khu"]);
        assert_eq!(words("a\\b"), ["a\\b"]);
    }
}
