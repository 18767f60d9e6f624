//! Which codes explain which, and what both must share.

use super::shares::{
    always, another_client, assigned_by_no_name, audiences, authorization,
    authorization_that_opens, case, client, deactivated_user, endpoint, endpoint_with_slash,
    exchanged, group, groups, hosts, issuers, lifetimes, members, name_of_user, names, only_one,
    only_place, openid_alone, places_of_issuers, receivers, response_types_of_grant, rules,
    seen_audience, settings, subject_claim, user, user_and_flow, user_assigned_by_groups,
    user_in_groups, user_with_attributes,
};
use super::{Link, link};
use crate::code::Code;

/// The links, those that explain more first.
pub(super) const LINKS: &[Link] = &[
    // Step 1: a group under another name is no other group, to whom rules and the client give.
    link(
        &[Code::GroupMissing],
        members,
        &[Code::ScopeGivenToOthers],
        receivers,
    ),
    link(
        &[Code::GroupMissing],
        groups,
        &[Code::OtherGroupAssigned],
        groups,
    ),
    // Step 2 and what follows from who is in which group.
    link(
        &[Code::UserNotInItsGroup],
        user,
        &[Code::UserInAnotherGroup],
        user,
    ),
    link(
        &[Code::UserNotInItsGroup],
        names,
        &[
            Code::UserNotInItsGroup,
            Code::UserInAnotherGroup,
            Code::ScopesNotGiven,
            Code::ScopeGivenToOthers,
        ],
        names,
    ),
    link(
        &[
            Code::UserNotInItsGroup,
            Code::UserInAnotherGroup,
            Code::TokensGiven,
        ],
        exchanged,
        &[
            Code::UserNotInItsGroup,
            Code::UserInAnotherGroup,
            Code::TokensGiven,
            Code::NoTokensByPolicy,
        ],
        exchanged,
    ),
    link(
        &[Code::ServiceScopesGiven, Code::ServiceScopesNotGiven],
        exchanged,
        &[
            Code::ServiceScopesGiven,
            Code::ServiceScopesNotGiven,
            Code::ServiceTokenGiven,
        ],
        exchanged,
    ),
    link(
        &[Code::UserInAnotherGroup],
        user_in_groups,
        &[Code::TokensGiven, Code::CodeGiven],
        user_in_groups,
    ),
    link(
        &[Code::ProfileOther],
        user_with_attributes,
        &[Code::AccessTokenClaim, Code::IdTokenClaim],
        user_with_attributes,
    ),
    // Step 3a: the authorization server, its audience, keys and claims.
    link(
        &[Code::ServerOther],
        always,
        &[
            Code::ScopeMissing,
            Code::PolicyMissing,
            Code::ScopesNotGiven,
        ],
        always,
    ),
    link(
        &[Code::IssuerOther],
        always,
        &[Code::TokensGiven],
        openid_alone,
    ),
    // One issuer in the place of the wanted one is named by the org, the metadata and each token.
    link(
        &[Code::ServerMissing, Code::MetadataIssuerOther],
        issuers,
        &[
            Code::MetadataIssuerOther,
            Code::AccessTokenIssuer,
            Code::IdTokenIssuer,
        ],
        issuers,
    ),
    link(
        &[Code::ServerMissing, Code::MetadataIssuerOther],
        places_of_issuers,
        &[Code::EndpointElsewhere],
        only_place,
    ),
    link(
        &[Code::AudienceOther],
        audiences,
        &[Code::AccessTokenAudience],
        seen_audience,
    ),
    link(
        &[Code::KeyMissing],
        always,
        &[Code::AccessTokenSignature, Code::IdTokenSignature],
        always,
    ),
    link(
        &[Code::ClaimMissing, Code::ClaimInactive, Code::ClaimOther],
        case,
        &[
            Code::AccessTokenClaim,
            Code::AccessTokenClaimExtra,
            Code::IdTokenClaim,
            Code::IdTokenClaimExtra,
        ],
        case,
    ),
    // Step 3c: policies and rules.
    link(
        &[Code::PolicyMissing, Code::PolicyForOtherClients],
        always,
        &[Code::ScopesNotGiven],
        always,
    ),
    link(
        &[Code::ScopeGivenToOthers],
        rules,
        &[Code::TokensGiven, Code::CodeGiven, Code::ServiceScopesGiven],
        rules,
    ),
    link(
        &[Code::ScopeGivenToOthers],
        rules,
        &[Code::ScopesNotGiven],
        rules,
    ),
    link(
        &[Code::ServiceScopesGiven],
        case,
        &[Code::ServiceTokenGiven],
        case,
    ),
    link(
        &[Code::RuleLifetimeOther],
        lifetimes,
        &[Code::AccessTokenLifetime],
        lifetimes,
    ),
    link(
        &[Code::PolicyForOtherClients],
        another_client,
        &[
            Code::GrantTypeMissing,
            Code::ResponseTypeMissing,
            Code::ClientTypeOther,
            Code::ClientAuthenticationOther,
            Code::RedirectUriMissing,
            Code::GroupNotAssigned,
            Code::UserNotAssigned,
        ],
        always,
    ),
    // Step 4: the client, and whom it is assigned to.
    link(
        &[Code::GrantTypeMissing],
        response_types_of_grant,
        &[Code::ResponseTypeMissing],
        client,
    ),
    link(
        &[Code::ClientTypeOther],
        always,
        &[Code::ClientAuthenticationOther],
        always,
    ),
    link(
        &[Code::RedirectUriMissing],
        always,
        &[Code::RedirectUriExtra],
        only_one,
    ),
    link(
        &[Code::RefreshRotationSetting],
        always,
        &[Code::RefreshRotationOther],
        always,
    ),
    link(
        &[Code::UserNotInItsGroup],
        user,
        &[Code::UserNotAssigned],
        user,
    ),
    link(
        &[Code::UserNotActive],
        deactivated_user,
        &[Code::UserNotAssigned],
        user,
    ),
    link(
        &[Code::UserInAnotherGroup],
        user_in_groups,
        &[Code::UserAssigned],
        user_assigned_by_groups,
    ),
    link(
        &[Code::GroupNotAssigned],
        group,
        &[Code::UserNotAssigned],
        groups,
    ),
    link(
        &[Code::EveryoneAssigned, Code::AssignmentNotNeeded],
        always,
        &[Code::UserAssigned],
        assigned_by_no_name,
    ),
    link(
        &[Code::UserAssigned],
        user,
        &[Code::TokensGiven, Code::CodeGiven],
        user,
    ),
    link(
        &[Code::UserTakenForAnother],
        user,
        &[Code::AccessTokenOfAnother, Code::AccessTokenSubject],
        user,
    ),
    // Drift says once more, and in detail, what another finding is about.
    link(
        &[
            Code::ClaimMissing,
            Code::ClaimOther,
            Code::ScopeGivenToOthers,
            Code::ScopesNotGiven,
            Code::ClientTypeOther,
            Code::GrantTypeMissing,
            Code::ResponseTypeMissing,
            Code::ConsentAsked,
            Code::NetworkClosed,
            Code::UserTakenForAnother,
            Code::ServiceNoToken,
        ],
        settings,
        &[
            Code::ServerDrift,
            Code::ScopeDrift,
            Code::PolicyDrift,
            Code::ClientDrift,
            Code::AssignmentDrift,
        ],
        settings,
    ),
    link(
        &[Code::ServerDrift],
        settings,
        &[Code::AccessTokenSubject],
        subject_claim,
    ),
    link(
        &[Code::AssignmentDrift],
        settings,
        &[Code::AccessTokenSubject],
        name_of_user,
    ),
    // Step 5: what one wrong claim does to others.
    link(&[Code::TokensGiven], user, &[Code::OrgUnlikeAudit], user),
    link(
        &[Code::AccessTokenScopes],
        user_and_flow,
        &[Code::ScopesTold, Code::FlowsDiffer],
        user_and_flow,
    ),
    link(
        &[Code::AccessTokenScopes, Code::TokensGiven],
        authorization,
        &[Code::AccessGiven],
        authorization_that_opens,
    ),
    link(
        &[Code::AccessTokenAudience],
        user_and_flow,
        &[Code::FlowsDiffer],
        user_and_flow,
    ),
    link(
        &[Code::AccessTokenLifetime],
        user_and_flow,
        &[Code::ExpiresInOther],
        user_and_flow,
    ),
    link(
        &[Code::PasswordSentElsewhere],
        hosts,
        &[Code::PasswordSentElsewhere],
        hosts,
    ),
    // The API: what is wrong with its routes is wrong with all of them alike.
    link(
        &[Code::EndpointMissing],
        always,
        &[Code::EndpointMissing],
        always,
    ),
    link(
        &[Code::SlashOpen],
        endpoint,
        &[Code::HostileLetIn],
        endpoint_with_slash,
    ),
    link(&[Code::BodyOther], always, &[Code::BodyOther], always),
    link(
        &[Code::TokenRefused],
        endpoint,
        &[Code::ChallengeMissing],
        endpoint,
    ),
];
