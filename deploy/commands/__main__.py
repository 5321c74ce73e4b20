"""`python -m deploy.commands` is `rtr`."""

from . import main

main()
