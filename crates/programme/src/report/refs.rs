//! References in the words of a report: `{so_htx}` is the figure of that measure in the report's period, `{so_htx:truoc}` that of
//! the period before. A reference always shows the value of now, until the report is issued.

/// A piece of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// As written.
    Text(String),
    /// A figure.
    Figure {
        /// Code of the measure.
        code: String,
        /// Of the period before.
        before: bool,
    },
}

/// The word after the colon for the period before.
const BEFORE: &str = "truoc";

/// Cuts words into pieces.
///
/// # Errors
/// The reference that cannot be read.
pub fn parse(words: &str) -> Result<Vec<Run>, String> {
    let mut out = Vec::new();
    let mut rest = words;
    while let Some(at) = rest.find('{') {
        let (text, tail) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        let Some(end) = tail.find('}') else { return Err(format!("{{{}", tail.chars().take(30).collect::<String>())) };
        let inside = tail.get(..end).unwrap_or_default().trim();
        let (code, mark) = inside.split_once(':').map_or((inside, ""), |(c, m)| (c.trim(), m.trim()));
        let plain = !code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain || !(mark.is_empty() || mark == BEFORE) {
            return Err(format!("{{{inside}}}"));
        }
        if !text.is_empty() {
            out.push(Run::Text(text.to_owned()));
        }
        out.push(Run::Figure { code: code.to_owned(), before: mark == BEFORE });
        rest = tail.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        out.push(Run::Text(rest.to_owned()));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_are_found() {
        let figure = |code: &str, before| Run::Figure { code: code.into(), before };
        let found = parse("Có {so_htx} HTX, kỳ trước { so_htx : truoc }.").unwrap();
        assert_eq!(
            found,
            [Run::Text("Có ".into()), figure("so_htx", false), Run::Text(" HTX, kỳ trước ".into()), figure("so_htx", true), Run::Text(".".into())]
        );
        for bad in ["{", "{a", "{}", "{a:b}", "{Xã}", "{a b}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("").unwrap(), []);
    }

    proptest! {
        #[test]
        fn no_words_are_lost(words in "[a-z {}:ạ\n]{0,40}") {
            if let Ok(runs) = parse(&words) {
                let text: String = runs.iter().filter_map(|r| if let Run::Text(t) = r { Some(t.as_str()) } else { None }).collect();
                let open = text.contains('{');
                prop_assert!(!open);
                prop_assert!(text.len() <= words.len());
            }
        }
    }
}
