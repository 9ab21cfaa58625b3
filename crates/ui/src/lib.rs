//! The face of Cổng Làng: page shell, language, errors shown to people, forms, charts, maps and assets.
//!
//! A page crate says in its own `askama.toml`
//!
//! ```toml
//! [general]
//! dirs = ["templates", "../ui/templates"]
//! ```
//!
//! keeps a field `shell: ui::Shell` in its template struct, and begins its template with
//! `{% extends "shell.html" %}`, then `{% block main %}`, where it starts with `{% let l = shell.lang %}` and
//! writes both languages side by side: `{{ l.t("Địa bàn", "Places") }}`. It answers with [`page`].
//! `examples/gallery.rs` shows every component and is compiled through exactly this relative path.
//!
//! Whatever builds markup here escapes its texts and returns [`Html`], which templates print without `|safe`.

pub mod api;
mod assets;
pub mod chart;
#[cfg(test)]
mod contrast;
mod error;
pub mod form;
mod html;
mod lang;
pub mod map;
mod prefs;
mod shell;

pub use assets::{asset, assets_routes, fonts};
pub use error::{AppError, ErrorView, Problem, negotiate, render_error};
pub use html::{Html, escape, percent_encode};
pub use lang::Lang;
pub use prefs::{Prefs, Theme, local_path, prefs_routes};
pub use shell::{Notice, Shell, Tone, Viewer, page};

/// The content-security policy that all our pages obey: no inline script, no inline style, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
