//! What a Rust file names: paths, imports, modules, method calls, literals, macros, functions.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Item, Meta, Token, UseTree};

use super::tokens;

/// Everything that the rules ask about a file.
#[derive(Debug, Default)]
pub(crate) struct Syntax {
    pub(crate) paths: Vec<Named<Vec<String>>>,
    /// Names that a `use` brings into a module: the inline modules, the name, the path.
    pub(crate) imports: HashMap<(Vec<String>, String), Vec<String>>,
    pub(crate) modules: Vec<Module>,
    /// Called methods, with the last name of the receiver where it has one.
    pub(crate) calls: Vec<Named<(String, Option<String>)>>,
    pub(crate) literals: Vec<Named<String>>,
    pub(crate) macros: Vec<Named<String>>,
    pub(crate) attributes: Vec<Named<String>>,
    pub(crate) functions: Vec<Named<String>>,
    /// Functions and implementations outside of any inline module.
    pub(crate) logic: Vec<Named<String>>,
}

/// Something that stands somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    pub(crate) what: T,
    pub(crate) line: usize,
    /// The inline modules around it.
    pub(crate) inside: Vec<String>,
    pub(crate) in_test: bool,
}

/// A `mod name;`, or one with a body.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) inside: Vec<String>,
    pub(crate) in_test: bool,
}

/// Reads a file.
///
/// # Errors
/// The line and the reason, when it is no Rust.
pub(crate) fn read(text: &str) -> Result<Syntax, (usize, String)> {
    let file = syn::parse_file(text).map_err(|error| (error.span().start().line, error.to_string()))?;
    let mut reader = Reader::default();
    reader.visit_file(&file);
    Ok(reader.syntax)
}

#[derive(Default)]
pub(super) struct Reader {
    syntax: Syntax,
    inside: Vec<String>,
    tests: usize,
}

impl Reader {
    fn named<T>(&self, what: T, span: Span) -> Named<T> {
        Named { what, line: span.start().line, inside: self.inside.clone(), in_test: self.tests > 0 }
    }

    fn guarded(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let test = usize::from(attributes.iter().any(is_for_tests));
        self.tests += test;
        visit(self);
        self.tests -= test;
    }

    pub(super) fn path(&mut self, segments: Vec<String>, span: Span) {
        let named = self.named(segments, span);
        self.syntax.paths.push(named);
    }

    pub(super) fn literal(&mut self, value: String, span: Span) {
        let named = self.named(value, span);
        self.syntax.literals.push(named);
    }

    pub(super) fn macro_call(&mut self, name: String, span: Span) {
        let named = self.named(name, span);
        self.syntax.macros.push(named);
    }

    pub(super) fn attribute(&mut self, name: String, span: Span) {
        let named = self.named(name, span);
        self.syntax.attributes.push(named);
    }

    pub(super) fn call(&mut self, method: String, receiver: Option<String>, span: Span) {
        let named = self.named((method, receiver), span);
        self.syntax.calls.push(named);
    }

    pub(super) fn function(&mut self, name: &syn::Ident) {
        let named = self.named(name.to_string(), name.span());
        self.syntax.functions.push(named);
    }

    fn use_tree(&mut self, before: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(plain(&path.ident));
                self.use_tree(before, &path.tree);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(before, tree)),
            UseTree::Name(name) => self.import(before, &name.ident, &name.ident),
            UseTree::Rename(rename) => self.import(before, &rename.ident, &rename.rename),
            UseTree::Glob(glob) => {
                let mut all = before.clone();
                all.push("*".into());
                self.path(all, glob.span());
            }
        }
    }

    fn import(&mut self, before: &[String], name: &syn::Ident, known_as: &syn::Ident) {
        let mut path = before.to_vec();
        // `use a::b::{self}` is `use a::b`.
        let known_as = if name == "self" {
            if known_as == "self" { before.last().cloned().unwrap_or_default() } else { plain(known_as) }
        } else {
            path.push(plain(name));
            plain(known_as)
        };
        self.syntax.imports.insert((self.inside.clone(), known_as), path.clone());
        self.path(path, name.span());
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        self.guarded(attributes_of(item), |reader| {
            if reader.inside.is_empty() && reader.tests == 0 {
                match item {
                    Item::Fn(function) => {
                        let named =
                            reader.named(format!("fn {}", function.sig.ident), function.sig.ident.span());
                        reader.syntax.logic.push(named);
                    }
                    Item::Impl(block) => {
                        let named = reader.named("impl".to_owned(), block.impl_token.span());
                        reader.syntax.logic.push(named);
                    }
                    _ => {}
                }
            }
            visit::visit_item(reader, item);
        });
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let name = plain(&module.ident);
        let known = Module { name: name.clone(), inside: self.inside.clone(), in_test: self.tests > 0 };
        self.syntax.modules.push(known);
        self.inside.push(name);
        visit::visit_item_mod(self, module);
        self.inside.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut before = Vec::new();
        if item.leading_colon.is_some() {
            before.push(String::new());
        }
        self.use_tree(&mut before, &item.tree);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes: &[Attribute] = match item {
            syn::ImplItem::Fn(function) => {
                self.function(&function.sig.ident);
                &function.attrs
            }
            syn::ImplItem::Const(constant) => &constant.attrs,
            _ => &[],
        };
        self.guarded(attributes, |reader| visit::visit_impl_item(reader, item));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments: Vec<String> = path.segments.iter().map(|segment| plain(&segment.ident)).collect();
        if path.leading_colon.is_some() {
            segments.insert(0, String::new());
        }
        self.path(segments, path.span());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.call(plain(&call.method), last_name(&call.receiver), call.method.span());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literal(literal.value(), literal.span());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.segments.last() {
            self.macro_call(plain(&name.ident), name.ident.span());
        }
        self.visit_path(&call.path);
        tokens::read(self, call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Some(name) = attribute.path().segments.last() else { return };
        if name.ident == "doc" {
            return;
        }
        self.attribute(plain(&name.ident), name.ident.span());
        match &attribute.meta {
            Meta::List(list) => tokens::read(self, list.tokens.clone()),
            _ => visit::visit_attribute(self, attribute),
        }
    }
}

/// The last name of an expression: `provider` in `self.provider`, `provider()` and `provider`.
fn last_name(receiver: &Expr) -> Option<String> {
    match receiver {
        Expr::Path(path) => path.path.segments.last().map(|segment| plain(&segment.ident)),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(plain(name)),
            _ => None,
        },
        Expr::MethodCall(call) => Some(plain(&call.method)),
        Expr::Call(call) => last_name(&call.func),
        Expr::Reference(reference) => last_name(&reference.expr),
        Expr::Paren(inner) => last_name(&inner.expr),
        Expr::Try(inner) => last_name(&inner.expr),
        Expr::Await(inner) => last_name(&inner.base),
        _ => None,
    }
}

pub(super) fn plain(name: &proc_macro2::Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// Tells whether an attribute keeps its item out of every build but the tests'.
fn is_for_tests(attribute: &Attribute) -> bool {
    let path = attribute.path();
    if path.segments.last().is_some_and(|last| last.ident == "test") {
        return true;
    }
    path.is_ident("cfg") && attribute.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta))
}

fn needs_test(meta: &Meta) -> bool {
    let Meta::List(list) = meta else { return meta.path().is_ident("test") };
    let Ok(inner) = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone()) else {
        return false;
    };
    if list.path.is_ident("all") {
        inner.iter().any(needs_test)
    } else {
        list.path.is_ident("any") && !inner.is_empty() && inner.iter().all(needs_test)
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
