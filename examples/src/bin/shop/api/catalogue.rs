//! The products that the API keeps, in memory.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// A product as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) price_cents: u64,
}

/// A product as a client describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProduct {
    pub(crate) name: String,
    pub(crate) price_cents: u64,
}

/// All products; its copies share them.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue(Arc<Mutex<Vec<Product>>>);

impl Catalogue {
    /// Returns a catalogue with four products.
    pub(crate) fn stocked() -> Self {
        let products = STOCK.iter().zip(1..).map(|((name, price_cents), id)| Product {
            id,
            name: (*name).to_owned(),
            price_cents: *price_cents,
        });
        Self(Arc::new(Mutex::new(products.collect())))
    }

    pub(crate) fn list(&self) -> Vec<Product> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a product, or says what is wrong with it.
    pub(crate) fn add(&self, new: NewProduct) -> Result<Product, &'static str> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            return Err("a product's name has 1 to 80 characters: shorten it or write one");
        }
        if new.price_cents == 0 || new.price_cents > MAX_PRICE {
            return Err("a price is between 1 cent and a million: change it");
        }
        let mut products = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if products.len() >= MAX_PRODUCTS {
            return Err("the catalogue is full: a restart empties it");
        }
        let id = products.last().map_or(1, |last| last.id + 1);
        let product = Product { id, name: name.to_owned(), price_cents: new.price_cents };
        products.push(product.clone());
        Ok(product)
    }
}

const STOCK: [(&str, u64); 4] = [
    ("Analytical engine, brass, hand-cranked", 184_200),
    ("Punched cards, box of 500", 2_490),
    ("Table of Bernoulli numbers, signed", 31_250),
    ("Slide rule, boxwood", 5_800),
];
const MAX_NAME: usize = 80;
const MAX_PRICE: u64 = 100_000_000;
const MAX_PRODUCTS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_needs_a_name_and_a_price() {
        let cases = [
            ("", 1, false),
            ("  ", 1, false),
            ("a\nb", 1, false),
            ("abacus", 0, false),
            ("abacus", MAX_PRICE + 1, false),
            (" abacus ", 1, true),
        ];
        for (name, price_cents, accepted) in cases {
            let added = Catalogue::stocked().add(NewProduct { name: name.to_owned(), price_cents });
            assert_eq!(added.is_ok(), accepted, "{name:?} {price_cents}");
        }
    }
}
