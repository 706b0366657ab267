import csv

import numpy as np

from compare_gan2.reporting.labelled_images import write_labelled_images


def test_lists_the_labelled_ones(tmp_path):
    write_labelled_images(tmp_path, ["a.png", 'b,"c".png', "d.png"], np.array([2, 0, -1]))
    with open(tmp_path / "labelled_images.csv", newline="") as file:
        assert list(csv.reader(file)) == [["index", "name", "label"], ["0", "a.png", "2"], ["1", 'b,"c".png', "0"]]
