//! Checks redis-rs.

mod checks;

use std::collections::{BTreeMap, HashSet};

use checks::{check, end, env, eventually, extras, fails, plain, report, restart, same, Failure};
use redis::{
    caching::CacheConfig, AsyncCommands, AsyncConnectionConfig, Client, Commands, Connection,
    ConnectionLike, ExistenceCheck, IntoConnectionInfo, ProtocolVersion, RedisResult, ScanOptions,
    SetExpiry, SetOptions, TlsCertificates, Value,
};

fn connect(url: &str, protocol: Option<ProtocolVersion>) -> RedisResult<Connection> {
    let mut info = url.into_connection_info()?;
    if let Some(protocol) = protocol {
        let settings = info.redis_settings().clone().set_protocol(protocol);
        info = info.set_redis_settings(settings);
    }
    Client::open(info)?.get_connection()
}

fn strings(c: &mut Connection) -> Result<(), Failure> {
    let minute = SetOptions::default().with_expiration(SetExpiry::EX(60));
    same(
        "SET",
        c.set_options("k", b"a\0\r\nb", minute)?,
        "OK".to_string(),
    )?;
    same("GET", c.get("k")?, b"a\0\r\nb".to_vec())?;
    same("GET absent", c.get("absent")?, None::<String>)?;
    let absent = SetOptions::default().conditional_set(ExistenceCheck::NX);
    same("SET NX", c.set_options("k", "w", absent)?, None::<String>)?;
    same("INCRBY", c.incr("n", 41)?, 41)?;
    same("INCRBYFLOAT", c.incr("n", 0.5)?, 41.5)?;
    same("MSET", c.mset(&[("a", "1"), ("b", "2")])?, "OK".to_string())?;
    same(
        "MGET",
        c.mget(&["a", "b", "absent"])?,
        vec![Some(1), Some(2), None],
    )?;
    same("GETDEL", c.get_del("a")?, 1)?;
    same("BITCOUNT", c.bitcount("b")?, 3)?;
    same("RENAME", c.rename("b", "d")?, "OK".to_string())
}

fn expiry(c: &mut Connection) -> Result<(), Failure> {
    () = c.set("k", "v")?;
    same("TTL", c.ttl("k")?, -1)?;
    same("EXPIRE", c.expire("k", 3600)?, true)?;
    let left: i64 = c.pttl("k")?;
    same("PTTL", left > 3_000_000 && left <= 3_600_000, true)?;
    same("PERSIST", c.persist("k")?, true)?;
    same("PEXPIRE", c.pexpire("k", 30)?, true)?;
    let begun = std::time::Instant::now();
    while c.exists("k")? {
        same("the end of k", begun.elapsed().as_secs() < 30, true)?;
    }
    Ok(())
}

fn pipeline(c: &mut Connection) -> Result<(), Failure> {
    let mut p = redis::pipe();
    for _ in 0..1000 {
        p.incr("n", 1);
    }
    let replies: Vec<i64> = p.query(c)?;
    same("1000 INCR", replies, (1..=1000).collect())
}

fn transaction(c: &mut Connection) -> Result<(), Failure> {
    let replies: (String, i64, String) = redis::pipe()
        .atomic()
        .set("k", 1)
        .incr("k", 1)
        .get("k")
        .query(c)?;
    same("EXEC", replies, ("OK".into(), 2, "2".into()))?;
    let failing: RedisResult<Value> = redis::pipe().atomic().hget("k", "f").get("k").query(c);
    fails("EXEC with a command that fails", "WRONGTYPE", failing)?;
    let refused: RedisResult<Value> = redis::pipe().atomic().cmd("SET").arg("k").query(c);
    fails(
        "EXEC after a refused command",
        "wrong number of arguments",
        refused,
    )?;
    same("GET", c.get("k")?, 2)
}

fn watch(c: &mut Connection) -> Result<(), Failure> {
    let mut other = connect(&plain(), None)?;
    let mut attempts = 0;
    let (n,): (i64,) = redis::transaction(c, &["n"], |c, pipe| {
        attempts += 1;
        let n: Option<i64> = c.get("n")?;
        if attempts == 1 {
            () = other.set("n", 10)?;
        }
        pipe.set("n", n.unwrap_or_default() + 1)
            .ignore()
            .get("n")
            .query(c)
    })?;
    same("attempts and value", (attempts, n), (2, 11))
}

fn scan(c: &mut Connection) -> Result<(), Failure> {
    let pairs: Vec<(String, i32)> = (0..1000).map(|i| (format!("key:{i}"), i)).collect();
    () = c.mset(&pairs)?;
    () = c.hset("key:hash", "f", "v")?;
    let options = ScanOptions::default()
        .with_pattern("key:*")
        .with_count(50)
        .with_type("string");
    let seen = c
        .scan_options(options)?
        .collect::<RedisResult<HashSet<String>>>()?;
    same("SCAN", seen.len(), 1000)
}

