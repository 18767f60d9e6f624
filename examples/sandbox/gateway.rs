//! A gateway in front of the API, by `--gateway`.

use std::path::{Path, PathBuf};

use okta_e2e::model::OrgModel;
use okta_sandbox::{Gateway, GatewayKind, Guarded, Sandbox};

/// The folders of the gateways there are.
const KINDS: &str = "fixtures/gateways";
/// Where `scripts/install-gateway` puts what it installs.
const INSTALLED: [&str; 2] = ["target/gateways", "target/gateways/python/bin"];

/// Starts a gateway in front of an API that checks nothing.
pub(crate) async fn start(
    name: &str,
    weakness: Option<&str>,
    api_url: &str,
    sandbox: &Sandbox,
    issuer: &str,
    model: &OrgModel,
) -> Result<Gateway, String> {
    let failed = |error: okta_sandbox::GatewayError| error.to_string();
    let kind = GatewayKind::read(&Path::new(KINDS).join(name)).map_err(failed)?;
    let key = sandbox.signing_key(issuer);
    let guarded = Guarded {
        api_url,
        issuer,
        audience: &model.authorization_server.audience,
        key: &key.ok_or_else(|| format!("`{issuer}` has no key to sign with"))?,
    };
    let folder = std::env::current_dir().map_err(|error| error.to_string())?;
    let installed: Vec<PathBuf> = INSTALLED.iter().map(|path| folder.join(path)).collect();
    eprintln!("starting {}", kind.title());
    let started = kind.start(&installed, &guarded, weakness).await;
    started.map_err(failed)
}
