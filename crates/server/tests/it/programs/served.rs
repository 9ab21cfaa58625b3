//! The program from start to end.

use super::client::{Program, command};
use crate::house::filled;

#[tokio::test]
async fn it_ends_when_told_and_starts_again_on_the_same_data() {
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        for _ in 0..2 {
            let program = Program::serve(db.address(), &log, &["--log", "json"]);
            let answer = program.caller("").get("/sign-in").unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(program.caller("").get("/metrics").unwrap().status, 200);
            assert_eq!(program.end(), Some(0));
        }
        let text = std::fs::read_to_string(&log).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().filter(|l| l.starts_with('{')).map(|l| serde_json::from_str(l).unwrap()).collect();
        let asked = lines.iter().find(|l| l["message"] == "answered" && l["span"]["path"] == "/sign-in").unwrap_or_else(|| panic!("{text}"));
        assert_eq!(asked["status"], 200);
        assert_eq!(asked["span"]["id"].as_str().unwrap().len(), 32);
        assert!(text.contains("everything acknowledged is on disk"), "{text}");
    }
}

#[tokio::test]
async fn made_up_figures_are_never_shown_as_real_nor_mixed_with_them() {
    let db = filled().await.remove(0);
    let (code, said) = command(&["serve", "--demo", "--database", db.address(), "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && said.contains("real accounts"), "{code} {said}");
}

#[tokio::test]
async fn accounts_are_looked_after_from_the_command_line() {
    for db in filled().await {
        let run = |args: &[&str]| command(&[args, &["--database", db.address()]].concat());
        let (code, said) = run(&["user", "add", "lan.nguyen", "--name", "Nguyễn Thị Lan"]);
        assert!(code == 0 && said.contains("One-time password"), "{said}");
        let (code, said) = run(&["user", "grant", "lan.nguyen", "administrator", "--unit", "Việt Nam", "--basis", "QĐ 1"]);
        assert_eq!(code, 0, "{said}");
        let (_, said) = run(&["user", "list", "lan"]);
        assert!(said.contains("Nguyễn Thị Lan") && said.contains("administrator in Việt Nam"), "{said}");
        assert_eq!(run(&["user", "disable", "lan.nguyen"]).0, 0);
        assert!(run(&["user", "list", "lan"]).1.contains("[closed]"));
        let (code, said) = run(&["user", "grant", "lan.nguyen", "officer", "--unit", "Tân An"]);
        assert!(code == 1 && said.contains("several units"), "{said}");
        let (code, said) = run(&["user", "password", "nobody"]);
        assert!(code == 1 && said.contains("no account"), "{said}");
    }
}

#[tokio::test]
async fn boundaries_come_in_from_the_command_line() {
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("xa.geojson");
        let run =
            |args: &[&str]| command(&[&["import", "boundaries", file.to_str().unwrap(), "--source", "vẽ thử"], args, &["--database", db.address()]].concat());
        let square = r#"{"type":"Polygon","coordinates":[[[106.0,21.3],[106.1,21.3],[106.1,21.4],[106.0,21.4],[106.0,21.3]]]}"#;
        std::fs::write(
            &file,
            format!(r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"MAXA":"07330"}},"geometry":{square}}}]}}"#),
        )
        .unwrap();
        let (code, said) = run(&["--on", "2026-01-01", "--dry-run"]);
        assert!(code == 0 && said.contains("1 boundaries would be taken"), "{said}");
        let (code, said) = run(&["--on", "2026-01-01", "--code", "MAXA"]);
        assert!(code == 0 && said.contains("1 boundaries taken, 0 areas refused; 3320 units"), "{said}");
        let (code, said) = run(&["--on", "1900-01-01"]);
        assert!(code == 1 && said.contains("no unit bears this code that day"), "{said}");
        std::fs::write(&file, "PK\u{3}\u{4}").unwrap();
        let (code, said) = run(&[]);
        assert!(code == 1 && said.contains("boundaries_unreadable"), "{said}");
    }
}

