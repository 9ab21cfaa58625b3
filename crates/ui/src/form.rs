//! Form fields with label, hint and error, tied together for screen readers; and the summary of errors above a form.

use crate::{Html, Lang, escape};

/// One field. Build it with [`Field::new`], print it with [`Field::html`] or directly in a template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// Name in the form; also the element's id, so it must be unique in the page.
    pub name: String,
    /// Label.
    pub label: String,
    /// Help under the label.
    pub hint: String,
    /// What is wrong with the value, and how to mend it.
    pub error: Option<String>,
    /// The value as it was typed; errors keep it. For [`Kind::Check`] anything but empty is ticked.
    pub value: String,
    /// What is asked for.
    pub kind: Kind,
    /// Must be filled in.
    pub required: bool,
    /// Further attributes of the element, such as `("autocomplete", "username")`; names are the author's own.
    pub attrs: Vec<(&'static str, String)>,
    /// Unit of measure behind the box.
    pub unit: String,
}

/// What a field asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Kind {
    /// One line.
    #[default]
    Text,
    /// A number as people write it, `1.234,5`: a text box with the number keyboard.
    Number,
    /// A date by the device's own picker, `2025-06-30`.
    Date,
    /// Password, not repeated after an error.
    Password,
    /// Electronic mail.
    Email,
    /// One file; put `enctype="multipart/form-data"` on the form.
    File,
    /// Several lines, this many shown.
    Lines(u8),
    /// One of a list: value and label.
    Select(Vec<(String, String)>),
    /// One of a few, all shown: value and label.
    Radios(Vec<(String, String)>),
    /// Yes or no; sends `1`.
    Check,
}

impl Field {
    /// A field of one line.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self { name: name.into(), label: label.into(), ..Self::default() }
    }

    /// Sets what is asked for.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the help under the label.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Sets the value as it was typed.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Sets what is wrong.
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// Must be filled in. Browsers do not block the form; the server answers with the error beside the field.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds an attribute.
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    /// Sets the unit of measure behind the box.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// The markup.
    pub fn html(&self) -> Html {
        let id = escape(&self.name);
        let label = escape(&self.label);
        let mut about = String::new();
        let mut described = Vec::new();
        if !self.hint.is_empty() {
            about.push_str(&format!("<p class=\"hint\" id=\"{id}-hint\">{}</p>", escape(&self.hint)));
            described.push(format!("{id}-hint"));
        }
        if let Some(error) = &self.error {
            about.push_str(&format!("<p class=\"err\" id=\"{id}-err\">{}</p>", escape(error)));
            described.push(format!("{id}-err"));
        }
        let mut state = String::new();
        if !described.is_empty() {
            state.push_str(&format!(" aria-describedby=\"{}\"", described.join(" ")));
        }
        let bad = if self.error.is_some() { " bad" } else { "" };
        if let Kind::Radios(options) = &self.kind {
            let picks: String = options.iter().enumerate().map(|(i, option)| self.radio(i, option)).collect();
            return Html::trusted(format!("<fieldset class=\"field{bad}\"{state}><legend>{label}</legend>{about}{picks}</fieldset>"));
        }
        if self.error.is_some() {
            state.push_str(" aria-invalid=\"true\"");
        }
        if self.required {
            state.push_str(" aria-required=\"true\"");
        }
        for (name, value) in &self.attrs {
            state.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
        let common = format!("id=\"{id}\" name=\"{id}\"{state}");
        if self.kind == Kind::Check {
            let ticked = if self.value.is_empty() { "" } else { " checked" };
            return Html::trusted(format!(
                "<div class=\"field{bad}\">{about}<label class=\"pick\"><input type=\"checkbox\" value=\"1\" {common}{ticked}>{label}</label></div>"
            ));
        }
        let mut control = self.control(&common);
        if !self.unit.is_empty() {
            control = format!("<div class=\"unit\">{control}<span>{}</span></div>", escape(&self.unit));
        }
        Html::trusted(format!("<div class=\"field{bad}\"><label for=\"{id}\">{label}</label>{about}{control}</div>"))
    }

    fn control(&self, common: &str) -> String {
        let value = escape(&self.value);
        let input = |kind: &str| format!("<input type=\"{kind}\" {common} value=\"{value}\">");
        match &self.kind {
            Kind::Number => {
                format!("<input class=\"short num\" inputmode=\"decimal\" autocomplete=\"off\" {common} value=\"{value}\">")
            }
            Kind::Date => {
                format!("<input class=\"short\" type=\"date\" {common} value=\"{value}\">")
            }
            Kind::Password => format!("<input type=\"password\" {common}>"),
            Kind::Email => input("email"),
            Kind::File => format!("<input type=\"file\" {common}>"),
            // A browser drops the first line break inside the element.
            Kind::Lines(rows) => format!("<textarea rows=\"{rows}\" {common}>\n{value}</textarea>"),
            Kind::Select(options) => {
                let options: String = options
                    .iter()
                    .map(|(value, label)| {
                        let chosen = if *value == self.value { " selected" } else { "" };
                        format!("<option value=\"{}\"{chosen}>{}</option>", escape(value), escape(label))
                    })
                    .collect();
                format!("<select {common}>{options}</select>")
            }
            Kind::Text | Kind::Radios(_) | Kind::Check => input("text"),
        }
    }

    /// The first choice bears the field's own id, so that the error summary leads to it.
    fn radio(&self, index: usize, (value, label): &(String, String)) -> String {
        let name = escape(&self.name);
        let id = if index == 0 { name.clone() } else { format!("{name}-{index}") };
        let chosen = if *value == self.value { " checked" } else { "" };
        format!("<label class=\"pick\"><input type=\"radio\" id=\"{id}\" name=\"{name}\" value=\"{}\"{chosen}>{}</label>", escape(value), escape(label))
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.html().as_str())
    }
}

