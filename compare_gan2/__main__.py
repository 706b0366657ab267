"""`python -m compare_gan2 COMMAND`, the same as `compare_gan2 COMMAND`."""

import sys

from compare_gan2.command_line.console import main

if __name__ == "__main__":
    sys.exit(main())
