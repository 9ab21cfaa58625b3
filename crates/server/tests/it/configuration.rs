//! File, environment and flags.

use server::config::{Config, Layer, LogStyle, Report, hide_secret};
use std::process::Command;

fn environment(list: &[(&str, &str)]) -> anyhow::Result<Layer> {
    Layer::from_env(list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn file(text: &str) -> anyhow::Result<Layer> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conglang.toml");
    std::fs::write(&path, text).unwrap();
    Layer::from_file(&path)
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let below = file("listen = \"a:1\"\ndatabase = \"sqlite:file.db\"\nhttps = true\nlog = \"json\"").unwrap();
    let middle = environment(&[("CONGLANG_LISTEN", "b:2"), ("CONGLANG_HTTPS", "off"), ("PATH", "/bin")]).unwrap();
    let flags = Layer { listen: Some("c:3".into()), ..Layer::default() };
    let config = Config::of(below.clone(), middle.clone(), flags.clone()).unwrap();
    assert_eq!((config.listen.as_str(), config.database.as_str(), config.https, config.log), ("c:3", "sqlite:file.db", false, LogStyle::Json));
    let report = Report::of(&below, &middle, &flags).to_string();
    let row = |name: &str| report.lines().find(|line| line.starts_with(name)).unwrap().split_whitespace().last().unwrap().to_owned();
    assert_eq!([row("listen"), row("https"), row("database"), row("demo")], ["flag", "environment", "file", "default"]);
}

#[test]
fn unknown_words_are_refused_wherever_they_stand() {
    let error = format!("{:#}", file("listn = \"a:1\"").unwrap_err());
    assert!(error.contains("listn") && error.contains("line 1"), "{error}");
    let error = format!("{:#}", environment(&[("CONGLANG_LISTN", "a:1")]).unwrap_err());
    assert!(error.contains("CONGLANG_LISTN"), "{error}");
    assert!(environment(&[("CONGLANG_DEMO", "perhaps")]).is_err());
    assert!(environment(&[("CONGLANG_LOG", "loud")]).is_err());
    // What belongs to the tests is no setting.
    assert_eq!(environment(&[("CONGLANG_TEST_POSTGRES", "x"), ("CONGLANG_KILLS", "100")]).unwrap(), Layer::default());
}

#[test]
fn what_cannot_be_right_is_said_all_at_once() {
    let flags = Layer { database: Some("mysql://x".into()), listen: Some("8080".into()), log_level: Some("info=loud=x".into()), ..Layer::default() };
    let error = Config::of(Layer::default(), Layer::default(), flags).unwrap_err().to_string();
    for word in ["mysql", "8080", "log_level"] {
        assert!(error.contains(word), "{error}");
    }
    let memory = Layer { database: Some("sqlite::memory:".into()), ..Layer::default() };
    assert!(Config::of(memory, Layer::default(), Layer::default()).is_err());
}

#[test]
fn providers_of_sign_on_stand_in_the_file_and_their_secrets_nowhere_else() {
    let provider = |key: &str, issuer: &str| {
        format!("[[sign_on]]\nkey = \"{key}\"\nname = \"VNeID\"\nissuer = \"{issuer}\"\nclient_id = \"cong\"\nclient_secret = \"hush\"\n")
    };
    let address = "public_address = \"https://cong.example.vn\"\n";
    let good = file(&format!("{address}{}", provider("vneid", "https://id.example.vn"))).unwrap();
    let config = Config::of(good.clone(), Layer::default(), Layer::default()).unwrap();
    assert_eq!((config.sign_on.len(), config.hints().len()), (1, 0));
    let report = Report::of(&good, &Layer::default(), &Layer::default()).to_string();
    assert!(report.contains("vneid (https://id.example.vn)") && !report.contains("hush"), "{report}");
    assert!(!format!("{config:?}").contains("hush"));
    for (text, word) in [
        (format!("{address}{}", provider("vneid", "http://id.example.vn")), "https address"),
        (format!("{address}{}{}", provider("a", "https://a.vn"), provider("a", "https://b.vn")), "two providers"),
        (format!("{address}{}", provider("VNeID", "https://id.example.vn")), "small letters"),
        (provider("vneid", "https://id.example.vn"), "needs public_address"),
    ] {
        let error = Config::of(file(&text).unwrap(), Layer::default(), Layer::default()).unwrap_err().to_string();
        assert!(error.contains(word) && !error.contains("hush"), "{error}");
    }
    assert!(environment(&[("CONGLANG_SIGN_ON", "x")]).is_err());
    assert_eq!(Config::of(Layer::default(), Layer::default(), Layer::default()).unwrap().hints().len(), 1, "without an address there are no passkeys");
}

#[test]
fn passwords_are_not_shown() {
    assert_eq!(hide_secret("postgres://u:secret@h:1/x?sslmode=off&password=secret"), "postgres://u:…@h:1/x?sslmode=off&password=…");
    assert_eq!(hide_secret("postgres://u@h/x"), "postgres://u@h/x");
    assert_eq!(hide_secret("sqlite:a.db"), "sqlite:a.db");
}

#[test]
fn the_program_teaches_and_checks() {
    let run = |args: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_conglang")).args(args).env_clear().output().unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
    };
    let (code, help) = run(&["--help"]);
    assert_eq!(code, 0);
    for word in ["serve", "migrate", "import", "export", "verify", "bench", "user", "config", "backup", "restore", "conglang serve --demo", "khôi phục"] {
        assert!(help.contains(word), "--help does not mention {word}");
    }
    let (code, said) = run(&["config", "check", "--https", "--database", "postgres://u:secret@h/x"]);
    assert!(code == 0 && said.contains("flag") && !said.contains("secret"), "{code} {said}");
    let (code, said) = run(&["config", "check", "--listen", "nowhere"]);
    assert!(code == 1 && said.contains("nowhere"), "{code} {said}");
    assert_eq!(run(&["serve", "--lisen", "x"]).0, 2);
    let (code, said) = run(&["verify", "--database", "sqlite:/nonexistent/a.db"]);
    assert!(code == 1 && said.contains("there is no database"), "{code} {said}");
}
