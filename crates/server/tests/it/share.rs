//! The share of work dossiers handled on the network, from the letter to the page of Decision 924, through HTTP.

use crate::house::{Answer, House, houses_at};
use access::DemoPost;
use calendar::Clock;
use places::Level;
use server::app::Settings;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A letter that was signed with a key made for the demonstration.
const SIGNED: &[u8] = include_bytes!("../../src/demo_files/da-ky.pdf");
const ROOT: &[u8] = include_bytes!("../../src/demo_files/root.pem");

struct Desk<'a> {
    house: &'a House,
    commune: Uuid,
}

impl Desk<'_> {
    /// Sends a form with at most one file and expects to be sent on; the path of the page that follows.
    async fn form(&self, who: &str, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> String {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        if let Some((name, bytes)) = file {
            body.extend(format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"tep.pdf\"\r\n\r\n").into_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        Self::sent(&self.house.person(who).await.bytes("POST", path, "multipart/form-data; boundary=X", body).await, path)
    }

    async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> String {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        Self::sent(&self.house.person(who).await.send("POST", path, "application/x-www-form-urlencoded", body.join("&")).await, path)
    }

    #[track_caller]
    fn sent(answer: &Answer, path: &str) -> String {
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        answer.header("location").split('?').next().unwrap().to_owned()
    }

    /// A letter, its dossier, the answer, and the end; signed digitally or on paper.
    async fn handled(&self, code: &str, digital: bool) {
        let account = async |login: &str| self.house.app.access.find_account(&self.house.app.access.system(), login).await.unwrap().unwrap().id.to_string();
        let letter = [("party", "Sở KH&CN"), ("symbol", code), ("dated", "2025-12-01"), ("kind", "cong_van"), ("title", "V/v khảo sát"), ("urgency", "0")];
        let letter = self.form("vanthu.xa", &format!("/registers/{}/register", self.commune), &letter, None).await;
        let document = letter.rsplit('/').next().unwrap();
        let open = [("code", code), ("title", "Khảo sát"), ("retention", ""), ("due", ""), ("secrecy", "")];
        let dossier = self.form("vanthu.xa", &format!("/dossiers/{}/open?document={document}", self.commune), &open, None).await;
        self.post("chutich.xa", &format!("{dossier}/assign"), &[("to", &account("chuyenvien.xa").await)]).await;
        let draft = [("kind", "bao_cao"), ("title", "Kết quả"), ("recipients", "Sở KH&CN"), ("urgency", "0"), ("text", "Đã khảo sát."), ("note", "")];
        let draft = self.form("chuyenvien.xa", &format!("{dossier}/drafts"), &draft, None).await;
        self.form("chuyenvien.xa", &format!("{draft}/submit"), &[("to", &account("chutich.xa").await), ("note", "")], None).await;
        if digital {
            self.form("chutich.xa", &format!("{draft}/sign"), &[], Some(("files", SIGNED))).await;
        } else {
            self.form("chutich.xa", &format!("{draft}/by-hand"), &[("x", "1")], None).await;
        }
        self.form("vanthu.xa", &format!("{draft}/issue"), &[("reserved", ""), ("part", "")], None).await;
        self.post("chuyenvien.xa", &format!("{dossier}/close"), &[]).await;
    }

    /// What the plan says of its target for communes, at a place: the share, n, of, places without a figure.
    async fn target(&self, unit: Uuid) -> (Option<String>, Option<i64>, Option<i64>) {
        let list = self.house.stranger().get(&format!("/api/v1/plans/924/targets?unit={unit}&limit=100")).await.json();
        let target = list["items"].as_array().unwrap().iter().find(|t| t["code"] == "G1d").unwrap().clone();
        (target["value"].as_str().map(str::to_owned), target["n"].as_i64(), target["of"].as_i64())
    }
}

#[tokio::test]
async fn dossiers_closed_in_a_commune_move_the_target_of_decision_924() {
    // In the last quarter that counts for the decision; a plan reads quarters that have ended.
    let hand = Arc::new(Mutex::new("2025-12-10T02:00:00Z".parse().unwrap()));
    let clock = Clock::from_fn({
        let hand = Arc::clone(&hand);
        move || *hand.lock().unwrap()
    });
    let at = |day: &str| *hand.lock().unwrap() = format!("{day}T02:00:00Z").parse().unwrap();
    for house in houses_at(&clock, Settings { demo: true, ..Settings::default() }).await {
        at("2025-12-10");
        let app = &house.app;
        let (atlas, today) = (app.places.atlas(), app.access.system().today());
        let (province, nation) = (atlas.coded("24", Some(Level::Province), today).unwrap(), atlas.nation().unwrap());
        let commune = house.communes()[0].0;
        let post = |login, organisation, title| DemoPost { login, name: login, unit: commune, organisation, title };
        let seeds = [post("vanthu.xa", "van-phong", "Văn thư"), post("chuyenvien.xa", "phong-kinh-te", "Chuyên viên"), post("chutich.xa", "ubnd", "Chủ tịch")];
        app.access.seed_demo(&[("quantri.tinh", "Quản trị", "quantri.tinh", access::Role::Administrator, province)]).await.unwrap();
        app.access.seed_demo_posts(&seeds).await.unwrap();
        let desk = Desk { house: &house, commune };
        desk.form("quantri.tinh", &format!("/dossiers/share/{province}/define/trust"), &[("basis", "QĐ 1")], Some(("certificate", ROOT))).await;
        assert_eq!(desk.target(nation).await, (None, None, None), "nothing is known before");

        at("2025-12-10");
        desk.handled("01", true).await;
        at("2025-12-20");
        for unit in [commune, province, nation] {
            assert_eq!(desk.target(unit).await, (Some("100".to_owned()), Some(1), Some(1)));
        }
        at("2025-12-10");
        desk.handled("02", false).await;
        at("2025-12-20");
        for unit in [commune, province, nation] {
            assert_eq!(desk.target(unit).await, (Some("50".to_owned()), Some(1), Some(2)), "one of two, and 60 are asked for");
        }
        // An office that works elsewhere is counted with its source shown.
        let count = serde_json::json!({"office": commune, "period": "2025-Q4", "system": "iOffice", "closed": 8, "network": 8});
        let told = house.person("vanthu.xa").await.post("/api/v1/dossiers/counts", count).await;
        assert_eq!(told.status, 204, "{}", told.body);
        assert_eq!(desk.target(nation).await, (Some("90".to_owned()), Some(9), Some(10)));
        // The page for everybody says the same, and opens down to the figure; whoever is entitled, to the dossier that broke it.
        let page = house.stranger().get("/plans/924").await.body;
        assert!(page.contains("= 9 / 10"), "{page}");
        let target = house.stranger().get("/plans/924/targets/G1d").await.body;
        assert!(target.contains("90% ở 1 trong 3.321 nơi đã báo cáo, chưa đủ để kết luận"), "{target}");
        assert!(target.contains(&format!("/why?measure=ho_so_mang_xa&#38;unit={nation}&#38;period=2025-Q4")), "{target}");
        let opened = house.person("chutich.xa").await.get(&format!("/dossiers/share?unit={commune}&period=2025-Q4")).await.body;
        assert!(opened.contains("9/10") && opened.contains("iOffice") && opened.contains(">02<"), "{opened}");
        house.verifies().await;
    }
}
