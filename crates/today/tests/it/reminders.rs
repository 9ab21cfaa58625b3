use crate::house::{House, Person, houses};
use access::Role;
use std::sync::Arc;
use tempfile::TempDir;
use today::{Mail, MailError, Mailer, mailer_at};
use work::{Duty, Urgency};

fn letters(folder: &TempDir) -> Vec<String> {
    let mut all: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eml")).collect();
    all.sort();
    all.iter().map(|p| decoded(&std::fs::read_to_string(p).unwrap())).collect()
}

/// Enough of MIME to read our own letters: quoted-printable or base64 bodies, encoded subjects left as they are.
fn decoded(text: &str) -> String {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    if head.contains("base64") {
        use std::process::Command;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), body.replace("\r\n", "")).unwrap();
        let out = Command::new("base64").arg("-d").arg(file.path()).output().unwrap();
        return format!("{head}\n\n{}", String::from_utf8_lossy(&out.stdout));
    }
    let mut bytes = Vec::new();
    let body = body.replace("=\r\n", "");
    let mut chars = body.bytes();
    while let Some(b) = chars.next() {
        match b {
            b'=' => {
                let hex = [chars.next().unwrap_or(b'0'), chars.next().unwrap_or(b'0')];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap_or(b'?'));
            }
            b => bytes.push(b),
        }
    }
    format!("{head}\n\n{}", String::from_utf8_lossy(&bytes))
}

fn post_box(house: &House) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mailer = mailer_at(&format!("file:{}", folder.path().display()), "Cổng Làng <cong@example.vn>").unwrap();
    house.today.set_mailer(Some(mailer), "https://cong.example.vn/");
    folder
}

async fn confirmed<'a>(house: &'a House, folder: &TempDir, login: &str) -> Person<'a> {
    let officer = house.person(login, Role::Officer, house.commune).await;
    officer.post("/me/reminders/address", &[("address", "hoa@xa.example.vn")]).await.is(303);
    house.today.remind().await.unwrap();
    let letter = letters(folder).pop().unwrap();
    let code = letter.lines().map(str::trim).find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit())).unwrap().to_owned();
    officer.post("/me/reminders/confirm", &[("code", "12")]).await.is(422).has("Mã chưa đúng");
    assert_eq!(officer.post("/me/reminders/confirm", &[("code", &code)]).await.is(303).to, "/me/reminders?done=confirmed");
    officer
}

