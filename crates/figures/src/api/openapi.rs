//! The OpenAPI 3.1 document of all of `/api/v1`, made from the operations and the shapes of their answers.

use super::operation::{self, Answer, Operation};
use super::problem;
use super::words;
use super::{acceptance, completeness, entry, evidence, explain, figure, measure, submission};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{LazyLock, PoisonError, RwLock};
use ui::AppError;
use ui::api::Reply;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

static DOCUMENT: LazyLock<Value> = LazyLock::new(build);
/// What the parts of the platform above this one describe of their own, by their names.
static OTHERS: RwLock<BTreeMap<&'static str, Value>> = RwLock::new(BTreeMap::new());

/// Adds the OpenAPI description of another part of the platform; call it at start, before anybody reads the document.
/// Its operations bring their Vietnamese words themselves, as `x-vi`.
pub fn describe(part: &'static str, description: impl serde::Serialize) {
    let description = serde_json::to_value(description).unwrap_or_default();
    OTHERS.write().unwrap_or_else(PoisonError::into_inner).insert(part, description);
}

/// The document of the whole interface.
pub fn openapi() -> &'static Value {
    &DOCUMENT
}

/// The document for machines.
pub(super) async fn document(uri: Uri, headers: HeaderMap) -> Result<Response, AppError> {
    let query = operation::OPENAPI.read(&uri)?;
    Reply { query: &query, headers: &headers, public: true }.one(openapi())
}

fn build() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for op in operation::ALL {
        paths.entry(op.path).or_default().insert(op.method.to_ascii_lowercase(), said(op));
    }
    let mut schemas = schemas();
    let mut paths = serde_json::to_value(paths).unwrap_or_default();
    // What other crates describe of their own; a shape of the same name is the same shape.
    let others = serde_json::to_value(places::api::openapi()).unwrap_or_default();
    merge(&mut paths, others.get("paths"));
    merge(&mut schemas, others.get("components").and_then(|c| c.get("schemas")));
    for other in OTHERS.read().unwrap_or_else(PoisonError::into_inner).values() {
        merge(&mut paths, other.get("paths"));
        merge(&mut schemas, other.get("components").and_then(|c| c.get("schemas")));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cổng Làng",
            "version": "1",
            "summary": "Units, changes of units, measures and figures of the new-rural programme.",
            "description": "Units and aggregated figures are open data; everything else needs an API token with a role in the place (made on the page of one's own account). Lists answer {\"items\", \"total\", \"next\"}; exact numbers are decimals in text; instants are RFC 3339 in UTC; refusals are problem+json with a stable code.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "API token of an account; it carries roles of its owner."}},
        },
    });
    words::put(&mut document);
    document
}

