"""Credentials on disk: whole after every crash, one root for all who race, nothing overwritten that can be used."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.identities import Authority, key_pem, pem

from dapr_core.identity.issuer import Issuer
from dapr_core.identity.roots import generate_issuer
from dapr_core.identity.spiffe import TrustDomain, workload_id
from dapr_sentry.authority.jwtkeys import JwtKeys, generate_jwt_keys
from dapr_sentry.storage.files import FileStore, Paths, StoreError

SENTRY = workload_id(TrustDomain("localhost"), "default", "dapr-sentry")
JWT_KEYS = generate_jwt_keys()


def paths(directory: Path) -> Paths:
    names = {"anchors": "ca.crt", "certificate": "issuer.crt", "key": "issuer.key"}
    return Paths.under(str(directory), **names, jwt_key="jwt.key", jwks="jwks.json")


def make() -> Issuer:
    return generate_issuer(SENTRY.trust_domain, SENTRY, timedelta(minutes=15), datetime.now(UTC))


def ensure(store: FileStore) -> tuple[Issuer, bool]:
    return store.ensure_issuer(make, datetime.now(UTC))


def test_an_issuer_is_made_once_and_then_found(tmp_path: Path) -> None:
    store = FileStore(paths(tmp_path))
    issuer, made = ensure(store)
    assert (ensure(store), made) == ((issuer, False), True)
    assert {path.name for path in tmp_path.iterdir()} == {"ca.crt", "issuer.crt", "issuer.key"}


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    ensure(FileStore(paths(tmp_path)))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_an_issuer_that_was_provided_is_taken_as_it_is(tmp_path: Path) -> None:
    root = Authority("root")
    low = Authority("low", issuer=root)
    (tmp_path / "ca.crt").write_bytes(pem(root.certificate))
    (tmp_path / "issuer.crt").write_bytes(pem(low.certificate))
    (tmp_path / "issuer.key").write_bytes(key_pem(low.key))
    issuer, made = ensure(FileStore(paths(tmp_path)))
    assert (issuer.certificate, made) == (low.certificate, False)


@pytest.mark.parametrize("missing", ["ca.crt", "issuer.crt", "issuer.key"])
def test_a_missing_item_brings_a_new_root_and_says_so(
    missing: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileStore(paths(tmp_path))
    first, _ = ensure(store)
    (tmp_path / missing).unlink()
    second, made = ensure(store)
    assert made
    assert second != first
    assert "making a new root" in caplog.text
    assert ensure(store) == (second, False)


def test_files_that_do_not_fit_stop_sentry_and_stay(tmp_path: Path) -> None:
    ensure(FileStore(paths(tmp_path)))
    (tmp_path / "issuer.key").write_bytes(key_pem(Authority("other").key))
    with pytest.raises(StoreError, match="issuer key does not match"):
        ensure(FileStore(paths(tmp_path)))
    assert (tmp_path / "issuer.key").exists()


def test_an_error_names_the_file_and_never_its_content(tmp_path: Path) -> None:
    ensure(FileStore(paths(tmp_path)))
    (tmp_path / "issuer.key").write_text("s3cret")
    with pytest.raises(StoreError) as caught:
        ensure(FileStore(paths(tmp_path)))
    assert str(tmp_path / "issuer.key") in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_directory_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="must exist and be writable"):
        ensure(FileStore(paths(tmp_path / "none")))
    assert not (tmp_path / "none").exists()


def test_an_absolute_name_stands_for_itself(tmp_path: Path) -> None:
    chosen = Paths.under("/a", anchors="/b/ca", certificate="c", key="k", jwt_key="relative", jwks=str(tmp_path / "j"))
    assert (chosen.anchors, chosen.certificate) == (Path("/b/ca"), Path("/a/c"))
    assert (chosen.jwt_key, chosen.jwks) == (Path("/a/jwt.key"), tmp_path / "j")


SCRIPT = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_storage import JWT_KEYS, FileStore, ensure, paths

directory, jwt = Path(sys.argv[1]), sys.argv[2] == "jwt"

def work(store):
    return store.ensure_jwt_keys(lambda: JWT_KEYS) if jwt else ensure(store)

def steps():
    names = []
    work(FileStore(paths(directory / "whole"), checkpoint=names.append))
    return len(names)

def run(target, number):
    left = [number]
    def checkpoint(_step):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
    if os.fork() == 0:
        work(FileStore(paths(target), checkpoint=checkpoint))
        os._exit(0)
    return os.WIFSIGNALED(os.wait()[1])

(directory / "whole").mkdir()
killed = []
for number in range(steps()):
    target = directory / str(number)
    target.mkdir()
    if sys.argv[3] == "partial" and not jwt:
        ensure(FileStore(paths(target)))
        (target / "issuer.key").unlink()
    killed.append(run(target, number))
print(json.dumps(killed))
"""


