use sha2::{Digest as _, Sha256};
use ui::AppError;

/// What every API token begins with, so that leak scanners can find it.
pub(crate) const TOKEN_PREFIX: &str = "cl_";

/// 256 random bits as 64 hexadecimal digits.
///
/// # Errors
/// 500 `internal` when the machine has no randomness.
pub(crate) fn token() -> Result<String, AppError> {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// 160 random bits, for the shared secret of an authenticator.
///
/// # Errors
/// As [`token`].
pub(crate) fn random() -> Result<[u8; 20], AppError> {
    let mut bytes = [0_u8; 20];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// What the database keeps of a token: it cannot be turned back, and needs no salt because the token is random.
pub(crate) fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A password to be read aloud or copied from paper: 15 letters and digits in groups, about 74 bits, none that look alike.
///
/// # Errors
/// As [`token`].
pub(crate) fn one_time_password() -> Result<String, AppError> {
    // 32 characters, so that a byte modulo 32 is fair.
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    let mut bytes = [0_u8; 15];
    fill(&mut bytes)?;
    let mut out = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            out.push('-');
        }
        out.push(LETTERS.get(usize::from(byte % 32)).copied().map_or('a', char::from));
    }
    Ok(out)
}

fn fill(bytes: &mut [u8]) -> Result<(), AppError> {
    getrandom::fill(bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        AppError::new("internal", 500)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_have_their_shape() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 64);
        assert_eq!(digest(&a).len(), 32);
        assert_ne!(digest(&a), digest(&b));
        let word = one_time_password().unwrap();
        assert_eq!(word.len(), 17);
        assert_eq!(word.split('-').count(), 3);
        assert_ne!(word, one_time_password().unwrap());
    }
}
