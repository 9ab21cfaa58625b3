use crate::house::houses;
use access::Context;
use jiff::civil::Date;
use places::facts::unit_id;
use places::pages::{BalanceSheet, BoxFuture, UnitPanel};
use places::{Atlas, Change};
use std::sync::Arc;
use ui::Html;
use uuid::Uuid;

struct Board;

impl UnitPanel for Board {
    fn panel<'a>(&'a self, _: &'a Context, unit: Uuid, on: Date) -> BoxFuture<'a, Html> {
        Box::pin(async move { Html::trusted(format!("<p>panel {unit} {on}</p>")) })
    }
}

impl BalanceSheet for Board {
    fn balance<'a>(&'a self, _: &'a Context, change: &'a Change, after: &'a Atlas) -> BoxFuture<'a, Html> {
        let known = after.change(change.id).is_some();
        Box::pin(async move { Html::trusted(format!("<p>balance {known}</p>")) })
    }
}

#[tokio::test]
async fn pages_tell_what_was_and_what_is() {
    let house = houses().await.remove(0);
    house.places.add_panel(Arc::new(Board));
    house.places.set_balance(Arc::new(Board));
    let stranger = house.stranger();
    let change = house.places.atlas().changes_of(unit_id("old:38:397:15712")).next().unwrap().id;
    for (path, texts) in [
        ("/places".to_owned(), vec!["34 tỉnh, thành phố; 3.321 xã, phường", "Quần đảo Hoàng Sa", "Quần đảo Trường Sa", "lập từ nhiều tỉnh"]),
        ("/places?on=2025-06-30".to_owned(), vec!["63 tỉnh, thành phố; 696 huyện, 10.035 xã, phường", "Bắc Giang", "Quần đảo Hoàng Sa"]),
        ("/places?on=30/6/2025".to_owned(), vec!["63 tỉnh"]),
        (
            format!("/places/{}", unit_id("p:new:24")),
            vec!["Thành phố Bắc Ninh", "tỉnh Bắc Giang", "54 xã", "Danh sách đầy đủ", "20/09/2026 · Tỉnh Bắc Ninh → Thành phố Bắc Ninh", "panel"],
        ),
        (format!("/places/{}", unit_id("new:24:07330")), vec!["Xã Phúc Hòa", "xã Hợp Đức, tỉnh Bắc Giang", "NQ 1658/NQ-UBTVQH15", "mã 07330"]),
        // An old link stays open, says so, and leads on.
        (
            format!("/places/{}", unit_id("old:38:397:15712")),
            vec!["kết thúc ngày 30/06/2025", "xã Tân Ninh, tỉnh Thanh Hóa", "Huyện Triệu Sơn", "2025-06-30</p>"],
        ),
        (format!("/places/{}", unit_id("p:old:24")), vec!["Nay thuộc", "thành phố Bắc Ninh", "10 huyện"]),
        (format!("/places/{}?on=2030-01-01", unit_id("p:old:24")), vec!["Ngày 01/01/2030 không có đơn vị này"]),
        (format!("/places/{}/units", unit_id("p:new:24")), vec!["99 xã, phường, đặc khu", "xã Phúc Hòa, xã Hợp Đức, xã Liên Chung"]),
        (format!("/places/{}", unit_id("nation")), vec!["34 tỉnh, thành phố"]),
        ("/places/changes?kind=divide&under=Bắc Ninh".replace(' ', "+"), vec!["thay đổi đơn vị", "chia"]),
        (format!("/places/changes/{change}"), vec!["Từ đâu sang đâu", "xã Tân Ninh, tỉnh Thanh Hóa", "balance true"]),
        ("/places/groups/tay_nguyen?on=2025-06-30".to_owned(), vec!["Tây Nguyên", "5 đơn vị", "tỉnh Kon Tum"]),
        ("/places/search?q=24".to_owned(), vec!["Tỉnh Bắc Giang", "đến 30/06/2025", "→ thành phố Bắc Ninh"]),
        ("/places/search?q=".to_owned(), vec!["Gõ tên có dấu"]),
        ("/places/search?q=zzzz".to_owned(), vec!["Không có nơi nào khớp"]),
    ] {
        let answer = stranger.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        for text in texts {
            assert!(answer.body.contains(text), "{path}: no {text} in {}", answer.body);
        }
    }
    let english = house.stranger().with("cookie", "cl_prefs=en.auto.0");
    assert!(english.get("/places").await.body.contains("34 provinces and cities"));
}