fn hashes(c: &mut Connection) -> Result<(), Failure> {
    same(
        "HSET",
        c.hset_multiple("h", &[("a", "1"), ("b", "x")])?,
        "OK".to_string(),
    )?;
    let all: BTreeMap<String, String> = c.hgetall("h")?;
    same(
        "HGETALL",
        all,
        BTreeMap::from([("a".into(), "1".into()), ("b".into(), "x".into())]),
    )?;
    same("HINCRBY", c.hincr("h", "a", 2)?, 3)?;
    same(
        "HMGET",
        c.hmget("h", &["b", "absent"])?,
        vec![Some("x".to_string()), None],
    )?;
    let scanned = c
        .hscan("h")?
        .collect::<RedisResult<BTreeMap<String, String>>>()?;
    same(
        "HSCAN",
        scanned,
        BTreeMap::from([("a".into(), "3".into()), ("b".into(), "x".into())]),
    )?;
    same("HDEL", c.hdel("h", "a")?, 1)?;
    fails("GET of a hash", "WRONGTYPE", c.get::<_, String>("h"))?;
    if extras() {
        let reply: Vec<i64> = redis::cmd("HEXPIRE")
            .arg("h")
            .arg(3600)
            .arg("FIELDS")
            .arg(2)
            .arg("b")
            .arg("absent")
            .query(c)?;
        same("HEXPIRE", reply, vec![1, -2])?;
    }
    Ok(())
}

fn auth() -> Result<(), Failure> {
    let ask = |credentials: &str, protocol| -> RedisResult<String> {
        let url = format!(
            "redis://{credentials}{}:{}",
            env("REDIS_HOST"),
            env("AUTH_PORT")
        );
        redis::cmd("PING").query(&mut connect(&url, Some(protocol))?)
    };
    let password = env("AUTH_PASSWORD").replace(' ', "%20");
    for (protocol, refusal) in [
        (ProtocolVersion::RESP2, "Password authentication failed"),
        (ProtocolVersion::RESP3, "WRONGPASS"),
    ] {
        same(
            "the password",
            ask(&format!(":{password}@"), protocol)?,
            "PONG".into(),
        )?;
        same(
            "user and password",
            ask(&format!("default:{password}@"), protocol)?,
            "PONG".into(),
        )?;
        fails("a wrong password", refusal, ask(":wrong@", protocol))?;
        fails("no password", "uthentica", ask("", protocol))?;
    }
    Ok(())
}

fn tls() -> Result<(), Failure> {
    let trust = TlsCertificates {
        client_tls: None,
        root_cert: Some(std::fs::read(env("TLS_CA"))?),
    };
    let url = format!("rediss://{}:{}", env("TLS_HOST"), env("TLS_PORT"));
    let mut c = Client::build_with_tls(url, trust)?.get_connection()?;
    same("SET", c.set("over tls", "v")?, "OK".to_string())?;
    same("GET", c.get("over tls")?, "v".to_string())
}

async fn multiplexed() -> Result<(), Failure> {
    let c = Client::open(plain())?
        .get_multiplexed_async_connection()
        .await?;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let mut c = c.clone();
        tasks.push(tokio::spawn(async move {
            c.incr::<_, _, i64>("shared", 1).await
        }));
    }
    let mut sum = 0;
    for task in tasks {
        sum += task.await??;
    }
    same("the sum of 20 INCR", sum, 210)
}

async fn caching() -> Result<(), Failure> {
    let mut info = plain().into_connection_info()?;
    info = info.clone().set_redis_settings(
        info.redis_settings()
            .clone()
            .set_protocol(ProtocolVersion::RESP3),
    );
    let config = AsyncConnectionConfig::new().set_cache_config(CacheConfig::default());
    let c = Client::open(info)?
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let mut other = connect(&plain(), None)?;
    let get = || {
        let mut c = c.clone();
        async move { c.get::<_, Option<i64>>("cached").await }
    };
    () = other.set("cached", 1)?;
    same("GET", get().await?, Some(1))?;
    same("GET again", get().await?, Some(1))?;
    same("hits", c.get_cache_statistics().map(|s| s.hit), Some(1))?;
    () = other.set("cached", 2)?;
    eventually("the new value", || async { Ok(get().await? == Some(2)) }).await?;
    () = other.pexpire("cached", 30)?;
    eventually("the end of the key", || async {
        Ok(get().await?.is_none())
    })
    .await
}

async fn reconnect() -> Result<(), Failure> {
    let c = Client::open(plain())?.get_connection_manager().await?;
    () = c.clone().set("k", "v").await?;
    restart()?;
    eventually("the new server", || {
        let mut c = c.clone();
        async move { Ok(!c.exists::<_, bool>("k").await?) }
    })
    .await?;
    same("SET", c.clone().set("k", "v").await?, "OK".to_string())
}

type Body = fn(&mut Connection) -> Result<(), Failure>;

const BODIES: [(&str, Body); 7] = [
    ("strings", strings),
    ("expiry", expiry),
    ("pipeline", pipeline),
    ("transaction", transaction),
    ("watch conflict", watch),
    ("scan", scan),
    ("hashes", hashes),
];

#[tokio::main]
async fn main() {
    check("connect by default", || {
        same("PING", connect(&plain(), None)?.check_connection(), true)
    });
    for (suffix, protocol) in [
        ("RESP2", ProtocolVersion::RESP2),
        ("RESP3", ProtocolVersion::RESP3),
    ] {
        for (name, body) in BODIES {
            check(&format!("{name}, {suffix}"), || {
                let mut c = connect(&plain(), Some(protocol))?;
                () = c.flushall()?;
                body(&mut c)
            });
        }
    }
    check("AUTH", auth);
    check("TLS", tls);
    report("many tasks on one connection", multiplexed().await);
    report("client-side caching", caching().await);
    report("reconnect after a restart", reconnect().await);
    end();
}
