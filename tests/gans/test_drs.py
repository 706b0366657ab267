"""Which images discriminator rejection sampling keeps."""

import numpy as np
import pytest

from compare_gan2.gans.drs import DRS, probabilities, scores
from compare_gan2.ground.errors import ConfigError


def test_without_a_shift_the_kept_have_the_distribution_of_the_data():
    """A generator of three outcomes and the best discriminator for it: acceptance is the ratio over its maximum."""
    real, generated = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    logits = np.log(real / generated)
    kept = probabilities(logits, logits.max(), 0.0)
    np.testing.assert_allclose(kept, real / generated / (real / generated).max(), rtol=1e-6)
    np.testing.assert_allclose(generated * kept / np.sum(generated * kept), real, rtol=1e-6)


def test_the_percentile_is_kept_half_of_the_time():
    logits = np.random.RandomState(0).standard_normal(1001)
    ceiling = DRS(percentile=80).ceiling(logits)
    assert ceiling.maximum == logits.max()
    assert probabilities(np.percentile(logits, 80), *ceiling) == pytest.approx(0.5, abs=1e-6)
    means = [probabilities(logits, *DRS(percentile=p).ceiling(logits)).mean() for p in (0, 50, 80, 95, 100)]
    assert means[0] > 0.5 and means == sorted(means, reverse=True) and means[-1] < 0.01


def test_a_logit_above_the_largest_counts_as_it():
    assert scores(np.array([7.0, 9.0, 1e4]), 7.0)[[1, 2]].tolist() == [scores(np.array([7.0]), 7.0)[0]] * 2
    assert np.all(np.isfinite(probabilities(np.array([-1e4, 0.0, 1e4]), 7.0, 3.0)))


@pytest.mark.parametrize(
    "values, message",
    [
        ({"percentile": 101}, "drs.percentile: expected a number from 0 to 100, got 101"),
        ({"burn_in": 0}, "drs.burn_in: expected a whole number from 1 .* got 0"),
        ({"most": 1.5}, "drs.most: expected a whole number .* got 1.5"),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        DRS(**values)
