"""Which values an option takes, stated once in its type hint: `g_lr: Positive`, `ch: Width`, `seed: Seed | None`.

A hint is a type with a rule, `Annotated[float, Range(0, 1)]`; `matching` reads it when a value is resolved, the page of
options shows it. Numbers beyond these bounds could only fail later: float32 turns them into infinity or zero, memory
does not hold them, or an update diverges or does nothing.
"""

import dataclasses
from typing import Annotated

from compare_gan2.ground.local_paths import problem_of_name

LARGEST, SMALLEST = 3e38, 1e-37  # what float32 holds, rounded inwards
MANY = 10**9


@dataclasses.dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`; NaN is in no range.

    Attributes:
        low, high: ends of the range.
        open_low, open_high: whether the end itself is excluded.
        words: in place of the words that follow from the ends.
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False
    words: str | None = None

    def holds(self, value):
        """Whether a number is in the range."""
        above = value > self.low if self.open_low else value >= self.low
        return above and (value < self.high if self.open_high else value <= self.high)

    def described(self, kind):
        """The range in words, such as "a number above 0 and at most 1", for `kind` "a number" or "a whole number"."""
        if self.words is not None:
            return f"{kind} {self.words}"
        if not self.open_low and not self.open_high:
            return f"{kind} from {_short(self.low)} to {_short(self.high)}"
        low = f"{'above' if self.open_low else 'of at least'} {_short(self.low)}"
        return f"{kind} {low} and {'below' if self.open_high else 'at most'} {_short(self.high)}"


@dataclasses.dataclass(frozen=True)
class LocalName:
    """Text that can name a file or a folder of this machine, see `ground.local_paths`; whether it exists is not asked.

    Attributes:
        words: what it names.
    """

    words: str

    def holds(self, value):
        """Whether a text can be such a name."""
        return problem_of_name(value) is None

    def described(self, kind):
        """What is expected, in words."""
        return self.words


@dataclasses.dataclass(frozen=True)
class Items:
    """Lists with at least one member.

    Attributes:
        most: most members.
    """

    most: int

    def holds(self, value):
        """Whether a list has as many members."""
        return 1 <= len(value) <= self.most

    def described(self, kind):
        """What is expected, in words."""
        return f"{kind}, 1 to {self.most} of them"


@dataclasses.dataclass(frozen=True)
class AnyOf:
    """Any value of the type, or one that the code that uses it checks.

    Attributes:
        reason: why any value is right, or where and against what it is checked.
    """

    reason: str

    def holds(self, value):
        """True."""
        return True

    def described(self, kind):
        """What is expected, in words."""
        return kind


def _short(number):
    return str(number) if isinstance(number, int) else f"{number:g}"


def without_effect(kind):
    """Type hint of an option that old files bind and nothing reads: any value of a type."""
    return Annotated[kind, AnyOf("without effect")]


Count = Annotated[int, Range(1, MANY)]
CountOrZero = Annotated[int, Range(0, MANY)]
Seed = Annotated[int, Range(0, 2**32 - 1)]
Width = Annotated[int, Range(1, 8192)]  # channels; four times BigGAN's largest layer at 512x512 and more
Size = Annotated[int, Range(1, 2**16)]  # of a vector, such as the latents
Pixels = Annotated[int, Range(1, 178_000_000)]  # of a picture file; Pillow refuses more
Side = Annotated[int, Range(1, 2**14)]  # of an image, in pixels

Share = Annotated[float, Range(0, 1)]
PositiveShare = Annotated[float, Range(0, 1, open_low=True)]
InnerShare = Annotated[float, Range(0, 1, open_low=True, open_high=True)]
Decay = Annotated[float, Range(0, 1, open_high=True)]
Positive = Annotated[float, Range(SMALLEST, LARGEST, words=f"above 0 (in float32, {SMALLEST:g} to {LARGEST:g})")]
NonNegative = Annotated[float, Range(0, LARGEST)]
Number = Annotated[float, Range(-LARGEST, LARGEST)]
Epsilon = Annotated[float, Range(SMALLEST, 1)]

FolderName = Annotated[str, LocalName("name of a folder")]
FileName = Annotated[str, LocalName("name of a file")]
