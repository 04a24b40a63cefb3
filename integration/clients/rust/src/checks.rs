//! The Rust side of what the runner of the client matrix understands.

use std::fmt::Debug;
use std::future::Future;
use std::io::stdin;
use std::time::{Duration, Instant};

/// Anything that may go wrong in a check.
pub type Failure = Box<dyn std::error::Error>;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A setting of the runner.
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The URL of the server without a password.
pub fn plain() -> String {
    format!("redis://{}:{}", env("REDIS_HOST"), env("REDIS_PORT"))
}

/// Whether the server knows what Redis 7.0 does not.
pub fn extras() -> bool {
    !env("EXTRAS").is_empty()
}

/// Prints the result of one check.
pub fn report(name: &str, result: Result<(), Failure>) {
    match result {
        Ok(()) => println!("ok {name}"),
        Err(why) => println!("not ok {name}: {}", why.to_string().replace('\n', "; ")),
    }
}

/// Runs one check and prints its result.
pub fn check(name: &str, run: impl FnOnce() -> Result<(), Failure>) {
    report(name, run());
}

/// Says that all checks were run.
pub fn end() {
    println!("end");
}

/// Wants two values to be equal.
pub fn same<T: PartialEq + Debug>(request: &str, got: T, want: T) -> Result<(), Failure> {
    if got == want {
        return Ok(());
    }
    Err(format!("{request}: got {got:?}, want {want:?}").into())
}

/// Wants an error that contains text.
pub fn fails<T: Debug, E: std::fmt::Display>(
    request: &str,
    text: &str,
    got: Result<T, E>,
) -> Result<(), Failure> {
    match got {
        Err(why) if why.to_string().contains(text) => Ok(()),
        Err(why) => Err(format!("{request}: error {why}, want {text}").into()),
        Ok(got) => Err(format!("{request}: got {got:?}, want the error {text}").into()),
    }
}

/// Returns when the server has been replaced by a new one.
pub fn restart() -> Result<(), Failure> {
    println!("restart");
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    same("restart", line.as_str(), "restarted\n")
}

/// Tries until the attempt returns true and no error.
pub async fn eventually<F, A>(what: &str, mut attempt: A) -> Result<(), Failure>
where
    F: Future<Output = redis::RedisResult<bool>>,
    A: FnMut() -> F,
{
    let begun = Instant::now();
    loop {
        let last = attempt().await;
        if matches!(last, Ok(true)) {
            return Ok(());
        }
        if begun.elapsed() > TIMEOUT {
            return Err(format!("{what}: does not come, the last attempt: {last:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
