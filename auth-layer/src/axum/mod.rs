//! axum's router, for handlers that say who may call them: a forgotten route does not compile.

mod access;
mod access_table;
mod method_router;
mod protected;
mod public;
mod router;
mod routes;
pub mod routing;
mod row;
mod serve;
mod services;

pub use access::Access;
pub use access_table::AccessTable;
pub use protected::{Extractors, NoExtractor, ProtectedHandler};
#[doc(hidden)]
pub use public::{Public, PublicHandler};
pub use router::Router;
pub use row::{Reach, Row};
pub use services::{
    DeclaredService, GuardedElsewhere, JoinableRouter, PublicService, RoutableService,
    danger_guarded_elsewhere, public_service,
};
