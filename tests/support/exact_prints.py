"""Counts that a release may not print."""

from support import attack

from recohort import release


def exact_prints(folder):
    """Counts that are printed small or not rounded, by file."""
    paths = [p for p in folder.rglob("*") if p.suffix in (".csv", ".html", ".svg", ".docx", ".json", ".md")]
    texts = [text for path in paths for text in release.texts(path.name, path.read_bytes())]
    return {name: found for name, text in texts if (found := attack.printed(text))}
