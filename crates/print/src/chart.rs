//! A chart as a picture: SVG in, PNG out, for Word documents and for sharing.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{self, ImageHrefResolver, Options, Tree, fontdb};

/// Pixels of the longer side and of the whole picture.
const MAX_SIDE: f32 = 8_000.0;
const MAX_AREA: f32 = 24_000_000.0;

/// The fonts pictures are drawn with; cheap to clone and to share.
#[derive(Clone, Debug)]
pub struct Fonts {
    database: Arc<fontdb::Database>,
    family: String,
}

impl Fonts {
    /// Takes the bytes of TTF or OTF fonts that cover Vietnamese. The family of the first stands in for
    /// `sans-serif`, `system-ui` and every family that is not given.
    ///
    /// # Errors
    /// [`ChartError::NoFont`] when none of them can be read.
    pub fn new(fonts: Vec<Vec<u8>>) -> Result<Fonts, ChartError> {
        let mut database = fontdb::Database::new();
        for font in fonts {
            database.load_font_data(font);
        }
        let family = database.faces().find_map(|face| face.families.first().map(|(name, _)| name.clone()));
        let family = family.ok_or(ChartError::NoFont)?;
        database.set_sans_serif_family(&family);
        database.set_serif_family(&family);
        database.set_monospace_family(&family);
        Ok(Fonts { database: Arc::new(database), family })
    }
}

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// No font could be read.
    #[error("none of the given fonts can be read")]
    NoFont,
    /// Not an SVG drawing, or one with a document type.
    #[error("this is not an SVG drawing: {0}")]
    NotSvg(String),
    /// Larger than 8,000 pixels on a side or 24 million in all, or empty.
    #[error("the picture would be empty or too large")]
    Size,
    /// Writing the PNG failed.
    #[error("the picture could not be written: {0}")]
    Write(String),
}

/// The drawing on white as PNG, `scale` pixels per SVG unit (2.0 prints well). Pictures inside the drawing are
/// left out and no file is opened.
///
/// # Errors
/// [`ChartError`].
pub fn png_from_svg(svg: &str, scale: f32, fonts: &Fonts) -> Result<Vec<u8>, ChartError> {
    if svg.contains("<!DOCTYPE") || svg.contains("<!ENTITY") {
        return Err(ChartError::NotSvg("document types are not read".to_owned()));
    }
    let options = Options {
        font_family: fonts.family.clone(),
        fontdb: Arc::clone(&fonts.database),
        image_href_resolver: ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) },
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|error: usvg::Error| ChartError::NotSvg(error.to_string()))?;
    let (width, height) = ((tree.size().width() * scale).ceil(), (tree.size().height() * scale).ceil());
    let fits = |side: f32| (1.0..=MAX_SIDE).contains(&side);
    if !fits(width) || !fits(height) || width * height > MAX_AREA {
        return Err(ChartError::Size);
    }
    // Both are whole and between 1 and 8,000 here.
    let mut pixmap = Pixmap::new(width as u32, height as u32).ok_or(ChartError::Size)?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| ChartError::Write(error.to_string()))
}
