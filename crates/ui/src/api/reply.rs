use super::Query;
use crate::AppError;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`
    Json,
    /// `text/csv` in UTF-8 with a head line and no byte order mark.
    Csv,
    /// `application/geo+json`
    GeoJson,
}

impl Format {
    /// The media type.
    pub fn media(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv",
            Format::GeoJson => "application/geo+json",
        }
    }

    /// The value of the parameter `format`.
    pub fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::GeoJson => "geojson",
        }
    }

    /// The form wanted: by the parameter `format`, else by the header `Accept`; the first offered when it does not matter.
    ///
    /// # Errors
    /// 400 `parameter_invalid`, 406 `not_acceptable`.
    pub fn wanted(query: &Query, headers: &HeaderMap, offered: &[Format]) -> Result<Format, AppError> {
        let words: Vec<&str> = offered.iter().map(|f| f.word()).collect();
        if let Some(format) = query.word("format", &words, |w| offered.iter().copied().find(|f| f.word() == w))? {
            return Ok(format);
        }
        let accept: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
        if accept.is_empty() {
            return Ok(offered.first().copied().unwrap_or(Format::Json));
        }
        let best = offered.iter().copied().map(|f| (f, weight(&accept, f.media()))).filter(|(_, q)| *q > 0).rev().max_by_key(|(_, q)| *q);
        best.map(|(format, _)| format).ok_or_else(|| {
            let list = offered.iter().map(|f| f.media()).collect::<Vec<_>>().join(", ");
            AppError::new("not_acceptable", 406)
                .say("Không có dạng dữ liệu được yêu cầu trong “Accept”.", "None of the forms named in “Accept” is offered.")
                .mend(format!("Các dạng có sẵn: {list}."), format!("The forms offered: {list}."))
        })
    }
}

/// How much a media type is wanted, in thousandths; the most specific range decides.
fn weight(accept: &[&str], media: &str) -> u16 {
    let (kind, _) = media.split_once('/').unwrap_or((media, ""));
    let mut best = (0, 0);
    for range in accept.iter().flat_map(|line| line.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let precision = match name.as_str() {
            "*/*" => 1,
            n if n.strip_suffix("/*") == Some(kind) => 2,
            n if n == media => 3,
            _ => continue,
        };
        let q = parts.find_map(|p| p.strip_prefix("q=")).map_or(1000, thousandths);
        if precision > best.0 {
            best = (precision, q);
        }
    }
    best.1
}

/// `0.85` as 850; what cannot be read counts as 0.
fn thousandths(text: &str) -> u16 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = rest.chars().chain("000".chars()).take(3).collect();
    match (whole, digits.parse::<u16>()) {
        ("1", Ok(0)) => 1000,
        ("0", Ok(n)) => n,
        _ => 0,
    }
}

/// A page of a list. As JSON `{"items": […], "total": n, "next": cursor or null}`.
#[derive(Clone, Debug, Serialize)]
pub struct List<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Items on all pages.
    pub total: usize,
    /// Cursor of the page after this; none on the last.
    pub next: Option<String>,
}

/// What an answer must know of its request.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The parameters.
    pub query: &'a Query,
    /// The headers, for `Accept` and `If-None-Match`.
    pub headers: &'a HeaderMap,
    /// Whether anybody may keep the answer in a cache: it was made for somebody who has not signed in.
    pub public: bool,
}

impl Reply<'_> {
    /// A list in the form wanted: JSON, CSV with `columns` (names of fields of an item), or, if `geometry` can give one,
    /// GeoJSON, where each item becomes a feature named by its field `unit` or `id`.
    ///
    /// # Errors
    /// As [`Format::wanted`].
    pub fn list<T: Serialize>(&self, list: &List<T>, columns: &[&str], geometry: Option<&dyn Fn(&T) -> Value>) -> Result<Response, AppError> {
        let all = [Format::Json, Format::Csv, Format::GeoJson];
        let offered = if geometry.is_some() { &all[..] } else { all.split_at(2).0 };
        let format = Format::wanted(self.query, self.headers, offered)?;
        let body = match (format, geometry) {
            (Format::Csv, _) => csv(&list.items, columns)?,
            (Format::GeoJson, Some(geometry)) => geojson(list, geometry)?,
            _ => serde_json::to_vec(list).map_err(|_| broken())?,
        };
        let mut response = self.send(format, body);
        if let Some(next) = &list.next
            && let Ok(link) = HeaderValue::from_str(&format!("<{}>; rel=\"next\"", self.query.at(next)))
        {
            response.headers_mut().insert(header::LINK, link);
        }
        Ok(response)
    }

    /// One thing as JSON.
    ///
    /// # Errors
    /// 500 when it cannot be written, which is a defect of ours.
    pub fn one(&self, item: &impl Serialize) -> Result<Response, AppError> {
        Ok(self.send(Format::Json, serde_json::to_vec(item).map_err(|_| broken())?))
    }

    /// A body with its entity tag; 304 without it when the reader has the same.
    fn send(&self, format: Format, body: Vec<u8>) -> Response {
        let digest: String = Sha256::digest(&body).iter().take(12).map(|b| format!("{b:02x}")).collect();
        let tag = format!("W/\"{digest}\"");
        let same = self
            .headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .any(|t| t == "*" || t.strip_prefix("W/").unwrap_or(t) == tag.strip_prefix("W/").unwrap_or(&tag));
        let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { body.into_response() };
        let headers = response.headers_mut();
        let media = match format {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            other => other.media(),
        };
        if same {
            headers.remove(header::CONTENT_TYPE);
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        }
        if let Ok(value) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, value);
        }
        headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, cookie"));
        if self.public {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
        }
        response
    }
}

fn broken() -> AppError {
    AppError::new("internal", 500)
}

fn geojson<T: Serialize>(list: &List<T>, geometry: &dyn Fn(&T) -> Value) -> Result<Vec<u8>, AppError> {
    let mut features = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let properties = serde_json::to_value(item).map_err(|_| broken())?;
        let id = properties.get("unit").or_else(|| properties.get("id")).cloned().unwrap_or_default();
        features.push(serde_json::json!({"type": "Feature", "id": id, "geometry": geometry(item), "properties": properties}));
    }
    let all = serde_json::json!({"type": "FeatureCollection", "features": features, "total": list.total, "next": list.next});
    serde_json::to_vec(&all).map_err(|_| broken())
}

fn csv<T: Serialize>(items: &[T], columns: &[&str]) -> Result<Vec<u8>, AppError> {
    let mut out = columns.join(",");
    out.push_str("\r\n");
    for item in items {
        let value = serde_json::to_value(item).map_err(|_| broken())?;
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(&quoted(&cell(value.get(column))));
        }
        out.push_str("\r\n");
    }
    Ok(out.into_bytes())
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => guarded(text),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => guarded(&list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")),
        Some(other) => other.to_string(),
    }
}

/// Words that a spreadsheet would run as a formula get an apostrophe before them; numbers stay as they are.
fn guarded(text: &str) -> String {
    let number = !text.is_empty() && text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Item {
        unit: String,
        value: Option<String>,
        n: i64,
    }

    fn asked(address: &str, headers: &[(&'static str, &str)]) -> (Query, HeaderMap) {
        let uri = address.parse().unwrap();
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        (Query::read(&uri, &["format", "next", "a"]).unwrap(), headers)
    }

    fn page() -> List<Item> {
        let item = |unit: &str, value: Option<&str>| Item { unit: unit.into(), value: value.map(str::to_owned), n: 3 };
        List { items: vec![item("a", Some("-1.5")), item("=cmd", None), item("x, \"y\"", None)], total: 9, next: Some("CUR".into()) }
    }

    async fn answer(address: &str, headers: &[(&'static str, &str)]) -> (u16, HeaderMap, String) {
        let (query, headers) = asked(address, headers);
        let reply = Reply { query: &query, headers: &headers, public: true };
        let response = match reply.list(&page(), &["unit", "value", "n"], Some(&|_| Value::Null)) {
            Ok(response) => response,
            Err(error) => return (error.status, HeaderMap::new(), error.code.to_owned()),
        };
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_list_in_three_forms() {
        let (status, headers, body) = answer("/x?a=1", &[]).await;
        assert_eq!(status, 200);
        assert!(body.starts_with("{\"items\":[{\"unit\":\"a\",\"value\":\"-1.5\",\"n\":3}"), "{body}");
        assert!(body.ends_with("\"total\":9,\"next\":\"CUR\"}"));
        assert_eq!(headers[header::LINK], "</x?a=1&next=CUR>; rel=\"next\"");
        let (_, headers, body) = answer("/x", &[("accept", "text/csv")]).await;
        assert_eq!(body, "unit,value,n\r\na,-1.5,3\r\n'=cmd,,3\r\n\"x, \"\"y\"\"\",,3\r\n");
        assert!(headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
        let (_, headers, body) = answer("/x?format=geojson", &[("accept", "text/csv")]).await;
        assert_eq!(headers[header::CONTENT_TYPE], "application/geo+json");
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["features"][1]["id"], "=cmd");
        assert_eq!(value["features"][1]["properties"]["n"], 3);
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(answer("/x", &[("accept", browser)]).await.1[header::CONTENT_TYPE], "application/json");
        assert_eq!(answer("/x", &[("accept", "image/png")]).await.2, "not_acceptable");
        assert_eq!(
            answer("/x", &[("accept", "text/csv;q=0.2, application/json;q=0.1")]).await.1[header::CONTENT_TYPE],
            "text/csv; charset=utf-8; header=present"
        );
        assert_eq!(answer("/x?format=xml", &[]).await.2, "parameter_invalid");
    }

    #[tokio::test]
    async fn what_the_reader_has_is_not_sent_again() {
        let (_, headers, _) = answer("/x", &[]).await;
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        let (status, headers, body) = answer("/x", &[("if-none-match", &format!("\"other\", {tag}"))]).await;
        assert_eq!((status, body.as_str()), (304, ""));
        assert_eq!(headers[header::ETAG], tag.as_str());
        assert_eq!(answer("/x?format=csv", &[("if-none-match", &tag)]).await.0, 200);
    }
}
