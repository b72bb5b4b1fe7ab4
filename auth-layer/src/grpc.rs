//! Services of tonic: `#[require_auth]` on a function over `tonic::Request`, refused with a `Status`.

use http::request::Parts;
use http::{HeaderName, Method, Request};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

use crate::__private::Admissible;
use crate::gate::Rejection;
use crate::layer::{FromRejection, GrpcAddress};

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

/// As the layer refuses a call: `UNAUTHENTICATED`, `PERMISSION_DENIED`, `UNAVAILABLE` or `INTERNAL`, with
/// the challenge in the metadata (`www-authenticate`).
impl From<Rejection> for Status {
    fn from(rejection: Rejection) -> Self {
        let code = Code::from_i32(rejection.grpc_code());
        let mut headers = http::HeaderMap::new();
        for (name, value) in rejection.grpc_metadata() {
            headers.append::<HeaderName>(name, value);
        }
        let mut status = Self::with_metadata(code, rejection.to_string(), MetadataMap::from_headers(headers));
        status.set_source(std::sync::Arc::new(rejection));
        status
    }
}

#[diagnostic::do_not_recommend]
impl<T> FromRejection for Result<tonic::Response<T>, Status> {
    fn from_rejection(rejection: Rejection) -> Self {
        Err(rejection.into())
    }
}
