"""Any text of a `.gin` file: read, or refused in one line that names the file; shipped files cut short or changed."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compare_gan2.config.config_files import SHIPPED
from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
TEXT = (SHIPPED / "mnist_5k" / "s3gan_co.gin").read_bytes()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=60),
        st.integers(0, len(TEXT)).map(lambda end: TEXT[:end]),
        st.tuples(st.integers(0, len(TEXT) - 1), st.binary(min_size=1, max_size=3)).map(
            lambda change: TEXT[: change[0]] + change[1] + TEXT[change[0] + 1 :]
        ),
    )
)
def test_any_file_is_read_or_refused_in_one_line(tmp_path, text):
    (tmp_path / "drawn.gin").write_bytes(text)
    try:
        parse([tmp_path / "drawn.gin"])
    except ConfigError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "text, message",
    [
        ("options.z_dim = " + "[" * 100_000, "brackets inside each other, got 100000"),
        ("# long\n" * 2_000_000, "a configuration may have 262,144 bytes, got more"),
        ("options.z_dim = 1\noptions.z_dmi = 2\n", r"drawn.gin, line 2: 'options' has no parameter named 'z_dmi'; did"),
        ("options.z_dim = [1,\n", "drawn.gin: expected a value as Python writes it"),
        ("\noptions.z_dim 3\n", r"drawn.gin, line 2: expected NAME.PARAMETER = VALUE"),
        ("options.z_dim = {[1]: 2}\n", "drawn.gin: unhashable type"),
        ("options.z_dim = " + "9" * 5000, "drawn.gin.*: expected a number of fewer digits"),
    ],
)
def test_faults_are_named_with_file_and_line(text, message, tmp_path):
    (tmp_path / "drawn.gin").write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        parse([tmp_path / "drawn.gin"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 300, "a\nb", "gs://bucket/a.gin"])
def test_names_that_no_file_has(name):
    with pytest.raises(ConfigError, match="^--gin_config: expected the name of a file, got ") as caught:
        parse([name])
    assert "\n" not in str(caught.value)
