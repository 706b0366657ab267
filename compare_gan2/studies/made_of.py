"""What a run of a study was made of: its config files and the pictures of its data, as digests in the results.

A config that is changed under its name is another method, and changed pictures are other data: without the digests the
seeds before and after would be averaged.
"""

import contextlib
import re

from compare_gan2.config import config_files
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.store import key_of
from compare_gan2.run_folder import dataset_record
from compare_gan2.run_folder.model_directory import may_change
from compare_gan2.studies.plan import runs_of
from compare_gan2.studies.results import setting_of

_DIGITS = 16


def digest_of_config(setting):
    """Digest of what the files of a `Setting` bind, included files too.

    Comments, blank lines and options that may change when a run resumes do not count. Empty if a file cannot be read,
    as its runs will say.
    """
    try:
        texts = config_files.texts_of(setting.files).values()
    except ConfigError:
        return ""
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return key_of([line for line in lines if line and not line.startswith("#") and not _may_change(line)])[:_DIGITS]


def digest_of_data(folder):
    """Digest of the content of all images that a run in a folder recorded; empty if it recorded none."""
    record = None
    with contextlib.suppress(DamagedFileError, FileNotFoundError):
        record = dataset_record.read(folder)
    images = {what: text for what, text in ((record and record.content) or {}).items() if what.endswith(" images")}
    return key_of(images)[:_DIGITS] if images else ""


def require_same_configs(study, rows, results):
    """Refuses results of configs whose files bind something else now.

    Args:
        study: `Study`.
        rows: of its results.
        results: path of the results, for the message.

    Raises:
        ConfigError: naming a config and the seeds.
    """
    planned = {(run.setting, run.seed) for run in runs_of(study)}
    made = {}
    for row in rows:
        if row["config_digest"] and (setting_of(row), int(row["seed"])) in planned:
            made.setdefault(setting_of(row), {}).setdefault(row["config_digest"], set()).add(int(row["seed"]))
    for setting, digests in made.items():
        if others := digests.keys() - {digest_of_config(setting)}:
            seeds = sorted(seed for digest in others for seed in digests[digest])
            raise ConfigError(
                f"study.configs: {setting.config} does not bind what it bound when its rows in {results} were made "
                f"(seed {', '.join(map(str, seeds))}); restore it, give the changed file another name, or delete "
                "these rows to run them again"
            )


def require_same_data(rows, results):
    """Refuses seeds of one setting that were trained on or compared with different pictures.

    Raises:
        ConfigError: naming the setting and the seeds.
    """
    seeds = {}
    for row in rows:
        if row["data_digest"]:
            of_setting = seeds.setdefault((setting_of(row), row["dataset"]), {})
            of_setting.setdefault(row["data_digest"], set()).add(int(row["seed"]))
    for (setting, dataset), of_data in seeds.items():
        if len(of_data) > 1:
            groups = " and ".join(", ".join(map(str, sorted(group))) for group in of_data.values())
            raise ConfigError(
                f"{results}: the pictures of {dataset} changed between the runs of {setting.config}: seeds {groups} "
                "have different ones; delete the rows of the odd ones and run them again"
            )


def _may_change(line):
    name = re.match(r"([\w./]+) *=", line)
    return name is not None and may_change(name[1])
