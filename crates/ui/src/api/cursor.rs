use crate::AppError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};

/// A place in a list: the key of the last item that was seen. It stays valid when items come and go, because the next
/// page begins after the key and not at a number. Opaque to those who carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Vec<String>);

impl Cursor {
    /// The key of the last item seen.
    pub fn new(key: impl IntoIterator<Item = String>) -> Cursor {
        Cursor(key.into_iter().collect())
    }

    /// The parts of the key, if there are as many as wanted.
    pub fn parts<const N: usize>(&self) -> Option<&[String; N]> {
        self.0.as_slice().try_into().ok()
    }

    /// The text for the address, bound to the question (see [`super::Query::question`]).
    pub fn seal(&self, question: &str) -> String {
        let mut parts = vec![stamp(question)];
        parts.extend(self.0.iter().cloned());
        BASE64.encode(serde_json::to_vec(&parts).unwrap_or_default())
    }

    /// Reads a cursor of the same question.
    ///
    /// # Errors
    /// 400 `cursor_invalid`.
    pub fn open(text: &str, question: &str) -> Result<Cursor, AppError> {
        let parts: Option<Vec<String>> = BASE64.decode(text).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match parts {
            Some(mut parts) if parts.first() == Some(&stamp(question)) => Ok(Cursor(parts.split_off(1))),
            _ => Err(Cursor::invalid()),
        }
    }

    /// The refusal of a cursor that does not belong here.
    pub fn invalid() -> AppError {
        AppError::new("cursor_invalid", 400)
            .say("Con trỏ “next” không thuộc danh sách này.", "The cursor “next” does not belong to this list.")
            .mend("Giữ nguyên các tham số khác khi đi tiếp, hoặc đọc lại từ đầu.", "Keep the other parameters while paging, or begin again.")
            .at("next")
    }
}

/// Eight hexadecimal digits that tell questions apart.
fn stamp(question: &str) -> String {
    Sha256::digest(question.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn comes_back_as_it_went(key in prop::collection::vec(any::<String>(), 0..5), question in any::<String>()) {
            let cursor = Cursor::new(key);
            let text = cursor.seal(&question);
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(Cursor::open(&text, &question).unwrap(), cursor);
            let other = format!("{question}&x=1");
            prop_assert_eq!(Cursor::open(&text, &other).unwrap_err().code, "cursor_invalid");
        }

        #[test]
        fn any_text_is_refused_kindly(text in any::<String>()) {
            prop_assert!(Cursor::open(&text, "q").is_err());
        }
    }
}
