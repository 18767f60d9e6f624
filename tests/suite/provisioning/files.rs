//! The `.env` file and the journal: what is kept, and for whom.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use okta_e2e::config::Environment;
use okta_e2e::provisioning::{FileStore, Store as _, Subject};
use rstest::rstest;
use tempfile::TempDir;
use url::Url;

fn store(directory: &TempDir, text: &str) -> FileStore {
    let file = directory.path().join(".env");
    std::fs::write(&file, text).unwrap();
    let environment = Environment::parse(".env", text).unwrap();
    open(directory, environment).unwrap()
}

fn open(
    directory: &TempDir,
    environment: Environment,
) -> Result<FileStore, okta_e2e::provisioning::StoreError> {
    let org = Url::parse("http://127.0.0.1:4711").unwrap();
    let file = directory.path().join(".env");
    FileStore::open(&file, environment, &directory.path().join("journals"), &org)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[rstest]
#[case::appended("A='1'\n", "A='1'\nX='new'\n")]
#[case::no_line_end("A='1'", "A='1'\nX='new'\n")]
#[case::replaced("# head\nX='old'\nA='1'\n", "# head\nX='new'\nA='1'\n")]
#[case::filled("X=\nA=1\n", "X='new'\nA=1\n")]
#[case::comment_behind("X=old # why\n", "X='new' # why\n")]
#[case::exported("export X=\"old\"\n", "export X='new'\n")]
#[case::commented_out("# X=old\n", "# X=old\nX='new'\n")]
#[case::same_value_otherwise_quoted("X=new # kept\n", "X=new # kept\n")]
#[case::longer_name("XX='1'\n", "XX='1'\nX='new'\n")]
#[case::other_line_ends("A='1'\r\nX='old'\r\n", "A='1'\r\nX='new'\r\n")]
#[case::mixed_line_ends("A='1'\r\nB='2'\nX='old'\n", "A='1'\r\nB='2'\nX='new'\n")]
#[case::no_line_end_at_last("A='1'\r\nB='2'", "A='1'\r\nB='2'\r\nX='new'\r\n")]
#[case::new_file("", "X='new'\n")]
fn a_variable_is_set_and_every_other_line_stays(#[case] before: &str, #[case] after: &str) {
    let directory = TempDir::new().unwrap();
    let mut store = store(&directory, before);
    store.set(&[("X", "new")]).unwrap();
    let file = directory.path().join(".env");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert_eq!(store.variable("X").as_deref(), Some("new"));
}

#[rstest]
fn the_file_is_for_its_owner_alone() {
    let directory = TempDir::new().unwrap();
    store(&directory, "A='1'\n").set(&[("X", "new")]).unwrap();
    assert_eq!(mode(&directory.path().join(".env")), 0o600);
}

#[rstest]
fn a_link_is_followed_rather_than_replaced() {
    let directory = TempDir::new().unwrap();
    let target = directory.path().join("elsewhere");
    std::fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, directory.path().join(".env")).unwrap();
    let mut store = open(&directory, Environment::default()).unwrap();
    store.set(&[("X", "new")]).unwrap();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "X='new'\n");
}

#[rstest]
#[case::absolute(true)]
#[case::relative(false)]
fn a_link_to_what_is_not_there_yet_is_followed_too(#[case] is_absolute: bool) {
    let directory = TempDir::new().unwrap();
    let target = directory.path().join("elsewhere");
    let link = if is_absolute {
        target.as_path()
    } else {
        Path::new("elsewhere")
    };
    std::os::unix::fs::symlink(link, directory.path().join(".env")).unwrap();
    let mut store = open(&directory, Environment::default()).unwrap();
    store.set(&[("X", "new")]).unwrap();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "X='new'\n");
    assert!(directory.path().join(".env").is_symlink());
}

#[rstest]
fn a_file_that_is_missing_is_made_for_its_owner_alone() {
    let directory = TempDir::new().unwrap();
    let mut store = open(&directory, Environment::default()).unwrap();
    store.set(&[("X", "new")]).unwrap();
    let file = directory.path().join(".env");
    assert_eq!(
        (
            std::fs::read_to_string(&file).unwrap().as_str(),
            mode(&file)
        ),
        ("X='new'\n", 0o600)
    );
}

#[rstest]
fn a_value_that_would_not_be_read_back_is_refused_and_not_told() {
    let directory = TempDir::new().unwrap();
    let mut store = store(&directory, "A='1'\n");
    let error = store.set(&[("X", "it's")]).unwrap_err().to_string();
    assert!(!error.contains("it's"), "{error}");
    let file = directory.path().join(".env");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "A='1'\n");
}

#[rstest]
#[case::newer(r#"{"version":99,"made":[],"lanes":2}"#, "later version")]
#[case::another_org(
    r#"{"version":2,"org":"https://other.okta.com","made":[]}"#,
    "journal of https://other.okta.com"
)]
fn a_journal_that_is_not_of_this_org_and_program_is_left_alone(
    #[case] text: &str,
    #[case] words: &str,
) {
    let directory = TempDir::new().unwrap();
    let journals = directory.path().join("journals");
    std::fs::create_dir(&journals).unwrap();
    let file = journals.join("provisioned-127.0.0.1-4711.json");
    std::fs::write(&file, text).unwrap();
    let message = open(&directory, Environment::default())
        .unwrap_err()
        .to_string();
    assert!(message.contains(words), "{message}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[rstest]
fn a_journal_of_the_version_before_is_read() {
    let directory = TempDir::new().unwrap();
    let journals = directory.path().join("journals");
    std::fs::create_dir(&journals).unwrap();
    let file = journals.join("provisioned-127.0.0.1-4711.json");
    let text = r#"{"made":[{"kind":"group","name":"a","path":"groups/00g1"}]}"#;
    std::fs::write(&file, text).unwrap();
    let store = open(&directory, Environment::default()).unwrap();
    let subject = Subject::Group {
        name: "a".to_owned(),
    };
    assert_eq!(store.journal().path(&subject), Some("groups/00g1"));
}

#[rstest]
#[case::not_json("made: nothing")]
#[case::cut_off(r#"{"made":[{"kind":"gro"#)]
#[case::empty("")]
#[case::other_json(r#"{"made":[{"kind":"planet","path":"x"}]}"#)]
fn a_journal_that_cannot_be_used_is_an_error(#[case] text: &str) {
    let directory = TempDir::new().unwrap();
    let journals = directory.path().join("journals");
    std::fs::create_dir(&journals).unwrap();
    std::fs::write(journals.join("provisioned-127.0.0.1-4711.json"), text).unwrap();
    let error = open(&directory, Environment::default()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("is not a journal"), "{message}");
}
