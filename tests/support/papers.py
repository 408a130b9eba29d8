"""An invented paper, and its audit."""

GROUPS = """
source: {citation: invented}
groups:
  all: {label: everybody, parts: [new, old]}
  new: {label: new drug}
  old: {label: old drug}
tables:
  cured: {label: cured, groups: [new, old]}
claims:
"""


SIZES = [
    'id: new_n, kind: count, of: new, printed: "57"',
    'id: old_n, kind: count, of: old, printed: "80"',
    'id: all_n, kind: count, of: all, printed: "137"',
]


COUNTS = [
    *SIZES,
    'id: new_cured, kind: count, of: cured.new, printed: "40"',
    'id: old_cured, kind: count, of: cured.old, printed: "36"',
]


def paper(tmp_path, *lines, groups=GROUPS):
    path = tmp_path / "published.yaml"
    path.write_text(groups + "".join(f"  - {{{line}, where: here}}\n" for line in lines), encoding="utf-8")
    return path
