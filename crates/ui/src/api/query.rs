use crate::AppError;
use axum::http::Uri;
use std::ops::RangeInclusive;

/// The parameters of a request, each of which must be one that the operation knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

/// Longest value of a parameter that is not a list, in bytes.
const LONGEST: usize = 300;

impl Query {
    /// Reads the query of an address. An empty value counts as absent.
    ///
    /// # Errors
    /// 400 `unknown_parameter` with the list of the known ones.
    pub fn read(uri: &Uri, known: &[&str]) -> Result<Query, AppError> {
        let pairs: Vec<(String, String)> =
            axum::extract::Query::try_from_uri(uri).map(|axum::extract::Query(pairs)| pairs).map_err(|_| AppError::new("bad_request", 400))?;
        if let Some((name, _)) = pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            let name: String = name.chars().take(60).collect();
            let (list_vi, list_en) = match known {
                [] => ("không có tham số nào".to_owned(), "none".to_owned()),
                known => (known.join(", "), known.join(", ")),
            };
            return Err(AppError::new("unknown_parameter", 400)
                .say(format!("Không có tham số “{name}”."), format!("There is no parameter “{name}”."))
                .mend(format!("Các tham số dùng được: {list_vi}."), format!("The parameters are: {list_en}."))
                .at(name));
        }
        let pairs = pairs.into_iter().map(|(name, value)| (name, value.trim().to_owned())).filter(|(_, value)| !value.is_empty()).collect();
        Ok(Query { path: uri.path().to_owned(), pairs })
    }

    /// A parameter that may be given once.
    ///
    /// # Errors
    /// 400 `parameter_repeated`; 400 `parameter_invalid` for one of more than 300 bytes or with control characters.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, AppError> {
        let mut values = self.pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(AppError::new("parameter_repeated", 400)
                .say(format!("Tham số “{name}” chỉ được có một lần."), format!("The parameter “{name}” may be given once."))
                .mend("Bỏ bớt, giữ một giá trị.", "Keep one of the values.")
                .at(name));
        }
        match first {
            Some(value) if value.len() > LONGEST || value.chars().any(char::is_control) => Err(invalid(name, "một giá trị ngắn", "a short value")),
            other => Ok(other),
        }
    }

    /// A parameter that must be given once.
    ///
    /// # Errors
    /// 400 `parameter_missing`, and as [`Query::one`].
    pub fn need(&self, name: &'static str) -> Result<&str, AppError> {
        self.one(name)?.ok_or_else(|| missing(name))
    }

    /// A parameter that may be repeated or hold a list with commas; each value once, in the order given.
    ///
    /// # Errors
    /// 400 `too_many_values` beyond `most`.
    pub fn list(&self, name: &'static str, most: usize) -> Result<Vec<&str>, AppError> {
        let mut out: Vec<&str> = Vec::new();
        for value in self.pairs.iter().filter(|(n, _)| n == name).flat_map(|(_, value)| value.split(',')) {
            let value = value.trim();
            if value.is_empty() || out.contains(&value) {
                continue;
            }
            if out.len() >= most {
                return Err(AppError::new("too_many_values", 400)
                    .say(format!("Tham số “{name}” nhận nhiều nhất {most} giá trị."), format!("The parameter “{name}” takes at most {most} values."))
                    .mend("Chia thành nhiều lần hỏi.", "Ask in several requests.")
                    .at(name));
            }
            out.push(value);
        }
        Ok(out)
    }

    /// As [`Query::list`], with at least one value.
    ///
    /// # Errors
    /// 400 `parameter_missing`, 400 `too_many_values`.
    pub fn need_list(&self, name: &'static str, most: usize) -> Result<Vec<&str>, AppError> {
        let list = self.list(name, most)?;
        if list.is_empty() { Err(missing(name)) } else { Ok(list) }
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// 400 `parameter_invalid` naming the range.
    pub fn number(&self, name: &'static str, range: RangeInclusive<usize>) -> Result<Option<usize>, AppError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let value = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        match value.filter(|n| range.contains(n)) {
            Some(n) => Ok(Some(n)),
            None => Err(invalid(
                name,
                &format!("số nguyên từ {} đến {}", range.start(), range.end()),
                &format!("a whole number from {} to {}", range.start(), range.end()),
            )),
        }
    }

    /// One of a few words, read by `read`.
    ///
    /// # Errors
    /// 400 `parameter_invalid` naming the words.
    pub fn word<T>(&self, name: &'static str, words: &[&str], read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, AppError> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let words = words.join(", ");
        read(text).map(Some).ok_or_else(|| invalid(name, &words, &words))
    }

    /// What is asked, apart from where in the list and in which format: the same for all pages of one list.
    pub fn question(&self) -> String {
        let mut pairs: Vec<String> =
            self.pairs.iter().filter(|(n, _)| !matches!(n.as_str(), "next" | "limit" | "format")).map(|(n, v)| format!("{n}={v}")).collect();
        pairs.sort_unstable();
        format!("{}?{}", self.path, pairs.join("&"))
    }

    /// The address of the page that begins at a cursor.
    pub fn at(&self, cursor: &str) -> String {
        let mut out = format!("{}?", self.path);
        for (name, value) in self.pairs.iter().filter(|(n, _)| n != "next") {
            out.push_str(&format!("{}={}&", crate::percent_encode(name), crate::percent_encode(value)));
        }
        out.push_str("next=");
        out.push_str(cursor);
        out
    }
}

