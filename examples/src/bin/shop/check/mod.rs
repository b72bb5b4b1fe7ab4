//! stub
pub(crate) async fn run() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
