"""`checkpoint` as it is installed, and `python -m scanner.cli`."""

import sys

from scanner.cli.faults import told_as_sentences
from scanner.cli.service import run_service


def main() -> None:
    """Start the gate or the kiosk at once; hand every other command to Typer."""
    with told_as_sentences():
        status = run_service(sys.argv[1:])
        if status is None:
            from scanner.cli.main import app

            app()
        sys.exit(status)


if __name__ == "__main__":
    main()
