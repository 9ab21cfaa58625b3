//! `/api/v1/docs`: the OpenAPI document for people, in our own shell.

use super::openapi::openapi;
use super::operation::DOCS;
use super::problem::{self, Problem};
use access::Context;
use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use serde_json::Value;
use ui::{AppError, Lang, Shell, page};

#[derive(Template)]
#[template(path = "api_docs.html")]
struct Docs {
    shell: Shell,
    operations: Vec<Operation>,
    schemas: Vec<Shape>,
    problems: &'static [Problem],
}

struct Operation {
    method: String,
    path: String,
    id: String,
    title: String,
    text: String,
    token: bool,
    params: Vec<Field>,
    body: Option<(String, String)>,
    curl: String,
    answers: Vec<String>,
    media: Vec<String>,
    errors: Vec<String>,
}

struct Shape {
    name: String,
    text: String,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    kind: String,
    required: bool,
    text: String,
}

/// The readable page.
pub(super) async fn docs(ctx: Context, uri: Uri) -> Result<Response, AppError> {
    DOCS.read(&uri)?;
    let l = ctx.lang;
    let shell = ctx
        .shell(l.t("API và dữ liệu mở", "API and open data"))
        .describe(l.t("Cách đọc và ghi số liệu bằng chương trình.", "Reading and writing figures by program."))
        .here("API");
    let doc = openapi();
    let mut operations: Vec<Operation> = Vec::new();
    for (path, item) in object(doc, "paths") {
        for (method, op) in item.as_object().into_iter().flatten() {
            operations.push(operation(path, method, op, l));
        }
    }
    // Reading comes first, then writing; each by path.
    operations.sort_by(|a, b| (a.method != "GET", &a.path).cmp(&(b.method != "GET", &b.path)));
    let schemas = object(doc.get("components").unwrap_or(&Value::Null), "schemas").map(|(name, schema)| shape(name, schema, l)).collect();
    Ok(page(&Docs { shell, operations, schemas, problems: problem::ALL }))
}

fn object<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A text in the reader's language: the Vietnamese one stands beside the English one, if there is one.
fn said(value: &Value, key: &str, l: Lang) -> String {
    let vi = value.get("x-vi").map(|vi| vi.as_str().map(str::to_owned).unwrap_or_else(|| text(vi, key))).filter(|vi| !vi.is_empty());
    match (l, vi) {
        (Lang::Vi, Some(vi)) => vi,
        _ => text(value, key),
    }
}

fn operation(path: &str, method: &str, op: &Value, l: Lang) -> Operation {
    let params = op.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let params = params
        .map(|p| Field {
            name: text(p, "name"),
            kind: kind(p.get("schema").unwrap_or(&Value::Null)),
            required: p.get("required").and_then(Value::as_bool).unwrap_or_default(),
            text: said(p, "description", l),
        })
        .collect();
    let body = op.get("requestBody").and_then(|b| b.get("content")).and_then(|c| c.get("application/json"));
    let example = body.and_then(|b| b.get("example")).map(|e| serde_json::to_string(e).unwrap_or_default());
    let body = body.map(|b| (b.get("schema").map(kind).unwrap_or_default(), example.clone().unwrap_or_default()));
    let content = op.get("responses").and_then(|r| r.get("200")).and_then(|r| r.get("content"));
    let media: Vec<String> = content.and_then(Value::as_object).into_iter().flatten().map(|(m, _)| m.clone()).collect();
    let answers = content.and_then(|c| c.get("application/json")).and_then(|c| c.get("schema")).map(names).unwrap_or_default();
    Operation {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        id: text(op, "operationId"),
        title: said(op, "summary", l),
        text: said(op, "description", l),
        token: op.get("security").and_then(Value::as_array).is_some_and(|s| s.len() == 1),
        params,
        curl: curl(method, &text(op, "x-example"), path, example.as_deref()),
        body,
        answers,
        media,
        errors: errors(op),
    }
}

/// The codes an operation refuses with; descriptions of other crates name them in words.
fn errors(op: &Value) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (_, response) in object(op, "responses").filter(|(status, _)| status.as_str() >= "400") {
        let description = text(response, "description");
        let named = description.split([',', ' ']).filter(|word| problem::find(word).is_some());
        let codes = response.get("x-codes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for code in codes.chain(named) {
            if !out.iter().any(|known| known == code) {
                out.push(code.to_owned());
            }
        }
    }
    out
}

fn curl(method: &str, example: &str, path: &str, body: Option<&str>) -> String {
    let address = if example.is_empty() { path } else { example };
    match body {
        None if method == "get" => format!("curl \"$CONGLANG{address}\""),
        _ => format!(
            "curl -X POST \"$CONGLANG{address}\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H \"Idempotency-Key: lan-gui-1\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{}'",
            body.unwrap_or_default()
        ),
    }
}

/// The names of the shapes an answer is made of.
fn names(schema: &Value) -> Vec<String> {
    let item = schema.get("properties").and_then(|p| p.get("items")).and_then(|i| i.get("items"));
    [Some(schema), item]
        .into_iter()
        .flatten()
        .filter_map(|s| s.get("$ref"))
        .filter_map(Value::as_str)
        .filter_map(|r| r.rsplit('/').next())
        .map(str::to_owned)
        .collect()
}

/// What a schema takes, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
        return name.to_owned();
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    if let Some(options) = ["oneOf", "anyOf", "allOf"].iter().find_map(|k| schema.get(*k)).and_then(Value::as_array) {
        return options.iter().map(kind).filter(|k| !k.is_empty()).collect::<Vec<_>>().join(" | ");
    }
    let items = schema.get("items").map(|i| format!("[{}]", kind(i)));
    let format = schema.get("format").and_then(Value::as_str).filter(|f| matches!(*f, "uuid" | "date"));
    match (items, format, schema.get("type")) {
        (Some(items), ..) => items,
        (_, Some(format), _) => format.to_owned(),
        (_, _, Some(Value::String(name))) => name.clone(),
        (_, _, Some(Value::Array(list))) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => String::new(),
    }
}

fn shape(name: &str, schema: &Value, l: Lang) -> Shape {
    let mut fields = Vec::new();
    let parts = schema.get("allOf").and_then(Value::as_array);
    for part in std::iter::once(schema).chain(parts.into_iter().flatten()) {
        let required: Vec<&str> = part.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in object(part, "properties") {
            fields.push(Field { name: name.clone(), kind: kind(field), required: required.contains(&name.as_str()), text: said(field, "description", l) });
        }
        if let Some(reference) = part.get("$ref") {
            let name = reference.as_str().and_then(|r| r.rsplit('/').next()).unwrap_or_default().to_owned();
            fields.push(Field { name: format!("… {name}"), kind: String::new(), required: false, text: String::new() });
        }
    }
    if fields.is_empty() {
        fields.push(Field { name: kind(schema), kind: String::new(), required: false, text: String::new() });
    }
    Shape { name: name.to_owned(), text: said(schema, "description", l), fields }
}