def run_script(script: str, *arguments: str) -> str:
    code = script.format(here=str(Path(__file__).parent))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("before", ["empty", "partial"])
def test_killed_at_any_step_of_root_creation_a_restart_has_one_valid_root(before: str, tmp_path: Path) -> None:
    killed = json.loads(run_script(SCRIPT, str(tmp_path), "root", before))
    assert len(killed) >= 15
    assert all(killed)
    for number in range(len(killed)):
        store = FileStore(paths(tmp_path / str(number)))
        issuer, _ = ensure(store)
        assert store.load_issuer(datetime.now(UTC)) == issuer


def test_killed_at_any_step_of_making_the_jwt_key_a_restart_has_one(tmp_path: Path) -> None:
    killed = json.loads(run_script(SCRIPT, str(tmp_path), "jwt", "empty"))
    assert all(killed)
    for number in range(len(killed)):
        store = FileStore(paths(tmp_path / str(number)))
        keys = store.ensure_jwt_keys(lambda: JWT_KEYS)
        assert store.load_jwt_keys() == keys


RACE = """
import os, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_storage import FileStore, ensure, paths

directory = Path(sys.argv[1])
gate, opener = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        os.close(opener)
        os.read(gate, 1)  # returns when the parent lets go
        issuer, _ = ensure(FileStore(paths(directory)))
        os.write(1, f"{{issuer.certificate.serial_number}}\\n".encode())
        os._exit(0)
os.close(opener)
for _ in range(6):
    assert os.wait()[1] == 0
"""


def test_replicas_that_race_agree_on_one_root(tmp_path: Path) -> None:
    serials = run_script(RACE, str(tmp_path)).split()
    assert (len(serials), len(set(serials))) == (6, 1)


# --- JWT keys


def store_jwt(directory: Path, key: bytes | None, jwks: bytes | None) -> FileStore:
    if key is not None:
        (directory / "jwt.key").write_bytes(key)
    if jwks is not None:
        (directory / "jwks.json").write_bytes(jwks)
    return FileStore(paths(directory))


def test_provided_jwt_keys_are_taken_byte_for_byte(tmp_path: Path) -> None:
    jwks = JWT_KEYS.jwks.replace(b'{"keys":', b'{ "keys" : ')
    keys = store_jwt(tmp_path, JWT_KEYS.key_pem, jwks).load_jwt_keys()
    assert keys is not None
    assert (keys.jwks, keys.kid) == (jwks, JWT_KEYS.kid)


OTHER_KEYS: JwtKeys = generate_jwt_keys("other")


@pytest.mark.parametrize(
    ("jwks", "kid", "reason"),
    [
        pytest.param(None, "", "no JWKS", id="missing"),
        pytest.param(b'{"keys":[]}', "", "doesn't contain any keys", id="empty"),
        pytest.param(OTHER_KEYS.jwks, "", "doesn't contain a matching public key", id="mismatched"),
        pytest.param(JWT_KEYS.jwks, "mine", 'user-provided key ID "mine"', id="unknown id"),
        pytest.param(b"rubbish", "", "no JSON", id="no JSON"),
    ],
)
def test_a_key_set_that_does_not_fit_its_key_stops_sentry(
    jwks: bytes | None, kid: str, reason: str, tmp_path: Path
) -> None:
    store_jwt(tmp_path, JWT_KEYS.key_pem, jwks)
    with pytest.raises(StoreError, match=reason):
        FileStore(paths(tmp_path), jwt_kid=kid).load_jwt_keys()


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
def test_an_algorithm_that_is_not_the_keys_stops_sentry(algorithm: str, tmp_path: Path) -> None:
    store_jwt(tmp_path, JWT_KEYS.key_pem, JWT_KEYS.jwks)
    with pytest.raises(StoreError, match="--jwt-signing-algorithm"):
        FileStore(paths(tmp_path), jwt_algorithm=algorithm).load_jwt_keys()
