"""Lets `python -m twinspike` do the same as `twinspike`."""

from twinspike.cli import main

if __name__ == "__main__":
    main()
