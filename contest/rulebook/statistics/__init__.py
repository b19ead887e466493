"""What scores tell beyond their sums: models of jurors and films, and how sure they are."""

import os

# Matrices here are tall and narrow: several threads of theirs only wait for each other, on a busy
# machine for seconds. It is read once, when numpy is first imported, which is after this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
