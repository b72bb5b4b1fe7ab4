//! gRPC by tonic: `#[require_auth]` above the `impl` of a service, whose calls are refused with a [`Status`].
//!
//! # Rules
//! 1. The layer stands in front of the server, `Server::builder().layer(auth.layer())`, or of axum's router
//!    that holds the services. It reads the token from the metadata, `authorization: Bearer ...`.
//! 2. A call is guarded where its method is: a service without the attribute, such as health and
//!    reflection, stays public, and so does a method with `#[public]`.
//! 3. A refused method does not run, and reads no message of a stream. Its status is
//!
//! | code | because |
//! |---|---|
//! | `UNAUTHENTICATED` (16) | there is no token, or it is not good, or its proof of possession is not, or the user authenticated too weakly or too long ago |
//! | `PERMISSION_DENIED` (7) | a scope, a permission or a role is missing, the token stands for another than was asked for, the organization is another, a browser sent it from another site |
//! | `UNAVAILABLE` (14) | the provider or the store gives no answer: the call may be tried again |
//! | `INTERNAL` (13) | the layer is missing; the log says which function |
//!
//! 4. What an HTTP client reads in headers is in the metadata of the status: `www-authenticate`, `dpop-nonce`,
//!    `retry-after`, and in milliseconds `grpc-retry-pushback-ms`, which clients of gRPC obey (gRFC A6).
//! 5. The [`Rejection`] is the source of the status, and among the extensions of the response outside of the
//!    layer.
//! 6. A session's cookie counts as anywhere. A call is a POST, so that one with a cookie has to come from a page
//!    of this origin; one with a bearer token needs no such proof.
//! 7. A proof of possession (RFC 9449) is made for `POST` and the address of the call:
//!    `https://api.shop.example/shop.v1.Shop/List`.
//!
//! # Limits
//! Tonic decodes the one message of a unary call before it calls any function: at most 4 MiB, or
//! `max_decoding_message_size`. A stream that has begun is not judged again.
//!
//! # Example
//! ```standalone_crate
//! # fn main() {}
//! # #[cfg(feature = "macros")]
//! # mod scopes { auth_layer::scopes! { pub(crate) api Products { ReadProducts = "read:products" } } }
//! # #[cfg(feature = "macros")]
//! # mod shop {
//! # pub struct ListRequest;
//! # pub struct ListReply { names: Vec<String> }
//! # #[derive(Clone)]
//! # pub struct Shelf { names: Vec<String> }
//! # #[tonic::async_trait]
//! # pub trait Shop { async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListReply>, Status>; }
//! use auth_layer::{AccessToken, require_auth};
//! use tonic::{Request, Response, Status};
//!
//! #[require_auth(scopes = ["read:products"])] // no good token: UNAUTHENTICATED; no scope: PERMISSION_DENIED
//! #[tonic::async_trait]
//! impl Shop for Shelf {
//!     async fn list(
//!         &self,
//!         _: Request<ListRequest>,
//!         token: AccessToken,
//!     ) -> Result<Response<ListReply>, Status> {
//!         println!("for {:?}", token.subject());
//!         Ok(Response::new(ListReply { names: self.names.clone() }))
//!     }
//! }
//! # }
//! // Server::builder().layer(auth.layer()).add_service(ShopServer::new(shelf)).serve(address).await
//! ```

use std::sync::Arc;

use http::request::Parts;
use http::{Method, Request};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::__private::Admissible;
use crate::gate::Rejection;
use crate::layer::{FromRejection, GrpcAddress};
use crate::refresh::RefreshError;

impl<T> Admissible for tonic::Request<T> {
    type Rest = T;

    fn into_head(self) -> (Parts, T) {
        let (metadata, extensions, message) = self.into_parts();
        let (mut head, ()) = Request::new(()).into_parts();
        // Each call of gRPC is a POST; its address is known where the layer has noted it.
        head.method = Method::POST;
        if let Some(GrpcAddress(uri)) = extensions.get::<GrpcAddress>() {
            head.uri = uri.clone();
        }
        head.headers = metadata.into_headers();
        head.extensions = extensions;
        (head, message)
    }

