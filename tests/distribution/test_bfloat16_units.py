import pytest

from compare_gan2.distribution.bfloat16_units import bfloat16_units


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 amx_bf16 amx_tile", "AMX"),
        ("flags\t\t: fpu avx512_bf16 avx512f", "AVX-512"),
        ("Features\t: fp asimd bf16 i8mm", "Arm"),
        ("flags\t\t: fpu avx2 avx512f", ""),
        ("model name\t: avx512_bf16", None),
    ],
)
def test_units_by_the_features_of_the_first_processor(line, units, tmp_path):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}\n\nprocessor\t: 1\n")
    assert bfloat16_units(tmp_path / "cpuinfo") == units


def test_a_system_that_does_not_say(tmp_path):
    assert bfloat16_units(tmp_path / "missing") is None
