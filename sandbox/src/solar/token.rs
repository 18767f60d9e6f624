//! Is this an access token of the issuer for this API, and which scopes does it hold?

use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use serde::Deserialize;

use super::fault::SolarFault;
use super::keys::{IssuerKeys, Unavailable};

/// How far clocks may be apart, in seconds.
const LEEWAY_SECONDS: u64 = 60;

/// The claims that make a token an access token of Okta's; ID tokens have neither.
#[derive(Debug, Deserialize)]
struct Claims {
    cid: Option<String>,
    scp: Option<Vec<String>>,
}

/// What is made of a token.
#[derive(Debug)]
pub(super) enum Verdict {
    /// An access token with these scopes.
    Access(Vec<String>),
    /// Something that is taken although it should not be.
    Anything,
    /// Not a token for this API.
    Invalid,
}

/// Whom to trust, and for whom tokens must be.
pub(super) struct Verifier {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) keys: IssuerKeys,
}

impl Verifier {
    pub(super) async fn judge(
        &self,
        token: &str,
        fault: Option<SolarFault>,
    ) -> Result<Verdict, Unavailable> {
        let Ok(header) = decode_header(token) else {
            return Ok(match fault {
                Some(SolarFault::GarbageAccepted) => Verdict::Anything,
                _ => Verdict::Invalid,
            });
        };
        let claims = if fault == Some(SolarFault::SignatureUnchecked) {
            let decoded = dangerous::insecure_decode::<Claims>(token);
            decoded.ok().map(|data| data.claims)
        } else {
            let kid = header.kid.unwrap_or_default();
            self.verified(token, &kid, fault).await?
        };
        Ok(match claims {
            Some(Claims {
                cid: Some(_),
                scp: Some(scopes),
            }) => Verdict::Access(scopes),
            Some(_) if fault == Some(SolarFault::IdTokenAccepted) => Verdict::Anything,
            _ => Verdict::Invalid,
        })
    }

    async fn verified(
        &self,
        token: &str,
        kid: &str,
        fault: Option<SolarFault>,
    ) -> Result<Option<Claims>, Unavailable> {
        let Some(key) = self.keys.find(kid).await? else {
            return Ok(None);
        };
        let Ok(key) = DecodingKey::from_jwk(&key) else {
            return Ok(None);
        };
        let decoded = decode::<Claims>(token, &key, &self.validation(fault));
        Ok(decoded.ok().map(|data| data.claims))
    }

    fn validation(&self, fault: Option<SolarFault>) -> Validation {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        match fault {
            // An ID token is for the client, so its audience cannot be asked for.
            Some(SolarFault::AudienceUnchecked | SolarFault::IdTokenAccepted) => {
                validation.validate_aud = false;
            }
            Some(SolarFault::IssuerUnchecked) => validation.iss = None,
            Some(SolarFault::ExpiryUnchecked) => validation.validate_exp = false,
            _ => {}
        }
        validation
    }
}
