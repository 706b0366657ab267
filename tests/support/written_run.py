"""The folder of a run without any training: the files that a run leaves, of a few numbers and grey pictures."""

import json

import numpy as np
from PIL import Image

from compare_gan2.run_folder.run_files import RunFiles
from compare_gan2.run_folder.scores import Score

OPTIONS = {
    "options.gan_class": "@S3GAN",
    "options.architecture": "'resnet_biggan_arch'",
    "options.batch_size": "16",
    "options.training_steps": "40",
    "loss.fn": "@hinge",
    "penalty.fn": "@no_penalty",
    "dataset.name": "'mnist_5k'",
    "labels.fraction": "0.1",
    "S3GAN.conditional": "True",
    "S3GAN.use_predictor": "True",
    "S3GAN.self_supervision": "'rotation'",
    "S3GAN.d_lr": "0.0005",
}
TAGS = (
    *("loss/d_0", "loss/d_1", "loss/g", "loss/d_real", "loss/d_fake", "loss/real_loss", "loss/fake_loss"),
    *("loss/class_loss_real", "loss/penalty", "accuracy/real", "accuracy/fake", "accuracy/class", "label_frac"),
)


def score(step, value, metric="fid", **changes):
    protocol = dict(num_real=1000, num_fake=1000, split="test", network="digits", weights="ema", bn_statistics="moving")
    protocol |= dict(seed=0, dataset="mnist_5k", low=value - 0.5, high=value + 0.5)
    return Score(f"model.ckpt-{step}", step, metric, value, 0.1, **(protocol | changes))


def write_run(path, *, steps=(0, 20, 40), options=(), scores=None, done=True, events=(), tags=TAGS, dataset=()):
    """Path of a folder that a run of 40 steps could have left.

    Args:
        path: of the folder, which is made.
        steps: that have samples and scores.
        options: {name: gin text} that are recorded beside `OPTIONS`.
        scores: list of `Score`; None for a FID of each step.
        done: whether training reached its last step.
        events: that the watchdog found, dicts for `EventLog.append`.
        tags: of training.csv; none for no log.
        dataset: changes of dataset.json.
    """
    files = RunFiles(path)
    (path / "samples").mkdir(parents=True)
    files.directory.record(0, OPTIONS | dict(options))
    record = {"name": "mnist_5k", "image_shape": [32, 32, 1], "num_classes": 10, "class_names": None}
    record |= {"label_distribution": None, "num_train": 4000, "num_labelled": 400} | dict(dataset)
    (path / "dataset.json").write_text(json.dumps(record))
    if scores is None:
        scores = [score(step, 40.0 - step / 2) for step in steps]
    if scores:
        files.scores.append(scores)
    if tags:
        values = {tag: np.linspace(number + 1, 0.5, 40) for number, tag in enumerate(tags)}
        files.log.append(1, values)
        files.measurements.append(40, {"logit_gap": [2.0]})
    for event in events:
        files.events.append(**event)
    for first, step in zip(steps, steps[1:], strict=False):
        times = dict(session="a", first_step=first, step=step, seconds=2.0, images=16 * (step - first))
        files.cost.append(**times, host_memory=3 * 2**30, device_memory=None, devices="one CPU")
    for step in steps:
        Image.new("L", (60, 60), step).save(path / "samples" / f"step-{step}.png")
    Image.new("L", (120, 60)).save(path / "real_and_fake.png")
    files.directory.mark_done(done)
    return path
