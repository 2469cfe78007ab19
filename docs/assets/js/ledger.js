// The ledger's filter: words that a claim's row must hold, such as an id or a grade.
// Without scripts the whole list stands, as it does before anything is typed.
(() => {
  const heading = document.getElementById("claims");
  if (!heading || !document.querySelector("article code")) return;
  const tables = [...document.querySelectorAll("article table")].filter(
    (table) => heading.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  const rows = tables.flatMap((table) => [...table.querySelectorAll("tbody tr")]);
  if (!rows.length) return;

  const chinese = document.documentElement.lang.startsWith("zh");
  const label = document.createElement("label");
  label.className = "gm-filter";
  label.append(chinese ? "筛选论断 " : "Filter the claims ");
  const input = document.createElement("input");
  input.type = "search";
  const count = document.createElement("output");
  label.append(input, count);
  heading.after(label);

  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.value = ` ${shown} / ${rows.length}`;
  };
  input.addEventListener("input", show);
  show();
})();
