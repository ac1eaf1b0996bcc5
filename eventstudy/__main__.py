"""`python -m eventstudy` is the command line."""

import sys

from eventstudy.cli import main

sys.exit(main())
