"""The connection fields shared by all Redis vendors (components.md, table of state.redis)."""

from __future__ import annotations

import pytest

from dapr_components.common.redis.client import backoff
from dapr_components.common.redis.settings import CONFIGURATION_RETRIES, STATE_RETRIES, RedisSettings
from dapr_components.contract import ComponentError, Metadata


def settings(**fields: str) -> RedisSettings:
    return RedisSettings.from_metadata(Metadata({"redisHost": "h:1", **fields}))


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"redisHost": "h"}, ("h", 6379)),
        ({"redisHost": "h:1"}, ("h", 1)),
        ({"redisHost": "h", "redisPort": "2"}, ("h", 2)),
        ({"redisHost": "h:2", "redisPort": "2"}, ("h", 2)),
        ({"redisHost": "[::1]:3"}, ("::1", 3)),
        ({"redisHost": "::1"}, ("::1", 6379)),
        ({"redisHost": ":4"}, ("127.0.0.1", 4)),
    ],
)
def test_host_and_port(fields: dict[str, str], address: tuple[str, int]) -> None:
    assert RedisSettings.from_metadata(Metadata(fields)).addresses == (address,)


def test_sentinels_are_a_list_of_addresses() -> None:
    got = settings(redisHost="a:1, b", failover="true", sentinelMasterName="main")
    assert (got.addresses, got.sentinel_master) == ((("a", 1), ("b", 6379)), "main")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"redisHost": ""}, "redisHost"),
        ({"redisHost": "h:http"}, "redisHost"),
        ({"redisPort": "2"}, "redisPort"),
        ({"redisHost": "a,b"}, "failover"),
        ({"failover": "true"}, "sentinelMasterName"),
        ({"clientCert": "x"}, "clientKey"),
        ({"redisDB": "one"}, "redisDB"),
        ({"readTimeout": "soon"}, "readTimeout"),
        ({"poolSize": "many"}, "poolSize"),
        ({"redisType": "cluster"}, "redisType"),
        ({"redisType": "ring"}, "redisType"),
        ({"useEntraID": "true"}, "useEntraID"),
        ({"useOIDC": "true"}, "useOIDC"),
    ],
    ids=lambda value: str(value),
)
def test_a_wrong_field_is_named(fields: dict[str, str], named: str) -> None:
    with pytest.raises(ComponentError, match=named):
        settings(**fields)


def test_bare_integers_are_milliseconds_and_negative_ones_switch_off() -> None:
    got = settings(dialTimeout="1500", readTimeout="-1")
    assert (got.dial_timeout, got.read_timeout) == (1.5, None)


def test_defaults() -> None:
    got = settings()
    assert (got.dial_timeout, got.read_timeout, got.max_retries, got.min_backoff, got.max_backoff) == (
        5.0,
        3.0,
        3,
        0.008,
        0.512,
    )


def test_retry_defaults_differ_by_kind() -> None:
    host = Metadata({"redisHost": "h"})
    assert RedisSettings.from_metadata(host, STATE_RETRIES).min_backoff == 2.0
    assert RedisSettings.from_metadata(host, CONFIGURATION_RETRIES).max_backoff == 2.0


def test_legacy_retry_fields_count_only_without_their_successors() -> None:
    assert settings(maxRetries="7", maxRetryBackoff="2000000").max_retries == 7
    assert settings(maxRetries="7", maxRetryBackoff="2000000").min_backoff == 0.002
    assert settings(maxRetries="7", redisMaxRetries="1", redisMinRetryInterval="5ms").max_retries == 1


def test_minus_one_retries_disables_them() -> None:
    assert settings(redisMaxRetries="-1").max_retries == 0


def test_secrets_stay_out_of_reprs() -> None:
    assert "hunter2" not in repr(settings(redisPassword="hunter2", redisUsername="hunter2"))


def test_the_pause_doubles_with_jitter_up_to_the_maximum() -> None:
    pauses = [backoff(attempt, 0.008, 0.1) for attempt in range(10)]
    assert all(0.008 <= pause <= 0.1 for pause in pauses)
    assert pauses[-1] == 0.1


def test_a_minimum_above_the_maximum_pauses_the_maximum() -> None:
    assert backoff(0, 2.0, 0.512) == 0.512


def test_no_minimum_means_no_pause() -> None:
    assert backoff(3, 0.0, 1.0) == 0.0
