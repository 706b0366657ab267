"""The bindings that docs/studies.md shows make studies whose runs bind names that exist."""

import re

import pytest

from compare_gan2 import study
from compare_gan2.config.config_files import SHIPPED
from compare_gan2.config.configuration import parse
from compare_gan2.studies.plan import Study, require_configs, runs_of

TEXT = (SHIPPED.parents[1] / "docs" / "studies.md").read_text()
BLOCKS = re.findall(r"```\n(study\..*?)```", TEXT, re.DOTALL)
COMPLETE = ["study.configs = ['s3gan.gin']", "study.seeds = [0]", "study.results = 'r.csv'"]


def test_there_are_four_examples():
    assert len(BLOCKS) == 4


@pytest.mark.parametrize("block, runs", list(zip(BLOCKS, (21, 4, 20, 3), strict=True)))
def test_examples_are_studies_of_names_that_exist(block, runs):
    found = parse([], [*COMPLETE, *block.splitlines()]).build(Study)
    require_configs(found)
    planned = runs_of(found)
    assert len(planned) == runs
    for arguments in {run.arguments for run in planned}:
        config = parse([], arguments)
        assert config.bound_names == sorted(binding.split(" = ")[0] for binding in arguments)


def test_every_option_is_documented():
    documented = set(re.findall(r"`study\.(\w+)`", TEXT.split("## Runs")[0]))
    assert documented == set(Study.__dataclass_fields__)


@pytest.mark.parametrize("command", re.findall(r"python -m compare_gan2\.study (--.*?)(?: +#.*)?\n", TEXT))
def test_commands_are_parsed(command):
    options = study.parser().parse_args(command.split())
    found = parse(options.gin_config).build(Study)
    assert found.baseline in found.configs and "biggan" in found.baseline
