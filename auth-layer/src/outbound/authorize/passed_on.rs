//! A request that came in and is passed on: what its sender said to this application alone.

use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, TE};
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Request, Uri};

use crate::gate::Context;
use crate::outbound::hop_by_hop::HopByHop;

/// Whether a request came in through the layer.
pub(super) fn came_in(extensions: &Extensions) -> bool {
    extensions.get::<Context>().is_some()
}

/// Takes the name by which the sender knows us off the address, as long as it is still there: it is the sender's
/// word, as `Host` is, and would send the request wherever the sender likes.
pub(super) fn forget_name<B>(request: &mut Request<B>) {
    let context = request.extensions().get::<Context>();
    if context.is_some_and(|context| context.is_called(request.uri())) {
        // CONNECT has no path.
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = Uri::from(path.unwrap_or(PathAndQuery::from_static("/")));
    }
}

/// Whether a request has an `Authorization` that the program wrote, and not its sender.
pub(super) fn is_authorized<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(AUTHORIZATION)
        && !request
            .extensions()
            .get::<Context>()
            .is_some_and(|context| context.has_brought(request.headers()))
}

/// Takes off what is not for others: the cookies, the sender's credentials, the name by which the sender knows us,
/// and what is for the connection to us alone.
pub(super) fn forget_sender<B>(request: &mut Request<B>) {
    if let Some(context) = request.extensions().get::<Context>().cloned() {
        forget(&context, request.headers_mut());
    }
}

/// As [`forget_sender`], of a head that came in.
pub(super) fn forget(context: &Context, headers: &mut HeaderMap) {
    // A program that wrote its own may have proved it, too.
    if context.has_brought(headers) || !headers.contains_key(AUTHORIZATION) {
        headers.remove(AUTHORIZATION);
        headers.remove(DPOP);
    }
    let hop_by_hop = HopByHop::of(headers);
    // gRPC asks for it, and HTTP/2 allows it.
    let is_kept = |name: &HeaderName| name == TE && headers.get(TE).is_some_and(|te| te == "trailers");
    let ended: Vec<HeaderName> =
        headers.keys().filter(|name| hop_by_hop.contains(name) && !is_kept(name)).cloned().collect();
    for name in ended.into_iter().chain([COOKIE, HOST]) {
        headers.remove(name);
    }
}

const DPOP: HeaderName = HeaderName::from_static("dpop");
