"""The Python side of what the runner of the client matrix understands."""

import asyncio
import inspect
import os
import sys
import time
import traceback

HOST = os.environ["REDIS_HOST"]
PORT = int(os.environ["REDIS_PORT"])
TLS_HOST = os.environ["TLS_HOST"]
TLS_PORT = int(os.environ["TLS_PORT"])
TLS_CA = os.environ["TLS_CA"]
AUTH_PORT = int(os.environ["AUTH_PORT"])
PASSWORD = os.environ["AUTH_PASSWORD"]
# The server knows what Redis 7.0 does not.
EXTRAS = bool(os.environ.get("EXTRAS"))

TIMEOUT = 30  # seconds for one check


def _report(name, problem):
    if problem is None:
        print("ok " + name, flush=True)
        return
    where = [f for f in traceback.extract_tb(problem.__traceback__) if os.path.dirname(f.filename) == os.path.dirname(__file__)]
    line = f" (line {where[-1].lineno}: {where[-1].line})" if where else ""
    why = f"{type(problem).__name__}: {problem}{line}".replace("\n", "; ")
    print(f"not ok {name}: {why}", flush=True)


def check(name, run, *args):
    """Runs one check and prints its result."""
    try:
        run(*args)
    except Exception as problem:
        _report(name, problem)
    else:
        _report(name, None)


async def acheck(name, run, *args):
    """The same for a coroutine."""
    try:
        await asyncio.wait_for(run(*args), TIMEOUT)
    except Exception as problem:
        _report(name, problem)
    else:
        _report(name, None)


def end():
    """Says that all checks were run."""
    print("end", flush=True)


def same(request, got, want):
    assert got == want, f"{request}: got {got!r}, want {want!r}"


def fails(request, text, run):
    """Wants an error that contains text."""
    try:
        got = run()
    except Exception as problem:
        assert text in str(problem), f"{request}: error {problem!r}, want {text}"
    else:
        raise AssertionError(f"{request}: got {got!r}, want the error {text}")


async def afails(request, text, awaitable):
    """The same for a coroutine."""
    try:
        got = await awaitable
    except Exception as problem:
        assert text in str(problem), f"{request}: error {problem!r}, want {text}"
    else:
        raise AssertionError(f"{request}: got {got!r}, want the error {text}")


def restart():
    """Returns when the server has been replaced by a new one."""
    print("restart", flush=True)
    same("restart", sys.stdin.readline(), "restarted\n")


def eventually(what, run):
    """Tries until run returns something true and raises nothing."""
    give_up = time.monotonic() + TIMEOUT
    while True:
        problem = None
        try:
            if run():
                return
        except Exception as error:
            problem = error
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: does not come, the last attempt: {problem!r}")
        time.sleep(0.02)


async def aeventually(what, run):
    """The same for a function that returns a coroutine."""
    give_up = time.monotonic() + TIMEOUT
    while True:
        problem = None
        try:
            got = run()
            if await got if inspect.isawaitable(got) else got:
                return
        except Exception as error:
            problem = error
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: does not come, the last attempt: {problem!r}")
        await asyncio.sleep(0.02)
