//! What changed from one version of a draft to the next, line by line.

/// A line of the difference between two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// Only in the old one.
    Gone(&'a str),
    /// Only in the new one.
    New(&'a str),
}

/// Lines compared at most; longer texts are shown as wholly new beyond that.
const COMPARED: usize = 1_500;

/// What changed from one text to another, line by line (longest common subsequence).
pub fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().take(COMPARED).collect(), new.lines().take(COMPARED).collect());
    let width = b.len() + 1;
    let mut table = vec![0u16; (a.len() + 1) * width];
    let get = |t: &[u16], i: usize, j: usize| t.get(i * width + j).copied().unwrap_or_default();
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let best = if a.get(i) == b.get(j) { get(&table, i + 1, j + 1) + 1 } else { get(&table, i + 1, j).max(get(&table, i, j + 1)) };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    loop {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => {
                out.push(Line::Same(x));
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y) if y.is_none() || get(&table, i + 1, j) >= get(&table, i, j + 1) => {
                out.push(Line::Gone(x));
                i += 1;
            }
            (_, Some(y)) => {
                out.push(Line::New(y));
                j += 1;
            }
            _ => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_changed_is_marked() {
        let lines = difference("một\nhai\nba", "một\nba\nbốn");
        assert_eq!(lines, [Line::Same("một"), Line::Gone("hai"), Line::Same("ba"), Line::New("bốn")]);
        assert!(difference("", "").is_empty());
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off_the_difference(old in "[abc\n]{0,30}", new in "[abc\n]{0,30}") {
            let lines = difference(&old, &new);
            let pick = |gone: bool| -> Vec<&str> {
                lines.iter().filter_map(|l| match l { Line::Same(t) => Some(*t), Line::Gone(t) if gone => Some(*t), Line::New(t) if !gone => Some(*t), _ => None }).collect()
            };
            prop_assert_eq!(pick(true), old.lines().collect::<Vec<_>>());
            prop_assert_eq!(pick(false), new.lines().collect::<Vec<_>>());
        }
    }
}
