"""Which needs of the metrics the images, the feature network and the model of an evaluation meet."""

from compare_gan2.evaluation.sources import of_dataset


def met_needs(network, real, has_fake_labels, sampler=None):
    """Set of keys of `registry.NEEDS`.

    Args:
        network: `FeatureNetwork`, or None.
        real: `ImageSource` or `CachedFeatures` of the real images, or None.
        has_fake_labels: whether the classes that images were generated for are known.
        sampler: `Sampler` of the model that they come from, or None.
    """
    # Clusters and random labels of training are not what a network classifies.
    own_classes = sampler is None or sampler.labels_are_classes
    met = {
        "fake_images": True,
        "fake_features": network is not None,
        "fake_logits": network is not None and network.num_logits,
        "fake_labels": has_fake_labels,
        "real_images": real is not None and real.has_images,
        "real_features": real is not None and network is not None,
        "real_labels": real is not None and real.has_labels,
        "class_logits": network is not None and real is not None and network.classifies == real.name and own_classes,
        "train_images": sampler is not None,
        "training_features": sampler is not None and network is not None,
        "feature_network": network is not None,
        "generator": sampler is not None,
        "discriminator": sampler is not None,
    }
    return {need for need, is_met in met.items() if is_met}


def needs_of_run(network, dataset, sampler):
    """`met_needs` of a run, whose real images are those of its dataset.

    Args:
        network: `FeatureNetwork`.
        dataset: `ImageDataset`.
        sampler: `Sampler`.
    """
    return met_needs(network, of_dataset(dataset), sampler.gan.conditional, sampler)