#[tokio::test]
async fn an_address_is_used_only_once_it_is_proved() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        officer.get("/me/reminders").await.is(200).has("chưa cài đặt gửi thư");
        officer.post("/me/reminders/address", &[("address", "hoa@xa.example.vn")]).await.is(409);
        let folder = post_box(&house);
        officer.post("/me/reminders/address", &[("address", "không phải thư")]).await.is(422).has("Địa chỉ thư chưa đúng").has("không phải thư");
        officer.post("/me/reminders", &[("urgent", "1")]).await.is(303);
        officer.post("/me/reminders/address", &[("address", "hoa@xa.example.vn")]).await.is(303);
        officer.post("/me/reminders/address", &[("address", "hoa@xa.example.vn")]).await.is(429);
        house.say(vec![Duty { key: "x".into(), title: "Gấp".into(), urgency: Urgency::Late, ..Duty::default() }]);
        assert_eq!(house.today.remind().await.unwrap(), 1, "the code, and nothing else: {}", house.db.label());
        for _ in 0..5 {
            officer.post("/me/reminders/confirm", &[("code", "000000x")]).await.is(422);
        }
        // Even the right code is too late after five wrong ones.
        let letter = letters(&folder).pop().unwrap();
        let code = letter.lines().map(str::trim).find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit())).unwrap().to_owned();
        officer.post("/me/reminders/confirm", &[("code", &code)]).await.is(422);
        assert_eq!(house.today.remind().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_is_urgent_is_mailed_once_and_the_digest_on_working_mornings() {
    for house in houses().await {
        let folder = post_box(&house);
        let officer = confirmed(&house, &folder, "hoa").await;
        officer.post("/me/reminders", &[("urgent", "1"), ("digest", "1"), ("hour", "09:00")]).await.is(303);
        officer.post("/me/reminders", &[("digest", "1"), ("hour", "25:00")]).await.is(422);
        let late = Duty {
            key: "x".into(),
            title: "Trả lời công văn 12".into(),
            about: "bí mật của hồ sơ".into(),
            href: "/cases/1".into(),
            verb: "Trả lời".into(),
            urgency: Urgency::Late,
            ..Duty::default()
        };
        house.say(vec![late.clone(), Duty { key: "y".into(), title: "Việc thường".into(), ..Duty::default() }]);
        assert_eq!(house.today.remind().await.unwrap(), 1);
        assert_eq!(house.today.remind().await.unwrap(), 0, "told once");
        let urgent = letters(&folder).into_iter().find(|l| l.contains("công văn 12")).unwrap();
        assert!(urgent.contains("https://cong.example.vn/cases/1") && !urgent.contains("Việc thường"), "{urgent}");
        assert!(!urgent.contains("bí mật của hồ sơ"), "what a dossier says stays out of mailboxes");
        house.pass(61);
        assert_eq!(house.today.remind().await.unwrap(), 1, "the digest at nine");
        assert!(letters(&folder).iter().any(|l| l.contains("Việc thường") && l.contains("TRỄ")));
        house.pass(30);
        assert_eq!(house.today.remind().await.unwrap(), 0, "one digest a day");
        // From Wednesday to Saturday and Sunday: nothing; Monday again.
        let mut sent = Vec::new();
        for _ in 0..5 {
            house.pass(24 * 60);
            sent.push(house.today.remind().await.unwrap());
        }
        assert_eq!(sent, [1, 1, 0, 0, 1], "Thursday to Monday, {}", house.db.label());
    }
}

struct Broken;

impl Mailer for Broken {
    fn send<'a>(&'a self, _: &'a Mail) -> std::pin::Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async { Err(MailError::Refused("no route".into())) })
    }
}

#[tokio::test]
async fn a_letter_that_is_refused_waits_and_is_not_lost() {
    for house in houses().await {
        let folder = post_box(&house);
        let officer = confirmed(&house, &folder, "hoa").await;
        officer.post("/me/reminders", &[("urgent", "1")]).await.is(303);
        house.say(vec![Duty { key: "x".into(), title: "Gấp".into(), urgency: Urgency::Soon, ..Duty::default() }]);
        let mailer = mailer_at(&format!("file:{}", folder.path().display()), "cong@example.vn").unwrap();
        house.today.set_mailer(Some(Arc::new(Broken)), "https://cong.example.vn");
        assert_eq!(house.today.remind().await.unwrap(), 0);
        officer.get("/me/reminders").await.has("chưa gửi được").has("no route");
        house.today.set_mailer(Some(mailer), "https://cong.example.vn");
        assert_eq!(house.today.remind().await.unwrap(), 0, "not before its time");
        house.pass(3);
        assert_eq!(house.today.remind().await.unwrap(), 1);
        officer.get("/me/reminders").await.lacks("no route");
    }
}

#[tokio::test]
async fn a_calendar_is_read_by_its_secret_until_it_is_changed() {
    for house in houses().await {
        let officer = house.person("hoa", Role::Officer, house.commune).await;
        house.say(vec![Duty { key: "x".into(), title: "Trả lời công văn 12".into(), due: Some(house.now() + 3_600_000_000), ..Duty::default() }]);
        let page = officer.post("/me/reminders/feed", &[]).await;
        let address = page.is(200).body.split("gate.test").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let program = house.stranger();
        program.get(&address).await.is(200).has("BEGIN:VEVENT").has("SUMMARY:Trả lời công văn 12");
        let other = officer.post("/me/reminders/feed", &[]).await;
        program.get(&address).await.is(404);
        let address = other.body.split("gate.test").nth(1).unwrap().split('<').next().unwrap().to_owned();
        program.get(&address).await.is(200);
        officer.post("/me/reminders/feed/end", &[]).await.is(303);
        program.get(&address).await.is(404);
        program.get("/calendar/.ics").await.is(404);
        program.post("/me/reminders/feed", &[]).await.is(401);
    }
}
