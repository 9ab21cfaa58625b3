//! Documents: kinds and numbers by Decree 30/2020, files with their hash, text, digital signatures, and the offices that keep them.

pub(crate) mod before;
pub(crate) mod desk;
pub mod file;
pub mod kind;
pub mod office;
pub mod signature;
pub mod symbol;
pub mod text;
pub(crate) mod trust;

pub use office::{Colleague, Hat, Office};
pub(crate) use trust::ALL as TRUST;
pub use trust::Trusted;

use ui::AppError;

/// Words that say a document holds a state secret; such documents never come here.
const SECRET: [&str; 4] = ["tuyệt mật", "tối mật", "độ mật", "bí mật nhà nước"];

/// Whether a title or a mark says that something is secret.
pub fn says_secret(text: &str) -> bool {
    let lower = lang::canonical(text);
    let marked = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "MẬT");
    marked || lower == "mật" || SECRET.iter().any(|word| lower.contains(&lang::canonical(word)) && !lower.contains("danh mục bí mật"))
}

/// The refusal of anything secret (Law on the protection of state secrets: not on a network like this one).
pub fn secret_refused(at: &str) -> AppError {
    AppError::new("secret_refused", 422)
        .say(
            "Tài liệu bí mật nhà nước không được đưa lên mạng này, kể cả tên. Chưa có gì được lưu.",
            "State secrets may not be put on this network, not even their title. Nothing was saved.",
        )
        .mend(
            "Xử lý trên giấy theo quy định; cuối kỳ chỉ ghi số lượng hồ sơ mật ở trang Tỷ lệ.",
            "Handle it on paper by the rules; at the end of the period enter only how many there were, on the page Share.",
        )
        .at(at)
}

#[cfg(test)]
mod tests {
    use super::says_secret;

    #[test]
    fn secrets_are_noticed_and_honey_is_not() {
        for text in ["Kế hoạch A (MẬT)", "TUYỆT MẬT", "Công văn tối mật số 3", "mật"] {
            assert!(says_secret(text), "{text}");
        }
        for text in ["Kế hoạch nuôi ong lấy mật", "Báo cáo mật độ dân số", "Mật ong Phúc Hòa", ""] {
            assert!(!says_secret(text), "{text}");
        }
    }
}
