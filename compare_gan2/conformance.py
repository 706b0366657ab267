"""`compare_gan2 conformance`, or `python -m compare_gan2.conformance`: compares with what the original computed."""

import sys

from compare_gan2.command_line import frame
from compare_gan2.command_line.argument_types import local_path
from compare_gan2.command_line.parser import parser_of

EXAMPLES = ["tests/goldens", "tests/goldens --case=metrics", "tests/goldens --jit_compile"]
NOTES = """DIR holds manifest.json (cases by name) and an .npz file per case, recorded from the original or from
programs of other methods, whose functions are run eagerly and in a graph. One line per case gives the quantity that
came nearest to its tolerance, its relative error, the tolerance and the verdict; cases without code here are listed.

Exit code 0 if all passed, 1 if not, 2 for a bad DIR."""


def parser():
    """`Parser` of the flags."""
    parser = parser_of("conformance", examples=EXAMPLES, notes=NOTES)
    parser.add_argument("directory", type=local_path, metavar="DIR", help="folder with manifest.json and the arrays")
    parser.add_argument("--case", metavar="NAME", help="run only this case")
    parser.add_argument("--jit_compile", action="store_true", help="compile networks, updates and functions with XLA")
    return parser


def main(arguments=None):
    """Exit code of the command; `arguments` as texts, None for those of the process."""
    return frame.run(parser(), _compare, arguments, check=_check, after_interrupt="not all cases were compared")


def _check(options):
    from compare_gan2.original.recorded_cases import read_cases

    read_cases(options.directory, options.case)


def _compare(options):
    from compare_gan2.original.conformance import NOT_YET, result
    from compare_gan2.original.recorded_cases import read_cases

    cases, passed, missing = read_cases(options.directory, options.case), 0, []
    for name, case in cases.items():
        passes, text = result(options.directory, name, case, options.jit_compile)
        passed += passes
        missing += [name] if text.startswith(NOT_YET) else []
        print(f"{name:34s} {case.get('kind', 'field'):10s} {text}", flush=True)
    if missing:
        print(f"not yet implemented: {', '.join(missing)}")
    print(f"{passed} passed, {len(cases) - passed} failed")
    return 0 if passed == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
