"""The rules of the watchdog, pure functions of what a run has measured: a `Finding`, or None while all is well.

Thresholds are far from what healthy runs show: `tests/training/test_watchdog_rules.py` holds them against every
recorded curve in `results/`.
"""

import dataclasses

import numpy as np

WINNING_STEPS = 500  # recorded runs have D's adversarial loss below a third for up to all of their 2,000 steps
WINNING_SHARE = 0.05  # of the loss of an undecided D; the lowest 34 steps of all recorded runs have 0.157
LOSS_STEPS = 50
# Of whole losses, whatever their weights; the largest 34 steps of all recorded runs have 7.9, and are the first ones.
LOSS_LIMIT = 100.0
# Of one unweighted term (hinge, cross entropy): to guess among 20,000 classes costs 9.9, and an angle 1.4; the largest
# 34 steps of all recorded runs have 3.8.
TERM_LIMIT = 10.0
TERMS = (
    *("loss/d_real", "loss/d_fake", "loss/class_loss_real"),
    *("loss/real_loss", "loss/fake_loss", "loss/c_real_loss", "loss/c_fake_loss"),
)
UNBOUNDED = 1000  # times higher are both where the scale of losses means nothing: Wasserstein, gradient penalties
AT_ONCE = 100  # one step above so many limits is enough
LOGIT_GAP_LIMIT = 1000.0
# Orthogonal kernels start at 1; two orders above what rates of 2e-4 reach, and a rate of 10 is there in 200 steps.
SINGULAR_VALUE_LIMIT = 1000.0
SINGULAR_VALUE_GROWTH = 10.0
DEAD_SPREAD = 1e-3  # of the deviation of real pixels: the generator ignores its latents
# Untrained generators are grey: before this step their images say nothing, and D has seen too little.
FIRST_JUDGED_STEP = 200
SPREAD_LIMIT = 0.05  # of the deviation of real pixels
CLASS_SPREAD_LIMIT = 0.1
# Brock et al. 2019, section 4.2, report 98 % on training images and 50 to 55 % on held-out ones for a good BigGAN.
MEMORISING_GAP = 0.6
SLOWER = 0.5
THROUGHPUT_SECONDS = 120.0
THROUGHPUT_CALLS = 5


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a rule has found.

    Attributes:
        rule: name of the option in `WatchdogOptions`.
        value: what was measured.
        threshold: what it is beyond.
        message: sentences: what is wrong, and what to try.
        steps: number of the last steps that were looked at.
    """

    rule: str
    value: float
    threshold: float
    message: str
    steps: int = 0


def senseless_losses(losses, scale=1):
    """Finding if one loss of a step is above `AT_ONCE` limits, or the median of the last `LOSS_STEPS` above one.

    The limit is `TERM_LIMIT` for `TERMS` and `LOSS_LIMIT` for other losses.

    Args:
        losses: {tag: array of the last steps}; absolute values count.
        scale: factor of the limits, 1 or `UNBOUNDED`.
    """
    worst = None
    for tag, values in losses.items():
        sizes = np.abs(np.asarray(values, np.float64)[-LOSS_STEPS:])
        if not len(sizes):
            continue
        limit = scale * (TERM_LIMIT if tag in TERMS else LOSS_LIMIT)
        largest = float(sizes.max())
        median = float(np.median(sizes)) if len(sizes) == LOSS_STEPS else 0.0
        for value, threshold in ((largest, AT_ONCE * limit), (median, limit)):
            if value > threshold and (worst is None or value / threshold > worst.value / worst.threshold):
                message = (
                    f"{tag} is {value:.3g}, beyond any sense: training has diverged. Try smaller learning rates "
                    "(ModularGAN.g_lr, ModularGAN.d_lr), or spectral norm in both networks"
                )
                worst = Finding("senseless", value, threshold, message, LOSS_STEPS)
    return worst


def d_wins(adversarial, undecided):
    """Finding if D's adversarial loss was almost 0 on average over the last `WINNING_STEPS` steps.

    Args:
        adversarial: array of D's adversarial loss per step, the last steps; other terms are not in it.
        undecided: that loss for logits of 0, such as 2 for hinge; 0 where the loss has no such bound.
    """
    values = np.asarray(adversarial, np.float64)[-WINNING_STEPS:]
    if not undecided or len(values) < WINNING_STEPS:
        return None
    mean, threshold = float(values.mean()), WINNING_SHARE * undecided
    if mean >= threshold:
        return None
    message = (
        f"D has won for {WINNING_STEPS} steps: its adversarial loss was {mean:.3g} on average ({undecided:.3g} if it "
        "were undecided), and G learns little from it. Try a smaller ModularGAN.d_lr, fewer options.disc_iters, a "
        "narrower discriminator or spectral norm in it"
    )
    return Finding("d_wins", mean, threshold, message, WINNING_STEPS)


def senseless_measurements(rows):
    """Finding for the last checkpoint's gap of logits or singular value; see `of_checkpoints` for `rows`."""
    gap, sigma = _last(rows, "logit_gap"), _last(rows, "singular_value")
    if abs(gap) > LOGIT_GAP_LIMIT:
        message = (
            f"the logits of real and generated images are {gap:.3g} apart, beyond any sense: training has diverged. "
            "Try smaller learning rates, or spectral norm in the discriminator"
        )
        return Finding("senseless", gap, LOGIT_GAP_LIMIT, message)
    if sigma > SINGULAR_VALUE_LIMIT:
        message = (
            f"a kernel has a singular value of {sigma:.3g}, beyond any sense: training has diverged. Try smaller "
            "learning rates (ModularGAN.g_lr, ModularGAN.d_lr)"
        )
        return Finding("senseless", sigma, SINGULAR_VALUE_LIMIT, message)
    spread = _last(rows, "class_spread")
    if _judged(rows) and spread < DEAD_SPREAD:
        message = (
            "the generator ignores its latents: images of a class are equal. Training has diverged; try smaller "
            "learning rates (ModularGAN.g_lr, ModularGAN.d_lr)"
        )
        return Finding("senseless", spread, DEAD_SPREAD, message)
    return None


