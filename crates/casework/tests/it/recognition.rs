//! Recognition of a commune, from the self-report to the certificate, and its loss.

use crate::house::{House, houses};

async fn done(house: &House, who: &str, case: &str, action: &str, fields: &[(&str, &str)]) {
    let answer = house.person(who).await.act(case, action, fields).await;
    assert_eq!(answer.status, 303, "{}: {who} {action}: {}", house.db.label(), text(&answer.body));
}

/// The visible text of a page, for messages.
fn text(body: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in body.split("<main").nth(1).unwrap_or(body).chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.chars().take(1500).collect()
}

async fn attached(house: &House, who: &str, case: &str, papers: &[&str]) {
    for paper in papers {
        let answer = house.person(who).await.attach(case, paper).await;
        assert_eq!(answer.status, 303, "{who} {paper}: {}", text(&answer.body));
    }
}

/// Up to the council.
async fn to_council(house: &House, case: &str) {
    attached(house, "chuyenvien", case, &["report"]).await;
    done(house, "chuyenvien", case, "consult", &[("rank", "standard"), ("year", "2026"), ("no_debt", "1"), ("order_ok", "1")]).await;
    attached(house, "mattran", case, &["opinion"]).await;
    let opinion = house.person("mattran").await.post(&format!("{case}/task/opinion_front"), &[("opinion_front--verdict", "agreed")]).await;
    assert_eq!(opinion.status, 303, "{}", text(&opinion.body));
    attached(house, "chuyenvien", case, &["publication", "minutes", "request"]).await;
    done(house, "chuyenvien", case, "publish", &[("broadcasts", "4"), ("published_from", "2026-03-03"), ("published_days", "10")]).await;
    let early = house.person("chuyenvien").await.act(case, "complete", &[]).await;
    assert_eq!(early.status, 422);
    assert!(early.body.contains("Thông báo ít nhất 5 lần"), "{}", text(&early.body));
    done(house, "chuyenvien", case, "publish", &[("broadcasts", "6"), ("published_from", "2026-03-03"), ("published_days", "10")]).await;
    done(house, "chuyenvien", case, "complete", &[]).await;
    done(house, "chuyenvien", case, "request", &[]).await;
    attached(house, "mattran", case, &["survey"]).await;
    done(house, "mattran", case, "enter_survey", &[("households_asked", "82"), ("satisfied", "97")]).await;
    attached(house, "thamdinh", case, &["verification", "appraisal"]).await;
    done(house, "thamdinh", case, "verified", &[]).await;
    for task in ["appraise_agriculture", "appraise_digital", "appraise_social"] {
        let answer = house.person("thamdinh").await.post(&format!("{case}/task/{task}"), &[(&format!("{task}--verdict"), "agreed")]).await;
        assert_eq!(answer.status, 303, "{}", text(&answer.body));
    }
}

