//! Where tokens come from that are not the user's own: a program's, or exchanged ones.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::token::AccessToken;

/// A source of access tokens for one API; see [`Authorize::with_tokens`](super::Authorize::with_tokens).
///
/// It is asked for each request: it has to cache, to share one exchange among all who wait for it, and to pause
/// after a failure. What it hands out is sent as it is.
pub trait TokenSupply: Send + Sync + 'static {
    /// Returns a token, and gets one where there is none.
    ///
    /// `instead_of` is a token that the API has just refused: another one is returned, where there can be one,
    /// and the same again where there can be none. Many callers may come with the same refused token at once:
    /// one new token serves them all, and whoever comes later with the old one is given what is there.
    ///
    /// # Errors
    /// There is no token to be had.
    fn token(
        &self,
        instead_of: Option<&AccessToken>,
    ) -> impl Future<Output = Result<AccessToken, TokenSupplyError>> + Send;

    /// Returns the token that would be returned without a wait; then none is made and no future is boxed.
    ///
    /// Default: `None`, so that [`token`](Self::token) is always asked.
    fn at_hand(&self) -> Option<AccessToken> {
        None
    }
}

/// Why a supply has no token.
///
/// `Debug` and `Display` show what its source shows: put no token into that.
#[derive(Clone, Debug)]
pub struct TokenSupplyError {
    is_final: bool,
    source: Arc<dyn Error + Send + Sync>,
}

impl TokenSupplyError {
    /// There is no answer: a later request may have a token.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { is_final: false, source: Arc::from(source.into()) }
    }

    /// The answer is no, and will be until somebody changes something.
    pub fn refused(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { is_final: true, source: Arc::from(source.into()) }
    }

    /// Returns whether another try is of no use.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }
}

impl fmt::Display for TokenSupplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.is_final {
            true => "the supply of tokens was refused one: see the source of this error",
            false => "the supply has no token now: try again later",
        })
    }
}

impl Error for TokenSupplyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// A supply with its type left out.
pub(super) trait AnySupply: Send + Sync {
    fn at_hand(&self) -> Option<AccessToken>;
    fn token(self: Arc<Self>, instead_of: Option<AccessToken>) -> Supplying;
}

pub(super) type Supplying = Pin<Box<dyn Future<Output = Result<AccessToken, TokenSupplyError>> + Send>>;

impl<T: TokenSupply> AnySupply for T {
    fn at_hand(&self) -> Option<AccessToken> {
        TokenSupply::at_hand(self)
    }

    fn token(self: Arc<Self>, instead_of: Option<AccessToken>) -> Supplying {
        Box::pin(async move { TokenSupply::token(&*self, instead_of.as_ref()).await })
    }
}
