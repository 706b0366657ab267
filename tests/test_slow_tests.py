"""The list of slow tests names tests that exist."""


def test_listed_tests_exist(stale_slow_tests):
    assert stale_slow_tests == []