#[tokio::test]
async fn figures_and_units_go_out_and_come_in() {
    for db in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| command(&[args, &["--database", db.address()]].concat());
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(
            path("in.csv"),
            "unit_code,measure,period,value,n,of\n07330,so_ho,2025,2150,,\n07330,so_ho,2024,?,,\nxxxxx,so_ho,2025,1,,\n07330,so_ho,2023,many,,\n",
        )
        .unwrap();
        let (code, said) = run(&["import", "figures", &path("in.csv")]);
        assert!(code == 1 && said.contains("2 written") && said.contains("line 4") && said.contains("line 5: ") && said.contains("[not_a_number]"), "{said}");
        let (code, said) = run(&["export", "figures", "--measure", "so_ho"]);
        assert!(code == 0 && said.contains("so_ho,2025,2150,") && said.contains("so_ho,2024,?,") && said.lines().count() == 3, "{said}");
        std::fs::write(path("out.csv"), said).unwrap();
        let (code, said) = run(&["import", "figures", &path("out.csv")]);
        assert!(code == 0 && said.contains("0 written, 2 unchanged"), "{said}");
        let (code, said) = run(&["verify"]);
        assert!(code == 0, "{said}");

        std::fs::write(
            path("villages.csv"),
            "level,kind,name,code,parent,valid_from\nvillage,thôn,Thôn 1,,07330,2025-07-01\nvillage,thôn,Thôn 2,,07330,2025-07-01\n",
        )
        .unwrap();
        let (code, said) = run(&["import", "units", &path("villages.csv")]);
        assert!(code == 0 && said.contains("2 units added"), "{said}");
        let (_, said) = run(&["import", "units", &path("villages.csv")]);
        assert!(said.contains("nothing added; 2 units were there"), "{said}");
        let (code, said) = run(&["export", "units", "--on", "2026-01-01", "--format", "json"]);
        assert_eq!(code, 0);
        let units: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(units.as_array().unwrap().iter().filter(|u| u["level"] == "village").count(), 2);
        std::fs::write(path("wrong.csv"), "level,kind,name,code,parent,valid_from\ncommune,xã,X,,07330,2025-07-01\nvillage,thôn,Y,,nowhere,2025-07-01\n")
            .unwrap();
        let (code, said) = run(&["import", "units", &path("wrong.csv")]);
        assert!(code == 1 && said.contains("line 2") && said.contains("line 3") && said.contains("nothing added"), "{said}");
    }
}

#[tokio::test]
async fn procedures_go_out_and_come_in_and_deadlines_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    for db in filled().await {
        let run = |args: &[&str]| command(&[args, &["--database", db.address()]].concat());
        let (code, text) = run(&["export", "procedure", "recognition-commune"]);
        assert!(code == 0 && text.starts_with("# Recognition of a commune"), "{text}");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file.to_str().unwrap().to_owned()
        };
        // Faulty: every finding with its line, and nothing comes into force.
        let faulty = write("hong.toml", &text.replacen("to = \"consult\"", "to = \"nowhere\"", 1));
        let (code, said) = run(&["import", "procedure", &faulty, "--publish"]);
        assert!(code == 1 && said.contains("Không có trạng thái “nowhere”"), "{code} {said}");
        let changed = write("doi.toml", &text.replace("amount = 15", "amount = 20"));
        let (code, said) = run(&["import", "procedure", &changed, "--publish"]);
        assert!(code == 0 && said.contains("published"), "{code} {said}");
        let (_, now) = run(&["export", "procedure", "recognition-commune"]);
        assert!(now.contains("amount = 20"));
        let (_, first) = run(&["export", "procedure", "recognition-commune", "--number", "1"]);
        assert_eq!(first, text);
        assert_eq!(run(&["export", "procedure", "khong-co"]).0, 1);
        let (code, said) = run(&["certificate", "check", "CL1.AAAA"]);
        assert!(code == 1 && said.contains("không phải mã chứng nhận"), "{said}");
        assert_eq!(run(&["certificate", "keys"]).1.trim().len(), 64);
    }
    let (code, said) = command(&["calendar", "due", "--from", "2024-04-26", "--days", "5"]);
    assert!(code == 0 && said.ends_with("Hạn: 2024-05-07\n") && said.contains("Làm bù cho ngày 29/04/2024"), "{said}");
    let (code, said) = command(&["calendar", "due", "--from", "2049-01-04", "--days", "5"]);
    assert!(code == 1 && said.contains("Chưa có lịch làm việc"), "{said}");
}
