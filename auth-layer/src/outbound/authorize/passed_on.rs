//! A request that came in and is passed on: what its sender said to this application alone.

use http::header::{COOKIE, HOST};
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Request, Uri};

use crate::gate::Context;

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

/// Takes off what is not for others: the cookies, and the name by which the sender knows us.
pub(super) fn forget_sender<B>(request: &mut Request<B>) {
    if came_in(request.extensions()) {
        forget(request.headers_mut());
    }
}

/// As [`forget_sender`], of a head that came in.
pub(super) fn forget(headers: &mut HeaderMap) {
    headers.remove(COOKIE);
    headers.remove(HOST);
}
