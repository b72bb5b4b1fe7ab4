//! Who may call what: `shop access` prints it without starting anything, and compares it with a definition.

use std::fs;
use std::path::{Path, PathBuf};

use auth_layer::axum::{AccessTable, ApiDefinition, DefinitionError};
use clap::{Parser, ValueEnum};
use serde_json::Value;

use crate::scopes::AUDIENCE;
use crate::{api, web};

/// The command line of `shop access`.
#[derive(Debug, Parser)]
#[command(name = "shop access", about = "Prints who may call what, and compares it with a definition")]
pub(crate) struct Access {
    /// Whose routes
    #[arg(long, value_enum, default_value_t = Of::Web)]
    of: Of,
    /// How they are written
    #[arg(long = "as", value_enum, default_value_t = As::Table)]
    written: As,
    /// What is merged with, and stays as it is: an OpenAPI document for `openapi`, an API that Auth0
    /// exported for `api-export`; the result is printed as JSON
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Compares with this definition instead, and fails where the two say different things
    #[arg(long, value_name = "FILE", conflicts_with_all = ["written", "into"])]
    check: Option<PathBuf>,
    /// Below which path of the router the paths of the definition are
    #[arg(long, default_value = "", value_name = "PATH", requires = "check")]
    prefix: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// The pages and what they call
    Web,
    /// The products API
    Api,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum As {
    Table,
    Markdown,
    Json,
    /// `security` of each operation, merged into `--into`
    Openapi,
    /// The scopes of the products API, for Auth0's Management API
    ApiExport,
}

impl Access {
    /// Prints what was asked for.
    ///
    /// # Errors
    /// A document that cannot be read, or a definition that says something else.
    pub(crate) fn run(self) -> Result<(), String> {
        let table = match self.of {
            Of::Web => web::routes(true).access_table(),
            Of::Api => api::routes().access_table(),
        };
        match &self.check {
            Some(file) => self.compare(&table, file),
            None => {
                print!("{}", self.write(&table)?);
                Ok(())
            }
        }
    }

    fn compare(&self, table: &AccessTable, file: &Path) -> Result<(), String> {
        let definition = ApiDefinition::parse(&read(file)?).map_err(|error| at(file, &error))?;
        let drift = table.drift(&definition.with_prefix(&self.prefix));
        if drift.is_empty() {
            println!("the code and {} say the same", file.display());
            return Ok(());
        }
        let lines: Vec<String> = drift.iter().map(|one| format!("  {one}")).collect();
        Err(format!("the code and {} say different things:\n{}", file.display(), lines.join("\n")))
    }

    fn write(&self, table: &AccessTable) -> Result<String, String> {
        let document = || self.into.as_deref().map(read).transpose();
        Ok(match self.written {
            As::Table | As::Markdown | As::Json if self.into.is_some() => {
                return Err("`--into` is for `--as openapi` and `--as api-export`".to_owned());
            }
            As::Table => table.to_string(),
            As::Markdown => table.to_markdown(),
            As::Json => pretty(&table.to_json()),
            As::Openapi => {
                let file = self.into.as_deref().ok_or("`--as openapi` needs the document: --into FILE")?;
                let mut document = read(file)?;
                table.merge_into_openapi(&mut document).map_err(|error| at(file, &error))?;
                pretty(&document)
            }
            As::ApiExport => pretty(&table.to_api_export(AUDIENCE, document()?.as_ref())),
        })
    }
}

/// JSON is YAML too.
fn read(file: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn at(file: &Path, error: &DefinitionError) -> String {
    format!("{}: {error}", file.display())
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(arguments: &str) -> Result<(), String> {
        run(&format!("--of api --check {}/src/bin/shop/{arguments}", env!("CARGO_MANIFEST_DIR")))
    }

    fn run(arguments: &str) -> Result<(), String> {
        let line = format!("access {arguments}");
        Access::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?.run()
    }

    #[test]
    fn the_api_is_as_its_definition_says() {
        assert_eq!(compared("products.openapi.yaml"), Ok(()));
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        for (arguments, refused) in [
            ("--check a.yaml --as json", "'--check <FILE>' cannot be used with '--as <WRITTEN>'"),
            ("--check a.yaml --into b.yaml", "'--check <FILE>' cannot be used with '--into <FILE>'"),
            ("--prefix /api", "--check <FILE>"),
            ("--into a.yaml", "`--into` is for `--as openapi` and `--as api-export`"),
            ("--into a.yaml --as markdown", "`--into` is for `--as openapi` and `--as api-export`"),
        ] {
            let error = run(arguments).expect_err(arguments);
            assert!(error.contains(refused), "{arguments}: {error}");
        }
    }

    #[test]
    fn a_definition_that_is_elsewhere_or_none_is_an_error_that_names_it() {
        for file in ["nowhere.yaml", "access.rs"] {
            let error = compared(file).expect_err("there is no such definition");
            assert!(error.contains(file), "{error}");
        }
    }
}
