import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from compare_gan2.reporting.tensorboard import HYPERPARAMETERS, EventWriter


def read(folder):
    """{(plugin, name, step): array} of every event in a folder."""
    (path,) = folder.glob("events.out.tfevents.*")
    found = {}
    for record in tf.data.TFRecordDataset([str(path)]):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            found[value.metadata.plugin_data.plugin_name, value.tag, event.step] = tf.make_ndarray(value.tensor)
    return found


def test_scalars_come_back_at_their_steps(tmp_path):
    with EventWriter(tmp_path / "run") as writer:
        writer.scalars(100, {"loss_d": 1.25, "loss_g": np.float32(-0.5)})
        writer.scalars(200, {"loss_d": np.float64(0.75)})
    found = read(tmp_path / "run")
    assert found == {
        ("scalars", "loss_d", 100): 1.25,
        ("scalars", "loss_g", 100): -0.5,
        ("scalars", "loss_d", 200): 0.75,
    }


@pytest.mark.parametrize("channels", [1, 3])
def test_images_come_back_pixel_by_pixel(tmp_path, channels):
    array = np.random.default_rng(0).integers(0, 256, [4, 6, channels], dtype=np.uint8)
    with EventWriter(tmp_path) as writer:
        writer.image(7, "samples", array)
    width, height, png = read(tmp_path)["images", "samples", 7]
    assert (width, height) == (b"6", b"4")
    with Image.open(io.BytesIO(png)) as image:
        np.testing.assert_array_equal(np.asarray(image).reshape(array.shape), array)


def test_text_comes_back_and_flush_puts_it_on_disk(tmp_path):
    writer = EventWriter(tmp_path)
    writer.text(0, "gin", "S3GAN.rotation = 1\nπ")
    writer.flush()
    assert read(tmp_path)["text", "gin", 0].item().decode() == "S3GAN.rotation = 1\nπ"
    writer.close()


def test_other_arrays_are_no_image(tmp_path):
    with EventWriter(tmp_path) as writer:
        with pytest.raises(ValueError, match=r"samples: expected uint8 .*got float64 \[2, 2, 3\]"):
            writer.image(0, "samples", np.zeros([2, 2, 3]))
        with pytest.raises(ValueError, match=r"got uint8 \[2, 2\]"):
            writer.image(0, "samples", np.zeros([2, 2], np.uint8))


def test_names_of_a_step_are_readable_and_histograms_come_back(tmp_path):
    with EventWriter(tmp_path) as writer:
        writer.scalars(4, {"loss/d_0": 1.0})
        writer.histogram(4, "logits/real images", np.arange(10.0))
    found = read(tmp_path)
    assert found["scalars", "loss/discriminator", 4] == 1.0
    buckets = found["histograms", "logits/real images", 4]  # rows of (left, right, count)
    assert buckets[:, 2].sum() == 10 and buckets[0, 0] == 0.0 and buckets[-1, 1] == 9.0


def test_hyperparameters_of_runs_side_by_side(tmp_path):
    from tensorboard.plugins.hparams import metadata

    for name, fraction in (("a", 0.1), ("b", 0.05)):
        for _ in range(2):  # equal runs leave equal events
            with EventWriter(tmp_path / name) as writer:
                values = {"labels.fraction": fraction, "options.architecture": "resnet", "run_config.remat": True}
                writer.hyperparameters(name, values)
        records = set()
        for path in (tmp_path / name).glob("events.out.tfevents.*"):
            for record in tf.compat.v1.train.summary_iterator(str(path)):
                for value in record.summary.value:
                    assert value.tag == HYPERPARAMETERS
                    records.add(value.metadata.plugin_data.content)
        (content,) = records
        start = metadata.parse_session_start_info_plugin_data(content)
        assert start.group_name == name and start.hparams["labels.fraction"].number_value == fraction
        assert start.hparams["options.architecture"].string_value == "resnet"
        assert start.hparams["run_config.remat"].bool_value is True
