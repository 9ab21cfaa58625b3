//! The Vietnamese of the OpenAPI document: beside each English text that has none stands one as `x-vi`.
//! A shape or field that nobody has put into Vietnamese fails the test below.

use serde_json::{Value, json};

/// Operations that other crates describe: method and path, id among all operations, title, what it does, example.
const OPERATIONS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "get /api/v1/units",
        "listUnits",
        "Địa bàn của một ngày",
        "Tìm và liệt kê đơn vị như chúng có vào ngày as_of; trước 01/7/2025 còn cấp huyện.",
        "/api/v1/units?q=thieu%20trung",
    ),
    ("get /api/v1/units/{id}", "getUnit", "Một đơn vị", "Thuộc tính vào ngày as_of, hoặc gần ngày đó nhất.", ""),
    ("get /api/v1/units/{id}/history", "unitHistory", "Lịch sử của một đơn vị", "Trước là gì, nay là gì, qua những thay đổi nào.", ""),
    (
        "get /api/v1/unit-changes",
        "listUnitChanges",
        "Thay đổi địa giới",
        "Nhập, chia, đổi tên, đổi loại, chuyển cấp trên, kết thúc, lập mới, theo ngày hiệu lực.",
        "/api/v1/unit-changes?from=2025-07-01&limit=2",
    ),
    ("get /api/v1/unit-changes/{id}", "getUnitChange", "Một thay đổi địa giới", "Nghị quyết, ngày hiệu lực, đơn vị trước và sau.", ""),
    (
        "get /api/v1/groups",
        "listGroups",
        "Nhóm đơn vị",
        "Vùng, nhóm xã, thí điểm và các dấu hiệu như biên giới, đặc biệt khó khăn.",
        "/api/v1/groups?kind=region",
    ),
    ("get /api/v1/groups/{code}/members", "listGroupMembers", "Thành viên của một nhóm", "Các đơn vị thuộc nhóm vào ngày as_of.", ""),
];

/// Parameters that other crates describe.
const PARAMETERS: &[(&str, &str)] = &[
    ("as_of", "Ngày, ví dụ 2025-06-30; bỏ trống là hôm nay."),
    ("code", "Mã."),
    ("decree", "Số nghị quyết, nghị định, hoặc một phần của số."),
    ("format", "json hoặc csv (đơn vị: cả geojson), thay cho header Accept."),
    ("from", "Từ ngày hiệu lực."),
    ("id", "Id của đơn vị hoặc thay đổi."),
    ("kind", "Loại."),
    ("level", "Cấp."),
    ("limit", "Số mục mỗi trang, 1 đến 5000; bỏ trống là 100."),
    ("next", "Con trỏ “next” của trang trước."),
    ("parent", "Id, hoặc mã ngày đó, của đơn vị ngay bên trên."),
    ("q", "Tên có dấu hoặc không dấu, hoặc dòng địa chỉ; tên cũ cũng tìm được."),
    ("to", "Đến ngày hiệu lực."),
    ("under", "Id, hoặc mã, của một đơn vị bên trên."),
    ("unit", "Id, hoặc mã hôm nay, của đơn vị có trong thay đổi."),
];

