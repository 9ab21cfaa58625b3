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
