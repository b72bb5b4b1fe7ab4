//! The stages of `client!`, in their order.

use proc_macro2::TokenStream;

use crate::client::args::Client;
use crate::client::expand as emit;
use crate::client::methods::Methods;
use crate::definition::{load, operations};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let client: Client = match syn::parse2(tokens) {
        Ok(client) => client,
        Err(error) => return error.into_compile_error(),
    };
    let (operations, path) = match load(&client.definition, operations) {
        Ok(read) => read,
        Err(why) => return syn::Error::new(client.definition.span(), why).into_compile_error(),
    };
    let (methods, refusals) = Methods::of(&client, operations.all);
    let mut tokens = refusals.into_compile_errors().unwrap_or_default();
    tokens.extend(emit::items(&client, operations.description.as_deref(), &methods, &path));
    tokens
}