#[tokio::test]
async fn changes_can_be_walked_to_the_end() {
    let house = houses().await.remove(0);
    let (mut path, mut seen) = ("/places/changes?from=2026-01-01".to_owned(), 0);
    loop {
        let answer = house.stranger().get(&path).await;
        seen += answer.body.matches("href=\"/places/changes/").count();
        if !answer.body.contains("Xem tiếp") {
            break;
        }
        path = answer.between("<p class=\"row\"><a class=\"btn\" href=\"", "\"").replace("&#38;", "&");
    }
    assert_eq!(seen, 25);
    let first = house.stranger().get("/places/changes").await;
    let next = first.between("</div><p class=\"row\"><a class=\"btn\" href=\"", "\"").replace("&#38;", "&");
    let second = house.stranger().get(&next).await;
    assert_eq!(second.status, 200);
    let ids = |body: &str| body.split("href=\"/places/changes/").skip(1).map(|t| t[..36].to_owned()).collect::<Vec<_>>();
    assert!(ids(&first.body).len() == 50 && ids(&second.body).len() == 50);
    assert!(ids(&first.body).iter().all(|id| !second.body.contains(id)));
}

#[tokio::test]
async fn wrong_addresses_are_answered_kindly() {
    let house = houses().await.remove(0);
    for (path, status, code) in [
        ("/places/nobody", 404, "unknown_unit"),
        ("/places/00000000-0000-0000-0000-000000000000", 404, "unknown_unit"),
        ("/places/changes/x", 404, "unknown_change"),
        ("/places/groups/x", 404, "unknown_group"),
        ("/places?on=mai", 422, "date_unreadable"),
        ("/places/changes?next=zzz", 400, "cursor_invalid"),
    ] {
        let answer = house.stranger().get(path).await;
        assert!(answer.status == status && answer.body.contains(code), "{path} {} {}", answer.status, answer.body);
    }
}

/// HTML and stylesheet, compressed, of a first view: 14 KB.
#[tokio::test]
async fn a_first_view_is_light_on_both_maps() {
    use std::io::Write as _;
    let Some(house) = houses().await.into_iter().next() else { return };
    let page = house.stranger();
    let css = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist/gate.css")).unwrap();
    let mut heavy = Vec::new();
    for path in ["/places", "/places?on=2025-06-30", "/places?on=2024-01-01", "/places/search?q=xuan", "/places/changes"] {
        let packed = |bytes: &[u8]| {
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gz.write_all(bytes).unwrap();
            gz.finish().unwrap().len()
        };
        let weight = packed(page.get(path).await.body.as_bytes()) + packed(&css);
        if weight > 14 * 1024 {
            heavy.push(format!("{path}: {weight}"));
        }
    }
    assert!(heavy.is_empty(), "{heavy:#?}");
    // The short links of another day's provinces lead on to the address for life.
    let old = page.get("/places/24?on=2025-06-30").await;
    assert_eq!((old.status, old.location()), (303, format!("/places/{}?on=2025-06-30", unit_id("p:old:24")).as_str()));
    assert_eq!(page.get("/places/24").await.location(), format!("/places/{}", unit_id("p:new:24")));
    for nonsense in ["/places/xx", "/places/99?on=2025-06-30", "/places/%00"] {
        assert_eq!(page.get(nonsense).await.status, 404, "{nonsense}");
    }
}
