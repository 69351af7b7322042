// Tables in text fields, shown as cells: arrows walk, a copied block of a spreadsheet is pasted from the cell on.
// The text field stays the truth; without this script it is what people type into.
const MOST_ROWS = 400;

const split = (text) => text.replace(/\r/g, "").split("\n").map((line) => line.split("\t"));
const quoted = (cell) => cell.startsWith('"') ? `"${cell.replaceAll('"', '""')}"` : cell;
const bare = (cell) => /^".*"$/s.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;

function open(area) {
  const heads = JSON.parse(area.dataset.heads);
  const form = area.form;
  const wrong = new Map(JSON.parse(area.dataset.wrong).map(([row, column, text]) => [`${row}:${column}`, text]));
  const rows = split(area.value);
  if (area.value.includes('"\n') || rows.length > MOST_ROWS) return;

  const box = document.createElement("div");
  box.className = "tablebox inner cells";
  const table = document.createElement("table");
  const body = document.createElement("tbody");
  table.append(headOf(heads), body);
  box.append(table);
  const fill = () => {
    body.replaceChildren();
    const lines = split(area.value);
    while (lines.length && !lines.at(-1).some((cell) => cell)) lines.pop();
    [...lines, []].forEach((line) => addRow(line));
  };
  const store = () => {
    const lines = [...body.rows].map((row) => [...row.querySelectorAll("input")].map((cell) => quoted(cell.value)).join("\t").replace(/\t+$/, ""));
    while (lines.length && !lines.at(-1)) lines.pop();
    area.value = lines.join("\n");
  };

  function addRow(line = []) {
    const row = body.insertRow();
    const number = document.createElement("th");
    number.scope = "row";
    number.append(Object.assign(document.createElement("bdi"), { dir: "ltr", className: "num", textContent: body.rows.length }));
    row.append(number);
    heads.forEach((head, at) => {
      const cell = document.createElement("input");
      cell.value = bare(line[at] || "");
      cell.dir = "auto";
      cell.autocomplete = "off";
      cell.setAttribute("aria-label", `${head}, ${form.dataset.row} ${body.rows.length}`);
      const text = wrong.get(`${body.rows.length}:${at + 1}`);
      const place = row.insertCell();
      place.append(cell);
      if (text) {
        cell.setAttribute("aria-invalid", "true");
        cell.title = text;
        place.append(Object.assign(document.createElement("small"), { className: "error", textContent: text }));
      }
    });
    return row;
  }

  const at = (cell) => [cell.closest("tr").sectionRowIndex, cell.closest("td").cellIndex - 1];
  const cellAt = (row, column) => (body.rows[row] || addRow()).querySelectorAll("input")[column];

  body.addEventListener("input", (event) => {
    if (event.target.closest("tr") === body.rows[body.rows.length - 1]) addRow();
    store();
  });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Enter: 1 }[event.code];
    if (!step || event.isComposing || !event.target.matches("input")) return;
    event.preventDefault();
    event.stopPropagation();
    const [row, column] = at(event.target);
    if (row + step >= 0) cellAt(row + step, column).focus();
  });
  body.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const [row, column] = at(event.target);
    split(text.replace(/\s+$/, "")).forEach((line, down) => line.forEach((value, right) => {
      const cell = cellAt(row + down, column + right);
      if (cell) cell.value = bare(value.trim());
    }));
    if (row + split(text).length >= body.rows.length) addRow();
    store();
  });

  const toggle = Object.assign(document.createElement("button"), { type: "button", className: "plain" });
  const show = (asCells) => {
    if (asCells) fill();
    area.hidden = asCells;
    box.hidden = !asCells;
    toggle.textContent = asCells ? form.dataset.text : form.dataset.cells;
  };
  toggle.addEventListener("click", () => show(box.hidden));
  area.after(box, toggle);
  show(true);
}

function headOf(heads) {
  const head = document.createElement("thead");
  const row = head.insertRow();
  ["", ...heads].forEach((text, at) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    let letter = "";
    for (let left = at; left; left = Math.floor((left - 1) / 26)) letter = String.fromCharCode(65 + (left - 1) % 26) + letter;
    cell.append(...(at ? [Object.assign(document.createElement("bdi"), { dir: "ltr", className: "code", textContent: letter }), ` ${text}`] : [""]));
    row.append(cell);
  });
  return head;
}

document.querySelectorAll("textarea[data-grid]").forEach(open);
