"""`python -m photoclust`."""

from photoclust.cli import main

if __name__ == "__main__":
    main()
