//! Why a change cannot be: a stable code and a sentence each.

use jiff::civil::Date;
use lang::show::short_date;
use ui::AppError;

fn refuse(code: &'static str, at: &str, vi: String, en: String) -> AppError {
    AppError::new(code, 422).say(vi, en).at(at)
}

pub(super) fn decree_missing() -> AppError {
    refuse("change_decree_missing", "decree", "Chưa có số văn bản.".into(), "The number of the decree is missing.".into())
        .mend("Ghi số nghị quyết hoặc quyết định, ví dụ NQ 1658/NQ-UBTVQH15.", "Give the number of the resolution or decision.")
}

pub(super) fn dates(decree: Date, effective: Date) -> AppError {
    let (d, e) = (short_date(decree), short_date(effective));
    refuse(
        "change_date_order",
        "decree_date",
        format!("Văn bản ngày {d} không thể có sau ngày hiệu lực {e}."),
        format!("A decree of {d} cannot come after the day of effect {e}."),
    )
    .mend("Xem lại hai ngày.", "Check both days.")
}

pub(super) fn units_missing(at: &str, vi: &str, en: &str) -> AppError {
    refuse("change_units_missing", at, vi.into(), en.into()).mend("Mỗi dòng ghi một đơn vị.", "Write one unit per line.")
}

pub(super) fn too_many(at: &str, vi: &str, en: &str) -> AppError {
    refuse("change_units_too_many", at, vi.into(), en.into()).mend("Nhập thành nhiều thay đổi.", "Enter several changes.")
}

pub(super) fn repeated(at: &str, name: &str) -> AppError {
    refuse("change_unit_repeated", at, format!("{name} được ghi hai lần."), format!("{name} stands there twice."))
        .mend("Bỏ bớt một dòng.", "Take one line out.")
}

pub(super) fn not_living(at: &str, name: &str, day: Date) -> AppError {
    let day = short_date(day);
    refuse("change_unit_not_living", at, format!("{name} không còn (hoặc chưa có) vào ngày {day}."), format!("{name} does not exist on {day}."))
        .mend("Chọn đơn vị đang tồn tại, hoặc xem lại ngày hiệu lực.", "Choose a unit that lives then, or check the day of effect.")
}

pub(super) fn changed_later(at: &str, name: &str, day: Date) -> AppError {
    let day = short_date(day);
    refuse(
        "change_unit_changed_later",
        at,
        format!("{name} đã có một thay đổi hiệu lực {day}, sau hoặc trùng ngày này."),
        format!("{name} already has a change in effect on {day}, on or after this day."),
    )
    .mend("Hoàn tác thay đổi kia trước, hoặc nhập theo đúng thứ tự ngày hiệu lực.", "Undo that change first, or enter changes in the order of their effect.")
}

pub(super) fn levels(at: &str) -> AppError {
    refuse("change_levels_differ", at, "Các đơn vị không cùng cấp.".into(), "The units are not of one level.".into())
        .mend("Chỉ nhập, chia các đơn vị cùng cấp với nhau.", "Merge and divide units of one level only.")
}

pub(super) fn level_closed() -> AppError {
    refuse("change_level_closed", "to", "Cấp huyện đã kết thúc từ 01/07/2025.".into(), "The district level ended on 1 July 2025.".into()).mend(
        "Đơn vị mới chỉ có thể là tỉnh, thành phố, xã, phường hoặc đặc khu.",
        "New units can only be provinces, cities, communes, wards or special zones.",
    )
}

pub(super) fn level_wrong(at: &str, vi: &str, en: &str) -> AppError {
    refuse("change_level_wrong", at, vi.into(), en.into())
}

pub(super) fn kind(kind: &str, known: &[&str]) -> AppError {
    let list = known.join(", ");
    refuse("change_kind_unknown", "to", format!("“{kind}” không phải là loại đơn vị của cấp này."), format!("“{kind}” is no kind of unit of this level."))
        .mend(format!("Các loại: {list}."), format!("The kinds are: {list}."))
}

pub(super) fn name_missing() -> AppError {
    refuse("change_name_missing", "to", "Đơn vị mới chưa có tên.".into(), "The new unit has no name.".into())
        .mend("Ghi cả loại và tên, ví dụ: Xã Phúc Hòa.", "Write kind and name, such as: Xã Phúc Hòa.")
}

pub(super) fn name_taken(full_name: &str) -> AppError {
    refuse(
        "change_name_taken",
        "to",
        format!("Đã có {full_name} ở cùng cấp trên vào ngày đó."),
        format!("There is a {full_name} under the same unit on that day."),
    )
    .mend(
        "Xem lại tên; nếu là chính đơn vị đang có thì ghi mã của nó thay cho tên.",
        "Check the name; if the living unit itself is meant, write its code instead.",
    )
}

pub(super) fn code_taken(code: &str, holder: &str) -> AppError {
    refuse("change_code_taken", "to", format!("Mã {code} đang là mã của {holder} vào ngày đó."), format!("The code {code} belongs to {holder} on that day."))
        .mend("Xem lại mã, hoặc để trống nếu chưa được cấp.", "Check the code, or leave it out if none is assigned yet.")
}

pub(super) fn code_invalid(code: &str, length: usize) -> AppError {
    refuse("change_code_invalid", "to", format!("Mã “{code}” chưa đúng."), format!("The code “{code}” is not right."))
        .mend(format!("Mã cấp này gồm {length} chữ số, giữ cả số 0 ở đầu."), format!("Codes of this level have {length} digits, leading zeros included."))
}

pub(super) fn parent(vi: &str, en: &str) -> AppError {
    refuse("change_parent_wrong", "parent", vi.into(), en.into())
        .mend("Chọn đơn vị cấp trên đang tồn tại vào ngày hiệu lực.", "Choose a unit above that lives on the day of effect.")
}

pub(super) fn shares_sum(vi: &str, en: &str, sum: &str) -> AppError {
    refuse("change_shares_sum", "to", format!("Tỷ lệ {vi} cộng lại là {sum}%, không phải 100%."), format!("The shares by {en} add up to {sum}%, not 100%."))
        .mend("Sửa cho tổng bằng 100%, hoặc để trống cả cột nếu chưa biết.", "Make them add up to 100%, or leave the whole column empty.")
}

pub(super) fn shares_incomplete(vi: &str, en: &str) -> AppError {
    refuse("change_shares_incomplete", "to", format!("Có phần chưa ghi tỷ lệ {vi}."), format!("Some parts have no share by {en}."))
        .mend("Ghi đủ cho mọi phần, hoặc để trống cả cột.", "Give it for every part, or for none.")
}

pub(super) fn nothing(vi: &str, en: &str) -> AppError {
    refuse("change_nothing", "to", vi.into(), en.into()).mend("Xem lại tên, loại hoặc cấp trên mới.", "Check the new name, kind or unit above.")
}

pub(super) fn has_below(name: &str) -> AppError {
    refuse(
        "change_unit_has_below",
        "from",
        format!("{name} còn đơn vị bên dưới mà không có đơn vị tiếp nhận."),
        format!("{name} has units below and nobody to take them."),
    )
    .mend("Ghi đơn vị tiếp nhận ở ô “Đơn vị sau”.", "Name the unit that takes them over.")
}
