"""The layers of one class inside a model."""


def inner_layers(model, layer_class):
    """List of the layers of a class inside a layer or model, itself included; each once, in a fixed order.

    Args:
        model: a Keras layer or model whose sublayers exist.
        layer_class: class, or tuple of classes as for `isinstance`.
    """
    # Keras has no public list of all nested layers: nothing else may depend on the private one.
    return [layer for layer in model._flatten_layers() if isinstance(layer, layer_class)]
