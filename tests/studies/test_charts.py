"""Curves of a study: which lines they have, and what these are called."""

import numpy as np

from compare_gan2.studies.charts import loss_curves


def test_losses_have_names_in_words_and_one_colour_for_what_is_the_same():
    def run(*tags):
        return {"step": np.arange(3.0), **{tag: np.ones(3) for tag in tags}}

    losses = {"s3gan": [run("loss/d_0", "loss/real_loss")] * 2, "ssgan": [run("loss/d_0", "loss/c_real_loss")]}
    legends = [{name: number for number, _, name in chart.legend} for chart in loss_curves(losses)]
    assert legends[0].keys() == {"discriminator", "rotation of real images"} and legends[0] == legends[1]
    (chart,) = loss_curves({"both": [run("loss/cr", "loss/bcr_real")]})
    assert len(chart.legend) == 2  # which have one name
