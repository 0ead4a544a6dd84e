"""The Lua scripts of ``state.redis``: conditions decided inside the server, where nobody can come between.

A refusal's text holds the script's line number (``user_script:14``) and reaches clients, who know those of the public
component: a refused write is line 14, a refused delete line 6. Hence the comments between the lines, and the test
that compares the texts.
"""

from __future__ import annotations

from dapr_components.common.redis.script import Script

SET = Script("""
-- KEYS[1]: the hash. ARGV: expected version ("0": none), data, "0" to guard later writes, seconds to live or "".
local version = redis.pcall("HGET", KEYS[1], "version")
if type(version) == "table" then
  -- A key of another type: it is replaced.
  redis.call("DEL", KEYS[1])
  version = false
end
-- A guarded hash takes only writes that name its version.
local guarded = redis.pcall("HGET", KEYS[1], "first-write")
local fits = version == ARGV[1] or (ARGV[1] == "0" and not guarded)
if version and version ~= "" and not fits then
  -- The line of this refusal is part of what clients see.
  error("failed to set key " .. KEYS[1])
end
redis.call("HSET", KEYS[1], "data", ARGV[2])
if ARGV[3] == "0" then
  redis.call("HSET", KEYS[1], "first-write", 0)
end
local reached = redis.call("HINCRBY", KEYS[1], "version", 1)
if ARGV[4] ~= "" then
  if tonumber(ARGV[4]) > 0 then
    redis.call("EXPIRE", KEYS[1], ARGV[4])
  else
    redis.call("PERSIST", KEYS[1])
  end
end
return reached
""")

DELETE = Script("""
-- KEYS[1]: the hash. ARGV[1]: expected version ("0": none).
local version = redis.pcall("HGET", KEYS[1], "version")
if type(version) == "string" and version ~= "" and version ~= ARGV[1] and ARGV[1] ~= "0" then
  -- The line of this refusal is part of what clients see.
  error("failed to delete " .. KEYS[1])
end
return redis.call("DEL", KEYS[1])
""")

TRANSACT = Script("""
-- One key a step in KEYS; four arguments a step in ARGV: "set" or "delete", expected version, data, seconds to live.
local function may_delete(key, version, expected)
  if version and version ~= "" and version ~= expected and expected ~= "0" then
    -- The line of this refusal is part of what clients see.
    error("failed to delete " .. key)
  end
end
local function may_set(key, version, expected, guarded)
  if not version or version == "" or version == expected or (expected == "0" and not guarded) then
    return
  end
  -- The line of this refusal is part of what clients see, too.
  error("failed to set key " .. key)
end

-- First pass: every step against what the steps before it will leave; nothing is written.
local versions, guards, foreign = {}, {}, {}
for step, key in ipairs(KEYS) do
  local at = (step - 1) * 4
  if versions[key] == nil then
    local version = redis.pcall("HGET", key, "version")
    local guarded = redis.pcall("HGET", key, "first-write")
    foreign[key] = type(version) == "table"
    versions[key] = not foreign[key] and version
    guards[key] = not foreign[key] and guarded
  end
  local version = versions[key]
  if ARGV[at + 1] == "set" then
    may_set(key, version, ARGV[at + 2], guards[key])
    if version and not (string.match(version, "^%d+$") and #version < 16) then
      error("the version of " .. key .. " is no number that can be counted up")
    end
    versions[key] = string.format("%.0f", tonumber(version or "0") + 1)
  else
    may_delete(key, version, ARGV[at + 2])
    versions[key] = false
    guards[key] = false
  end
end

-- Second pass: nothing can refuse any more.
for step, key in ipairs(KEYS) do
  local at = (step - 1) * 4
  if foreign[key] then
    redis.call("DEL", key)
    foreign[key] = false
  end
  if ARGV[at + 1] == "set" then
    redis.call("HSET", key, "data", ARGV[at + 3])
    redis.call("HINCRBY", key, "version", 1)
    if ARGV[at + 4] ~= "" then
      if tonumber(ARGV[at + 4]) > 0 then
        redis.call("EXPIRE", key, ARGV[at + 4])
      else
        redis.call("PERSIST", key)
      end
    end
  else
    redis.call("DEL", key)
  end
end
return #KEYS
""")
