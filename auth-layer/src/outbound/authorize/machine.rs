//! Machine tokens as a supply: already cached, shared and held back after a failure.

use crate::machine::{MachineTokenError, MachineTokens};
use crate::outbound::authorize::supply::{TokenSupply, TokenSupplyError};
use crate::token::AccessToken;

impl<R: 'static> TokenSupply for MachineTokens<R> {
    async fn token(&self, instead_of: Option<&AccessToken>) -> Result<AccessToken, TokenSupplyError> {
        let token = match instead_of {
            Some(refused) => self.token_instead_of(refused).await,
            None => self.token().await,
        };
        Ok(token?.into_any())
    }

    fn at_hand(&self) -> Option<AccessToken> {
        self.fresh().map(AccessToken::into_any)
    }
}

impl From<MachineTokenError> for TokenSupplyError {
    fn from(error: MachineTokenError) -> Self {
        if error.is_final() { Self::refused(error) } else { Self::unavailable(error) }
    }
}
