"""
The command `recohort`: a function a subcommand, which imports only what it needs.

    recohort run --cores 2
"""

import argparse
import os
import sys

from recohort.base.errors import RecohortError
from recohort.base.log import say

INTERRUPTED = 130  # as a shell has it


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
        Exit status: 0 if all is well; 1 if a run failed, a result differs or a claim is contradicted; 2 if an
        argument is wrong, or a file that `audit` or `verify` reads.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.version:
        from importlib.metadata import version

        print(f"recohort {version('recohort')}")
        return 0
    if given.command is None:
        parser.print_usage(sys.stderr)
        return 2
    try:
        status = given.function(given)
        sys.stdout.flush()
    except RecohortError as error:
        say(f"ERROR  {error}")
        return given.refused
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # nobody reads on, and Python would say so once more as it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser():
    parser = argparse.ArgumentParser(
        prog="recohort", description="From a registry extract to a results section that a reviewer can check."
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="command")

    def command(name, function, about, refused=1):
        found = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        found.set_defaults(function=function, refused=refused)
        return found

    run = command("run", _run, "make the results, as far as anything they rest on has changed")
    _cores(run)
    run.add_argument("--previous", metavar="DATE", help="compare the newest data drop with that of this date")
    study = command("study", _study, "draft a study from an extract")
    study.add_argument("name", help="of the new folder in data/")
    study.add_argument("extract", help="a file of patients")
    study.add_argument("--sheet", default="", help="of a workbook with several")
    study.add_argument("--skip", default="", metavar="LINES", help="before the header")
    verify = command("verify", _verify, "make the results again elsewhere and compare each byte", refused=2)
    _cores(verify)
    release = command("release", _release, "copy what may leave into a folder")
    release.add_argument("folder", help="where to, in place of an earlier release")
    audit = command("audit", _audit, "check the numbers of a publication against each other", refused=2)
    audit.add_argument("files", nargs="+", metavar="published.yaml", help="a file of claims")
    return parser


def _cores(parser):
    parser.add_argument("--cores", default="all", metavar="N", help="processor cores (default: all)")


def _run(given):
    from recohort.run import workflow

    workflow.run(given.cores, given.previous)
    print(f"Report: {workflow.REPORT}")
    return 0


def _study(given):
    from recohort.draft import study

    # a terminal that lacks a letter of a level shows a question mark
    sys.stdout.reconfigure(errors="replace")
    said = study.write(given.name, given.extract, sheet=given.sheet, skip=given.skip)
    print(f"data/{given.name}/study.yaml is a draft that says what to DECIDE. {said} Then: make results")
    return 0


def _verify(given):
    from recohort.run import verify

    return 0 if verify.again(given.cores) else 1


def _release(given):
    from recohort import release
    from recohort.release import folder
    from recohort.run import lock

    lock.alone()
    n = folder.write(given.folder)
    print(f"{given.folder}: {n} files that may leave; {release.LIST} says why")
    return 0


def _audit(given):
    from recohort import audit
    from recohort.audit.finding import CONTRADICTED

    status = 0
    for path in given.files:
        found = audit.check(path)
        for finding in found:
            print(f"{finding.verdict:<13}  {finding.claim.id}: {finding.claim.printed}. {finding.reason}")
        print(f"{path}: {audit.counts_of(found)}")
        status = max(status, CONTRADICTED in audit.verdicts(found).values())
    return int(status)
