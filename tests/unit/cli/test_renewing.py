"""`dapr mtls renew-certificate`: which stages it carries out, what it waits for, where it stops, how it goes on."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.identities import Authority, key_pem, now, pem

from dapr_cli.command import Failure
from dapr_cli.console import Console
from dapr_cli.flags import UsageError, parse
from dapr_cli.mtls.fresh import Origin
from dapr_cli.mtls.place import DAY, Lives, Place, duration
from dapr_cli.mtls.renewing import Outcome, Renewal, Wishes
from dapr_cli.mtls.table import MTLS_RENEW
from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.keys import generate, to_pem
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.checking import Holder
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.stages import Stage, Step, position, replaced
from dapr_core.identity.rotation.store import ChangedMeanwhileError, TrustStore
from dapr_core.identity.spiffe import TrustDomain, workload_id

NOW = now()
NAMES = Names.of(TrustDomain("localhost"), workload_id(TrustDomain("localhost"), "default", "dapr-sentry"))
OLD = make_issuer(NAMES, NOW)


class Memory(TrustStore):
    """A store that remembers how often it was written, and whom somebody else overtakes once."""

    name = "memory"

    def __init__(self, held: Material) -> None:
        self.held = held
        self.writes = 0
        self.overtaken_by: Material | None = None

    def read(self) -> Material:
        return self.held

    def replace(self, before: Material, after: Material) -> None:
        if self.overtaken_by is not None:
            self.held, self.overtaken_by = self.overtaken_by, None
        if self.held != before:
            raise ChangedMeanwhileError("changed")
        self.writes += after != before
        self.held = after


class Town(Place):
    """A place with a clock of its own."""

    where, again = "here", "again"
    propagation = timedelta(seconds=60)
    names = NAMES

    def __init__(self, held: Material | None = None) -> None:
        self.store = self.memory = Memory(held if held is not None else replaced(OLD))
        self.lives = Lives()
        self.at = NOW
        self.seen: list[Holder] = []

    def holders(self) -> Sequence[Holder]:
        return self.seen

    def mtls_enabled(self) -> bool:
        return True

    def close(self) -> None:
        return

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def stage(self) -> Stage:
        return position(self.memory.held, self.at).stage


def origin(*words: str) -> Origin:
    return Origin.of(parse(MTLS_RENEW.flags, words))


def renew(town: Town, *words: str, only: Step | None = None, force: bool = False, patience: float = 0) -> Outcome:
    def clock() -> datetime:
        return town.at

    console = Console(out=io.StringIO(), err=io.StringIO())
    wishes = Wishes(origin(*words), only, force, patience)
    return Renewal(town, wishes, console, clock=clock, sleep=town.sleep).run()


def test_without_patience_the_new_root_is_trusted_and_no_more() -> None:
    town = Town()
    outcome = renew(town)
    assert (outcome.done, town.stage) == ([Step.ANCHORS], Stage.DISTRIBUTED)
    assert outcome.left is not None
    assert outcome.left.step is Step.ISSUER


def test_with_patience_the_new_issuer_signs_and_the_old_root_waits_for_its_last_certificate() -> None:
    town = Town()
    outcome = renew(town, patience=300)
    assert (outcome.done, town.stage) == ([Step.ANCHORS, Step.ISSUER], Stage.SWITCHED)
    assert town.at - NOW < timedelta(seconds=70)
    assert outcome.left is not None
    assert outcome.left.safe_at is not None
    assert outcome.left.safe_at - town.at > DAY


def test_run_again_it_goes_on_and_comes_to_an_end() -> None:
    town = Town()
    renew(town)
    town.at += timedelta(minutes=2)
    assert renew(town).done == [Step.ISSUER]
    assert renew(town).done == []
    town.at += timedelta(hours=25)
    last = renew(town)
    assert (last.done, last.left, town.stage) == ([Step.WITHDRAW], None, Stage.SETTLED)
    assert len(TrustBundle.parse(town.memory.held.anchors).anchors) == 1
    assert town.memory.writes == 3


def test_what_time_does_not_heal_is_not_waited_for() -> None:
    town = Town()
    town.seen = [Holder("the sidecar of app", OLD.anchors, "restart it")]
    outcome = renew(town, patience=10_000)
    assert outcome.done == [Step.ANCHORS]
    assert town.at == NOW
    assert outcome.left is not None
    assert "the sidecar of app does not trust the new root yet: restart it" in outcome.left.hindrances[0].text


@pytest.mark.parametrize(
    ("before", "only", "done", "stage"),
    [
        ([], Step.ANCHORS, [Step.ANCHORS], Stage.DISTRIBUTED),
        ([Step.ANCHORS], Step.ANCHORS, [], Stage.DISTRIBUTED),
        ([Step.ANCHORS], Step.ISSUER, [Step.ISSUER], Stage.SWITCHED),
        ([Step.ANCHORS, Step.ISSUER], Step.ANCHORS, [], Stage.SWITCHED),
        ([Step.ANCHORS, Step.ISSUER], Step.ISSUER, [], Stage.SWITCHED),
        ([Step.ANCHORS, Step.ISSUER], Step.WITHDRAW, [Step.WITHDRAW], Stage.SETTLED),
        ([], Step.WITHDRAW, [], Stage.SETTLED),
    ],
)
def test_one_stage_is_done_once(before: list[Step], only: Step, done: list[Step], stage: Stage) -> None:
    town = Town()
    for each in before:
        renew(town, only=each)
        town.at += timedelta(hours=25)
    assert (renew(town, only=only).done, town.stage) == (done, stage)


@pytest.mark.parametrize(("before", "only"), [([], Step.ISSUER), ([Step.ANCHORS], Step.WITHDRAW)])
def test_a_stage_before_its_time_is_refused(before: list[Step], only: Step) -> None:
    town = Town()
    for each in before:
        renew(town, only=each)
    with pytest.raises(Failure, match="comes before the stage"):
        renew(town, only=only)


def test_force_goes_through_all_stages_at_once() -> None:
    town = Town()
    town.seen = [Holder("the sidecar of app", OLD.anchors, "restart it")]
    assert renew(town, force=True).done == [Step.ANCHORS, Step.ISSUER, Step.WITHDRAW]
    assert town.stage is Stage.SETTLED


def test_credentials_that_have_ended_are_replaced_only_by_force() -> None:
    town = Town()
    town.at = NOW + timedelta(days=400)
    with pytest.raises(Failure, match=r"has expired.*--force"):
        renew(town)
    assert renew(town, force=True).replaced
    assert town.stage is Stage.SETTLED
    assert position(town.memory.held, town.at).issuer.certificate != OLD.certificate


def test_where_there_is_no_authority_none_is_made() -> None:
    with pytest.raises(Failure, match="sentry makes one when it starts"):
        renew(Town(Material()), force=True)


def test_who_is_overtaken_looks_again_and_makes_no_second_root() -> None:
    town, other = Town(), Town()
    renew(other)
    town.memory.overtaken_by = other.memory.held
    assert renew(town).done == []
    assert town.memory.held == other.memory.held


def test_a_new_root_carries_on_the_names(tmp_path: Path) -> None:
    root = Authority("corporate root", end=NOW + 10 * DAY)
    low = Authority("our issuer", issuer=root, end=NOW + 10 * DAY)
    town = Town(Material(anchors=pem(root.certificate), chain=pem(low.certificate), key=key_pem(low.key)))
    renew(town, patience=300)
    here = position(town.memory.held, town.at).issuer
    assert here.certificate.subject == low.certificate.subject
    assert {anchor.subject for anchor in here.anchors.anchors} == {root.certificate.subject}


def test_the_old_roots_key_needs_no_patience_and_nobody_to_restart(tmp_path: Path) -> None:
    key = generate()
    old = make_issuer(NAMES, NOW, root_key=key)
    (tmp_path / "root.key").write_bytes(to_pem(key))
    town = Town(replaced(old))
    town.seen = [Holder("the sidecar of app", old.anchors, "restart it")]
    outcome = renew(town, "--private-key", str(tmp_path / "root.key"), "--valid-until", "30")
    assert (outcome.done, outcome.left) == ([Step.ANCHORS, Step.ISSUER, Step.WITHDRAW], None)
    ends = position(town.memory.held, town.at).issuer.certificate.not_valid_after_utc
    assert abs(ends - NOW - timedelta(days=30)) < timedelta(minutes=1)


def provided(folder: Path, low: Authority, *roots: Authority) -> list[str]:
    (folder / "ca.crt").write_bytes(pem(*[root.certificate for root in roots]))
    (folder / "issuer.crt").write_bytes(pem(low.certificate))
    (folder / "issuer.key").write_bytes(key_pem(low.key))
    flags = ("--ca-root-certificate", "--issuer-public-certificate", "--issuer-private-key")
    names = ("ca.crt", "issuer.crt", "issuer.key")
    return [word for flag, name in zip(flags, names, strict=True) for word in (flag, str(folder / name))]


def test_provided_certificates_are_rotated_to(tmp_path: Path) -> None:
    root = Authority("corporate")
    low = Authority("issuer", issuer=root)
    town = Town()
    renew(town, *provided(tmp_path, low, root), patience=300)
    assert position(town.memory.held, town.at).issuer.certificate == low.certificate


def test_provided_certificates_that_do_not_hold_together_change_nothing(tmp_path: Path) -> None:
    low = Authority("issuer", issuer=Authority("corporate"))
    town = Town()
    with pytest.raises(Failure, match="provided certificates cannot be used"):
        renew(town, *provided(tmp_path, low, Authority("another")))
    assert town.memory.writes == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--ca-root-certificate", "x"], "--issuer-public-certificate"),
        (["--valid-until", "0"], "number of days"),
        (["--valid-until", "99999999"], "number of days"),
        (
            ["--private-key", "k", "--ca-root-certificate", "a", "--issuer-public-certificate", "b",
             "--issuer-private-key", "c"], "means nothing",
        ),
    ],
)  # fmt: skip
def test_flags_that_contradict_each_other_are_refused(words: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        origin(*words)


@pytest.mark.parametrize("text", [b"", b"rubbish", pem(Authority("x").certificate)])
def test_a_file_that_is_no_key_is_named_and_not_quoted(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "root.key").write_bytes(text)
    with pytest.raises(Failure, match=r"root\.key cannot be used"):
        renew(Town(), "--private-key", str(tmp_path / "root.key"))


def test_lives_are_those_of_the_configuration() -> None:
    assert Lives.of("", "") == Lives()
    assert Lives.of("10s", "1m") == Lives(timedelta(seconds=10), timedelta(minutes=1))
    for text in ("soon", "-1s", "9" * 40 + "h"):
        with pytest.raises(Failure, match=r"it takes a duration|negative"):
            duration(text, "--leaf-life")
