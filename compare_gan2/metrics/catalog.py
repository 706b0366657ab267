"""The metrics that ship with the package, as the registry knows them: what each reads and what its rows are called."""

from compare_gan2.metrics import bootstrap
from compare_gan2.metrics.classifier_score import classifier_score
from compare_gan2.metrics.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.fid import fid
from compare_gan2.metrics.registry import metric

FEATURES = ["real_features", "fake_features"]


def _fid_interval(samples, random):
    resampled = bootstrap.fid_resamples(samples.real.features, samples.fake.features, random)
    return {} if resampled is None else {"fid": resampled}


@metric("fid", needs=FEATURES, title="FID", better="lower", resample=_fid_interval)
def _fid(samples):
    return fid(samples.real.features, samples.fake.features)


def _accuracy_interval(samples, random):
    hits = samples.fake.logits.argmax(axis=1) == samples.fake.labels
    return {"conditional_accuracy": bootstrap.mean_resamples(hits, random)}


@metric(
    "conditional_accuracy",
    needs=["fake_logits", "fake_labels", "class_logits"],
    better="higher",
    resample=_accuracy_interval,
)
def _conditional_accuracy(samples):
    return conditional_accuracy(samples.fake.logits, samples.fake.labels)


def _score_interval(samples, random):
    return {"classifier_score": bootstrap.classifier_score_resamples(samples.fake.logits, random)}


@metric("classifier_score", needs=["fake_logits"], better="higher", resample=_score_interval)
def _classifier_score(samples):
    return classifier_score(samples.fake.logits)
