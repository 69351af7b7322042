// What the till does beyond its forms: change and use while the amount is typed, F6, the printed receipt, the broken line.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const ZEROS = [0x660, 0x6f0, 0xff10];

function ascii(text) {
  return text.replace(/[٠-٩۰-۹０-９]/g, (char) => {
    const code = char.charCodeAt(0);
    return String(code - ZEROS.find((zero) => code >= zero && code <= zero + 9));
  }).replace(/[\s\u202f']/g, "").replace("٫", ".").replace("٬", ",");
}

// The server reads amounts strictly and decides; this is only what is shown meanwhile. Null: not to be understood.
function minor(text, digits) {
  const plain = ascii(text);
  if (!plain) return 0;
  const found = /^(\d{1,15}|\d{1,3}(?:([.,])\d{3})+)(?:[.,](\d+))?$/.exec(plain);
  if (!found || (found[3] || "").length > digits) return null;
  return Number(found[1].replace(/[.,]/g, "") + (found[3] || "").padEnd(digits, "0"));
}

function shown(amount, form) {
  const digits = Number(form.dataset.digits);
  const text = String(amount).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, form.dataset.space);
  const bdi = Object.assign(document.createElement("bdi"), { className: "num", dir: "ltr" });
  bdi.textContent = digits ? `${whole}${form.dataset.point}${text.slice(-digits)}` : whole;
  return bdi;
}

const put = (node, amount, form) => node?.replaceChildren(amount === null ? "–" : shown(amount, form));

// What is to be paid in the order in which money pays it, a bill in a plan of instalments in pieces; then what is disputed.
function debtsOf(form, rows) {
  const disputed = rows.filter((row) => "disputed" in row.dataset);
  const payable = new Map(rows.filter((row) => !disputed.includes(row)).map((row) => [row.dataset.bill, row]));
  const pieces = form.dataset.order.split(" ").filter(Boolean).map((one) => one.split("/"));
  return [
    ...pieces.map(([bill, open]) => ({ row: payable.get(bill), open: Number(open), disputed: false })),
    ...disputed.map((row) => ({ row, open: Number(row.dataset.open), disputed: true })),
  ];
}

// Use as the server will: chosen bills first, then what is due first; what is disputed only where it was chosen, after
// the rest of its bill; an older advance before the money.
function uses(form, rows, amount) {
  const debts = debtsOf(form, rows);
  const ticked = rows.filter((row) => $("input", row).checked);
  const wanted = new Set(ticked.map((row) => row.dataset.bill));
  const chosen = debts.filter((debt) => (debt.disputed ? ticked.includes(debt.row) : wanted.has(debt.row.dataset.bill)));
  const payable = debts.filter((debt) => !debt.disputed);
  const used = new Map(rows.map((row) => [row, 0]));
  const pay = (debt, from, counts) => {
    const part = Math.min(from, debt.open);
    debt.open -= part;
    if (counts) used.set(debt.row, used.get(debt.row) + part);
    return from - part;
  };
  let [left, advance] = [amount, Number(form.dataset.advance)];
  chosen.forEach((debt) => { left = pay(debt, left, true); });
  payable.forEach((debt) => { advance = pay(debt, advance, false); });
  payable.forEach((debt) => { left = pay(debt, left, true); });
  return [used, left];
}

function reckon() {
  const form = $("#take");
  if (!form) return;
  const digits = Number(form.dataset.digits);
  const lines = $$("[data-line]", form).map((line) => ({
    method: $("select", line).value, amount: minor($("[name^=amount_]", line).value, digits),
  }));
  const sum = lines.reduce((total, line) => (total === null || line.amount === null ? null : total + line.amount), 0);
  const cash = lines.reduce((total, line) => total + (line.method === "CASH" ? line.amount || 0 : 0), 0);
  const given = minor(form.elements.received.value, digits);
  const change = form.elements.received.value.trim() ? given - cash : 0;
  put($("#change"), given === null || sum === null || change < 0 ? null : change, form);
  const rows = $$("[data-bill]", form);
  const [used, left] = uses(form, rows, sum || 0);
  rows.forEach((row) => put($("[data-part]", row), sum === null ? null : used.get(row), form));
  put($("#advance"), sum === null ? null : left, form);
}

// Where the hand goes first: what was given, in cash; the amount where nothing is due or something is wrong with it.
function begin() {
  const form = $("#take");
  if (form && !$(".wrong-summary")) {
    const first = form.elements.amount_1.value ? form.elements.received : form.elements.amount_1;
    first.focus();
    first.select();
  } else if (form) {
    (form.elements.amount_1.value ? form.elements.received : form.elements.amount_1).focus();
  }
  reckon();
}

function cycle() {
  const line = document.activeElement.closest?.("[data-line]") || $("[data-line]");
  const select = line && $("select", line);
  if (!select) return;
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  reckon();
  const next = select.value === "CASH" ? $("[name=received]", line) : $("[name^=reference_]", line);
  (next || $("[name^=amount_]", line)).focus();
}

// Printed once: the address is left, so that a reload is no second original.
function printReceipt(frame) {
  const print = () => {
    frame.contentWindow.print();
    history.replaceState(null, "", location.pathname);
    $("#payer").focus();
  };
  if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childElementCount) print();
  else frame.addEventListener("load", print, { once: true });
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.code !== "F6" || event.ctrlKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  cycle();
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("#take [inputmode=decimal]")) event.target.select();
});
["input", "change"].forEach((name) => document.addEventListener(name, (event) => {
  if (event.target.closest?.("#take")) reckon();
}));
document.addEventListener("htmx:afterSettle", begin);
["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => {
  const form = $("#take");
  if (!form) return;
  $("#till-offline").hidden = false;
  delete form.dataset.sent;
  $$("[aria-disabled]", form).forEach((button) => button.removeAttribute("aria-disabled"));
}));

begin();
const frame = $("iframe[data-print]");
if (frame) printReceipt(frame);
