//! An access token that this program asked for itself: a machine's, or one that it got by exchange.

use std::sync::Arc;

use http::HeaderValue;

use crate::claim_path::ClaimTerms;
use crate::identifier::{ClientId, Issuer};
use crate::token::access_token::TokenSource;
use crate::token::bearer_token::Principal;
use crate::token::token_set::IssuedToken;

/// A token, and all that is said of it, made once and shared by everyone who is handed a copy.
#[derive(Debug)]
pub(crate) struct OwnToken {
    pub(crate) issued: Arc<IssuedToken>,
    pub(crate) source: TokenSource,
    pub(crate) principal: Principal,
    pub(crate) issuer: Issuer,
    pub(crate) client: ClientId,
    /// How claims would be read; a token of one's own shows none.
    pub(crate) terms: Arc<ClaimTerms>,
    /// Put together once, so that sending it copies nothing.
    authorization: HeaderValue,
}

impl OwnToken {
    /// A machine's token: it stands for its client.
    pub(crate) fn of_client(
        issued: Arc<IssuedToken>,
        issuer: Issuer,
        client: ClientId,
        terms: Arc<ClaimTerms>,
    ) -> Self {
        Self {
            authorization: issued.authorization(),
            issued,
            source: TokenSource::ClientCredentials,
            principal: Principal::Client,
            issuer,
            client,
            terms,
        }
    }

    /// A token that was got for another (RFC 8693): it stands for whoever that does.
    pub(crate) fn exchanged(
        issued: Arc<IssuedToken>,
        (source, principal): (TokenSource, Principal),
        issuer: Issuer,
        client: ClientId,
        terms: Arc<ClaimTerms>,
    ) -> Self {
        let authorization = issued.authorization();
        Self { issued, source, principal, issuer, client, terms, authorization }
    }

    /// Whether it was issued by the client's own provider, and not only handed out by it.
    pub(crate) fn is_of_issuer(&self) -> bool {
        self.source != TokenSource::Connection
    }

    pub(crate) fn authorization(&self) -> HeaderValue {
        self.authorization.clone()
    }
}
