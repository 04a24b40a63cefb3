"""Checks Django's cache backend for Redis, and its sessions in that cache."""

import django
from django.conf import settings

from checks import AUTH_PORT, HOST, PASSWORD, PORT, TLS_CA, TLS_HOST, TLS_PORT, check, end, eventually, restart, same

BACKEND = "django.core.cache.backends.redis.RedisCache"

settings.configure(
    CACHES={
        "default": {"BACKEND": BACKEND, "LOCATION": f"redis://{HOST}:{PORT}"},
        "auth": {"BACKEND": BACKEND, "LOCATION": f"redis://{HOST}:{AUTH_PORT}", "OPTIONS": {"password": PASSWORD}},
        "tls": {"BACKEND": BACKEND, "LOCATION": f"rediss://{TLS_HOST}:{TLS_PORT}", "OPTIONS": {"ssl_ca_certs": TLS_CA}},
    },
    SESSION_ENGINE="django.contrib.sessions.backends.cache",
)
django.setup()

from django.contrib.sessions.backends.cache import SessionStore  # noqa: E402 needs the settings
from django.core.cache import caches  # noqa: E402


def values(cache):
    cache.clear()
    cache.set("k", {"any": ["object"]}, 60)
    same("get", cache.get("k"), {"any": ["object"]})
    same("add", cache.add("k", 1), False)
    same("add absent", cache.add("n", 1), True)
    same("incr", cache.incr("n", 2), 3)
    same("decr", cache.decr("n"), 2)
    same("get_or_set", cache.get_or_set("made", lambda: "x"), "x")
    same("has_key", cache.has_key("k"), True)
    same("delete", cache.delete("k"), True)
    same("get of a deleted key", cache.get("k", "none"), "none")
    try:
        raise AssertionError(f"incr of an absent key: {cache.incr('absent')}")
    except ValueError:
        pass


def many(cache):
    cache.clear()
    same("set_many", cache.set_many({f"k{i}": i for i in range(100)}, timeout=60), [])
    same("get_many", cache.get_many(["k1", "k99", "absent"]), {"k1": 1, "k99": 99})
    cache.delete_many([f"k{i}" for i in range(50)])
    same("the rest", len(cache.get_many([f"k{i}" for i in range(100)])), 50)


def timeouts(cache):
    cache.set("k", 1, 3600)
    same("touch", cache.touch("k", 60), True)
    same("touch of an absent key", cache.touch("absent", 60), False)
    same("touch for ever", cache.touch("k", None), True)
    cache.set("k", 1, 0)
    same("a timeout of 0", cache.get("k"), None)
    cache.set("k", 1, 1)
    eventually("the end of k", lambda: cache.get("k") is None)


def versions(cache):
    cache.set("k", 1, version=1)
    cache.incr_version("k")
    same("version 2", cache.get("k", version=2), 1)
    same("version 1", cache.get("k", version=1), None)


def sessions():
    session = SessionStore()
    session["user"] = 7
    session.save()
    same("the session", SessionStore(session.session_key)["user"], 7)
    session.cycle_key()
    session.flush()
    same("a flushed session", SessionStore(session.session_key).get("user"), None)


def reconnect(cache):
    cache.set("k", 1)
    restart()
    eventually("the new server", lambda: cache.get("k") is None)
    cache.set("k", 1)
    same("get", cache.get("k"), 1)


default = caches["default"]
check("values", values, default)
check("many values", many, default)
check("timeouts", timeouts, default)
check("versions", versions, default)
check("sessions", sessions)
check("AUTH", values, caches["auth"])
check("TLS", values, caches["tls"])
check("reconnect after a restart", reconnect, default)
end()
