//! Ways to take a redirect URI for the registered one that it is not, each a fault: comparing
//! strings keeps them all out (RFC 9700 section 4.1.3).

use percent_encoding::percent_decode_str;

use crate::fault::Fault;

/// The parts of an address as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    scheme: String,
    authority: String,
    /// The path, and all that follows it.
    path: String,
}

impl Parts {
    fn of(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Some(Self {
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
            path: path.to_owned(),
        })
    }

    fn host(&self) -> &str {
        before(&self.authority, ':')
    }

    fn port(&self) -> &str {
        &self.authority[self.host().len()..]
    }

    fn has_user(&self) -> bool {
        self.authority.contains('@')
    }

    fn folder(&self) -> &str {
        &self.path[..self.path.rfind('/').unwrap_or_default()]
    }
}

/// Whether a fault takes what was sent for what is registered.
pub(super) fn takes(fault: Fault, registered: &str, sent: &str) -> bool {
    match fault {
        Fault::AnyRedirectUri => sent.parse::<url::Url>().is_ok(),
        Fault::RedirectUriPrefix => sent.starts_with(registered),
        Fault::RedirectUriAnyCase => sent.eq_ignore_ascii_case(registered),
        Fault::RedirectUriWithin => sent.find(registered).is_some_and(|at| at > 0),
        Fault::RedirectUriHostAlone => host_of(sent)
            .is_some_and(|host| host_of(registered).is_some_and(|registered| registered == host)),
        _ => {
            let parts = Parts::of(registered).zip(Parts::of(sent));
            parts.is_some_and(|(known, sent)| read_as(fault, &known, sent).as_ref() == Some(&known))
        }
    }
}

fn host_of(address: &str) -> Option<String> {
    let url = address.parse::<url::Url>().ok()?;
    url.host_str().map(str::to_owned)
}

/// What a fault reads in an address.
fn read_as(fault: Fault, known: &Parts, mut sent: Parts) -> Option<Parts> {
    let (host, port) = (sent.host().to_owned(), sent.port().to_owned());
    let is_longer = !sent.has_user() && host.len() > known.host().len();
    match fault {
        Fault::RedirectUriAnyScheme => sent.scheme.clone_from(&known.scheme),
        Fault::RedirectUriAnyPort if !sent.has_user() => {
            sent.authority = format!("{host}{}", known.port());
        }
        Fault::RedirectUriHostCase => sent.authority.make_ascii_lowercase(),
        Fault::RedirectUriHostDotIgnored => {
            sent.authority = format!("{}{port}", host.strip_suffix('.')?);
        }
        Fault::RedirectUriLoopbackNames => {
            sent.authority = sent.authority.replace("127.0.0.1", "localhost");
        }
        Fault::RedirectUriHostBegins if is_longer && host.starts_with(known.host()) => {
            sent.authority.clone_from(&known.authority);
        }
        Fault::RedirectUriHostEnds if is_longer && host.ends_with(known.host()) => {
            sent.authority.clone_from(&known.authority);
        }
        Fault::RedirectUriUserIgnored => {
            let (user, rest) = sent.authority.split_once('@')?;
            sent.authority = (!user.contains('\\')).then(|| rest.to_owned())?;
        }
        Fault::RedirectUriUserAsHost => {
            sent.authority = sent.authority.split_once('@')?.0.into();
        }
        Fault::RedirectUriBackslash => {
            sent.authority = sent.authority.split_once("\\@")?.1.into();
        }
        Fault::RedirectUriPathCase if sent.path.eq_ignore_ascii_case(&known.path) => {
            sent.path.clone_from(&known.path);
        }
        Fault::RedirectUriDecoded => {
            sent.path = percent_decode_str(&sent.path)
                .decode_utf8()
                .ok()?
                .into_owned();
        }
        Fault::RedirectUriSlashesMerged => sent.path = sent.path.replace("//", "/"),
        Fault::RedirectUriSlashIgnored => sent.path = sent.path.strip_suffix('/')?.into(),
        Fault::RedirectUriQueryIgnored => sent.path = before(&sent.path, '?').into(),
        Fault::RedirectUriFragmentIgnored => sent.path = before(&sent.path, '#').into(),
        Fault::RedirectUriPathParametersIgnored => sent.path = before(&sent.path, ';').into(),
        Fault::RedirectUriPathBegins => {
            let rest = sent.path.strip_prefix(&known.path)?.strip_prefix('/')?;
            sent.path = (!rest.is_empty() && !rest.starts_with('.')).then(|| known.path.clone())?;
        }
        Fault::RedirectUriWayOut => {
            sent.path = sent.path.split_once("/../")?.0.into();
        }
        Fault::RedirectUriAnyFile if sent.folder() == known.folder() => {
            let is_plain = !sent.path.contains(['?', '#', ';', '%', '.']);
            sent.path = is_plain.then(|| known.path.clone())?;
        }
        _ => return None,
    }
    Some(sent)
}

fn before(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const REGISTERED: &str = "http://localhost:8080/callback";

    #[rstest]
    #[case(Fault::RedirectUriAnyScheme, "https://localhost:8080/callback")]
    #[case(Fault::RedirectUriAnyPort, "http://localhost:8081/callback")]
    #[case(
        Fault::RedirectUriHostBegins,
        "http://localhost.elsewhere.example/callback"
    )]
    #[case(Fault::RedirectUriHostEnds, "http://elsewhere-localhost/callback")]
    #[case(
        Fault::RedirectUriUserAsHost,
        "http://localhost:8080@elsewhere.example/callback"
    )]
    #[case(Fault::RedirectUriUserIgnored, "http://user@localhost:8080/callback")]
    #[case(
        Fault::RedirectUriBackslash,
        "http://elsewhere.example\\@localhost:8080/callback"
    )]
    #[case(Fault::RedirectUriWayOut, "http://localhost:8080/callback/../other")]
    #[case(Fault::RedirectUriPathBegins, "http://localhost:8080/callback/other")]
    #[case(Fault::RedirectUriAnyFile, "http://localhost:8080/other")]
    #[case(Fault::RedirectUriDecoded, "http://localhost:8080/callbac%6b")]
    fn a_fault_takes_what_it_is_about_and_not_what_others_are(
        #[case] fault: Fault,
        #[case] sent: &str,
    ) {
        assert!(takes(fault, REGISTERED, sent));
        assert!(!takes(
            fault,
            REGISTERED,
            "http://elsewhere.example/callback"
        ));
        assert!(!takes(Fault::RedirectUriQueryIgnored, REGISTERED, sent));
    }
}
