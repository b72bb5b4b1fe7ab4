//! Proofs of possession over gRPC (RFC 9449): made for POST and the address of the call.

use auth_layer::config::DpopPolicy;
use auth_layer::testing::DpopKey;
use tonic::{Code, Request, Status};

use super::server::{Server, ada, said, with_token};
use super::shop::Product;

/// A client with a key, and a token that is bound to it.
struct Bound {
    server: Server,
    key: DpopKey,
    token: String,
}

impl Bound {
    async fn start(policy: DpopPolicy) -> Self {
        let server = Server::start_with(|config| config.with_dpop(policy)).await;
        let key = server.op.dpop_key();
        let token = server.op.issue_access_token(ada("read:products").bound_to(key.thumbprint()));
        Self { server, key, token }
    }

    /// A proof for the method of this name.
    fn proof(&self, method: &str, nonce: Option<&str>) -> String {
        let address = format!("{}/shop.v1.Shop/{method}", self.server.url);
        self.key.proof("POST", &address, Some(&self.token), nonce)
    }

    async fn list(&self, proof: &str) -> Result<String, Status> {
        let mut request = Request::new(Product::named("tea"));
        request.metadata_mut().insert("authorization", format!("DPoP {}", self.token).parse().unwrap());
        request.metadata_mut().insert("dpop", proof.parse().unwrap());
        Ok(self.server.client().list(request).await?.into_inner().name)
    }
}

#[tokio::test]
async fn a_bound_token_passes_with_a_proof_for_this_method_once() {
    let bound = Bound::start(DpopPolicy::new()).await;
    let proof = bound.proof("List", None);
    assert_eq!(bound.list(&proof).await.unwrap(), "tea for local|ada");
    for (name, proof) in [
        ("again", proof),
        ("for another method", bound.proof("Watch", None)),
        ("of another key", {
            let address = format!("{}/shop.v1.Shop/List", bound.server.url);
            bound.server.op.dpop_key().proof("POST", &address, Some(&bound.token), None)
        }),
    ] {
        let status = bound.list(&proof).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{name}: {status:?}");
        let challenge = said(&status, "www-authenticate");
        assert!(
            challenge.starts_with("DPoP ") && challenge.contains("invalid_dpop_proof"),
            "{name}: {challenge}"
        );
    }
    let plain = bound.server.client().list(with_token(Product::named("tea"), &bound.token)).await;
    let status = plain.unwrap_err();
    let challenges: Vec<_> = status.metadata().get_all("www-authenticate").iter().collect();
    assert_eq!((status.code(), challenges.len()), (Code::Unauthenticated, 2), "{challenges:?}");
    assert_eq!(bound.server.shop.ran(), 1);
}

#[tokio::test]
async fn a_nonce_is_in_the_metadata_of_the_refusal_and_the_next_call_passes_with_it() {
    let bound = Bound::start(DpopPolicy::new().with_nonce()).await;
    let status = bound.list(&bound.proof("List", None)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert!(said(&status, "www-authenticate").contains(r#"error="use_dpop_nonce""#));
    let nonce = said(&status, "dpop-nonce");
    assert_ne!(nonce, "");
    assert_eq!(bound.list(&bound.proof("List", Some(nonce))).await.unwrap(), "tea for local|ada");
}
