use std::sync::LazyLock;

use print::{ChartError, Fonts, png_from_svg};
use proptest::prelude::*;

/// A sans-serif font of this computer. Any Linux desktop or server with fonts has one; on Debian: fonts-dejavu-core.
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let mut system = fontdb::Database::new();
    system.load_system_fonts();
    let wanted = ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Arial", "Helvetica"];
    let named = |name: &str| system.faces().find(|face| face.families.first().is_some_and(|(family, _)| family == name)).cloned();
    let face = wanted
        .iter()
        .find_map(|name| named(name))
        .expect("a sans-serif font with Vietnamese letters must be installed, for instance Debian's fonts-dejavu-core");
    let bytes = system.with_face_data(face.id, |data, _| data.to_vec()).expect("the font can be read");
    Fonts::new(vec![bytes]).expect("the font is a font")
});

fn text(words: &str) -> Vec<u8> {
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><text x='5' y='30' font-family='system-ui, sans-serif' font-size='24'>{words}</text></svg>"
    );
    png_from_svg(&svg, 1.0, &FONTS).unwrap()
}

/// Width and height in the head of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn vietnamese_letters_are_drawn() {
    let blank = text("");
    let missing = text("\u{e5ff}");
    for (letter, base) in [("ế", "e"), ("ặ", "a"), ("ư", "u"), ("đ", "d"), ("Ỗ", "O")] {
        let drawn = text(letter);
        assert!(drawn != blank && drawn != missing && drawn != text(base), "{letter}");
    }
}

#[test]
fn the_scale_makes_more_pixels() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='50'><rect width='50' height='50' fill='green'/></svg>";
    assert_eq!(size(&png_from_svg(svg, 2.0, &FONTS).unwrap()), (200, 100));
}

#[test]
fn no_file_is_opened_for_a_picture() {
    let file = std::env::temp_dir().join(format!("print-chart-{}.svg", std::process::id()));
    std::fs::write(&file, "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='10' height='10'/></svg>").unwrap();
    let with = format!("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><image href='{}' width='10' height='10'/></svg>", file.display());
    let without = "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>";
    let same = png_from_svg(&with, 1.0, &FONTS).unwrap() == png_from_svg(without, 1.0, &FONTS).unwrap();
    std::fs::remove_file(file).unwrap();
    assert!(same);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    assert!(matches!(Fonts::new(vec![b"no font".to_vec()]), Err(ChartError::NoFont)));
    let svg = |side: &str| format!("<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'/>");
    assert!(matches!(png_from_svg(&svg("9000"), 1.0, &FONTS), Err(ChartError::Size)));
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(png_from_svg(&svg("10"), scale, &FONTS), Err(ChartError::Size)), "{scale}");
    }
    assert!(matches!(png_from_svg("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", 1.0, &FONTS), Err(ChartError::NotSvg(_))));
}

proptest! {
    #[test]
    fn any_text_is_survived(svg in "(<svg xmlns='http://www.w3.org/2000/svg'|<svg|<text>|</svg>|[a-z<>/='\" 0-9ế]){0,12}") {
        let _ = png_from_svg(&svg, 1.0, &FONTS);
    }
}