#[tokio::test]
async fn from_the_self_report_to_the_certificate_and_its_loss() {
    for house in houses().await {
        let case = house.opened().await;
        to_council(&house, &case).await;
        // The scorecard decides, and what is not known is no yes.
        for (score, word) in [(Some((18, 19)), "chưa đạt"), (None, "chưa biết")] {
            *house.score.0.lock().unwrap() = score;
            let refused = house.person("thamdinh").await.act(&case, "to_council", &[]).await;
            assert_eq!(refused.status, 422);
            assert!(refused.body.contains("Đạt đủ các tiêu chí") && refused.body.contains(word), "{}", text(&refused.body));
        }
        *house.score.0.lock().unwrap() = Some((19, 19));
        done(&house, "thamdinh", &case, "to_council", &[]).await;
        attached(&house, "chutichtinh", &case, &["ballot", "decision"]).await;
        done(&house, "chutichtinh", &case, "voted", &[("members", "20"), ("votes_for", "20")]).await;
        // A register that refuses undoes the decision: both or neither.
        let decision = [("decision_number", "15/QĐ-UBND"), ("decision_date", "2026-03-02"), ("decided_by", "Chủ tịch UBND tỉnh")];
        *house.ear.1.lock().unwrap() = true;
        assert_eq!(house.person("chutichtinh").await.act(&case, "decide", &decision).await.status, 409);
        assert!(!house.person("chutichtinh").await.get(&case).await.body.contains("/verify/"));
        *house.ear.1.lock().unwrap() = false;
        done(&house, "chutichtinh", &case, "decide", &decision).await;
        done(&house, "thamdinh", &case, "announce", &[("announced_on", "2026-03-05")]).await;
        assert_eq!(*house.ear.0.lock().unwrap(), ["recognition.decided"]);
        let page = house.person("chuyenvien").await.get(&case).await;
        assert!(page.body.contains("Đã công nhận"), "{}", text(&page.body));
        let verify = page.body.split("href=\"/verify/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let shown = house.stranger().get(&format!("/verify/{verify}")).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("15/QĐ-UBND") && shown.body.contains("đang có hiệu lực") && shown.body.contains("<svg"), "{}", text(&shown.body));
        let code = verify.clone();
        assert_eq!(casework::checked(&code, &house.casework.issuer().public_keys()).unwrap().what, "Xã đạt chuẩn nông thôn mới");
        // One letter of the signature is another one.
        let mut forged = code.clone();
        let at = forged.len() - 5;
        let other = if &forged[at..=at] == "A" { "B" } else { "A" };
        forged.replace_range(at..=at, other);
        assert!(matches!(house.stranger().get(&format!("/verify/{forged}")).await.status, 404 | 422));
        // A re-check that fails leads to revocation, and the certificate says so.
        let kept =
            house.person("thamdinh").await.act(&case, "consider_revocation", &[("recheck_year", "2027"), ("failed_percent", "35"), ("note", "rà soát")]).await;
        assert_eq!(kept.status, 422, "35 % without a key criterion is not enough");
        done(&house, "thamdinh", &case, "consider_revocation", &[("recheck_year", "2027"), ("failed_percent", "35"), ("failed_key", "1"), ("note", "rà soát")])
            .await;
        done(&house, "chutichtinh", &case, "revoke", &[("revoke_number", "99/QĐ-UBND"), ("note", "không còn đạt")]).await;
        let shown = house.stranger().get(&format!("/verify/{code}")).await;
        assert!(shown.body.contains("đã bị thu hồi"), "{}", text(&shown.body));
        let list = house.stranger().get("/api/v1/certificates/revoked").await.json();
        assert_eq!(list["revoked"].as_array().unwrap().len(), 1);
        for tenant in access::audit_tenants(&house.db).await.unwrap() {
            assert_eq!(access::verify_audit(&house.db, tenant).await.unwrap().broken_at, None);
        }
    }
}

#[tokio::test]
async fn the_survey_is_closed_to_the_committee() {
    for house in houses().await {
        let case = house.opened().await;
        to_council(&house, &case).await;
        let front = house.person("mattran").await.get(&case).await.body;
        let appraiser = house.person("thamdinh").await.get(&case).await.body;
        assert!(front.contains("97 %") && appraiser.contains("97 %"), "{}", text(&front));
        for login in ["chuyenvien", "chutichxa"] {
            let page = house.person(login).await.get(&case).await.body;
            assert!(!page.contains("97 %") && !page.contains("survey.pdf"), "{login}: {}", text(&page));
            assert!(page.contains("bạn không có quyền xem"), "{login}");
            let seen = house.person(login).await.get(&format!("/api/v1{case}")).await;
            assert!(seen.json()["fields"].get("satisfied").is_none(), "{}", seen.body);
        }
        // Neither by a list, nor by the audit, which administrators of the committee read.
        let unit = house.commune();
        for login in ["chuyenvien", "chutichxa"] {
            for door in ["/cases?list=office".to_owned(), format!("/cases?unit={unit}"), format!("/api/v1/cases?unit={unit}"), "/cases".to_owned()] {
                let page = house.person(login).await.get(&door).await;
                assert!(
                    page.status == 200 && !page.body.contains("97 %") && !page.body.contains("\"satisfied\""),
                    "{login} {door}: {} {}",
                    page.status,
                    text(&page.body)
                );
            }
        }
        let stmt = db::Stmt { name: "test", sql: "SELECT detail FROM audit ORDER BY seq", reach: db::Reach::National };
        let told: Vec<String> = house.db.all(&stmt, vec![]).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect();
        let survey: Vec<&String> = told.iter().filter(|detail| detail.contains("enter_survey")).collect();
        assert!(
            !survey.is_empty() && survey.iter().all(|detail| detail.contains("satisfied") && !detail.contains("97") && !detail.contains("82")),
            "{survey:?}"
        );
        let paper = front.split(&format!("href=\"{case}/papers/")).find(|part| part.contains("survey.pdf")).unwrap();
        let paper = front.split("survey.pdf").next().unwrap().rsplit("papers/").next().unwrap().split('"').next().unwrap_or(paper).to_owned();
        assert_eq!(house.person("mattran").await.get(&format!("{case}/papers/{paper}")).await.status, 200);
        assert_eq!(house.person("chuyenvien").await.get(&format!("{case}/papers/{paper}")).await.status, 404);
        // The committee cannot speak for the Front either.
        let other = house.opened().await;
        let refused = house.person("chutichxa").await.act(&other, "enter_survey", &[("households_asked", "99"), ("satisfied", "99")]).await;
        assert_eq!(refused.status, 409, "{}", text(&refused.body));
    }
}

#[tokio::test]
async fn a_delegation_that_ended_a_second_ago_decides_nothing() {
    for house in houses().await {
        let mut cases = Vec::new();
        for _ in 0..2 {
            let case = house.opened().await;
            to_council(&house, &case).await;
            done(&house, "thamdinh", &case, "to_council", &[]).await;
            attached(&house, "chutichtinh", &case, &["ballot", "decision"]).await;
            done(&house, "giamdoc", &case, "voted", &[("members", "20"), ("votes_for", "20")]).await;
            cases.push(case);
        }
        let system = house.access.system();
        let account = |login: &'static str| async { house.access.find_account(&house.access.system(), login).await.unwrap().unwrap().id };
        let (chairman, director) = (account("chutichtinh").await, account("giamdoc").await);
        let post = house.access.posts_of(chairman, system.today()).await.unwrap().remove(0);
        let new = access::NewDelegation {
            post: post.id,
            holder: chairman,
            to: director,
            kind: access::DelegationKind::Tuq,
            roles: vec![],
            starts: system.at,
            ends: "2026-03-02T04:00:00Z".parse().unwrap(),
            document: "QĐ 7/QĐ-UBND".into(),
            reason: "đi công tác".into(),
        };
        let delegation = house.access.delegate(&system, new).await.unwrap().to_string();
        let by = house.person("giamdoc").await;
        let decision = [("decision_number", "15/QĐ-UBND"), ("decision_date", "2026-03-02"), ("decided_by", "Chủ tịch UBND tỉnh")];
        // In his own post he is not the chairman.
        assert_eq!(by.act(&cases[0], "decide", &decision).await.status, 403);
        assert_eq!(by.post("/me/acting", &[("acting", &delegation)]).await.status, 303);
        // A second before its end it holds, and the act says for whom and by which document.
        house.at("2026-03-02T03:59:59Z");
        let decided = by.act(&cases[0], "decide", &decision).await;
        assert_eq!(decided.status, 303, "{}", text(&decided.body));
        let page = by.get(&cases[0]).await.body;
        assert!(page.contains("/verify/") && page.contains("TUQ."), "{}", text(&page));
        house.at("2026-03-02T04:00:01Z");
        let late = by.act(&cases[1], "decide", &decision).await;
        assert!(late.status == 403 && late.body.contains("Chủ tịch UBND tỉnh"), "{} {}", late.status, text(&late.body));
        assert!(!by.get(&cases[1]).await.body.contains("/verify/"), "nothing was decided");
        assert_eq!(by.post("/me/acting", &[("acting", &delegation)]).await.status, 404);
    }
}
