"""`compare_gan2 conformance`, or `python -m compare_gan2.conformance`: compares with what the original computed."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import local_path
from compare_gan2.command_line.parser import parser_of

EXAMPLES = ["tests/goldens", "tests/goldens --case=metrics", "tests/goldens --jit_compile"]
NOTES = """DIR holds manifest.json (cases by name) and an .npz file per case, recorded from the original. One line per
case gives the quantity that came nearest to its tolerance, its relative error, the tolerance and the verdict.

Exit code 0 if all passed, 1 if not, 2 for a bad DIR."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("conformance", examples=EXAMPLES, notes=NOTES)
    parser.add_argument("directory", type=local_path, metavar="DIR", help="folder with manifest.json and the arrays")
    parser.add_argument("--case", metavar="NAME", help="run only this case")
    parser.add_argument("--jit_compile", action="store_true", help="compile networks and updates with XLA")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _compare, arguments, check=_check, after_interrupt="not all cases were compared")


def _check(options):
    from compare_gan2.original.recorded_cases import read_cases

    read_cases(options.directory, options.case)


def _compare(options):
    from compare_gan2.original.conformance import result
    from compare_gan2.original.recorded_cases import read_cases

    cases, passed = read_cases(options.directory, options.case), 0
    for name, case in cases.items():
        passes, text = result(options.directory, name, case, options.jit_compile)
        passed += passes
        print(f"{name:34s} {case['kind']:10s} {text}", flush=True)
    print(f"{passed} passed, {len(cases) - passed} failed")
    return 0 if passed == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
