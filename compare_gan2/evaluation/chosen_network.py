"""Which feature network an evaluation takes: the one that is given or bound, the run's own, or one that is at hand."""

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.metrics.networks.default_network import default_network
from compare_gan2.metrics.networks.feature_networks import feature_network


def chosen_network(config, dataset, given=(), *, recorded=None, is_needed=True):
    """{option: value} to give to `feature_network` in place of what is bound.

    A line names the network if it is a default, and why it is the one.

    Args:
        config: `Configuration`.
        dataset: name of the dataset of the real images; None if they are from elsewhere.
        given: {option: value} of the caller, which wins over bindings.
        recorded: name in the record of the run, which it keeps if none is bound; None without one.
        is_needed: whether images are scored; if not, a machine without weights is not refused.

    Raises:
        ConfigError: if none is given, bound, recorded or at hand, and one is needed.
    """
    given = dict(given)
    bound = (config.bound_value(feature_network, option) for option in ("name", "path"))
    if given.get("name") or given.get("path") or any(value is not None for value in bound):
        return given
    if recorded is not None:
        return given | {"name": recorded}
    try:
        name, reason = default_network(dataset)
    except ConfigError:
        if is_needed:
            raise
        return given
    if is_needed:
        log.info(f"feature network: {name}, since {reason}; feature_network.name binds another one")
    return given | {"name": name}
