"""The public project's own code at the other end: its sidecars' identities and credentials, its access control.

A small Go program stands on its packages ``security`` and ``acl``. What is on the wire inside a call is ours to know.
"""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.calls import call
from support.echo_app import EchoApp, echo_app
from support.foreign import original_program
from support.manifests import finding
from support.mtls import World, announced, world
from support.ports import free_port
from support.processes import Process, daprd
from support.sentry_process import sentry

from dapr_core.identity.spiffe import InvalidSpiffeIdError, parse_spiffe_id, workload_of
from dapr_core.resources.accesscontrol import AccessControl, AccessOperation, AccessPolicy
from daprd.mesh import codec
from daprd.policy.access import AccessRules

pytestmark = pytest.mark.timeout(600)  # a cold machine builds the peer first


# --- Identities: a sentry of ours or theirs, a sidecar of ours, one of theirs


@dataclass(frozen=True)
class Issuing:
    """A running sentry: where it is, and the folder with its credentials."""

    address: str
    credentials: Path

    @property
    def anchors(self) -> str:
        return (self.credentials / "ca.crt").read_text()


@contextlib.contextmanager
def their_sentry(folder: Path) -> Iterator[Issuing]:
    port = free_port()
    with Process([original_program(), "sentry", str(folder), str(port)]) as process:
        process.wait_for_line("Running gRPC server on port")
        yield Issuing(f"127.0.0.1:{port}", folder)


@contextlib.contextmanager
def our_sentry(folder: Path) -> Iterator[Issuing]:
    with sentry(folder) as process:
        yield Issuing(process.address, folder)


@pytest.fixture(scope="module", params=[our_sentry, their_sentry], ids=["our sentry", "their sentry"])
def issuing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuing]:
    with request.param(tmp_path_factory.mktemp("sentry")) as running:
        yield running


def ours(issuing: Issuing, app_id: str, **settings: Any) -> Any:
    env = {"DAPR_TRUST_ANCHORS": issuing.anchors}
    return daprd(app_id, "--enable-mtls", f"--sentry-address={issuing.address}", env=env, **settings)


def told_of(issuing: Issuing) -> list[str]:
    return [issuing.address, str(issuing.credentials / "ca.crt")]


@pytest.fixture(scope="module")
def app() -> Iterator[EchoApp]:
    with echo_app() as running:
        yield running


