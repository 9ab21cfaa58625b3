//! .csv and .tsv: the encoding and the separator are found out.

use super::OpenError;
use super::xlsx::text_datum;
use crate::intake::book::{Book, Cell, Sheet};

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Book, OpenError> {
    let text = decoded(bytes);
    let (separator, body) = separator(&text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(body.as_bytes());
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut sheet = Sheet { name: lang::clean(stem).chars().take(31).collect(), ..Sheet::default() };
    for (at, record) in (0_u32..).zip(reader.records()) {
        let record = record.map_err(|_| OpenError::Unreadable)?;
        for (col, field) in (0_u32..).zip(record.iter()).take(16_384) {
            if let (Some(datum), Some(row)) = (text_datum(field), sheet.row_mut(at)) {
                row.push(Cell { col, datum, font: None });
            }
        }
        // Lines without anything in them keep their place, so that cell addresses agree with what a spreadsheet shows.
    }
    Ok(Book { sheets: vec![sheet] })
}

/// UTF-8, UTF-16 with its mark, or bytes as Latin-1, which is how old Vietnamese encodings survive until they are recognised.
fn decoded(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).filter_map(|pair| Some(from(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
        },
    }
}

/// The separator that stands most often in the first lines; Excel's own `sep=;` line settles it.
fn separator(text: &str) -> (u8, &str) {
    if let Some(rest) = text.strip_prefix("sep=")
        && let Some(mark) = rest.bytes().next().filter(u8::is_ascii)
    {
        return (mark, rest.split_once('\n').map_or("", |(_, rest)| rest));
    }
    let mut counts = [(b'\t', 0_usize), (b';', 0), (b',', 0)];
    let mut quoted = false;
    for byte in text.lines().take(30).flat_map(str::bytes) {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|c| c.0 == byte).for_each(|c| c.1 += 1),
        }
    }
    // A comma may also be a decimal mark, so another separator wins as soon as it is about as frequent.
    let best = counts.iter().rev().max_by_key(|(mark, count)| if *mark == b',' { *count } else { count * 3 });
    (best.filter(|b| b.1 > 0).map_or(b',', |b| b.0), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(bytes: &[u8]) -> Vec<Vec<String>> {
        read("a.csv", bytes).unwrap().sheets[0].rows.iter().map(|r| r.cells.iter().map(|c| c.text(true)).collect()).collect()
    }

    #[test]
    fn finds_separator_and_encoding() {
        let wanted = vec![vec!["xã Phúc Hòa".to_owned(), "12,5".to_owned()]];
        assert_eq!(grid("xã Phúc Hòa;12,5\r\n".as_bytes()), wanted);
        assert_eq!(grid("\u{feff}\"xã Phúc Hòa\",\"12,5\"".as_bytes()), wanted);
        assert_eq!(grid("sep=|\nxã Phúc Hòa|12,5".as_bytes()), wanted);
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("xã Phúc Hòa\t12,5".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(grid(&utf16), wanted);
        let tcvn3: Vec<u8> = "x· Phóc Hßa;12,5".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(grid(&tcvn3), wanted);
    }
}
