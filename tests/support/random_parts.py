"""Losses, penalties, regularisers, augmentation and label heads combined at random, and a training of them."""

import numpy as np
import tensorflow as tf

from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.training.compiled_loop import compiled_steps, make_step
from compare_gan2.training.state import TrainState
from support.catalogue import filled

LOSSES = ("hinge", "non_saturating", "wasserstein", "least_squares", "rpgan", "ragan_logistic", "ragan_hinge")
PENALTIES = ("r1", "r2", "r1_r2", "max_gp", "wgangp_penalty", "dragan_penalty", "l2_penalty")
REGULARIZERS = ("lecam", "cr", "bcr", "zcr", "orthogonal", "feature_matching")
AUGMENTATIONS = ("diffaugment", "ada", "flip_translate")
LABEL_HEADS = ("acgan", "tac", "adc", "contragan", "reacgan", "multi_hinge", "projection")
CLASSES = {
    "ModularGAN": (),
    "SSGAN": ("SSGAN.rotated_batch_size = 16",),
    "S3GAN": ("S3GAN.rotated_batch_fraction = 1", "S3GAN.use_predictor = True", "S3GAN.project_y = True"),
}
ALWAYS = ("options.lamba = 0.1", "lecam.start_step = 1", "ada.interval = 1", "ada.kimg = 0.1")
ALWAYS += ("contragan.embedding_size = 5", "reacgan.embedding_size = 5", "topk.steps_per_epoch = 1", "topk.decay = 0.8")


def drawn(seed):
    """(name of a GAN class, bindings): each part is there or not, with equal probability."""
    random = np.random.default_rng(seed)

    def some(names, most=3):
        count = min(int(random.integers(0, most + 1)), len(names))
        return [str(name) for name in random.permutation(names)[:count]]

    def maybe(*bindings):
        return bindings if random.integers(2) else ()

    gan_class = str(random.choice(list(CLASSES)))
    bindings = ["ModularGAN.conditional = True", f"loss.fn = @{random.choice(LOSSES)}", *CLASSES[gan_class], *ALWAYS]
    for name in some(PENALTIES, most=1):
        bindings += [f"penalty.fn = @{name}", *maybe("penalty.every = 2")]
    for name in some(AUGMENTATIONS, most=1):
        bindings.append(f"ModularGAN.augmentation = @{name}()")
    for option, names in (("regularizers", REGULARIZERS), ("label_heads", LABEL_HEADS)):
        chosen = some(names)
        bindings += [f"ModularGAN.{option} = [{', '.join(f'@{name}()' for name in chosen)}]"] if chosen else []
    bindings += maybe("loss.top_k = @topk()")
    bindings += maybe("ModularGAN.pseudo_augmentation = @apa()")
    bindings += maybe("ModularGAN.burn_in = @burn_in()", "burn_in.images = 24")
    bindings += maybe("ModularGAN.g_use_ema = True", "ModularGAN.ema_half_life = @ema_half_life()")
    bindings += maybe("options.disc_iters = 2")
    bindings += maybe("D.spectral_norm = True", "G.spectral_norm = True")
    bindings += maybe("G.batch_norm_fn = @conditional_batch_norm")
    return gan_class, tuple(bindings)


def trained(case, start, end, values=None):
    """({name: value of a variable}, {tag: scalars}) after the steps from `start` to `end` of a `catalogue.Gan`.

    Args:
        case: the GAN.
        start: first step.
        end: step after the last one.
        values: of variables before the first step; None for those of `catalogue.filled`.
    """
    gan = case.make()
    for network in (gan.generator, gan.discriminator, *gan.heads):
        filled(network)
    state = TrainState(gan)
    for name, variable in state.variables().items() if values is not None else ():
        variable.assign(values[name])
    parts = range(gan.batches_per_step)

    def batches(first, shard):
        stream = [tuple(case.batch(step * len(parts) + part) for part in parts) for step in range(first, end)]
        return tf.data.Dataset.from_tensor_slices(tf.nest.map_structure(lambda *all_: np.stack(all_), *stream)).repeat()

    strategy = tf.distribute.get_strategy()
    steps = compiled_steps(strategy, make_step(gan, state), seed=3)
    scalars = steps(distributed(strategy, batches, start), end - start)
    values = {name: variable.numpy() for name, variable in state.variables().items()}
    return values, {tag: np.array(series) for tag, series in scalars.items()}