/// Shapes, and fields as `Shape.field` or `field`.
const SHAPES: &[(&str, &str)] = &[
    ("Carried", "Đơn vị cũ đứng sau một số liệu trên bản đồ hôm nay."),
    ("Carry", "Cách chuyển số của một đơn vị sang đơn vị kế thừa."),
    ("ChangeEdge", "Một đơn vị trước, một đơn vị sau."),
    ("ChangeItem", "Một thay đổi địa giới."),
    ("ChangeKind", "Loại thay đổi địa giới."),
    ("ChangeList", "Danh sách có phân trang."),
    ("Completeness", "Một nơi đã báo cáo bao nhiêu của một kỳ."),
    ("DecideItem", "Một số đang chờ, như bạn đã xem."),
    ("DecideRequest", "Quyết định về các số đang chờ."),
    ("Decided", "Điều đã quyết định."),
    ("Decision", "Duyệt tất cả, hoặc trả lại một số."),
    ("Definition", "Một phiên bản định nghĩa của chỉ tiêu."),
    ("EnterItem", "Một giá trị: value, hoặc n và of, hoặc status."),
    ("EnterRequest", "Các giá trị cần nhập."),
    ("Entered", "Kết quả từng dòng."),
    ("EvidenceNote", "Văn bản minh chứng, không kèm nội dung tệp."),
    ("Explained", "Một số liệu cùng mọi thứ đứng sau nó."),
    ("Figure", "Số liệu của một nơi trong một kỳ."),
    ("FigureStatus", "Số liệu gồm những gì."),
    ("GroupItem", "Một nhóm đơn vị, hoặc một dấu hiệu của đơn vị."),
    ("GroupKind", "Loại nhóm."),
    ("GroupList", "Danh sách có phân trang."),
    ("HeirItem", "Đơn vị kế thừa toàn bộ hoặc một phần đơn vị khác."),
    ("Kind", "Giá trị của chỉ tiêu có dạng gì."),
    ("LedgerLine", "Một dòng của sổ cái."),
    ("Level", "Cấp. Cấp huyện chỉ có trước 01/7/2025."),
    ("Me", "Người hoặc chương trình đang gọi."),
    ("MeasureVersion", "Một phiên bản của chỉ tiêu."),
    ("MemberItem", "Một đơn vị trong nhóm."),
    ("MemberList", "Danh sách có phân trang."),
    ("MyRole", "Một vai trò, tại một nơi, trong một thời gian."),
    ("OverTime", "Cách gộp các kỳ nhỏ thành kỳ dài."),
    ("Problem", "Lời từ chối (RFC 9457)."),
    ("Rollup", "Cách cộng giá trị các nơi lên cấp trên."),
    ("RowResult", "Kết quả của một dòng."),
    ("State", "Dòng sổ cái làm gì với số liệu."),
    ("Submission", "Điều đã nộp."),
    ("SubmitRequest", "Điều cần nộp."),
    ("Tree", "Đọc trên bản đồ nào."),
    ("UnitHistory", "Một đơn vị qua mọi thời."),
    ("UnitItem", "Một đơn vị vào một ngày."),
    ("UnitList", "Danh sách có phân trang."),
    ("accept", "Vai trò duyệt."),
    ("area_km2", "Km²."),
    ("as_of", "Lúc phần mới nhất được duyệt, RFC 3339, giờ UTC; null là chưa bao giờ."),
    ("LedgerLine.at", "Lúc nào, RFC 3339, giờ UTC."),
    ("Problem.at", "Ở đâu: tham số, trường, dòng:cột."),
    ("Completeness.awaiting", "Số giá trị chờ duyệt."),
    ("awaiting", "Số đơn vị có giá trị đầu tiên đang chờ duyệt."),
    ("EvidenceNote.scan", "Quét vi-rút: unscanned chưa quét, clean sạch, infected có mã độc, not_needed không cần, refused máy quét không quét được."),
    ("EvidenceNote.url", "Địa chỉ của đường dẫn."),
    ("EvidenceNote.uses", "Đang chứng minh bao nhiêu số liệu và tiêu chí; null khi không đếm."),
    ("EvidenceNote.valid_until", "Ngày cuối còn hiệu lực."),
    ("brought_at", "Lúc đưa lên, RFC 3339, giờ UTC."),
    ("carried", "Trên bản đồ hôm nay: các đơn vị cũ được chuyển sang."),
    ("carry", "Cách chuyển qua lần thay đổi địa giới."),
    ("cell", "Ô của tệp Excel."),
    ("changes", "Các thay đổi đã trải qua, cũ nhất trước."),
    ("UnitItem.code", "Mã chính thức ngày đó, giữ số 0 đầu."),
    ("MemberItem.code", "Mã chính thức ngày đó."),
    ("RowResult.code", "Mã từ chối."),
    ("Problem.code", "Mã không đổi."),
    ("code", "Mã ngắn không đổi."),
    ("complete", "Phần trăm đã duyệt và không áp dụng trên số phải báo cáo; null khi không phải báo cáo gì."),
    ("computed", "Được tính từ chỉ tiêu khác, không nhập."),
    ("condition", "Điều kiện CEL trên value, để đếm hoặc tính tỷ lệ đạt."),
    ("cutoff", "Cách chốt số liệu: nd09 hoặc calendar."),
    ("decimals", "Số chữ số thập phân, 0 đến 6."),
    ("decision", "accept hoặc return."),
    ("decree", "Số nghị quyết; null khi chưa rõ."),
    ("decree_date", "Ngày văn bản."),
    ("definition", "Định nghĩa ở phiên bản của kỳ."),
    ("definition_en", "Định nghĩa bằng tiếng Anh."),
    ("definition_vi", "Đếm chính xác cái gì."),
    ("denominator", "Với tỷ lệ: trên bao nhiêu."),
    ("denominator_vi", "Với tỷ lệ: N đếm gì."),
    ("detail", "Nói bằng lời."),
    ("detailed", "Có hiện người, tệp và minh chứng không."),
    ("dry_run", "Chỉ thử, không ghi."),
    ("effective", "Ngày đầu của bản đồ mới."),
    ("enter", "Vai trò nhập."),
    ("Figure.estimated", "Số đơn vị có giá trị ước tính, vì đơn vị cũ bị chia."),
    ("estimated", "Phần chia là ước tính."),
    ("evidence", "Văn bản minh chứng; chỉ cho người có vai trò tại nơi đó."),
    ("Carried.figure", "Số liệu của đơn vị cũ lúc đó."),
    ("figure", "Số liệu."),
    ("file_name", "Tên tệp nguồn."),
    ("file_sha256", "SHA-256 của tệp."),
    ("formula", "Công thức CEL từ mã các chỉ tiêu khác."),
    ("formula_of", "Với tỷ lệ được tính: công thức của N."),
    ("from", "Đơn vị trước; null khi đơn vị mới ra đời."),
    ("from_name", "Tên đầy đủ vào ngày cuối."),
    ("full_name", "Tên có loại đứng trước."),
    ("heirs", "Nay là gì: chính nó, hoặc những đơn vị kế thừa."),
    ("how", "Cách sửa."),
    ("MeasureVersion.id", "Id, chung cho mọi phiên bản."),
    ("UnitItem.id", "Id suốt đời; mã chính thức có thể dùng lại cho nơi khác nên không thay được id."),
    ("id", "Id."),
    ("index", "Thứ tự dòng, từ 0."),
    ("inputs", "Các số dùng để tính."),
    ("instance", "Địa chỉ đã hỏi."),
    ("is_default", "Đơn vị kế thừa chính."),
    ("issued", "Ngày văn bản."),
    ("issuer", "Cơ quan ban hành."),
    ("EnterRequest.items", "Các dòng, nhiều nhất 50.000."),
    ("DecideRequest.items", "Các số; trả lại thì đúng một, duyệt nhiều nhất 5.000."),
    ("items", "Các mục của trang."),
    ("UnitItem.kind", "Loại: tỉnh, huyện, xã, phường…"),
    ("kind", "Loại."),
    ("kinds", "Chỉ các loại đơn vị này báo cáo; trống là mọi loại."),
    ("lat", "Vĩ độ WGS 84, gần đúng."),
    ("legal_basis", "Văn bản làm căn cứ."),
    ("Definition.level", "Cấp báo cáo."),
    ("level", "Cấp."),
    ("Explained.lines", "Các dòng sổ cái, cũ nhất trước; không có vai trò thì chỉ dòng được tính."),
    ("lines", "Số dòng sổ cái đã ghi."),
    ("lon", "Kinh độ WGS 84, gần đúng."),
    ("max", "Giá trị lớn nhất hợp lý."),
    ("measure", "Mã chỉ tiêu."),
    ("measures", "Số chỉ tiêu mà nơi này phải báo cáo."),
    ("media", "Loại tệp."),
    ("members", "Số thành viên ngày đó."),
    ("met", "Số đơn vị đạt điều kiện của chỉ tiêu."),
    ("min", "Giá trị nhỏ nhất hợp lý."),
    ("Completeness.missing", "Số giá trị còn thiếu hoặc chưa biết."),
    ("missing", "Số đơn vị chưa báo cáo, hoặc nói chưa biết."),
    ("EnterItem.n", "Với tỷ lệ: bao nhiêu, viết thành chuỗi."),
    ("Completeness.n", "Số giá trị đã duyệt."),
    ("n", "Số đơn vị có giá trị đã duyệt."),
    ("UnitItem.name", "Tên không kèm loại."),
    ("name", "Tên."),
    ("name_en", "Tên tiếng Anh."),
    ("name_vi", "Tên tiếng Việt."),
    ("Entered.next", "Luôn null: chỉ có một trang."),
    ("next", "Con trỏ trang sau; null ở trang cuối."),
    ("not_applicable", "Số đơn vị (hoặc giá trị) không áp dụng."),
    ("not_known", "Trong phần còn thiếu: số đã nói là chưa biết."),
    ("note", "Ghi chú."),
    ("number", "Số văn bản."),
    ("numerator", "Với tỷ lệ: bao nhiêu."),
    ("numerator_vi", "Với tỷ lệ: n đếm gì."),
    ("EnterItem.of", "Với tỷ lệ: trên bao nhiêu, viết thành chuỗi."),
    ("Completeness.of", "Số giá trị phải báo cáo: mỗi chỉ tiêu, mỗi đơn vị phải báo cáo nó."),
    ("of", "Số đơn vị phải báo cáo."),
    ("over_time", "Cách gộp theo thời gian."),
    ("parent", "Đơn vị ngay bên trên ngày đó."),
    ("ChangeItem.parts", "Đơn vị nào thành đơn vị nào."),
    ("parts", "Số liệu cấp dưới cộng thành số này."),
    ("Definition.period", "Độ dài của kỳ báo cáo."),
    ("EnterRequest.period", "Kỳ của các dòng không ghi kỳ."),
    ("EnterItem.period", "Kỳ, nếu khác kỳ chung."),
    ("period", "Kỳ, ví dụ 2026-Q3."),
    ("public", "Số đã duyệt có công khai không."),
    ("reason", "Lý do sửa, trả lại, hoặc giải thích số bất thường."),
    ("reasons", "Lời giải thích theo mã chỉ tiêu, cho số cần giải thích."),
    ("refused", "Số dòng bị từ chối."),
    ("replaces", "Thứ tự dòng đã duyệt mà nó thay."),
    ("request_id", "Số của yêu cầu trong nhật ký."),
    ("retired", "Không còn thu thập."),
    ("role", "Vai trò."),
    ("roles", "Các vai trò hôm nay."),
    ("rollup", "Cách cộng lên cấp trên."),
    ("seen", "Thứ tự dòng sổ cái cuối bạn đã xem; có dòng mới hơn thì bị từ chối."),
    ("seq", "Thứ tự trong các dòng của một số liệu, từ 1."),
    ("sha256", "SHA-256."),
    ("share", "Phần chuyển sang, từ 0 đến 1."),
    ("share_area", "Phần diện tích, từ 0 đến 1."),
    ("share_population", "Phần dân số chuyển sang, từ 0 đến 1; null khi chưa ai công bố."),
    ("size", "Số byte."),
    ("LedgerLine.source", "Từ đâu: form, workbook, api, bulk, computed."),
    ("source", "Nguồn."),
    ("state", "Trạng thái: draft, submitted, accepted, returned."),
    ("Problem.status", "Mã HTTP."),
    ("Figure.status", "Số liệu gồm những gì."),
    ("RowResult.status", "written, unchanged hoặc refused."),
    ("status", "not_known hoặc not_applicable thay cho giá trị."),
    ("steps", "Các bậc của thang, từ 0."),
    ("submit", "Nộp lên cấp trên; không thì lưu nháp."),
    ("text", "Chữ, với chỉ tiêu bằng chữ."),
    ("title", "Tên của mã HTTP."),
    ("title_en", "Tên tiếng Anh."),
    ("title_vi", "Tên tiếng Việt."),
    ("to", "Đơn vị sau; null khi kết thúc mà không có đơn vị kế thừa."),
    ("to_name", "Tên đầy đủ vào ngày đầu."),
    ("total", "Số mục của mọi trang."),
    ("tree", "Bản đồ: then là lúc cuối kỳ, today là hôm nay."),
    ("type", "Địa chỉ giải nghĩa mã."),
    ("unchanged", "Số dòng không có gì mới."),
    ("Definition.unit", "Đơn vị đo: hộ, %, triệu đồng…"),
    ("EnterItem.unit", "Đơn vị báo cáo: id, hoặc mã vào cuối kỳ."),
    ("DecideItem.unit", "Đơn vị báo cáo: id, hoặc mã vào cuối kỳ."),
    ("SubmitRequest.unit", "Đơn vị báo cáo: id, hoặc mã vào cuối kỳ."),
    ("unit", "Id của đơn vị hoặc nhóm."),
    ("unit_code", "Mã chính thức, giữ số 0 đầu."),
    ("unit_name", "Tên đầy đủ."),
    ("valid_from", "Ngày đầu."),
    ("valid_to", "Ngày đầu không còn hiệu lực; null khi đang còn."),
    ("EnterItem.value", "Số viết thành chuỗi, 1 hoặc 0 cho đạt hay chưa, bậc của thang từ 0, hoặc chữ."),
    ("value", "Số thập phân chính xác, viết thành chuỗi; tỷ lệ từ 0 đến 100."),
    ("version", "Phiên bản định nghĩa, từ 1."),
    ("versions", "Các thuộc tính theo thời gian, cũ nhất trước."),
    ("weight", "Mã chỉ tiêu làm trọng số."),
    ("who", "Ai."),
    ("written", "Số dòng đã ghi."),
];

