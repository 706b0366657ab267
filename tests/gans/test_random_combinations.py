"""Parts combined at random train and resume to the same bits, or are refused by a message that names an option."""

import numpy as np
import pytest
from support import random_parts
from support.catalogue import Gan

from compare_gan2.ground.errors import ConfigError

pytestmark = pytest.mark.usefixtures("unoptimized")
# Of the 21 among the first 68 draws that can be, two: all were equal to the last bit when they were looked at.
POSSIBLE = (16, 27)
IMPOSSIBLE = {1: "loss.fn: expected @hinge with @multi_hinge", 7: "ModularGAN.augmentation: @ada", 22: "got both"}


@pytest.mark.parametrize("seed", POSSIBLE)
def test_a_run_that_was_stopped_ends_with_the_same_bits(seed):
    case = Gan(*random_parts.drawn(seed))
    whole, scalars = random_parts.trained(case, 0, 4)
    assert all(np.isfinite(values).all() for values in (*whole.values(), *scalars.values()))
    half, _ = random_parts.trained(case, 0, 2)
    assert any((half[name] != whole[name]).any() for name in whole)
    resumed, _ = random_parts.trained(case, 2, 4, half)
    assert resumed.keys() == whole.keys()
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value, err_msg=name)


@pytest.mark.parametrize("seed", IMPOSSIBLE)
def test_what_excludes_each_other_is_refused(seed):
    with pytest.raises(ConfigError, match=IMPOSSIBLE[seed]):
        Gan(*random_parts.drawn(seed)).make()


def test_every_part_is_drawn():
    bound = "\n".join(line for seed in range(60) for line in random_parts.drawn(seed)[1])
    names = (*random_parts.LOSSES, *random_parts.PENALTIES, *random_parts.REGULARIZERS, *random_parts.AUGMENTATIONS)
    assert [name for name in (*names, *random_parts.LABEL_HEADS) if f"@{name}" not in bound] == []
