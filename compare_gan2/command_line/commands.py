"""The commands of the package, in one list."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Command:
    """A command: `compare_gan2 NAME`, or `python -m compare_gan2.MODULE`.

    Attributes:
        name: of the sub-command.
        module: below the package; it has `parser()` and `main(arguments=None)`, which returns the exit code.
        summary: what it does, in a line.
    """

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("train", "main", "train a GAN, score its checkpoints, draw samples and curves"),
    Command("evaluate", "evaluate", "score images of any generator, or of a checkpoint, against real ones"),
    Command("sample", "sample", "draw samples of a trained model: grids, files, ways between images, neighbours"),
    Command("export", "export", "write a trained model for Keras, TensorFlow, ONNX and Hugging Face, checked"),
    Command("report", "report", "write a page about a run, or about several side by side"),
    Command("pretrain", "pretrain", "train a feature extractor and infer labels with it"),
    Command("label", "label", "choose the images that are worth a label, and make a page to label them on"),
    Command("study", "study", "run several configurations with several seeds and report them in one table"),
    Command("benchmark", "benchmark", "measure the speed and the memory of training, input and sampling"),
    Command("conformance", "conformance", "check that this machine computes what the original computed"),
    Command("doctor", "doctor", "check an installation, or that runs killed at random end as others do"),
    Command("migrate", "migrate", "bring checkpoints, modules and configurations of the original compare_gan"),
    Command("scaling", "scaling", "predict step times on many GPUs or TPU cores from counted operations"),
)


def command_named(name):
    """The `Command` of this name.

    Raises:
        KeyError: if there is none.
    """
    return {command.name: command for command in COMMANDS}[name]
