// What pages do beyond links and forms; every page works without it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const page = document.documentElement;
const live = () => $("#live");
const isShown = (node) => node.checkVisibility ? node.checkVisibility() : node.offsetParent !== null;
const isTyping = (node) => node.matches("input, select, textarea, [contenteditable]");

function stored(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch { /* storage may be switched off */ }
  return null;
}

function say(text) {
  if (live() && text && live().textContent !== text) live().textContent = text;
}

// Composition: the Enter that ends a Chinese word is not Enter.
let composed = false;
document.addEventListener("compositionstart", () => { composed = true; });
document.addEventListener("compositionend", () => { setTimeout(() => { composed = false; }); });
const isComposing = (event) => event.isComposing || composed || event.keyCode === 229;

// Function keys, by physical key: the same on every layout.
const usesKeys = () => stored("keys") !== "off";

function press(node) {
  if (isTyping(node)) {
    node.focus();
    if (node.select) node.select();
  } else node.click();
}

function onKey(event) {
  if (isComposing(event)) {
    if (event.code === "Enter" || event.code === "NumpadEnter") event.stopPropagation();
    return;
  }
  if (event.code === "F1" && event.shiftKey) {
    event.preventDefault();
    return showKeys();
  }
  if (event.code === "Escape") return onEscape(event);
  if (!usesKeys() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.altKey) {
    const digit = /^Digit([1-9])$/.exec(event.code);
    const tab = digit && $$(".tabs a")[digit[1] - 1];
    if (tab) { event.preventDefault(); tab.click(); }
    return;
  }
  if (!/^F([24689]|10)$/.test(event.code)) return;
  const scope = $("dialog[open]") || document;
  const target = $$(`[data-key="${event.code}"]`, scope).find((node) => isShown(node) && !node.disabled);
  if (target) { event.preventDefault(); press(target); }
  else if (event.code === "F10") { event.preventDefault(); print(); }
}

