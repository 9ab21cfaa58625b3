//! Tokens reach the areas they were made for, in the province of their owner, and nothing else.

use super::gate::gates;
use access::Role;
use serde_json::json;

#[tokio::test]
async fn a_token_stays_within_its_areas_and_its_province() {
    for gate in gates().await {
        let (unit, code) = gate.commune("24", 0);
        let body = json!({"period": "2025", "items": [{"unit": code, "measure": "so_ho", "value": "1200"}]});
        let reads = gate.program_reaching("hoa", Role::Officer, unit, Role::Officer, "figures=read").await;
        let refused = reads.post("/api/v1/figures", "k1", &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "token_scope"), "{}", refused.text());
        assert!(refused.text().contains("chỉ được đọc") && refused.text().contains("trang tài khoản"));
        assert_eq!(reads.get("/api/v1/figures?measure=so_ho&period=2025").await.status, 200);
        assert_eq!(reads.get("/api/v1/me").await.status, 200);
        // What everybody may read stays open, as everybody reads it.
        let elsewhere = gate.program_reaching("lan", Role::Officer, unit, Role::Officer, "casework=write").await;
        assert_eq!(elsewhere.get("/api/v1/measures").await.status, 200);
        let refused = elsewhere.get("/api/v1/evidence").await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "token_scope"), "{}", refused.text());
        let refused = elsewhere.post("/api/v1/figures", "k1", &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "token_scope"));
        // Another province's token has the area, but not the place.
        let (far, _) = gate.commune("38", 0);
        let other = gate.program("minh", Role::Officer, far, Role::Officer).await;
        let answer = other.post("/api/v1/figures", "k1", &body).await.json();
        assert_eq!(answer["items"][0]["code"], "role_required", "{} {answer}", gate.world.db.label());
        assert_eq!(answer["written"], 0);
        let whole = gate.program("binh", Role::Officer, unit, Role::Officer).await;
        assert_eq!(whole.post("/api/v1/figures", "k1", &body).await.json()["written"], 1);
    }
}
