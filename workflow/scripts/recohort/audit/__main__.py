"""
Check files of claims from the command line.

    python -m recohort.audit published.yaml

Exit status 1 if a claim is contradicted, 2 if a file is wrong.
"""

import argparse
import sys

from recohort import audit
from recohort.audit.finding import CONTRADICTED
from recohort.base.errors import RecohortError


def main(arguments=None):
    """
    The command line.

    Parameters
    ----------
    arguments : list of str, optional
        Default those of the process.

    Returns
    -------
    int
        Exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m recohort.audit", description="Check published numbers.")
    parser.add_argument("files", nargs="+", metavar="published.yaml", help="file of claims")
    status = 0
    for path in parser.parse_args(arguments).files:
        try:
            found = audit.check(path)
        except RecohortError as error:
            print(error, file=sys.stderr)
            return 2
        for finding in found:
            print(f"{finding.verdict:<13}  {finding.claim.id}: {finding.claim.printed}. {finding.reason}")
        print(f"{path}: {audit.counts_of(found)}")
        status = max(status, CONTRADICTED in audit.verdicts(found).values())
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