    fn from_head(head: Parts, message: T) -> Self {
        Self::from_parts(MetadataMap::from_headers(head.headers), head.extensions, message)
    }
}

/// As the layer refuses a call; see the [module docs](crate::grpc).
impl From<Rejection> for Status {
    fn from(rejection: Rejection) -> Self {
        let code = Code::from_i32(rejection.grpc_code());
        let metadata = MetadataMap::from_headers(rejection.grpc_metadata());
        let mut status = Self::with_metadata(code, rejection.to_string(), metadata);
        status.set_source(Arc::new(rejection));
        status
    }
}

/// As the gate refuses a call for whose token the session has no answer.
impl From<RefreshError> for Status {
    fn from(error: RefreshError) -> Self {
        Rejection::from(error).into()
    }
}

/// A function of tonic's may fail with an error of its own, which takes a refusal in and becomes a status.
#[diagnostic::do_not_recommend]
impl<T, E: From<Rejection>> FromRejection for Result<tonic::Response<T>, E> {
    fn from_rejection(rejection: Rejection) -> Self {
        Err(rejection.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::gate::RejectionKind;

    #[test]
    fn a_call_is_judged_as_a_post_to_its_address_and_comes_back_as_it_was() {
        let mut call = tonic::Request::new("message");
        call.metadata_mut().insert("authorization", "Bearer token".parse().unwrap());
        call.extensions_mut().insert(7_u8);
        let address = "http://127.0.0.1/shop.v1.Shop/List".parse().unwrap();
        call.extensions_mut().insert(GrpcAddress(address));

        let (head, message) = call.into_head();
        assert_eq!((&head.method, head.uri.path()), (&Method::POST, "/shop.v1.Shop/List"));
        assert_eq!(head.uri.authority().unwrap(), "127.0.0.1");
        assert_eq!(head.headers["authorization"], "Bearer token");

        let call = tonic::Request::from_head(head, message);
        assert_eq!((*call.get_ref(), call.extensions().get()), ("message", Some(&7_u8)));
        assert_eq!(call.metadata().get("authorization").unwrap(), "Bearer token");
    }

    #[test]
    fn each_kind_of_refusal_has_its_code() {
        let cases: [(Code, &[RejectionKind]); 4] = [
            (
                Code::Unauthenticated,
                &[
                    RejectionKind::Unauthenticated,
                    RejectionKind::InvalidRequest,
                    RejectionKind::InvalidToken,
                    RejectionKind::InvalidDpopProof,
                    RejectionKind::UseDpopNonce,
                    RejectionKind::NoSession,
                    RejectionKind::InsufficientUserAuthentication,
                ],
            ),
            (
                Code::PermissionDenied,
                &[
                    RejectionKind::NoUser,
                    RejectionKind::NoClient,
                    RejectionKind::InsufficientPermissions,
                    RejectionKind::InsufficientRoles,
                    RejectionKind::OrganizationRefused,
                    RejectionKind::InsufficientScope,
                    RejectionKind::CrossSite,
                    RejectionKind::AudienceRefused,
                    RejectionKind::NoRefreshToken,
                ],
            ),
            (Code::Unavailable, &[RejectionKind::ProviderUnavailable, RejectionKind::StoreUnavailable]),
            (Code::Internal, &[RejectionKind::LayerMissing]),
        ];
        for (code, kinds) in cases {
            for kind in kinds {
                let status = Status::from(Rejection::new(*kind));
                assert_eq!(status.code(), code, "{kind:?}");
                let can_be_tried_again = status.metadata().contains_key("grpc-retry-pushback-ms");
                assert_eq!(can_be_tried_again, code == Code::Unavailable, "{kind:?}");
            }
        }
    }
}