function onEscape(event) {
  if ($("dialog[open]")) return;
  const menu = $(".menu[open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); return; }
  const box = event.target.closest?.("[role=combobox]");
  if (box && isOpen(box)) { event.preventDefault(); return closeList(box); }
  const back = usesKeys() && $('[data-key="Escape"]');
  if (back && isShown(back)) { event.preventDefault(); back.click(); }
}

function showKeys() {
  const dialog = $("#keys");
  if (!dialog || dialog.open) return;
  const own = $("#keys-own");
  own.replaceChildren(...$$("[data-key][data-key-name]").filter(isShown).map((node) => {
    const row = document.createElement("tr");
    const key = document.createElement("th");
    const name = document.createElement("td");
    key.scope = "row";
    key.append(Object.assign(document.createElement("kbd"), { textContent: node.dataset.key }));
    name.textContent = node.dataset.keyName;
    row.append(key, name);
    return row;
  }));
  $("#keys-on").checked = usesKeys();
  dialog.showModal();
}

// The search box: a combobox whose list the server makes.
const listOf = (box) => document.getElementById(box.getAttribute("aria-controls"));
const options = (box) => $$("[role=option]", listOf(box));
const isOpen = (box) => box.getAttribute("aria-expanded") === "true";

function mark(box, index) {
  const all = options(box);
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  if (all[index]) {
    box.setAttribute("aria-activedescendant", all[index].id);
    all[index].scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function openList(box) {
  listOf(box).hidden = false;
  box.setAttribute("aria-expanded", String(options(box).length > 0));
  mark(box, -1);
  say($("[data-count]", listOf(box))?.dataset.count);
}

function closeList(box) {
  listOf(box).hidden = true;
  box.setAttribute("aria-expanded", "false");
  mark(box, -1);
}

function onBoxKey(event) {
  const box = event.target;
  const all = options(box);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (step && all.length) {
    event.preventDefault();
    if (!isOpen(box)) openList(box);
    mark(box, (at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length);
  } else if (event.code === "Enter" && isOpen(box) && all[at]) {
    event.preventDefault();
    all[at].click();
  }
}

// Tables: arrows walk, Enter opens.
function onRowKey(event) {
  const row = event.target.closest?.("tr[data-href]");
  const rows = $$("tr[data-href]").filter(isShown);
  if (!row) {
    if (event.code === "ArrowDown" && event.target === document.body && rows[0]) { event.preventDefault(); rows[0].focus(); }
    return;
  }
  if (event.target !== row) return;
  const at = rows.indexOf(row);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.code];
  if (rows[next]) {
    event.preventDefault();
    row.tabIndex = -1;
    rows[next].tabIndex = 0;
    rows[next].focus();
  } else if (event.code === "Enter") location.assign(row.dataset.href);
}

// Proposals: arrows walk.
function onProposalKey(event) {
  const ahead = ["ArrowDown", page.dir === "rtl" ? "ArrowLeft" : "ArrowRight"].includes(event.code) ? 1 : -1;
  const all = $$("[data-proposal]").filter(isShown);
  const next = event.code.startsWith("Arrow") && all[all.indexOf(event.target) + ahead];
  if (next) { event.preventDefault(); next.focus(); }
}

// Digits of any script become 0-9 when the field is left; never while typing.
const ZEROS = [0x660, 0x6f0, 0xff10];

function plainDigits(text) {
  return text.replace(/[٠-٩۰-۹０-９]/g, (char) => {
    const code = char.charCodeAt(0);
    return String(code - ZEROS.find((zero) => code >= zero && code <= zero + 9));
  });
}

// Forms: sent once.
function onSubmit(event) {
  const form = event.target;
  if (composed) return event.preventDefault();
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => $$("button, input[type=submit]", form).forEach((button) => button.setAttribute("aria-disabled", "true")));
}

function freeForms(root) {
  $$("form[data-sent]", root).forEach((form) => {
    delete form.dataset.sent;
    $$("[aria-disabled]", form).forEach((button) => button.removeAttribute("aria-disabled"));
  });
}

// Theme: kept here, written by the server into the next page.
function setTheme(theme) {
  page.dataset.theme = theme;
  stored("theme", theme);
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax`;
  $$("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme)));
}

// Undo bar: eight seconds, longer while it is looked at.
function startUndo(bar) {
  let timer;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => bar.remove(), 8000); };
  ["mouseenter", "focusin"].forEach((name) => bar.addEventListener(name, () => clearTimeout(timer)));
  ["mouseleave", "focusout"].forEach((name) => bar.addEventListener(name, wait));
  wait();
}

// After each swap: jobs speak and name the tab, lists open, the script's own marks come back.
const ownTitle = document.title;

function onSwap(event) {
  const root = event.target.isConnected ? event.target : document;
  const box = root.id && $(`[role=combobox][aria-controls="${root.id}"]`);
  if (box) return openList(box);
  const job = $("[data-job]");
  if (job) {
    say(job.dataset.spoken);
    document.title = `${job.dataset.job} · ${ownTitle}`;
  }
  freeForms(document);
}

document.addEventListener("keydown", onKey, true);
document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.target.matches?.("[role=combobox]")) onBoxKey(event);
  else if (event.target.matches?.("[data-proposal]")) onProposalKey(event);
  else onRowKey(event);
});
document.addEventListener("submit", onSubmit);
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[inputmode=numeric], [inputmode=decimal], [inputmode=tel], [type=tel], [role=combobox]")) field.value = plainDigits(field.value);
  if (field.matches("#keys-on")) stored("keys", field.checked ? "on" : "off");
  if (field.matches("select[data-auto]")) field.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  const target = event.target;
  $$(".menu[open]").forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
  $$("[role=combobox]").forEach((box) => { if (!box.form.contains(target)) closeList(box); });
  const act = target.closest("[data-act], [data-theme-set], tr[data-href]");
  if (!act) return;
  if (act.dataset.themeSet) return setTheme(act.dataset.themeSet);
  if (act.dataset.act === "print") return print();
  if (act.dataset.act === "keys") return showKeys();
  if (act.dataset.act === "copy") {
    return navigator.clipboard?.writeText(location.href).then(() => say(act.dataset.done));
  }
  if (act.dataset.href && !target.closest("a, button, input, label, summary") && !String(getSelection())) location.assign(act.dataset.href);
});
addEventListener("pageshow", () => freeForms(document));
document.addEventListener("htmx:afterSettle", onSwap);
document.addEventListener("htmx:sendError", () => say(page.dataset.offline));
document.addEventListener("htmx:responseError", (event) => {
  // The session has ended or the right was taken: the whole page says so better than a part of it.
  if ([401, 403].includes(event.detail.xhr.status)) location.reload();
});

$$(".undo").forEach(startUndo);
$$("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === page.dataset.theme)));
const summary = $(".wrong-summary");
if (summary) summary.focus();
