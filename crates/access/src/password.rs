use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use icu_normalizer::ComposingNormalizerBorrowed;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use ui::AppError;

/// The shortest password that people may choose, in characters.
pub const SHORTEST: usize = 10;
/// The longest that is looked at, in bytes: hashing must not become a lever.
const LONGEST: usize = 512;

/// Folded beginnings and whole words that attackers try first and that are long enough to pass otherwise.
const COMMON: &[&str] = &[
    "0123456789",
    "0987654321",
    "1234567890",
    "12345678910",
    "123456789a",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "abcd123456",
    "abc123456789",
    "admin12345",
    "admin123456",
    "administrator",
    "anhyeuem123",
    "conglang123",
    "conglang2026",
    "emyeuanh123",
    "iloveyou123",
    "matkhau123",
    "matkhau1234",
    "matkhau12345",
    "matkhau123456",
    "nongthonmoi",
    "password12",
    "password123",
    "password1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyuiop",
    "vietnam123",
    "vietnam1945",
    "vietnam1975",
    "vietnam2025",
    "vietnam2026",
    "xincamon123",
    "yeuemnhieu",
    "zxcvbnm123",
];

/// Whether people may choose this password for this login.
///
/// # Errors
/// 422 `password_weak` at `password`, saying what to change.
pub fn check(password: &str, login: &str) -> Result<(), AppError> {
    let key = lang::fold_tight(password);
    let login = lang::fold_tight(login);
    let distinct: BTreeSet<char> = password.chars().collect();
    let (vi, en) = if password.chars().count() < SHORTEST {
        ("Mật khẩu cần ít nhất 10 ký tự.", "The password needs at least 10 characters.")
    } else if password.len() > LONGEST {
        ("Mật khẩu quá dài.", "The password is too long.")
    } else if !login.is_empty() && key.contains(&login) && key.len() < login.len() + SHORTEST {
        ("Mật khẩu không được chứa tên đăng nhập.", "The password must not contain the login.")
    } else if COMMON.contains(&key.as_str()) || distinct.len() < 5 {
        ("Mật khẩu này quá dễ đoán.", "This password is too easy to guess.")
    } else {
        return Ok(());
    };
    Err(AppError::new("password_weak", 422)
        .say(vi, en)
        .mend("Dùng một câu ngắn dễ nhớ, ví dụ bốn từ không liên quan.", "Use a short phrase, for example four unrelated words.")
        .at("password"))
}

/// Whether a password is more than a name or a place with a few signs around it.
///
/// # Errors
/// As [`check`].
pub fn check_words(password: &str, words: &[&str]) -> Result<(), AppError> {
    let key = lang::fold_tight(password);
    let near = |word: &str| {
        let word = lang::fold_tight(word);
        word.len() >= 6 && key.contains(&word) && key.len() < word.len() + 6
    };
    if !words.iter().any(|word| near(word)) {
        return Ok(());
    }
    Err(AppError::new("password_weak", 422)
        .say("Mật khẩu không được là họ tên hay tên đơn vị.", "The password must not be a name of a person or place.")
        .mend("Dùng một câu ngắn dễ nhớ, ví dụ bốn từ không liên quan.", "Use a short phrase, for example four unrelated words.")
        .at("password"))
}

/// Hashes with argon2id, off the async threads and few at a time: each needs 19 MB and tens of milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
}

/// Hash of a password nobody has, so that an unknown login costs the same as a wrong password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUh$/tvLUpb7ZcQEALZBTfwLGaPyfgW8X6SCk31AP4WJfAI";

impl Hasher {
    pub fn new() -> Hasher {
        Hasher { turns: Arc::new(Semaphore::new(2)) }
    }

    /// The PHC string of a password.
    pub async fn hash(&self, password: &str) -> Result<String, AppError> {
        let bytes = normal(password);
        self.run(move || Argon2::default().hash_password(&bytes).map(|hash| hash.to_string()).map_err(fault)).await?
    }

    /// Whether the password is right. `None` is a login that does not exist: as much work, always wrong.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, AppError> {
        let bytes = normal(password);
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            Argon2::default().verify_password(&bytes, hash.as_str()).is_ok() && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(fault)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(fault)
    }
}

fn fault(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "hashing a password failed");
    AppError::new("internal", 500)
}

/// Keyboards compose Vietnamese letters in different ways; NFC makes them one. Cut so that length is no lever.
fn normal(password: &str) -> Vec<u8> {
    let mut bytes = ComposingNormalizerBorrowed::new_nfc().normalize(password).into_owned().into_bytes();
    bytes.truncate(2 * LONGEST);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_named() {
        for weak in ["", "short", "123456789", "Mật Khẩu 123", "PASSWORD123", "aaaaaaaaaaaa", "abababababab", "lan.nguyen1", "1-Lan-Nguyen"] {
            assert_eq!(check(weak, "lan.nguyen").unwrap_err().code, "password_weak", "{weak}");
        }
        for good in ["ruộng lúa chín vàng", "correct horse", "Tr0ng-x0ai-2b"] {
            assert!(check(good, "lan.nguyen").is_ok(), "{good}");
        }
        assert!(check(&"x1y2z".repeat(500), "a").is_err());
    }

    #[test]
    fn names_and_places_are_no_passwords() {
        let words = ["Nguyễn Thị Lan", "xã Thiệu Trung"];
        for weak in ["nguyenthilan1", "Nguyễn Thị Lan 90", "xathieutrung!", "Xã Thiệu Trung 12"] {
            assert_eq!(check_words(weak, &words).unwrap_err().code, "password_weak", "{weak}");
        }
        assert!(check_words("xã Thiệu Trung mùa nước nổi", &words).is_ok() && check_words("ruộng lúa", &["An"]).is_ok());
    }

    #[test]
    fn an_unknown_login_costs_as_much_as_a_known_one() {
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let real = Argon2::default().hash_password(b"x").unwrap().to_string();
        assert_eq!(parameters(&real), parameters(NOBODY));
        // Well formed: the check reaches the comparison and fails there.
        let refused = Argon2::default().verify_password(b"x", NOBODY).unwrap_err();
        assert!(matches!(refused, argon2::password_hash::Error::PasswordInvalid), "{refused:?}");
    }

    #[tokio::test]
    async fn a_password_is_recognised_in_both_forms_of_unicode() {
        let hasher = Hasher::new();
        let hash = hasher.hash("ru\u{1ed9}ng lúa").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify("ruo\u{323}\u{302}ng lúa", Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("ruong lua", Some(hash)).await.unwrap());
        assert!(!hasher.verify("ruộng lúa", None).await.unwrap());
    }
}
