//! `docs/parity.md`

use std::fmt::Write as _;

use super::{Operation, Part, Recorded, catalogue};

/// The page.
pub(super) fn of(parts: &[Part], recorded: &[Recorded]) -> String {
    let mut page = String::from(
        "# Parity\n\nGenerated from `sandbox/tests/wire/parity/` by `OKTA_E2E_WRITE_DOCS=1 \
         scripts/test parity`; tests keep it\ncurrent and call every operation. *Recorded* is the \
         number of objects in recorded answers of real orgs that have exactly\nthe keys the \
         sandbox shows, but for those that are named: *without* a key that all of them have, \
         *with* one that none\nhas. What no recording and no document of Okta decides is a *guess*.\n",
    );
    for part in parts {
        let _ = write!(
            page,
            "\n## {}\n\n| operation | recorded | pinned to | guess |\n|---|---|---|---|\n",
            part.title
        );
        for operation in &part.operation {
            let _ = writeln!(page, "{}", row(operation, recorded));
        }
    }
    page.push_str(&catalogue::part());
    page.push_str(LIBRARIES);
    page
}

/// How libraries of Okta's met the sandbox when they were last tried by hand.
const LIBRARIES: &str = "
## Okta's own libraries

Tried by hand on 2026-11-26: groups and their rules, users, applications, secrets, assignments, \
authorization servers with
scopes, claims, policies, rules and keys, policies, Trusted Origins, the org.

| library | calls | what differs |
|---|---|---|
| npm `@okta/okta-sdk-nodejs` 8.1.0 | 27 | nothing |
| PyPI `okta` 3.4.6 | 37 | it takes `https` alone; sends `SSWS` without a blank, which \
`--ssws-without-blank` takes; does not read the `_embedded` of a list of `ACCESS_POLICY`, which is \
as recorded |
";

fn row(operation: &Operation, recorded: &[Recorded]) -> String {
    let calls = operation.calls.iter();
    let objects: u32 = recorded
        .iter()
        .filter(|recorded| operation.calls.contains(&recorded.operation))
        .map(|recorded| recorded.objects)
        .sum();
    let calls: Vec<String> = calls.map(|call| format!("`{call}`")).collect();
    let mut counted = match objects {
        0 => String::new(),
        objects => objects.to_string(),
    };
    for (word, keys) in [("without", &operation.missing), ("with", &operation.extra)] {
        if !keys.is_empty() {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = write!(counted, ", {word} {}", keys.join(", "));
        }
    }
    let Operation { from, guess, .. } = operation;
    format!("| {} | {counted} | {from} | {guess} |", calls.join("<br>"))
}
