"""The configurations of runs: what differs between them, and from the defaults."""

import inspect

from compare_gan2.config.declare import REQUIRED, gin_text, named, signature
from compare_gan2.reporting.page_parts import Details, Paragraph, Preformatted, Table

ABSENT = "-"
_BASE = "ModularGAN"  # of all GAN classes; a binding on it reaches them
_OF_THE_FOLDER = ("--",)  # flags, which say how a run was started


def differing_parts(runs):
    """List of parts: the options whose values differ, a column per run, and on request those that only some runs have.

    Args:
        runs: list of `RunFacts`, at least two.
    """
    recorded = _with_common_names(runs)
    names = sorted({name for options in recorded for name in options})
    rows = [[name, *(options.get(name, ABSENT) for options in recorded)] for name in names]
    rows = [row for row in rows if len(set(row[1:])) > 1]
    differing, partial = [row for row in rows if ABSENT not in row], [row for row in rows if ABSENT in row]
    header = ["option", *(run.name for run in runs)]
    parts = [Table("Options that differ", header, differing, is_text=True)] if differing else []
    if partial:
        text = f"{len(partial)} options that only some of the runs have"
        parts.append(Details(text, [Table(text.capitalize(), header, partial, is_text=True)]))
    return parts or [Paragraph("The recorded configurations of all runs are the same.")]


def changed_options(recorded):
    """List of (name, gin text, gin text of the default) of the options that differ from the defaults of this version.

    Options without a default, such as `options.batch_size`, and those that this version does not know have None.

    Args:
        recorded: {name: gin text}.
    """
    changed = []
    for name, text in recorded.items():
        if not name.startswith(_OF_THE_FOLDER) and text != (default := _default(name)):
            changed.append((name, text, default))
    return changed


def configuration_parts(runs):
    """List of parts: for each run what differs from the defaults, and all of its configuration.

    Args:
        runs: list of `RunFacts`.
    """
    parts = [Paragraph("The recorded configuration of each run, compared with the defaults of this version.")]
    for run in runs:
        rows = [[name, text, default or "no default"] for name, text, default in changed_options(run.recorded)]
        of = f" of {run.name}" if len(runs) > 1 else ""
        table = Table(f"Options{of} that differ from the defaults", ["option", "value", "default"], rows, is_text=True)
        lines = [f"{'# ' if name.startswith('--') else ''}{name} = {text}" for name, text in run.recorded.items()]
        imports = run.files.directory.recorded_imports()
        whole = Preformatted("\n".join([*imports, *lines]), f"All options{of}, as a .gin file")
        count = f"{len(rows)} of {len(run.recorded)} options{of} differ from the defaults"
        parts.append(Details(count, [table], is_open=len(runs) == 1))
        parts.append(Details(f"All {len(run.recorded)} options{of}, as a .gin file", [whole]))
    return parts


def _default(full):
    """Gin text of the default of an option; None without one, or if nothing of that name is declared."""
    name, _, parameter = full.rpartition(".")
    targets = named(name) if name else []
    if len(targets) != 1:
        return None
    default = signature(targets[0])[0].get(parameter, REQUIRED)
    return None if default in (REQUIRED, inspect.Parameter.empty) else gin_text(default)


def _with_common_names(runs):
    """The recorded options of each run; those of its GAN class under one name where classes share them.

    What a class inherits goes under the name of the base class, what only some define under the names of all of those.
    """
    bases, own = named(_BASE), [str(run.value("options.gan_class")) for run in runs]
    inherited = signature(bases[0])[0] if len(bases) == 1 else {}
    split = [{name: name.rpartition(".") for name in run.recorded} for run in runs]
    owners = {}
    for names, gan_class in zip(split, own, strict=True):
        for owner, _, parameter in names.values():
            if owner == gan_class:
                owners.setdefault(parameter, set()).add(owner)
    common = {name: _BASE if name in inherited else " or ".join(sorted(found)) for name, found in owners.items()}
    return [
        {
            f"{common[parameter]}.{parameter}" if owner == gan_class else name: run.recorded[name]
            for name, (owner, _, parameter) in names.items()
        }
        for run, names, gan_class in zip(runs, split, own, strict=True)
    ]
