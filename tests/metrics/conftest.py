"""A model of BRISQUE in files."""

import pytest


@pytest.fixture
def brisque_model(tmp_path):
    """Bindings of a model whose score is the sum of two bumps."""
    model = ["svm_type epsilon_svr", "kernel_type rbf", "gamma 0.05", "nr_class 2", "total_sv 2", "rho -3.5", "SV"]
    vectors = ["10 1:0.5 2:-0.5", "-4 3:0.25 36:1"]
    (tmp_path / "model").write_text("\n".join([*model, *vectors]) + "\n")
    ranges = [f"{number} {-number} {2 * number}" for number in range(1, 37)]
    (tmp_path / "ranges").write_text("\n".join(["x", "-1 1", *ranges]) + "\n")
    return [f"brisque.model = '{tmp_path / 'model'}'", f"brisque.ranges = '{tmp_path / 'ranges'}'"]
