"""`python -m leadterra` is `leadterra`."""

import sys

from leadterra.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