def their_call(issuing: Issuing, port: int, callee: str) -> subprocess.CompletedProcess[str]:
    """A sidecar of theirs asks the sentry who it is, and calls a port of ours."""
    entries = [(b"dapr-caller-app-id", b"liar")]
    message = codec.encode_chunk(codec.encode_request(b"theirs", codec.VERBS["POST"], entries), b"hello", 0)
    command = [original_program(), "call", *told_of(issuing), "their-app", f"127.0.0.1:{port}", callee, message.hex()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_their_sidecar_calls_ours(issuing: Issuing, app: EchoApp) -> None:
    with ours(issuing, "our-app", app_port=app.port) as process:
        done = their_call(issuing, process.internal_port, "our-app")
    assert done.returncode == 0, done.stderr
    chunk = codec.decode_chunk(bytes.fromhex(done.stdout.splitlines()[0]))
    assert chunk.leading is not None
    assert codec.decode_response(chunk.leading).status == 200
    told = next(each for each in app.received if each.target == "/theirs")
    assert (told.body, told.header("dapr-caller-app-id")) == (b"hello", "their-app")


def test_their_sidecar_refuses_ours_when_it_is_another(issuing: Issuing, app: EchoApp) -> None:
    with ours(issuing, "our-app", app_port=app.port) as process:
        done = their_call(issuing, process.internal_port, "somebody")
    assert done.returncode == 1
    assert "unexpected SPIFFE ID" in done.stderr


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    """Only for its loop, on which names are announced."""
    with world() as made:
        yield made


@pytest.mark.parametrize(("app_id", "accepted"), [("their-app", True), ("somebody", False)])
def test_our_sidecar_calls_theirs_if_it_is_the_right_one(
    app_id: str, accepted: bool, issuing: Issuing, here: World, tmp_path: Path
) -> None:
    answer = codec.encode_chunk(codec.encode_response(200, []), b"from them", 0).hex()
    names = tmp_path / "names.db"
    with (
        Process([original_program(), "serve", *told_of(issuing), "their-app", answer]) as theirs,
        ours(issuing, "our-app", config=finding(names)) as process,
        announced(here, names, app_id, int(theirs.wait_for_line("port ").split()[1])),
    ):
        got = call(process.http_port, "GET", f"/v1.0/invoke/{app_id}/method/x", timeout=60)
        if accepted:
            assert (got.status, got.body) == (200, b"from them")
            assert theirs.wait_for_line("called by ") == "called by spiffe://public/ns/default/our-app"
        else:
            assert got.status == 500
            assert "unexpected SPIFFE ID" in got.text


Start = Callable[[Path], AbstractContextManager[Issuing]]


@pytest.mark.parametrize(
    ("first", "second"),
    [(our_sentry, their_sentry), (their_sentry, our_sentry)],
    ids=["theirs on our credentials", "ours on their credentials"],
)
def test_both_sentries_work_on_the_same_credentials(first: Start, second: Start, app: EchoApp, tmp_path: Path) -> None:
    with first(tmp_path) as made, ours(made, "made", app_port=app.port):
        root = made.anchors
        with second(tmp_path) as taken, ours(taken, "taken") as process:
            assert taken.anchors == root
            assert call(process.http_port, "GET", "/v1.0/invoke/made/method/both", timeout=60).status == 200


# --- Access control: the same questions to both

Case = dict[str, Any]
SEGMENTS = ("a", "b", "ab", "Ab", "abc", "*", "**", "a*", "*b", "*", "**")
CALLED = ("a", "b", "ab", "Ab", "abc", "x")
VERBS = ("GET", "POST", "PUT", "NONE")
ACTIONS = ("allow", "deny", "Allow", "DENY")
CASES = 4000


def cases(seed: int) -> Iterator[Case]:
    """Sections with a few policies, and calls that have to do with them."""
    dice = random.Random(seed)
    for _ in range(CASES):
        http = dice.random() < 0.6
        identities = [
            f"spiffe://{td}/ns/{ns}/{app}" for td in ("t1", "t2") for ns in ("n1", "n2") for app in ("p", "q")
        ]
        yield {
            "spec": {
                "defaultAction": dice.choice(ACTIONS), "trustDomain": "t1",
                "policies": [_policy(dice) for _ in range(dice.randint(0, 3))],
            },
            "http": http,
            "id": dice.choice([*identities, "", "spiffe://t1/x", "spiffe://t1/ns/n1/p/more"]),
            "operation": _path(dice, CALLED),
            "verb": dice.choice(VERBS) if http else "NONE",
        }  # fmt: skip


def _policy(dice: random.Random) -> Case:
    return {
        "appId": dice.choice("pq"), "namespace": dice.choice(["n1", "n2"]), "trustDomain": dice.choice(["t1", "t2"]),
        "defaultAction": dice.choice(["", *ACTIONS]),
        "operations": [
            {
                "name": _path(dice, SEGMENTS), "action": dice.choice(ACTIONS),
                "httpVerb": dice.sample(["GET", "POST", "PUT", "*"], dice.randint(0, 2)),
            }
            for _ in range(dice.randint(0, 4))
        ],
    }  # fmt: skip


def _path(dice: random.Random, segments: Sequence[str]) -> str:
    return dice.choice(["", "/"]) + "/".join(dice.choices(segments, k=dice.randint(1, 4)))


def judged_by_us(case: Case) -> tuple[bool, str]:
    spec = case["spec"]
    policies = tuple(
        AccessPolicy(
            app_id=each["appId"], namespace=each["namespace"], trust_domain=each["trustDomain"],
            default_action=each["defaultAction"],
            operations=tuple(
                AccessOperation(name=one["name"], http_verb=tuple(one["httpVerb"]), action=one["action"])
                for one in each["operations"]
            ),
        )
        for each in spec["policies"]
    )  # fmt: skip
    rules = AccessRules(AccessControl(default_action=spec["defaultAction"], policies=policies), http=case["http"])
    try:
        caller = workload_of(parse_spiffe_id(case["id"])) if case["id"] else None
    except InvalidSpiffeIdError as error:
        return False, str(error)
    if rules.decide(caller, case["operation"], case["verb"]).allowed:
        return True, ""
    what = f"id: {case['id']} operation: {case['operation']} verb: {case['verb']}"
    return False, f"access control policy has denied access to {what}"


@pytest.mark.parametrize("seed", range(3))
def test_the_original_judges_every_call_as_we_do(seed: int) -> None:
    asked = list(cases(seed))
    lines = "".join(json.dumps(case) + "\n" for case in asked)
    done = subprocess.run(
        [original_program(), "judge"], input=lines, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(theirs) == len(asked)
    allowed = 0
    for case, their in zip(asked, theirs, strict=True):
        assert judged_by_us(case) == (their["allowed"], their["text"]), case
        allowed += their["allowed"]
    assert CASES / 4 < allowed < CASES * 3 / 4