def constant_images(rows):
    """Finding if generated images differ from each other by almost nothing."""
    spread = _last(rows, "spread")
    if not (_judged(rows) and spread < SPREAD_LIMIT):
        return None
    message = (
        f"the generator's images are all alike: their pixels deviate by {spread:.2g} of what real pixels do. Try an "
        "earlier checkpoint, smaller learning rates, or a slower generator (ModularGAN.g_lr)"
    )
    return Finding("constant_images", spread, SPREAD_LIMIT, message)


def class_diversity(rows):
    """Finding if the images of one class differ from each other by almost nothing."""
    spread = _last(rows, "class_spread")
    if constant_images(rows) or not (_judged(rows) and DEAD_SPREAD <= spread < CLASS_SPREAD_LIMIT):
        return None  # one finding for one fault
    message = (
        f"the images of a class are all alike: in the poorest class pixels deviate by {spread:.2g} of what real "
        "pixels do. Look at samples/; try a slower generator (ModularGAN.g_lr), a wider discriminator, or the "
        "checkpoint before"
    )
    return Finding("class_diversity", spread, CLASS_SPREAD_LIMIT, message)


def memorising(rows):
    """Finding if D takes far more training images for real than held-out ones."""
    trained, held_out = _last(rows, "accuracy_train"), _last(rows, "accuracy_held_out")
    if not (_judged(rows) and trained - held_out > MEMORISING_GAP):
        return None
    message = (
        f"D memorises: it takes {trained:.0%} of the training images for real, but {held_out:.0%} of held-out ones. "
        "More steps will hardly help: take the best checkpoint (run_config.best_metric); try more data, a smaller "
        "discriminator, or dataset.random_flip where mirrored images make sense"
    )
    return Finding("memorising", trained - held_out, MEMORISING_GAP, message)


def singular_values(rows):
    """Finding if the largest singular value of all kernels grew tenfold since the checkpoint before."""
    values = [row["singular_value"] for row in rows if row["step"] > 0][-2:]
    if len(values) < 2 or not values[1] > SINGULAR_VALUE_GROWTH * values[0]:
        return None
    growth = values[1] / values[0]
    message = (
        f"singular values run away: the largest grew {growth:.3g} times since the checkpoint before, to "
        f"{values[1]:.3g}; a collapse often follows (Brock et al. 2019, section 4). Try smaller learning rates"
    )
    return Finding("singular_values", growth, SINGULAR_VALUE_GROWTH, message)


def throughput(calls):
    """Finding if steps took twice as long in the median call of the last two minutes as in that of all calls before.

    Args:
        calls: list of (steps, seconds) of the graph calls of this process, without the first, which compiles.
    """
    seconds, number = 0.0, len(calls)
    while number and (seconds < THROUGHPUT_SECONDS or len(calls) - number < THROUGHPUT_CALLS):
        number -= 1
        seconds += calls[number][1]
    before = calls[:number]
    if seconds < THROUGHPUT_SECONDS or sum(call[1] for call in before) < THROUGHPUT_SECONDS:
        return None
    usual, rate = (float(np.median([n / max(s, 1e-9) for n, s in part])) for part in (before, calls[number:]))
    if rate >= SLOWER * usual:
        return None
    message = (
        f"training runs at {rate:.3g} steps/s, {rate / usual:.0%} of the usual {usual:.3g}: look for other programs "
        "on this machine, a slow disk below the data, or a processor that is too hot"
    )
    return Finding("throughput", rate / usual, SLOWER, message)


def of_checkpoints(rows):
    """List of the findings at the last of the checkpoints that were measured.

    Args:
        rows: list of {"step" and names of `MEASURED`: number}, by step; NaN where something could not be measured.
    """
    rules = (senseless_measurements, constant_images, class_diversity, memorising, singular_values)
    return [finding for rule in rules if rows and (finding := rule(rows)) is not None]


MEASURED = ("spread", "class_spread", "accuracy_train", "accuracy_held_out", "logit_gap", "singular_value")


def _last(rows, name):
    return float(rows[-1][name])


def _judged(rows):
    return rows[-1]["step"] >= FIRST_JUDGED_STEP
