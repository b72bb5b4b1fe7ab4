//! The scripts that the server runs, each on one key, so that a cluster takes them too.
//!
//! A script runs alone: between what it reads and what it writes there is no other writer.
//! The time is the server's, and so the same for all instances.

use std::time::Duration;

use redis::{Cmd, Script, ServerErrorKind, Value};

use crate::session::redis_store::layout::Mark;
use crate::session::redis_store::link::Link;
use crate::session::store::{Swap, Version};

/// Every script, ready to be asked for by its hash.
pub(super) struct Scripts {
    insert: Text,
    compare_and_swap: Text,
    compare_and_remove: Text,
    remove: Text,
    join: Text,
    leave: Text,
}

struct Text {
    lua: String,
    hash: String,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            insert: Text::new(&[HEADER, INSERT]),
            compare_and_swap: Text::new(&[HEADER, COMPARE_AND_SWAP]),
            compare_and_remove: Text::new(&[HEADER, COMPARE_AND_REMOVE]),
            remove: Text::new(&[HEADER, REMOVE]),
            join: Text::new(&[JOIN]),
            leave: Text::new(&[LEAVE]),
        }
    }

    pub(super) async fn insert(
        &self,
        link: &Link,
        key: &str,
        lifetime: Duration,
        mark: Mark,
        record: &[u8],
    ) -> redis::RedisResult<Swap> {
        let arguments = [&milliseconds(lifetime), mark.as_slice(), record];
        swap(&self.insert.run(link, key, &arguments).await?)
    }

    pub(super) async fn compare_and_swap(
        &self,
        link: &Link,
        key: &str,
        expected: Version,
        lifetime: Duration,
        mark: Mark,
        record: &[u8],
    ) -> redis::RedisResult<Swap> {
        let expected = expected.0.to_be_bytes();
        let arguments = [expected.as_slice(), &milliseconds(lifetime), &mark, record];
        swap(&self.compare_and_swap.run(link, key, &arguments).await?)
    }

    pub(super) async fn compare_and_remove(
        &self,
        link: &Link,
        key: &str,
        expected: Version,
    ) -> redis::RedisResult<Swap> {
        swap(&self.compare_and_remove.run(link, key, &[&expected.0.to_be_bytes()]).await?)
    }

    /// Removes a record, or only the one of this birth, and returns whether it was there.
    pub(super) async fn remove(
        &self,
        link: &Link,
        key: &str,
        birth: Option<Mark>,
    ) -> redis::RedisResult<bool> {
        let birth = birth.as_ref().map_or(&[][..], Mark::as_slice);
        Ok(self.remove.run(link, key, &[birth]).await? == Value::Int(1))
    }

    /// Writes a member into a group, and returns whether the key is a group's.
    pub(super) async fn join(
        &self,
        link: &Link,
        key: &str,
        lifetime: Duration,
        member: &[u8],
    ) -> redis::RedisResult<bool> {
        Ok(self.join.run(link, key, &[&milliseconds(lifetime), member]).await? == Value::Int(1))
    }

    /// Takes members out of a group, and those whose time has passed.
    pub(super) async fn leave(&self, link: &Link, key: &str, members: &[&[u8]]) -> redis::RedisResult<()> {
        self.leave.run(link, key, members).await.map(drop)
    }
}

impl Text {
    fn new(parts: &[&str]) -> Self {
        let lua = parts.concat();
        let hash = Script::new(&lua).get_hash().to_owned();
        Self { lua, hash }
    }

    /// One command; two where the server does not know the script yet.
    async fn run(&self, link: &Link, key: &str, arguments: &[&[u8]]) -> redis::RedisResult<Value> {
        match link.ask(&command("EVALSHA", &self.hash, key, arguments)).await {
            Err(error) if error.kind() == redis::ErrorKind::Server(ServerErrorKind::NoScript) => {
                link.ask(&command("EVAL", &self.lua, key, arguments)).await
            }
            answer => answer,
        }
    }
}

fn command(name: &str, script: &str, key: &str, arguments: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(1).arg(key);
    for argument in arguments {
        command.arg(*argument);
    }
    command
}

fn swap(answer: &Value) -> redis::RedisResult<Swap> {
    match answer {
        Value::Int(-1) => Ok(Swap::Conflict),
        Value::Int(-2) => Ok(Swap::Gone),
        Value::Int(version) if *version > 0 => Ok(Swap::Done(Version(version.unsigned_abs()))),
        _ => Err((redis::ErrorKind::UnexpectedReturnType, "a script answered with something else").into()),
    }
}

fn milliseconds(lifetime: Duration) -> Vec<u8> {
    lifetime.clamp(SHORTEST, LONGEST).as_millis().to_string().into_bytes()
}

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// `read` returns the state of a key, and of a record its version, its eight bytes, and its marks.
const HEADER: &str = r"
local function read(key)
  local value = redis.pcall('GET', key)
  if not value then return 'free' end
  if type(value) == 'table' then
    if string.sub(value.err, 1, 9) == 'WRONGTYPE' then return 'foreign' end
    return error(value.err, 0)
  end
  if #value < 28 or string.sub(value, 1, 4) ~= 'ALr1' then return 'foreign' end
  local high, low = struct.unpack('>I4I4', string.sub(value, 5, 12))
  if high >= 2097152 then return 'foreign' end
  return 'ours', high * 4294967296 + low, string.sub(value, 5, 12), string.sub(value, 13, 20),
    string.sub(value, 21, 28)
end
local function write(key, version, birth, mark, record, lifetime)
  local high = math.floor(version / 4294967296)
  local packed = struct.pack('>I4I4', high, version - high * 4294967296)
  redis.call('SET', key, 'ALr1' .. packed .. birth .. mark .. record, 'PX', lifetime)
  return version
end
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
";

const INSERT: &str = r"
local lifetime, mark, record = ARGV[1], ARGV[2], ARGV[3]
local state, version, _, _, last = read(KEYS[1])
if state == 'ours' and last == mark then return version end
if state ~= 'free' then return -1 end
return write(KEYS[1], now(), mark, mark, record, lifetime)
";

const COMPARE_AND_SWAP: &str = r"
local expected, lifetime, mark, record = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local state, version, packed, birth, last = read(KEYS[1])
if state == 'free' then return -2 end
if state == 'foreign' then return -1 end
if last == mark then return version end
if packed ~= expected then return -1 end
return write(KEYS[1], math.max(version + 1, now()), birth, mark, record, lifetime)
";

const COMPARE_AND_REMOVE: &str = r"
local state, version, packed = read(KEYS[1])
if state == 'free' then return -2 end
if state == 'foreign' or packed ~= ARGV[1] then return -1 end
redis.call('UNLINK', KEYS[1])
return version
";

const REMOVE: &str = r"
local state, _, _, birth = read(KEYS[1])
if state ~= 'ours' or (ARGV[1] ~= '' and birth ~= ARGV[1]) then return 0 end
return redis.call('UNLINK', KEYS[1])
";

const JOIN: &str = r"
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'zset' then return 0 end
local time, lifetime = redis.call('TIME'), tonumber(ARGV[1])
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + lifetime), ARGV[2])
if redis.call('PTTL', KEYS[1]) < lifetime then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
";

const LEAVE: &str = r"
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', time[1] * 1000))
for _, member in ipairs(ARGV) do redis.call('ZREM', KEYS[1], member) end
return 1
";