impl askama::filters::HtmlSafe for Field {}

/// The summary above a form: one link per wrong field. Empty when nothing is wrong.
pub fn error_summary(lang: Lang, fields: &[Field]) -> Html {
    let links: String = fields
        .iter()
        .filter_map(|field| {
            let error = field.error.as_ref()?;
            Some(format!("<li><a href=\"#{}\">{}: {}</a></li>", escape(&field.name), escape(&field.label), escape(error)))
        })
        .collect();
    if links.is_empty() {
        return Html::default();
    }
    Html::trusted(format!("<div class=\"summary\" role=\"alert\"><h2>{}</h2><ul>{links}</ul></div>", lang.t("Có chỗ cần sửa", "Something needs mending")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds() -> Vec<Kind> {
        let options = vec![("a".to_owned(), "A".to_owned()), ("b".to_owned(), "B".to_owned())];
        vec![
            Kind::Text,
            Kind::Number,
            Kind::Date,
            Kind::Password,
            Kind::Email,
            Kind::File,
            Kind::Lines(4),
            Kind::Select(options.clone()),
            Kind::Radios(options),
            Kind::Check,
        ]
    }

    #[test]
    fn every_kind_ties_label_hint_and_error_to_the_control() {
        for kind in kinds() {
            let field = Field::new("households", "Số hộ").kind(kind.clone()).hint("Cả thôn").error(Some("Còn trống".into())).value("b");
            let html = field.to_string();
            assert!(html.contains("aria-describedby=\"households-hint households-err\""), "{kind:?} {html}");
            assert_eq!(html.matches("id=\"households\"").count(), 1, "{kind:?} {html}");
            assert!(html.contains("Số hộ") && html.contains("Còn trống") && html.contains("field bad"));
            assert!(error_summary(Lang::Vi, &[field]).as_str().contains("href=\"#households\""));
        }
    }

    #[test]
    fn typed_values_come_back_except_passwords() {
        let shown = |kind: Kind| Field::new("x", "X").kind(kind).value("b").to_string();
        assert!(!shown(Kind::Password).contains("\"b\""));
        assert!(shown(Kind::Number).contains("value=\"b\""));
        assert!(kinds().into_iter().filter(|kind| matches!(kind, Kind::Select(_))).all(|kind| shown(kind).contains("value=\"b\" selected")));
        assert_eq!(error_summary(Lang::En, &[Field::new("x", "X")]), Html::default());
    }

    proptest! {
        #[test]
        fn any_text_stays_text(text in any::<String>()) {
            for kind in kinds() {
                let with = |text: &str| Field::new(text, text).kind(kind.clone()).hint(format!("h{text}")).value(text).unit(format!("u{text}")).error(Some(text.to_owned()));
                prop_assert_eq!(with(&text).to_string().matches('<').count(), with("x").to_string().matches('<').count());
            }
        }
    }
}
