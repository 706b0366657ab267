"""`compare_gan2 label`, or `python -m compare_gan2.label`: which images to label, and a page to label them on."""

import pathlib
import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.label_flags import parser
from compare_gan2.command_line.shipped_configurations import require_configuration
from compare_gan2.ground.errors import ConfigError


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    left = "nothing was written"
    return frame.run(parser(), _label, arguments, check=_check, bad_input=(OSError,), after_interrupt=left)


def _check(options):
    from compare_gan2.ground.files import require_folder

    require_configuration("label select", options.gin_config, options.gin_bindings)
    folder = _output(options)
    if folder.exists():
        raise ConfigError(f"--output: {folder} exists; labels may be in it, choose another name")
    require_folder("--output", folder)


def _label(options):
    import numpy as np

    from compare_gan2.config.configuration import parse
    from compare_gan2.ground.new_folder import making
    from compare_gan2.labelling import chosen_images, labelling_page, selection_files

    config = parse(options.gin_config, options.gin_bindings, allow_imports=options.allow_imports)
    names = ("seed", "network", "network_path", "tfds_data_dir", "trust", "use_labels")
    given = {name: getattr(options, name) for name in names}
    chosen = chosen_images.choose_images(config, options.count, **given)
    classes = options.classes if options.classes is not None else list(chosen.class_names or ())
    print(chosen.in_words())
    print(f"they stand for {', '.join(f'{share:.1%}' for share in np.sort(chosen.shares)[::-1][:5])} ... of the images")
    with making(_output(options)) as folder:
        selection_files.write(folder, chosen)
        labelling_page.write_page(
            folder / selection_files.PAGE, chosen.images, chosen.names, classes, f"Labels for {chosen.dataset}"
        )
        if options.stored_labels:
            selection_files.write_stored_labels(folder, chosen)
    for path in sorted(_output(options).iterdir()):
        print(path)
    saved = _output(options) / selection_files.LABELS if options.stored_labels else selection_files.LABELS
    first = "" if options.stored_labels else f"open {selection_files.PAGE} in a browser, save labels.csv, and "
    print(", ".join([f"{first}train with labels.file = '{saved}'", *chosen.bindings]))


def _output(options):
    return pathlib.Path(options.output or "to-label")


if __name__ == "__main__":
    sys.exit(main())
