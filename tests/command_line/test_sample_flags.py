"""Which flags of `sample` belong together, and what they are read as."""

import pytest

from compare_gan2.command_line.sample_flags import kind_of, parser
from compare_gan2.ground.errors import ConfigError


def parsed(*arguments):
    options = parser().parse_args(["--model_dir=m", *arguments])
    return kind_of(options), options


@pytest.mark.parametrize(
    "arguments, kind, form",
    [
        ([], "grid", "picture"),
        (["--output=a.png"], "grid", "picture"),
        (["--format=png"], "files", "png"),
        (["--output=a.npz"], "files", "npz"),
        (["--style_of=0"], "style", "picture"),
        (["--truncation=0.5"], "grid", "picture"),
        (["--truncation=0.5,1"], "sweep", "picture"),
        (["--interpolate=latents", "--output=a.gif"], "walk", "gif"),
        (["--interpolate=latents", "--format=png"], "walk", "png"),
        (["--neighbours=3"], "neighbours", "picture"),
        (["--project=a.png"], "project", "picture"),
    ],
)
def test_what_is_drawn(arguments, kind, form):
    found, options = parsed(*arguments)
    assert (found, options.format) == (kind, form)


@pytest.mark.parametrize(
    "text, numbers",
    [("0", [0]), ("0-3", [0, 1, 2, 3]), ("5,0-2,9", [5, 0, 1, 2, 9]), ("7-7", [7])],
)
def test_lists_of_seeds(text, numbers):
    assert parsed(f"--seeds={text}")[1].seeds == numbers


@pytest.mark.parametrize(
    "text, numbers",
    [
        ("0.5", [0.5]),
        ("0.4:1:0.2", [0.4, 0.6, 0.8, 1.0]),
        ("2,0.1:0.3:0.1", [2, 0.1, 0.2, 0.3]),
        ("1:1.1:0.3", [1]),
        ("0.5,none", [0.5, None]),
        ("none", [None]),
    ],
)
def test_lists_of_truncations(text, numbers):
    assert parsed(f"--truncation={text}")[1].truncation == numbers


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--seeds=3-1"], "--seeds: expected whole numbers up to .* such as 0-9,42, got '3-1'"),
        (["--seeds=a"], "--seeds: expected whole numbers up to 4294967295 and ranges"),
        (["--seeds=4294967296"], "--seeds: expected whole numbers up to 4294967295"),
        (["--model_dir=a[b]"], "--model_dir: expected the name of a file or a folder, got a name with"),
        (["--seeds=1,1"], "--seeds: expected different numbers, got '1,1'"),
        (["--seeds=0-99999999"], "--seeds: expected at most 10,000,000 numbers, got 100,000,000"),
        (["--truncation=0"], "--truncation: expected numbers above 0, got '0'"),
        (["--truncation=1:2"], "--truncation: expected a number, LOW:HIGH:STEP or none, got '1:2'"),
        (["--truncation=0.1:9:1e-6"], "--truncation: expected at most 100 numbers, got '0.1:9:1e-6'"),
        (["--truncation=2:1:0.1"], "--truncation: expected a number, LOW:HIGH:STEP or none"),
        (["--step=last"], "--step: expected a whole number, got 'last'"),
        (["--num=5"], "--num: belongs to --format=png and npz or --neighbours, and does nothing for a grid"),
        (["--style_of=1", "--seed=2"], "--seed: belongs to .* and does nothing for --style_of"),
        (["--style_of=1", "--neighbours=2"], "--style_of and --neighbours: expected one of them at a time"),
        (["--truncation=1,2", "--format=npz"], "--format: several truncations gives picture, got 'npz'"),
        (["--format=gif"], "--format: a grid gives picture, got 'gif'; --interpolate makes animations"),
        (["--seeds=1", "--seed=1"], "--seeds: takes the first image of each seed, expected neither"),
        (["--seeds=1", "--num=1", "--format=png"], "--seeds: takes the first image of each seed, expected neither"),
        (["--truncation_by=clip"], "--truncation_by: expected a number in --truncation beside it"),
        (["--truncation_by=clip", "--truncation=none"], "--truncation_by: expected a number in --truncation"),
        (["--seeds=0-1000"], "--seeds: a grid shows at most 1,000, got 1,001; --format=png and npz take all"),
        (["--seeds=0,1", "--columns=3"], "--columns: each of --seeds is a column, expected one of the two flags"),
        (["--interpolate=latents", "--seeds=4"], "--interpolate=latents: expected two or more --seeds .*, got 4"),
        (["--interpolate=classes", "--classes=4"], "--interpolate=classes: expected two or more --classes .*, got 4"),
        (
            ["--interpolate=classes"],
            "--interpolate=classes: expected two or more --classes .*, got none; --interpolate=latents needs",
        ),
        (["--neighbours=3", "--network=dgits"], "--network: expected one of digits, .* did you mean digits?"),
        (["--interpolate=latents", "--columns=3"], "--columns: belongs to a grid or --style_of or several truncations"),
    ],
)
def test_what_does_not_belong_together(arguments, message):
    with pytest.raises(ConfigError, match=message):
        parsed(*arguments)