fn missing(name: &'static str) -> AppError {
    AppError::new("parameter_missing", 400)
        .say(format!("Thiếu tham số “{name}”."), format!("The parameter “{name}” is missing."))
        .mend("Thêm tham số này vào địa chỉ.", "Add it to the address.")
        .at(name)
}

fn invalid(name: &'static str, wanted_vi: &str, wanted_en: &str) -> AppError {
    AppError::new("parameter_invalid", 400)
        .say(format!("Giá trị của tham số “{name}” chưa đúng."), format!("The value of the parameter “{name}” is not right."))
        .mend(format!("Cần: {wanted_vi}."), format!("It takes: {wanted_en}."))
        .at(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, AppError> {
        Query::read(&format!("/x?{query}").parse::<Uri>().unwrap(), &["a", "b", "next", "limit", "format"])
    }

    #[test]
    fn unknown_names_are_refused_with_the_known_ones() {
        let error = read("a=1&x%20y=2").unwrap_err();
        assert_eq!((error.code, error.status, error.at.as_deref()), ("unknown_parameter", 400, Some("x y")));
        assert!(error.how_en.contains("a, b, next"));
    }

    #[test]
    fn lists_repeat_or_have_commas() {
        let query = read("a=1,2&a=3&a=%202%20,,&b=").unwrap();
        assert_eq!(query.list("a", 3).unwrap(), ["1", "2", "3"]);
        assert_eq!(query.list("a", 2).unwrap_err().code, "too_many_values");
        assert_eq!(query.one("a").unwrap_err().code, "parameter_repeated");
        assert_eq!(query.one("b").unwrap(), None);
        assert_eq!(query.need("b").unwrap_err().code, "parameter_missing");
    }

    #[test]
    fn numbers_and_words_name_what_they_take() {
        let query = read("a=12&b=up").unwrap();
        assert_eq!(query.number("a", 1..=20).unwrap(), Some(12));
        assert!(query.number("a", 1..=5).unwrap_err().how_en.contains("1 to 5"));
        assert_eq!(query.number("b", 1..=5).unwrap_err().code, "parameter_invalid");
        assert!(read("a=%2B5").unwrap().number("a", 1..=9).is_err());
        let word = |t: &str| (t == "down").then_some(1);
        assert!(query.word("b", &["down"], word).unwrap_err().how_vi.contains("down"));
    }

    #[test]
    fn all_pages_ask_the_same_question() {
        let first = read("b=2&a=1").unwrap();
        let next = read("a=1&b=2&limit=5&next=abc&format=csv").unwrap();
        assert_eq!(first.question(), next.question());
        assert_eq!(next.at("Z"), "/x?a=1&b=2&limit=5&format=csv&next=Z");
    }
}