fn merge(into: &mut Value, from: Option<&Value>) {
    let (Some(into), Some(from)) = (into.as_object_mut(), from.and_then(Value::as_object)) else { return };
    for (name, value) in from {
        match (into.get_mut(name).and_then(Value::as_object_mut), value.as_object()) {
            // Two parts may describe two methods of one path.
            (Some(there), Some(more)) => {
                for (part, value) in more {
                    there.entry(part).or_insert_with(|| value.clone());
                }
            }
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

fn said(op: &Operation) -> Value {
    let mut out = json!({
        "operationId": op.id,
        "summary": op.en,
        "description": op.says_en,
        "x-vi": {"summary": op.vi, "description": op.says_vi},
        "x-example": op.example,
        "parameters": op.params.iter().map(super::param::Param::openapi).collect::<Vec<_>>(),
        "responses": responses(op),
        "security": if op.signed_in { json!([{"token": []}]) } else { json!([{}, {"token": []}]) },
    });
    if let (Some((schema, example)), Some(map)) = (op.body, out.as_object_mut()) {
        let example: Value = serde_json::from_str(example).unwrap_or_default();
        let content = json!({"application/json": {"schema": refer(schema), "example": example}});
        map.insert("requestBody".into(), json!({"required": true, "content": content}));
    }
    out
}

fn refer(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn responses(op: &Operation) -> Value {
    let text = |media: &str| json!({media: {"schema": {"type": "string"}}});
    let content = match op.answer {
        Answer::One(schema) => json!({"application/json": {"schema": refer(schema)}}),
        Answer::Media("application/json") => json!({"application/json": {"schema": {"type": "object"}}}),
        Answer::Media(media) => text(media),
        Answer::List(schema, on_map) => {
            let list = json!({
                "type": "object",
                "required": ["items", "total", "next"],
                "properties": {
                    "items": {"type": "array", "items": refer(schema)},
                    "total": {"type": "integer", "description": "Items on all pages."},
                    "next": {"type": ["string", "null"], "description": "Cursor of the next page; also in the header Link."},
                },
            });
            let mut content = json!({"application/json": {"schema": list}, "text/csv": {"schema": {"type": "string"}}});
            if let (true, Some(map)) = (on_map, content.as_object_mut()) {
                map.insert("application/geo+json".into(), json!({"schema": {"type": "object"}}));
            }
            content
        }
    };
    let mut out = Map::new();
    out.insert("200".into(), json!({"description": "OK", "content": content}));
    if op.method == "GET" && op.answer != Answer::Media("text/html") {
        out.insert("304".into(), json!({"description": "Not changed since the ETag in If-None-Match."}));
    }
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in op.errors {
        by_status.entry(problem::find(code).map_or(500, |p| p.status)).or_default().push(code);
    }
    for (status, codes) in by_status {
        let schema = refer("Problem");
        out.insert(status.to_string(), json!({"description": codes.join(", "), "x-codes": codes, "content": {"application/problem+json": {"schema": schema}}}));
    }
    Value::Object(out)
}

fn add<T: ToSchema + PartialSchema>(out: &mut Vec<(String, RefOr<Schema>)>) {
    out.push((T::name().into_owned(), T::schema()));
    T::schemas(out);
}

fn schemas() -> Value {
    let mut list = Vec::new();
    add::<measure::MeasureVersion>(&mut list);
    add::<figure::Figure>(&mut list);
    add::<explain::Explained>(&mut list);
    add::<completeness::Completeness>(&mut list);
    add::<evidence::EvidenceNote>(&mut list);
    add::<entry::EnterRequest>(&mut list);
    add::<entry::Entered>(&mut list);
    add::<submission::SubmitRequest>(&mut list);
    add::<submission::Submission>(&mut list);
    add::<acceptance::DecideRequest>(&mut list);
    add::<acceptance::Decided>(&mut list);
    let mut out: BTreeMap<String, Value> = list.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect();
    out.insert(
        "Me".to_owned(),
        json!({
            "type": "object",
            "description": "Who calls.",
            "required": ["id", "name", "roles"],
            "properties": {
                "id": {"type": ["string", "null"], "format": "uuid", "description": "Id of the account."},
                "name": {"type": "string", "description": "Name of the person, with that of the token."},
                "roles": {"type": "array", "items": refer("MyRole"), "description": "Roles that hold today."},
            },
        }),
    );
    let said = |kind: Value, en: &str, vi: &str| {
        let mut field = json!({"description": en, "x-vi": vi});
        if let (Some(field), Some(kind)) = (field.as_object_mut(), kind.as_object()) {
            field.extend(kind.clone());
        }
        field
    };
    out.insert(
        "Organisation".to_owned(),
        json!({
            "type": "object",
            "description": "An organisation beside the place it belongs to.",
            "x-vi": "Một cơ quan, tổ chức, bên cạnh nơi nó thuộc về.",
            "required": ["id", "kind", "unit", "parent", "standard", "name", "abbreviation", "valid_from", "valid_to", "successors"],
            "properties": {
                "id": said(json!({"type": "string", "format": "uuid"}), "Id for life.", "Id không đổi."),
                "kind": said(json!({"type": "string"}), "Kind, such as `people-committee`.", "Loại, ví dụ `people-committee`."),
                "unit": said(json!({"type": "string", "format": "uuid"}), "Place it belongs to.", "Nơi nó thuộc về."),
                "parent": said(json!({"type": ["string", "null"], "format": "uuid"}), "Organisation above it.", "Cơ quan cấp trên trực tiếp."),
                "standard": said(json!({"type": "string"}), "Code in the standard list; empty for one of the place's own.", "Mã trong danh mục chuẩn; trống nếu nơi tự lập."),
                "name": said(json!({"type": "string"}), "Name on the day.", "Tên vào ngày đó."),
                "abbreviation": said(json!({"type": "string"}), "Abbreviation in document numbers.", "Chữ viết tắt trong số ký hiệu văn bản."),
                "valid_from": said(json!({"type": "string", "format": "date"}), "First day.", "Ngày đầu."),
                "valid_to": said(json!({"type": ["string", "null"], "format": "date"}), "First day on which it is no more.", "Ngày đầu không còn."),
                "successors": said(json!({"type": "array", "items": {"type": "string", "format": "uuid"}}), "Who goes on with what it had.", "Ai kế thừa khi nó kết thúc."),
            },
        }),
    );
    out.insert(
        "MyRole".to_owned(),
        json!({
            "type": "object",
            "description": "A role in a place for a time.",
            "required": ["role", "unit", "unit_name", "valid_from", "valid_to"],
            "properties": {
                "role": {"type": "string", "enum": access::Role::ALL.map(access::Role::as_str), "description": "Role."},
                "unit": {"type": "string", "format": "uuid", "description": "Top of the subtree."},
                "unit_name": {"type": "string", "description": "Its name."},
                "valid_from": {"type": "string", "format": "date", "description": "First day."},
                "valid_to": {"type": ["string", "null"], "format": "date", "description": "First day on which it no longer holds."},
            },
        }),
    );
    out.insert(
        "Problem".to_owned(),
        json!({
            "type": "object",
            "description": "A refusal (RFC 9457).",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": {"type": "string", "description": "Address of the meaning of the code."},
                "title": {"type": "string", "description": "Name of the status."},
                "status": {"type": "integer", "description": "HTTP status."},
                "code": {"type": "string", "enum": problem::ALL.iter().filter(|p| p.status > 0).map(|p| p.code).collect::<Vec<_>>(), "description": "Stable code."},
                "detail": {"type": "string", "description": "What happened, in words."},
                "how": {"type": "string", "description": "How to mend it."},
                "at": {"type": "string", "description": "Where: a parameter, a field, line and column."},
                "instance": {"type": "string", "description": "Path that was asked for."},
                "request_id": {"type": "string", "description": "Number of the request in the logs."},
            },
        }),
    );
    serde_json::to_value(out).unwrap_or_default()
}
