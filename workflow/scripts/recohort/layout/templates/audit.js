// Filters and sorts the table of an audit; without it the table is complete, in the order of the publication.
for (const audit of document.querySelectorAll(".audit")) {
  const form = audit.querySelector("form");
  const body = audit.querySelector("tbody");
  const rows = [...body.rows];
  const show = () => {
    const { verdict, evidence, order } = Object.fromEntries(new FormData(form));
    const ranks = order ? [...form.elements[order].options].map((option) => option.value) : [];
    const rank = (row) => (order ? ranks.indexOf(row.dataset[order]) : 0);
    for (const row of rows) {
      row.hidden = (verdict && row.dataset.verdict !== verdict) || (evidence && row.dataset.evidence !== evidence);
    }
    body.append(...[...rows].sort((a, b) => rank(a) - rank(b)));
    form.querySelector("output").value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} lines`;
  };
  form.addEventListener("change", show);
  form.hidden = false;
  show();
}
