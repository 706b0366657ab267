"""What networks are asked for so that images do not depend on how many there are."""

import numpy as np
import pytest

from compare_gan2.runs.full_batches import in_full_batches


@pytest.mark.parametrize("count, batch_size, asked", [(1, 64, [8]), (70, 64, [64, 64]), (20, 5, [8, 8, 8])])
@pytest.mark.parametrize("with_vectors", [False, True])
def test_batches_are_filled_up(count, batch_size, asked, with_vectors):
    latents, sizes = np.arange(count, dtype=np.float32)[:, None], []
    vectors = latents * 2 if with_vectors else None

    def generate(part, given):
        sizes.append(len(part))
        assert (given is None) != with_vectors
        if with_vectors:
            np.testing.assert_array_equal(given, part * 2)
        return part + 0

    np.testing.assert_array_equal(in_full_batches(generate, latents, vectors, batch_size), latents)
    assert sizes == asked
