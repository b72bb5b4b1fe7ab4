//! A request that came in and is passed on: what its sender said to this application alone.

use http::header::{COOKIE, HOST};
use http::{Extensions, HeaderMap, Request};

use crate::gate::Context;

/// Whether a request came in through the layer.
pub(super) fn came_in(extensions: &Extensions) -> bool {
    extensions.get::<Context>().is_some()
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
