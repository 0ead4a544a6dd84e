"""Stages of a root rotation: what each leaves, that twice is once, and that what is called safe breaks nobody."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.identities import HOUR, Authority, key_pem, now, pem

from dapr_core.identity.bundle import TrustBundle
from dapr_core.identity.issuer import Issuer, check
from dapr_core.identity.keys import KeyKind, generate
from dapr_core.identity.roots import Names, make_issuer
from dapr_core.identity.rotation.checking import Assessment, Holder, assess, withdrawal_time
from dapr_core.identity.rotation.material import Material
from dapr_core.identity.rotation.record import InvalidRecordError, Record
from dapr_core.identity.rotation.stages import (
    RotationError,
    Stage,
    Step,
    cancel,
    distribute,
    position,
    replaced,
    switch,
    vouches,
    withdraw,
)
from dapr_core.identity.spiffe import TrustDomain, workload_id

NOW = now()
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
NAMES = Names.of(TrustDomain("localhost"), workload_id(TrustDomain("localhost"), "default", "dapr-sentry"))


def fresh(at: datetime.datetime = NOW) -> Issuer:
    return make_issuer(NAMES, at)


OLD, NEW = fresh(), fresh()
SETTLED = replaced(OLD)
DISTRIBUTED = distribute(SETTLED, NEW, NOW, DAY)
SWITCHED = switch(DISTRIBUTED, NOW + HOUR, DAY)
FINISHED = withdraw(SWITCHED, NOW + 2 * DAY)


def look(material: Material, at: datetime.datetime = NOW, *holders: Holder) -> Assessment:
    return assess(material, at, propagation=2 * MINUTE, leaf_life=DAY, holders=holders)


def anchors(material: Material) -> TrustBundle:
    return TrustBundle.parse(material.anchors)


# --- What each stage leaves


@pytest.mark.parametrize(
    ("material", "stage", "signer", "trusted"),
    [
        pytest.param(SETTLED, Stage.SETTLED, OLD, [OLD], id="before"),
        pytest.param(DISTRIBUTED, Stage.DISTRIBUTED, OLD, [OLD, NEW], id="anchors"),
        pytest.param(SWITCHED, Stage.SWITCHED, NEW, [OLD, NEW], id="issuer"),
        pytest.param(FINISHED, Stage.SETTLED, NEW, [NEW], id="withdraw"),
    ],
)
def test_each_stage_leaves_one_issuer_that_the_anchors_vouch_for(
    material: Material, stage: Stage, signer: Issuer, trusted: list[Issuer]
) -> None:
    here = position(material, NOW)
    assert (here.stage, here.issuer.certificate) == (stage, signer.certificate)
    assert anchors(material) == TrustBundle.of(*[each.anchors.anchors[0] for each in trusted])
    assert check(material.anchors, material.chain, material.key, NOW).certificate == signer.certificate


def test_nothing_but_the_credentials_is_left_in_the_end() -> None:
    assert replaced(NEW) == FINISHED


def test_after_the_switch_the_new_root_comes_first() -> None:
    assert anchors(SWITCHED).anchors[0] == NEW.anchors.anchors[0]


@pytest.mark.parametrize("material", [DISTRIBUTED, SWITCHED], ids=["distributed", "switched"])
def test_a_second_root_is_not_begun_while_a_rotation_is_under_way(material: Material) -> None:
    assert distribute(material, fresh(), NOW + HOUR, DAY) == material


def test_each_stage_done_twice_is_done_once() -> None:
    assert switch(SWITCHED, NOW + 5 * HOUR, DAY) == SWITCHED
    assert withdraw(FINISHED, NOW + 3 * DAY) == FINISHED


def test_no_stage_can_be_left_out() -> None:
    with pytest.raises(RotationError, match="begin with the stage 'anchors'"):
        switch(SETTLED, NOW, DAY)
    with pytest.raises(RotationError, match="the stage 'issuer' comes first"):
        withdraw(DISTRIBUTED, NOW)


def test_anchors_that_have_nothing_to_do_with_it_stay() -> None:
    other = Authority("other").certificate
    begun = distribute(replace(SETTLED, anchors=SETTLED.anchors + pem(other)), NEW, NOW, DAY)
    finished = withdraw(switch(begun, NOW, DAY), NOW)
    assert anchors(finished) == TrustBundle.of(other, NEW.anchors.anchors[0])


def test_a_rotation_that_is_cancelled_has_never_been() -> None:
    assert cancel(DISTRIBUTED, NOW) == SETTLED
    assert cancel(SETTLED, NOW) == SETTLED
    with pytest.raises(RotationError, match="signs already"):
        cancel(SWITCHED, NOW)


def test_the_issuer_in_force_is_no_issuer_to_rotate_to() -> None:
    with pytest.raises(RotationError, match="in force already"):
        distribute(SETTLED, OLD, NOW, DAY)


@pytest.mark.parametrize(
    ("material", "reason"),
    [
        pytest.param(Material(), "there is no root yet", id="empty"),
        pytest.param(replace(SETTLED, key=b""), "there is no root yet", id="no key"),
        pytest.param(replace(SETTLED, key=replaced(NEW).key), "issuer key does not match", id="another's key"),
        pytest.param(replace(SETTLED, anchors=replaced(NEW).anchors), "trust anchors", id="another's root"),
    ],
)
def test_credentials_that_cannot_be_used_are_not_rotated(material: Material, reason: str) -> None:
    for stage in (
        lambda: distribute(material, NEW, NOW, DAY),
        lambda: switch(material, NOW, DAY),
        lambda: withdraw(material, NOW),
        lambda: look(material),
    ):
        with pytest.raises(RotationError, match=reason):
            stage()


def test_an_issuer_that_expires_while_it_waits_is_given_up_with_its_root() -> None:
    late = NOW + 400 * DAY
    long_lived = make_issuer(NAMES, NOW, validity=900 * DAY)
    waiting = distribute(replaced(long_lived), NEW, NOW, DAY)
    assert position(waiting, late).stage is Stage.SETTLED
    assert "was not finished" in " ".join(look(waiting, late).warnings)
    again = distribute(waiting, newest := fresh(late), late, DAY)
    assert anchors(again) == TrustBundle.of(long_lived.anchors.anchors[0], newest.anchors.anchors[0])


@pytest.mark.parametrize("text", [b"{}", b"rubbish", b"[]", b'{"version": 2}', DISTRIBUTED.record[:-20], b"\xff"])
def test_a_record_that_is_none_means_that_no_rotation_is_under_way(text: bytes) -> None:
    with pytest.raises(InvalidRecordError):
        Record.parse(text)
    assert position(replace(DISTRIBUTED, record=text), NOW).stage is Stage.SETTLED


def test_a_record_of_other_credentials_means_nothing() -> None:
    assert position(replace(replaced(fresh()), record=SWITCHED.record), NOW).stage is Stage.SETTLED
    assert position(replace(SETTLED, record=DISTRIBUTED.record), NOW).stage is Stage.SETTLED


def test_a_record_is_read_back() -> None:
    record = Record.parse(SWITCHED.record)
    assert Record.parse(record.text) == record
    assert b"PRIVATE" not in record.text


def test_nothing_secret_is_shown() -> None:
    assert "PRIVATE" not in repr(DISTRIBUTED)
    assert "PRIVATE" not in repr(position(DISTRIBUTED, NOW))


@pytest.mark.parametrize("kind", KeyKind, ids=lambda kind: kind.value)
def test_a_provided_root_key_signs_and_its_kind_is_the_issuers(kind: KeyKind) -> None:
    key = generate(kind)
    made = make_issuer(NAMES, NOW, root_key=key, validity=30 * DAY)
    assert made.anchors.anchors[0].public_key() == key.public_key()
    assert type(made.key) is type(key)
    assert made.certificate.not_valid_after_utc == NOW + 30 * DAY


def test_chains_of_intermediates_are_rotated_too() -> None:
    root = Authority("corporate", "ecdsa")
    middle = Authority("middle", "ecdsa", issuer=root)
    low = Authority("low", "ecdsa", issuer=middle)
    provided = check(pem(root.certificate), pem(low.certificate, middle.certificate), key_pem(low.key), NOW)
    switched = switch(distribute(SETTLED, provided, NOW, DAY), NOW, DAY)
    assert position(switched, NOW).issuer.chain == (low.certificate, middle.certificate)
    assert withdraw(switched, NOW) == replaced(provided)


# --- Whether the next one is safe


def holder(*trusted: Issuer, name: str = "app") -> Holder:
    return Holder(name, TrustBundle.of(*[each.anchors.anchors[0] for each in trusted]), "restart it")


def test_a_rotation_may_always_begin() -> None:
    found = look(SETTLED)
    assert (found.step, found.safe, found.safe_at) == (Step.ANCHORS, True, None)


def test_the_issuer_changes_only_when_the_anchors_have_reached_everybody() -> None:
    early = look(DISTRIBUTED, NOW + MINUTE)
    assert (early.step, early.safe, early.safe_at) == (Step.ISSUER, False, NOW + 2 * MINUTE)
    assert look(DISTRIBUTED, NOW + 2 * MINUTE).safe


def test_a_holder_of_old_anchors_alone_is_in_the_way_of_the_issuer() -> None:
    found = look(DISTRIBUTED, NOW + HOUR, holder(OLD, NEW, name="new app"), holder(OLD, name="old app"))
    assert [hindrance.text for hindrance in found.hindrances] == ["old app does not trust the new root yet: restart it"]
    assert found.safe_at is None


def test_ten_thousand_holders_are_judged_at_once() -> None:
    """By their bundles: judged one by one they would take seconds."""
    many = [holder(OLD, name=f"pod {number}") for number in range(10_000)]
    begun = time.perf_counter()
    assert len(look(DISTRIBUTED, NOW + HOUR, *many).hindrances) == 10_000
    assert time.perf_counter() - begun < 5


def test_who_trusts_another_authority_is_in_nobodys_way() -> None:
    assert look(DISTRIBUTED, NOW + HOUR, holder(fresh())).safe


def test_with_the_old_roots_key_the_issuer_may_change_at_once() -> None:
    key = generate()
    old = make_issuer(NAMES, NOW, root_key=key)
    begun = distribute(replaced(old), make_issuer(NAMES, NOW, root_key=key), NOW, DAY)
    assert look(begun, NOW, holder(old)).safe
    switched = switch(begun, NOW, DAY)
    assert look(switched, NOW, holder(old)).safe
    assert not look(switched, NOW, holder(old)).warnings


def test_the_old_root_stays_until_its_last_certificate_has_ended() -> None:
    moment = withdrawal_time(NOW + HOUR, DAY)
    assert moment == NOW + HOUR + DAY + 5 * MINUTE
    before = look(SWITCHED, moment - datetime.timedelta(seconds=1))
    assert (before.step, before.safe, before.safe_at) == (Step.WITHDRAW, False, moment)
    assert look(SWITCHED, moment).safe


def test_the_longest_life_that_was_told_counts() -> None:
    switched = switch(DISTRIBUTED, NOW, 3 * DAY)
    assert not look(switched, NOW + 2 * DAY).safe
    assert look(switched, NOW + 3 * DAY + HOUR).safe


def test_a_holder_that_missed_the_switch_is_told_of() -> None:
    assert look(SWITCHED, NOW + 2 * HOUR, holder(OLD)).warnings == ("app does not trust the root in force: restart it",)


def test_a_holder_that_goes_on_trusting_a_withdrawn_root_is_told_of() -> None:
    late, fine, foreign = holder(OLD, NEW, name="late"), holder(NEW, name="fine"), holder(OLD, fresh(), name="foreign")
    found = look(FINISHED, NOW + 3 * DAY, late, fine, foreign)
    assert found.safe
    assert found.warnings == ("late trusts more roots than those in force: restart it",)


def test_an_issuer_that_ends_before_its_certificates_is_told_of() -> None:
    ending = replaced(make_issuer(NAMES, NOW, validity=12 * HOUR))
    assert "before the last of the certificates" in look(ending).warnings[0]


# --- Nobody is broken by what was called safe


@dataclass
class Workload:
    """Someone who trusts and is trusted; ``follows`` a file, or keeps what it was started with."""

    follows: bool
    trusted: TrustBundle
    chain: tuple[object, ...] = ()
    ends: datetime.datetime = NOW
    news: list[tuple[datetime.datetime, TrustBundle]] = field(default_factory=list)


class Rotations(RuleBasedStateMachine):
    """A clock, workloads that renew in the middle of a certificate's life, and stages whenever they are called safe."""

    LIFE = 2 * HOUR
    PROPAGATION = 10 * MINUTE

    @initialize()
    def begin(self) -> None:
        self.at = NOW
        self.material = replaced(fresh(self.at))
        self.workloads: list[Workload] = []
        for follows in (True, True, False):
            self.start(follows)

    @property
    def signer(self) -> tuple[object, ...]:
        return position(self.material, self.at).issuer.chain

    def holders(self) -> list[Holder]:
        return [Holder("app", each.trusted, "restart it") for each in self.workloads if not each.follows]

    @rule(follows=st.booleans())
    @precondition(lambda self: len(self.workloads) < 5)
    def join(self, follows: bool) -> None:
        self.start(follows)

    def start(self, follows: bool) -> None:
        ends = self.at + self.LIFE
        self.workloads.append(Workload(follows, anchors(self.material), self.signer, ends))

    @rule(which=st.integers(0, 4))
    @precondition(lambda self: self.workloads)
    def restart(self, which: int) -> None:
        one = self.workloads[which % len(self.workloads)]
        one.trusted, one.chain, one.ends = anchors(self.material), self.signer, self.at + self.LIFE
        one.news.clear()

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        for _ in range(minutes):
            self.at += MINUTE
            for one in self.workloads:
                while one.news and one.news[0][0] <= self.at:
                    one.trusted = one.news.pop(0)[1]
                if one.ends - self.at <= self.LIFE / 2:
                    one.chain, one.ends = self.signer, self.at + self.LIFE

    @rule()
    def wait_until_time_has_helped(self) -> None:
        for one in self.workloads:
            if not one.follows:
                self.restart(self.workloads.index(one))
        if moment := self.look().safe_at:
            self.wait(int((moment - self.at) / MINUTE) + 1)

    def look(self) -> Assessment:
        return assess(self.material, self.at, propagation=self.PROPAGATION, leaf_life=self.LIFE, holders=self.holders())

    @rule(delays=st.lists(st.integers(0, 10), min_size=5, max_size=5))
    def advance(self, delays: list[int]) -> None:
        found = self.look()
        if not found.safe:
            return
        if found.step is Step.ANCHORS:
            self.material = distribute(self.material, fresh(self.at), self.at, self.LIFE)
        elif found.step is Step.ISSUER:
            self.material = switch(self.material, self.at, self.LIFE)
        else:
            self.material = withdraw(self.material, self.at)
        for one, delay in zip(self.workloads, delays, strict=False):
            if one.follows:
                one.news.append((self.at + delay * MINUTE, anchors(self.material)))

    @rule()
    def cancel_it(self) -> None:
        if position(self.material, self.at).stage is Stage.DISTRIBUTED:
            self.material = cancel(self.material, self.at)
            for one in self.workloads:
                if one.follows:
                    one.news.append((self.at, anchors(self.material)))

    @invariant()
    def everybody_accepts_everybody(self) -> None:
        for one in self.workloads:
            for other in self.workloads:
                assert vouches(one.trusted.anchors, other.chain, self.at)  # type: ignore[arg-type]


Rotations.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestWhatIsCalledSafeBreaksNobody = Rotations.TestCase
