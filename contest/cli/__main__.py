"""`python -m contest.cli …` is `contest …`."""

import sys

from contest.cli import main

sys.exit(main())
