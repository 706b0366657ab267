import numpy as np
import pytest

from compare_gan2.ground.errors import DataError
from compare_gan2.ground.masked_arrays import refuse_masked


def test_masked_values_are_refused_and_a_mask_without_any_is_not():
    with pytest.raises(DataError, match="labels: expected an array without a mask, got one with 2 of 3 values masked"):
        refuse_masked("labels", np.ma.masked_array([1, 2, 3], [True, True, False]), DataError)
    refuse_masked("labels", np.ma.masked_array([1, 2, 3], False))
    refuse_masked("labels", [1, 2, 3])
