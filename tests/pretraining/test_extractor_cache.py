import multiprocessing
import multiprocessing.pool

import numpy as np
import pytest
from PIL import Image
from support.tiny_pretraining import dataset, extractor, strategy

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.pretraining import extractor_cache
from compare_gan2.pretraining.make_inference import make_extractor


def name_of(task="s2l", data=None, **bindings):
    return extractor("cache", task, data, **bindings).folder.name


def test_what_determines_the_weights_determines_the_place(monkeypatch):
    first = name_of()
    assert name_of() == first and first.startswith("tiny-s2l-")
    others = [
        name_of(pretrain__training_steps=5),
        name_of(resnet_v2__width=5),
        name_of(data=dataset(0.4)),
        name_of(data=dataset(name="other")),
        name_of("rotation"),
        name_of("supervised"),
    ]
    monkeypatch.setattr(extractor_cache, "FORMAT", extractor_cache.FORMAT + 1)
    assert len({first, name_of(), *others}) == 8


@pytest.mark.parametrize("name", ["save_checkpoints_steps", "probe_images"])
def test_what_does_not_determine_them_shares_it(name):
    assert name_of(**{f"pretrain__{name}": 7}) == name_of()
    assert name_of("rotation", data=dataset(0.4)) == name_of("rotation")  # which reads no labels
    assert name_of("rotation", pretrain__labelled_batch_size=3) == name_of("rotation")
    assert name_of("supervised", pretrain__batch_size=4) == name_of("supervised")


def test_options_that_older_versions_did_not_have_change_no_place_by_their_defaults():
    recorded = extractor("cache", "s2l").inputs["pretrain"].keys()
    assert not recorded & {"optimizer", "schedule", "last_learning_rate", "views"}
    assert name_of(pretrain__optimizer="'lars'") != name_of() != name_of(pretrain__schedule="'cosine'")
    assert name_of(pretrain__last_learning_rate=0.01) == name_of()  # not read by steps


def test_views_and_options_of_a_method_determine_the_weights():
    names = [
        name_of("simclr"),
        name_of("simclr", simclr__temperature=0.3),
        name_of("simclr", digit_views__shift=0.5),
        name_of("simclr", pretrain__views="@colour_views()"),
        name_of("vicreg"),
    ]
    assert len(set(names)) == 5 and names[0].startswith("tiny-simclr-")
    unread = ("labelled_batch_size", "class_weight", "max_shift")
    assert {name_of("simclr", **{f"pretrain__{name}": 3}) for name in unread} == {names[0]}
    assert name_of("simclr", data=dataset(0.4)) == names[0]
    assert name_of("rotation", pretrain__views="@digit_views()") == name_of("rotation")


def of_catalog(tmp_path, *bindings, name="imagenet_64", **source):
    """Name of the folder for fake data of a name, or for the user's own."""
    network = ["resnet_v2.blocks = [1]", "resnet_v2.width = 4"]
    cache = f"inferred_labels.cache_dir = '{tmp_path}'"
    config = parse([], ["pretrain.task = 's2l'", "pretrain.training_steps = 1", cache, *network, *bindings])
    data = open_dataset(config, name, fake=name not in ("arrays", "folder"), **source)
    return make_extractor(config, data, strategy()).folder.name


def test_random_crops_that_training_sees_count(tmp_path):
    binding = "train_imagenet_transform.crop_method = "
    first = of_catalog(tmp_path)
    assert of_catalog(tmp_path, f"{binding}'distorted'") == first  # the default
    assert of_catalog(tmp_path, f"{binding}'random'") != first


def test_order_that_training_sees_counts(tmp_path):
    pictures = np.random.RandomState(0).randint(0, 256, [8, 8, 8, 3]).astype(np.uint8)
    for number, picture in enumerate(pictures):
        (tmp_path / str(number % 2)).mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / str(number % 2) / f"{number}.png")
    options = [f"folder.path = '{tmp_path}'", "folder.resolution = 8", "folder.test_fraction = 0.25"]

    def name(**source):
        return of_catalog(tmp_path / "cache", *options, name="folder", **source)

    assert name() == name(shuffle_buffer_size=10_000) != name(shuffle_buffer_size=4)


def test_data_of_users_is_what_it_holds_and_not_where_it_is(tmp_path):
    images = np.random.RandomState(0).randint(0, 256, [300, 8, 8, 1]).astype(np.uint8)
    other = images.copy()
    other[299] += 1  # beyond the images that are looked at
    for folder, stored in (("a", images), ("b", images), ("c", other)):
        (tmp_path / folder).mkdir()
        np.savez(tmp_path / folder / "mine.npz", images=stored, labels=np.arange(300) % 3)
    a, b, c = (of_catalog(tmp_path, f"arrays.path = '{tmp_path / f / 'mine.npz'}'", name="arrays") for f in "abc")
    assert a == b != c


def test_inputs_are_computed_once(tmp_path, monkeypatch):
    made, calls, compute = extractor(tmp_path, "s2l"), [], extractor_cache.provenance
    monkeypatch.setattr(extractor_cache, "provenance", lambda *given: calls.append(given) or compute(*given))
    assert made.folder.name == extractor_cache.name_of(made.inputs)
    assert len(calls) == 1


def test_a_record_of_other_inputs_is_refused(tmp_path):
    extractor_cache.require_inputs(tmp_path, {"resnet_v2": {"width": 4}, "kept": None})
    extractor_cache.require_inputs(tmp_path, {"resnet_v2": {"width": 4}, "kept": None})
    with pytest.raises(ConfigError, match="--model_dir: .* holds pre-training with other values of resnet_v2$"):
        extractor_cache.require_inputs(tmp_path, {"resnet_v2": {"width": 5}, "kept": None})
    with pytest.raises(ConfigError, match="other values of format$"):
        extractor_cache.require_inputs(tmp_path, {"resnet_v2": {"width": 4}, "kept": None, "format": None})


@pytest.mark.parametrize("content", [b"", b'{"a": ', b"[1]", b"\xff\xfe"])
def test_a_damaged_record_is_named(tmp_path, content):
    (tmp_path / "inputs.json").write_bytes(content)
    with pytest.raises(DamagedFileError, match="inputs.json: .*; move .* away to start again"):
        extractor_cache.require_inputs(tmp_path, {})
    assert (tmp_path / "inputs.json").read_bytes() == content


def _hold(folder, held, release):
    with extractor_cache.locked(folder):
        held.set()
        release.wait(60)


def _enter(folder):
    with extractor_cache.locked(folder):
        return True


def test_a_second_process_waits_for_the_first(tmp_path, caplog):
    caplog.set_level("INFO", logger="compare_gan2")
    context = multiprocessing.get_context("fork")
    held, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "here", held, release))
    other.start()
    assert held.wait(60)
    waiting = multiprocessing.pool.ThreadPool(1).apply_async(_enter, [tmp_path / "here"])
    with pytest.raises(multiprocessing.TimeoutError):
        waiting.get(0.5)
    release.set()
    assert waiting.get(60)
    other.join()
    assert f"waits for another process that pre-trains in {tmp_path / 'here'}" in caplog.text


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot write to .*file/x \(inferred_labels.cache_dir, --model_dir\)"):
        with extractor_cache.locked(tmp_path / "file/x"):
            raise AssertionError