/// Puts the Vietnamese texts beside the English ones, and an example to operations that have none.
pub(super) fn put(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, op) in item.as_object_mut().into_iter().flatten() {
            let name = format!("{method} {path}");
            if let (Some((_, id, title, says, example)), Some(op)) = (OPERATIONS.iter().find(|o| o.0 == name), op.as_object_mut()) {
                op.insert("operationId".into(), json!(id));
                op.insert("x-vi".into(), json!({"summary": title, "description": says}));
                op.insert("x-example".into(), json!(example));
            }
            for parameter in op.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
                let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                beside(parameter, PARAMETERS.iter().find(|p| p.0 == name));
            }
        }
    }
    let schemas = document.get_mut("components").and_then(|c| c.get_mut("schemas")).and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        beside(schema, SHAPES.iter().find(|s| s.0 == name));
        fields(name, schema);
        for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
            fields(name, part);
        }
    }
}

fn fields(shape: &str, schema: &mut Value) {
    for (name, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let own = format!("{shape}.{name}");
        beside(field, SHAPES.iter().find(|s| s.0 == own).or_else(|| SHAPES.iter().find(|s| s.0 == name)));
    }
}

fn beside(value: &mut Value, word: Option<&(&str, &str)>) {
    if let (Some((_, vi)), Some(map)) = (word, value.as_object_mut()) {
        map.entry("x-vi").or_insert_with(|| json!(vi));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn everything_is_said_in_vietnamese() {
        let document = super::super::openapi();
        let mut without = Vec::new();
        let mut look = |what: String, value: &Value| {
            if value.get("x-vi").is_none() {
                without.push(what);
            }
        };
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, op) in item.as_object().unwrap() {
                look(format!("{method} {path}"), op);
                for p in op["parameters"].as_array().into_iter().flatten() {
                    look(format!("{method} {path} {}", p["name"]), p);
                }
            }
        }
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            look(name.clone(), schema);
            let parts = schema["allOf"].as_array().into_iter().flatten();
            for part in std::iter::once(schema).chain(parts) {
                for (field, value) in part["properties"].as_object().into_iter().flatten() {
                    look(format!("{name}.{field}"), value);
                }
            }
        }
        assert!(without.is_empty(), "no Vietnamese for {without:?}");
        let idle: Vec<&str> = super::SHAPES.iter().map(|s| s.0).filter(|s| !document.to_string().contains(s.rsplit('.').next().unwrap())).collect();
        assert!(idle.is_empty(), "words for nothing: {idle:?}");
    }
}
