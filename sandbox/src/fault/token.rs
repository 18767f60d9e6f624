//! What can be wrong with a token.

use std::fmt;

/// Which of the two tokens a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The ID token.
    Id,
}

impl TokenKind {
    pub(super) const ALL: [Self; 2] = [Self::Access, Self::Id];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Access => "access-token",
            Self::Id => "id-token",
        }
    }

    /// The claims that a fault can take away or change.
    const fn claims(self) -> &'static [&'static str] {
        match self {
            Self::Access => &[
                "ver",
                "jti",
                "iss",
                "aud",
                "iat",
                "exp",
                "cid",
                "uid",
                "scp",
                "auth_time",
                "sub",
            ],
            Self::Id => &[
                "sub",
                "ver",
                "iss",
                "aud",
                "iat",
                "exp",
                "jti",
                "amr",
                "idp",
                "nonce",
                "auth_time",
                "at_hash",
                "c_hash",
            ],
        }
    }
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenFault {
    /// The claim is not there.
    Missing(&'static str),
    /// The claim has a wrong value of the right type.
    Other(&'static str),
    /// The audience is an array of one, which JWT allows.
    AudienceArray,
    /// A key that is not the server's signed it, under the server's key id.
    ForeignSignature,
    /// It is not signed, and its header says so.
    AlgorithmNone,
    /// The right key signed it by another algorithm, RS512.
    AlgorithmOther,
    /// The header names a key that is not published.
    KeyIdUnknown,
    /// The header has this member, which would send a reader elsewhere or change what is signed.
    Header(&'static str),
    /// The header says that it is another kind of token.
    TypeOther,
    /// A claim stands twice, with another value at first.
    Repeated,
    /// It says that it was issued to another party.
    AuthorizedPartyOther,
    /// It was over an hour ago.
    Expired,
    /// It has more bytes than servers take in a header.
    Long,
    /// It holds name and e-mail address of the user, for which nobody asked.
    Personal,
    /// It holds a password.
    Password,
}

/// Members of a header that a fault adds.
const HEADER_MEMBERS: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];

impl TokenFault {
    const PLAIN: [(Self, &'static str); 12] = [
        (Self::AudienceArray, "aud.array"),
        (Self::ForeignSignature, "foreign-signature"),
        (Self::AlgorithmNone, "alg-none"),
        (Self::AlgorithmOther, "alg-other"),
        (Self::KeyIdUnknown, "kid-unknown"),
        (Self::TypeOther, "typ-other"),
        (Self::Repeated, "repeated-claim"),
        (Self::AuthorizedPartyOther, "azp-other"),
        (Self::Expired, "expired"),
        (Self::Long, "long"),
        (Self::Personal, "personal"),
        (Self::Password, "password"),
    ];

    pub(super) fn of(kind: TokenKind) -> impl Iterator<Item = Self> {
        let claims = kind.claims().iter();
        claims
            .flat_map(|claim| [Self::Missing(claim), Self::Other(claim)])
            .chain(HEADER_MEMBERS.map(Self::Header))
            .chain(Self::PLAIN.into_iter().map(|(fault, _)| fault))
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(claim) => write!(formatter, "{claim}.missing"),
            Self::Other(claim) => write!(formatter, "{claim}.other"),
            Self::Header(member) => write!(formatter, "header.{member}"),
            plain => {
                let mut known = Self::PLAIN.iter();
                let name = known.find(|(fault, _)| fault == plain);
                formatter.write_str(name.map_or("", |(_, name)| name))
            }
        }
    }
}
