"""What published methods compute, by our code: {case: function (inputs, hyperparameters) -> {output: value}}.

Inputs are tensors; a function is run eagerly and in a graph, so it makes no variables.
"""

from compare_gan2.original.field_cases import (
    adversarial,
    augmentation,
    averages,
    few_labels,
    label_heads,
    latents,
    networks,
    penalties,
    regularizers,
    self_supervision,
)

CASES = (
    adversarial.CASES
    | augmentation.CASES
    | averages.CASES
    | few_labels.CASES
    | label_heads.CASES
    | latents.CASES
    | networks.CASES
    | penalties.CASES
    | regularizers.CASES
    | self_supervision.CASES
)


def function_of(name):
    """Function of a case, or of one whose name it begins with, such as "lecam" for "lecam_long"; None if none."""
    found = [known for known in CASES if name == known or name.startswith(f"{known}_")]
    return CASES[max(found, key=len)] if found else None
